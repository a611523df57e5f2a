"""The gateway: one account at a message centre."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog
from aiosmpplib.protocol import SubmitSm

from bot.channels import Intake
from bot.messages import (
    Outgoing,
    SendResult,
    TemporarySendError,
    UnknownOutcomeError,
)
from integrations.inbox import Arrival, hand_over
from integrations.sms.arrivals import marked, receipt
from integrations.sms.gateway import Condition, GatewayConfig
from integrations.sms.long_sms import arrival, wordless
from integrations.sms.numbers import normalise
from integrations.sms.smpp import submit
from integrations.sms.smpp.deliver import Delivered, read, report, words
from integrations.sms.smpp.link import Link
from integrations.sms.smpp.memory import Names, Sent
from integrations.sms.smpp.session import ClosedError, Pdu, Session
from integrations.sms.statuses import checked

THROTTLED_WAITS = (1.0, 2.0, 4.0)
"""Seconds before the next part of a begun message is offered again."""
ADVICE = "Kiểm tra đường truyền và hỏi nhà cung cấp SMPP."
ID_FORMS: dict[str, Callable[[str], str]] = {
    "same": lambda told: told,
    "hex-dec": lambda told: str(int(told, 16)),
    "dec-hex": lambda told: f"{int(told):x}",
}
"""How an id in an answer is written in reports ("hex-dec": in hex there, in decimals here)."""

log = structlog.get_logger(__name__)


class SmppGateway:
    """Sends and listens over the connections of a :class:`Link`."""

    def __init__(self, config: GatewayConfig, link: Link, scale: float = 1.0) -> None:
        self._config = config
        self._link = link
        self._scale = scale
        self._sent = Sent()
        self._names = Names(_now)
        self._form = ID_FORMS[config.option("ids", "same")]

    @property
    def config(self) -> GatewayConfig:
        return self._config

    # --- sending ------------------------------------------------------------------------

    async def send(self, message: Outgoing) -> SendResult:
        """Submit all parts in order.

        Only an answer that is lost after the last part leaves a doubt: after an earlier one
        the message is certainly not whole, and another attempt goes on from there.
        """
        parts = submit.parts(self._config, message)
        whole = self._sent.begin(message.id, len(parts))
        async with self._link.sender() as session:
            while not whole.is_taken:
                part_id = await self._submit(session, message, parts, len(whole.ids))
                self._sent.accepted(whole, part_id)
        return SendResult(marked(self._config, whole.id))

    async def _submit(
        self, session: Session, message: Outgoing, parts: list[SubmitSm], position: int
    ) -> str:
        """One part; a message that is begun waits a little when it is too quick."""
        waits = iter(THROTTLED_WAITS if position else ())
        is_last = position == len(parts) - 1
        while True:
            answer = await self._answer(session, message, parts[position], is_last)
            if answer.status == 0:
                return self._id_of(answer)
            wait = next(waits, None) if answer.status in submit.THROTTLED else None
            if wait is None:
                raise submit.refusal(answer.status)
            await asyncio.sleep(wait * self._scale)

    async def _answer(
        self, session: Session, message: Outgoing, part: SubmitSm, is_last: bool
    ) -> Pdu:
        if is_last:
            self._sent.asked(message.id, message.address)
        try:
            answer = await session.request(part)
        except ClosedError as fault:
            if is_last and fault.left:
                raise UnknownOutcomeError("mất kết nối sau khi đã gửi tin tới tổng đài") from fault
            self._sent.answered(message.id)
            raise TemporarySendError("mất kết nối tới tổng đài SMPP") from fault
        self._sent.answered(message.id)
        return answer

    def _id_of(self, answer: Pdu) -> str:
        told = answer.body.split(b"\x00", 1)[0].decode("latin-1").strip()
        try:
            return self._form(told) if told else f"none-{answer.sequence}"
        except ValueError:
            return told

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        """Known only while this process lives: the centre answers questions about its own ids,
        which a lost answer did not tell. A report on the message settles it; see
        :class:`~integrations.sms.smpp.memory.Sent`."""
        whole = self._sent.find(message.id)
        if whole is not None:
            return SendResult(marked(self._config, whole.id))
        raise TemporarySendError("tổng đài SMPP không cho biết tin đã nhận hay chưa")

    async def check(self) -> Condition:
        """Whether we are connected, or would be."""
        return await checked(self._look, ADVICE)

    async def _look(self) -> Condition:
        session = self._link.open
        if session is None:
            await self._link.probe()
            return Condition(True, facts={"Kết nối": "mở khi cần"})
        try:
            await session.alive()
        except ClosedError as fault:
            raise TemporarySendError("mất kết nối tới tổng đài SMPP") from fault
        both = session is self._link.shared
        return Condition(True, facts={"Kết nối": f"đang mở{', gửi và nhận' if both else ''}"})

    async def close(self) -> None:
        await self._link.close()

    # --- listening ------------------------------------------------------------------------

    async def listen(self, intake: Intake) -> None:
        """Stay bound and hand over what comes, until cancelled or the connection ends."""
        if self._link.ways.listen is None:
            await asyncio.Event().wait()
        session = await self._link.listen(_Inbox(self._config, self._sent, self._names, intake))
        try:
            await session.closed()
        finally:
            await self._link.stop_listening()
            self._names.broken()
        raise TemporarySendError("mất kết nối tới tổng đài SMPP")


class _Inbox:
    """Hands what the centre delivers to the intake."""

    def __init__(self, config: GatewayConfig, sent: Sent, names: Names, intake: Intake) -> None:
        self._config, self._sent = config, sent
        self._names, self._intake = names, intake

    async def deliver(self, body: bytes) -> None:
        arrivals = self._read(body)
        await hand_over(self._intake, arrivals)

    def acknowledged(self) -> None:
        self._names.acknowledged()

    def _read(self, body: bytes) -> list[Arrival]:
        name = self._names.name(body)
        try:
            delivered = read(body)
        except ValueError:
            # Refused, it would come again for ever.
            return [wordless(self._config, "", name, "unreadable")]
        if delivered.is_receipt or delivered.is_notice:
            return self._report(delivered)
        text = words(delivered, self._config.option("alphabet", "gsm0338"))
        if text is None:
            return [wordless(self._config, delivered.sender, name, "data")]
        return [arrival(self._config, delivered.sender, name, text, delivered.place)]

    def _report(self, delivered: Delivered) -> list[Arrival]:
        found = report(delivered) if delivered.is_receipt else None
        if found is None:
            return []
        number = normalise(delivered.sender) or delivered.sender
        told = self._sent.told(found.id, found.state, number)
        if told is None:
            return []
        provider_id, own_id, state = told
        return [receipt(self._config, provider_id, state, detail=found.detail, own_id=own_id)]


def _now() -> float:
    return asyncio.get_running_loop().time()
