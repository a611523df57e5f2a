"""``hotro worker`` whose citizens have noon now: reminders leave by day only.

Run by the tests as a process of its own, with the offset in seconds as its argument; it
needs no model, for it answers no free text.
"""

from __future__ import annotations

import asyncio
import os
import sys
from datetime import timedelta

from bot.app import stop_signals
from bot.clock import ShiftedClock, SystemClock
from bot.core import open_core
from bot.settings import load
from bot.working import working


async def main(offset: float) -> None:
    """Work until a signal comes."""
    stop = stop_signals()
    clock = ShiftedClock(SystemClock(), timedelta(seconds=offset))
    async with open_core(load(), clock) as core, working(core):
        sys.stderr.write("hotro đang trả lời tin nhắn\n")
        await stop.wait()


if __name__ == "__main__":
    asyncio.run(main(float(os.environ["NOON_OFFSET"])))
