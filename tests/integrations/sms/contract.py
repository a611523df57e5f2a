"""What every kind of gateway keeps to, run over all of them.

A test module of a kind subclasses :class:`GatewayContract`, says with its class attributes what
the kind can do, and gives a fixture ``bench``: a gateway of that kind on a real or simulated
peer, beside a :class:`~integrations.testing.RecordingIntake` that hears what comes.
"""

from __future__ import annotations

from typing import Protocol

import pytest

from bot.messages import (
    InboundKind,
    Outgoing,
    PermanentSendError,
    ReceiptState,
    TemporarySendError,
    UnknownOutcomeError,
)
from integrations.sms.gateway import Gateway
from integrations.testing import RecordingIntake

COMMUNE, CITIZEN, OFFICE = "song-phuong", "+84912345678", "+84900000001"
PLAIN = "UBND xa Song Phuong: can giay chung sinh, CCCD cua cha me. Hoi them: CB {}[]~^|\\ 100%+1&2"
ACCENTED = "Chào bà Nguyễn Thị Ước: hồ sơ đã có kết quả, mời bà đến ngày 5/6."
LONG = (
    "Giấy tờ cần mang: giấy chứng sinh; căn cước của cha và mẹ; giấy đăng ký kết hôn. " * 4
).strip()


def outgoing(text: str = "Xin chao ba con", message_id: str = "hotro-1") -> Outgoing:
    """A row of the outbox for :data:`CITIZEN`."""
    return Outgoing(message_id, COMMUNE, "sms", CITIZEN, text)


class Bench(Protocol):
    """A gateway with its peer, and a citizen's phone behind it."""

    gateway: Gateway
    intake: RecordingIntake

    async def write(self, sender: str, text: str) -> None:
        """Somebody sends ``text`` to the office; returns when the intake has it."""
        ...

    async def repeat(self) -> None:
        """What was written last is told to us once more, as after a lost acknowledgement."""
        ...

    async def shown(self, messages: int) -> list[str]:
        """What the phone of :data:`CITIZEN` shows, once it shows that many messages."""
        ...

    async def reported(self, receipts: int) -> None:
        """Returns once the intake has that many receipts."""
        ...

    def lose_the_next_answer(self) -> None:
        """The peer carries out the next send, but we never hear of it."""
        ...

    def unreachable(self) -> Gateway:
        """A gateway of the same kind, with nobody there."""
        ...

    def with_a_wrong_password(self) -> Gateway:
        """A gateway of the same kind that its peer does not admit."""
        ...


class GatewayContract:
    """See the module."""

    receives = True
    """Citizens can write to it."""
    sends_once = True
    """The same id again is not a second message."""
    can_be_asked = True
    """It tells whether a message whose answer was lost was taken; else a report settles it."""
    has_password = True
    loses_answers = True
    """There is an answer that may be lost (a database has none)."""
    reports: tuple[ReceiptState, ...] = (ReceiptState.SENT, ReceiptState.DELIVERED)
    """What is reported of a message that arrives."""
    in_order = True
    """The reports come one after the other; else they may overtake one another."""

    @pytest.mark.parametrize("text", [PLAIN, ACCENTED, LONG], ids=["plain", "accented", "long"])
    async def test_a_text_arrives_as_it_was_written(self, bench: Bench, text: str) -> None:
        await bench.gateway.send(outgoing(text))
        assert await bench.shown(1) == [text]

    async def test_a_message_is_known_by_its_id(self, bench: Bench) -> None:
        sent = await bench.gateway.send(outgoing())
        assert sent.provider_message_id.startswith(f"{bench.gateway.config.name}:")
        await bench.reported(len(self.reports))
        receipts = bench.intake.receipts
        states = tuple(r.state for r in receipts)
        assert (states if self.in_order else tuple(sorted(states, reverse=True))) == self.reports
        assert {r.provider_message_id for r in receipts} == {sent.provider_message_id}
        assert {(r.commune, r.channel) for r in receipts} == {(COMMUNE, "sms")}

    async def test_the_same_id_is_one_message(self, bench: Bench) -> None:
        if not self.sends_once:
            pytest.skip("this kind has no key against a second message")
        first = await bench.gateway.send(outgoing())
        assert await bench.gateway.send(outgoing()) == first
        await bench.gateway.send(outgoing("Tin sau", "hotro-2"))
        assert await bench.shown(2) == ["Xin chao ba con", "Tin sau"]

    async def test_a_lost_answer_makes_no_second_message(self, bench: Bench) -> None:
        if not self.loses_answers:
            pytest.skip("this kind gives no answer that could be lost")
        bench.lose_the_next_answer()
        with pytest.raises(UnknownOutcomeError):
            await bench.gateway.send(outgoing())
        if self.can_be_asked:
            found = await bench.gateway.find_sent(outgoing())
            if found is None:  # then it may be sent again
                found = await bench.gateway.send(outgoing())
            assert found.provider_message_id.startswith(f"{bench.gateway.config.name}:")
        else:
            with pytest.raises((TemporarySendError, PermanentSendError)):
                await bench.gateway.find_sent(outgoing())
        await bench.reported(len(self.reports))
        assert {r.own_id for r in bench.intake.receipts} == {"hotro-1"}
        assert await bench.shown(1) == ["Xin chao ba con"]

    async def test_nobody_there(self, bench: Bench) -> None:
        gateway = bench.unreachable()
        with pytest.raises(TemporarySendError):
            await gateway.send(outgoing())
        condition = await gateway.check()
        assert not condition.well
        assert condition.told.endswith(".")
        await gateway.close()

    async def test_a_wrong_password_needs_a_person(self, bench: Bench) -> None:
        if not self.has_password:
            pytest.skip("this kind has no password")
        gateway = bench.with_a_wrong_password()
        with pytest.raises(TemporarySendError) as refused:
            await gateway.send(outgoing())
        assert refused.value.needs_person
        condition = await gateway.check()
        assert not condition.well
        assert condition.told
        await gateway.close()

    async def test_a_gateway_that_works_is_well(self, bench: Bench) -> None:
        condition = await bench.gateway.check()
        assert (condition.well, condition.told) == (True, "")

    @pytest.mark.parametrize("text", ["KS", ACCENTED, LONG], ids=["plain", "accented", "long"])
    async def test_a_citizen_writes(self, bench: Bench, text: str) -> None:
        if not self.receives:
            pytest.skip("nobody can write to this kind")
        await bench.write(CITIZEN, text)
        (inbound,) = bench.intake.inbounds
        assert (inbound.kind, inbound.text) == (InboundKind.TEXT, text)
        assert (inbound.commune, inbound.channel, inbound.address) == (COMMUNE, "sms", CITIZEN)
        assert inbound.provider_id.startswith(f"{bench.gateway.config.name}:")

    async def test_a_second_copy_is_dropped(self, bench: Bench) -> None:
        if not self.receives:
            pytest.skip("nobody can write to this kind")
        await bench.write(CITIZEN, "KS")
        await bench.repeat()
        await bench.write(CITIZEN, "KT")
        assert [i.text for i in bench.intake.inbounds] == ["KS", "KT"]

    @pytest.mark.parametrize("sender", ["VIETTEL", "9029", "19001009", "ourselves"])
    async def test_machines_are_never_answered(self, bench: Bench, sender: str) -> None:
        if not self.receives:
            pytest.skip("nobody can write to this kind")
        own_number = bench.gateway.config.own_number
        await bench.write(own_number if sender == "ourselves" else sender, "Khuyen mai 50%")
        (inbound,) = bench.intake.inbounds
        assert (inbound.kind, inbound.text) == (InboundKind.IGNORED, "")
