"""Answers one aspect of a procedure from ``faq/``."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import cast, get_args

from actions import hand_over, remarks
from actions.phrasing import day_short, label, lower_first, phrase, upper_first
from bot.dialogue import payloads
from bot.dialogue.acts import AnswerAspect, HandOver
from bot.dialogue.outcome import Done, Env
from bot.dialogue.walk import given_over
from bot.knowledge import checklist as checklists
from bot.knowledge.checklist import Outcome, UsedPaper
from bot.knowledge.model import AnswerAspect as Aspect
from bot.knowledge.model import Procedure, Variant
from bot.knowledge.render import (
    Rendered,
    lapsed,
    render_answer,
    render_fact,
    render_outcome,
    render_paper,
)
from bot.messages import Choice, Reply

CASE_SMS = 230
"""Beside so many characters there is room in two parts for what the bot adds."""
OPENED = frozenset({"ho_so", "cach_lam"})
"""Aspects whose answer begins with the procedure's opening words (condolence)."""
FOLLOW_ON = ("le_phi", "thoi_gian", "noi_nop", "truc_tuyen")
"""Offered after an answer, as far as there is room."""


def perform(act: AnswerAspect, env: Env) -> Done:
    """The answer; an officer's when ``faq/`` has none that may be told today."""
    procedure = env.knowledge.procedure(act.procedure)
    if act.aspect == "ho_so":
        return papers(act, env, procedure)
    if act.aspect not in get_args(Aspect):
        return hand_over.perform(HandOver(f"Hỏi {procedure.name}: {act.aspect}"), env)
    aspect, case = cast("Aspect", act.aspect), dict(act.case)
    rendered = render_answer(env.knowledge, procedure, aspect, env.commune, case)
    if rendered is None:
        return hand_over.perform(_lapsed(env, procedure, aspect, case), env)
    long, short_lead = rendered.long, ""
    if case and aspect in checklists.variant_of(procedure, case).answers:
        told = told_case(procedure, case)
        long = f"{env.knowledge.phrase('answer_case_lead', case=told)}\n{long}"
        if len(told) + len(rendered.short) <= CASE_SMS:
            lead = env.knowledge.phrase("answer_case_lead", short=True, case=told)
            short_lead = f"{lead} "
    return Done((_reply(env, procedure, act, long, rendered, short_lead),))


def _lapsed(env: Env, procedure: Procedure, aspect: Aspect, case: dict[str, str]) -> HandOver:
    """The officer is told what may not be said any more, and why; the citizen what is known."""
    asked = env.knowledge.phrase(f"ask_{aspect}", procedure=procedure.said)
    reason = f"{checklists.LAPSED}: {asked}"
    answer = checklists.answer_of(procedure, aspect, case)
    for fact in lapsed(env.knowledge, procedure, answer) if answer else ():
        missing = env.knowledge.why_missing(procedure, fact)
        reason += f" ({fact}: {missing.why})" if missing else ""
        break
    return HandOver(reason, procedure.id, procedure.meanwhile)


def papers(act: AnswerAspect, env: Env, procedure: Procedure) -> Done:
    """Which papers: for the case that the question told, else for all cases, briefly."""
    case = dict(act.case)
    outcome = checklists.outcome(procedure, env.knowledge, case)
    rule = outcome.handover or (checklists.officers_anyway(procedure, case) if case else None)
    if rule is not None:
        return hand_over.perform(given_over(act.procedure, rule, outcome), env)
    told = checklists.worth_taking(procedure.checklist, case)
    brings_nothing = not any(used.certain for used in outcome.papers)
    if told and act.asked is not None and (act.asked == "dieu_kien" or brings_nothing):
        # "Khi nào bị xoá thường trú?" has an answer of its own; "làm thế nào" has one where there
        # is nothing to bring.
        own = outcome.variant.answers.get(cast("Aspect", act.asked))
        if own is not None:
            return perform(replace(act, aspect=act.asked, asked=None), env)
    matters = _bearing_on(procedure, told)
    if told and any(_concerns(used, matters) for used in outcome.papers):
        return Done((_for_case(act, env, procedure, outcome, told),))
    if told:
        return Done((_for_all_of(act, env, procedure, outcome, told),))
    rendered = render_outcome(outcome, env.knowledge, env.commune)
    long = _overview(env, procedure, outcome)
    return Done((_reply(env, procedure, act, long, rendered, f"{upper_first(procedure.short)}: "),))


def _for_case(
    act: AnswerAspect, env: Env, procedure: Procedure, outcome: Outcome, told: dict[str, str]
) -> Reply:
    """Papers on which what was told has no bearing would only bury the answer."""
    matters = _bearing_on(procedure, told)
    usual, always = checklists.usual_papers(procedure, told)
    near = tuple(
        u._replace(certain=u.certain or u.use.paper in always)
        for u in outcome.papers
        if u.certain
        or u.use.paper in usual
        or (_concerns(u, matters) and not _contradicted(u, told))
    )
    rest = len(near) < len(outcome.papers)
    rendered = render_outcome(replace(outcome, papers=near), env.knowledge, env.commune)
    long = f"{_case_lead(env, procedure, told)}\n{rendered.long}"
    if rest:
        long = f"{long}\n{env.knowledge.phrase('papers_maybe_more')}"
    return _reply(env, procedure, act, long, rendered, _case_short(env, procedure, told, rendered))


