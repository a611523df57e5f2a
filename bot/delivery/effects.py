"""Applies what actions decided, inside the turn's transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.dialogue.outcome import (
    AgreeDossiers,
    AgreeNotices,
    AgreeReminders,
    CancelReminders,
    CancelSome,
    CountTry,
    Effect,
    EraseConversation,
    KeepPhone,
    KeepQuestion,
    LinkPhone,
    OpenHandOver,
    SendCode,
    SuggestLabel,
)
from bot.dossiers import saving
from bot.knowledge.library import Knowledge
from bot.store import (
    conversations,
    dossiers,
    handovers,
    people,
    phones,
    privacy,
    promised,
    questions,
    refusals,
    reminders,
    subscriptions,
)
from bot.store.conversations import ConversationView


async def apply(
    session: AsyncSession,
    effect: Effect,
    conversation: ConversationView,
    inbox_id: int,
    now: datetime,
    knowledge: Knowledge | None = None,
) -> None:
    """Carry out one effect.

    Args:
        knowledge: of today in the conversation's commune, where reminders of dossiers may have
            to be planned.
    """
    match effect:
        case OpenHandOver(reason):
            await handovers.open_one(
                session, conversation.commune, conversation.id, inbox_id, reason, now
            )
        case AgreeReminders():
            await _agree(session, effect, conversation, inbox_id, now)
        case KeepPhone(phone, purpose, text_shown):
            commune, where = conversation.commune, conversation.id
            await reminders.agree(
                session, commune, where, phone, purpose, text_shown, inbox_id, now
            )
            await conversations.keep_phone(session, where, phone)
        case CancelReminders():
            await refusals.stop(session, conversation.id, now)
        case CancelSome(ids):
            await promised.stop(session, conversation.id, ids, now)
        case AgreeDossiers():
            await _agree_dossiers(session, effect, conversation, inbox_id, now, knowledge)
        case AgreeNotices(village, text_shown):
            # The web chat reaches nobody; the number that is linked to it does.
            web = conversation.channel == "web" and conversation.linked_id
            await subscriptions.agree(
                session, web or conversation.id, village, text_shown, now, inbox_id=inbox_id
            )
        case SendCode(phone, code, text):
            await phones.send(session, conversation, phone, code, text, inbox_id, now)
        case CountTry():
            await phones.count_try(session, conversation.id)
        case LinkPhone():
            linked = await phones.link(session, conversation.id, now)
            if linked is not None and knowledge is not None:
                await saving.replan_of_number(session, knowledge, linked, now)
        case EraseConversation():
            await erase_person(session, conversation.id, inbox_id, now)
        case KeepQuestion():
            guess = questions.Guess(
                effect.procedure, effect.aspect, effect.confidence, effect.decision
            )
            await questions.keep(session, conversation.id, effect.message, guess, effect.why, now)
        case SuggestLabel(message, procedure, aspect):
            await questions.suggest(session, message, procedure, aspect)


async def erase_person(
    session: AsyncSession, conversation_id: int, inbox_id: int, now: datetime
) -> None:
    """Erase what is held on the person of a conversation, on all their channels.

    Kept by law are the dossiers (without the number) and the proofs of consents.
    """
    mine = await people.conversations_of(session, conversation_id)
    await dossiers.erase_of(session, conversation_id, now)
    await refusals.stop(session, conversation_id, now)
    for one in sorted(mine):
        await privacy.erase(session, one, inbox_id)
    await phones.unlink(session, mine)


async def _agree_dossiers(
    session: AsyncSession,
    effect: AgreeDossiers,
    conversation: ConversationView,
    inbox_id: int,
    now: datetime,
    knowledge: Knowledge | None,
) -> None:
    consent_id = await reminders.agree(
        session,
        conversation.commune,
        conversation.id,
        effect.phone,
        saving.PURPOSE,
        effect.text_shown,
        inbox_id,
        now,
    )
    if knowledge is not None:
        await saving.agreed(session, knowledge, effect.phone, consent_id, now)


async def _agree(
    session: AsyncSession,
    effect: AgreeReminders,
    conversation: ConversationView,
    inbox_id: int,
    now: datetime,
) -> None:
    consent_id = await reminders.agree(
        session,
        conversation.commune,
        conversation.id,
        effect.phone,
        effect.purpose,
        effect.text_shown,
        inbox_id,
        now,
    )
    for planned in effect.reminders:
        await reminders.schedule(
            session,
            conversation.commune,
            conversation.id,
            effect.phone,
            consent_id,
            reminders.NewReminder(
                # Keyed by consent: after HUY the same reminder may be agreed anew.
                key=f"{consent_id}:{planned.key}",
                kind=planned.kind,
                procedure=planned.procedure,
                words=reminders.Words(planned.text, planned.chat, planned.fields),
                due_at=planned.due_at,
                expires_at=planned.expires_at,
                # One person's chats are one: what is agreed in both is sent once.
                thread=f"c{conversation.linked_id or conversation.id}:{_matter(planned.key)}",
            ),
            now,
        )


def _matter(key: str) -> str:
    """What a planned reminder is about: its key without how many days before it comes."""
    return key.rpartition(":")[0]
