"""Webhook bodies of an OA as typed events: :func:`parse`, and the names that it knows.

Source: fact sheet 3.4; where catalogues differ in a spelling, all spellings are known. A tap
on an ``oa.query`` button has no event of its own: it is a :class:`UserText`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import get_args

from integrations.zalo.oa import event_readers
from integrations.zalo.oa.event_body import Body
from integrations.zalo.oa.event_types import (
    Anonymous,
    Attachment,
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

__all__ = [
    "CATALOGUE",
    "MEDIA_KINDS",
    "Anonymous",
    "Attachment",
    "ChatOpened",
    "Echo",
    "Event",
    "Feedback",
    "Follow",
    "GroupChange",
    "GroupEcho",
    "GroupMedia",
    "GroupText",
    "Management",
    "MediaKind",
    "Reaction",
    "Received",
    "Seen",
    "TemplateDelivered",
    "Unfollow",
    "Unknown",
    "UserInfo",
    "UserMedia",
    "UserText",
    "Withdrawn",
    "parse",
]

Reader = Callable[[Body], Event]
MEDIA_KINDS: tuple[MediaKind, ...] = get_args(MediaKind)
_ECHO_KINDS = ("text", "image", "gif", "list", "file", "sticker", "template", "link", "video")
_ANONYMOUS_KINDS = ("text", "image", "file", "sticker")


def parse(payload: Mapping[str, object]) -> Event:
    """The event of one body; never raises.

    A new kind of ``oa_send_…`` still is an :class:`Echo`, a new kind of ``user_send_group_…``
    a :class:`GroupMedia`; any other unknown name, or none, gives :class:`Unknown`.
    """
    body = Body(payload)
    reader = _READERS.get(body.name) or _by_prefix(body.name)
    return reader(body)


def _by_prefix(name: str) -> Reader:
    for prefix, family in _FAMILIES.items():
        if name.startswith(prefix) and len(name) > len(prefix):
            return partial(family, kind=name.removeprefix(prefix))
    return event_readers.unknown


_READERS: dict[str, Reader] = {
    "user_send_text": event_readers.user_text,
    "follow": event_readers.follow,
    "unfollow": event_readers.unfollow,
    "user_click_chatnow": event_readers.chat_opened,
    "user_withdraw": event_readers.withdrawn,
    "user_submit_info": event_readers.user_info,
    "user_received_message": event_readers.received,
    "user_seen_message": event_readers.seen,
    "user_reacted_message": event_readers.reaction,
    "oa_reacted_message": event_readers.reaction,
    "user_feedback": event_readers.feedback,
    "user_click_response_button": event_readers.feedback,
    "user_send_group_text": event_readers.group_text,
}
_READERS |= {
    f"user_send_{kind}": partial(event_readers.user_media, kind=kind) for kind in MEDIA_KINDS
}
_READERS |= {
    f"user_send_group_{kind}": partial(event_readers.group_media, kind=kind) for kind in MEDIA_KINDS
}
_READERS |= {f"oa_send_{kind}": partial(event_readers.echo, kind=kind) for kind in _ECHO_KINDS}
_READERS |= {
    f"oa_send_group_{kind}": partial(event_readers.group_echo, kind=kind)
    for kind in ("text", *MEDIA_KINDS)
}
_READERS |= {
    f"{sends}_{kind}": partial(event_readers.anonymous, kind=kind)
    for sends in ("anonymous_send", "oa_send_anonymous")
    for kind in _ANONYMOUS_KINDS
}
_READERS |= dict.fromkeys(
    (
        "create_group",
        "update_group_info",
        "delete_group",
        "disperse_group",
        "user_join_group",
        "user_out_group",
        "user_leave_group",
        "user_request_join_group",
        "accept_request_join_group",
        "react_request_join_group",
        "react_request_join_group_accept",
        "reject_request_join_group",
        "react_request_join_group_reject",
        "add_group_admin",
        "remove_group_admin",
    ),
    event_readers.group_change,
)
_READERS |= dict.fromkeys(
    (
        "permission_revoked",
        "extension_purchased",
        "change_oa_daily_quota",
        "change_oa_template_tags",
        "change_template_status",
        "change_template_quality",
        "change_template_quota",
        "event_journey_acknowledged",
        "event_journey_time_out",
        "add_user_to_tag",
        "remove_user_from_tag",
        "remove_tag",
        "update_user_info",
        "widget_interaction_accepted",
        "widget_failed_to_sync_user_external_id",
        "oa_send_consent",
        "user_reply_consent",
        "oa_call_user",
        "user_call_oa",
        "shop_has_order",
        # Listed by some programs, documented nowhere.
        "user_click_button",
        "user_click_link",
    ),
    event_readers.management,
)

# The longer prefix first: a kind may be new, the family is not.
_FAMILIES: dict[str, Callable[..., Event]] = {
    "user_send_group_": event_readers.group_media,
    "oa_send_group_": event_readers.group_echo,
    "oa_send_anonymous_": event_readers.anonymous,
    "anonymous_send_": event_readers.anonymous,
    "oa_send_": event_readers.echo,
}

CATALOGUE: frozenset[str] = frozenset(_READERS)
"""Every event name that is known, in all its spellings."""
