"""Labelled questions, one JSON object a line; ``nlu_data/LABELS.md`` says how to label.

Needed are ``text``, ``procedure`` and ``aspect``. ``alt_procedures`` and ``alt_aspects``
are further labels that a fair grader accepts; ``kind`` says how the question is written,
``parent`` names the question that it is a variant of, ``second`` is the second question
of a message with two. Fields not named here do not matter.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot.understanding.types import ASPECTS, NONE, PROCEDURES

KIND: Final = "question"
"""The kind of a row that names none."""


class RowError(ValueError):
    """A file of questions is not usable; one line for a person, with file and line."""


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled question."""

    id: str
    text: str
    procedure: str
    aspect: str
    alt_procedures: tuple[str, ...] = ()
    alt_aspects: tuple[str, ...] = ()
    kind: str = KIND
    parent: str | None = None
    second: tuple[str, str] | None = None
    """Procedure and aspect of a second question in the same message."""
    file: str = ""
    """Where it stands; ids are unique within a file."""

    @property
    def procedures(self) -> tuple[str, ...]:
        """The accepted procedures, the strict one first."""
        return (self.procedure, *self.alt_procedures)

    @property
    def aspects(self) -> tuple[str, ...]:
        """The accepted aspects, the strict one first."""
        return (self.aspect, *self.alt_aspects)

    @property
    def in_scope(self) -> bool:
        """Whether it is surely about a procedure of ours, so that it can be answered."""
        return NONE not in self.procedures


def read_rows(path: Path) -> list[Row]:
    """The questions of ``path``.

    Raises:
        RowError: the file cannot be read, is empty, or has a bad line.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise RowError(f"không đọc được {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise RowError(f"{path.name}: không phải tệp chữ UTF-8") from None
    return parse_rows(text.split("\n"), path.name)


def parse_rows(lines: Iterable[str], file: str) -> list[Row]:
    """The questions of ``lines``; blank lines do not count.

    Raises:
        RowError: a bad line, an id that stands twice, or no question at all.
    """
    rows: dict[str, Row] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = _row(line, file, number)
            if row.id in rows:
                raise RowError(f"id {row.id!r} đã có ở trên")
        except RowError as error:
            raise RowError(f"{file}:{number}: {error}") from None
        rows[row.id] = row
    if not rows:
        raise RowError(f"{file}: không có câu nào")
    return list(rows.values())


def _row(line: str, file: str, number: int) -> Row:
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        raise RowError("không phải JSON") from None
    if not isinstance(data, dict):
        raise RowError("mỗi dòng phải là một đối tượng JSON {...}")
    text = _words(data, "text")
    if not text.strip():
        raise RowError('"text" trống')
    second, parent = data.get("second"), data.get("parent")
    return Row(
        id=_name(data.get("id"), f"{file}:{number}"),
        text=text,
        procedure=_label(data, "procedure", PROCEDURES),
        aspect=_label(data, "aspect", ASPECTS),
        alt_procedures=_labels(data, "alt_procedures", PROCEDURES),
        alt_aspects=_labels(data, "alt_aspects", ASPECTS),
        kind=_name(data.get("kind"), KIND),
        parent=None if parent is None else _name(parent, ""),
        second=None if second is None else _pair(second),
        file=file,
    )


def _name(value: Any, default: str) -> str:
    return default if value is None or value == "" else str(value)


def _words(data: dict[str, Any], field: str) -> str:
    value = data.get(field)
    if not isinstance(value, str):
        raise RowError(f'thiếu "{field}"' if value is None else f'"{field}" phải là chữ')
    return value


def _label(data: dict[str, Any], field: str, known: tuple[str, ...]) -> str:
    return _known(_words(data, field), field, known)


def _labels(data: dict[str, Any], field: str, known: tuple[str, ...]) -> tuple[str, ...]:
    values = data.get(field) or []
    if not isinstance(values, list):
        raise RowError(f'"{field}" phải là danh sách nhãn')
    return tuple(_known(value, field, known) for value in values)


def _known(value: Any, field: str, known: tuple[str, ...]) -> str:
    if not isinstance(value, str) or value not in known:
        raise RowError(f'"{field}" có nhãn lạ {value!r}; các nhãn: {", ".join(known)}')
    return value


def _pair(second: Any) -> tuple[str, str]:
    if not isinstance(second, dict):
        raise RowError('"second" phải có "procedure" và "aspect"')
    return _label(second, "procedure", PROCEDURES), _label(second, "aspect", ASPECTS)
