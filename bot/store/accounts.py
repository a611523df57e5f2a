"""A commune's accounts at outside systems: ids and options, secrets, and tokens that rotate.

Secrets and tokens are sealed. A pair of tokens is replaced by compare-and-set on its version,
so that of two processes that refresh at once only one saves, and a lease keeps the others
from trying (single-use refresh tokens: facts/zalo.md 2).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.messages import Channel
from bot.store.conversations import insert_ignoring, rows_changed
from bot.store.engine import vault_of
from bot.store.models import ChannelAccount, ChannelConnect


@dataclass(frozen=True, slots=True)
class AccountView:
    """One account, opened."""

    commune: str
    channel: Channel
    settings: Mapping[str, Any]
    secrets: Mapping[str, str]
    problem: str
    standing: Mapping[str, Any]
    """What the provider last told: name, package, quota."""
    has_tokens: bool
    access_expires_at: datetime | None
    refresh_expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class Tokens:
    """A pair with its version; ``problem``: it is dead, and why."""

    version: int
    access: str
    refresh: str
    access_expires_at: datetime
    refresh_expires_at: datetime
    problem: str


async def get(session: AsyncSession, commune: str, channel: Channel) -> AccountView | None:
    """One account, or None."""
    row = await session.get(ChannelAccount, (commune, channel))
    return None if row is None else _view(session, row)


async def listing(session: AsyncSession) -> Sequence[AccountView]:
    """All accounts."""
    rows = await session.scalars(
        select(ChannelAccount).order_by(ChannelAccount.commune, ChannelAccount.channel)
    )
    return [_view(session, row) for row in rows]


def _view(session: AsyncSession, row: ChannelAccount) -> AccountView:
    return AccountView(
        commune=row.commune,
        channel=cast("Channel", row.channel),
        settings=json.loads(row.settings),
        secrets=vault_of(session).open(row.secrets_enc) if row.secrets_enc else {},
        problem=row.problem or "",
        standing=json.loads(row.standing) if row.standing else {},
        has_tokens=row.tokens_enc is not None,
        access_expires_at=row.access_expires_at,
        refresh_expires_at=row.refresh_expires_at,
    )


async def put(
    session: AsyncSession,
    commune: str,
    channel: Channel,
    settings: Mapping[str, Any],
    secrets: Mapping[str, str],
    now: datetime,
) -> None:
    """Write or replace an account's settings and secrets; its tokens stay."""
    row = await session.get(ChannelAccount, (commune, channel))
    if row is None:
        row = ChannelAccount(commune=commune, channel=channel)
        session.add(row)
    row.settings = json.dumps(settings, ensure_ascii=False, sort_keys=True)
    row.secrets_enc = vault_of(session).seal(dict(secrets)) if secrets else None
    row.changed_at = now


async def ensure(session: AsyncSession, commune: str, channel: Channel, now: datetime) -> None:
    """Make sure that there is a row (the account itself may stand in ``hotro.toml``)."""
    await session.execute(
        insert_ignoring(session, ChannelAccount).values(
            commune=commune, channel=channel, settings="{}", tokens_version=0, changed_at=now
        )
    )


async def forget_tokens(session: AsyncSession, commune: str, channel: Channel) -> None:
    """The account is another one now: the pair of the old one is of no use."""
    await session.execute(
        update(ChannelAccount)
        .where(*_of(commune, channel))
        .values(tokens_enc=None, tokens_version=0, problem=None, standing=None)
    )


async def remove(session: AsyncSession, commune: str, channel: Channel) -> bool:
    """Forget an account with its tokens; False when there was none."""
    result = await session.execute(
        delete(ChannelAccount).where(
            ChannelAccount.commune == commune, ChannelAccount.channel == channel
        )
    )
    return rows_changed(result) == 1


async def stamp(session: AsyncSession) -> str:
    """Changes whenever settings, secrets or the list of accounts change."""
    count, latest = (
        await session.execute(select(func.count(), func.max(ChannelAccount.changed_at)))
    ).one()
    return f"{count} {latest}"


# --- what the provider says of it ---------------------------------------------------------


async def note_problem(session: AsyncSession, commune: str, channel: Channel, problem: str) -> None:
    """Note what a person has to mend; "" when it is mended."""
    await session.execute(
        update(ChannelAccount).where(*_of(commune, channel)).values(problem=problem or None)
    )


async def note_standing(
    session: AsyncSession, commune: str, channel: Channel, told: Mapping[str, Any]
) -> None:
    """Add what the provider told to what it told before."""
    row = await session.get(ChannelAccount, (commune, channel), with_for_update=True)
    if row is not None:
        known = json.loads(row.standing) if row.standing else {}
        row.standing = json.dumps({**known, **told}, ensure_ascii=False, sort_keys=True)


