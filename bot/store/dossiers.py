"""Dossiers: entered by officers or brought from the provincial system, asked for by citizens.

Nothing of a dossier is told to a number that is not its own: the question for one is a single
look for commune, code and number together, so that a code which is not there and one of
somebody else cannot be told apart.

The dossier itself is the commune's (the law keeps it elsewhere as well); the number of its
person, the consent and the reminders go when the person asks for it, and some time after it is
over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime, timedelta
from typing import Literal, cast

from sqlalchemy import ColumnElement, and_, func, not_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from bot.clock import local_date
from bot.reminders.rules import FINAL, State
from bot.store import reminders, uploads
from bot.store.conversations import address_hash
from bot.store.engine import take_turns, vault_of
from bot.store.models import Consent, Conversation, Dossier, DossierEvent, Officer, OptOut
from bot.text import fold

PHONE_LIFE = timedelta(days=30)
"""So long after it is over a dossier keeps the number of its person."""
IDLE_LIFE = timedelta(days=365)
"""So long does one that nobody touches any more, although it is not over."""
ERASED = "erased"
"""The "state" of an event that tells that the number was erased."""
MINE = 10
"""So many dossiers of their own is somebody told of at most."""

Source = Literal["desk", "import"]
_NOT_KEY = re.compile(r"[^A-Z0-9]+")


def code_key(code: str) -> str:
    """Capital letters and digits of a code: by these it is found, however it is typed."""
    return _NOT_KEY.sub("", fold(code).upper())


@dataclass(frozen=True, slots=True)
class Draft:
    """What is said of a dossier."""

    code: str
    state: State
    state_on: date
    procedure: str | None = None
    received_on: date | None = None
    due_on: date | None = None
    appointment_at: datetime | None = None
    event_on: date | None = None
    valid_until: date | None = None
    phone: str | None = None
    """E.164."""
    missing: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A dossier as an officer sees it."""

    id: int
    commune: str
    told: Draft
    consent_id: int | None
    source: Source
    erased: bool
    """The number of its person was erased; an import does not bring it back."""
    created_at: datetime
    updated_at: datetime
    updated_by: int | None
    phone_hash: str | None


@dataclass(frozen=True, slots=True)
class DossierView:
    """A dossier as its own person is told of it."""

    code: str
    procedure: str | None
    state: State
    state_on: date
    received_on: date | None
    due_on: date | None
    appointment_at: datetime | None
    valid_until: date | None
    missing: str
    """Which papers are missing, in an officer's words; "": none."""
    reminded: bool
    """Its person agreed to be written to about it."""


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a dossier's history."""

    state: str
    """A state, or ``erased``."""
    on: date
    by: str | None
    """The officer's name; None: an import, or the machine."""
    at: datetime


# --- what citizens are told --------------------------------------------------------------


async def for_citizen(
    session: AsyncSession, commune: str, code: str, phone: str
) -> DossierView | None:
    """The dossier of that code, if the number is its own; else None, whatever the reason.

    Args:
        phone: E.164, proved to be the asker's.
    """
    row = await session.scalar(
        select(Dossier).where(
            Dossier.commune == commune,
            Dossier.code_key == code_key(code),
            Dossier.phone_hash == address_hash(session, commune, "sms", phone),
        )
    )
    return None if row is None else _view(session, row)


async def of_phone(session: AsyncSession, commune: str, phone: str) -> list[DossierView]:
    """The dossiers of that number, open ones first, the newest first."""
    rows = await session.scalars(
        select(Dossier)
        .where(
            Dossier.commune == commune,
            Dossier.phone_hash == address_hash(session, commune, "sms", phone),
        )
        .order_by(Dossier.state.in_(FINAL), Dossier.state_on.desc(), Dossier.id.desc())
        .limit(MINE)
    )
    return [_view(session, row) for row in rows]


def _view(session: AsyncSession, row: Dossier) -> DossierView:
    told = opened(session, row)
    names = [one.name for one in fields(DossierView) if one.name != "reminded"]
    values = {name: getattr(told, name) for name in names}
    return DossierView(**values, reminded=row.consent_id is not None)


# --- what officers see -------------------------------------------------------------------


