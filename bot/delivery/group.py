"""The officers' group chat: told of hand-overs without personal data, answering by number.

"#12 ..." or a quoted reply goes to the citizen of hand-over 12, "#12 xong" gives the
conversation back to the bot. Whoever is in the group may answer: it is the officers' own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels import Reaches, Standing
from bot.delivery.compose import pieces
from bot.dialogue import payloads
from bot.knowledge.library import Library
from bot.masking import mask
from bot.messages import CAPABILITIES, GROUP_ADDRESS, Channel
from bot.reminders.ways import Person, standing
from bot.smstext import Policy, render
from bot.store import conversations, groups, handovers, outbox
from bot.store.conversations import ConversationView
from bot.store.groups import Waiting
from bot.store.inbox import InboxView

CHANNEL: Channel = "zalo"
LONGEST_QUESTION = 600
FRESH = timedelta(days=3)
"""A group that was set up today is not told of what has waited for longer."""
NAMES: dict[Channel, str] = {"zalo": "Zalo", "zalobot": "Zalo", "sms": "SMS", "web": "trang web"}
_NUMBERED = re.compile(r"#\s*(\d{1,15})\s*[:.,\-–]?\s*(.*)", re.DOTALL)
_DONE = re.compile(r"(?:xong|đã xong|xong rồi|xong roi|da xong|đóng)\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Groups:
    """What the group desk looks at.

    Args:
        officers: a commune's id of the officers' group; "" when it has none.
        communes: those that have one.
    """

    officers: Callable[[str], str]
    communes: Callable[[], list[str]]
    reaches: Reaches
    library: Callable[[], Library]


# --- out ----------------------------------------------------------------------------------


async def tell(session: AsyncSession, desk: Groups, now: datetime) -> int:
    """Post hand-overs that are new, and what their citizens wrote since; returns how many.

    The post and the note that it was made are one transaction.
    """
    posted = 0
    for commune in desk.communes():
        for waiting in await groups.untold(session, commune, now - FRESH):
            post = _post(waiting)
            if post:
                where = await _group(session, commune, desk.officers(commune), now)
                key = f"handover:{waiting.handover_id}:{waiting.newest}"
                await outbox.queue(session, where, outbox.Draft(key, "bot", post), now)
                posted += 1
            await groups.told(session, waiting.handover_id, waiting.newest, now)
    return posted


async def _group(session: AsyncSession, commune: str, group: str, now: datetime) -> int:
    return await conversations.get_or_create(
        session, commune, CHANNEL, f"{GROUP_ADDRESS}{group}", now
    )


def _post(waiting: Waiting) -> str:
    """What the group reads; nothing in it tells who the citizen is."""
    number, said = waiting.handover_id, _question(waiting)
    if waiting.told_before:
        return f"#{number} - bà con nhắn thêm: {said}" if said else ""
    lines = [f"#{number} - có người hỏi qua {NAMES[waiting.channel]}, chờ cán bộ."]
    lines.append(f"Vì sao: {mask(waiting.reason)}")
    if said:
        lines.append(f"Bà con nhắn: {said}")
    lines.append(f"Trả lời: nhắn “#{number} nội dung”. Khi xong: nhắn “#{number} xong”.")
    return "\n".join(lines)


def _question(waiting: Waiting) -> str:
    typed = [mask(one) for one in waiting.texts if one and payloads.read(one) is None]
    said = " / ".join(typed)
    if len(said) > LONGEST_QUESTION:
        said = said[: LONGEST_QUESTION - 1] + "…"
    return f"“{said}”" if said else ""


# --- in -----------------------------------------------------------------------------------


async def hear(
    session: AsyncSession, row: InboxView, group: ConversationView, desk: Groups, now: datetime
) -> None:
    """Do what an officer wrote in the group; talk that names no hand-over is left alone."""
    if group.address != f"{GROUP_ADDRESS}{desk.officers(group.commune)}":
        return
    number, said = await _read(session, row, group)
    if number is None:
        return
    answer = await _act(session, row, group.commune, number, said, desk, now)
    draft = outbox.Draft(f"in:{row.id}:0", "bot", answer)
    await outbox.queue(session, group.id, draft, now)


async def _read(
    session: AsyncSession, row: InboxView, group: ConversationView
) -> tuple[int | None, str]:
    found = _NUMBERED.match(row.text.strip())
    if found:
        return int(found[1]), found[2].strip()
    if not row.reply_to:
        return None, ""
    return await groups.quoted(session, group.id, row.reply_to), row.text.strip()


async def _act(
    session: AsyncSession,
    row: InboxView,
    commune: str,
    number: int,
    said: str,
    desk: Groups,
    now: datetime,
) -> str:
    """Carry it out; returns what the group is told."""
    handover = await groups.open_handover(session, commune, number)
    if handover is None:
        return f"Không có câu #{number} đang chờ; có thể đã trả lời xong."
    if handover.taken_by_name:
        return f"{handover.taken_by_name} đang trả lời câu #{number} trên bàn cán bộ."
    citizen = await conversations.get(session, handover.conversation_id, lock=True)
    assert citizen is not None
    if not said:
        return f"Anh/chị nhắn thêm nội dung sau #{number} nhé."
    if _DONE.fullmatch(said):
        await handovers.close_outside(session, citizen.id, _farewell(desk, citizen), now)
        return f"Câu #{number} đã xong. Trợ lý tự động lại trả lời bà con."
    stopped = citizen.stopped_at is not None
    where = Person(commune, citizen.channel, citizen.last_inbound_at, stopped)
    if standing(desk.reaches, where, now)[0] is Standing.CLOSED:
        return f"Không còn nhắn được cho người hỏi câu #{number}. Mời anh/chị gọi điện."
    if citizen.bot_owns:
        # What was written until now the bot has answered: nobody is shown it as new.
        await groups.told(session, number, await groups.newest_of(session, citizen.id), now)
    await handovers.taken_outside(session, citizen.id, now)
    await _write(session, row, citizen, said, now, _accents(desk, citizen.commune))
    return f"Đã gửi cho bà con (câu #{number}). Khi xong, nhắn “#{number} xong”."


async def _write(
    session: AsyncSession,
    row: InboxView,
    citizen: ConversationView,
    said: str,
    now: datetime,
    accents: Policy,
) -> None:
    for n, piece in enumerate(pieces(said, citizen.channel, accents)):
        draft = outbox.Draft(f"group:{row.id}:{n}", "officer", piece)
        await outbox.queue(session, citizen.id, draft, now)


def _accents(desk: Groups, commune: str) -> Policy:
    known = desk.library().communes.get(commune)
    return known.sms.accents if known else "never"


def _farewell(desk: Groups, citizen: ConversationView) -> str:
    folded = CAPABILITIES[citizen.channel].folded
    text = desk.library().phrase("given_back", short=folded)
    return render(text, _accents(desk, citizen.commune)) if folded else text
