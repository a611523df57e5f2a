"""What a message tells beside its question: found once, before anything is decided.

What needs no file is found here, by the day that the world says it is; places were looked up
when the message was heard.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from bot.dialogue import noted
from bot.dialogue.acts import Act, AnswerAspect, ShowResult
from bot.dialogue.heard import Heard, World
from bot.dialogue.state import Noted
from bot.knowledge import checklist as checklists
from bot.knowledge.model import Procedure, Subject
from bot.knowledge.times import Moment, TextKey, moments_of
from bot.text import key
from bot.understanding.entities import Age, Day, Entity, Place, find_plain_entities, joined

GROWN_UP = timedelta(days=18 * 366)
"""Who was born so long ago is not the child of a question about a child."""
MARRIES_AT = timedelta(days=13 * 365)
"""Who is younger is not the one that a question about a bride or groom is about."""
_AGED: dict[str, tuple[Subject | None, ...]] = {
    "child": ("born",), "man": ("man",), "woman": ("woman",), "both": ("man", "woman"),
}  # fmt: skip


def hear(heard: Heard, today: date) -> Heard:
    """``heard`` with all that its words name, and with a key that answers by it."""
    if heard.understanding is None or heard.taps:
        return heard
    entities = joined(find_plain_entities(heard.text, today), heard.entities)
    moments = tuple(m for entity in entities for m in _moments(entity, today))
    return replace(heard, entities=entities, key=TextKey(heard.key, moments))


def _moments(entity: Entity, today: date) -> Iterator[Moment]:
    match entity.value:
        case Day(first, last):
            # "Sinh tháng này": between its first day and today.
            last = min(last, today) if first <= today else last
            least, most = (today - last).days, (today - first).days
            for subject in _dated(entity.role, timedelta(days=least), timedelta(days=most)):
                yield Moment(subject, least, most)
        case Age(_, unit, least, most):
            grown: tuple[Subject | None, ...] = ("person",) if unit == "year" else (None,)
            for subject in _AGED.get(entity.role, grown):
                yield Moment(subject, least, most)


def _dated(role: str, least: timedelta, most: timedelta) -> Iterator[Subject | None]:
    if least < timedelta(0):
        return  # it has not happened yet
    if role == "died":
        yield "died"
    if role == "born" and most < GROWN_UP:
        yield "born"
    if role == "born" and least > MARRIES_AT:
        yield "person"
    if role == "unknown":
        yield None


def for_its_case(
    acts: Sequence[Act], heard: Heard, world: World, remembered: Sequence[Noted] = ()
) -> tuple[Act, ...]:
    """``acts`` with what was told beside the question, now or lately: dates, places.

    The papers are listed for the case that a date tells. An answer out of the ordinary is in
    them already; this is the other one: "cháu sinh hôm qua" is in time, and the citizen has
    said so.
    """
    return tuple(_completed(act, heard, world, remembered) for act in acts)


def _completed(act: Act, heard: Heard, world: World, remembered: Sequence[Noted]) -> Act:
    if not isinstance(act, AnswerAspect | ShowResult):
        return act
    procedure = world.knowledge.procedures.get(act.procedure)
    if procedure is None:
        return act
    since = _since(procedure, heard.entities, world)
    if since is None and (isinstance(act, ShowResult) or act.aspect in OF_TIME):
        since = _remembered(procedure, remembered, world)
    act = replace(act, since=since)
    if isinstance(act, ShowResult):
        return act
    return _for_its_case(_with_remarks(act, heard, world), heard, world)


OF_TIME = frozenset({"thoi_gian", "le_phi"})
"""Aspects for which a day that was told some messages ago still counts."""


def _remembered(procedure: Procedure, told: Sequence[Noted], world: World) -> date | None:
    if not procedure.deadlines:
        return None
    return noted.day_of(procedure.deadlines[0].event, told, world.today)


def _with_remarks(act: AnswerAspect, heard: Heard, world: World) -> AnswerAspect:
    return replace(
        act,
        places=tuple(_places(heard, world)),
        district=act.aspect == "noi_nop" and not _DISTRICT.isdisjoint(heard.key.split()),
    )


def _places(heard: Heard, world: World) -> Iterator[Place]:
    """Communes that are named: those of before 2025 that became this one, and all others."""
    here = world.knowledge.here
    for old in here.old_names if here else ():
        if f" {key(old)} " in f" {heard.key} ":
            yield Place(old, (here.name,) if here else ())
            return
    for entity in heard.entities:
        if isinstance(entity.value, Place):
            yield entity.value


_DISTRICT = frozenset({"huyen", "quan"})


def _since(procedure: Procedure, entities: Sequence[Entity], world: World) -> date | None:
    """The day of the event from which the procedure's deadline runs, if just one was told."""
    deadlines = procedure.deadlines
    if not deadlines:
        return None
    days = {
        entity.value.first
        for entity in entities
        if isinstance(entity.value, Day)
        and entity.value.exact
        and entity.role == deadlines[0].event
        and entity.value.first <= world.today
    }
    return days.pop() if len(days) == 1 else None


def _for_its_case(act: AnswerAspect, heard: Heard, world: World) -> Act:
    if act.aspect != "ho_so" or act.case or not moments_of(heard.key):
        return act
    checklist = world.knowledge.procedures[act.procedure].checklist
    case = checklists.find_case(checklist, heard.key)
    return replace(act, case=tuple(checklists.worth_taking(checklist, case).items()))
