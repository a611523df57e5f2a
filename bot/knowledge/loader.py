"""``faq/`` -> :class:`~bot.knowledge.library.Library`, or every fault with its line.

Three steps: read the YAML (:mod:`bot.knowledge.document`); complete each file from its head
and its sources (:mod:`bot.knowledge.complete`) and validate it against its model; then see
that every name leads to something (:mod:`bot.knowledge.references`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from bot.knowledge.complete import HEAD, completed
from bot.knowledge.document import Document, read
from bot.knowledge.dossier_words import DossierWords
from bot.knowledge.errors import ContentError, ContentFault
from bot.knowledge.library import Library
from bot.knowledge.model import (
    Common,
    Commune,
    Holidays,
    Menu,
    Phrase,
    Procedure,
    Province,
    Slug,
    Source,
    ToConfirm,
)
from bot.knowledge.ready_texts import ReadyText
from bot.knowledge.reasons import reason_of
from bot.knowledge.references import (
    Place,
    holiday_faults,
    layer_faults,
    menu_faults,
    reference_faults,
)
from bot.knowledge.reminding import reminder_faults, word_faults
from bot.reminders.rules import ReminderRules

T = TypeVar("T")

COMMON_FILE: Final = "common.yaml"
PHRASES: Final = "phrases.yaml"
REQUIRED: Final = ("sources.yaml", COMMON_FILE)
REMINDERS: Final = "reminders.yaml"
WORDS: Final = "dossier_import.yaml"
READY: Final = "announcements.yaml"
OTHERS: Final = (PHRASES, "menu.yaml", "to_confirm.yaml", "holidays.yaml", REMINDERS, WORDS, READY)
FOLDERS: Final = ("procedures", "provinces", "communes")
SHAPES: Final[Mapping[str, TypeAdapter[Any]]] = {
    "sources": TypeAdapter(dict[str, Source]),
    "common": TypeAdapter(Common),
    "phrases": TypeAdapter(dict[str, Phrase]),
    "menu": TypeAdapter(Menu),
    "to_confirm": TypeAdapter(dict[str, ToConfirm]),
    "holidays": TypeAdapter(Holidays),
    "reminders": TypeAdapter(ReminderRules),
    "dossier_import": TypeAdapter(DossierWords),
    "announcements": TypeAdapter(dict[Slug, ReadyText]),
    "procedure": TypeAdapter(Procedure),
    "province": TypeAdapter(Province),
    "commune": TypeAdapter(Commune),
}
"""The shape of each kind of file, by its name or the singular of its folder's."""
_KINDS: Final = tuple(name.removesuffix(".yaml") for name in OTHERS)


@dataclass(slots=True)
class Content:
    """What could be read, beside the documents it came from and the faults found."""

    documents: dict[str, Document] = field(default_factory=dict)
    """By the path inside ``faq/``."""
    sources: dict[str, Source] = field(default_factory=dict)
    common: Common | None = None
    procedures: dict[str, Procedure] = field(default_factory=dict)
    provinces: dict[str, Province] = field(default_factory=dict)
    communes: dict[str, Commune] = field(default_factory=dict)
    phrases: dict[str, Phrase] = field(default_factory=dict)
    menu: Menu | None = None
    to_confirm: dict[str, ToConfirm] = field(default_factory=dict)
    holidays: Holidays = field(default_factory=Holidays)
    reminders: ReminderRules | None = None
    dossier_import: DossierWords = field(default_factory=DossierWords)
    announcements: dict[str, ReadyText] = field(default_factory=dict)
    faults: list[ContentFault] = field(default_factory=list)

    def library(self) -> Library:
        """The content that was read, faults or not."""
        return Library(
            procedures=self.procedures,
            common=self.common or Common(facts={}, papers={}),
            communes=self.communes,
            provinces=self.provinces,
            sources=self.sources,
            phrases=self.phrases,
            menu=self.menu,
            to_confirm=self.to_confirm,
            holidays=self.holidays,
            reminders=self.reminders,
            dossier_words=self.dossier_import,
            ready_texts=self.announcements,
        )


def load(faq_dir: Path, over: Mapping[str, str | None] | None = None) -> Library:
    """Read the content of ``faq_dir``.

    Args:
        over: files that stand in for those of the folder or beside them: path inside
            ``faq/`` -> text; None takes a file away.

    Raises:
        ContentError: with all faults that make it unusable.
    """
    texts, faults = read_texts(faq_dir)
    return build(laid_over(texts, over or {}), faults)


def laid_over(texts: Mapping[str, str], over: Mapping[str, str | None]) -> dict[str, str]:
    """``texts`` with those of ``over`` in their place."""
    together = {**texts, **over}
    return {name: text for name, text in together.items() if text is not None}


