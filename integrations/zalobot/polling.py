"""Fetches updates, for a machine that nobody can reach from outside.

The platform has no way to confirm an update: it is gone once it was handed out. So what came
is committed (:meth:`Intake.receive`) before the next is asked for, and a failing intake is
tried again with the same update for as long as the process lives.

What can be lost is one update a bot: the one that Zalo hands to a poll whose caller has just
been killed or cut off. That is the moment of the answer if Zalo notices that a caller has hung
up, and the rest of that poll if it does not (unknown). :meth:`Poller.stop` loses nothing: it
lets the polls under way end, which takes as long as they do. A poller that is cancelled instead
has :data:`LAST_TRY` seconds to finish storing, but leaves its polls at once.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence

import httpx
import structlog

from bot.channels import Intake
from bot.messages import SendError, TemporarySendError
from integrations.inbox import Arrival, hand_over
from integrations.zalobot.account import BotAccount
from integrations.zalobot.client import BotClient
from integrations.zalobot.errors import BotTokenError
from integrations.zalobot.inbound import parse_update
from integrations.zalobot.lease import PollLease

POLL_SECONDS = 30.0
"""Zalo's own default; read as seconds of silence."""
GRACE = 10.0
"""Seconds after which an overdue answer is given up."""
LOOK = 2.0
"""Seconds until a change of the accounts is noticed."""
LAST_TRY = 5.0
REFUSED_RETRY = 600.0
"""Seconds until a refused token is tried again although nobody changed it."""
RECHECK = 600.0
"""Seconds between looks whether somebody has set a webhook."""
LONGEST_PAUSE = 60.0
TELL_AFTER = 5
"""Failures in a row before somebody is told."""

Accounts = Mapping[str, BotAccount]
Problem = Callable[[str, str], Awaitable[None]]
"""Told ``(commune, sentence)`` once when polling stops working, ``(commune, "")`` once when it
works again; the sentence is Vietnamese, for the officer."""

log = structlog.get_logger(__name__)

_REFUSED = (
    "Mã bot Zalo (token) sai hoặc đã bị thay nên xã không nhận được tin. "
    "Hãy mở tin nhắn của Zalo Bot Manager, chép lại mã bot và dán vào phần cài đặt."
)
_PUSHED = (
    "Bot Zalo đang chuyển tin đến một địa chỉ khác (webhook) nên xã không nhận được tin. "
    "Hãy gỡ webhook của bot."
)
_SHARED = "Mã bot Zalo này đang được dùng cho một xã khác; mỗi xã cần một bot riêng."
_STORING = "Chưa lưu được tin nhắn từ bot Zalo; hệ thống đang thử lại, tin không bị mất."


class Poller:
    """Polls every bot of ``accounts`` that has no webhook; see the module for what may be lost.

    ``accounts`` is read each round: a new commune, token or address counts within seconds.
    ``owner`` names this process to ``lease``. ``scale`` shortens all pauses (tests).
    """

    def __init__(
        self,
        intake: Intake,
        accounts: Accounts,
        lease: PollLease,
        problem: Problem,
        *,
        owner: str = "",
        poll_seconds: float = POLL_SECONDS,
        transport: httpx.AsyncBaseTransport | None = None,
        scale: float = 1.0,
    ) -> None:
        self.intake, self.accounts, self.lease, self.problem = intake, accounts, lease, problem
        self.owner = owner or secrets.token_hex(8)
        self.poll_seconds = poll_seconds
        self.scale = scale
        self.stopping = False
        self._transport = transport
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Poll until stopped or cancelled."""
        # A province polls a hundred bots at once, more than httpx allows by default.
        limits = httpx.Limits(max_connections=None)
        times = httpx.Timeout(self.poll_seconds + GRACE, connect=5.0)
        http = httpx.AsyncClient(transport=self._transport, timeout=times, limits=limits)
        try:
            while not self.stopping:
                self._start_missing(http)
                await asyncio.sleep(LOOK * self.scale)
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)
            await http.aclose()

    def stop(self) -> None:
        """Have :meth:`run` return once the polls under way have ended and are stored."""
        self.stopping = True

    def _start_missing(self, http: httpx.AsyncClient) -> None:
        for commune, account in list(self.accounts.items()):
            task = self._tasks.get(commune)
            if account.polls and (task is None or task.done()):
                watch = _Watch(self, commune, http)
                self._tasks[commune] = asyncio.create_task(watch.run())


class _WebhookSetError(Exception):
    """Somebody else gets this bot's updates."""


class _SharedTokenError(Exception):
    """Two communes have the same bot."""


