"""From a dossier's dates to the reminders of it: which, when, until when, and what for.

Pure: the same facts, rules, calendar and instant give the same plan, so that a dossier can be
planned anew whenever something about it changes. A key names what a reminder says to whom;
as long as that stays, planning anew finds the reminder that is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal

from bot.clock import LOCAL, local_date
from bot.knowledge.workdays import Calendar
from bot.reminders.quiet import OPENS, allowed
from bot.reminders.rules import Kind, ReminderRules, Rule, State

GRACE: Final = timedelta(minutes=10)
"""What is due at once waits so long: who pressed the wrong button can take it back."""
LOOK_AROUND: Final = 31
"""So many days at most is a reminder moved from days off; no holiday is longer."""
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class DossierFacts:
    """What of a dossier tells when its person is reminded."""

    id: int
    state: State
    state_on: date
    appointment_at: datetime | None = None
    deadline_on: date | None = None
    """The last day of the legal deadline."""
    deadline_offsets: tuple[int, ...] = ()
    """When to remind of it, as its procedure says."""
    valid_until: date | None = None
    subject: str = ""
    """Names whom it goes to, not telling who that is: another number is told anew."""


@dataclass(frozen=True, slots=True)
class Planned:
    """One reminder of a dossier."""

    kind: Kind
    offset: int
    base_on: date
    """The day that it is counted from."""
    due_at: datetime
    expires_at: datetime
    thread: str
    """Of one thread only the newest that is due goes out."""
    key: str


@dataclass(frozen=True, slots=True)
class _Base:
    """The date that a rule counts from; ``moment``: the very instant, where there is one."""

    on: date
    moment: datetime | None = None

    @property
    def name(self) -> str:
        if self.moment is None:
            return f"{self.on:%Y%m%d}"
        return f"{self.moment.astimezone(LOCAL):%Y%m%dT%H%M}"


def plan(
    facts: DossierFacts, rules: ReminderRules, calendar: Calendar, now: datetime
) -> tuple[Planned, ...]:
    """The reminders of a dossier that are still to come, soonest first; one a day at most."""
    found: list[Planned] = []
    for kind, rule in rules.items():
        base = _base(facts, rule) if facts.state in rule.states else None
        if base is not None:
            offsets = rule.offsets or facts.deadline_offsets
            found += _of_rule(facts, kind, rule, base, offsets, calendar, now)
    return _one_a_day(found)


def plan_own(
    number: str, day: date, hour: time, rules: ReminderRules, calendar: Calendar, now: datetime
) -> Planned | None:
    """An officer's own reminder for that day and hour; None when it can not be sent then.

    Args:
        number: names it; the same again is no second one.
    """
    rule = rules.rieng
    at, expires = _at(day, hour), _end(day + timedelta(days=rule.useful_days))
    if at <= now or not allowed(at, calendar) or not _fits(rule, calendar)(day):
        return None
    key = f"own:{number}"
    return Planned("rieng", 0, day, at, expires, key, key)


Obstacle = Literal["", "past", "night", "holiday"]


def why_not(day: date, hour: time, calendar: Calendar, now: datetime) -> Obstacle:
    """Why an officer's own reminder cannot be sent then; "": it can."""
    at = _at(day, hour)
    if at <= now:
        return "past"
    if not allowed(at):
        return "night"
    return "holiday" if calendar.is_holiday(day) else ""


def permitted(day: date, rule: Rule, calendar: Calendar) -> date | None:
    """``day``, moved by the rule to one on which it may be sent."""
    return _moved(day, -1 if rule.move == "earlier" else 1, _fits(rule, calendar))


def _moved(day: date, step: int, fits: Callable[[date], bool]) -> date | None:
    near = (day + timedelta(days=step * n) for n in range(LOOK_AROUND))
    return next((one for one in near if fits(one)), None)


def _fits(rule: Rule, calendar: Calendar) -> Callable[[date], bool]:
    if rule.days == "office":
        return calendar.is_working
    return lambda day: not calendar.is_holiday(day)


