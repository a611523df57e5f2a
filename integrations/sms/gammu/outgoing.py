"""What we give gammu-smsd to send: rows of ``outbox``, which it moves to ``sentitems``.

gammu-smsd does not split: a longer text would be cut off. So each part is a row with its own
header. ``CreatorID`` carries our id of the message and travels with the rows, so that a second
attempt finds the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from sqlalchemy import delete, func, insert, select

from bot.messages import Outgoing
from bot.segments import encoding_of, split
from integrations.sms.gammu.database import Work
from integrations.sms.gammu.tables import outbox, outbox_multipart, sentitems
from integrations.sms.gateway import GatewayConfig
from integrations.sms.long_sms import header, reference_of

CODINGS = {"GSM-7": "Default_No_Compression", "UCS-2": "Unicode_No_Compression"}
BROKEN = ("SendingError", "Error", "DeliveryFailed")


class Fate(Enum):
    """What became of a message."""

    WAITING = "waiting"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Found:
    """A message that gammu-smsd has, by its number there."""

    id: int
    creator: str
    fate: Fate


def creator(config: GatewayConfig, message_id: str) -> str:
    """Several installations and gateways may share one database."""
    return f"{_prefix(config)}{message_id}"


def own_id(config: GatewayConfig, creator_id: str) -> str:
    """Our id of the message in a ``CreatorID`` of ours."""
    return creator_id.removeprefix(_prefix(config))


def _prefix(config: GatewayConfig) -> str:
    return f"{config.commune}/{config.name}/"


async def find(work: Work, creator_id: str, number: str) -> Found | None:
    """The newest attempt at this message, when there was one; ``number`` it went to."""
    waiting = await work.connection.scalar(
        select(func.max(outbox.c.ID)).where(outbox.c.CreatorID == creator_id)
    )
    if waiting is not None:
        return Found(waiting, creator_id, Fate.WAITING)
    rows = await work.connection.execute(
        select(sentitems.c.ID, sentitems.c.Status)
        # Of both only the number has an index.
        .where(sentitems.c.DestinationNumber == number, sentitems.c.CreatorID == creator_id)
        .order_by(sentitems.c.ID.desc())
    )
    statuses: dict[int, list[str]] = {}
    for row in rows:
        statuses.setdefault(row.ID, []).append(row.Status)
    newest = next(iter(statuses.items()), None)
    return Found(newest[0], creator_id, fate(newest[1])) if newest else None


def fate(statuses: Sequence[str]) -> Fate:
    """Of a whole message, from its parts: all must arrive."""
    if any(status in BROKEN for status in statuses):
        return Fate.FAILED
    if all(status == "DeliveryOK" for status in statuses):
        return Fate.DELIVERED
    return Fate.SENT


async def put(work: Work, config: GatewayConfig, message: Outgoing) -> int:
    """Have ``message`` sent, unless it is being sent or was; the number it has there."""
    creator_id = creator(config, message.id)
    if work.is_postgres:
        await work.connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(creator_id))))
    found = await find(work, creator_id, message.address)
    if found is not None and found.fate is not Fate.FAILED:
        return found.id
    parts, coding = split(message.text), CODINGS[encoding_of(message.text)]
    reference = reference_of(message.id)
    headers = [header(reference, len(parts), n).hex().upper() for n in range(1, len(parts) + 1)]
    several = len(parts) > 1
    number = await work.connection.scalar(
        insert(outbox)
        .values(
            DestinationNumber=message.address,
            Coding=coding,
            UDH=headers[0] if several else None,
            TextDecoded=parts[0],
            MultiPart=several,
            SenderID=config.option("phone_id") or None,
            DeliveryReport="no" if config.option("reports") == "no" else "yes",
            CreatorID=creator_id,
        )
        .returning(outbox.c.ID)
    )
    assert isinstance(number, int)
    for position in range(1, len(parts)):
        await work.connection.execute(
            insert(outbox_multipart).values(
                ID=number,
                SequencePosition=position + 1,
                Coding=coding,
                UDH=headers[position],
                TextDecoded=parts[position],
            )
        )
    return number


async def take_back(work: Work, config: GatewayConfig, older_than: int) -> list[Found]:
    """Remove what waits for a dead modem and was not begun, so that it may go another way.

    A row that gammu-smsd is working on has an end in the future; one of which a part went out
    stays.
    """
    begun = select(sentitems.c.ID).where(sentitems.c.ID == outbox.c.ID).exists()
    rows = await work.connection.execute(
        select(outbox.c.ID, outbox.c.CreatorID).where(
            outbox.c.CreatorID.startswith(_prefix(config), autoescape=True),
            work.times.age(outbox.c.InsertIntoDB) > older_than,
            work.times.is_over(outbox.c.SendingTimeOut),
            ~begun,
        )
    )
    taken = []
    for row in rows.all():
        gone = await work.connection.execute(
            delete(outbox).where(outbox.c.ID == row.ID, work.times.is_over(outbox.c.SendingTimeOut))
        )
        if gone.rowcount:
            only = outbox_multipart.c.ID == row.ID
            await work.connection.execute(delete(outbox_multipart).where(only))
            taken.append(Found(row.ID, row.CreatorID, Fate.FAILED))
    return taken


async def moved(work: Work, config: GatewayConfig, since: int) -> list[Found]:
    """Messages of ours that left ``outbox``, from the number ``since`` on."""
    ours = sentitems.c.CreatorID.startswith(_prefix(config), autoescape=True)
    waiting = set(
        await work.connection.scalars(
            select(outbox.c.ID).where(
                outbox.c.CreatorID.startswith(_prefix(config), autoescape=True)
            )
        )
    )
    rows = await work.connection.execute(
        select(sentitems.c.ID, sentitems.c.CreatorID, sentitems.c.Status)
        .where(sentitems.c["ID"] >= since, ours)
        .order_by(sentitems.c.ID, sentitems.c.SequencePosition)
    )
    wholes: dict[tuple[int, str], list[str]] = {}
    for row in rows:
        wholes.setdefault((row.ID, row.CreatorID), []).append(row.Status)
    return [
        Found(number, creator_id, fate(statuses))
        for (number, creator_id), statuses in wholes.items()
        if number not in waiting
    ]


async def first_of(work: Work, config: GatewayConfig, seconds: int) -> int:
    """The number from which on messages may still change: begun in the last ``seconds``."""
    waiting = await work.connection.scalar(select(func.min(outbox.c.ID)))
    recent = await work.connection.scalar(
        select(func.min(sentitems.c.ID)).where(
            work.times.age(sentitems.c.UpdatedInDB) <= seconds,
            sentitems.c.CreatorID.startswith(_prefix(config), autoescape=True),
        )
    )
    found = [number for number in (waiting, recent) if number is not None]
    if found:
        return int(min(found))
    last = await work.connection.scalar(select(func.max(sentitems.c.ID)))
    return (last or 0) + 1
