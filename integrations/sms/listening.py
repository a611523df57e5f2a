"""Listens to the gateways that are asked, or connected to, for what came.

One process listens to one gateway: it holds a lease, prolonged well before its end, and stops
listening at once when it is lost. A gateway never lets go of anything before the intake has
stored it, so listening may be cut off at any moment.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from bot.channels import Intake
from bot.messages import SendError, TemporarySendError
from integrations.sms.gateway import Gateway, Listener
from integrations.sms.lease import LEASE_SECONDS, ListenLease
from integrations.sms.pool import Key, Pool

LOOK = 2.0
"""Seconds until a change of the gateways is noticed."""
RENEW = LEASE_SECONDS / 4
WAIT = LEASE_SECONDS / 6
"""Seconds between two looks whether another process has let go of a gateway."""
STEADY = 60.0
"""After so many seconds of listening an earlier fault is over."""
LONGEST_PAUSE = 60.0
TELL_AFTER = 3
"""Failures in a row before somebody is told; at once when only a person can help."""

Problem = Callable[[str, str, str], Awaitable[None]]
"""Told ``(commune, gateway, sentence)`` once when listening stops working, with "" once when
it works again; the sentence is Vietnamese, for the officer."""

log = structlog.get_logger(__name__)


class Listeners:
    """Runs ``listen`` of every gateway of ``pool`` that has it.

    ``owner`` names this process to ``lease``. ``scale`` shortens all pauses (tests).
    """

    def __init__(
        self,
        intake: Intake,
        pool: Pool,
        lease: ListenLease,
        problem: Problem,
        *,
        owner: str = "",
        scale: float = 1.0,
    ) -> None:
        self.intake, self.pool, self.lease, self.problem = intake, pool, lease, problem
        self.owner = owner or secrets.token_hex(8)
        self.scale = scale
        self._stopping = asyncio.Event()
        self._tasks: dict[Key, asyncio.Task[None]] = {}

    async def run(self) -> None:
        """Listen until stopped or cancelled."""
        try:
            while not self._stopping.is_set():
                self._start_missing()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK * self.scale):
                        await self._stopping.wait()
        finally:
            for task in self._tasks.values():
                task.cancel()
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def stop(self) -> None:
        """Have :meth:`run` return."""
        self._stopping.set()

    def _start_missing(self) -> None:
        for gateway in self.pool.all():
            key = (gateway.config.commune, gateway.config.name)
            task = self._tasks.get(key)
            if isinstance(gateway, Listener) and (task is None or task.done()):
                self._tasks[key] = asyncio.create_task(_Watch(self, key).run())


class _LeaseLostError(Exception):
    """Another process listens now, or it cannot be told."""


class _Watch:
    """One gateway: listens, waits after a fault, listens again, until it is gone."""

    def __init__(self, listeners: Listeners, key: Key) -> None:
        self._of = listeners
        self._commune, self._name = key
        self._failures = 0
        self._told: str | None = None
        """Nothing yet: what an earlier process told may be over."""

    async def run(self) -> None:
        while (gateway := self._gateway()) is not None:
            if not await self._mine():
                await self._pause(gateway, WAIT)
                continue
            try:
                await self._listen(gateway)
            except _LeaseLostError:
                log.warning("sms.lease_lost", commune=self._commune, gateway=self._name)
            except Exception as fault:
                await self._failed(gateway, fault)

    def _gateway(self) -> Gateway | None:
        found = self._of.pool.get(self._commune, self._name)
        return found if isinstance(found, Listener) else None

    async def _mine(self) -> bool:
        try:
            return await self._of.lease.acquire(self._commune, self._name, self._of.owner)
        except Exception as fault:
            kind = type(fault).__name__
            log.warning("sms.no_lease", commune=self._commune, gateway=self._name, error=kind)
            return False

    async def _listen(self, gateway: Gateway) -> None:
        """Listen for as long as the gateway is this one and the lease is ours."""
        assert isinstance(gateway, Listener)
        listening = asyncio.create_task(gateway.listen(self._of.intake))
        try:
            await self._watched(gateway, listening)
        finally:
            if not listening.done():
                listening.cancel()
                await asyncio.wait({listening})

    async def _watched(self, gateway: Gateway, listening: asyncio.Task[None]) -> None:
        began = renewed = _now()
        while self._gateway() is gateway:
            await asyncio.wait({listening}, timeout=LOOK * self._of.scale)
            if listening.done():
                listening.result()
                raise ConnectionError("listening ended")
            if _now() - began >= STEADY * self._of.scale:
                self._failures = 0
                await self._tell("")
            if _now() - renewed >= RENEW * self._of.scale:
                if not await self._mine():
                    raise _LeaseLostError
                renewed = _now()

    async def _failed(self, gateway: Gateway, fault: Exception) -> None:
        self._failures += 1
        kind = type(fault).__name__
        # Only the kind: the message of a database error may quote the row.
        log.warning("sms.listening_failed", commune=self._commune, gateway=self._name, error=kind)
        needs_person = isinstance(fault, TemporarySendError) and fault.needs_person
        if needs_person or self._failures >= TELL_AFTER:
            reason = fault.reason if isinstance(fault, SendError) else f"lỗi {kind}"
            await self._tell(
                f"Chưa nhận được tin từ cổng SMS “{self._name}” ({reason}); "
                "hệ thống vẫn thử lại, tin không bị mất."
            )
        asked = fault.retry_after if isinstance(fault, TemporarySendError) else None
        await self._pause(gateway, min(LONGEST_PAUSE, max(backoff(self._failures), asked or 0.0)))

    async def _tell(self, sentence: str) -> None:
        if sentence == self._told:
            return
        self._told = sentence
        try:
            await self._of.problem(self._commune, self._name, sentence)
        except Exception as fault:
            log.error("sms.not_told", commune=self._commune, error=type(fault).__name__)

    async def _pause(self, gateway: Gateway, seconds: float) -> None:
        """Sleep, but go on soon when the gateway was replaced."""
        end = _now() + seconds * self._of.scale
        while (left := end - _now()) > 0 and self._gateway() is gateway:
            await asyncio.sleep(min(left, LOOK * self._of.scale))


def backoff(failures: int) -> float:
    """Seconds to wait: doubled each time from about one to a minute, and scattered."""
    return random.uniform(0.5, 1.0) * min(LONGEST_PAUSE, 2.0 ** min(failures - 1, 9))


def _now() -> float:
    return asyncio.get_running_loop().time()
