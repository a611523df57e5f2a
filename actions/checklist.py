"""Walks a citizen through the papers of their own case."""

from __future__ import annotations

from actions import answer, hand_over, remarks
from actions.phrasing import day, label, lower_first, phrase, upper_first
from bot.dialogue import payloads
from bot.dialogue.acts import AskQuestion, ShowResult, ShowTicks
from bot.dialogue.outcome import Done, Env
from bot.dialogue.walk import given_over
from bot.knowledge import checklist as checklists
from bot.knowledge.checklist import Outcome
from bot.knowledge.model import AnswerAspect, Procedure, Variant
from bot.knowledge.render import (
    Rendered,
    render_answer,
    render_fact,
    render_hours,
    render_outcome,
)
from bot.knowledge.workdays import Calendar
from bot.messages import CAPABILITIES, Choice, Reply

SAME_DAY = "after_15h"
"""The fact whose value is the hour after which a dossier counts for the next day."""
HEADED: tuple[tuple[AnswerAspect, str], ...] = (
    ("le_phi", "heading_fee"),
    ("thoi_gian", "heading_time"),
)
GIST = 2
"""How many facts of the fee and of the time stand beside the papers."""


def ask(act: AskQuestion, env: Env) -> Done:
    """One question with its options to tap (or digits, by SMS)."""
    procedure = env.knowledge.procedure(act.procedure)
    question = procedure.checklist.question(act.question)
    assert question is not None
    choices = [
        Choice(o.label, payloads.tap(payloads.REPLY, procedure.id, question.id, o.id), "", o.short)
        for o in question.options
    ]
    long, short = question.ask, question.short
    if question.why:
        long = f"{long}\n({question.why})"
    name = lower_first(procedure.name)
    told = checklists.worth_taking(procedure.checklist, dict(act.known))
    if told:
        known = answer.told_case(procedure, told)
        lead = phrase(env, "walk_known", procedure=name, case=known)
        long, short = f"{lead.long}\n{long}", f"{lead.short} {short}"
    elif act.resumed:
        lead = phrase(env, "walk_again", procedure=name)
        long, short = f"{lead.long}\n{long}", f"{lead.short} {short}"
    elif procedure.opening_short and not act.can_go_back:
        short = f"{procedure.opening_short} {short}"
    if act.can_go_back:
        back = label(env, "choice_back", payloads.tap(payloads.BACK))
        if env.channel == "sms":
            short = f"{short} ({back.short})"
        elif len(choices) < CAPABILITIES[env.channel].max_choices:
            choices.append(back)
        else:
            long = f"{long}\n{env.knowledge.phrase('back_in_words')}"
    return Done((Reply(long, short, tuple(choices)),))


def result(act: ShowResult, env: Env) -> Done:
    """The papers of this case, then fee, time, place and hours, then what is next."""
    procedure = env.knowledge.procedure(act.procedure)
    outcome = checklists.outcome(procedure, env.knowledge, dict(act.answers))
    if outcome.handover is not None:
        return hand_over.perform(given_over(act.procedure, outcome.handover, outcome), env)
    rendered = render_outcome(outcome, env.knowledge, env.commune)
    if not outcome.papers:
        return Done((_no_papers(env, procedure, outcome, rendered),))
    lead = phrase(env, "result_lead", said=procedure.said, procedure=procedure.short)
    told = set(rendered.long.split("\n"))
    about, confirm = _about(env, procedure, outcome, dict(act.answers), told)
    left = remarks.of_deadline(env, procedure, act.since)
    parts = [f"{lead.long}\n{rendered.long}", *left.long, *about]
    if rendered.confirm or confirm:
        parts.append(env.knowledge.phrase("to_confirm"))
    parts += [answer.stamp(env, procedure, outcome.variant), phrase(env, "result_tick").long]
    place = _place(env, procedure, outcome)
    short = " ".join(
        [
            f"{upper_first(procedure.short)}: {rendered.short}",
            place.short,
            phrase(env, "result_tick").short,
        ]
    )
    papers = tuple(payloads.tap(payloads.TICK, used.use.paper) for used in outcome.papers)
    return Done((Reply("\n\n".join(parts), short, _next(env), papers),))


def _no_papers(env: Env, procedure: Procedure, outcome: Outcome, rendered: Rendered) -> Reply:
    """Nothing has to be brought in this case: what to do, or why nothing is needed."""
    lead = phrase(env, "result_no_papers")
    parts = [f"{lead.long}\n{rendered.long}"]
    if rendered.confirm:
        parts.append(env.knowledge.phrase("to_confirm"))
    parts.append(answer.stamp(env, procedure, outcome.variant))
    choices = (
        label(env, "choice_back_answers", payloads.tap(payloads.BACK)),
        label(env, "choice_menu", payloads.tap(payloads.MENU)),
        label(env, "choice_person", payloads.tap(payloads.PERSON)),
    )
    short = f"{upper_first(procedure.short)}: {rendered.short}"
    return Reply("\n\n".join(parts), short, choices)


