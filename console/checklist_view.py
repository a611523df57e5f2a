"""What the dialogue remembers, as the officer sees it beside the conversation."""

from __future__ import annotations

from typing import Any

from bot.dialogue import noted
from bot.dialogue import state as memory
from bot.knowledge import checklist as checklists
from bot.knowledge.library import Knowledge
from console.summary import Summary


def named(stored: dict[str, Any]) -> str:
    """What the citizen named in their messages, in one line."""
    return noted.line(memory.load(stored).noted)


def summarise(stored: dict[str, Any], knowledge: Knowledge) -> Summary | None:
    """Read the dialogue's stored state; None when no checklist was begun."""
    walk = memory.load(stored).walk
    if walk is None or walk.procedure not in knowledge.procedures:
        return None
    procedure = knowledge.procedure(walk.procedure)
    answers = []
    for question_id, option_id in walk.answers.items():
        question = procedure.checklist.question(question_id)
        option = question.option(option_id) if question else None
        if question is not None and option is not None:
            answers.append((question.ask, option.label))
    outcome = checklists.outcome(procedure, knowledge, walk.answers)
    papers = tuple(
        (used.paper.name, used.use.paper in walk.have) for used in outcome.papers if used.certain
    )
    return Summary(procedure.name, tuple(answers), papers)
