"""What stands before an answer because of what the question itself told: how many days are
left of a legal deadline, what became of a commune that was merged, that there is no district
any more."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from actions.phrasing import day, day_short, phrase, upper_first
from bot.dialogue.acts import AnswerAspect
from bot.dialogue.noted import small
from bot.dialogue.outcome import Env
from bot.knowledge.model import Procedure
from bot.knowledge.render import render_fact
from bot.knowledge.workdays import Calendar
from bot.text import key
from bot.understanding.entities.kinds import Place

DEADLINE_ASPECTS = frozenset({"thoi_gian", "ho_so", "cach_lam", "dieu_kien", "le_phi"})
PLACE_ASPECTS = frozenset({"noi_nop", "dieu_kien", "cach_lam"})
NO_DISTRICT = "no_district"
"""The shared fact that districts are no more."""
OLD_NAMES = "old_names_ok"
"""The shared fact that papers with a former name keep their value."""


@dataclass(slots=True)
class Remarks:
    """Sentences for Zalo and web, and for SMS."""

    long: list[str] = field(default_factory=list)
    short: list[str] = field(default_factory=list)

    def say(self, env: Env, name: str, **params: str | int) -> None:
        """Add a phrase."""
        reply = phrase(env, name, (), None, (), **params)
        self.long.append(reply.long)
        self.short.append(reply.short)

    def tell(self, env: Env, procedure: Procedure, fact_id: str) -> None:
        """Add a fact, if it may be told today."""
        fact = env.knowledge.find_fact(procedure, fact_id)
        if fact is not None:
            self.long.append(render_fact(fact, env.knowledge, env.commune, short=False))
            self.short.append(render_fact(fact, env.knowledge, env.commune, short=True))


def of(act: AnswerAspect, env: Env, procedure: Procedure) -> Remarks:
    """What is to be said before the answer to ``act``."""
    remarks = Remarks()
    if act.aspect in DEADLINE_ASPECTS and not act.before:
        remarks = of_deadline(env, procedure, act.since)
    if act.aspect in PLACE_ASPECTS and not act.before:
        for place in act.places[:2]:
            _place(remarks, env, procedure, place)
    if act.district:
        remarks.tell(env, procedure, NO_DISTRICT)
    return remarks


def of_deadline(env: Env, procedure: Procedure, since: date | None) -> Remarks:
    """How many days are left of the legal deadline that runs from ``since``."""
    remarks = Remarks()
    if since is None or not procedure.deadlines:
        return remarks
    deadline = procedure.deadlines[0]
    fact = env.knowledge.find_fact(procedure, deadline.fact)
    if fact is None or not isinstance(fact.value, int):
        return remarks
    last = since + timedelta(days=fact.value)
    left = (last - env.today).days
    dates = {"since": day_short(since), "last": day(last)}
    if left < 0:
        remarks.say(env, "deadline_over", **dates)
        if deadline.late is not None:
            remarks.tell(env, procedure, deadline.late)
        return remarks
    remarks.say(env, "deadline_left" if left else "deadline_today", days=left, **dates)
    working = Calendar(env.knowledge.holidays).on_or_before(last)
    if env.today <= working < last:
        remarks.say(env, "deadline_office_day", day=day(working))
    return remarks


def _place(remarks: Remarks, env: Env, procedure: Procedure, place: Place) -> None:
    """A name from before July 2025, or another commune."""
    here = key(env.commune.name)
    said = small(place.name.partition(",")[0])
    now = [key(unit.partition(",")[0]) for unit in place.now]
    ours = key(said) in {key(name) for name in env.commune.old_names}
    province = place.now[0].rpartition(", ")[2] if len(place.now) == 1 else ""
    # Communes of one name are in many provinces.
    there = key(province) in {here, key(env.knowledge.province)}
    if ours or (now == [here] and there and key(said) != here):
        remarks.say(env, "place_ours", place=upper_first(said))
        remarks.tell(env, procedure, OLD_NAMES)
    elif len(now) > 1:
        names = "; ".join(map(small, place.now))
        remarks.say(env, "place_divided", place=upper_first(said), now=names)
    elif now and now != [key(said)]:
        remarks.say(env, "place_other", place=upper_first(said), now=small(place.now[0]))
