"""What a message tells beside its question: found once, before anything is decided.

What needs no file is found here, by the day that the world says it is; places were looked up
when the message was heard.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta

from bot.dialogue.acts import Act, AnswerAspect
from bot.dialogue.heard import Heard, World
from bot.knowledge import checklist as checklists
from bot.knowledge.model import Subject
from bot.knowledge.times import Moment, TextKey, moments_of
from bot.understanding.entities import Age, Day, Entity, find_plain_entities, joined

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


def for_its_case(acts: Sequence[Act], heard: Heard, world: World) -> tuple[Act, ...]:
    """``acts`` where the papers are listed for the case that a date in the question tells.

    An answer out of the ordinary is in them already; this is the other one: "cháu sinh hôm
    qua" is in time, and the citizen has said so.
    """
    return tuple(_for_its_case(act, heard, world) for act in acts)


def _for_its_case(act: Act, heard: Heard, world: World) -> Act:
    if not isinstance(act, AnswerAspect) or act.aspect != "ho_so" or act.case:
        return act
    if not moments_of(heard.key) or act.procedure not in world.knowledge.procedures:
        return act
    checklist = world.knowledge.procedures[act.procedure].checklist
    case = checklists.find_case(checklist, heard.key)
    return replace(act, case=tuple(checklists.worth_taking(checklist, case).items()))