def _base(facts: DossierFacts, rule: Rule) -> _Base | None:
    if rule.counted_from == "appointment":
        at = facts.appointment_at
        return None if at is None else _Base(local_date(at), at)
    days = {
        "deadline": facts.deadline_on,
        "state": facts.state_on,
        "validity": facts.valid_until,
    }
    on = days.get(rule.counted_from)
    return None if on is None else _Base(on)


def _of_rule(
    facts: DossierFacts,
    kind: Kind,
    rule: Rule,
    base: _Base,
    offsets: Iterable[int],
    calendar: Calendar,
    now: datetime,
) -> list[Planned]:
    expires = _expires(rule, base)
    thread = f"d{facts.id}" if rule.replaces == "dossier" else f"d{facts.id}:{kind}"
    coming: dict[date, Planned] = {}
    for offset in sorted(set(offsets)):
        at = _due(rule, base, offset, expires, calendar, now)
        if at is not None:
            key = f"d{facts.id}:{kind}:{offset}:{base.name}"
            key += f":{facts.subject}" if facts.subject else ""
            # Of two on one day the later offset stays: it knows better.
            coming[local_date(at)] = Planned(kind, offset, base.on, at, expires, thread, key)
    return _without_haste(list(coming.values()), base, rule, calendar, now)


def _meant(rule: Rule, base: _Base, offset: int, calendar: Calendar) -> datetime | None:
    day = permitted(base.on + timedelta(days=offset), rule, calendar)
    return None if day is None else _at(day, rule.hour)


def _due(
    rule: Rule, base: _Base, offset: int, expires: datetime, calendar: Calendar, now: datetime
) -> datetime | None:
    at = _meant(rule, base, offset, calendar)
    if at is None:
        return None
    if at <= now:
        return next((one for one in _late(rule, calendar, now) if one < expires), None)
    if at >= expires:
        # The office is not open yet before an early appointment, but people are up.
        at = _at(local_date(at), OPENS)
    return at if now < at < expires else None


def _late(rule: Rule, calendar: Calendar, now: datetime) -> Iterator[datetime]:
    """The moments that are left to one that was missed, the best first."""
    fits, today, soon = _fits(rule, calendar), local_date(now), now + GRACE
    if rule.late == "now" and fits(today) and allowed(soon) and local_date(soon) == today:
        yield soon
    day = _moved(today if _at(today, rule.hour) > now else today + _DAY, 1, fits)
    if day is not None:
        yield from (at for at in (_at(day, rule.hour), _at(day, OPENS)) if at > now)


def _without_haste(
    found: list[Planned], base: _Base, rule: Rule, calendar: Calendar, now: datetime
) -> list[Planned]:
    """Without one that was missed, where the next one comes on the next day anyway."""
    if len(found) < 2:
        return found
    first, second = sorted(found, key=lambda one: one.due_at)[:2]
    meant = _meant(rule, base, first.offset, calendar)
    missed = meant is not None and meant <= now
    near = local_date(second.due_at) - local_date(first.due_at) <= _DAY
    return [one for one in found if one is not first] if missed and near else found


def _one_a_day(found: Iterable[Planned]) -> tuple[Planned, ...]:
    """Of several of a thread on one day the first: kinds come in the order of their weight."""
    kept: dict[tuple[str, date], Planned] = {}
    for one in found:
        kept.setdefault((one.thread, local_date(one.due_at)), one)
    return tuple(sorted(kept.values(), key=lambda one: (one.due_at, one.key)))


def _expires(rule: Rule, base: _Base) -> datetime:
    end = _end(base.on + timedelta(days=rule.useful_days))
    return end if base.moment is None else min(end, base.moment)


def _end(day: date) -> datetime:
    """When ``day`` is over."""
    return _at(day + _DAY, time(0, 0))


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, LOCAL).astimezone(UTC)
