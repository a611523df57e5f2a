"""Tables that people bring as CSV files, from whatever program wrote them.

Encoding and delimiter are found out: Excel here writes UTF-8 with a mark, UTF-16 or, on old
machines, windows-1258; with commas, semicolons or tabs. Every row knows its line in the file,
so that a fault can be shown where it is.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bot.text import clean, key

MOST_ROWS = 20_000
MOST_CELL = 1000
"""Characters of one cell that are read."""
DELIMITERS = ";,\t|"
_ENCODINGS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class TableError(Exception):
    """The file is no table; the message says in Vietnamese what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its first line in the file, counted from 1, and its cells."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """The first row that has something in it, and those after it that have."""

    header: tuple[str, ...]
    rows: tuple[Row, ...]

    def columns(self, names: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
        """Where the columns are, by what they may be called.

        Args:
            names: our name of a column -> its headings, however they are written.
        """
        headings = [key(heading) for heading in self.header]
        found: dict[str, int] = {}
        for name, called in names.items():
            wanted = {key(one) for one in called}
            at = next((n for n, heading in enumerate(headings) if heading in wanted), None)
            if at is not None:
                found[name] = at
        return found


def cell(row: Row, column: int | None) -> str:
    """What stands in a column; "" where the row is too short or there is no such column."""
    return row.cells[column] if column is not None and column < len(row.cells) else ""


def read_table(raw: bytes) -> Table:
    """Read a CSV file.

    Raises:
        TableError: it is empty, no text, or too long.
    """
    text = decoded(raw)
    rows = list(_rows(text))
    if not rows:
        raise TableError("tệp không có dòng nào")
    if len(rows) > MOST_ROWS + 1:
        raise TableError(f"tệp có quá {MOST_ROWS} dòng; anh/chị chia nhỏ ra")
    return Table(rows[0].cells, tuple(rows[1:]))


def decoded(raw: bytes) -> str:
    """The text of a file.

    Raises:
        TableError: it is a workbook, or no text that we read.
    """
    if raw[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
        raise TableError(
            "đây là tệp Excel; trong Excel anh/chị chọn Lưu thành (Save As), kiểu "
            "“CSV UTF-8”, rồi gửi tệp đó"
        )
    marked = next((name for mark, name in _ENCODINGS if raw.startswith(mark)), _unmarked(raw))
    for encoding in (marked,) if marked else ("utf-8", "cp1258"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise TableError("không đọc được chữ trong tệp; anh/chị lưu lại kiểu “CSV UTF-8”")


def _unmarked(raw: bytes) -> str | None:
    """UTF-16 without its mark has a nought beside every plain letter."""
    start = raw[:200]
    if len(start) >= 4 and start[1::2].count(0) > len(start) // 4:
        return "utf-16-le"
    if len(start) >= 4 and start[0::2].count(0) > len(start) // 4:
        return "utf-16-be"
    return None


def records(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Every record, as it stands there, with the number of the line on which it begins.

    Raises:
        TableError: the quotes do not fit, or a cell has no end.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise TableError(f"dòng {line}: dấu ngoặc kép hoặc dấu phân cách bị sai") from error
        yield line, cells


def _rows(text: str) -> Iterator[Row]:
    lines = text.splitlines(keepends=True)
    skipped, delimiter = _delimiter(lines)
    blank = "\n" * skipped  # so that lines are counted as in the file
    for line, cells in records(blank + "".join(lines[skipped:]), delimiter):
        read = tuple(" ".join(clean(one, MOST_CELL).split()) for one in cells)
        if any(read):
            yield Row(line, read)


def _delimiter(lines: list[str]) -> tuple[int, str]:
    """How many lines only say so ("sep=;", as Excel writes it), and what stands between cells."""
    first = lines[0].strip() if lines else ""
    if first.lower().startswith("sep=") and len(first) == 5:
        return 1, first[4]
    head = next((line for line in lines if line.strip()), "")
    outside = "".join(head.split('"')[::2])
    return 0, max(DELIMITERS, key=lambda mark: (outside.count(mark), -DELIMITERS.index(mark)))
