"""Times, numbers and states in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.messages import CHANNELS, Channel
from console import words

NOW = datetime(2026, 7, 6, 2, 0, tzinfo=UTC)  # 9:00 in Vietnam


@pytest.mark.parametrize(
    ("minutes", "said"),
    [
        (0, "vừa mới hỏi"),
        (-5, "vừa mới hỏi"),
        (1, "chờ 1 phút"),
        (59, "chờ 59 phút"),
        (60, "chờ 1 giờ"),
        (125, "chờ 2 giờ 5 phút"),
        (24 * 60, "chờ 1 ngày"),
        (80 * 60, "chờ 3 ngày"),
    ],
)
def test_waiting(minutes: int, said: str) -> None:
    assert words.waiting(NOW - timedelta(minutes=minutes), NOW) == said


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2026, 7, 6, 1, 5, tzinfo=UTC), "08:05"),
        (datetime(2026, 7, 5, 17, 30, tzinfo=UTC), "00:30"),
        (datetime(2026, 7, 5, 16, 30, tzinfo=UTC), "hôm qua 23:30"),
        (datetime(2026, 7, 1, 3, 0, tzinfo=UTC), "1/7 10:00"),
        (datetime(2025, 12, 31, 3, 0, tzinfo=UTC), "31/12/2025 10:00"),
    ],
)
def test_clock_time(at: datetime, said: str) -> None:
    assert words.clock_time(at, NOW) == said


@pytest.mark.parametrize(
    ("channel", "address", "said"),
    [
        ("sms", "+84912345678", "09xx xxx 678"),
        ("sms", "0912345678", "09xx xxx 678"),
        ("sms", "+842438345678", "02xx xxxx 678"),
        ("sms", "8069", "số …69"),
        ("sms", "", "số …"),
        ("zalo", "5566778899001234", "Zalo …1234"),
        ("zalo", "12", "Zalo …"),
        ("zalobot", "5566778899001234", "Zalo …1234"),
        ("web", "a81b3c9d22", "Phiên web …9d22"),
    ],
)
def test_masked(channel: Channel, address: str, said: str) -> None:
    assert words.masked(channel, address) == said


def test_shortened_between_words() -> None:
    assert words.shortened("Một câu\n ngắn") == "Một câu ngắn"
    long = words.shortened("giấy khai sinh " * 20)
    assert len(long) <= 110
    assert long.endswith("sinh…") or long.endswith("giấy…") or long.endswith("khai…")
    assert len(words.shortened("a" * 500)) == 110


def test_phone() -> None:
    assert words.phone("+84912345678") == "0912 345 678"
    assert words.phone("8069") == "8069"


def test_every_channel_has_a_name() -> None:
    assert set(words.CHANNEL_NAMES) == set(CHANNELS)


def test_moment() -> None:
    assert words.moment(datetime(2026, 11, 25, 3, 15, tzinfo=UTC)) == "10:15 25/11"


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (datetime(2026, 7, 6, 10, 0, tzinfo=UTC), "17:00 hôm nay"),
        (datetime(2026, 7, 6, 17, 30, tzinfo=UTC), "00:30 ngày mai"),
        (datetime(2026, 11, 25, 3, 0, tzinfo=UTC), "10:00 ngày 25/11"),
    ],
)
def test_deadline(at: datetime, said: str) -> None:
    assert words.deadline(at, NOW) == said


@pytest.mark.parametrize(
    ("of", "said"),
    [
        ("2026-12-31", "31/12/2026"),
        ("31/12/2026", "31/12/2026"),
        ("", ""),
        (None, ""),
        (datetime(2026, 12, 30, 18, 0, tzinfo=UTC), "31/12/2026"),
    ],
)
def test_day(of: str | datetime | None, said: str) -> None:
    assert words.day(of) == said
