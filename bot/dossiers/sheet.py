"""A file from the provincial one-stop system -> lines that can be used, and faults by line.

Pure: nothing is looked up. Such files come as comma, semicolon or tab separated text, as UTF-8
with or without its mark, or as UTF-16, often with a title above the line of column names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final, cast

from pydantic import BaseModel, ConfigDict, ValidationError, ValidationInfo, field_validator

from bot.dossiers import cells
from bot.dossiers.cells import CellFault
from bot.knowledge.dossier_words import COLUMNS, NEEDED, Column, DossierWords
from bot.knowledge.library import Knowledge
from bot.reminders.rules import STATES, State
from bot.store.dossiers import code_key
from bot.tables import DELIMITERS, TableError, decoded, records
from bot.text import clean, key

MAX_BYTES: Final = 5 * 2**20
MAX_LINES: Final = 20_000
LOOK_FOR_HEADER: Final = 20
"""Among so many lines at the top the column names are looked for."""
SHOWN: Final = 60
"""Characters of a faulty cell that are shown back."""

_COLUMN_NUMBER: Final = re.compile(r"\(?\d{0,2}\)?")


@dataclass(frozen=True, slots=True)
class LineFault:
    """One cell that cannot be used."""

    line: int
    """As an editor or a spreadsheet numbers it."""
    column: str
    """Its name in the file; "" when it is about the whole line."""
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """One dossier of the file: only what the file says of it."""

    line: int
    code: str
    state: State
    given: Mapping[str, Any]
    """Of :class:`bot.store.dossiers.Draft`, what stands there."""
    consent: bool | None
    foreign: str
    """The name of a procedure that we do not know; it is entered without one."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What could be read."""

    columns: Mapping[Column, str]
    """Column -> its name in the file."""
    ignored: tuple[str, ...]
    """Columns of the file that nothing is taken from."""
    lines: tuple[Line, ...]
    faults: tuple[LineFault, ...]

    @property
    def faulty(self) -> int:
        """How many lines have faults."""
        return len({fault.line for fault in self.faults})


# --- words -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reader:
    """What words of the file mean."""

    words: DossierWords
    names: Mapping[str, str]
    """Official name or code of a procedure, as a key -> its id."""
    own_states: Mapping[str, State] = field(default_factory=dict)
    """What we call a state ourselves, as a key -> the state: an export can be read again."""

    @staticmethod
    def of(knowledge: Knowledge) -> Reader:
        """With the names of the procedures that the content knows."""
        names: dict[str, str] = {}
        for procedure in knowledge.procedures.values():
            for variant in procedure.variants:
                names.setdefault(key(variant.name), procedure.id)
                if variant.code:
                    names.setdefault(key(variant.code), procedure.id)
        for procedure in knowledge.procedures.values():
            for said in (procedure.name, procedure.short, procedure.said, procedure.id):
                names.setdefault(key(said), procedure.id)
        states = {
            key(knowledge.phrase(f"state_{state}", short=short)): state
            for state in STATES
            for short in (True, False)
        }
        return Reader(knowledge.dossier_words, names, states)

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """Name of a column -> what it is about."""
        return {key(one): one for one in COLUMNS} | _by_spelling(self.words.columns)

    @cached_property
    def states(self) -> Mapping[str, State]:
        """Name of a state -> the state."""
        own = {key(one): one for one in STATES} | dict(self.own_states)
        return own | _by_spelling(self.words.states)

    @cached_property
    def procedures(self) -> Mapping[str, str]:
        """Name of a procedure -> its id."""
        return {**self.names, **_by_spelling(self.words.procedures)}

    @cached_property
    def answers(self) -> Mapping[str, bool]:
        """What stands in the column of consents."""
        return {key(said): True for said in self.words.yes} | {
            key(said): False for said in self.words.no
        }

    def procedure(self, said: str) -> str | None:
        """The procedure that is meant: by its name, its code, or both ("1.001193 - ...")."""
        if not said:
            return None
        whole = self.procedures.get(key(said))
        if whole is not None:
            return whole
        codes = {self.procedures.get(key(word)) for word in said.split() if word[:1].isdigit()}
        found = codes - {None}
        return found.pop() if len(found) == 1 else None


