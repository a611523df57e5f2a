"""Announcements in words and figures that an officer reads at a glance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.announcing.estimate import Estimate
from bot.announcing.names import FATES, REASONS
from bot.clock import LOCAL
from bot.knowledge import ambiguous, villages
from bot.knowledge.model import Commune, Village
from bot.segments import count
from bot.smstext import COLUMNS, wrapped
from bot.store.announcement_report import Line, Progress
from bot.store.announcement_views import State
from bot.store.audience import NOT_SAID, Audience
from bot.text import for_sms
from console import words
from console.sms_preview import Screen

STATES: dict[State, tuple[str, str]] = {
    "draft": ("Bản nháp", ""),
    "submitted": ("Chờ duyệt", "warn"),
    "rejected": ("Bị trả lại", "bad"),
    "approved": ("Đang gửi", "info"),
    "paused": ("Tạm dừng", "warn"),
    "done": ("Đã xong", "ok"),
    "cancelled": ("Đã huỷ", ""),
}
"""What a state is called, and the look of its badge."""
UNKNOWN_VILLAGE = "Chưa rõ thôn"


@dataclass(frozen=True, slots=True)
class Place:
    """One village to choose, with how many people get it."""

    key: str
    name: str
    people: int
    chosen: bool


def places(
    known: Sequence[Village], counts: Mapping[str, int], chosen: Iterable[str]
) -> list[Place]:
    """All villages of the file, those that are not in it any more, and the unknown one."""
    wanted = set(chosen)
    keys = [village.key for village in known]
    gone = sorted(key for key in counts if key not in {*keys, NOT_SAID})
    return [
        Place(key, village_name(known, key), counts.get(key, 0), key in wanted)
        for key in (*keys, *gone, NOT_SAID)
    ]


def village_name(known: Iterable[Village], key: str | None) -> str:
    """ "thôn Bến" -> "Thôn Bến"."""
    if not key:
        return UNKNOWN_VILLAGE
    name = villages.named(known, key)
    return name[:1].upper() + name[1:]


def whom(audience: Audience, commune: Commune) -> str:
    """For whom it is, in one line."""
    if audience.villages is None:
        return f"Tất cả người đã đồng ý nhận thông báo của {commune.name}"
    return ", ".join(village_name(commune.villages, key) for key in audience.villages)


def hour_and_day(at: datetime) -> str:
    """ "19:30 thứ Hai 6/7/2026"."""
    local = at.astimezone(LOCAL)
    day = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ Nhật")
    return f"{local:%H:%M} {day[local.weekday()]} {local.day}/{local.month}/{local.year}"


def how_long(minutes: int) -> str:
    """How long sending takes."""
    return "vài phút" if minutes < 5 else f"khoảng {words.span(timedelta(minutes=minutes))}"


@dataclass(frozen=True, slots=True)
class Cost:
    """What an estimate says, ready for the page."""

    people: int
    lines: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    most: str
    """The price at the most, in words."""


def cost(
    found: Estimate, start: datetime, expires_at: datetime, unclear: Sequence[str] = ()
) -> Cost:
    """How many people, by which ways, for how much, how fast; ``unclear``: what is better said
    in other words."""
    lines = [("Người nhận", f"{words.thousands(found.people)} người")]
    if found.chat:
        lines.append(("Qua Zalo", f"{words.thousands(found.chat)} người, không mất tiền"))
    if found.sms:
        lines.append(("Qua SMS", _by_sms(found)))
        lines.append(("Tiền SMS", _money(found)))
        lines.append(("Gửi mất", how_long(found.minutes)))
    warnings = (*_warnings(found, start, expires_at), *unclear)
    return Cost(found.people, tuple(lines), warnings, _most(found))


def _by_sms(found: Estimate) -> str:
    each = f"{words.thousands(found.sms)} người × {found.parts_each} tin"
    if found.first == found.sms:
        each = f"{words.thousands(found.sms)} người × {found.parts_first} tin"
    elif found.first and found.parts_first != found.parts_each:
        each += f" (riêng {words.thousands(found.first)} số mới: {found.parts_first} tin)"
    return f"{each} = {words.thousands(found.parts)} tin"


def _money(found: Estimate) -> str:
    if not found.price_each:
        return "chưa khai giá tin ở trang “Tin nhắn SMS”"
    price = words.dong(found.price_each)
    sure = f"{words.thousands(found.parts)} tin × {price} = {words.dong(found.price)}"
    if found.price_most > found.price:
        sure += f"; nhiều nhất {words.dong(found.price_most)} nếu Zalo không nhận"
    return sure


def _most(found: Estimate) -> str:
    return words.dong(found.price_most) if found.price_each else "chưa rõ tiền"


def _warnings(found: Estimate, start: datetime, expires_at: datetime) -> Iterable[str]:
    if found.unreachable:
        yield (
            f"{words.thousands(found.unreachable)} người hiện không có cách nào nhận được "
            "(Zalo đã đóng và không có số điện thoại)."
        )
    if timedelta(minutes=found.minutes) > expires_at - start:
        yield (
            f"Với tốc độ của SIM, gửi hết mất {how_long(found.minutes)}: không kịp trước hạn. "
            "Anh/chị lùi hạn, bớt thôn, hoặc thêm cổng SMS."
        )


def screens(found: Estimate) -> tuple[Screen, ...]:
    """The SMS as an old phone shows it: to a new number, and to a known one."""
    texts = found.texts
    if not found.first or texts.sms == texts.sms_first:
        return (_screen("Trên điện thoại phím", texts.sms, found.price_each),)
    return (
        _screen("Số mới, lần đầu nhận tin", texts.sms_first, found.price_each),
        _screen("Số đã từng nhận tin", texts.sms, found.price_each),
    )


def _screen(title: str, text: str, each: int) -> Screen:
    counted = count(text)
    price = f" × {words.dong(each)} = {words.dong(counted.parts * each)}" if each else ""
    letters = f"{counted.units} ký tự" + ("" if counted.encoding == "GSM-7" else ", có dấu")
    lines = tuple(wrapped(text, COLUMNS))
    return Screen(title, lines, f"{counted.parts} tin{price}", letters, leaves=False)


def doubtful(sms_text: str, sent: str) -> list[str]:
    """Words of a text that may be misread without diacritics, with what to write instead."""
    if sent != for_sms(sent):
        return []
    return [
        f"Không dấu, “{one.word}” dễ đọc thành “{one.reads}”; nên viết: {one.instead}."
        for one in ambiguous.found(sms_text)
    ]


@dataclass(frozen=True, slots=True)
class Bar:
    """A progress bar: per cent of those who have it, of those on the way, and in words."""

    done: int
    moving: int
    text: str


def bar(progress: Progress, expected: int) -> Bar:
    """How far it is.

    Args:
        expected: how many people were estimated; rows are made while it goes out.
    """
    total = max(progress.people, expected, 1)
    queued = progress.by_fate["queued"]
    told = f"{words.thousands(progress.reached)}/{words.thousands(total)} người đã có tin"
    for fate in ("failed", "skipped"):
        if progress.by_fate[fate]:
            told += f", {words.thousands(progress.by_fate[fate])} {FATES[fate]}"
    return Bar(100 * progress.reached // total, 100 * queued // total, told)


def what_became(line: Line) -> str:
    """One person's line in words."""
    said = FATES[line.fate]
    return f"{said}: {REASONS.get(line.reason, line.reason)}" if line.reason else said