def _for_all_of(
    act: AnswerAspect, env: Env, procedure: Procedure, outcome: Outcome, told: dict[str, str]
) -> Reply:
    """What was told (in time, or late) changes no paper: all of them, and what it means."""
    notes = checklists.told_notes(procedure, env.knowledge, told)
    with_notes = replace(outcome, sms_notes=(*outcome.sms_notes, *notes))
    rendered = render_outcome(with_notes, env.knowledge, env.commune)
    means = [render_fact(note, env.knowledge, env.commune, short=False) for note in notes]
    lead = "\n".join([*means, _case_lead(env, procedure, told)])
    long = _overview(env, procedure, outcome, lead)
    return _reply(env, procedure, act, long, rendered, _case_short(env, procedure, told, rendered))


def _case_lead(env: Env, procedure: Procedure, told: dict[str, str]) -> str:
    name, case = lower_first(procedure.name), told_case(procedure, told)
    return env.knowledge.phrase("papers_case_lead", procedure=name, case=case)


def _case_short(env: Env, procedure: Procedure, told: dict[str, str], papers: Rendered) -> str:
    """By SMS the case is repeated only where there is room for it."""
    name = upper_first(procedure.short)
    case = told_case(procedure, told)
    lead = env.knowledge.phrase("papers_case_lead", short=True, procedure=name, case=case)
    return f"{lead} " if len(lead) + len(papers.short) <= CASE_SMS else f"{name}: "


def _bearing_on(procedure: Procedure, told: dict[str, str]) -> set[str]:
    """The questions that were answered, and those that are asked because of it, and so on."""
    follow = set(told)
    for question in procedure.checklist.questions:  # later ones depend on earlier ones only
        if any(named in follow for condition in question.when for named in condition):
            follow.add(question.id)
    return follow


def _concerns(used: UsedPaper, questions: set[str]) -> bool:
    return any(named in questions for condition in used.use.when for named in condition)


def _contradicted(used: UsedPaper, told: dict[str, str]) -> bool:
    """Whether what was told speaks against the paper wherever it speaks of it at all."""
    spoken = [
        told[question] in options
        for condition in used.use.when
        for question, options in condition.items()
        if question in told
    ]
    return bool(spoken) and not any(spoken)


def _overview(env: Env, procedure: Procedure, outcome: Outcome, lead: str = "") -> str:
    """What everybody brings, in full; what some bring, only its name and for whom."""
    lead = lead or phrase(env, "papers_lead", procedure=lower_first(procedure.name)).long
    always = [f"- {render_paper(used, short=False)}" for used in outcome.papers if used.certain]
    some: dict[str, list[str]] = {}
    for used in outcome.papers:
        if not used.certain:
            some.setdefault(used.use.case or "", []).append(used.paper.name)
    maybe = [f"- {case[:1].upper()}{case[1:]}: {'; '.join(n)}." for case, n in some.items()]
    parts = [f"{lead}\n" + "\n".join(always)] if always else []
    if maybe:
        heading = env.knowledge.phrase("papers_some" if always else "papers_only_some")
        parts.append(f"{heading}\n" + "\n".join(maybe))
    return "\n".join([*parts, env.knowledge.phrase("papers_walk")])


_SPOKEN_FIRST = re.compile(r"^(có|rồi|chưa|không), (nhưng )?", re.IGNORECASE)
"""An option may answer its question first ("Rồi, từng ở nhiều nơi"); in a sentence it does not."""


def told_case(procedure: Procedure, case: dict[str, str]) -> str:
    """Answers in the words of their options, as they read in a sentence."""
    labels = []
    for question_id, option_id in case.items():
        question = procedure.checklist.question(question_id)
        option = question.option(option_id) if question else None
        if option is not None:
            labels.append(lower_first(_SPOKEN_FIRST.sub("", option.label)))
    return "; ".join(labels)


def _reply(
    env: Env,
    procedure: Procedure,
    act: AnswerAspect,
    long: str,
    rendered: Rendered,
    short_lead: str = "",
) -> Reply:
    before = remarks.of(act, env, procedure)
    parts = [*before.long, long]
    if procedure.opening and act.aspect in OPENED and not OPENED.intersection(act.before):
        parts.insert(0, procedure.opening)
    if rendered.confirm:
        parts.append(env.knowledge.phrase("to_confirm"))
    if not act.more:
        parts.append(stamp(env, procedure, checklists.variant_of(procedure, dict(act.case))))
    short = " ".join([*before.short, short_lead + rendered.short])
    return Reply("\n\n".join(parts), short, _choices(env, act))


def stamp(env: Env, procedure: Procedure, variant: Variant) -> str:
    """Procedure code, where it has one, and the day on which the content was last checked."""
    told = [fact for versions in procedure.facts.values() for fact in versions]
    checked = day_short(min((fact.checked_on for fact in told), default=env.today))
    if variant.code is None:
        return env.knowledge.phrase("stamp_no_code", checked=checked)
    return env.knowledge.phrase("stamp", code=variant.code, checked=checked)


def _choices(env: Env, act: AnswerAspect) -> tuple[Choice, ...]:
    told = [f"{question}-{option}" for question, option in act.case]
    first = label(env, "choice_walk", payloads.tap(payloads.WALK, act.procedure, *told))
    if env.channel == "sms":
        return (first,)
    others = [
        label(env, f"aspect_{a}", payloads.tap(payloads.ASK, act.procedure, a))
        for a in FOLLOW_ON
        if a not in (act.aspect, *act.before)
    ]
    return (first, *others[:3])
