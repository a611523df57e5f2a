"""Rules about how reminders of dossiers come out, in every commune."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, time
from typing import Final

from bot import segments
from bot.clock import LOCAL
from bot.knowledge.check_texts import View
from bot.knowledge.document import Document
from bot.knowledge.errors import ContentFault, PhraseError
from bot.reminders.rules import KINDS
from bot.reminders.wording import Subject, said

CODE: Final = "000.00.00.H00-261231-0001"
"""As long as codes of dossiers usually are."""
_HOUR: Final = time(10, 30)


def reminder_text_faults(document: Document, days: Sequence[View]) -> Iterator[ContentFault]:
    """Reminders that are more than one SMS there."""
    for view in {view.commune.id: view for view in days}.values():
        if view.knowledge.reminders is None:
            continue
        at = datetime.combine(view.day, _HOUR, LOCAL)
        for kind in KINDS:
            if kind == "rieng":
                continue  # an officer is shown what it costs
            subject = Subject(CODE, None, view.day, at)
            try:
                sms = said(kind, subject, view.knowledge, view.commune).sms
            except PhraseError:
                yield document.fault(f"thiếu câu hs_{kind} hoặc viec_{kind}, hs_place")
                continue
            if segments.count(sms).parts > 1:
                reason = f"lời nhắc ở {view.commune.name} dài {len(sms)} ký tự, quá một tin SMS"
                yield document.fault(reason, f"hs_{kind}", "short")
