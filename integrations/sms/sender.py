"""Sends the outbox through whichever gateway was chosen for each message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bot.channels import Sender
from bot.messages import Outgoing, PermanentSendError, SendResult, TemporarySendError
from integrations.outbound import SETTINGS_RETRY
from integrations.sms.gateway import Gateway
from integrations.sms.pool import Pool


class SmsSender(Sender):
    """One sender for all communes and gateways; the pool is not closed with it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def send(self, message: Outgoing) -> SendResult:
        with self._gateway(message) as gateway:
            return await gateway.send(message)

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        with self._gateway(message) as gateway:
            return await gateway.find_sent(message)

    async def close(self) -> None:
        """Nothing: see the class."""

    @contextmanager
    def _gateway(self, message: Outgoing) -> Iterator[Gateway]:
        name = message.gateway or self._only(message.commune)
        with self._pool.using(message.commune, name) as gateway:
            if gateway is None:
                raise self._missing(message.commune, name)
            yield gateway

    def _only(self, commune: str) -> str:
        """The name of a commune's only gateway.

        Raises:
            PermanentSendError: it has none.
            TemporarySendError: it has several, and nobody said which.
        """
        names = [gateway.config.name for gateway in self._pool.of(commune)]
        names = names or [name for of, name in self._pool.faults if of == commune]
        if not names:
            raise PermanentSendError("xã chưa khai báo cổng SMS")
        if len(names) > 1:
            raise TemporarySendError("chưa chọn cổng SMS nào để gửi tin này")
        return names[0]

    def _missing(self, commune: str, name: str) -> TemporarySendError:
        fault = self._pool.faults.get((commune, name))
        if fault is not None:
            return TemporarySendError(fault, SETTINGS_RETRY, needs_person=True)
        return TemporarySendError(f"cổng SMS “{name}” không còn")
