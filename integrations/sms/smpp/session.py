"""One bound connection to a message centre (SMPP 3.4).

The PDUs that we write are aiosmpplib's; the session around them is ours, because the library's
``ESME`` acknowledges what the application has not stored yet (parts of a long message wait in
its memory), ends the connection on a status that only one vendor knows or a report whose dates
have seconds, so that the same PDU ends the next one too, logs what citizens write, and tells a
sender nothing until it asks. What is delivered to us is acknowledged when the given function has
stored it; when that fails, the centre is told to come again.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from enum import Enum
from struct import unpack
from typing import Any, Protocol

import structlog
from aiosmpplib.protocol import (
    BindReceiver,
    BindTransceiver,
    BindTransmitter,
    DeliverSmResp,
    EnquireLink,
    EnquireLinkResp,
    GenericNack,
    SmppMessage,
    Unbind,
    UnbindResp,
)
from aiosmpplib.state import SmppCommandStatus

HEADER = 16
MOST_WAITING = 50
"""So many delivered PDUs wait for the store; then the centre has to."""
GOODBYE = 5.0
"""Seconds for what is being stored, and for the farewell."""
LONGEST_PDU = 70_000
RESPONSE = 0x80000000
DELIVER_SM, UNBIND, ENQUIRE_LINK, NACK = 0x05, 0x06, 0x15, 0x80000000
OK = 0

log = structlog.get_logger(__name__)


class Mode(Enum):
    """What a connection is for."""

    BOTH = BindTransceiver
    SEND = BindTransmitter
    LISTEN = BindReceiver


class ClosedError(ConnectionError):
    """The connection is gone. ``left``: our request may have reached the centre."""

    def __init__(self, left: bool) -> None:
        super().__init__("connection closed")
        self.left = left


class BindError(Exception):
    """The centre did not admit us; ``status`` says why."""

    def __init__(self, status: int) -> None:
        super().__init__(f"bind refused: 0x{status:08X}")
        self.status = status


@dataclass(frozen=True, slots=True)
class Access:
    """Where the centre is and who we are there."""

    host: str
    port: int
    system_id: str
    password: str
    system_type: str = ""
    tls: bool = False


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds."""

    connect: float = 10.0
    answer: float = 20.0
    """Shorter than a row of the outbox is leased for."""
    keep_alive: float = 30.0


@dataclass(frozen=True, slots=True)
class Pdu:
    """One PDU as it came."""

    command: int
    status: int
    sequence: int
    body: bytes


class Receiver(Protocol):
    """Who stores what is delivered to us."""

    async def deliver(self, body: bytes) -> None:
        """Store the body of a ``deliver_sm``; raises when it cannot now."""
        ...

    def acknowledged(self) -> None:
        """The answer to the last one was written."""
        ...


class Nobody:
    """Takes nothing: the centre keeps it for who listens."""

    async def deliver(self, body: bytes) -> None:
        raise RuntimeError("nobody listens")

    def acknowledged(self) -> None:
        return None


