"""Difficult cases of facts/procedures.md, as a citizen types them, read by the real model and
answered by the real dialogue: the right papers stand in the first answer, the wrong do not."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from bot.understanding.client import NluClient
from bot.understanding.facade import Understander
from tests.dialogue.driver import Talk, shipped

pytestmark = pytest.mark.nlu


@dataclass(frozen=True)
class Hard:
    """What is asked, of which procedure the answer is, and what it names and does not name."""

    asked: str
    procedure: str
    papers: tuple[str, ...] = ()
    not_papers: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    officer: bool = False
    phrases: tuple[str, ...] = field(default=())


CASES: list[Hard] = []


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.asked[:40])
async def test_the_right_papers_are_named(client: NluClient, case: Hard) -> None:
    meant = await Understander(client).understand(case.asked)
    talk = Talk("zalo", understand=lambda _text: meant)
    said = talk.say(case.asked)
    procedure = shipped().procedure(case.procedure)
    for paper in case.papers:
        assert shipped().paper(procedure, paper).name in said, paper
    for paper in case.not_papers:
        assert shipped().paper(procedure, paper).name not in said, paper
    for fact in case.facts:
        assert shipped().fact(procedure, fact).long.split("{")[0] in said, fact
    for phrase in case.phrases:
        assert phrase in said
    assert bool(talk.reasons) == case.officer
