"""An officer's own reminder: a few words to one number, on a day and at an hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from bot.dossiers.saving import PAPER, commune_of, consent_text, consent_words
from bot.knowledge.library import Knowledge
from bot.knowledge.workdays import Calendar
from bot.reminders import planning
from bot.reminders.wording import Said, said_own
from bot.store import conversations, dossiers, people, refusals, reminders
from bot.store.reminders import NewReminder, Words
from bot.text import clean, mask_ids

PURPOSE: Final = "nhắc việc qua tin nhắn SMS"
"""Also of what citizens agree to in a chat (actions.remind)."""
MAX_TEXT: Final = 300

Refusal = Literal["past", "night", "holiday", "refused", "no_consent", "no_rules"]


class NotPossible(Exception):
    """It cannot be sent; ``why`` says what is in the way."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Own:
    """What is to be said, and when."""

    token: str
    """Made by the form: sent twice, it is one reminder."""
    text: str
    day: date
    hour: time


def tidied(text: str) -> str:
    """What an officer wrote, in one line and without identity numbers."""
    return " ".join(mask_ids(clean(text)).split())


def preview(text: str, day: date, knowledge: Knowledge) -> Said:
    """How it will read."""
    return said_own(tidied(text), day, knowledge, commune_of(knowledge))


async def phone_of(session: AsyncSession, commune: str, conversation_id: int) -> str | None:
    """The number to which a conversation's citizen is written to, if it is known."""
    here = await conversations.get(session, conversation_id)
    if here is None or here.commune != commune:
        return None
    if here.channel == "sms":
        return here.address
    for one in await people.conversations_of(session, conversation_id):
        there = await conversations.get(session, one)
        if there is not None and there.channel == "sms":
            return there.address
    return here.phone


async def obstacle(
    session: AsyncSession,
    knowledge: Knowledge,
    own: Own,
    phone: str,
    now: datetime,
    *,
    agreed: bool,
) -> Refusal | None:
    """What is in the way of a reminder; None: nothing."""
    commune, calendar = commune_of(knowledge).id, Calendar(knowledge.holidays)
    if knowledge.reminders is None:
        return "no_rules"
    moment = planning.why_not(own.day, own.hour, calendar, now)
    if moment:
        return moment
    there = await conversations.find(session, commune, "sms", phone)
    if there is not None and await refusals.refused(session, there):
        return "refused"
    held = await dossiers.live_consent(session, commune, phone, PURPOSE)
    return None if agreed or held is not None else "no_consent"


async def remind(
    session: AsyncSession,
    knowledge: Knowledge,
    own: Own,
    phone: str,
    officer_id: int,
    now: datetime,
    *,
    agreed: bool,
    conversation_id: int | None = None,
) -> bool:
    """Plan it; False when the same form was sent before.

    Args:
        agreed: the citizen agreed, on paper or before the officer; needless where they agreed
            to reminders before.
        conversation_id: the chat from which the officer wrote it.

    Raises:
        NotPossible: says why not.
    """
    why = await obstacle(session, knowledge, own, phone, now, agreed=agreed)
    if why is not None:
        raise NotPossible(why)
    commune = commune_of(knowledge).id
    there = await conversations.get_or_create(session, commune, "sms", phone, now)
    consent = await dossiers.live_consent(session, commune, phone, PURPOSE)
    if consent is None:
        text = consent_text(consent_words(knowledge, "own_consent"))
        consent = await reminders.agree(
            session, commune, there, phone, PURPOSE, text, None, now,
            source=PAPER, officer_id=officer_id,
        )  # fmt: skip
    where = conversation_id or await dossiers.chat_of(session, there) or there
    reminder = _reminder(knowledge, own, officer_id, now)
    return await reminders.schedule(session, commune, where, phone, consent, reminder, now)


def _reminder(knowledge: Knowledge, own: Own, officer_id: int, now: datetime) -> NewReminder:
    rules, calendar = knowledge.reminders, Calendar(knowledge.holidays)
    assert rules is not None
    planned = planning.plan_own(own.token, own.day, own.hour, rules, calendar, now)
    if planned is None:
        raise NotPossible("holiday")
    words = preview(own.text, own.day, knowledge)
    return NewReminder(
        key=planned.key,
        kind=planned.kind,
        procedure=None,
        words=Words(words.sms, words.chat, words.fields),
        due_at=planned.due_at,
        expires_at=planned.expires_at,
        thread=planned.thread,
        base_on=planned.base_on,
        officer_id=officer_id,
    )
