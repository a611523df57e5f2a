"""What the page "Kết nối Zalo" shows: how it stands, what is filled in, what just happened."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from aiohttp import web

from bot.zalo_account import BotState, GroupLine, OaState, ZaloDesk, ZaloFault
from console import words
from console.around import sentence
from console.guard import Refused, Visit
from console.telling import Standing, Told

Part = Literal["state", "app", "connect", "paste", "more", "groups", "announce", "bot", "end"]
SECRETS = frozenset({"csrf", "app_secret", "oa_secret", "access", "refresh", "token"})
"""What is never shown back."""
NO_KEY = (
    "Chưa có OA Secret Key nên hệ thống chưa nhận được tin của bà con. Anh/chị điền ở bước 1 của "
    "trang “Kết nối Zalo”."
)
NOT_HERE = "Hệ thống này chưa bật phần kết nối Zalo."
PER_MINUTE = {"100": "100 (gói Tăng trưởng)", "2000": "2000 (gói Toàn diện)"}

DONE: dict[str, tuple[Part, str]] = {
    "checked": ("state", "Đã hỏi Zalo: kết nối đang dùng được."),
    "app": ("app", "Đã lưu mã của ứng dụng và OA."),
    "pasted": ("paste", "Đã nhận mã truy cập; Zalo trả lời tốt."),
    "more": ("more", "Đã lưu."),
    "groups": ("groups", "Đã lưu nhóm."),
    "announced": ("announce", "Đã gửi thông báo đi; vài giây nữa bà con thấy trong nhóm."),
    "bot": ("bot", "Bot Zalo đã dùng được."),
    "bot-forgotten": ("bot", "Đã bỏ bot Zalo."),
    "ended": ("end", "Đã ngắt kết nối và xoá các mã của OA khỏi hệ thống."),
}
"""The word in the address after something worked -> where it is told, and how."""


@dataclass(frozen=True, slots=True)
class GroupChoice:
    """One radio button."""

    id: str
    text: str


def desk_of(visit: Visit) -> ZaloDesk:
    """The accounts.

    Raises:
        Refused: this installation has nothing to connect to.
    """
    if visit.desk.zalo is None:
        raise Refused(409, NOT_HERE)
    return visit.desk.zalo


def done(word: str) -> Told[Part] | None:
    """What is told after the browser was sent on."""
    part, said = DONE.get(word, (None, ""))
    return Told(part, said) if part else None


def typed(form: Mapping[str, str]) -> dict[str, str]:
    """What of a form is shown back when it was refused."""
    return {name: value for name, value in form.items() if name not in SECRETS}


def standing(oa: OaState) -> Standing:
    """See :class:`Standing`."""
    if oa.problem:
        return Standing("Cần kết nối lại", "bad", sentence(oa.problem))
    if not oa.connected:
        said = "Trợ lý chưa trả lời được trên Zalo của xã. Làm ba bước dưới đây là xong."
        return Standing("Chưa kết nối", "none", said)
    if not oa.has_oa_secret:
        return Standing("Còn thiếu khoá", "warn", NO_KEY)
    if oa.warning and _unsigned(oa):
        return Standing("Khoá không khớp", "warn", sentence(oa.warning))
    if oa.warning:
        return Standing("Sắp hết hạn", "warn", sentence(oa.warning))
    return Standing("Đang dùng được", "ok", "Trợ lý đang trả lời bà con trên Zalo của xã.")


def _unsigned(oa: OaState) -> bool:
    """Whether the last event that came had a wrong signature."""
    return oa.unsigned_at is not None and (oa.webhook_at is None or oa.unsigned_at > oa.webhook_at)


def facts(oa: OaState, now: datetime) -> list[tuple[str, str]]:
    """What is known of the account, line by line; what is not known is left out."""
    until = f"{words.day(oa.refresh_until)} (máy tự gia hạn)" if oa.refresh_until else ""
    came = words.clock_time(oa.webhook_at, now) if oa.webhook_at else "chưa có tin nào"
    lines = [
        ("Tin Zalo mới đến", came if oa.connected else ""),
        ("Gói dịch vụ", oa.package),
        ("Gói dùng đến", words.day(oa.package_until)),
        ("Tin còn lại", oa.quota),
        ("Quyền gửi tin đến", until if oa.connected and not oa.problem else ""),
        ("Zalo báo", oa.notice),
    ]
    return [(name, said) for name, said in lines if said]


def filled(oa: OaState, told: Told[Part] | None) -> dict[str, str]:
    """What stands in the fields: what is kept, and over it what was just typed."""
    kept = {
        "app_id": oa.app_id,
        "oa_id": oa.oa_id,
        "per_minute": str(oa.per_minute),
        "template": oa.template,
        "auto_replies": "\n".join(oa.auto_replies),
        "proof": "1" if oa.proof else "",
        "officer_group": oa.officer_group,
        "public_group": oa.public_group,
        "text": "",
    }
    if told is None:
        return kept
    unticked = {"proof": ""} if told.bad and told.part == "more" else {}
    return kept | unticked | dict(told.typed)


def choices(groups: Sequence[GroupLine], chosen: str) -> list[GroupChoice]:
    """The groups to choose from; one that Zalo no longer names stays visible."""
    found = [GroupChoice(one.id, f"{one.name} ({one.members} người)") for one in groups]
    if chosen and chosen not in {one.id for one in groups}:
        found.append(GroupChoice(chosen, f"Nhóm đang dùng, Zalo không còn kể tên (mã {chosen})"))
    return found


def rates(chosen: str) -> dict[str, str]:
    """How many calls a minute, to choose from."""
    return PER_MINUTE if chosen in PER_MINUTE else {**PER_MINUTE, chosen: chosen}


async def page(
    visit: Visit,
    told: Told[Part] | None = None,
    status: int = 200,
    groups: Sequence[GroupLine] | None = None,
) -> web.StreamResponse:
    """The page; ``groups`` when Zalo was asked for them."""
    zalo = visit.desk.zalo
    if zalo is None:
        return await visit.page("zalo_none.html", sentence=NOT_HERE)
    try:
        oa, bot = await zalo.oa(visit.login.commune), await zalo.bot(visit.login.commune)
    except ZaloFault as fault:
        told, oa, bot = Told("state", str(fault), bad=True), OaState(), BotState()
    there = filled(oa, told)
    return await visit.page(
        "zalo.html",
        status,
        oa=oa,
        bot=bot,
        standing=standing(oa),
        facts=facts(oa, visit.desk.wall.now()),
        filled=there,
        rates=rates(there["per_minute"]),
        groups=groups,
        officer_choices=choices(groups or (), there["officer_group"]),
        public_choices=choices(groups or (), there["public_group"]),
        told=told,
    )


def fresh_key() -> str:
    """Names one form, so that what it posts is posted once."""
    return uuid.uuid4().hex
