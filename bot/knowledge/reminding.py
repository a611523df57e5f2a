"""What the law says of a dossier's dates, and whether the rules of reminders fit the content.

The numbers themselves stand in the facts of ``faq/procedures``: how many days a deadline is,
how many months a paper holds.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from bot.knowledge.document import Document
from bot.knowledge.dossier_words import DossierWords, Spellings
from bot.knowledge.errors import ContentFault
from bot.knowledge.library import Knowledge
from bot.knowledge.model import FactVersions, Procedure
from bot.knowledge.references import Place
from bot.reminders.rules import ReminderRules
from bot.text import key

MONTHS: Final = "tháng"
DAYS: Final = "ngày"


@dataclass(frozen=True, slots=True)
class LegalDeadline:
    """Until when the law wants it done, and how long before one is reminded."""

    last_day: date
    offsets: tuple[int, ...]


def deadline(
    knowledge: Knowledge, procedure_id: str | None, event_on: date | None
) -> LegalDeadline | None:
    """The legal deadline of a birth or death; None where there is none, or it is no law now."""
    procedure = knowledge.procedures.get(procedure_id or "")
    if procedure is None or event_on is None or not procedure.deadlines:
        return None
    found = procedure.deadlines[0]
    fact = knowledge.find_fact(procedure, found.fact)
    if fact is None or not isinstance(fact.value, int):
        return None
    offsets = tuple(-days for days in found.remind_days_before)
    return LegalDeadline(event_on + timedelta(days=fact.value), offsets)


def validity(knowledge: Knowledge, procedure_id: str | None, given_on: date) -> date | None:
    """The last day on which a paper of that procedure holds that was given out that day."""
    rules = knowledge.reminders
    name = rules.het_han.facts.get(procedure_id or "") if rules else None
    procedure = knowledge.procedures.get(procedure_id or "")
    fact = knowledge.find_fact(procedure, name) if procedure and name else None
    if fact is None or not isinstance(fact.value, int):
        return None
    if fact.unit == MONTHS:
        return months_after(given_on, fact.value)
    return given_on + timedelta(days=fact.value)


def months_after(day: date, months: int) -> date:
    """The same day some months later, or the last one of that month."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


# --- hotro content check ------------------------------------------------------------------


def reminder_faults(
    document: Document,
    rules: ReminderRules,
    procedures: Mapping[str, Procedure],
    common: Mapping[str, FactVersions],
) -> Iterator[ContentFault]:
    """Rules that count from nothing, and facts that do not tell how long a paper holds."""
    for kind, rule in rules.items():
        if not rule.offsets and rule.counted_from != "deadline":
            yield document.fault("offsets không được để trống", kind, "offsets")
        if not rule.states and kind != "rieng":
            yield document.fault("states không được để trống", kind, "states")
    for procedure_id, name in rules.het_han.facts.items():
        place = ("het_han", "facts", procedure_id)
        procedure = procedures.get(procedure_id)
        if procedure is None:
            yield document.fault(f"không có thủ tục “{procedure_id}”", *place)
            continue
        versions = procedure.facts.get(name) or common.get(name) or ()
        if not versions:
            yield document.fault(f"không có dữ kiện “{name}”", *place)
        elif any(not isinstance(v.value, int) or v.unit not in (MONTHS, DAYS) for v in versions):
            reason = f"dữ kiện “{name}” phải có value là số, unit là {MONTHS} hoặc {DAYS}"
            yield document.fault(reason, *place)


def word_faults(
    document: Document,
    place: Place,
    words: DossierWords,
    procedures: Mapping[str, Procedure],
) -> Iterator[ContentFault]:
    """Spellings that mean two things, and procedures that do not exist."""
    groups: dict[str, Iterable[tuple[str, Spellings]]] = {
        "columns": words.columns.items(),
        "states": words.states.items(),
        "procedures": words.procedures.items(),
    }
    for group, spellings in groups.items():
        seen: dict[str, str] = {}
        for name, several in spellings:
            for index, said in enumerate(several):
                other = seen.setdefault(key(said), name)
                if other != name:
                    reason = f"“{said}” đã có ở “{other}”"
                    yield document.fault(reason, *place, group, name, index)
    for name in words.procedures.keys() - procedures.keys():
        yield document.fault(f"không có thủ tục “{name}”", *place, "procedures", name)
    for index, said in enumerate(words.no):
        if key(said) in {key(yes) for yes in words.yes}:
            yield document.fault(f"“{said}” đã có ở “yes”", *place, "no", index)