class Session:
    """Made by :meth:`open`; used up when it is closed, by whichever side."""

    def __init__(
        self,
        streams: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        receiver: Receiver,
        timing: Timing,
    ) -> None:
        self._reader, self._writer = streams
        self._receiver = receiver
        self._timing = timing
        self._sequence = 0
        self._waiting: dict[int, asyncio.Future[Pdu | None]] = {}
        self._delivered: asyncio.Queue[Pdu] = asyncio.Queue(MOST_WAITING)
        self._storing = asyncio.Lock()
        self._tasks: list[asyncio.Task[None]] = []
        self._closed = asyncio.Event()
        self._leaving = False

    @classmethod
    async def open(
        cls, access: Access, mode: Mode, timing: Timing, receiver: Receiver | None = None
    ) -> Session:
        """Connect and bind.

        Raises:
            OSError, TimeoutError: nobody answers there.
            BindError: we are not admitted.
        """
        async with asyncio.timeout(timing.connect):
            streams = await asyncio.open_connection(
                access.host, access.port, ssl=access.tls or None
            )
        session = cls(streams, receiver or Nobody(), timing)
        session._tasks += [
            asyncio.create_task(session._read()),
            asyncio.create_task(session._store()),
        ]
        try:
            answer = await session.request(_bind(access, mode))
            if answer.status != OK:
                raise BindError(answer.status)
        except BaseException:
            session._end()
            await session.close()
            raise
        session._tasks.append(asyncio.create_task(session._keep_alive()))
        return session

    @property
    def is_open(self) -> bool:
        """Whether something may be asked of the centre."""
        return not (self._closed.is_set() or self._leaving)

    async def closed(self) -> None:
        """Returns when the connection is gone."""
        await self._closed.wait()

    async def alive(self) -> None:
        """Ask whether the centre is still there; raises ClosedError when not."""
        await self.request(EnquireLink())

    async def request(self, message: SmppMessage) -> Pdu:
        """Send a request and wait for its answer.

        Raises:
            ClosedError: none came in time (then the connection is given up) or at all.
        """
        if not (self.is_open or isinstance(message, Unbind)):
            raise ClosedError(left=False)
        self._sequence = self._sequence % 0x7FFFFFFF + 1
        message.sequence_num = number = self._sequence
        waiting: asyncio.Future[Pdu | None] = asyncio.get_running_loop().create_future()
        self._waiting[number] = waiting
        try:
            await self._write(message)
            async with asyncio.timeout(self._timing.answer):
                answer = await waiting
        except TimeoutError:
            self._end()
            answer = None
        finally:
            del self._waiting[number]
        if answer is None:
            raise ClosedError(left=True)
        return answer

    async def close(self) -> None:
        """Finish what is under way, say good-bye if somebody is there to hear it, close."""
        self._leaving = True
        with contextlib.suppress(ClosedError, TimeoutError):
            async with asyncio.timeout(GOODBYE), self._storing:
                while self._waiting:
                    await asyncio.wait(self._waiting.values())
                if not self._closed.is_set():
                    await self.request(Unbind())
        self._end()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(GOODBYE):
                await self._writer.wait_closed()

    # --- the connection's own work --------------------------------------------------------

    async def _write(self, message: SmppMessage) -> None:
        try:
            self._writer.write(message.pdu())
            await self._writer.drain()
        except OSError:
            self._end()
            raise ClosedError(left=True) from None

    async def _read(self) -> None:
        try:
            while True:
                await self._take(await self._next())
        except (OSError, EOFError, ValueError) as fault:
            log.info("smpp.closed", error=type(fault).__name__)
        finally:
            self._end()

    async def _next(self) -> Pdu:
        header = await self._reader.readexactly(HEADER)
        length, command, status, sequence = unpack("!IIII", header)
        if not HEADER <= length <= LONGEST_PDU:
            raise ValueError("not SMPP")
        body = await self._reader.readexactly(length - HEADER)
        return Pdu(command, status, sequence, body)

    async def _take(self, pdu: Pdu) -> None:
        if pdu.command & RESPONSE:
            waiting = self._waiting.get(pdu.sequence)
            if waiting is not None and not waiting.done():
                waiting.set_result(pdu)
        elif pdu.command == DELIVER_SM:
            await self._delivered.put(pdu)
        elif pdu.command == ENQUIRE_LINK:
            await self._write(EnquireLinkResp(pdu.sequence))
        elif pdu.command == UNBIND:
            await self._write(UnbindResp(pdu.sequence))
            raise EOFError
        else:
            status = SmppCommandStatus.ESME_RINVCMDID
            await self._write(GenericNack(pdu.sequence, status))

    async def _store(self) -> None:
        """Beside the reading, so that answers come through while a store is slow."""
        with contextlib.suppress(ClosedError):
            while True:
                pdu = await self._delivered.get()
                async with self._storing:
                    await self._store_one(pdu)

    async def _store_one(self, pdu: Pdu) -> None:
        status = SmppCommandStatus.ESME_ROK
        try:
            await self._receiver.deliver(pdu.body)
        except Exception as fault:
            # Only the kind: the message of a database error may quote the row.
            log.warning("smpp.not_stored", error=type(fault).__name__)
            status = SmppCommandStatus.ESME_RX_T_APPN
        await self._write(DeliverSmResp(pdu.sequence, status))
        if status == OK:
            self._receiver.acknowledged()

    async def _keep_alive(self) -> None:
        with contextlib.suppress(ClosedError):
            while True:
                await asyncio.sleep(self._timing.keep_alive)
                await self.alive()

    def _end(self) -> None:
        """Nobody answers any more."""
        self._closed.set()
        self._writer.close()
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_result(None)


def _bind(access: Access, mode: Mode) -> Any:
    message = mode.value(system_type=access.system_type)
    # Set afterwards: many centres give longer ones than the standard's 8 and 15 characters.
    message.system_id, message.password = access.system_id, access.password
    return message
