"""The figures of ``hotro evaluate`` as plain text, at most 120 columns wide. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice

from bot.understanding.evaluation.judged import Judged
from bot.understanding.evaluation.report import Accuracy, Figures, Report, Variants
from bot.understanding.evaluation.rows import Row
from bot.understanding.views import VIEWS

WIDTH = 120
_NAME = 20

LEGEND = (
    "việc, ý, cả hai: đúng thủ tục, đúng điều được hỏi, đúng cả hai. Nhãn đầu: chỉ nhãn thứ "
    "nhất; nhãn nhận: nhãn nào người chấm nhận cũng được.",
    "Trả lời ngay, kể nhãn nhận. phủ: bao nhiêu câu chắc chắn thuộc một thủ tục được trả lời "
    "ngay; sai: trả lời ngay mà sai thủ tục, trên mọi câu; /đáp: như vậy, trên các câu trả lời "
    "ngay; lạc ý: đúng thủ tục mà sai ý, trên mọi câu.",
    "Quyết định. đáp: trả lời ngay; hỏi: hỏi lại; chuyển: chuyển cán bộ; xã giao: chào hỏi, giờ "
    "làm việc, ngoài phạm vi.",
)

Column = tuple[str, int]
"""Heading and width; a heading ``|`` is a rule."""

_FIGURES: Sequence[Column] = (
    ("câu", 5),
    *(("|", 2), ("việc", 6), ("ý", 6), ("cả hai", 7)),
    *(("|", 2), ("việc", 6), ("ý", 6), ("cả hai", 7)),
    *(("|", 2), ("phủ", 6), ("sai", 5), ("/đáp", 6), ("lạc ý", 6)),
    *(("|", 2), ("đáp", 5), ("hỏi", 5), ("chuyển", 7), ("xã giao", 8)),
)
_GROUPS: Sequence[Column] = (
    ("", 5), ("|", 2), ("đúng nhãn đầu, %", 19), ("|", 2), ("đúng nhãn nhận, %", 19),
    ("|", 2), ("trả lời ngay, %", 23), ("|", 2), ("quyết định, câu", 25),
)  # fmt: skip
_VARIANTS: Sequence[Column] = (
    ("câu", 5),
    *(("|", 2), ("việc", 6), ("ý", 6), ("cả hai", 7)),
    *(("|", 2), ("việc", 6), ("ý", 6), ("cả hai", 7)),
    *(("|", 2), ("hiểu như nhau", 14)),
)
_VARIANT_GROUPS: Sequence[Column] = (
    ("", 5), ("|", 2), ("câu gốc, %", 19), ("|", 2), ("viết khác, %", 19), ("|", 2), ("%", 14)
)  # fmt: skip

COMPARED: Mapping[str, Callable[[Figures], float | None]] = {
    "đúng thủ tục, nhãn nhận": lambda figures: figures.lenient.procedure,
    "đúng cả hai, nhãn đầu": lambda figures: figures.strict.both,
    "đúng cả hai, nhãn nhận": lambda figures: figures.lenient.both,
    "độ phủ: trả lời ngay, trên các câu thuộc một thủ tục": lambda figures: figures.coverage,
    "trả lời ngay nhưng sai thủ tục, trên mọi câu": lambda figures: figures.wrong,
    "trả lời ngay nhưng sai thủ tục, trên các câu trả lời ngay": (
        lambda figures: figures.wrong_of_answered
    ),
}


def legend_lines() -> Iterator[str]:
    """What the columns mean."""
    for paragraph in LEGEND:
        yield from textwrap.wrap(paragraph, WIDTH)


def report_lines(report: Report) -> Iterator[str]:
    """Everything about one model."""
    yield _line("", _GROUPS, [title for title, _ in _GROUPS])
    yield from _section("Theo cách viết", {**report.by_kind, "tất cả": report.total})
    yield from _section("Theo thủ tục", report.by_procedure)
    yield from _section("Theo ý hỏi", report.by_aspect)
    total = report.total
    yield (
        f"Coi là xã giao nhưng sai: {_percent(total.wrong_smalltalk)} %. "
        f"Chuyển cán bộ khi không cần: {_percent(total.wrong_handover)} %."
    )
    if report.doubles is not None:
        doubles = report.doubles
        yield (
            f"Tin có hai câu hỏi ({doubles.n}): thấy câu thứ hai {_percent(doubles.second)} %, "
            f"đúng cả hai câu {_percent(doubles.both)} %."
        )
    yield from _variants(report)
    yield from _calibration(report)


def compared_lines(reports: Mapping[str, Report]) -> Iterator[str]:
    """Several models: a row each, a column for each kind."""
    kinds = list(next(iter(reports.values())).by_kind)
    columns = [("tất cả", 8), *((kind, max(len(kind) + 1, 6)) for kind in kinds)]
    for part in _fitting(columns):
        for title, figure in COMPARED.items():
            yield _line(title, (), ())
            yield _line("  %", part, [heading for heading, _ in part])
            for name, report in reports.items():
                groups = {"tất cả": report.total, **report.by_kind}
                cells = [_percent(figure(groups[heading])) for heading, _ in part]
                yield _line(f"  {name}", part, cells)
            yield ""
    yield "Cùng những câu có dấu ấy, bỏ dấu (đúng cả hai, nhãn nhận, %): "
    for name, report in reports.items():
        if report.folded is not None:
            before, after = report.folded.originals.both, report.folded.variants.both
            yield f"{'  ' + name:{_NAME}} {_percent(before):>5} -> {_percent(after):>5}"


def worst_lines(judged: Iterable[Judged], count: int) -> Iterator[str]:
    """The ``count`` most confident mistakes, with what was expected.

    A question and the views that were derived from it count once.
    """
    wrong = sorted(
        (one for one in judged if not one.right("both")),
        key=lambda one: -one.understood.confidence,  # stable: in the file's order
    )
    for one in islice(_once(wrong), count):
        row, got = one.row, one.understood
        expected = f"{'/'.join(row.procedures)}+{'/'.join(row.aspects)}"
        yield f"{_percent(got.confidence):>5} %  {got.procedure}+{got.aspect} ({got.decision})"
        yield from _wrapped(f"đúng ra: {expected}")
        yield from _wrapped(f"{row.kind} {row.id}: {' '.join(row.text.split())}")


def _once(judged: Iterable[Judged]) -> Iterator[Judged]:
    seen = set()
    for one in judged:
        if _origin(one.row) not in seen:
            yield one
        seen.add(_origin(one.row))


def _origin(row: Row) -> tuple[str, str | None]:
    return row.file, row.parent if row.kind in VIEWS else row.id


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, WIDTH, initial_indent=" " * 9, subsequent_indent=" " * 11)


def _section(title: str, groups: Mapping[str, Figures]) -> Iterator[str]:
    yield _line(title, _FIGURES, [heading for heading, _ in _FIGURES])
    for name, figures in groups.items():
        yield _line(name, _FIGURES, _cells(figures))
    yield ""


def _cells(figures: Figures) -> list[str]:
    decisions = figures.decisions
    return [
        str(figures.n),
        *("|", *_accuracy(figures.strict)),
        *("|", *_accuracy(figures.lenient)),
        *("|", _percent(figures.coverage), _percent(figures.wrong)),
        *(_percent(figures.wrong_of_answered), _percent(figures.wrong_aspect)),
        *("|", *(str(decisions[d]) for d in ("answer", "clarify", "handover", "smalltalk"))),
    ]


def _accuracy(accuracy: Accuracy) -> list[str]:
    return [_percent(share) for share in (accuracy.procedure, accuracy.aspect, accuracy.both)]


def _variants(report: Report) -> Iterator[str]:
    found = dict(report.variants)
    if report.folded is not None:
        found["mọi câu, bỏ dấu"] = report.folded
    if not found:
        return
    yield ""
    yield _line("So với câu gốc", _VARIANT_GROUPS, [title for title, _ in _VARIANT_GROUPS])
    yield _line("(nhãn nhận)", _VARIANTS, [heading for heading, _ in _VARIANTS])
    for name, variants in found.items():
        yield _line(name, _VARIANTS, _variant_cells(variants))


def _variant_cells(variants: Variants) -> list[str]:
    return [
        str(variants.n),
        *("|", *_accuracy(variants.originals)),
        *("|", *_accuracy(variants.variants)),
        *("|", _percent(variants.same)),
    ]


def _calibration(report: Report) -> Iterator[str]:
    columns = (("câu", 5), ("tin, %", 8), ("đúng cả hai, %", 16))
    yield ""
    yield f"Độ tin có đúng không: lệch trung bình (ECE) {_percent(report.calibration.error)} %"
    yield _line("độ tin", columns, [heading for heading, _ in columns])
    for band in report.calibration.bands:
        cells = [str(band.n), _percent(band.confidence), _percent(band.right)]
        yield _line(f"{band.low:.1f}-{band.high:.1f}", columns, cells)


def _fitting(columns: Sequence[Column]) -> Iterator[Sequence[Column]]:
    """As many columns at a time as the width holds."""
    part: list[Column] = []
    for column in columns:
        if part and _NAME + sum(width for _, width in part) + column[1] > WIDTH:
            yield part
            part = []
        part.append(column)
    yield part


def _line(name: str, columns: Sequence[Column], cells: Sequence[str]) -> str:
    cut = [cell[:width].rjust(width) for (_, width), cell in zip(columns, cells, strict=True)]
    return (name.ljust(_NAME) + "".join(cut)).rstrip()


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share * 100:.1f}"
