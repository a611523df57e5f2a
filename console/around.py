"""What stands around every page: what is wrong with Zalo, and how many calls wait."""

from __future__ import annotations

from dataclasses import dataclass

from bot.store import reminders
from bot.zalo_account import ZaloDesk, ZaloFault
from console.desk import Desk


@dataclass(frozen=True, slots=True)
class Banner:
    """One sentence above the page."""

    text: str
    bad: bool
    """Something does not work now; otherwise it soon will not."""


@dataclass(frozen=True, slots=True)
class Around:
    """See the module."""

    calls: int
    banners: tuple[Banner, ...] = ()


async def look(desk: Desk, commune: str) -> Around:
    """What an officer of ``commune`` is told beside the page itself; never asks Zalo."""
    async with desk.store.read() as session:
        calls = await reminders.count_calls(session, commune, desk.clock.now())
    return Around(calls, await _banners(desk.zalo, commune) if desk.zalo else ())


async def _banners(zalo: ZaloDesk, commune: str) -> tuple[Banner, ...]:
    try:
        oa, bot = await zalo.oa(commune), await zalo.bot(commune)
    except ZaloFault as fault:
        return (Banner(str(fault), bad=True),)
    found = []
    if oa.problem:
        found.append(Banner(f"Zalo của xã cần kết nối lại. {sentence(oa.problem)}", bad=True))
    elif oa.warning:
        found.append(Banner(sentence(oa.warning), bad=False))
    if bot.problem:
        found.append(Banner(f"Bot Zalo của xã đang trục trặc. {sentence(bot.problem)}", bad=True))
    return tuple(found)


def sentence(said: str) -> str:
    """With a capital letter and a full stop, whoever wrote it."""
    said = said.strip()
    return f"{said[:1].upper()}{said[1:]}" + ("" if said.endswith((".", "!", "?", "”")) else ".")