def _about(
    env: Env, procedure: Procedure, outcome: Outcome, case: dict[str, str], told: set[str]
) -> tuple[list[str], bool]:
    """Fee, time, what one gets and where, of this case, less what is ``told`` already; whether
    an officer has yet to confirm some of it."""
    found: list[str] = []
    confirm = False
    variant = outcome.variant
    first, result = (
        env.knowledge.find_fact(procedure, name) if name else None
        for name in (variant.takes, variant.result)
    )
    for aspect, heading in HEADED:
        rendered = render_answer(env.knowledge, procedure, aspect, env.commune, case)
        if rendered is not None:
            # The first facts are the ones for everybody; the rest is a tap away.
            lines = rendered.long.split("\n")
            if aspect == "thoi_gian" and first is not None:
                lines = [render_fact(first, env.knowledge, env.commune, short=False), *lines]
            lines = [line for line in dict.fromkeys(lines) if line not in told]
            gist = " ".join(lines[:GIST])
            if not gist:
                continue
            found.append(f"{env.knowledge.phrase(heading)} {gist}")
            confirm = confirm or bool(rendered.confirm)
    found += filter(None, [_ready(env, procedure, variant)])
    if result is not None:
        found.append(render_fact(result, env.knowledge, env.commune, short=False))
    found.append(_place(env, procedure, outcome).long)
    confirm = confirm or any(fact is not None and fact.confirm for fact in (first, result))
    return found, confirm


def _ready(env: Env, procedure: Procedure, variant: Variant) -> str:
    """By when there is a result, if all papers are handed in now."""
    takes = env.knowledge.find_fact(procedure, variant.takes) if variant.takes else None
    if takes is None or not isinstance(takes.value, int):
        return ""
    calendar = Calendar(env.knowledge.holidays)
    received = calendar.received(env.now, last_hour(env))
    ready = calendar.after(received, takes.value)
    return env.knowledge.phrase("result_ready", received=day(received), ready=day(ready))


def last_hour(env: Env) -> int:
    """The hour after which a dossier counts for the next working day; 24 when that is not law
    today."""
    fact = env.knowledge.find_fact(None, SAME_DAY)
    return int(fact.value or 24) if fact is not None else 24


def _place(env: Env, procedure: Procedure, outcome: Outcome) -> Reply:
    desk = env.commune.desk(outcome.variant.desk or procedure.desk)
    long = phrase(env, "result_place", (), desk, hours=render_hours(desk, short=False)).long
    short = phrase(env, "result_place", (), desk, hours=render_hours(desk, short=True)).short
    return Reply(long, short)


def _next(env: Env) -> tuple[Choice, ...]:
    if env.channel == "sms":
        return ()  # digits tick papers off; the words DU and NHAC are told in the text
    return (
        label(env, "choice_all_there", payloads.tap(payloads.TICK_ALL)),
        *_remind(env),
        label(env, "choice_back_answers", payloads.tap(payloads.BACK)),
        label(env, "choice_person", payloads.tap(payloads.PERSON)),
    )


def ticks(act: ShowTicks, env: Env) -> Done:
    """What is there, what is missing and where to get it."""
    procedure = env.knowledge.procedure(act.procedure)
    outcome = checklists.outcome(procedure, env.knowledge, dict(act.answers))
    if outcome.handover is not None:  # the law changed since they were shown
        return hand_over.perform(given_over(act.procedure, outcome.handover, outcome), env)
    if not outcome.papers:
        rendered = render_outcome(outcome, env.knowledge, env.commune)
        return Done((_no_papers(env, procedure, outcome, rendered),))
    payload = tuple(payloads.tap(payloads.TICK, used.use.paper) for used in outcome.papers)
    missing = [u for u in outcome.papers if u.use.paper not in act.have]
    if not missing:
        return Done((_all_there(env, procedure, outcome, payload),))
    lines = [
        f"{n}. {'✔' if u.use.paper in act.have else '☐'} {u.paper.name}"
        + ("" if u.use.paper in act.have else f" – {u.paper.where}")
        for n, u in enumerate(outcome.papers, 1)
    ]
    long = phrase(env, "ticks", papers="\n".join(lines), have="").long
    numbered = list(enumerate(outcome.papers, 1))
    had = ", ".join(str(n) for n, u in numbered if u.use.paper in act.have)
    lacking = "; ".join(f"{n}) {u.paper.short}" for n, u in numbered if u in missing)
    short = phrase(env, "ticks", papers=lacking, have=had or "chưa giấy nào").short
    return Done((Reply(long, short, _next(env), payload),))


def _all_there(env: Env, procedure: Procedure, outcome: Outcome, papers: tuple[str, ...]) -> Reply:
    """When and where to go with all of them; come early enough for the same day."""
    desk = env.commune.desk(outcome.variant.desk or procedure.desk)
    early = env.knowledge.find_fact(None, SAME_DAY) is not None
    name = "ticks_done" if early else "ticks_done_any_time"
    said = [
        phrase(env, name, (), desk, hours=render_hours(desk, short), before=last_hour(env))
        for short in (False, True)
    ]
    return Reply(said[0].long, said[1].short, _remind_or_person(env), papers)


def _remind_or_person(env: Env) -> tuple[Choice, ...]:
    return (
        *_remind(env),
        label(env, "choice_menu", payloads.tap(payloads.MENU)),
    )


def _remind(env: Env) -> tuple[Choice, ...]:
    """Offered only where there is a gateway to send reminders by."""
    if not env.can_remind:
        return ()
    return (label(env, "choice_remind", payloads.tap(payloads.REMIND)),)
