"""One verified event of an OA as what the bot knows: messages, receipts, echoes, notices.

The library says what an event is (:mod:`integrations.zalo.oa.events`); here is decided what
it means to a commune, and what of it is kept. Residents' talk in a group is not: such an
event stands without its words and names nobody. An event that nobody knows yet keeps its
body, so that somebody can look at it; the intake masks and encrypts that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.messages import (
    GROUP_ADDRESS,
    Echo,
    Inbound,
    InboundKind,
    Notice,
    Receipt,
    ReceiptState,
)
from bot.text import MAX_TEXT, clean, mask_ids
from integrations.bodies import body_hash
from integrations.fields import Payload, identifier
from integrations.inbox import Arrival
from integrations.sms.numbers import normalise
from integrations.zalo.account import ZaloAccount
from integrations.zalo.oa import events
from integrations.zalo.oa.event_body import Body

NOBODY = ""
"""``Inbound.address`` of an ignored event that names no person."""
AUTO = "auto"
"""``Echo.kind`` of what OA Manager sends by itself."""
NOTICES = frozenset(
    {
        "permission_revoked",
        "change_template_status",
        "change_template_quality",
        "change_oa_daily_quota",
    }
)
"""What the commune's people have to hear of."""
MAX_NAME = 40
MAX_DETAIL = 200
_SLACK = 64
"""Characters beyond the cut that are read for masking: half a number looks like none."""


def arrivals(commune: str, account: ZaloAccount, payload: Payload, raw: bytes) -> list[Arrival]:
    """Sort one verified event for ``commune``; never empty, never raises.

    ``raw`` is the body as received. An event of another OA, and one from which a person or a
    message's id is missing, is IGNORED.
    """
    mail = _Mail(commune, account, events.parse(payload), raw)
    body = Body(payload)
    if body.oa_id and account.oa_id not in body.parties:
        return [mail.ignored()]
    return _sort(mail)


@dataclass(frozen=True, slots=True)
class _Mail:
    """One event together with what every branch needs."""

    commune: str
    account: ZaloAccount
    event: events.Event
    raw: bytes

    @property
    def name(self) -> str:
        """The event's name, where it can be stored."""
        return identifier(self.event.name[:MAX_NAME]) or "unknown"

    def is_person(self, address: str) -> bool:
        return address not in (NOBODY, self.account.oa_id)

    def provider_id(self) -> str:
        """Event name and message id, or a hash of the body: a redelivery repeats the body."""
        return f"{self.name}:{_own_message_id(self.event) or body_hash(self.raw)}"

    def inbound(
        self,
        kind: InboundKind,
        address: str,
        text: str = "",
        *,
        media: str | None = None,
        reply_to: str = "",
    ) -> Inbound:
        return Inbound(
            commune=self.commune,
            channel="zalo",
            address=address,
            provider_id=self.provider_id(),
            kind=kind,
            text=text,
            media=media,
            sent_at=self.event.at,
            reply_to=reply_to,
            event=self.name,
        )

    def ignored(self, address: str = NOBODY, text: str = "") -> Inbound:
        kept = address if self.is_person(address) else NOBODY
        return self.inbound(InboundKind.IGNORED, kept, text)

    def receipt(self, message_id: str, state: ReceiptState, own_id: str = "") -> Receipt:
        return Receipt(self.commune, "zalo", message_id, state, own_id=own_id)

    def raw_text(self) -> str:
        """The body, masked and short enough to keep."""
        decoded = clean(self.raw.decode("utf-8", "replace"), MAX_TEXT + _SLACK)
        return mask_ids(decoded)[:MAX_TEXT]


def _own_message_id(event: events.Event) -> str:
    """The id of the message that the event *is*; others only speak of one, maybe twice."""
    match event:
        case events.UserText() | events.UserMedia() | events.GroupText() | events.GroupMedia():
            return event.message_id
    return ""


