"""Working days: Monday to Friday less public holidays, with what a file says otherwise.

The public holidays are the library's (Bộ luật Lao động 2019, Điều 112, with lunar days and
days off in lieu); swapped days, which the government names anew each year, come from
``faq/holidays.yaml`` and the commune's own file.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cache
from typing import Final

from holidays import HolidayBase, country_holidays

from bot.clock import LOCAL
from bot.knowledge.model import Holidays

_DAY: Final = timedelta(days=1)
_SATURDAY: Final = 5


@cache
def _public(year: int) -> HolidayBase:
    return country_holidays("VN", years=year)


class Calendar:
    """Which days the state works."""

    def __init__(self, holidays: Holidays) -> None:
        self._off = {special.day for special in holidays.days_off}
        self._worked = {special.day for special in holidays.work_days}

    def is_holiday(self, day: date) -> bool:
        """Whether offices that open on that weekday are closed."""
        if day in self._worked:
            return False
        return day in self._off or day in _public(day.year)

    def is_working(self, day: date) -> bool:
        """Whether it counts as a working day ("ngày làm việc")."""
        if day in self._worked:
            return True
        return day.weekday() < _SATURDAY and not self.is_holiday(day)

    def on_or_after(self, day: date) -> date:
        """The first working day from ``day`` on."""
        while not self.is_working(day):
            day += _DAY
        return day

    def on_or_before(self, day: date) -> date:
        """The last working day up to ``day``."""
        while not self.is_working(day):
            day -= _DAY
        return day

    def after(self, day: date, count: int) -> date:
        """The working day that is ``count`` of them after ``day``; 0: ``day`` itself, when it
        is one, else the next one."""
        day = self.on_or_after(day)
        for _ in range(count):
            day = self.on_or_after(day + _DAY)
        return day

    def received(self, at: datetime, last_hour: int) -> date:
        """The day for which a dossier counts that is handed in at ``at``: after
        ``last_hour`` o'clock, and on days off, the next working day (facts/procedures.md 2.7).

        Raises:
            ValueError: if ``at`` carries no time zone.
        """
        if at.tzinfo is None:
            raise ValueError("received needs a timezone-aware instant")
        local = at.astimezone(LOCAL)
        day = local.date()
        return self.on_or_after(day + _DAY if local.hour >= last_hour else day)
