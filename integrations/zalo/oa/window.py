"""When an OA may write to a person, as data (fact sheet 6.1), and what is left of an allowance.

Free within 48 hours of the person's last interaction, at a price until 7 days, then closed
(-230). How many messages are free has changed before: read it from the answers, never count.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum


class Standing(StrEnum):
    """What a consultation message costs now."""

    FREE = "free"
    PAID = "paid"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Window:
    """The two lengths of time after an interaction; both ends still count."""

    free_for: timedelta = timedelta(hours=48)
    open_for: timedelta = timedelta(days=7)

    def standing(self, last_interaction: datetime | None, now: datetime) -> Standing:
        """The standing of a person at ``now``; both instants aware. None: never met."""
        if last_interaction is None or now - last_interaction > self.open_for:
            return Standing.CLOSED
        return Standing.FREE if now - last_interaction <= self.free_for else Standing.PAID

    def until(self, last_interaction: datetime | None, now: datetime) -> datetime | None:
        """The last instant of the present standing; None when closed, which has no end."""
        standing = self.standing(last_interaction, now)
        if last_interaction is None or standing is Standing.CLOSED:
            return None
        return last_interaction + (self.free_for if standing is Standing.FREE else self.open_for)


@dataclass(frozen=True, slots=True)
class Quota:
    """An allowance as Zalo last told it; None: not told (it may be unlimited).

    ``kind``: ``reply`` (within 48 h), ``sub_quota`` (package), ``purchase_quota``,
    ``reward_quota``, and ours for templates by phone: ``template_day``.
    """

    kind: str
    remain: int | None = None
    total: int | None = None
    expires: date | None = None
    owner_type: str = ""
    owner_id: str = ""

    @property
    def exhausted(self) -> bool:
        """Whether Zalo said that nothing is left."""
        return self.remain is not None and self.remain <= 0