def _sort(mail: _Mail) -> list[Arrival]:
    match mail.event:
        case events.Received() | events.Seen() | events.TemplateDelivered() as report:
            return _receipts(mail, report) or [mail.ignored()]
        case events.Echo() | events.GroupEcho() as sent:
            return [_echo(mail, sent)]
        case events.GroupText() as said:
            return [_from_group(mail, said)]
        case events.Management() as change:
            return _managed(mail, change)
        case events.Unknown() as strange:
            return [mail.ignored(strange.user, mail.raw_text())]
        case events.Reaction() | events.Feedback() as given:
            return [mail.ignored(given.user)]
    return [_from_person(mail)]


def _from_person(mail: _Mail) -> Inbound:
    match mail.event:
        case events.UserText(user=who) as said if mail.is_person(who):
            return mail.inbound(InboundKind.TEXT, who, said.text, reply_to=said.quoted)
        case events.UserMedia(user=who) as shown if mail.is_person(who):
            return mail.inbound(InboundKind.MEDIA, who, shown.text, media=shown.kind)
        case events.Follow(user=who) | events.ChatOpened(user=who) if mail.is_person(who):
            return mail.inbound(InboundKind.START, who)
        case events.Unfollow(user=who) if mail.is_person(who):
            return mail.inbound(InboundKind.STOP, who)
        case events.Withdrawn(user=who) if mail.is_person(who):
            return mail.inbound(InboundKind.WITHDRAWN, who)
        case events.UserInfo(user=who, phone=phone) if mail.is_person(who):
            number = normalise(f"+{phone}")
            return mail.inbound(InboundKind.CONTACT, who, number) if number else mail.ignored(who)
    return mail.ignored()


def _from_group(mail: _Mail, said: events.GroupText) -> Inbound:
    """The officers' group is heard, any other is not listened to."""
    heard = said.group and said.group == mail.account.officer_group
    if not heard or not mail.is_person(said.user):
        return mail.ignored()
    address = GROUP_ADDRESS + said.group
    return mail.inbound(InboundKind.GROUP, address, said.text, reply_to=said.quoted)


def _receipts(
    mail: _Mail, report: events.Received | events.Seen | events.TemplateDelivered
) -> list[Arrival]:
    """One receipt for each message; empty when the body names none."""
    match report:
        case events.Seen():
            return [mail.receipt(one, ReceiptState.SEEN) for one in report.message_ids]
        case events.TemplateDelivered(message_id=sent, tracking_id=own):
            return [mail.receipt(sent, ReceiptState.DELIVERED, own)] if sent or own else []
        case events.Received(message_id=sent):
            return [mail.receipt(sent, ReceiptState.DELIVERED)] if sent else []


def _echo(mail: _Mail, sent: events.Echo | events.GroupEcho) -> Arrival:
    address = sent.user if isinstance(sent, events.Echo) else _group_address(sent.group)
    if not sent.message_id or not mail.is_person(address):
        return mail.ignored()
    text = clean(sent.text)
    automatic = _automatic(text, mail.account.auto_replies)
    return Echo(
        commune=mail.commune,
        channel="zalo",
        address=address,
        provider_message_id=sent.message_id,
        text=text,
        by_human=bool(sent.admin_id) and not automatic,
        kind=AUTO if automatic else identifier(sent.kind[:MAX_NAME]) or "other",
    )


def _group_address(group: str) -> str:
    return GROUP_ADDRESS + group if group else NOBODY


def _managed(mail: _Mail, change: events.Management) -> list[Arrival]:
    """The row first: when the notice fails, the body comes again and only it is repeated."""
    row = mail.ignored(change.user)
    if change.name not in NOTICES:
        return [row]
    detail = clean(change.detail, MAX_DETAIL)
    return [row, Notice(mail.commune, "zalo", change.name, detail)]


def _automatic(text: str, auto_replies: Sequence[str]) -> bool:
    """Whether every line of ``text`` is one that the OA is known to send by itself."""
    known = {clean(line) for one in auto_replies for line in one.splitlines()}
    said = {clean(line) for line in text.splitlines() if line.strip()}
    return bool(said) and said <= known