def build(texts: Mapping[str, str], faults: list[ContentFault] | None = None) -> Library:
    """The content of files held in memory: path inside ``faq/`` -> text.

    Raises:
        ContentError: with all faults that make it unusable.
    """
    content = parse(texts)
    if all_faults := [*(faults or ()), *content.faults]:
        raise ContentError(all_faults)
    return content.library()


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
    for name in (*REQUIRED, *OTHERS):
        if (faq_dir / name).exists() or name in REQUIRED:
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
    content.sources = _file(content, "sources") or {}
    content.common = _file(content, "common")
    for kind in _KINDS:
        found = _file(content, kind)
        if found is not None:
            setattr(content, kind, found)
    for folder in FOLDERS:
        _folder(content, folder, getattr(content, folder))
    content.faults += _references(content)
    return content


def _references(content: Content) -> Iterator[ContentFault]:
    sources = content.documents.get("sources.yaml")
    if content.common is None or sources is None:
        return
    # A source that is there but faulty is not missing as well.
    names = set(sources.data) if isinstance(sources.data, dict) else set()
    known = (names, set(content.to_confirm))
    yield from reference_faults(content.documents, known, content.common, content.procedures)
    for layers, folder in ((content.provinces, "provinces"), (content.communes, "communes")):
        for layer in layers.values():
            document = content.documents.get(f"{folder}/{layer.id}.yaml")
            if document is not None:
                yield from layer_faults(document, layer, known, content.common, content.procedures)
    if "holidays.yaml" in content.documents:
        document = content.documents["holidays.yaml"]
        yield from holiday_faults(document, content.holidays, (), known)
    yield from _dossier_faults(content)
    if content.menu is not None:
        # Nor is a procedure that is there but faulty.
        folder = "procedures/"
        files = (n.removeprefix(folder) for n in content.documents if n.startswith(folder))
        there = {*content.procedures, *(name.removesuffix(".yaml") for name in files)}
        yield from menu_faults(content.documents["menu.yaml"], content.menu, there)


def _dossier_faults(content: Content) -> Iterator[ContentFault]:
    facts = content.common.facts if content.common else {}
    if content.reminders is not None:
        document = content.documents[REMINDERS]
        yield from reminder_faults(document, content.reminders, content.procedures, facts)
    layers = {
        **{f"provinces/{one.id}.yaml": one for one in content.provinces.values()},
        **{f"communes/{one.id}.yaml": one for one in content.communes.values()},
    }
    said: list[tuple[str, Place, DossierWords]] = [(WORDS, (), content.dossier_import)]
    said += [(name, ("dossier_import",), one.dossier_import) for name, one in layers.items()]
    for name, place, words in said:
        if name in content.documents:
            yield from word_faults(content.documents[name], place, words, content.procedures)


def _file(content: Content, kind: str) -> Any:
    return _model(content, f"{kind}.yaml", kind)


def _model(content: Content, name: str, kind: str) -> Any:
    document = content.documents.get(name)
    if document is None:
        return None
    try:
        return SHAPES[kind].validate_python(
            completed(
                document.data, *_help(content, document), layer=kind in {"province", "commune"}
            )
        )
    except ValidationError as error:
        content.faults += [
            document.fault(reason_of(e), *_place(document, e["loc"])) for e in error.errors()
        ]
        return None


def _help(content: Content, document: Document) -> tuple[Mapping[str, Source], Mapping[str, Any]]:
    """The sources that the file may cite, and the head that stands in for its own."""
    sources = dict(content.sources)
    own = document.data.get("sources") if isinstance(document.data, dict) else None
    if isinstance(own, dict):
        for key, item in own.items():
            try:
                sources[key] = Source.model_validate(item)
            except ValidationError:
                continue  # told where the whole file is validated
    common = content.documents.get(COMMON_FILE)
    head = common.data if common is not None and isinstance(common.data, dict) else {}
    return sources, {name: head[name] for name in HEAD if name in head}


def _place(document: Document, loc: tuple[int | str, ...]) -> Iterator[int | str]:
    """Where pydantic found it, as a path of the document: a single version is no list there."""
    here = document.data
    for part in loc:
        if isinstance(part, int) and isinstance(here, dict):
            continue
        yield part
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            here = None


def _folder(content: Content, folder: str, into: dict[str, Any]) -> None:
    for name in [n for n in content.documents if n.startswith(f"{folder}/")]:
        model = _model(content, name, folder.removesuffix("s"))
        stem = name.removeprefix(f"{folder}/").removesuffix(".yaml")
        if model is None:
            continue
        if model.id != stem:
            reason = f"id “{model.id}” phải giống tên tệp “{stem}”"
            content.faults.append(content.documents[name].fault(reason, "id"))
        into[model.id] = model
