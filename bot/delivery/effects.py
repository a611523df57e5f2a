"""Applies what actions decided, inside the turn's transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from bot.dialogue.outcome import (
    AgreeReminders,
    CancelReminders,
    Effect,
    EraseConversation,
    KeepPhone,
    KeepQuestion,
    OpenHandOver,
    SuggestLabel,
)
from bot.store import conversations, handovers, privacy, questions, reminders
from bot.store.conversations import ConversationView


async def apply(
    session: AsyncSession,
    effect: Effect,
    conversation: ConversationView,
    inbox_id: int,
    now: datetime,
) -> None:
    """Carry out one effect."""
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
            await reminders.stop(session, conversation.id, now)
        case EraseConversation():
            await reminders.stop(session, conversation.id, now)
            await privacy.erase(session, conversation.id, inbox_id)
        case KeepQuestion():
            guess = questions.Guess(
                effect.procedure, effect.aspect, effect.confidence, effect.decision
            )
            await questions.keep(session, conversation.id, effect.message, guess, effect.why, now)
        case SuggestLabel(message, procedure, aspect):
            await questions.suggest(session, message, procedure, aspect)


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
            ),
            now,
        )
