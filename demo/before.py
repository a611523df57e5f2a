"""What the demo commune has before you come: dossiers, people who agreed to announcements, and one
announcement that waits for the approval of a second officer."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from bot.announcing import wording
from bot.announcing.estimate import estimate
from bot.clock import local_date
from bot.core import Core
from bot.dossiers.saving import save
from bot.store import announcements, conversations, subscriptions
from bot.store.announcement_views import Draft as Notice
from bot.store.audience import Audience
from bot.store.dossiers import Draft
from demo.people import HANDSETS

NEIGHBOURS = 24
"""Numbers of people who agreed to announcements, beside those whose phones can be seen."""
CODES = ("H56.12-{day}-0001", "H56.12-{day}-0002")
"""Both of Cụ Mười: one paper is ready, for the other something is lacking."""
PAPER = "Tôi đồng ý nhận tin nhắn thông báo của xã (ký trên giấy)."
DAY = timedelta(days=1)


async def enter(core: Core, commune: str, author: int) -> None:
    """Enter everything, in one transaction."""
    now = core.clock.now()
    async with core.store.write() as session:
        await _dossiers(session, core, commune, author, now)
        await _subscribers(session, commune, now)
        await _notice(session, core, commune, author, now)


async def _dossiers(
    session: AsyncSession, core: Core, commune: str, author: int, now: datetime
) -> None:
    today = local_date(now)
    known = core.library().on(today, commune)
    first, second = (code.format(day=today.strftime("%y%m%d")) for code in CODES)
    ready = Draft(
        first,
        "ready",
        today,
        "khai_sinh",
        received_on=today - 3 * DAY,
        due_on=today,
        phone=HANDSETS[2].id,
    )
    lacking = Draft(
        second,
        "need_papers",
        today,
        "ket_hon",
        received_on=today,
        due_on=today + 5 * DAY,
        phone=HANDSETS[2].id,
        missing="giấy xác nhận tình trạng hôn nhân",
    )
    for draft in (ready, lacking):
        await save(session, known, draft, author, now, agreed=True)


async def _subscribers(session: AsyncSession, commune: str, now: datetime) -> None:
    numbers = [one.id for one in HANDSETS]
    numbers += [f"+84912000{n:03}" for n in range(200, 200 + NEIGHBOURS)]
    villages = ("dinh", "ben", "cho")
    for n, number in enumerate(numbers):
        there = await conversations.get_or_create(session, commune, "sms", number, now)
        village = villages[n % len(villages)]
        await subscriptions.agree(session, there, village, PAPER, now, source="paper")


async def _notice(
    session: AsyncSession, core: Core, commune: str, author: int, now: datetime
) -> None:
    place = core.library().commune(commune)
    text = (
        "Sáng thứ Bảy, từ 7 giờ 30 đến 11 giờ, Trung tâm mở cửa làm thủ tục hộ tịch "
        "tại nhà văn hoá các thôn. Bà con mang theo căn cước."
    )
    notice = Notice(
        "Làm thủ tục tại thôn sáng thứ Bảy",
        text,
        wording.proposed("Làm thủ tục tại thôn", text),
        Audience(None),
        urgent=False,
        start_at=None,
        expires_at=now + 5 * DAY,
    )
    said = wording.texts(place, notice.title, notice.text, notice.sms_text)
    outside = core.outside
    plans = outside.plans(commune, "sms")
    cost = await estimate(session, commune, notice.audience, said, outside.reaches, plans, now)
    number = await announcements.create(session, commune, author, notice, now)
    await announcements.submit(session, commune, number, author, cost.dump(), now)