def _by_spelling(spellings: Mapping[Any, Sequence[str]]) -> dict[str, Any]:
    return {key(said): name for name, several in spellings.items() for said in several}


# --- one line ----------------------------------------------------------------------------


class _Cells(BaseModel):
    """The cells of one line; what a column does not say stays unset."""

    model_config = ConfigDict(frozen=True)

    code: str
    state: State
    phone: str | None = None
    procedure: str | None = None
    state_on: date | None = None
    received_on: date | None = None
    due_on: date | None = None
    appointment: datetime | None = None
    event_on: date | None = None
    valid_until: date | None = None
    missing: str | None = None
    consent: bool | None = None

    @field_validator("code", mode="before")
    @classmethod
    def _code(cls, raw: str) -> str:
        return cells.read_code(raw)

    @field_validator("phone", mode="before")
    @classmethod
    def _phone(cls, raw: str) -> str | None:
        return cells.read_mobile(raw)

    @field_validator("state_on", "received_on", "due_on", "event_on", "valid_until", mode="before")
    @classmethod
    def _day(cls, raw: str) -> date | None:
        return cells.read_day(raw)

    @field_validator("appointment", mode="before")
    @classmethod
    def _moment(cls, raw: str) -> datetime | None:
        return cells.read_moment(raw)

    @field_validator("missing", mode="before")
    @classmethod
    def _missing(cls, raw: str) -> str | None:
        return cells.read_missing(raw) or None

    @field_validator("state", mode="before")
    @classmethod
    def _state(cls, raw: str, info: ValidationInfo) -> State:
        said = cells.tidy(raw)
        if not said:
            raise CellFault("thiếu trạng thái")
        found = _reader(info).states.get(key(said))
        if found is None:
            raise CellFault(
                f"chưa biết trạng thái “{said[:SHOWN]}” nghĩa là gì: sửa lại, hoặc nhờ người quản "
                "trị thêm vào mục dossier_import của xã"
            )
        return found

    @field_validator("procedure", mode="before")
    @classmethod
    def _procedure(cls, raw: str, info: ValidationInfo) -> str | None:
        return _reader(info).procedure(cells.tidy(raw))

    @field_validator("consent", mode="before")
    @classmethod
    def _consent(cls, raw: str, info: ValidationInfo) -> bool | None:
        said = cells.tidy(raw)
        if not said:
            return None
        found = _reader(info).answers.get(key(said))
        if found is None:
            raise CellFault("ghi “có” hoặc “không”")
        return found


def _reader(info: ValidationInfo) -> Reader:
    return cast("Reader", info.context)


# --- the file ----------------------------------------------------------------------------


@dataclass(slots=True)
class _Reading:
    reader: Reader
    names: Mapping[Column, str]
    lines: list[Line] = field(default_factory=list)
    faults: list[LineFault] = field(default_factory=list)
    seen: dict[str, Line] = field(default_factory=dict)

    def take(self, number: int, raw: Mapping[Column, str]) -> None:
        """One line of the file."""
        try:
            told = _Cells.model_validate(dict(raw), context=self.reader)
        except ValidationError as error:
            self.faults += [self._fault(number, raw, one) for one in error.errors()]
            return
        line = _line(number, told, raw)
        other = self.seen.setdefault(code_key(line.code), line)
        if other is line:
            self.lines.append(line)
        elif (other.state, other.given, other.consent) != (line.state, line.given, line.consent):
            reason = f"mã hồ sơ này đã có ở dòng {other.line} với nội dung khác: chỉ giữ một dòng"
            self.faults.append(LineFault(number, self.names["code"], line.code, reason))

    def _fault(self, number: int, raw: Mapping[Column, str], error: Any) -> LineFault:
        column = cast("Column", error["loc"][0])
        cause = (error.get("ctx") or {}).get("error")
        reason = str(cause) if isinstance(cause, CellFault) else "thiếu mục này"
        shown = clean(raw.get(column, ""))[:SHOWN]
        return LineFault(number, self.names.get(column, ""), shown, reason)


