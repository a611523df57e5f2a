"""A message centre for tests: smpp34's server, behind a wire that can be cut."""

from __future__ import annotations

import asyncio
import contextlib
import struct
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from aiosmpplib.codec import GSM7BitCodec

from bot.segments import encoding_of, split
from integrations.sms.long_sms import header, place
from tests.peers import free_port, require

HINT = "smpp34 is not installed: uv pip install smpp34"
SUBMIT_SM, SUBMIT_SM_RESP, DELIVER_SM_RESP = 0x04, 0x80000004, 0x80000005
ENQUIRE_LINK_RESP = 0x80000015
UDH_FLAG, RECEIPT = 0x40, 0x04
REFERENCE, TOTAL, NUMBER = 0x020C, 0x020E, 0x020F
PAYLOAD = 0x0424


class Centre:
    """Takes what is submitted, delivers what it is told to.

    ``refuse``: statuses for the next parts, in order (0: taken). ``reports``: whether each
    part that was taken is reported as delivered at once.
    """

    def __init__(self) -> None:
        self._smpp = import_module("smpp34") if require(find_spec("smpp34"), HINT) else None
        self._port = free_port()
        self._server: Any = self._smpp.Server("127.0.0.1", self._port)  # type: ignore[union-attr]
        self.wire = Wire(self._port)
        self.taken: list[Any] = []
        self.refuse: list[int] = []
        self.reports = True
        self.esmes: list[Any] = []
        self._serving: asyncio.Task[None] | None = None
        self._reporting: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        return self.wire.port

    async def start(self) -> None:
        await self._server.start()
        await self.wire.start()
        self._serving = asyncio.create_task(self._serve())

    async def stop(self) -> None:
        await self.wire.stop()
        if self._serving is not None:
            self._serving.cancel()
        for task in self._reporting:
            task.cancel()
        await asyncio.gather(self._serving, *self._reporting, return_exceptions=True)  # type: ignore[arg-type]
        await self._server.stop()

    async def _serve(self) -> None:
        while True:
            event = await self._server.next()
            kind = type(event).__name__
            if kind == "Esme":
                self.esmes.append(event)
            elif kind == "Unbound":
                self.esmes = [e for e in self.esmes if e.session_id != event.session_id]
            else:
                self._submitted(event)

    def _submitted(self, event: Any) -> None:
        status = self.refuse.pop(0) if self.refuse else 0
        if status:
            event.reject(status)
            return
        self.taken.append(event)
        number = f"id{len(self.taken):04}"
        event.accept(number)
        if self.reports and event.registered_delivery & 1:
            task = asyncio.create_task(self.report(number, event.destination_addr))
            self._reporting.add(task)
            task.add_done_callback(self._reporting.discard)

    async def listener(self) -> Any:
        """The newest connection that takes deliveries."""
        async with asyncio.timeout(20):
            while not (found := [e for e in self.esmes if e.can_receive]):
                await asyncio.sleep(0.01)
        return found[-1]

    async def report(
        self, number: str, sender: str = "84912345678", stat: str = "DELIVRD", **more: Any
    ) -> int:
        """Tell what became of a part; the status of the answer."""
        words = (
            f"id:{number} sub:001 dlvrd:001 submit date:261120120000 done date:261120120005 "
            f"stat:{stat} err:00A text:Xin chao ba con"
        )
        fields = {"source_addr": sender, "source_addr_ton": 1, "esm_class": RECEIPT} | more
        return await self._deliver(words.encode(), **fields)

    async def write(self, sender: str, text: str, reference: int = 1, way: str = "udh") -> None:
        """A citizen writes ``text``, in as many parts as it takes."""
        coding = 0 if encoding_of(text) == "GSM-7" else 8
        parts = [_bytes(part, coding) for part in split(text)]
        for number, part in enumerate(parts, 1):
            if len(parts) == 1:
                await self.deliver(sender, part, data_coding=coding)
            elif way == "udh":
                head = header(reference, len(parts), number)
                await self.deliver(sender, head + part, data_coding=coding, esm_class=UDH_FLAG)
            else:
                sar = self._sar(reference, len(parts), number)
                await self.deliver(sender, part, data_coding=coding, tlvs=sar)

    async def deliver(self, sender: str, message: bytes, **more: Any) -> int:
        """One deliver_sm; the status of the answer."""
        ton = 1 if sender.startswith("+") else (5 if not sender.isdecimal() else 0)
        number = sender.removeprefix("+")
        return await self._deliver(message, source_addr=number, source_addr_ton=ton, **more)

    async def _deliver(self, message: bytes, **more: Any) -> int:
        """Until somebody takes it: a centre keeps what was not acknowledged."""
        async with asyncio.timeout(20):
            while True:
                esme = await self.listener()
                with contextlib.suppress(Exception):
                    answer = await esme.deliver_sm("8088", message, **more)
                    return int(answer.command_status)
                await asyncio.sleep(0.02)

    def _sar(self, reference: int, total: int, number: int) -> list[Any]:
        tlv = self._smpp.Tlv  # type: ignore[union-attr]
        return [
            tlv(REFERENCE, struct.pack("!H", reference)),
            tlv(TOTAL, bytes((total,))),
            tlv(NUMBER, bytes((number,))),
        ]

    def shown(self) -> list[str]:
        """The texts as phones put them together."""
        wholes: dict[Any, dict[int, str]] = {}
        for position, event in enumerate(self.taken):
            key, number, text = _shown(event, position)
            wholes.setdefault(key, {})[number] = text
        return ["".join(parts[n] for n in sorted(parts)) for parts in wholes.values()]


