"""SMS gateways of communes: how they are set up, and how they do.

What is set is one row a gateway (secrets sealed), taken up by every running process; what is
seen of it (problem, what it told of itself, who listens to it) stands in a row of its own, also
for a gateway of ``hotro.toml``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store.conversations import insert_ignoring, rows_changed
from bot.store.engine import take_turns, vault_of
from bot.store.models import SmsGatewayHealth, SmsGatewayRow

_TICK = timedelta(microseconds=1)
Source = Literal["sending", "listening", "asking"]
"""Who found out what a person has to mend."""
SOURCES: tuple[Source, ...] = ("sending", "listening", "asking")
"""The one that is told, when there are several, first."""


@dataclass(frozen=True, slots=True)
class GatewayView:
    """One gateway as it was entered, opened."""

    commune: str
    name: str
    kind: str
    settings: Mapping[str, Any]
    """``own_number``, ``share``, caps and ``price``, and under ``options`` those of its kind."""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class HealthView:
    """How a gateway does."""

    weight: int = 100
    """Per cent of its share that it gets now."""
    weight_at: datetime | None = None
    problem: str = ""
    standing: Mapping[str, Any] = field(default_factory=dict)
    """What it last told of itself, and when."""
    listener: str = ""
    """Who listens to it."""
    listens_until: datetime | None = None


# --- how they are set up ------------------------------------------------------------------


async def get(session: AsyncSession, commune: str, name: str) -> GatewayView | None:
    """One gateway, or None."""
    row = await session.get(SmsGatewayRow, (commune, name))
    return None if row is None else _view(session, row)


async def listing(session: AsyncSession) -> Sequence[GatewayView]:
    """All gateways."""
    rows = await session.scalars(
        select(SmsGatewayRow).order_by(SmsGatewayRow.commune, SmsGatewayRow.name)
    )
    return [_view(session, row) for row in rows]


async def names(session: AsyncSession, commune: str) -> set[str]:
    """What a commune's gateways are called."""
    query = select(SmsGatewayRow.name).where(SmsGatewayRow.commune == commune)
    return set(await session.scalars(query))


def _view(session: AsyncSession, row: SmsGatewayRow) -> GatewayView:
    secrets = vault_of(session).open(row.secrets_enc) if row.secrets_enc else {}
    return GatewayView(row.commune, row.name, row.kind, json.loads(row.settings), secrets)


async def put(session: AsyncSession, gateway: GatewayView, now: datetime) -> None:
    """Write or replace a gateway."""
    # The stamp must move, also where the clocks of two machines differ.
    await take_turns(session, "sms gateways")
    latest = await session.scalar(select(func.max(SmsGatewayRow.changed_at)))
    row = await session.get(SmsGatewayRow, (gateway.commune, gateway.name))
    if row is None:
        row = SmsGatewayRow(commune=gateway.commune, name=gateway.name)
        session.add(row)
    row.kind = gateway.kind
    row.settings = json.dumps(dict(gateway.settings), ensure_ascii=False, sort_keys=True)
    row.secrets_enc = vault_of(session).seal(dict(gateway.secrets)) if gateway.secrets else None
    row.changed_at = now if latest is None else max(now, latest + _TICK)


async def remove(session: AsyncSession, commune: str, name: str) -> bool:
    """Forget a gateway and how it did; False when there was none."""
    gone = await session.execute(
        delete(SmsGatewayRow).where(SmsGatewayRow.commune == commune, SmsGatewayRow.name == name)
    )
    if not rows_changed(gone):
        return False
    await session.execute(delete(SmsGatewayHealth).where(*_of(commune, name)))
    return True


async def stamp(session: AsyncSession) -> str:
    """Changes whenever a gateway is entered, changed or removed."""
    count, latest = (
        await session.execute(select(func.count(), func.max(SmsGatewayRow.changed_at)))
    ).one()
    return f"{count} {latest}"


# --- how they do --------------------------------------------------------------------------


async def health(session: AsyncSession, commune: str) -> dict[str, HealthView]:
    """How a commune's gateways do, by name; one of which nothing was seen is missing."""
    rows = await session.scalars(
        select(SmsGatewayHealth).where(SmsGatewayHealth.commune == commune)
    )
    return {row.name: _health(row) for row in rows}


def _health(row: SmsGatewayHealth) -> HealthView:
    return HealthView(
        weight=row.weight,
        weight_at=row.weight_at,
        problem=row.problem or "",
        standing=json.loads(row.standing) if row.standing else {},
        listener=row.lease_by or "",
        listens_until=row.lease_until,
    )


async def problems(session: AsyncSession) -> dict[tuple[str, str], dict[str, str]]:
    """What a person has to mend, by commune and name, then by who found it out."""
    rows = await session.execute(
        select(SmsGatewayHealth.commune, SmsGatewayHealth.name, SmsGatewayHealth.standing).where(
            SmsGatewayHealth.problem.is_not(None)
        )
    )
    return {
        (commune, name): json.loads(standing or "{}").get("problems", {})
        for commune, name, standing in rows
    }


async def ensure(session: AsyncSession, commune: str, name: str) -> None:
    """Make sure that there is a row of how it does."""
    await session.execute(
        insert_ignoring(session, SmsGatewayHealth).values(commune=commune, name=name, weight=100)
    )


async def note_problem(
    session: AsyncSession, commune: str, name: str, source: Source, problem: str
) -> None:
    """Note what a person has to mend, as one source sees it; "" when it is well again there.

    What another source found out stays: messages may leave while none can be heard.
    """
    await ensure(session, commune, name)
    row = await session.get_one(SmsGatewayHealth, (commune, name), with_for_update=True)
    known = json.loads(row.standing) if row.standing else {}
    told = {**known.get("problems", {}), source: problem}
    row.problem = next((told[one] for one in SOURCES if told.get(one)), None)
    left = {one: sentence for one, sentence in told.items() if sentence}
    row.standing = json.dumps(known | {"problems": left}, ensure_ascii=False, sort_keys=True)


async def note_standing(
    session: AsyncSession, commune: str, name: str, told: Mapping[str, Any]
) -> None:
    """Add to what is known of it; what is named replaces what was known by that name."""
    await ensure(session, commune, name)
    row = await session.get_one(SmsGatewayHealth, (commune, name), with_for_update=True)
    known = json.loads(row.standing) if row.standing else {}
    row.standing = json.dumps({**known, **told}, ensure_ascii=False, sort_keys=True)


async def lease(
    session: AsyncSession, commune: str, name: str, owner: str, now: datetime, until: datetime
) -> bool:
    """Take or keep the right to listen to it; False when another has it."""
    await ensure(session, commune, name)
    free = or_(
        SmsGatewayHealth.lease_until.is_(None),
        SmsGatewayHealth.lease_until <= now,
        SmsGatewayHealth.lease_by == owner,
    )
    taken = await session.execute(
        update(SmsGatewayHealth)
        .where(*_of(commune, name), free)
        .values(lease_by=owner, lease_until=until)
    )
    return rows_changed(taken) == 1


async def release(session: AsyncSession, commune: str, name: str, owner: str) -> None:
    """Give that right back."""
    await session.execute(
        update(SmsGatewayHealth)
        .where(*_of(commune, name), SmsGatewayHealth.lease_by == owner)
        .values(lease_by=None, lease_until=None)
    )


def _of(commune: str, name: str) -> tuple[Any, Any]:
    return (SmsGatewayHealth.commune == commune, SmsGatewayHealth.name == name)
