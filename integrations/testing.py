"""A public in-memory :class:`~bot.channels.Intake` for tests of adapters."""

from __future__ import annotations

from bot.channels import Intake
from bot.messages import Channel, Echo, Inbound, InboundPart, Notice, Receipt


class IntakeDownError(RuntimeError):
    """What :class:`RecordingIntake` raises while ``fail_next`` is above zero."""


class RecordingIntake(Intake):
    """Keeps everything in lists and drops second copies as the real inbox does.

    ``fail_next``: how many of the next calls raise :class:`IntakeDownError`.
    """

    def __init__(self) -> None:
        self.inbounds: list[Inbound] = []
        self.parts: list[InboundPart] = []
        self.receipts: list[Receipt] = []
        self.echoes: list[Echo] = []
        self.notices: list[Notice] = []
        self.duplicates = 0
        self.fail_next = 0
        self._seen: set[tuple[str, Channel, str]] = set()

    async def receive(self, inbound: Inbound) -> bool:
        self._fail()
        key = (inbound.commune, inbound.channel, inbound.provider_id)
        if key in self._seen:
            self.duplicates += 1
            return False
        self._seen.add(key)
        self.inbounds.append(inbound)
        return True

    async def part(self, part: InboundPart) -> bool:
        self._fail()
        if part in self.parts:
            self.duplicates += 1
            return False
        self.parts.append(part)
        return True

    async def receipt(self, receipt: Receipt) -> bool:
        self._fail()
        if receipt in self.receipts:
            return False
        self.receipts.append(receipt)
        return True

    async def echo(self, echo: Echo) -> None:
        self._fail()
        self.echoes.append(echo)

    async def notice(self, notice: Notice) -> None:
        self._fail()
        self.notices.append(notice)

    def _fail(self) -> None:
        if self.fail_next > 0:
            self.fail_next -= 1
            raise IntakeDownError
