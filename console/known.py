"""What the officer sees beside a conversation's words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.messages import CAPABILITIES, Channel
from bot.store.conversations import ConversationView
from bot.store.handovers import HandOverView
from bot.store.transcript import Line
from console import words
from console.bubbles import asked_since
from console.desk import Desk
from console.summary import Summary

FormState = Literal["", "offer", "asked"]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the words themselves."""

    channel: Channel
    channel_name: str
    address: str
    reason: str
    since: str
    stopped: bool
    named: str
    """What the citizen named in their messages: dossier, dates, phone, copies, place."""
    summary: Summary | None
    phone: str
    """A number that the citizen gave, E.164."""
    phone_text: str
    """The same as people write it."""
    phone_form: FormState
    """Whether the officer may ask for the number by Zalo's form, or has done so."""
    standing: str
    """Until when Zalo carries messages, or that it does not."""


def known(
    desk: Desk, view: ConversationView, handover: HandOverView, standing: str, form: FormState
) -> Known:
    """All of it."""
    return Known(
        channel=view.channel,
        channel_name=words.CHANNEL_NAMES[view.channel],
        address=words.masked(view.channel, view.address),
        reason=handover.reason,
        since=words.clock_time(handover.opened_at, desk.clock.now()),
        stopped=view.stopped_at is not None,
        named=desk.named(view.state) if view.state else "",
        summary=desk.checklist_summary(view.state, view.commune) if view.state else None,
        phone=view.phone or "",
        phone_text=words.phone(view.phone) if view.phone else "",
        phone_form=form,
        standing=standing,
    )


def form_state(desk: Desk, view: ConversationView, lines: Sequence[Line]) -> FormState:
    """Whether Zalo's form for the number is of use here, or has just been sent."""
    said = desk.phone_form()
    if view.phone or not said or not CAPABILITIES[view.channel].phone_form:
        return ""
    return "asked" if asked_since(lines, said) else "offer"