def _bytes(text: str, coding: int) -> bytes:
    return bytes(GSM7BitCodec().encode(text)[0]) if coding == 0 else text.encode("utf-16-be")


def _shown(event: Any, position: int) -> tuple[Any, int, str]:
    extras = {tlv.tag: tlv.value for tlv in event.tlvs}
    raw, key, number = extras.get(PAYLOAD) or event.short_message, (position,), 1
    if event.esm_class & UDH_FLAG:
        found = place(raw[: raw[0] + 1])
        assert found is not None
        raw, key, number = raw[raw[0] + 1 :], (found.reference, found.total), found.number
    elif TOTAL in extras:
        key, number = (extras[REFERENCE], extras[TOTAL]), extras[NUMBER][0]
    if event.data_coding == 8:
        return key, number, raw.decode("utf-16-be")
    return key, number, str(GSM7BitCodec().decode(raw)[0])


class Wire:
    """Forwards to the centre, PDU by PDU, until it is cut."""

    def __init__(self, to: int) -> None:
        self._to = to
        self.port = free_port()
        self.drop: Callable[[int, bool], bool] = lambda command, inward: False
        """Whether the connection breaks instead of carrying this PDU on (``inward``: to the
        centre)."""
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.connections = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self.port)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self.cut()
            await self._server.wait_closed()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """Break all connections, as a lost network does."""
        for writer in self._writers:
            writer.transport.abort()

    def drop_next(self, command: int) -> None:
        """Break when this PDU passes for the next time, either way."""

        def once(passing: int, inward: bool) -> bool:
            if passing != command:
                return False
            self.drop = lambda command, inward: False
            return True

        self.drop = once

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._to)
        pair = {writer, there_writer}
        self._writers |= pair
        for args in ((reader, there_writer, True), (there_reader, writer, False)):
            task = asyncio.create_task(self._forward(*args, pair))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _forward(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        inward: bool,
        pair: set[asyncio.StreamWriter],
    ) -> None:
        with contextlib.suppress(OSError, EOFError):
            while True:
                head = await reader.readexactly(16)
                length, command = struct.unpack("!II", head[:8])
                body = await reader.readexactly(length - 16)
                if self.drop(command, inward):
                    break
                writer.write(head + body)
                await writer.drain()
        for one in pair:
            one.transport.abort()
        self._writers -= pair


class Porter:
    """Answers every bind with one status, and then does what it is told."""

    def __init__(self, status: int) -> None:
        self.status = status
        self.port = free_port()
        self.binds = 0
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", self.port)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, EOFError):
            head = await reader.readexactly(16)
            length, command, _, sequence = struct.unpack("!IIII", head)
            await reader.readexactly(length - 16)
            self.binds += 1
            writer.write(struct.pack("!IIII", 17, command | 0x80000000, self.status, sequence))
            writer.write(b"\x00")
            await writer.drain()
        writer.close()
