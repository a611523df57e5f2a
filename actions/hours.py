"""Tells the office's hours, address and phone, and where else people are received."""

from __future__ import annotations

from datetime import timedelta

from actions.phrasing import day, day_short, phrase
from bot.dialogue.acts import OpeningHours
from bot.dialogue.outcome import Done, Env
from bot.knowledge.model import Desk
from bot.knowledge.render import render_hours
from bot.knowledge.workdays import Calendar
from bot.messages import Reply

AHEAD = timedelta(days=7)
"""Days off within so many days are told."""


def perform(_act: OpeningHours, env: Env) -> Done:
    """Hours, place, phone; the police, further points and people; days off ahead."""
    said = [_at(env, "hours", env.commune.desk("tu_phap"))]
    if env.commune.police is not None:
        said.append(_at(env, "hours_police", env.commune.police))
    for point in env.commune.points:
        note = f" ({point.note})" if point.note else ""
        said.append(phrase(env, "hours_point", point=point.name, at=point.address, note=note))
    for person in env.commune.people:
        number = f", {person.phone}" if person.phone else ""
        said.append(
            phrase(env, "hours_person", role=person.role, person=person.name, number=number)
        )
    said += _days_off(env)
    long = "\n".join(reply.long for reply in said)
    return Done((Reply(long, " ".join(reply.short for reply in said)),))


def _at(env: Env, name: str, desk: Desk) -> Reply:
    long = phrase(env, name, (), desk, hours=render_hours(desk, short=False)).long
    short = phrase(env, name, (), desk, hours=render_hours(desk, short=True)).short
    return Reply(long, short)


def _days_off(env: Env) -> list[Reply]:
    """Holidays of the next days, and days of which nobody knows yet."""
    calendar = Calendar(env.knowledge.holidays)
    holidays = env.knowledge.holidays
    settled = {one.day for one in (*holidays.days_off, *holidays.work_days)}
    uncertain = {one.day: one.why for one in holidays.uncertain if one.day not in settled}
    said = []
    for ahead in range(AHEAD.days):
        when = env.today + timedelta(days=ahead)
        if calendar.is_holiday(when):
            said.append(phrase(env, "day_off", day=day(when)))
        elif when in uncertain:
            said.append(phrase(env, "day_uncertain", day=day_short(when), why=uncertain[when]))
    return said
