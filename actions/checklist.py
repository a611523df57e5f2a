"""Walks a citizen through the papers of their own case."""

from __future__ import annotations

from actions import answer, hand_over
from actions.phrasing import label, lower_first, phrase, upper_first
from bot.dialogue import payloads
from bot.dialogue.acts import AskQuestion, HandOver, ShowResult, ShowTicks
from bot.dialogue.outcome import Done, Env
from bot.knowledge import checklist as checklists
from bot.knowledge.model import Procedure
from bot.knowledge.render import Rendered, render_answer, render_hours, render_outcome
from bot.messages import Choice, Reply

SAME_DAY = "after_15h"
"""The fact whose value is the hour after which a dossier counts for the next day."""
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
        else:
            choices.append(back)
    return Done((Reply(long, short, tuple(choices)),))


def result(act: ShowResult, env: Env) -> Done:
    """The papers of this case, then fee, time, place and hours, then what is next."""
    procedure = env.knowledge.procedure(act.procedure)
    outcome = checklists.outcome(procedure, env.knowledge, dict(act.answers), env.today)
    if outcome.handover is not None:
        rule = outcome.handover
        return hand_over.perform(HandOver(rule.reason, act.procedure, rule.fact), env)
    rendered = render_outcome(outcome, env.knowledge, env.commune)
    lead = phrase(env, "result_lead", procedure=lower_first(procedure.name))
    parts = [f"{lead.long}\n{rendered.long}", *_about(env, procedure)]
    if rendered.confirm:
        parts.append(env.knowledge.phrase("to_confirm"))
    parts += [answer.stamp(env, procedure), phrase(env, "result_tick").long]
    short = " ".join(
        [
            f"{upper_first(procedure.short)}: {rendered.short}",
            *_about_short(env),
            phrase(env, "result_tick").short,
        ]
    )
    papers = tuple(payloads.tap(payloads.TICK, used.use.paper) for used in outcome.papers)
    return Done((Reply("\n\n".join(parts), short, _next(env), papers),))


def _about(env: Env, procedure: Procedure) -> list[str]:
    found: list[str] = []
    for aspect, heading in (("le_phi", "heading_fee"), ("thoi_gian", "heading_time")):
        rendered: Rendered | None = render_answer(
            env.knowledge,
            procedure,
            aspect,  # type: ignore[arg-type]
            env.commune,
            env.today,
        )
        if rendered is not None:
            # The first facts are the ones for everybody; the rest is a tap away.
            gist = " ".join(rendered.long.split("\n")[:GIST])
            found.append(f"{env.knowledge.phrase(heading)} {gist}")
    hours = render_hours(env.commune, short=False)
    found.append(phrase(env, "result_place", hours=hours).long)
    return found


def _about_short(env: Env) -> list[str]:
    return [phrase(env, "result_place", hours=render_hours(env.commune, short=True)).short]


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
    outcome = checklists.outcome(procedure, env.knowledge, dict(act.answers), env.today)
    payload = tuple(payloads.tap(payloads.TICK, used.use.paper) for used in outcome.papers)
    missing = [u for u in outcome.papers if u.use.paper not in act.have]
    if not missing:
        return Done((_all_there(env, payload),))
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


def _all_there(env: Env, papers: tuple[str, ...]) -> Reply:
    """When and where to go with all of them; come early enough for the same day."""
    before = env.knowledge.fact(None, SAME_DAY).value
    long = phrase(env, "ticks_done", hours=render_hours(env.commune, False), before=before).long
    short = phrase(env, "ticks_done", hours=render_hours(env.commune, True), before=before).short
    return Reply(long, short, _remind_or_person(env), papers)


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
