"""``hotro questions``: what was not understood gets its right label and becomes training."""

from __future__ import annotations

from pathlib import Path

from bot.clock import LOCAL
from bot.commands import nlu_file
from bot.core import Core, StartError, open_core
from bot.settings import Settings
from bot.store import questions
from bot.store.questions import QuestionView
from bot.understanding.types import CONTENT_ASPECTS, NONE, PROCEDURES, SMALLTALK_ASPECTS

FILE = "corrections.yml"
_HEADER = ("SỐ", "NGÀY", "CÂU HỎI", "MÁY ĐOÁN", "GỢI Ý")


def read_label(text: str) -> tuple[str, str]:
    """``khai_sinh+le_phi`` as (procedure, aspect).

    Raises:
        StartError: no such label; names the legal ones.
    """
    procedure, _, aspect = text.strip().partition("+")
    small = procedure == NONE and aspect in SMALLTALK_ASPECTS
    if procedure in PROCEDURES and (aspect in CONTENT_ASPECTS or small):
        return procedure, aspect
    raise StartError(
        f"không có nhãn {text!r}. Nhãn viết là việc+ý, ví dụ khai_sinh+le_phi.\n"
        f"Việc: {', '.join(PROCEDURES)}.\n"
        f"Ý: {', '.join(CONTENT_ASPECTS)}.\n"
        f"Không thuộc việc nào: {NONE}+ và các ý trên, hoặc {', '.join(SMALLTALK_ASPECTS)}."
    )


async def listing(
    settings: Settings, commune: str | None, state: questions.State, limit: int
) -> str:
    """A table, one line a question, the oldest first."""
    async with open_core(settings) as core, core.store.read() as session:
        rows = await questions.listing(session, commune, state, limit)
    if not rows:
        return "Không có câu nào."
    decided = state in {"labelled", "exported"}
    lines = ["\t".join((*_HEADER, "NHÃN") if decided else _HEADER)]
    lines += ["\t".join(_cells(row, decided)) for row in rows]
    return "\n".join(lines)


def _cells(row: QuestionView, decided: bool) -> list[str]:
    guess = f"{row.guess.procedure}+{row.guess.aspect} {row.guess.confidence:.0%}"
    day = f"{row.created_at.astimezone(LOCAL):%d/%m/%Y}"
    cells = [str(row.id), day, " ".join(row.text.split()), guess, _label(row.suggested)]
    return [*cells, _label(row.label)] if decided else cells


def _label(pair: tuple[str, str] | None) -> str:
    return "+".join(pair) if pair else "-"


async def label(settings: Settings, question_id: int, wanted: str, by: str) -> str:
    """Give a question its label.

    Raises:
        StartError: no such label or question, or it was exported already.
    """
    pair = read_label(wanted)
    async with open_core(settings) as core:
        await _give(core, question_id, pair, by)
    return f"Câu {question_id} nay có nhãn {_label(pair)}."


async def accept(settings: Settings, question_id: int, by: str) -> str:
    """Take what the citizen chose next as the label.

    Raises:
        StartError: no such question, no suggestion, or it was exported already.
    """
    async with open_core(settings) as core:
        async with core.store.read() as session:
            row = await questions.get(session, question_id)
        if row is None:
            raise StartError(f"không có câu số {question_id}")
        if row.suggested is None:
            raise StartError(
                f"câu {question_id} chưa có gợi ý: hotro questions label {question_id} việc+ý"
            )
        await _give(core, question_id, row.suggested, by)
    return f"Câu {question_id} nay có nhãn {_label(row.suggested)}."


async def _give(core: Core, question_id: int, pair: tuple[str, str], by: str) -> None:
    async with core.store.write() as session:
        if not await questions.label(session, question_id, *pair, by, core.clock.now()):
            raise _not_open(question_id)


async def skip(settings: Settings, question_id: int, by: str) -> str:
    """Leave a question out: it teaches nothing.

    Raises:
        StartError: no such question, or it was exported already.
    """
    async with open_core(settings) as core, core.store.write() as session:
        if not await questions.skip(session, question_id, by, core.clock.now()):
            raise _not_open(question_id)
    return f"Đã bỏ qua câu {question_id}."


def _not_open(question_id: int) -> StartError:
    return StartError(f"không có câu số {question_id}, hoặc câu ấy đã xuất ra {FILE} rồi")


async def export(settings: Settings, out: Path | None, again: bool = False) -> str:
    """Write the labelled questions into the Rasa project (or ``out``) and mark them exported.

    The file is written before the commit: killed in between, the next export finds its own
    utterances there and adds none twice.

    Args:
        again: also those that were exported before (for another or a lost file).

    Raises:
        StartError: the file cannot be read or written.
    """
    path = out or settings.nlu_dir / "data" / FILE
    async with open_core(settings) as core, core.store.write() as session:
        rows = await questions.to_export(
            session, ("labelled", "exported") if again else ("labelled",)
        )
        if not rows:
            return "Chưa có câu nào được gán nhãn. Xem: hotro questions list"
        try:
            added = nlu_file.add(path, [(_label(r.label), nlu_file.clean(r.text)) for r in rows])
        except nlu_file.NluFileError as error:
            raise StartError(str(error)) from error
        await questions.mark_exported(session, [row.id for row in rows])
    left = len(rows) - added
    there = f" ({left} câu đã có sẵn hoặc không còn chữ)" if left else ""
    return f"Đã thêm {added} câu vào {path}{there}.\nĐể trợ lý học các câu này: hotro train"
