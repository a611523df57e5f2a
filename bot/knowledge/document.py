"""YAML files read with the line of every value, so that a fault can name it.

Only what ``faq/`` needs is understood: mappings, lists, texts, whole numbers, ``true``,
``false`` and ``null``. Dates, times, version-like codes (``1.001193``) and words such as
``no`` stay texts, and anchors and tags are refused: an officer's file then means what it
looks like. The tree is built from the parser's events without recursion, so that no file
can exhaust the stack.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from bot.knowledge.errors import ContentFault

Path = tuple[str | int, ...]

MAX_CHARS = 1_000_000
MAX_DEPTH = 20
_INT = re.compile(r"-?(0|[1-9][0-9]{0,14})")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_PLAIN = {"": None, "~": None, "null": None, "true": True, "false": False}
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Document:
    """The plain data of one file and where each value of it stands."""

    file: str
    data: Any
    lines: dict[Path, int] = field(repr=False)

    def line(self, *path: str | int) -> int:
        """The line of the value at ``path``, or of the nearest value around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def fault(self, reason: str, *path: str | int) -> ContentFault:
        """A fault at ``path`` of this file."""
        return ContentFault(self.file, self.line(*path), reason)

    def texts(self) -> Iterator[tuple[Path, str]]:
        """Every text of the file with its path."""
        return _texts(self.data, ())


def _texts(tree: Any, path: Path) -> Iterator[tuple[Path, str]]:
    if isinstance(tree, str):
        yield path, tree
    elif isinstance(tree, dict):
        for name, value in tree.items():
            yield from _texts(value, (*path, name))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from _texts(value, (*path, index))


class _Broken(Exception):
    """The text cannot be read; says where and why."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being filled."""

    value: dict[str, Any] | list[Any]
    path: Path
    key: str | None = None

    def place(self, line: int) -> Path:
        """The path of the next value."""
        if isinstance(self.value, list):
            return (*self.path, len(self.value))
        if self.key is None:
            raise _Broken(line, "tên mục phải là một từ, không phải danh sách hay nhóm mục")
        return (*self.path, self.key)

    def add(self, value: Any) -> None:
        if isinstance(self.value, list):
            self.value.append(value)
        elif self.key is not None:
            self.value[self.key] = value
            self.key = None


def read(file: str, text: str) -> tuple[Document | None, list[ContentFault]]:
    """Read YAML ``text``; return the document, or none and the faults that forbid it."""
    if len(text) > MAX_CHARS:
        return None, [ContentFault(file, 1, f"tệp quá dài (hơn {MAX_CHARS} ký tự)")]
    faults: list[ContentFault] = []
    try:
        document = _build(file, text, faults)
    except _Broken as broken:
        return None, [*faults, ContentFault(file, broken.line, broken.reason)]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        return None, [ContentFault(file, line, f"không đọc được YAML: {error.problem}")]
    except (yaml.YAMLError, ValueError, OverflowError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        return None, [ContentFault(file, 1, f"không đọc được YAML: {reason}")]
    return (None, faults) if faults else (document, [])


def _build(file: str, text: str, faults: list[ContentFault]) -> Document:
    lines: dict[Path, int] = {}
    root: list[Any] = []
    stack: list[_Open] = []
    for event in _events(text):
        line = event.start_mark.line + 1
        if isinstance(event, yaml.CollectionEndEvent):
            stack.pop()
            continue
        if stack and isinstance(stack[-1].value, dict) and stack[-1].key is None:
            _open_key(stack[-1], event, line, lines, faults, file)
            continue
        path = stack[-1].place(line) if stack else ()
        value = _value(event)
        lines.setdefault(path, line)
        if stack:
            stack[-1].add(value)
        else:
            root.append(value)
        if isinstance(event, yaml.CollectionStartEvent):
            if len(stack) >= MAX_DEPTH:
                raise _Broken(line, f"lồng nhau quá sâu (hơn {MAX_DEPTH} tầng)")
            stack.append(_Open(value, path))
    if len(root) != 1:
        raise _Broken(1, "tệp trống" if not root else "mỗi tệp chỉ có một tài liệu YAML")
    return Document(file, root[0], lines)


def _events(text: str) -> Iterator[Any]:
    events: Iterator[Any] = yaml.parse(text, Loader=_LOADER)
    for event in events:
        if isinstance(event, yaml.NodeEvent):
            _refuse(event)
            yield event
        elif isinstance(event, yaml.CollectionEndEvent):
            yield event


def _refuse(event: Any) -> None:
    """Stop at what would make a file mean more than it shows."""
    line = event.start_mark.line + 1
    if event.anchor or isinstance(event, yaml.AliasEvent):
        raise _Broken(line, "không dùng neo (& và *) trong tệp nội dung")
    if event.tag not in (None, "!"):
        raise _Broken(line, f"không dùng thẻ {event.tag} trong tệp nội dung")
    if isinstance(event, yaml.ScalarEvent) and _SURROGATE.search(event.value):
        raise _Broken(line, "có ký tự không hợp lệ")


def _open_key(
    holder: _Open,
    event: Any,
    line: int,
    lines: dict[Path, int],
    faults: list[ContentFault],
    file: str,
) -> None:
    """Take ``event`` as the name of the next value of a mapping."""
    if not isinstance(event, yaml.ScalarEvent):
        raise _Broken(line, "tên mục phải là một từ, không phải danh sách hay nhóm mục")
    name: str = event.value
    if isinstance(holder.value, dict) and name in holder.value:
        faults.append(ContentFault(file, line, f"mục “{name}” bị lặp lại"))
    holder.key = name
    lines[(*holder.path, name)] = line


def _value(event: Any) -> Any:
    if isinstance(event, yaml.MappingStartEvent):
        return {}
    if isinstance(event, yaml.SequenceStartEvent):
        return []
    if event.style is not None and event.style != "":
        return event.value
    if event.value in _PLAIN:
        return _PLAIN[event.value]
    return int(event.value) if _INT.fullmatch(event.value) else event.value
