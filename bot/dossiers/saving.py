"""A dossier is saved with all that follows from it, in one transaction: what became of it, its
person's consent, the reminders that are to come and those that are pointless now.

Everything here is handed a session of ``store.write()`` and the Knowledge of today in the
dossier's commune.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import local_date
from bot.knowledge.library import Knowledge
from bot.knowledge.model import Commune
from bot.knowledge.reminding import deadline, validity
from bot.knowledge.workdays import Calendar
from bot.reminders.planning import DossierFacts, Planned, plan
from bot.reminders.wording import Subject, said
from bot.store import conversations, dossiers, refusals, reminders
from bot.store.conversations import address_hash
from bot.store.dossiers import Draft, Put, Record, Source
from bot.store.models import Consent
from bot.store.reminders import NewReminder, Words

PURPOSE: Final = "nhắc về hồ sơ qua tin nhắn"
PAPER: Final = "paper"
IMPORT: Final = "import"

Why = Literal["", "no_phone", "erased", "refused", "withdrew", "no_consent", "nothing"]
"""Why nobody is reminded of a dossier: its person gave no number; asked for it to be erased;
wants to hear nothing at all; took this consent back; never agreed; there is nothing to remind
of. "": somebody is."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving a dossier did."""

    id: int
    before: Record | None
    """As it was; None: it is new."""
    changed: bool
    planned: tuple[Planned, ...]
    why: Why


def commune_of(knowledge: Knowledge) -> Commune:
    """The commune that the knowledge is of.

    Raises:
        ValueError: it is of none; a programming error.
    """
    if knowledge.here is None:
        raise ValueError("dossiers need the knowledge of a commune")
    return knowledge.here


def consent_words(knowledge: Knowledge, name: str = "dossier_consent") -> str:
    """What the citizen signs."""
    return knowledge.phrase(name, commune=commune_of(knowledge).name)


def consent_text(words: str) -> str:
    """The same with its version, as it is kept as proof."""
    return f"{words} [bản {hashlib.sha256(words.encode()).hexdigest()[:12]}]"


def completed(draft: Draft, knowledge: Knowledge, now: datetime) -> Draft:
    """With what follows from the law, and without what is over: papers that were missing, a
    number that nobody needs any more."""
    if draft.valid_until is None and draft.state in ("ready", "returned"):
        until = validity(knowledge, draft.procedure, draft.state_on)
        draft = replace(draft, valid_until=until)
    if draft.state != "need_papers" and draft.missing:
        draft = replace(draft, missing="")
    if dossiers.is_over(draft, local_date(now)):
        draft = replace(draft, phone=None)
    return draft


async def save(
    session: AsyncSession,
    knowledge: Knowledge,
    draft: Draft,
    officer_id: int | None,
    now: datetime,
    *,
    agreed: bool | None = None,
    source: Source = "desk",
) -> Saved:
    """Enter or change a dossier.

    Args:
        agreed: its person signed that they may be written to (True), does not want it (False);
            None: nothing new is known.
    """
    commune = commune_of(knowledge).id
    draft = completed(draft, knowledge, now)
    put = await dossiers.put(session, commune, draft, source, officer_id, now)
    if agreed is not None and draft.phone:
        await _note_consent(session, knowledge, put, draft, agreed, source, officer_id, now)
    if put.before is None and (not draft.phone or agreed is not True):
        # New, and nobody may be written to: there is nothing to plan and nothing to stop.
        return Saved(put.id, None, True, (), "no_consent" if draft.phone else "no_phone")
    planned, why = await _replan(session, knowledge, put.id, now)
    return Saved(put.id, put.before, put.changed, planned, why)


async def replan(
    session: AsyncSession, knowledge: Knowledge, dossier_id: int, now: datetime
) -> int:
    """Plan the reminders of a dossier anew; how many are to come."""
    return len((await _replan(session, knowledge, dossier_id, now))[0])


async def replan_of_number(
    session: AsyncSession, knowledge: Knowledge, phone: str, now: datetime
) -> int:
    """The same for all dossiers of a number (it was linked to a chat); how many are to come."""
    commune = commune_of(knowledge).id
    found = await dossiers.listing(session, commune, phone=phone, limit=100)
    return sum([await replan(session, knowledge, one.id, now) for one in found])


async def agreed(
    session: AsyncSession, knowledge: Knowledge, phone: str, consent_id: int, now: datetime
) -> int:
    """Somebody agreed by a message to be reminded of their dossiers; how many these are.

    Args:
        consent_id: the consent (:func:`bot.store.reminders.agree`) of that number.
    """
    commune = commune_of(knowledge).id
    found = await dossiers.listing(session, commune, phone=phone, limit=100)
    for one in found:
        await dossiers.keep_consent(session, one.id, consent_id)
        await replan(session, knowledge, one.id, now)
    return len(found)


