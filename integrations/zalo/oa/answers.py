"""What Zalo answers, typed (fact sheet 1.4, 4, 5, 6.5).

Ids are strings, instants aware UTC, dates Vietnamese calendar days. Numbers arrive as
numbers or strings; what is missing or odd becomes None or empty, never an exception.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from integrations.fields import Payload, identifier, instant, part, scalar, string
from integrations.zalo.oa.window import Quota

_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})", re.ASCII)
_FROM_OA = "0"


@dataclass(frozen=True, slots=True)
class Rate:
    """``X-RateLimit-*`` of the last answer: requests a minute, and how many are left."""

    limit: int | None
    remain: int | None

    @classmethod
    def parse(cls, headers: Mapping[str, str]) -> Rate:
        """From the answer's headers."""
        return cls(
            whole(headers.get("X-RateLimit-Limit")), whole(headers.get("X-RateLimit-Remain"))
        )


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that Zalo took; the id comes back in echoes and receipts."""

    message_id: str
    user_id: str = ""
    group_id: str = ""
    sent_at: datetime | None = None
    quota: Quota | None = None

    @classmethod
    def parse(cls, data: Payload) -> Sent:
        """From ``data``; ``message_id`` is empty when Zalo gave none. Phones get ``msg_id``."""
        return cls(
            message_id=identifier(data.get("message_id")) or identifier(data.get("msg_id")),
            user_id=identifier(data.get("user_id")),
            group_id=identifier(data.get("group_id")),
            sent_at=instant(data.get("sent_time")),
            quota=quota(part(data, "quota")),
        )


@dataclass(frozen=True, slots=True)
class TemplateStatus:
    """What became of a template sent by phone. ``state``: -1 unknown id, 0 on its way, 1 there."""

    state: int
    delivered_at: datetime | None

    @property
    def delivered(self) -> bool:
        """Whether it reached the phone."""
        return self.state == 1

    @classmethod
    def parse(cls, data: Payload) -> TemplateStatus:
        """From ``data``; a missing state counts as on its way."""
        return cls(whole(data.get("status")) or 0, instant(data.get("delivery_time")))


@dataclass(frozen=True, slots=True)
class TemplateParam:
    """One blank of a template; ``max_length`` in characters, None when not told."""

    name: str
    required: bool
    max_length: int | None


@dataclass(frozen=True, slots=True)
class TemplateInfo:
    """A template. ``status``: ENABLE, PENDING_REVIEW, REJECT, DISABLE; prices in VND."""

    template_id: str
    name: str
    status: str
    params: tuple[TemplateParam, ...]
    price_by_phone: int | None
    price_by_user: int | None

    @property
    def enabled(self) -> bool:
        """Whether it may be sent."""
        return self.status.upper() == "ENABLE"

    @classmethod
    def parse(cls, data: Payload) -> TemplateInfo:
        """From ``data`` of ``/template/info/v2``."""
        params = [
            TemplateParam(
                string(one, "name"), one.get("require") is True, whole(one.get("maxLength"))
            )
            for one in objects(data.get("listParams"))
        ]
        return cls(
            template_id=identifier(data.get("templateId")),
            name=string(data, "templateName"),
            status=string(data, "status"),
            params=tuple(params),
            price_by_phone=whole(data.get("price_sdt")),
            price_by_user=whole(data.get("price_uid")),
        )


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a conversation. ``kind``: ``text``, ``photo``, ...; empty when not told."""

    message_id: str
    from_oa: bool
    kind: str
    text: str
    at: datetime | None
    from_id: str
    to_id: str
    from_name: str = ""

    @classmethod
    def parse(cls, line: Payload) -> Line:
        """From one element of ``data``; ids are numbers here."""
        return cls(
            message_id=identifier(line.get("message_id")),
            from_oa=scalar(line.get("src")) == _FROM_OA,
            kind=string(line, "type"),
            text=string(line, "message"),
            at=instant(line.get("time")),
            from_id=identifier(line.get("from_id")),
            to_id=identifier(line.get("to_id")),
            from_name=string(line, "from_display_name"),
        )


