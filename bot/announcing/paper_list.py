"""People who signed on paper that they want the commune's announcements, brought as a file.

First everything is looked at and nothing is written (dry run); faults are told by line. A
number that has said stop since it was signed is not taken up again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import LOCAL, local_date
from bot.dossiers.cells import CellFault, read_day, read_mobile
from bot.knowledge import villages
from bot.knowledge.model import Village
from bot.store import conversations, subscriptions
from bot.store.conversations import address_hash
from bot.store.engine import Store
from bot.store.models import OptOut, Subscription
from bot.tables import Row, Table, TableError, cell, read_table

COLUMNS: Final = {
    "phone": ("số điện thoại", "điện thoại", "sđt", "số đt", "đt", "di động", "số", "phone"),
    "village": ("thôn", "xóm", "bản", "ấp", "khu", "tổ", "tổ dân phố", "địa chỉ", "nơi ở"),
    "signed_on": ("ngày đồng ý", "ngày ký", "ngày", "ngày tháng", "ngày ghi"),
}
"""What the columns may be called; others (names, house numbers) are not read at all."""
TEXT_SHOWN: Final = (
    "Danh sách giấy: người ký đồng ý nhận thông báo của xã qua tin nhắn; thôi nhận: nhắn TC."
)
"""What stands above the paper list (docs/thong-bao.md), kept with each consent."""

ENDED: Final = (
    "số này đã thôi nhận ngày {day:%d/%m/%Y}, sau khi ký; muốn nhận lại thì bà con nhắn DK, hoặc "
    "ký danh sách mới"
)
WRITE_BATCH: Final = 50


@dataclass(frozen=True, slots=True)
class Entry:
    """One person of the list."""

    line: int
    phone: str
    """E.164."""
    village: str | None
    signed_on: date


@dataclass(frozen=True, slots=True)
class LineFault:
    """What is wrong with one line."""

    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says."""

    entries: tuple[Entry, ...]
    faults: tuple[LineFault, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What taking up the list would do."""

    new: tuple[Entry, ...]
    again: tuple[Entry, ...]
    """Who gets the announcements already; their village is brought up to date."""
    faults: tuple[LineFault, ...]


def read(raw: bytes, known: Sequence[Village], today: date) -> Reading:
    """Read a file, line by line.

    Raises:
        TableError: it is no table, or lacks a column.
    """
    table = read_table(raw)
    at = _columns(table)
    entries: list[Entry] = []
    faults: list[LineFault] = []
    seen: dict[str, int] = {}
    for row in table.rows:
        try:
            entry = _entry(row, at, known, today)
            if entry.phone in seen:
                raise CellFault(f"số điện thoại này đã có ở dòng {seen[entry.phone]}")
        except CellFault as fault:
            faults.append(LineFault(row.line, str(fault)))
            continue
        seen[entry.phone] = row.line
        entries.append(entry)
    return Reading(tuple(entries), tuple(faults))


def _columns(table: Table) -> dict[str, int]:
    at = table.columns(COLUMNS)
    missing = [COLUMNS[name][0] for name in ("phone", "signed_on") if name not in at]
    if missing:
        raise TableError(
            f"tệp thiếu cột “{'” và “'.join(missing)}”; dòng đầu phải là tên cột: "
            "số điện thoại, thôn, ngày đồng ý"
        )
    return at


def _entry(row: Row, at: dict[str, int], known: Sequence[Village], today: date) -> Entry:
    try:
        phone = read_mobile(cell(row, at["phone"]))
    except CellFault as fault:
        # Elsewhere a number may be missing.
        raise CellFault(str(fault).removesuffix(", hoặc để trống")) from fault
    if phone is None:
        raise CellFault("thiếu số điện thoại")
    signed_on = read_day(cell(row, at["signed_on"]))
    if signed_on is None:
        raise CellFault("thiếu ngày đồng ý: không có ngày thì không chứng minh được là đã đồng ý")
    if signed_on > today:
        raise CellFault(f"ngày đồng ý {signed_on:%d/%m/%Y} chưa tới")
    return Entry(row.line, phone, _village(cell(row, at.get("village")), known), signed_on)


def _village(said: str, known: Sequence[Village]) -> str | None:
    if not said:
        return None
    found = villages.find(known, said)
    if found is None:
        names = ", ".join(village.name for village in known)
        raise CellFault(f"không rõ “{said}” là thôn nào; các thôn của xã: {names or 'chưa khai'}")
    return found.key


# --- what it would do, and doing it -------------------------------------------------------


async def plan(session: AsyncSession, commune: str, reading: Reading) -> Plan:
    """Compare a list with who is subscribed and who has said stop."""
    new: list[Entry] = []
    again: list[Entry] = []
    faults = list(reading.faults)
    for entry in reading.entries:
        there = await conversations.find(session, commune, "sms", entry.phone)
        if there is not None and await subscriptions.of(session, there) is not None:
            again.append(entry)
            continue
        ended = await _ended_at(session, commune, entry.phone, there)
        if ended is None or local_date(ended) < entry.signed_on:
            new.append(entry)
        else:
            faults.append(LineFault(entry.line, ENDED.format(day=local_date(ended))))
    return Plan(tuple(new), tuple(again), tuple(sorted(faults, key=lambda one: one.line)))


async def _ended_at(
    session: AsyncSession, commune: str, phone: str, there: int | None
) -> datetime | None:
    """When the number last said stop, or was taken off the list."""
    stopped = await session.scalar(
        select(func.max(OptOut.at)).where(
            OptOut.commune == commune,
            OptOut.subject_hash == address_hash(session, commune, "sms", phone),
            OptOut.lifted_at.is_(None),
        )
    )
    ended = await session.scalar(
        select(Subscription.ended_at).where(Subscription.conversation_id == there)
    )
    return max((at for at in (stopped, ended) if at is not None), default=None)


async def apply(store: Store, commune: str, found: Plan, officer_id: int, now: datetime) -> int:
    """Take up the people of a plan; how many are new. The same list twice adds nobody.

    In small transactions, so that citizens' messages are not kept waiting; whoever was
    interrupted does it again.
    """
    fresh = 0
    everybody = [*found.new, *found.again]
    for start in range(0, len(everybody), WRITE_BATCH):
        async with store.write() as session:
            for entry in everybody[start : start + WRITE_BATCH]:
                fresh += await _take_up(session, commune, entry, officer_id, now)
    return fresh


async def _take_up(
    session: AsyncSession, commune: str, entry: Entry, officer_id: int, now: datetime
) -> bool:
    there = await conversations.get_or_create(session, commune, "sms", entry.phone, now)
    if await subscriptions.of(session, there) is not None:
        await subscriptions.move(session, there, entry.village)
        return False
    return await subscriptions.agree(
        session,
        there,
        entry.village,
        TEXT_SHOWN,
        now,
        source="import",
        officer_id=officer_id,
        given_at=datetime.combine(entry.signed_on, time(0), LOCAL).astimezone(UTC),
    )
