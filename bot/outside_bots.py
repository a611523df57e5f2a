"""A commune's bot of Zalo's free platform: its account, and the right to poll it.

A part of the composition root: it knows the integrations and the store.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.clock import Clock
from bot.messages import Channel
from bot.store import accounts
from bot.store.accounts import AccountView
from bot.store.engine import Store
from integrations.zalobot.account import BotAccount

BOT: Channel = "zalobot"


class SqlPollLease:
    """The right to poll a bot (integrations.zalobot.lease.PollLease), for all processes."""

    def __init__(self, store: Store, wall: Clock, seconds: float) -> None:
        self._store = store
        self._wall = wall
        self._seconds = seconds

    async def acquire(self, commune: str, owner: str) -> bool:
        """Take or prolong the lease."""
        now = self._wall.now()
        until = now + timedelta(seconds=self._seconds)
        async with self._store.write() as session:
            return await accounts.lease(session, commune, BOT, owner, now, until)


def bot_of(row: AccountView) -> BotAccount:
    """A bot as the database keeps it."""
    account = BotAccount(row.secrets.get("token", ""), row.secrets.get("webhook_secret", ""))
    base = row.settings.get("base")
    return replace(account, base=base) if base else account