def opened(session: AsyncSession, row: Dossier) -> Draft:
    """What is said of it, decrypted."""
    vault = vault_of(session)
    return Draft(
        code=row.code,
        state=cast("State", row.state),
        state_on=row.state_on,
        procedure=row.procedure,
        received_on=row.received_on,
        due_on=row.due_on,
        appointment_at=row.appointment_at,
        event_on=row.event_on,
        valid_until=row.valid_until,
        phone=vault.decrypt(row.phone_enc) if row.phone_enc else None,
        missing=vault.decrypt(row.missing_enc) if row.missing_enc else "",
    )


async def get(
    session: AsyncSession, commune: str, dossier_id: int, *, lock: bool = False
) -> Record | None:
    """A dossier of that commune."""
    query = select(Dossier).where(Dossier.id == dossier_id, Dossier.commune == commune)
    row = await session.scalar(query.with_for_update() if lock else query)
    return None if row is None else (await _records(session, [row]))[0]


async def find(session: AsyncSession, commune: str, codes: Iterable[str]) -> dict[str, Record]:
    """Those of these codes that are there, by ``code_key``."""
    keys = {code_key(code) for code in codes}
    rows = await session.scalars(
        select(Dossier).where(Dossier.commune == commune, Dossier.code_key.in_(keys))
    )
    found = await _records(session, list(rows))
    return {code_key(one.told.code): one for one in found}


async def _records(session: AsyncSession, rows: Sequence[Dossier]) -> list[Record]:
    bare = [row.id for row in rows if row.phone_hash is None]
    erased = set(
        await session.scalars(
            select(DossierEvent.dossier_id).where(
                DossierEvent.dossier_id.in_(bare), DossierEvent.state == ERASED
            )
        )
        if bare
        else ()
    )
    return [
        Record(
            id=row.id,
            commune=row.commune,
            told=opened(session, row),
            consent_id=row.consent_id,
            source=cast("Source", row.source),
            erased=row.id in erased,
            created_at=row.created_at,
            updated_at=row.updated_at,
            updated_by=row.updated_by,
            phone_hash=row.phone_hash,
        )
        for row in rows
    ]


