"""What the citizen named, kept for the officer: dossier, dates, phone, copies, place.

It stays with the conversation's state, which is stored encrypted and goes with the words.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from bot.dialogue.state import Noted
from bot.understanding.entities import Age, Day, Entity, Lunar, Place

MOST = 8
LIFE = timedelta(days=30)
"""The words of a conversation go after so long; so does this."""
_EVENTS = {
    "born": "sinh", "died": "mất", "married": "kết hôn", "divorced": "ly hôn",
    "expires": "hết hạn", "appointment": "hẹn", "filed": "nộp hồ sơ", "issued": "giấy cấp",
}  # fmt: skip
_UNITS = {"day": ("ngày", 1.0), "week": ("tuần", 7.0), "month": ("tháng", 30.4375)}
_YEAR = 365.25


def added(noted: tuple[Noted, ...], entities: Iterable[Entity], today: date) -> tuple[Noted, ...]:
    """``noted`` with what ``entities`` add, without what is old; the latest last."""
    new = [
        Noted(kind=e.kind, said=said, on=today, **_event(e)) for e in entities for said in _said(e)
    ]
    told_anew = {one.said for one in new}
    kept = [one for one in noted if today - one.on <= LIFE and one.said not in told_anew]
    once = {one.said: one for one in new}
    return (*kept, *once.values())[-MOST:]


def _event(entity: Entity) -> dict[str, Any]:
    value = entity.value
    if entity.role in {"born", "died"} and isinstance(value, Day) and value.exact:
        return {"event": entity.role, "day": value.first}
    return {}


def day_of(event: str, noted: Iterable[Noted], today: date) -> date | None:
    """The day of the birth or death that was told last, as far as it is remembered."""
    days = [one.day for one in noted if one.event == event and today - one.on <= LIFE]
    return days[-1] if days else None


def line(noted: Iterable[Noted]) -> str:
    """One line for the officer; empty when there is nothing to tell."""
    return "; ".join(one.said for one in noted)


def _said(entity: Entity) -> Iterator[str]:
    """The entity in plain words; none for what tells an officer nothing."""
    match entity.value:
        case Day() as day:
            # "hôm nay" without more says when they write, not what happened.
            if entity.role != "unknown" or any(c.isdigit() for c in entity.text):
                yield " ".join(filter(None, (_EVENTS.get(entity.role), _day(day))))
        case Lunar() as lunar:
            yield " ".join(filter(None, (_EVENTS.get(entity.role), _lunar(lunar))))
        case Age() as age if entity.role == "child":
            yield f"cháu được {_age(age)}"
        case Place() as place:
            yield _place(place, entity.role)
        case str() as written if entity.kind == "dossier":
            yield f"mã hồ sơ {written}"
        case str() as number if entity.kind == "phone":
            yield f"điện thoại {_grouped(number)}"
        case int() as copies:
            yield f"{copies} bản"


def _day(day: Day) -> str:
    if day.exact:
        return f"ngày {_written(day.first)}"
    if day.whole_year:
        return f"năm {day.first.year}"
    if day.whole_month:
        return f"tháng {day.first.month}/{day.first.year}"
    return f"khoảng {_written(day.first)} đến {_written(day.last)}"


def _written(day: date) -> str:
    return f"{day.day}/{day.month}/{day.year}"


def _lunar(lunar: Lunar) -> str:
    parts = [f"ngày {lunar.day}"] if lunar.day else []
    parts += [f"tháng {lunar.month}"] if lunar.month else []
    return f"{' '.join(parts)} âm lịch"


def _age(age: Age) -> str:
    name, size = _UNITS.get(age.unit, ("tuổi", _YEAR))
    halves = round(2 * age.days / size)
    return f"khoảng {halves / 2:g} {name}".replace(".", ",")


def _place(place: Place, role: str) -> str:
    name = small(place.name)
    if role != "old" or place.now == (place.name,):
        return name
    if len(place.now) > 1:
        return f"{name} (cũ, nay chia về {', '.join(map(small, place.now))})"
    return f"{name} (cũ, nay là {small(place.now[0])})" if place.now else f"{name} (cũ)"


def small(name: str) -> str:
    """ "Xã Song Phượng, Thành phố Hà Nội" as it reads within a sentence."""
    return ", ".join(part[:1].lower() + part[1:] for part in name.split(", "))


def _grouped(number: str) -> str:
    """+84912345678 -> 0912 345 678."""
    national = "0" + number.removeprefix("+84")
    return f"{national[:4]} {national[4:7]} {national[7:]}"