async def touch(session: AsyncSession, commune: str, channel: Channel, now: datetime) -> None:
    """Let running processes look at the account anew."""
    await session.execute(
        update(ChannelAccount).where(*_of(commune, channel)).values(changed_at=now)
    )


def _of(commune: str, channel: Channel) -> tuple[Any, Any]:
    return (ChannelAccount.commune == commune, ChannelAccount.channel == channel)


# --- tokens -------------------------------------------------------------------------------


async def tokens(session: AsyncSession, commune: str, channel: Channel) -> Tokens | None:
    """The current pair, or None."""
    row = await session.get(ChannelAccount, (commune, channel))
    if row is None or row.tokens_enc is None:
        return None
    assert row.access_expires_at is not None
    assert row.refresh_expires_at is not None
    pair = vault_of(session).open(row.tokens_enc)
    return Tokens(
        version=row.tokens_version,
        access=pair["access"],
        refresh=pair["refresh"],
        access_expires_at=row.access_expires_at,
        refresh_expires_at=row.refresh_expires_at,
        problem=row.problem or "",
    )


async def save_tokens(
    session: AsyncSession,
    commune: str,
    channel: Channel,
    pair: Tokens,
    version: int,
    now: datetime,
) -> bool:
    """Replace the pair of ``version`` by ``pair``; False when it is another version by now.

    The problem, the lease and the old pair are gone with it.
    """
    result = await session.execute(
        update(ChannelAccount)
        .where(*_of(commune, channel), ChannelAccount.tokens_version == version)
        .values(
            tokens_enc=vault_of(session).seal({"access": pair.access, "refresh": pair.refresh}),
            tokens_version=ChannelAccount.tokens_version + 1,
            access_expires_at=pair.access_expires_at,
            refresh_expires_at=pair.refresh_expires_at,
            problem=None,
            lease_by=None,
            lease_until=None,
            changed_at=now,
        )
    )
    return rows_changed(result) == 1


async def lease(
    session: AsyncSession,
    commune: str,
    channel: Channel,
    owner: str,
    now: datetime,
    until: datetime,
    version: int | None = None,
) -> bool:
    """Take or keep the account's lease (to refresh, or to poll); False when another has it."""
    free = or_(
        ChannelAccount.lease_until.is_(None),
        ChannelAccount.lease_until <= now,
        ChannelAccount.lease_by == owner,
    )
    query = update(ChannelAccount).where(*_of(commune, channel), free)
    if version is not None:
        query = query.where(ChannelAccount.tokens_version == version)
    return rows_changed(await session.execute(query.values(lease_by=owner, lease_until=until))) == 1


async def release(session: AsyncSession, commune: str, channel: Channel, owner: str) -> None:
    """Give the lease back."""
    await session.execute(
        update(ChannelAccount)
        .where(*_of(commune, channel), ChannelAccount.lease_by == owner)
        .values(lease_by=None, lease_until=None)
    )


async def fail_tokens(
    session: AsyncSession, commune: str, channel: Channel, version: int, problem: str
) -> None:
    """The pair of ``version`` is dead: nobody tries it again."""
    await session.execute(
        update(ChannelAccount)
        .where(*_of(commune, channel), ChannelAccount.tokens_version == version)
        .values(problem=problem, lease_by=None, lease_until=None)
    )


# --- connecting ---------------------------------------------------------------------------


async def begin_connect(
    session: AsyncSession,
    commune: str,
    channel: Channel,
    state: str,
    verifier: str,
    expires_at: datetime,
) -> None:
    """Remember a consent that an administrator goes to give; ``state`` comes back with it."""
    await session.execute(delete(ChannelConnect).where(ChannelConnect.commune == commune))
    session.add(
        ChannelConnect(
            state_hash=vault_of(session).pseudonym("connect", state),
            commune=commune,
            channel=channel,
            verifier_enc=vault_of(session).encrypt(verifier),
            expires_at=expires_at,
        )
    )


async def take_connect(
    session: AsyncSession, state: str, now: datetime
) -> tuple[str, Channel, str] | None:
    """Commune, channel and verifier of a consent that came back; None when it is not ours,
    too late, or came before: each is taken once."""
    row = await session.get(
        ChannelConnect, vault_of(session).pseudonym("connect", state), with_for_update=True
    )
    if row is None:
        return None
    await session.delete(row)
    if row.expires_at <= now:
        return None
    return row.commune, cast("Channel", row.channel), vault_of(session).decrypt(row.verifier_enc)
