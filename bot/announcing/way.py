"""By which of a person's channels an announcement goes: the chat while it is free, else SMS."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from bot.channels import Reaches, Standing
from bot.messages import Channel
from bot.reminders.ways import Person, standing
from bot.store.audience import Contact

CHATS: Final[tuple[Channel, ...]] = ("zalo", "zalobot")
"""What shows a message to somebody who is not looking at it; the web chat does not."""


def choose(
    contacts: Sequence[Contact],
    commune: str,
    reaches: Reaches,
    now: datetime,
    *,
    only_sms: bool = False,
) -> Contact | None:
    """The best open way to a person; None when there is none.

    A chat that costs of the account's allowance is the last: it is meant for answers.

    Args:
        only_sms: a chat was tried already.
    """
    chats = [] if only_sms else [one for one in contacts if one.channel in CHATS]
    found = {one: _standing(one, commune, reaches, now) for one in reversed(chats)}
    free = [one for one, stands in found.items() if stands is Standing.FREE]
    paid = [one for one, stands in found.items() if stands is Standing.PAID]
    there = reaches(commune, "sms") is not None
    by_sms = [one for one in contacts if one.channel == "sms"] if there else []
    return next(iter([*free, *by_sms, *paid]), None)


def _standing(contact: Contact, commune: str, reaches: Reaches, now: datetime) -> Standing:
    person = Person(commune, contact.channel, contact.last_inbound_at, contact.stopped)
    return standing(reaches, person, now)[0]