def _line(number: int, told: _Cells, raw: Mapping[Column, str]) -> Line:
    given = {
        name: value
        for name, value in told
        if name not in ("code", "state", "consent", "appointment") and value is not None
    }
    if told.appointment is not None:
        given["appointment_at"] = told.appointment
    said = cells.tidy(raw.get("procedure", ""))
    foreign = said[:SHOWN] if told.procedure is None else ""
    return Line(number, told.code, told.state, given, told.consent, foreign)


def read(data: bytes, reader: Reader) -> Sheet:
    """Read a file.

    Raises:
        TableError: it is too large, no CSV, or lacks a column that is needed.
    """
    text = _text(data)
    delimiter, header, start = _header(text, reader)
    columns, ignored = _columns(header, reader)
    reading = _Reading(reader, {column: header[at] for column, at in columns.items()})
    count = 0
    for number, row in records(text, delimiter):
        if number <= start or not any(cell.strip() for cell in row):
            continue
        if not count and all(_COLUMN_NUMBER.fullmatch(cell.strip()) for cell in row):
            continue  # many reports number their columns
        count += 1
        if count > MAX_LINES:
            raise TableError(f"tệp có quá {MAX_LINES:,} dòng: chia thành nhiều tệp nhỏ hơn")
        reading.take(number, {c: row[at] for c, at in columns.items() if at < len(row)})
    if not count:
        raise TableError("tệp chỉ có tên cột, không có hồ sơ nào")
    return Sheet(
        reading.names, ignored, tuple(reading.lines), tuple(sorted(reading.faults, key=_place))
    )


def _text(data: bytes) -> str:
    if len(data) > MAX_BYTES:
        raise TableError(f"tệp lớn quá {MAX_BYTES // 2**20} MB: chia thành nhiều tệp nhỏ hơn")
    text = decoded(data)
    if not text.strip():
        raise TableError("tệp rỗng")
    return text


def _place(fault: LineFault) -> tuple[int, str]:
    return fault.line, fault.column


def _header(text: str, reader: Reader) -> tuple[str, list[str], int]:
    """Delimiter, column names and their line: where most of the names are known."""
    best: tuple[int, str, list[str], int] = (0, ",", [], 0)
    for delimiter in DELIMITERS:
        for number, row in _first_rows(text, delimiter):
            known = len({reader.columns[key(one)] for one in row if key(one) in reader.columns})
            if known > best[0]:
                best = known, delimiter, row, number
    _, delimiter, row, number = best
    columns = {reader.columns[key(one)] for one in row if key(one) in reader.columns}
    for needed in NEEDED:
        if needed not in columns:
            names = ", ".join(f"“{one}”" for one in reader.words.columns.get(needed, ())[:3])
            found = ", ".join(f"“{clean(one)[:SHOWN]}”" for one in row if one.strip())
            raise TableError(
                f"tệp thiếu cột {names}" + (f"; các cột trong tệp: {found}" if found else "")
            )
    return delimiter, [clean(" ".join(one.split()))[:SHOWN] for one in row], number


def _first_rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    try:
        for count, (number, row) in enumerate(records(text, delimiter)):
            if count >= LOOK_FOR_HEADER:
                return
            yield number, row
    except TableError:
        return


def _columns(header: list[str], reader: Reader) -> tuple[dict[Column, int], tuple[str, ...]]:
    """Of two columns about the same the first counts."""
    columns: dict[Column, int] = {}
    ignored: list[str] = []
    for at, name in enumerate(header):
        column = reader.columns.get(key(name))
        if column is not None and column not in columns:
            columns[column] = at
        elif name.strip():
            ignored.append(name)
    return columns, tuple(ignored)
