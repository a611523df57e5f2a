"""In-memory stand-ins for the store: what arrives is kept, and a small bot answers it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.channels import BoardView, TranscriptLine
from bot.messages import Channel, Choice, Inbound, Receipt, Reply
from integrations.webchat.views import CommuneView

NOON = datetime(2025, 11, 22, 5, 0, tzinfo=UTC)

SONG_PHUONG = CommuneView(
    id="song-phuong",
    name="Xã Song Phượng",
    office="Bộ phận một cửa, Ủy ban nhân dân xã Song Phượng",
    phone="024 3368 1234",
    zalo_oa_id="1234567890123456789",
    sms_number="+84912345678",
    hours_text="Thứ Hai đến thứ Sáu, 7:30–11:30 và 13:30–17:00",
)
BARE = CommuneView("gia-phu", "Xã <Gia Phú>", "", "", "", "", "")


def communes(commune: str) -> CommuneView | None:
    """The two communes of the tests."""
    return {c.id: c for c in (SONG_PHUONG, BARE)}.get(commune)


@dataclass
class FakeStore:
    """Intake and Transcript in one, as the real store is; ``bot`` makes the replies."""

    bot: Callable[[Inbound], Reply | None] = lambda inbound: None
    received: list[Inbound] = field(default_factory=list)
    lines: dict[tuple[str, str], list[TranscriptLine]] = field(default_factory=dict)
    broken: bool = False

    async def receive(self, inbound: Inbound) -> bool:
        self._check()
        if any(i.provider_id == inbound.provider_id for i in self.received):
            return False
        self.received.append(inbound)
        self.write(inbound.commune, inbound.address, "citizen", inbound.text or "[ảnh]")
        reply = self.bot(inbound)
        if reply is not None:
            self.write(inbound.commune, inbound.address, "bot", reply.long, reply.choices)
        return True

    async def receipt(self, receipt: Receipt) -> bool:
        return False

    async def echo(
        self,
        commune: str,
        channel: Channel,
        address: str,
        provider_message_id: str,
        text: str,
        by_human: bool,
    ) -> None:
        return None

    async def read(
        self, commune: str, channel: Channel, address: str, after: int = 0
    ) -> list[TranscriptLine]:
        self._check()
        return [line for line in self.lines.get((commune, address), []) if line.seq > after]

    def write(
        self,
        commune: str,
        address: str,
        author: str,
        text: str,
        choices: tuple[Choice, ...] = (),
    ) -> None:
        """Add one line to a conversation."""
        lines = self.lines.setdefault((commune, address), [])
        seq = len(lines) + 1
        at = NOON + timedelta(minutes=seq)
        lines.append(TranscriptLine(seq, author, text, at, choices))  # type: ignore[arg-type]

    def _check(self) -> None:
        if self.broken:
            raise ConnectionError("database is locked")


@dataclass
class FakeBoards:
    """Three boards; counts scans."""

    scans: list[str] = field(default_factory=list)

    async def scan(self, code: str) -> BoardView | None:
        board = {
            "BT7K": BoardView("BT7K", "song-phuong", "Nhà văn hóa thôn 3", "khai_sinh"),
            "ALL1": BoardView("ALL1", "song-phuong", "Cổng chợ", None),
            "LOST": BoardView("LOST", "da-sap-nhap", "Trạm y tế", "khai_tu"),
        }.get(code)
        if board is not None:
            self.scans.append(code)
        return board