@dataclass(frozen=True, slots=True)
class UserDetail:
    """A person as the OA knows them. ``phone`` is what they typed into a form: not verified."""

    user_id: str
    user_id_by_app: str
    name: str
    follows: bool
    last_interaction: date | None
    phone: str
    tags: tuple[str, ...]

    @classmethod
    def parse(cls, data: Payload) -> UserDetail:
        """From ``data`` of ``/v3.0/oa/user/detail``."""
        tags = part(data, "tags_and_notes_info").get("tag_names")
        return cls(
            user_id=identifier(data.get("user_id")),
            user_id_by_app=identifier(data.get("user_id_by_app")),
            name=string(data, "display_name"),
            follows=data.get("user_is_follower") is True,
            last_interaction=day(data.get("user_last_interaction_date")),
            phone=scalar(part(data, "shared_info").get("phone")),
            tags=tuple(tag for tag in tags if isinstance(tag, str))
            if isinstance(tags, list)
            else (),
        )


@dataclass(frozen=True, slots=True)
class UserPage:
    """A page of people; ``total`` of all pages."""

    user_ids: tuple[str, ...]
    total: int | None

    @classmethod
    def parse(cls, data: Payload) -> UserPage:
        """From ``data`` of ``/v3.0/oa/user/getlist``."""
        ids = [identifier(one.get("user_id")) for one in objects(data.get("users"))]
        return cls(tuple(one for one in ids if one), whole(data.get("total")))


@dataclass(frozen=True, slots=True)
class OaInfo:
    """The account itself; ``oa_type`` 2 is a business, 4 a public authority."""

    oa_id: str
    name: str
    verified: bool
    oa_type: int | None
    package: str
    package_until: date | None
    followers: int | None
    linked_zca: str

    @classmethod
    def parse(cls, data: Payload) -> OaInfo:
        """From ``data`` of ``/v2.0/oa/getoa``: the id is called ``oaid`` there."""
        return cls(
            oa_id=identifier(data.get("oaid")) or identifier(data.get("oa_id")),
            name=string(data, "name"),
            verified=data.get("is_verified") is True,
            oa_type=whole(data.get("oa_type")),
            package=string(data, "package_name"),
            package_until=day(data.get("package_valid_through_date")),
            followers=whole(data.get("num_follower")),
            linked_zca=scalar(data.get("linked_ZCA")),
        )


@dataclass(frozen=True, slots=True)
class MessageQuota:
    """What may still be sent to one person, and when they were last heard of."""

    last_interaction: datetime | None
    reply: Quota
    promotion: Mapping[str, int]

    @classmethod
    def parse(cls, data: Payload) -> MessageQuota:
        """From ``data`` of ``/v3.0/oa/quota/message``."""
        reply = part(data, "cs_reply")
        numbers = {name: whole(value) for name, value in part(data, "promotion").items()}
        return cls(
            last_interaction=instant(data.get("last_interaction")),
            reply=Quota("reply", whole(reply.get("remain")), whole(reply.get("total"))),
            promotion={name: number for name, number in numbers.items() if number is not None},
        )


def quota(data: Payload) -> Quota | None:
    """The ``quota`` of a send, in the shape of the OpenAPI or of templates by phone."""
    if "remainingQuota" in data or "dailyQuota" in data:
        left, total = whole(data.get("remainingQuota")), whole(data.get("dailyQuota"))
        return Quota("template_day", left, total)
    if not string(data, "quota_type"):
        return None
    return Quota(
        kind=string(data, "quota_type"),
        remain=whole(data.get("remain")),
        total=whole(data.get("total")),
        expires=day(data.get("expired_date")),
        owner_type=string(data, "owner_type"),
        owner_id=identifier(data.get("owner_id")),
    )


def whole(value: object) -> int | None:
    """A whole number from a number or string; None for anything else."""
    text = scalar(value).strip()
    plain = text.removeprefix("-")
    return int(text) if plain.isascii() and plain.isdigit() and len(plain) <= 18 else None


def day(value: object) -> date | None:
    """A day written dd/mm/yyyy (a time may follow); None for anything else."""
    found = _DATE.match(scalar(value).strip())
    if found is None:
        return None
    try:
        return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:
        return None


def objects(value: object) -> list[Payload]:
    """The JSON objects in a list; empty for anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
