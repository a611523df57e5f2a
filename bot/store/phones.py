"""Whose a telephone number is: proved by a code that is sent there and typed here.

A proved number links a chat to the SMS conversation of that number
(``Conversation.linked_id``): both are one person's from then on. A code lives ten minutes and
bears five tries; three a day go to one number, and three are sent for one chat.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store import conversations, outbox, people
from bot.store.conversations import ConversationView, address_hash
from bot.store.engine import take_turns, vault_of
from bot.store.models import Conversation, OutboxRow, PhoneClaim, Reminder

AUTHOR: Final = "code"
"""Of outbox rows that carry a code: asked for by the citizen, so that no hour holds it up."""
DIGITS: Final = 6
CODE_LIFE: Final = timedelta(minutes=10)
TRIES: Final = 5
CODES_A_DAY: Final = 3
DAY: Final = timedelta(hours=24)

Verdict = Literal["right", "wrong", "expired", "used_up", "none"]


def new_code() -> str:
    """Six digits that nobody can guess."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"


async def proven(session: AsyncSession, conversation: ConversationView) -> str | None:
    """The number that is proved to be this citizen's, E.164: the sender of an SMS, or linked."""
    if conversation.channel == "sms":
        return conversation.address
    if conversation.linked_id is None:
        return None
    there = await conversations.get(session, conversation.linked_id)
    return there.address if there is not None else None


# --- a code goes out --------------------------------------------------------------------


async def may_send(
    session: AsyncSession, commune: str, conversation_id: int, phone: str, now: datetime
) -> bool:
    """Whether another code may go to that number for that chat."""
    there = await conversations.find(session, commune, "sms", phone)
    since = OutboxRow.created_at > now - DAY
    for_chat = (OutboxRow.key >= _keys(conversation_id), OutboxRow.key < _keys_end(conversation_id))
    to_number = (OutboxRow.conversation_id == there, OutboxRow.author == AUTHOR)
    for conditions in (for_chat, to_number):
        sent = await session.scalar(
            select(func.count()).select_from(OutboxRow).where(*conditions, since)
        )
        if (sent or 0) >= CODES_A_DAY:
            return False
    return True


def _keys(conversation_id: int) -> str:
    return f"prove:{conversation_id}:"


def _keys_end(conversation_id: int) -> str:
    """What comes after all of them in order."""
    return f"prove:{conversation_id};"


async def send(
    session: AsyncSession,
    conversation: ConversationView,
    phone: str,
    code: str,
    text: str,
    inbox_id: int,
    now: datetime,
) -> bool:
    """Note the claim and queue ``text``, which holds the code; False when too many went out.

    Only the newest code of a chat counts.
    """
    commune = conversation.commune
    await take_turns(session, f"prove {address_hash(session, commune, 'sms', phone)}")
    if not await may_send(session, commune, conversation.id, phone, now):
        return False
    await session.merge(
        PhoneClaim(
            conversation_id=conversation.id,
            commune=commune,
            phone_hash=address_hash(session, commune, "sms", phone),
            phone_enc=vault_of(session).encrypt(phone),
            code_hash=_hash(session, commune, conversation.id, code),
            tries=0,
            sent_at=now,
            expires_at=now + CODE_LIFE,
        )
    )
    there = await conversations.get_or_create(session, commune, "sms", phone, now)
    key = f"{_keys(conversation.id)}{inbox_id}"
    draft = outbox.Draft(key, AUTHOR, text, expires_at=now + CODE_LIFE)
    await outbox.queue(session, there, draft, now)
    return True


def _hash(session: AsyncSession, commune: str, conversation_id: int, code: str) -> str:
    return vault_of(session).pseudonym(commune, "claim", str(conversation_id), code)


# --- a code is typed --------------------------------------------------------------------


async def check(session: AsyncSession, conversation_id: int, code: str, now: datetime) -> Verdict:
    """What is to be said of a typed code; changes nothing."""
    claim = await session.get(PhoneClaim, conversation_id)
    if claim is None:
        return "none"
    if claim.expires_at <= now:
        return "expired"
    if claim.tries >= TRIES:
        return "used_up"
    typed = _hash(session, claim.commune, conversation_id, code)
    return "right" if hmac.compare_digest(typed, claim.code_hash) else "wrong"


async def claimed(session: AsyncSession, conversation_id: int) -> str | None:
    """The number that the last code went to."""
    claim = await session.get(PhoneClaim, conversation_id)
    return vault_of(session).decrypt(claim.phone_enc) if claim is not None else None


async def count_try(session: AsyncSession, conversation_id: int) -> None:
    """A wrong code was typed."""
    await session.execute(
        update(PhoneClaim)
        .where(PhoneClaim.conversation_id == conversation_id)
        .values(tries=PhoneClaim.tries + 1)
        .execution_options(synchronize_session=False)
    )


# --- one person -------------------------------------------------------------------------


async def link(session: AsyncSession, conversation_id: int, now: datetime) -> str | None:
    """The code was right: this chat and the SMS conversation of that number are one person's.

    Returns the number; None when there is no claim (any more). What both had been promised is
    sent once.
    """
    phone = await claimed(session, conversation_id)
    if phone is None:
        return None
    commune = (await session.get_one(Conversation, conversation_id)).commune
    there = await conversations.get_or_create(session, commune, "sms", phone, now)
    await session.execute(
        update(Conversation)
        .where(Conversation.id == conversation_id)
        .values(linked_id=there)
        .execution_options(synchronize_session=False)
    )
    await session.execute(
        delete(PhoneClaim)
        .where(PhoneClaim.conversation_id == conversation_id)
        .execution_options(synchronize_session=False)
    )
    await _once(session, await people.conversations_of(session, conversation_id))
    return phone


async def _once(session: AsyncSession, mine: Collection[int]) -> None:
    """Of reminders of one thing at one moment, agreed in several chats, the first one stays."""
    rows = await session.scalars(
        select(Reminder)
        .where(
            Reminder.conversation_id.in_(mine),
            Reminder.state == "scheduled",
            Reminder.dossier_id.is_(None),
            Reminder.officer_id.is_(None),
        )
        .order_by(Reminder.id)
    )
    seen: set[tuple[object, ...]] = set()
    for row in rows:
        what = (row.kind, row.procedure, row.due_at)
        if what in seen:
            row.state = "cancelled"
        seen.add(what)


async def unlink(session: AsyncSession, conversation_ids: Collection[int]) -> None:
    """Their chats are strangers again, and no claim of theirs is left."""
    await session.execute(
        update(Conversation)
        .where(Conversation.id.in_(conversation_ids) | Conversation.linked_id.in_(conversation_ids))
        .values(linked_id=None)
        .execution_options(synchronize_session=False)
    )
    hashes = select(Conversation.address_hash).where(Conversation.id.in_(conversation_ids))
    await session.execute(
        delete(PhoneClaim)
        .where(PhoneClaim.conversation_id.in_(conversation_ids) | PhoneClaim.phone_hash.in_(hashes))
        .execution_options(synchronize_session=False)
    )
