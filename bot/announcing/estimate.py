"""How many people an announcement reaches, in how many SMS parts, at what price, how long."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.announcing.way import choose
from bot.announcing.wording import Texts
from bot.channels import GatewayPlan, Reaches
from bot.delivery import pace
from bot.segments import count
from bot.store import audience
from bot.store.audience import Audience, Contact


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an officer is shown before anything leaves, and what approval freezes."""

    people: int
    chat: int
    """Of the people: by a chat that costs nothing."""
    sms: int
    first: int
    """Of the SMS: to a number that never got anything from us; it says a little more."""
    unreachable: int
    """Of the people: no channel is open to them now."""
    parts_each: int
    parts_first: int
    parts: int
    """Of all SMS together."""
    price_each: int
    """Of one part, in đồng: the dearest gateway that carries."""
    price: int
    price_most: int
    """When everybody who has a number gets an SMS (chats close with time)."""
    minutes: int
    """How long the SMS take at the pace of the SIMs; 0: no cap."""
    texts: Texts

    def dump(self) -> dict[str, Any]:
        """For storing with the announcement."""
        return asdict(self)

    @staticmethod
    def read(stored: Mapping[str, Any]) -> Estimate:
        """From what :meth:`dump` made."""
        return Estimate(**{**stored, "texts": Texts.read(stored["texts"])})


async def estimate(
    session: AsyncSession,
    commune: str,
    whom: Audience,
    texts: Texts,
    reaches: Reaches,
    plans: Sequence[GatewayPlan],
    at: datetime,
) -> Estimate:
    """Look at everybody in the audience as things will stand at ``at``."""
    people = await audience.members(session, commune, whom)
    contacts = await audience.contacts(session, people)
    chosen = [choose(contacts[person], commune, reaches, at) for person in people]
    numbers = [_number(contacts[person]) for person in people]
    by_sms = [one.conversation_id for one in chosen if one is not None and one.channel == "sms"]
    known = await audience.written_to(session, [one for one in numbers if one is not None])
    return _sum(chosen, by_sms, [n for n in numbers if n is not None], known, texts, plans)


def _number(contacts: Sequence[Contact]) -> int | None:
    return next((one.conversation_id for one in contacts if one.channel == "sms"), None)


def _sum(
    chosen: Sequence[Contact | None],
    by_sms: Sequence[int],
    numbers: Sequence[int],
    known: Collection[int],
    texts: Texts,
    plans: Sequence[GatewayPlan],
) -> Estimate:
    each, first_each = count(texts.sms).parts, count(texts.sms_first).parts
    first = sum(one not in known for one in by_sms)
    parts = (len(by_sms) - first) * each + first * first_each
    most = sum(each if one in known else first_each for one in numbers)
    price = price_each(plans)
    return Estimate(
        people=len(chosen),
        chat=sum(one is not None and one.channel != "sms" for one in chosen),
        sms=len(by_sms),
        first=first,
        unreachable=sum(one is None for one in chosen),
        parts_each=each,
        parts_first=first_each,
        parts=parts,
        price_each=price,
        price=parts * price,
        price_most=most * price,
        minutes=int(duration(len(by_sms), plans) / timedelta(minutes=1)),
        texts=texts,
    )


def price_each(plans: Sequence[GatewayPlan]) -> int:
    """The dearest part among the gateways that carry ordinary messages."""
    carrying = [plan.price for plan in plans if plan.share > 0] or [p.price for p in plans]
    return max(carrying, default=0)


def duration(messages: int, plans: Sequence[GatewayPlan]) -> timedelta:
    """How long that many SMS take at the pace of the SIMs, night included; zero: no cap."""
    space = pace.room(plans) if plans else pace.Room(None, None)
    steady = (space.interval or timedelta()) * messages
    if space.per_day is None or messages <= space.per_day:
        return steady
    return max(steady, timedelta(days=(messages - 1) // space.per_day))