class _Watch:
    """One commune's bot: asks, stores, asks again, until the account is gone."""

    def __init__(self, poller: Poller, commune: str, http: httpx.AsyncClient) -> None:
        self._poller = poller
        self._commune = commune
        self._http = http
        self._failures = 0
        self._told = ""
        self._checked: BotAccount | None = None
        self._check_at = 0.0

    async def run(self) -> None:
        while (account := self._account()) is not None:
            try:
                if not await self._mine():
                    await self._pause(account, LOOK)
                    continue
                await self._round(account)
            except BotTokenError:
                await self._stuck(account, _REFUSED, REFUSED_RETRY)
            except _WebhookSetError:
                await self._stuck(account, _PUSHED, LONGEST_PAUSE)
            except _SharedTokenError:
                await self._stuck(account, _SHARED, LONGEST_PAUSE)
            except SendError as fault:
                await self._failed(account, fault.reason, fault)
            except Exception as fault:
                await self._failed(account, "lỗi bên trong", fault)
            else:
                self._failures = 0
                await self._tell("")

    def _account(self) -> BotAccount | None:
        if self._poller.stopping:
            return None
        account = self._poller.accounts.get(self._commune)
        return account if account is not None and account.polls else None

    async def _mine(self) -> bool:
        try:
            return await self._poller.lease.acquire(self._commune, self._poller.owner)
        except Exception as fault:
            log.warning("zalobot.no_lease", commune=self._commune, error=type(fault).__name__)
            return False

    async def _round(self, account: BotAccount) -> None:
        """One poll and what it brought."""
        client = BotClient(account.token, self._http, account.base)
        if self._shared(account):
            raise _SharedTokenError
        began = _now()
        if account != self._checked or began >= self._check_at:
            await self._check(client)
            self._checked, self._check_at = account, began + RECHECK * self._poller.scale
        updates = await client.get_updates(self._poller.poll_seconds)
        await self._keep([one for body in updates for one in parse_update(self._commune, body)])
        if not updates and _now() - began < min(1.0, self._poller.poll_seconds / 2):
            # A poll that does not wait would be asked again at once, for ever.
            await self._pause(account, LOOK)

    def _shared(self, account: BotAccount) -> bool:
        """Whether another commune, first by name, has this bot already."""
        others = self._poller.accounts.items()
        return any(c < self._commune and a.polls and a.token == account.token for c, a in others)

    async def _check(self, client: BotClient) -> None:
        """Look whether a webhook takes everything away; polls may then wait in vain."""
        try:
            url = await client.get_webhook_info()
        except BotTokenError:
            raise
        except SendError as fault:
            log.info("zalobot.unchecked", commune=self._commune, error=type(fault).__name__)
            return
        if url:
            raise _WebhookSetError

    async def _keep(self, arrivals: Sequence[Arrival]) -> None:
        """Store what was handed out, although we may be cancelled meanwhile."""
        if not arrivals:
            return
        storing = asyncio.create_task(self._store(arrivals))
        try:
            await asyncio.shield(storing)
        except asyncio.CancelledError:
            await asyncio.wait({storing}, timeout=LAST_TRY)
            if not storing.done():
                log.error("zalobot.lost_when_stopped", commune=self._commune, n=len(arrivals))
                storing.cancel()
            raise

    async def _store(self, arrivals: Sequence[Arrival]) -> None:
        for arrival in arrivals:
            failures = 0
            while not await self._stored(arrival):
                failures += 1
                if failures == TELL_AFTER:
                    await self._tell(_STORING)
                await asyncio.sleep(backoff(failures) * self._poller.scale)

    async def _stored(self, arrival: Arrival) -> bool:
        try:
            await hand_over(self._poller.intake, [arrival])
        except Exception as fault:
            # Only the kind: the message of a database error may quote the row.
            log.error("zalobot.not_stored", commune=self._commune, error=type(fault).__name__)
            return False
        return True

    async def _stuck(self, account: BotAccount, sentence: str, wait: float) -> None:
        """Only a person can help: wait for a change of the account, or for long."""
        self._checked = None
        await self._tell(sentence)
        await self._pause(account, wait)

    async def _failed(self, account: BotAccount, reason: str, fault: Exception) -> None:
        self._checked = None
        self._failures += 1
        log.warning("zalobot.poll_failed", commune=self._commune, error=type(fault).__name__)
        if self._failures >= TELL_AFTER:
            await self._tell(f"Chưa nhận được tin từ bot Zalo ({reason}); hệ thống vẫn thử lại.")
        asked = fault.retry_after if isinstance(fault, TemporarySendError) else None
        await self._pause(account, min(LONGEST_PAUSE, max(backoff(self._failures), asked or 0.0)))

    async def _tell(self, sentence: str) -> None:
        if sentence == self._told:
            return
        self._told = sentence
        try:
            await self._poller.problem(self._commune, sentence)
        except Exception as fault:
            log.error("zalobot.not_told", commune=self._commune, error=type(fault).__name__)

    async def _pause(self, account: BotAccount, seconds: float) -> None:
        """Sleep, but go on soon when the account changed."""
        end = _now() + seconds * self._poller.scale
        while (left := end - _now()) > 0 and self._account() == account:
            await asyncio.sleep(min(left, LOOK * self._poller.scale))


def backoff(failures: int) -> float:
    """Seconds to wait: doubled each time from about one to half a minute, and scattered."""
    return random.uniform(0.5, 1.0) * min(30.0, 2.0 ** min(failures - 1, 9))


def _now() -> float:
    return asyncio.get_running_loop().time()
