"""What a message names: dates, ages, copies, dossiers, phones, relations, places.

``find_entities(text, today)`` is the door. Everything is found by rules and, where one is
better than rules, a library (phonenumbers, underthesea's table of places); what may mean
two things is left out. All of it is cheap and pure but places, whose table is read from
disk when the first text with a word such as "xã" comes; whoever must not read files calls
:func:`find_plain_entities`. :func:`read_date` and :func:`read_phone` are the readers for
an answer to a question for just that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta

from bot.text import fold
from bot.understanding.entities.ages import Told, ages
from bot.understanding.entities.codes import copies, dossiers, phones
from bot.understanding.entities.dates import mentions
from bot.understanding.entities.events import PREFER, events_of
from bot.understanding.entities.kinds import Age, Day, Entity, Kind, Lunar, Place, Value
from bot.understanding.entities.mention import Mention, Prefer
from bot.understanding.entities.places import has_cue, places
from bot.understanding.entities.relations import relations
from bot.understanding.entities.wording import Lowered, lower

__all__ = [
    "Age",
    "Day",
    "Entity",
    "Lunar",
    "Place",
    "Prefer",
    "find_entities",
    "find_places",
    "find_plain_entities",
    "joined",
    "read_date",
    "read_phone",
]

MAX_READ = 4000
"""Characters of a text that are read."""
LONGEST_ANSWER = 200
"""Characters of an answer in which one date or number is looked for."""

_Found = tuple[Kind, int, int, Value, str]
"""Kind, start and end in the lowered text, value, role."""


def find_entities(text: str, today: date) -> tuple[Entity, ...]:
    """Everything that ``text`` names, in order. Never raises.

    Spans index ``text`` as given. Those of relations may lie over others'; else none does.

    Args:
        today: the day in Vietnam on which it was written.
    """
    return joined(find_plain_entities(text, today), find_places(text))


def find_plain_entities(text: str, today: date) -> tuple[Entity, ...]:
    """All but places: needs nothing but the text."""
    low = lower(text[:MAX_READ])
    found: list[_Found] = []
    for step in (_written, _copies, _days_and_ages(today), _relations):
        found += step(low, [(start, end) for _, start, end, _, _ in found])
    return joined(tuple(_entity(low, one) for one in found))


def find_places(text: str) -> tuple[Entity, ...]:
    """The places; their table is read when the first word comes that announces one."""
    low = lower(text[:MAX_READ])
    if not has_cue(low):
        return ()
    return tuple(_entity(low, ("place", n.start, n.end, n.place, n.role)) for n in places(low))


def joined(entities: Sequence[Entity], places: Sequence[Entity] = ()) -> tuple[Entity, ...]:
    """All in order; ``places`` leave no room for others at the same words."""
    left = [e for e in entities if e.kind == "relation" or not any(_over(e, p) for p in places)]
    return tuple(sorted((*left, *places), key=lambda e: (e.start, e.end, e.kind)))


def _over(one: Entity, other: Entity) -> bool:
    return one.start < other.end and other.start < one.end


def _entity(low: Lowered, found: _Found) -> Entity:
    kind, start, end, value, role = found
    first, last = low.span(start, end)
    return Entity(kind, first, last, low.given[first:last], value, role)


# --- one kind after the other; each is told what is taken already --------------------------

_Spans = list[tuple[int, int]]


def _free(start: int, end: int, taken: _Spans) -> bool:
    return not any(start < last and first < end for first, last in taken)


def _written(low: Lowered, _taken: _Spans) -> list[_Found]:
    codes: list[_Found] = [("dossier", w.start, w.end, w.value, w.role) for w in dossiers(low)]
    spans = [(start, end) for _, start, end, _, _ in codes]
    return codes + [
        ("phone", w.start, w.end, w.value, w.role)
        for w in phones(low)
        if _free(w.start, w.end, spans)
    ]


def _copies(low: Lowered, taken: _Spans) -> list[_Found]:
    return [("copies", a, b, n, "unknown") for a, b, n in copies(low) if _free(a, b, taken)]


def _days_and_ages(today: date) -> Callable[[Lowered, _Spans], list[_Found]]:
    def find(low: Lowered, taken: _Spans) -> list[_Found]:
        days = mentions(low, taken)
        sure = [(day.start, day.end) for day in days if not day.weak]
        told = _not_over_each_other(ages(low), taken + sure)
        spans = [(age.start, age.end) for age in told]
        days = [day for day in days if _free(day.start, day.end, spans)]
        found: list[_Found] = [("age", a.start, a.end, a.age, a.role) for a in told]
        return found + list(_days(low, days, today))

    return find


def _not_over_each_other(found: Iterable[Told], taken: _Spans) -> list[Told]:
    kept: list[Told] = []
    for one in found:
        if _free(one.start, one.end, taken + [(k.start, k.end) for k in kept]):
            kept.append(one)
    return kept


def _days(low: Lowered, days: Sequence[Mention], today: date) -> Iterator[_Found]:
    for mention, event in zip(days, events_of(low, days), strict=True):
        if mention.weak and event == "unknown":
            continue
        value = mention.read(today, PREFER[event])
        if isinstance(value, Lunar):
            yield "lunar_date", mention.start, mention.end, value, event
        elif value is not None:
            yield "date", mention.start, mention.end, value, event


def _relations(low: Lowered, _taken: _Spans) -> list[_Found]:
    kept: list[_Found] = []
    for kin in relations(low):
        if _free(kin.start, kin.end, [(start, end) for _, start, end, _, _ in kept]):
            kept.append(("relation", kin.start, kin.end, kin.value, kin.role))
    return kept


# --- answers to a question for one thing ---------------------------------------------------

_ALONE = {"mai": 1, "mot": 2, "kia": 2}
"""Days as a whole answer; in a sentence "mai" is also a name and "mốt" also "một"."""


def read_date(text: str, today: date, prefer: Prefer) -> date | None:
    """Return the one date in ``text``, or None when there is none or it is no real date.

    A lunar date ("5/8 âm lịch") and a span of days ("tháng trước") are not read: the
    citizen is asked for the day.

    Args:
        today: the day on which it was typed (Vietnam).
        prefer: without a year, the latest such day not after today ("past": a birth) or
            the next one not before today ("future": an appointment).
    """
    low = lower(text[:LONGEST_ANSWER])
    alone = _ALONE.get(" ".join(fold(low.text).split()))
    if alone is not None:
        return today + timedelta(days=alone)
    read = (mention.read(today, prefer) for mention in mentions(low))
    days = {day.first for day in read if isinstance(day, Day) and day.exact}
    return days.pop() if len(days) == 1 else None


def read_phone(text: str) -> str | None:
    """The Vietnamese mobile number in ``text`` as E.164, or None."""
    found = (w.value for w in phones(lower(text[:LONGEST_ANSWER])) if w.role == "mobile")
    return next(found, None)
