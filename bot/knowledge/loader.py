"""``faq/`` -> :class:`~bot.knowledge.library.Knowledge`, or every fault with its line.

Three steps: read the YAML (:mod:`bot.knowledge.document`), validate each file against its
model, then tie the files together: references must lead somewhere, and a
``{fact.value}`` place in any text takes that fact's value, so that a number stands in the
repository once. ``{value}`` and ``{commune....}`` stay for :mod:`bot.knowledge.render`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from bot.knowledge import placeholders
from bot.knowledge.document import Document, read
from bot.knowledge.errors import ContentError, ContentFault
from bot.knowledge.library import Knowledge
from bot.knowledge.model import Common, Commune, Fact, Phrase, Procedure, Source
from bot.knowledge.reasons import reason_of
from bot.knowledge.references import reference_faults

T = TypeVar("T")

SINGLE_FILES = ("sources.yaml", "common.yaml")
PHRASES = "phrases.yaml"
FOLDERS = ("procedures", "communes")

_SOURCES = TypeAdapter(dict[str, Source])
_COMMON = TypeAdapter(Common)
_PROCEDURE = TypeAdapter(Procedure)
_COMMUNE = TypeAdapter(Commune)
_PHRASES = TypeAdapter(dict[str, Phrase])


@dataclass(slots=True)
class Content:
    """What could be read, beside the documents it came from and the faults found."""

    documents: dict[str, Document] = field(default_factory=dict)
    """By the path inside ``faq/``."""
    sources: dict[str, Source] = field(default_factory=dict)
    common: Common | None = None
    procedures: dict[str, Procedure] = field(default_factory=dict)
    communes: dict[str, Commune] = field(default_factory=dict)
    phrases: dict[str, Phrase] = field(default_factory=dict)
    faults: list[ContentFault] = field(default_factory=list)

    def knowledge(self) -> Knowledge:
        """The content that was read, faults or not."""
        return Knowledge(
            procedures=self.procedures,
            common=self.common or Common(facts={}, papers={}),
            communes=self.communes,
            sources=self.sources,
            phrases=self.phrases,
        )


def load(faq_dir: Path) -> Knowledge:
    """Read the content of ``faq_dir``.

    Raises:
        ContentError: with all faults that make it unusable.
    """
    return build(*read_texts(faq_dir))


def build(texts: Mapping[str, str], faults: list[ContentFault] | None = None) -> Knowledge:
    """The content of files held in memory: path inside ``faq/`` -> text.

    Raises:
        ContentError: with all faults that make it unusable.
    """
    content = parse(texts)
    if all_faults := [*(faults or ()), *content.faults]:
        raise ContentError(all_faults)
    return content.knowledge()


def read_texts(faq_dir: Path) -> tuple[dict[str, str], list[ContentFault]]:
    """The texts of all content files by their path inside ``faq_dir``."""
    texts: dict[str, str] = {}
    faults: list[ContentFault] = []
    for name, path in _files(faq_dir):
        try:
            texts[name] = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            faults.append(ContentFault(_shown(name), 1, "tệp không phải chữ UTF-8"))
        except OSError as error:
            faults.append(ContentFault(_shown(name), 1, f"không mở được tệp: {error.strerror}"))
    return texts, faults


def _files(faq_dir: Path) -> Iterator[tuple[str, Path]]:
    for name in (*SINGLE_FILES, PHRASES):
        if (faq_dir / name).exists() or name != PHRASES:
            yield name, faq_dir / name
    for folder in FOLDERS:
        for path in sorted((faq_dir / folder).glob("*.yaml")):
            yield f"{folder}/{path.name}", path


def _shown(name: str) -> str:
    return f"faq/{name}"


def parse(texts: Mapping[str, str]) -> Content:
    """Validate texts into content; what cannot be read is left out and is a fault."""
    content = Content()
    for name in sorted(texts):
        document, faults = read(_shown(name), texts[name])
        content.faults += faults
        if document is not None:
            content.documents[name] = document
    content.sources = _model(content, "sources.yaml", _SOURCES) or {}
    content.common = _model(content, "common.yaml", _COMMON)
    content.phrases = _model(content, PHRASES, _PHRASES) or {}
    _folder(content, "procedures", _PROCEDURE, content.procedures)
    _folder(content, "communes", _COMMUNE, content.communes)
    _fill_values(content)
    sources = content.documents.get("sources.yaml")
    if content.common is not None and sources is not None:
        # A source that is there but faulty is not missing as well.
        names = set(sources.data) if isinstance(sources.data, dict) else set()
        content.faults += reference_faults(
            content.documents, names, content.common, content.procedures
        )
    return content


def _model(content: Content, name: str, adapter: TypeAdapter[T]) -> T | None:
    document = content.documents.get(name)
    if document is None:
        return None
    try:
        return adapter.validate_python(document.data)
    except ValidationError as error:
        content.faults += [document.fault(reason_of(e), *e["loc"]) for e in error.errors()]
        return None


def _folder(content: Content, folder: str, adapter: TypeAdapter[Any], into: dict[str, Any]) -> None:
    for name in [n for n in content.documents if n.startswith(f"{folder}/")]:
        model = _model(content, name, adapter)
        stem = name.removeprefix(f"{folder}/").removesuffix(".yaml")
        if model is None:
            continue
        if model.id != stem:
            reason = f"id “{model.id}” phải giống tên tệp “{stem}”"
            content.faults.append(content.documents[name].fault(reason, "id"))
        into[model.id] = model


def _fill_values(content: Content) -> None:
    """Put facts' values into the ``{fact.value}`` places of every text."""
    common = content.common.facts if content.common else {}
    if content.common is not None:
        tree = placeholders.fill_tree(content.documents["common.yaml"].data, _values_of(common))
        content.common = _COMMON.validate_python(tree)
    for procedure in list(content.procedures.values()):
        document = content.documents.get(f"procedures/{procedure.id}.yaml")
        if document is not None:
            tree = placeholders.fill_tree(document.data, _values_of({**common, **procedure.facts}))
            content.procedures[procedure.id] = _PROCEDURE.validate_python(tree)


def _values_of(facts: Mapping[str, Fact]) -> Callable[[str], str | None]:
    def value(place: str) -> str | None:
        fact_id, _, attribute = place.partition(".")
        fact = facts.get(fact_id)
        if attribute != "value" or fact is None or fact.value is None:
            return None
        return placeholders.show(fact.value)

    return value
