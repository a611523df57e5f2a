"""What may be sent to whom, and how: the one place that is asked.

A reminder goes down a ladder: into the chat while its window is open, else as a template
that the provider has approved, else by SMS, else somebody has to call. Sources of the windows
and of what a template is: the integration behind :class:`bot.channels.Reach`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.channels import Reach, Reaches, Standing
from bot.messages import Channel

ZALO: Channel = "zalo"


class Way(StrEnum):
    """A rung of the ladder; the value is stored in ``Reminder.tried``."""

    CHAT = "chat"
    """A message in the chat where it was agreed."""
    TEMPLATE = "template"
    """An approved template to the person of that chat."""
    TEMPLATE_PHONE = "template-phone"
    """An approved template to the telephone number."""
    SMS = "sms"
    CALL = "call"
    """The officers' list of calls; always possible."""


@dataclass(frozen=True, slots=True)
class Person:
    """Where somebody agreed to be reminded, and what became of that chat."""

    commune: str
    channel: Channel
    last_interaction: datetime | None
    stopped: bool


def ladder(
    person: Person, reaches: Reaches, now: datetime, tried: Collection[Way] = ()
) -> list[Way]:
    """The ways that are open to a reminder now, best first, without those ``tried``.

    Never empty: the last is always CALL.
    """
    zalo = reaches(person.commune, ZALO)
    template = bool(zalo and zalo.template)
    ways = {
        Way.CHAT: _chat_open(person, reaches, now),
        Way.TEMPLATE: template and person.channel == ZALO and not person.stopped,
        Way.TEMPLATE_PHONE: template,
        Way.SMS: reaches(person.commune, "sms") is not None,
    }
    return [*(way for way, there in ways.items() if there and way not in tried), Way.CALL]


def _chat_open(person: Person, reaches: Reaches, now: datetime) -> bool:
    # A reminder in the web chat reaches nobody; the SMS "chat" is the way SMS.
    if person.channel not in ("zalo", "zalobot") or person.stopped:
        return False
    return standing(reaches, person, now)[0] is not Standing.CLOSED


def standing(reaches: Reaches, person: Person, now: datetime) -> tuple[Standing, datetime | None]:
    """Whether a message of ours may go into the chat now, and until when."""
    reach: Reach | None = reaches(person.commune, person.channel)
    if reach is None or person.stopped:
        return Standing.CLOSED, None
    return reach.standing(person.last_interaction, now)
