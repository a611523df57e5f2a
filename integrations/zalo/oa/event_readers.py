"""How each family of events is read from a body (fact sheet 3.4); the names are in ``events``."""

from __future__ import annotations

from integrations.fields import Payload, identifier, instant, part, string
from integrations.zalo.oa.event_body import Body, number, phone_digits, text_of
from integrations.zalo.oa.event_types import (
    Anonymous,
    ChatOpened,
    Echo,
    Event,
    Feedback,
    Follow,
    GroupChange,
    GroupEcho,
    GroupMedia,
    GroupText,
    Management,
    MediaKind,
    Reaction,
    Received,
    Seen,
    TemplateDelivered,
    Unfollow,
    Unknown,
    UserInfo,
    UserMedia,
    UserText,
    Withdrawn,
)


def user_text(body: Body) -> Event:
    return UserText(
        *body.head,
        user=body.user,
        message_id=body.message_id,
        text=body.text,
        quoted=body.quoted,
    )


def user_media(body: Body, kind: MediaKind) -> Event:
    return UserMedia(
        *body.head,
        user=body.user,
        message_id=body.message_id,
        kind=kind,
        text=body.text,
        attachments=body.attachments(),
    )


def follow(body: Body) -> Event:
    return Follow(*body.head, user=body.user, source=string(body.payload, "source"))


def unfollow(body: Body) -> Event:
    return Unfollow(*body.head, user=body.user, source=string(body.payload, "source"))


def chat_opened(body: Body) -> Event:
    return ChatOpened(*body.head, user=body.user)


def withdrawn(body: Body) -> Event:
    return Withdrawn(*body.head, user=body.user)


def user_info(body: Body) -> Event:
    info = part(body.payload, "info")
    return UserInfo(
        *body.head,
        user=body.user,
        full_name=string(info, "name"),
        phone=phone_digits(info.get("phone")),
        fields=_info_fields(info),
    )


def _info_fields(info: Payload) -> dict[str, str]:
    """Both shapes under one set of names: the older is flat, the newer says ``user_…``."""
    place = part(info, "full_address")
    fields = {"dob": text_of(info, "user_dob"), "gender": text_of(info, "gender", "user_gender")}
    for name in ("city", "district", "ward", "address"):
        fields[name] = text_of(place, f"user_{name}") or text_of(info, name)
    return {name: value for name, value in fields.items() if value}


def received(body: Body) -> Event:
    """One name for two things: only a template's delivery has a time or a tracking id."""
    tracking_id = identifier(body.message.get("tracking_id"))
    if not tracking_id and "delivery_time" not in body.message:
        return Received(*body.head, user=body.user, message_id=body.message_id)
    return TemplateDelivered(
        *body.head,
        message_id=body.message_id,
        tracking_id=tracking_id,
        phone=body.recipient,
        delivered_at=instant(body.message.get("delivery_time")),
    )


def seen(body: Body) -> Event:
    many = body.message.get("msg_ids")
    ids = [identifier(one) for one in many] if isinstance(many, list) else []
    ids = [one for one in dict.fromkeys(ids or [body.message_id]) if one]
    return Seen(*body.head, user=body.user, message_ids=tuple(ids))


def echo(body: Body, kind: str) -> Event:
    return Echo(
        *body.head,
        kind=kind,
        user=body.user,
        message_id=body.message_id,
        text=body.text,
        admin_id=body.admin_id,
        attachments=body.attachments(),
    )


def group_text(body: Body) -> Event:
    return GroupText(
        *body.head,
        group=body.group,
        user=body.sender,
        message_id=body.message_id,
        text=body.text,
        quoted=body.quoted,
    )


def group_media(body: Body, kind: str) -> Event:
    return GroupMedia(
        *body.head,
        group=body.group,
        user=body.sender,
        message_id=body.message_id,
        kind=kind,
        text=body.text,
        quoted=body.quoted,
        attachments=body.attachments(),
    )


def group_echo(body: Body, kind: str) -> Event:
    return GroupEcho(
        *body.head,
        kind=kind,
        group=body.group,
        message_id=body.message_id,
        text=body.text,
        admin_id=body.admin_id,
    )


def group_change(body: Body) -> Event:
    return GroupChange(*body.head, group=body.group, users=body.users())


def reaction(body: Body) -> Event:
    return Reaction(
        *body.head,
        user=body.user,
        message_id=body.message_id,
        icon=string(body.message, "react_icon"),
        by_oa=body.from_oa,
    )


def anonymous(body: Body, kind: str) -> Event:
    return Anonymous(
        *body.head,
        visitor=identifier(body.payload.get("anonymous_id")) or body.user,
        conversation=body.conversation,
        message_id=body.message_id,
        kind=kind,
        text=body.text,
        by_oa=body.from_oa,
    )


def feedback(body: Body) -> Event:
    return Feedback(
        *body.head,
        user=body.user,
        message_id=body.message_id or identifier(body.payload.get("msg_id")),
        tracking_id=identifier(body.message.get("tracking_id")),
        rate=number(body.message.get("rate")),
        note=string(body.message, "note"),
        choice=text_of(body.message, "data"),
    )


def management(body: Body) -> Event:
    said = body.payload
    inner, tag = part(said, "data"), part(said, "tag")
    before, after = _change(said)
    subject = text_of(said, "template_id", "journey_id", "extension_id", "call_id")
    return Management(
        *body.head,
        user=body.user,
        subject=subject or text_of(tag, "name") or text_of(inner, "user_external_id", "method"),
        before=before,
        after=after or text_of(said, "user_consent", "request_type", "status_code"),
        reason=text_of(said, "reason") or text_of(inner, "message"),
    )


def _change(said: Payload) -> tuple[str, str]:
    """What was and what is, under the names of the four kinds of change; a new value may
    also stand alone."""
    for field in ("status", "quality", "quota", "tags"):
        change = part(said, field)
        if change:
            names = ("value", "status", "quality", "quota", "tags")
            was = text_of(change, *(f"prev_{name}" for name in names))
            return was, text_of(change, *(f"new_{name}" for name in names))
    return "", text_of(said, "status", "quality", "quota", "tags")


def unknown(body: Body) -> Event:
    return Unknown(*body.head, user=body.user)
