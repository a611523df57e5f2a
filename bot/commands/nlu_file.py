"""A file of the Rasa project that grows by utterances: read, added to, written as Rasa reads it.

What is in the file stays as it is; only whole blocks of ``intent`` and ``examples`` are
understood, and a file with anything else in it is refused rather than rewritten without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import yaml

from bot.masking import without_masks

HEAD = 'version: "3.1"\n\nnlu:\n'

_UNSAFE = str.maketrans("\\", "/", "[]{}")
_BULLETS = re.compile(r"^[\s\-–—•*]+")


class NluFileError(Exception):
    """The file cannot be added to; the message says why. Not retryable without an edit."""


def clean(text: str) -> str:
    """``text`` as an utterance: one line without masks, and without Rasa's marks of entities.

    Empty when no letter is left.
    """
    text = without_masks(text).translate(_UNSAFE)
    text = "".join(c if c.isprintable() else " " for c in text)
    text = _BULLETS.sub("", " ".join(text.split()))
    return text if any(c.isalpha() for c in text) else ""


def read(path: Path) -> dict[str, list[str]]:
    """The utterances of ``path`` by intent; empty when there is no such file.

    Raises:
        NluFileError: it holds something else, or cannot be read.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise NluFileError(f"không đọc được {path}: {str(error).splitlines()[0]}") from error
    if not isinstance(data, dict) or set(data) - {"version", "nlu"}:
        raise NluFileError(f"{path} không phải tệp câu hỏi của Rasa (version, nlu)")
    found: dict[str, list[str]] = {}
    for block in data.get("nlu") or []:
        intent, lines = _block(path, block)
        found.setdefault(intent, []).extend(lines)
    return found


def _block(path: Path, block: object) -> tuple[str, list[str]]:
    if not isinstance(block, dict) or set(block) != {"intent", "examples"}:
        raise NluFileError(f"{path}: mỗi mục chỉ được có intent và examples")
    lines = [line for line in str(block["examples"]).splitlines() if line.strip()]
    wrong = next((line for line in lines if not line.startswith("- ")), None)
    if wrong is not None:
        raise NluFileError(f'{path}: câu phải bắt đầu bằng "- ": {wrong[:60]}')
    return str(block["intent"]), [line[2:].strip() for line in lines]


def add(path: Path, utterances: Iterable[tuple[str, str]]) -> int:
    """Add (intent, utterance) pairs that are not in the file yet; returns how many.

    An utterance that is there already keeps the intent it has. With nothing to add the file
    is not touched; otherwise it is replaced as a whole, so that a kill leaves the old one.

    Raises:
        NluFileError: the file cannot be read or written.
    """
    blocks = read(path)
    known = {line for lines in blocks.values() for line in lines}
    added = 0
    for intent, utterance in utterances:
        if utterance and utterance not in known:
            blocks.setdefault(intent, []).append(utterance)
            known.add(utterance)
            added += 1
    if added:
        _replace(path, render(blocks))
    return added


def render(blocks: dict[str, list[str]]) -> str:
    """The file's text, blocks in the order of their intents."""
    parts = []
    for intent, utterances in sorted(blocks.items()):
        lines = "".join(f"    - {utterance}\n" for utterance in utterances)
        parts.append(f"- intent: {intent}\n  examples: |\n{lines}")
    return HEAD + "\n".join(parts)


def _replace(path: Path, text: str) -> None:
    fresh = path.with_name(f".{path.name}.new")
    try:
        fresh.write_text(text, encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise NluFileError(f"không ghi được {path}: {error.strerror}") from error
