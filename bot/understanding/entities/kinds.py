"""What an entity is: its kind, where it stands, its value and the part it plays.

========== ==================================== =============================================
kind       value                                role
========== ==================================== =============================================
date       :class:`Day`: the first and the last born, died, married, divorced, expires,
           day that may be meant                appointment, filed, issued, unknown
lunar_date :class:`Lunar`: no solar day         as for ``date``
age        :class:`Age`: days, unit, and how    child, man, woman, both (bride and groom),
           few and how many days it may be      unknown
copies     ``int``: how many are wanted         unknown
dossier    ``str``: the code in capitals,       unknown
           parts joined by "-"
phone      ``str``: E.164                       mobile, landline
relation   ``str``: ``filer>for whom``          files_for
           ``str``: the person spoken of        about
place      :class:`Place`: its official name    old (no unit of today), current, unclear
           and what it is today
========== ==================================== =============================================

Persons in relations: self, father, mother, parents, grandfather, grandmother, grandparents,
husband, wife, couple, son, daughter, child, grandchild, nephew_niece, sibling, uncle_aunt,
neighbour, friend, other.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

Kind = Literal[
    "date", "lunar_date", "age", "copies", "dossier", "phone", "relation", "place"
]  # fmt: skip
Event = Literal[
    "born", "died", "married", "divorced", "expires", "appointment", "filed", "issued", "unknown"
]
"""What happened, or will happen, on a date."""
Unit = Literal["day", "week", "month", "year"]

DAYS_IN: dict[Unit, float] = {"day": 1, "week": 7, "month": 30.4375, "year": 365.25}


@dataclass(frozen=True, slots=True)
class Day:
    """The day that is meant, or the first and the last that may be ("tháng trước")."""

    first: date
    last: date

    @property
    def exact(self) -> bool:
        """Whether it is one day."""
        return self.first == self.last

    @property
    def whole_month(self) -> bool:
        """Whether it is just one month of the calendar."""
        whole = self.first.day == 1 and self.last == month_end(self.first.year, self.first.month)
        return whole and not self.whole_year

    @property
    def whole_year(self) -> bool:
        """Whether it is just one year of the calendar."""
        return self.first == date(self.first.year, 1, 1) and self.last == date(
            self.first.year, 12, 31
        )

    @property
    def middle(self) -> date:
        """The day in the middle."""
        return self.first + timedelta(days=(self.last - self.first).days // 2)

    def iso(self) -> str:
        """ISO 8601: ``2026-08-05``, ``2026-08``, ``2026``, or ``2026-11-09/2026-11-15``."""
        if self.exact:
            return self.first.isoformat()
        if self.whole_year:
            return f"{self.first:%Y}"
        if self.whole_month:
            return f"{self.first:%Y-%m}"
        return f"{self.first.isoformat()}/{self.last.isoformat()}"


@dataclass(frozen=True, slots=True)
class Lunar:
    """A day of the lunar calendar. Which solar day it is, the citizen is asked."""

    day: int | None
    month: int | None

    def iso(self) -> str:
        """As ISO 8601 writes dates without a year: ``--01-03``, ``--01``, ``---15``."""
        if self.day is None:
            return f"--{self.month or 0:02}"
        return f"---{self.day:02}" if self.month is None else f"--{self.month:02}-{self.day:02}"


@dataclass(frozen=True, slots=True)
class Age:
    """How old somebody is: about ``days``, told in ``unit``; ``least``..``most`` days."""

    days: int
    unit: Unit
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Place:
    """A commune, ward, district or province.

    ``name`` is its official name, as far up as it is known ("Xã Song Phượng, Huyện Đan
    Phượng, Thành phố Hà Nội"). ``now`` are the units that stand in its place since 1 July
    2025: one; several when it was divided; none while it is not known which place is meant.
    """

    name: str
    now: tuple[str, ...] = ()


Value = Day | Lunar | Age | Place | str | int


@dataclass(frozen=True, slots=True)
class Entity:
    """Something named in a text: ``text`` is ``given[start:end]``."""

    kind: Kind
    start: int
    end: int
    text: str
    value: Value
    role: str

    def to_json(self) -> dict[str, Any]:
        """The object that ``hotro understand --entities`` prints."""
        return {
            "kind": self.kind,
            "start": self.start,
            "end": self.end,
            "text": self.text,
            "value": _plain(self.value),
            "role": self.role,
        }


def _plain(value: Value) -> Any:
    match value:
        case Day() | Lunar():
            return value.iso()
        case Age(days, unit, least, most):
            return {"days": days, "unit": unit, "least": least, "most": most}
        case Place(name, now):
            return {"name": name, "now": list(now)}
    return value


def month_end(year: int, month: int) -> date:
    """The last day of a month."""
    return date(year, month, monthrange(year, month)[1])
