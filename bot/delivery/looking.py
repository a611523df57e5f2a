"""What is looked up about a citizen before the acts of a turn are performed.

Only what the acts tell of is read. Dossiers are looked for by the number that is proved to be
the asker's and by no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import local_date
from bot.dialogue.acts import (
    Act,
    CheckProof,
    ListReminders,
    RemindDossier,
    SendProof,
    StopOne,
    TellDossier,
    TellHeld,
)
from bot.dialogue.outcome import HeldData, Known, ToldDossier, ToldReminder
from bot.store import dossiers, people, phones, privacy, promised, subscriptions
from bot.store.conversations import ConversationView
from bot.store.dossiers import DossierView, code_key

SHORTEST_END: Final = 3
"""So many letters at the end of a code tell one's own dossiers apart."""
_ASKS = (TellDossier, RemindDossier, ListReminders, StopOne, SendProof, CheckProof, TellHeld)


def has_to_look(acts: Sequence[Act]) -> bool:
    """Whether any of the acts tells something of this citizen."""
    return any(isinstance(act, _ASKS) for act in acts)


async def look(
    session: AsyncSession,
    acts: Sequence[Act],
    conversation: ConversationView,
    phone: str | None,
    now: datetime,
) -> Known:
    """What these acts need to know.

    Args:
        phone: the number that is proved to be the citizen's.
    """
    known = Known()
    for act in acts:
        match act:
            case TellDossier(code) | RemindDossier(code):
                found = await _dossiers(session, conversation.commune, code, phone)
                known = replace(known, dossiers=found)
            case ListReminders() | StopOne():
                known = replace(known, reminders=await _reminders(session, conversation.id))
            case SendProof(number):
                may = await phones.may_send(
                    session, conversation.commune, conversation.id, number, now
                )
                known = replace(known, code_may_go=may)
            case CheckProof(code, dossier):
                known = await _check(session, known, conversation, code, dossier, now)
            case TellHeld():
                known = replace(known, held=await _held(session, conversation, phone))
            case _:
                pass
    return known


async def _check(
    session: AsyncSession,
    known: Known,
    conversation: ConversationView,
    code: str,
    dossier: str | None,
    now: datetime,
) -> Known:
    verdict = await phones.check(session, conversation.id, code, now)
    known = replace(known, verdict=verdict)
    if verdict != "right" or dossier is None:
        return known
    phone = await phones.claimed(session, conversation.id)
    found = await _dossiers(session, conversation.commune, dossier, phone)
    return replace(known, dossiers=found)


# --- dossiers ---------------------------------------------------------------------------


async def _dossiers(
    session: AsyncSession, commune: str, code: str | None, phone: str | None
) -> tuple[ToldDossier, ...]:
    if phone is None:
        return ()
    if code is not None:
        found = await dossiers.for_citizen(session, commune, code, phone)
        if found is not None:
            return (_told(found),)
    own = await dossiers.of_phone(session, commune, phone)
    return tuple(_told(one) for one in (own if code is None else _ending(own, code)))


def _ending(own: Sequence[DossierView], code: str) -> Sequence[DossierView]:
    """Their one dossier whose code ends so: the province's part in front may be left out."""
    end = code_key(code)
    fits = [one for one in own if code_key(one.code).endswith(end)]
    return fits if len(fits) == 1 and len(end) >= SHORTEST_END else ()


def _told(view: DossierView) -> ToldDossier:
    return ToldDossier(
        code=view.code,
        state=view.state,
        since=view.state_on,
        due_on=view.due_on,
        appointment_at=view.appointment_at,
        valid_until=view.valid_until,
        missing=view.missing,
        reminded=view.reminded,
    )


# --- reminders, and what is held --------------------------------------------------------


async def _reminders(session: AsyncSession, conversation_id: int) -> tuple[ToldReminder, ...]:
    return tuple(
        ToldReminder(
            ids=one.ids,
            days=tuple(dict.fromkeys(local_date(at) for at in one.due_at)),
            kind=one.kind,
            procedure=one.procedure,
            dossier=one.code,
        )
        for one in await promised.of(session, conversation_id)
    )


async def _held(
    session: AsyncSession, conversation: ConversationView, phone: str | None
) -> HeldData:
    """Of all channels of the person together."""
    mine = await people.conversations_of(session, conversation.id)
    each = [await privacy.held(session, one) for one in sorted(mine)]
    since = [one.since for one in each if one.since is not None]
    planned = await promised.of(session, conversation.id)
    of_number = await dossiers.of_phone(session, conversation.commune, phone) if phone else []
    return HeldData(
        messages=sum(one.messages for one in each),
        since=local_date(min(since)) if since else None,
        reminders=sum(len(one.ids) for one in planned),
        phone=bool(conversation.phone),
        dossiers=len(of_number),
        subscribed=await subscriptions.of(session, conversation.id) is not None,
        linked=len(mine) > 1,
    )
