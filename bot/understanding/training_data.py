"""Reading the Rasa project's inputs without Rasa: checked, counted, hashed.

Faults are found here, in a tenth of a second and with file and line, instead of by
Rasa after half a minute.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import yaml

from bot.understanding.normalise import LEXICON_FILES
from bot.understanding.types import split_intent

LIBRARIES = ("rasa", "underthesea", "numpy", "scipy", "symspellpy")
MODEL_SOURCES = (
    "segment.py",
    "normalise.py",
    "syllables.py",
    "features.py",
    "vectors.py",
    "concepts.py",
    "spelling.py",
    "network.py",
    "learning.py",
    "model.py",
    "types.py",
    "archive.py",
    "rasa_components/__init__.py",
    "rasa_components/tokenizer.py",
    "rasa_components/classifier.py",
    "rasa_components/converter.py",
    "../text.py",
)


class TrainingError(Exception):
    """Training did not produce a model; the message is one line for a person.

    Not retryable without a change: bad data (named with file and line) or a library
    fault (named by its last line).
    """


@dataclass(frozen=True, slots=True)
class Example:
    """One training utterance and where it stands."""

    text: str
    intent: str
    file: str
    line: int


def read_examples(data_dir: Path) -> list[Example]:
    """All utterances of ``data_dir/data/**/*.yml``, in file order.

    Raises:
        TrainingError: bad YAML, an unknown intent, or an utterance that is not on a
            ``- `` line; names file and line.
    """
    files = sorted((data_dir / "data").rglob("*.yml"))
    examples = [example for path in files for example in _file_examples(path)]
    if not examples:
        raise TrainingError(f"no utterances in {data_dir / 'data'}")
    return examples


def _file_examples(path: Path) -> Iterator[Example]:
    for intent_node, examples_node in _intents(path):
        line = intent_node.start_mark.line + 1
        try:
            split_intent(intent_node.value)
        except ValueError as error:
            raise TrainingError(f"{path.name}:{line}: {error}") from None
        # a block scalar's mark is at its "|", the text starts on the next line
        first = examples_node.start_mark.line + 2
        for offset, row in enumerate(examples_node.value.splitlines()):
            if not row.strip():
                continue
            if not row.startswith("- ") or not row[2:].strip():
                raise TrainingError(f"{path.name}:{first + offset}: an utterance starts with '- '")
            yield Example(row[2:].strip(), intent_node.value, path.name, first + offset)


def _intents(path: Path) -> Iterator[tuple[yaml.ScalarNode, yaml.ScalarNode]]:
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise TrainingError(f"{path.name}:{line}: {error.problem or 'not YAML'}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise TrainingError(f"{path.name}:1: {str(error).splitlines()[0]}") from None
    entries = _value(root, "nlu")
    if not isinstance(entries, yaml.SequenceNode):
        raise TrainingError(f"{path.name}:1: expected a list under `nlu:`")
    for entry in entries.value:
        intent, examples = _value(entry, "intent"), _value(entry, "examples")
        if not isinstance(intent, yaml.ScalarNode) or not isinstance(examples, yaml.ScalarNode):
            line = entry.start_mark.line + 1
            raise TrainingError(f"{path.name}:{line}: expected `intent:` and `examples: |`")
        yield intent, examples


def _value(node: yaml.Node | None, name: str) -> yaml.Node | None:
    if not isinstance(node, yaml.MappingNode):
        return None
    found: list[yaml.Node] = [v for k, v in node.value if k.value == name]
    return found[0] if found else None


def inputs_hash(data_dir: Path) -> str:
    """Sixteen hex digits of everything that shapes the model: data, code, libraries."""
    digest = hashlib.sha256()
    for library in LIBRARIES:
        digest.update(f"{library}=={version(library)}\n".encode())
    for path in _inputs(data_dir):
        digest.update(f"{path.name}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _inputs(data_dir: Path) -> Iterator[Path]:
    here = Path(__file__).resolve().parent
    yield from sorted((data_dir / "data").rglob("*.yml"))
    yield from (path for name in LEXICON_FILES if (path := data_dir / "lexicon" / name).is_file())
    yield data_dir / "config.yml"
    yield from (here / name for name in MODEL_SOURCES)