async def why_not(
    session: AsyncSession, knowledge: Knowledge, record: Record, now: datetime
) -> Why:
    """Why nobody is reminded of it, as things stand."""
    why = await _silence(session, record)
    return why or ("" if _plan(record, knowledge, now) else "nothing")


# --- consent -----------------------------------------------------------------------------


async def _note_consent(
    session: AsyncSession,
    knowledge: Knowledge,
    put: Put,
    draft: Draft,
    agreed: bool,
    source: Source,
    officer_id: int | None,
    now: datetime,
) -> None:
    commune, phone = commune_of(knowledge).id, draft.phone or ""
    record = await dossiers.get(session, commune, put.id)
    held = await dossiers.consent_of(session, record) if record else None
    if not agreed:
        if held is not None and held.source == "message" and source == "import":
            return  # their own word counts for more than a file's
        await _take_back(session, put.id, held, now)
        return
    there = await conversations.get_or_create(session, commune, "sms", phone, now)
    # Who said stop, or took this back, agrees anew by a message of their own (or on paper, to
    # an officer): no file may do it for them.
    if held is not None or await refusals.refused(session, there):
        return
    hashed = address_hash(session, commune, "sms", phone)
    if source == "import" and await dossiers.withdrew(session, commune, hashed, PURPOSE):
        return
    text = consent_text(consent_words(knowledge))
    consent = await reminders.agree(
        session,
        commune,
        there,
        phone,
        PURPOSE,
        text,
        None,
        now,
        source=IMPORT if source == "import" else PAPER,
        officer_id=officer_id,
    )
    await dossiers.keep_consent(session, put.id, consent)


async def _take_back(
    session: AsyncSession, dossier_id: int, held: Consent | None, now: datetime
) -> None:
    if held is not None and held.source != "message":
        held.withdrawn_at = now
    # What was agreed by a message may hold for other dossiers; for this one it does not.
    await dossiers.keep_consent(session, dossier_id, None)


# --- plan --------------------------------------------------------------------------------


def facts_of(record: Record, knowledge: Knowledge) -> DossierFacts:
    """What tells when its person is reminded."""
    told = record.told
    legal = deadline(knowledge, told.procedure, told.event_on)
    return DossierFacts(
        id=record.id,
        state=told.state,
        state_on=told.state_on,
        appointment_at=told.appointment_at,
        deadline_on=legal.last_day if legal else None,
        deadline_offsets=legal.offsets if legal else (),
        valid_until=told.valid_until,
        subject=(record.phone_hash or "")[:12],
    )


def _plan(record: Record, knowledge: Knowledge, now: datetime) -> tuple[Planned, ...]:
    rules = knowledge.reminders
    if rules is None:
        return ()
    return plan(facts_of(record, knowledge), rules, Calendar(knowledge.holidays), now)


async def _replan(
    session: AsyncSession, knowledge: Knowledge, dossier_id: int, now: datetime
) -> tuple[tuple[Planned, ...], Why]:
    record = await dossiers.get(session, commune_of(knowledge).id, dossier_id, lock=True)
    if record is None:
        return (), "nothing"
    why = await _silence(session, record)
    planned = () if why else _plan(record, knowledge, now)
    for one in planned:
        await _schedule(session, knowledge, record, one, now)
    await reminders.keep_only(session, record.id, [one.key for one in planned])
    return planned, why or ("" if planned else "nothing")


async def _silence(session: AsyncSession, record: Record) -> Why:
    """What forbids to write to its person; "": nothing."""
    phone = record.told.phone
    if phone is None:
        return "erased" if record.erased else "no_phone"
    there = await conversations.find(session, record.commune, "sms", phone)
    if there is not None and await refusals.refused(session, there):
        return "refused"
    if await dossiers.consent_of(session, record) is not None:
        return ""
    return "withdrew" if record.consent_id is not None else "no_consent"


async def _schedule(
    session: AsyncSession, knowledge: Knowledge, record: Record, one: Planned, now: datetime
) -> None:
    commune, told = commune_of(knowledge), record.told
    assert told.phone is not None
    assert record.consent_id is not None
    subject = Subject(told.code, told.procedure, one.base_on, told.appointment_at)
    spoken = said(one.kind, subject, knowledge, commune)
    reminder = NewReminder(
        key=one.key,
        kind=one.kind,
        procedure=told.procedure,
        words=Words(spoken.sms, spoken.chat, spoken.fields),
        due_at=one.due_at,
        expires_at=one.expires_at,
        thread=one.thread,
        base_on=one.base_on,
        dossier_id=record.id,
    )
    there = await conversations.get_or_create(session, commune.id, "sms", told.phone, now)
    where = await dossiers.chat_of(session, there) or there
    consent = record.consent_id
    await reminders.schedule(session, commune.id, where, told.phone, consent, reminder, now)
