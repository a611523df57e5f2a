"""A process that does nothing but announce, to be killed: python -m ... DATABASE_URL INSTANT."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime

from bot.delivery import announce
from bot.store.engine import Store
from bot.store.vault import Vault
from tests.conftest import SECRET
from tests.factories import CountingWakeups
from tests.notices import no_caps, reaches


async def main(url: str, now: datetime) -> None:
    announce.BATCH = 5
    store = Store(url, Vault(SECRET))
    announcer = announce.Announcer(store, CountingWakeups(), reaches, no_caps)
    while await announcer.look(now):
        pass
    await store.close()


asyncio.run(main(sys.argv[1], datetime.fromisoformat(sys.argv[2])))
