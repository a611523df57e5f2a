"""The connections of one gateway, in one process.

Whoever listens keeps a connection open, and what is sent goes over the same one: most centres
sell a single bind. A process that does not listen (another one holds the lease, or this one
only sends) binds as a transmitter of its own for as long as it has something to send, when the
account allows a second bind; when listening begins here, that one is closed first.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

import structlog

from bot.messages import TemporarySendError
from integrations.outbound import SETTINGS_RETRY
from integrations.sms.smpp.session import Access, BindError, Mode, Receiver, Session, Timing

IDLE = 60.0
"""Seconds after which a transmitter that sends nothing is closed."""
LONGEST_WAIT = 60.0
ELSEWHERE_RETRY = 3.0
"""Soon: the process that has the connection takes it when it is free."""
ALREADY_BOUND = 0x05
BIND_FAILED = 0x0D
_WRONG = (0x0E, 0x0F, 0x53)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ways:
    """How the account may be used."""

    listen: Mode | None = Mode.BOTH
    """None: nothing is received."""
    second: bool = True
    """Whether another process may bind as a transmitter beside it."""


class Link:
    """Gives out sessions; see the module."""

    def __init__(self, access: Access, ways: Ways, timing: Timing, idle: float = IDLE) -> None:
        self.ways = ways
        self._access, self._timing, self._idle = access, timing, idle
        self._listening: Session | None = None
        self._sending: Session | None = None
        self._users = 0
        self._unused = asyncio.Event()
        self._unused.set()
        self._lock = asyncio.Lock()
        self._closing: asyncio.Task[None] | None = None
        self._failures = 0
        self._again_at = 0.0
        self._fault: TemporarySendError | None = None

    @property
    def open(self) -> Session | None:
        """Any connection that is open."""
        found = [s for s in (self._listening, self._sending) if s is not None and s.is_open]
        return found[0] if found else None

    @property
    def shared(self) -> Session | None:
        """The connection that listens, when it can send as well."""
        found = self._listening
        return found if found and found.is_open and self.ways.listen is Mode.BOTH else None

    async def listen(self, receiver: Receiver) -> Session:
        """Bind for listening; raises TemporarySendError when that does not work."""
        assert self.ways.listen is not None
        async with self._lock:
            if self.ways.listen is Mode.BOTH:
                await self._end_sending()
            self._listening = await self._open(self.ways.listen, receiver)
            return self._listening

    async def stop_listening(self) -> None:
        """Close what :meth:`listen` opened."""
        session = self._listening
        if session is not None:
            await session.close()
            if self._listening is session:
                self._listening = None

    @asynccontextmanager
    async def sender(self) -> AsyncIterator[Session]:
        """A session to send by; raises TemporarySendError when there is none."""
        if (shared := self.shared) is not None:
            yield shared
            return
        session = await self._transmitter()
        self._users += 1
        self._unused.clear()
        try:
            yield session
        finally:
            self._users -= 1
            if not self._users:
                self._unused.set()
                self._closing = asyncio.create_task(self._close_idle(session))

    async def probe(self) -> None:
        """See whether the centre would admit us; raises TemporarySendError when not.

        Where only one bind is allowed, another try could end the one that works: then only the
        way there is tried.
        """
        if self.ways.listen is not Mode.BOTH or self.ways.second:
            session = await self._open(Mode.SEND, None)
            await session.close()
            return
        try:
            async with asyncio.timeout(self._timing.connect):
                _, writer = await asyncio.open_connection(self._access.host, self._access.port)
        except (OSError, TimeoutError) as fault:
            raise unreachable() from fault
        writer.close()

    async def close(self) -> None:
        """Close everything."""
        if self._closing is not None:
            self._closing.cancel()
        await self.stop_listening()
        async with self._lock:
            await self._end_sending()

    async def _transmitter(self) -> Session:
        if self.ways.listen is Mode.BOTH and not self.ways.second:
            raise TemporarySendError(
                "tổng đài chỉ cho một kết nối, đang chờ kết nối đó", ELSEWHERE_RETRY
            )
        async with self._lock:
            if self.shared is not None:  # listening began while we waited
                return self.shared
            if self._closing is not None:
                self._closing.cancel()
            if self._sending is None or not self._sending.is_open:
                await self._end_sending()
                self._sending = await self._open_patiently()
            return self._sending

    async def _open_patiently(self) -> Session:
        """Not again at once after a failure: each waits longer than the last."""
        now = asyncio.get_running_loop().time()
        if self._fault is not None and now < self._again_at:
            raise TemporarySendError(
                self._fault.reason, self._again_at - now, self._fault.needs_person
            )
        try:
            session = await self._open(Mode.SEND, None)
        except TemporarySendError as fault:
            self._failures += 1
            self._fault, wait = fault, min(LONGEST_WAIT, 2.0**self._failures)
            self._again_at = now + wait
            raise
        self._failures, self._fault = 0, None
        return session

    async def _open(self, mode: Mode, receiver: Receiver | None) -> Session:
        try:
            return await Session.open(self._access, mode, self._timing, receiver)
        except BindError as fault:
            raise refused(fault.status) from fault
        except (OSError, TimeoutError) as fault:
            raise unreachable() from fault

    async def _end_sending(self) -> None:
        """Once nobody waits for an answer there: one that is cut off is a doubt."""
        session, self._sending = self._sending, None
        if session is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._timing.answer):
                    await self._unused.wait()
            await session.close()

    async def _close_idle(self, session: Session) -> None:
        await asyncio.sleep(self._idle)
        async with self._lock:
            if session is self._sending and not self._users:
                await self._end_sending()


def unreachable() -> TemporarySendError:
    """Nobody answers at the centre's address."""
    return TemporarySendError("không kết nối được tới tổng đài SMPP")


def refused(status: int) -> TemporarySendError:
    """Why the centre did not admit us."""
    if status in _WRONG:
        return TemporarySendError(
            "tổng đài SMPP không nhận tên đăng nhập hoặc mật khẩu: kiểm tra phần cài đặt",
            SETTINGS_RETRY,
            needs_person=True,
        )
    if status == ALREADY_BOUND:
        return TemporarySendError("tổng đài SMPP báo tài khoản đang có kết nối khác")
    if status == BIND_FAILED:
        return TemporarySendError(
            "tổng đài SMPP không cho kết nối: kiểm tra tên, mật khẩu, địa chỉ IP đã khai với "
            "nhà cung cấp chưa, và số kết nối được phép",
            SETTINGS_RETRY,
            needs_person=True,
        )
    return TemporarySendError(f"tổng đài SMPP chưa cho kết nối (mã 0x{status:08X})")