async def listing(
    session: AsyncSession,
    commune: str,
    *,
    states: Sequence[State] = (),
    code: str = "",
    phone: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> list[Record]:
    """Dossiers, the latest change first; those that fit all that is given.

    Args:
        code: a part of the code.
        phone: E.164, whole: numbers are found by their pseudonym.
    """
    rows = await session.scalars(
        select(Dossier)
        .where(*_wanted(session, commune, states, code, phone))
        .order_by(Dossier.updated_at.desc(), Dossier.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return await _records(session, list(rows))


def _wanted(
    session: AsyncSession, commune: str, states: Sequence[State], code: str, phone: str | None
) -> list[ColumnElement[bool]]:
    wanted = [Dossier.commune == commune]
    if states:
        wanted.append(Dossier.state.in_(states))
    if code:
        wanted.append(Dossier.code_key.contains(code_key(code) or "-", autoescape=True))
    if phone:
        wanted.append(Dossier.phone_hash == address_hash(session, commune, "sms", phone))
    return wanted


async def counts(session: AsyncSession, commune: str) -> dict[State, int]:
    """How many are in each state."""
    rows = await session.execute(
        select(Dossier.state, func.count())
        .where(Dossier.commune == commune)
        .group_by(Dossier.state)
    )
    return {cast("State", state): int(count) for state, count in rows}


async def history(session: AsyncSession, dossier_id: int) -> list[Event]:
    """What became of it, the newest first."""
    rows = await session.execute(
        select(DossierEvent, Officer.name)
        .outerjoin(Officer, Officer.id == DossierEvent.officer_id)
        .where(DossierEvent.dossier_id == dossier_id)
        .order_by(DossierEvent.id.desc())
    )
    return [Event(event.state, event.state_on, name, event.at) for event, name in rows]


# --- changes -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Put:
    """What writing a dossier did."""

    id: int
    before: Record | None
    changed: bool


async def put(
    session: AsyncSession,
    commune: str,
    draft: Draft,
    source: Source,
    officer_id: int | None,
    now: datetime,
) -> Put:
    """Enter a dossier, or what is new of it; the same again changes nothing."""
    await take_turns(session, f"dossiers {commune}")
    row = await session.scalar(
        select(Dossier)
        .where(Dossier.commune == commune, Dossier.code_key == code_key(draft.code))
        .with_for_update()
    )
    before = None if row is None else (await _records(session, [row]))[0]
    if before is not None and _same(before.told, draft):
        return Put(before.id, before, changed=False)
    if row is None:
        row = Dossier(commune=commune, code_key=code_key(draft.code), code=draft.code)
        row.source, row.created_at = source, now
        session.add(row)
    _write(session, row, draft)
    row.updated_at, row.updated_by = now, officer_id
    await session.flush()
    if before is None or (before.told.state, before.told.state_on) != (draft.state, draft.state_on):
        _note(session, row, draft.state, draft.state_on, officer_id, now)
        await session.flush()
    return Put(row.id, before, changed=True)


def _same(before: Draft, draft: Draft) -> bool:
    # The code as it was first written stays.
    return replace(before, code="") == replace(draft, code="")


def _write(session: AsyncSession, row: Dossier, draft: Draft) -> None:
    vault = vault_of(session)
    for name in ("state", "state_on", "procedure", "received_on", "due_on", "appointment_at",
                 "event_on", "valid_until"):  # fmt: skip
        setattr(row, name, getattr(draft, name))
    hashed = address_hash(session, row.commune, "sms", draft.phone) if draft.phone else None
    if hashed != row.phone_hash:
        row.phone_hash = hashed
        row.phone_enc = vault.encrypt(draft.phone) if draft.phone else None
        row.consent_id = None  # it was another person's
    row.missing_enc = vault.encrypt(draft.missing) if draft.missing else None


def _note(
    session: AsyncSession,
    row: Dossier,
    state: str,
    on: date,
    officer_id: int | None,
    now: datetime,
) -> None:
    session.add(
        DossierEvent(
            commune=row.commune,
            dossier_id=row.id,
            state=state,
            state_on=on,
            officer_id=officer_id,
            at=now,
        )
    )


async def keep_consent(session: AsyncSession, dossier_id: int, consent_id: int | None) -> None:
    """By which consent its person is written to; None: by none."""
    await session.execute(
        update(Dossier).where(Dossier.id == dossier_id).values(consent_id=consent_id)
    )


async def consent_of(session: AsyncSession, record: Record) -> Consent | None:
    """The consent that holds for it now; None: there is none, or it was withdrawn."""
    if record.consent_id is None:
        return None
    consent = await session.get(Consent, record.consent_id)
    return None if consent is None or consent.withdrawn_at is not None else consent


async def live_consent(session: AsyncSession, commune: str, phone: str, purpose: str) -> int | None:
    """The id of the consent to this that holds for that number."""
    return await session.scalar(
        select(Consent.id)
        .where(
            Consent.commune == commune,
            Consent.subject_hash == address_hash(session, commune, "sms", phone),
            Consent.purpose == purpose,
            Consent.withdrawn_at.is_(None),
        )
        .order_by(Consent.id.desc())
        .limit(1)
    )


async def chat_of(session: AsyncSession, sms_conversation_id: int) -> int | None:
    """The chat of the person with that number, where they proved that it is theirs."""
    return await session.scalar(
        select(Conversation.id)
        .where(
            Conversation.linked_id == sms_conversation_id,
            Conversation.id != sms_conversation_id,
            Conversation.stopped_at.is_(None),
        )
        .order_by(Conversation.last_inbound_at.desc(), Conversation.id.desc())
        .limit(1)
    )


async def withdrew(session: AsyncSession, commune: str, phone_hash: str, purpose: str) -> bool:
    """Whether that number once agreed to this and took it back, and has not agreed since."""
    last = await session.scalar(
        select(Consent)
        .where(
            Consent.commune == commune,
            Consent.subject_hash == phone_hash,
            Consent.purpose == purpose,
        )
        .order_by(Consent.id.desc())
        .limit(1)
    )
    return last is not None and last.withdrawn_at is not None


async def unwilling(
    session: AsyncSession, commune: str, phones: Iterable[str], purpose: str
) -> set[str]:
    """Those of these numbers that said stop, there or in a chat of the same person, or that took
    their consent to this back: as :func:`bot.store.refusals.refused` and :func:`withdrew` say,
    for many at once."""
    named = {address_hash(session, commune, "sms", phone): phone for phone in phones}
    open_stops = (OptOut.commune == commune, OptOut.lifted_at.is_(None))
    stopped = select(OptOut.subject_hash).where(*open_stops, OptOut.subject_hash.in_(named))
    chat = aliased(Conversation)
    in_chats = (
        select(Conversation.address_hash)
        .join(chat, chat.linked_id == Conversation.id)
        .join(OptOut, OptOut.subject_hash == chat.address_hash)
        .where(*open_stops, Conversation.commune == commune, Conversation.channel == "sms",
               Conversation.address_hash.in_(named))
    )  # fmt: skip
    last = (
        select(func.max(Consent.id))
        .where(
            Consent.commune == commune,
            Consent.subject_hash.in_(named),
            Consent.purpose == purpose,
        )
        .group_by(Consent.subject_hash)
    )
    taken_back = select(Consent.subject_hash).where(
        Consent.id.in_(last), Consent.withdrawn_at.is_not(None)
    )
    found: set[str] = set()
    for query in (stopped, in_chats, taken_back):
        found |= set(await session.scalars(query))
    return {named[one] for one in found}


# --- erasing -----------------------------------------------------------------------------


def is_over(told: Draft, on: date, life: timedelta = PHONE_LIFE) -> bool:
    """Whether a dossier does not need the number of its person any more.

    A paper that still holds keeps it until its person was told that it ends.
    """
    holds = told.state == "returned" and told.valid_until is not None
    ended = max(told.state_on, told.valid_until or told.state_on) if holds else told.state_on
    return told.state in FINAL and ended < on - life


async def erase_of(session: AsyncSession, conversation_id: int, now: datetime) -> int:
    """A person wants their data erased: number, consent and reminders of their dossiers go.

    The dossiers stay, without anything that tells whose they are. Concerned are those of the
    number of this conversation, and of the SMS conversation that it is linked to. Returns how
    many dossiers.
    """
    here = await session.get(Conversation, conversation_id)
    if here is None:
        return 0
    hashes = select(Conversation.address_hash).where(
        Conversation.id.in_([conversation_id, here.linked_id or conversation_id]),
        Conversation.channel == "sms",
    )
    rows = await session.scalars(
        select(Dossier)
        .where(Dossier.commune == here.commune, Dossier.phone_hash.in_(hashes))
        .with_for_update()
    )
    found = list(rows)
    consents = {row.consent_id for row in found} - {None}
    await _erase(session, found, now)
    await session.execute(
        update(Consent)
        .where(Consent.id.in_(consents), Consent.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
        .execution_options(synchronize_session=False)
    )
    return len(found)


async def drop_old(session: AsyncSession, now: datetime, life: timedelta = PHONE_LIFE) -> int:
    """Erase the numbers of dossiers that have been over for ``life``; how many."""
    before = local_date(now) - life
    holds = and_(
        Dossier.state == "returned",
        Dossier.valid_until >= before,
        Dossier.valid_until.is_not(None),
        Dossier.consent_id.is_not(None),
    )
    over = and_(Dossier.state.in_(FINAL), Dossier.state_on < before, not_(holds))
    idle = and_(Dossier.updated_at < now - IDLE_LIFE, not_(holds))
    rows = await session.scalars(
        select(Dossier)
        .where(Dossier.phone_hash.is_not(None), or_(over, idle))
        .limit(1000)
        .with_for_update(skip_locked=True)
    )
    found = list(rows)
    await _erase(session, found, now)
    for row in found:
        row.missing_enc = None
    await uploads.drop_old(session, now)
    return len(found)


async def _erase(session: AsyncSession, rows: Sequence[Dossier], now: datetime) -> None:
    for row in rows:
        await reminders.keep_only(session, row.id, ())
        row.phone_hash = row.phone_enc = row.consent_id = None
        _note(session, row, ERASED, local_date(now), None, now)
    await session.flush()
