"""What a citizen's answers settle while some questions are still open.

Three values: true, false, and none for "not known yet". A question that is not asked in
this case settles every condition on it as false, whatever was once answered to it. Who
answers a question before it is known whether it will be asked ("không có giấy chứng sinh")
has told that it concerns them: it counts as asked until something rules it out, and where
it is asked in one case only, that case is told with it.
"""

from __future__ import annotations

from collections.abc import Mapping

from bot.knowledge.model import Checklist, Condition, When

Answers = Mapping[str, str]
"""Question id -> option id."""


class Case:
    """A checklist seen with the answers given so far.

    Questions may depend on earlier ones only (``check`` sees to it), so that one pass in
    order settles which of them are asked.
    """

    def __init__(self, checklist: Checklist, answers: Answers) -> None:
        self._asked: dict[str, bool | None] = {}
        self._answers: dict[str, str] = {}
        answers = _with_implied(checklist, answers)
        for question in checklist.questions:
            asked = self.holds(question.when)
            self._asked[question.id] = asked
            answer = answers.get(question.id)
            if asked is not False and answer is not None and question.option(answer):
                self._answers[question.id] = answer
                self._asked[question.id] = True

    def asked(self, question_id: str) -> bool | None:
        """Whether this case asks that question; none while earlier answers are open."""
        return self._asked.get(question_id)

    @property
    def answers(self) -> dict[str, str]:
        """The answers that count: to questions that this case asks or may yet ask."""
        return dict(self._answers)

    def holds(self, when: When) -> bool | None:
        """Whether any of the alternatives holds; no alternatives at all: always."""
        if not when:
            return True
        settled: bool | None = False
        for condition in when:
            holds = self._condition(condition)
            if holds:
                return True
            settled = None if holds is None else settled
        return settled

    def _condition(self, condition: Condition) -> bool | None:
        """Whether all questions are answered so; an answer counts as asked for."""
        settled: bool | None = True
        for question, options in condition.items():
            answer = self._answers.get(question)
            if answer is not None:
                if answer not in options:
                    return False
            elif self._asked.get(question) is False:
                return False
            else:
                settled = None
        return settled


def _with_implied(checklist: Checklist, answers: Answers) -> dict[str, str]:
    """``answers`` with what they take for granted: a rented home, that somebody moves in."""
    given = dict(answers)
    reached: set[str] = set()
    for question in reversed(checklist.questions):
        option = given.get(question.id)
        told = option is not None and question.option(option) is not None
        if not (told or question.id in reached) or len(question.when) != 1:
            continue
        for earlier, options in question.when[0].items():
            reached.add(earlier)
            if len(options) == 1:
                given.setdefault(earlier, options[0])
    return given
