"""The published schemas are those of the models, and editors that use them accept our files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from bot.knowledge.document import read
from bot.knowledge.loader import FOLDERS, OTHERS, REQUIRED, SHAPES
from bot.knowledge.schema import DRAFT, schemas
from tests.knowledge import small
from tests.knowledge.conftest import FAQ

SCHEMAS = FAQ / "schema"
FILES = sorted(FAQ.rglob("*.yaml"))
MODELINE = re.compile(r"# yaml-language-server: \$schema=(\S+)")

FORMATS = jsonschema.FormatChecker(formats=[])
"""What ``format`` asks for where an editor looks at it (JSON Schema, 7.3.1: RFC 3339)."""


@FORMATS.checks("date")
def is_date(value: object) -> bool:
    return not isinstance(value, str) or bool(re.fullmatch(r"\d{4}-\d\d-\d\d", value))


@FORMATS.checks("time")
def is_time(value: object) -> bool:
    full = r"\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
    return not isinstance(value, str) or bool(re.fullmatch(full, value, re.IGNORECASE))


def shape_of(path: str) -> str:
    """The kind of a file by its path inside ``faq/``."""
    folder, _, name = path.rpartition("/")
    return folder.removesuffix("s") or name.removesuffix(".yaml")


def schema(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        (SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8")
    )
    return found


def data(text: str) -> Any:
    document, faults = read("x", text)
    assert faults == []
    assert document is not None
    return document.data


def faults_of(kind: str, tree: Any, formats: jsonschema.FormatChecker | None = None) -> list[str]:
    validator = jsonschema.Draft202012Validator(schema(kind), format_checker=formats)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(tree)]


def test_the_published_schemas_are_up_to_date() -> None:
    published = {path.name: path.read_text(encoding="utf-8") for path in SCHEMAS.iterdir()}
    assert published == schemas(), "run `hotro content schema`"


@pytest.mark.parametrize("kind", SHAPES)
def test_each_kind_of_file_has_a_sound_schema(kind: str) -> None:
    found = schema(kind)
    assert found["$schema"] == DRAFT
    jsonschema.Draft202012Validator.check_schema(found)


def test_every_file_that_is_read_has_a_kind() -> None:
    kinds = {shape_of(name) for name in (*REQUIRED, *OTHERS)}
    kinds |= {folder.removesuffix("s") for folder in FOLDERS}
    assert kinds == set(SHAPES)
    assert {shape_of(str(path.relative_to(FAQ))) for path in FILES} <= kinds


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_is_shipped_is_valid_by_its_schema(path: Path) -> None:
    kind = shape_of(str(path.relative_to(FAQ)))
    assert faults_of(kind, data(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_dates_and_hours_are_written_as_the_schema_asks(path: Path) -> None:
    kind = shape_of(str(path.relative_to(FAQ)))
    assert faults_of(kind, data(path.read_text(encoding="utf-8")), FORMATS) == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_file_tells_editors_its_schema(path: Path) -> None:
    first = path.read_text(encoding="utf-8").partition("\n")[0]
    found = MODELINE.fullmatch(first)
    assert found is not None, first
    named = (path.parent / found[1]).resolve()
    assert named == SCHEMAS / f"{shape_of(str(path.relative_to(FAQ)))}.schema.json"
    assert named.is_file()


@pytest.mark.parametrize("name", sorted(small.FILES))
def test_what_is_completed_when_read_may_be_left_out(name: str) -> None:
    assert faults_of(shape_of(name), data(small.FILES[name])) == []


def test_one_version_may_stand_without_a_list() -> None:
    tree = data(small.COMMON)
    assert isinstance(tree["facts"]["fee"], list)
    assert isinstance(tree["facts"]["waiver"], dict)


def test_a_list_without_any_version_is_marked() -> None:
    tree = data(small.COMMON)
    tree["facts"]["fee"] = []
    assert faults_of("common", tree)


@pytest.mark.parametrize(
    ("kind", "file", "old", "new"),
    [
        ("common", "common.yaml", "recheck_days: 1000", "recheck: 1000"),
        ("common", "common.yaml", "short: Duoc mien.", "shrot: Duoc mien."),
        ("common", "common.yaml", "sources: [TAM]", "sources: []"),
        ("common", "common.yaml", "sources: [TAM]", "sources: TAM"),
        ("common", "common.yaml", "sources: [TAM]", "sources: [tam]"),
        ("common", "common.yaml", "how: xuat_trinh", "how: cho_xem"),
        ("procedure", "procedures/viec.yaml", "desk: tu_phap", "desk: huyen"),
        ("procedure", "procedures/viec.yaml", "keyword: VT", "keyword: viec"),
        ("procedure", "procedures/viec.yaml", "event: born", "event: married"),
        ("procedure", "procedures/viec.yaml", "  le_phi:", "  phi:"),
        ("procedure", "procedures/viec.yaml", "{muon: [roi]}", "{muon: roi}"),
        ("procedure", "procedures/viec.yaml", "remind_days_before: [3]", "remind_days_before: [x]"),
        ("commune", "communes/xa-a.yaml", "hours: {}", "hours: {monday: []}"),
        ("commune", "communes/xa-a.yaml", 'phone: "1"', "phone: 1"),
        ("commune", "communes/xa-a.yaml", "province: tinh-mot", ""),
        ("province", "provinces/tinh-mot.yaml", "id: tinh-mot", "id: Tỉnh Một"),
        ("sources", "sources.yaml", "title: Luật cũ", "name: Luật cũ"),
        ("to_confirm", "to_confirm.yaml", "who: Cán bộ", ""),
    ],
)  # fmt: skip
def test_a_broken_file_is_marked_in_the_editor(kind: str, file: str, old: str, new: str) -> None:
    assert old in small.FILES[file]
    assert faults_of(kind, data(small.FILES[file].replace(old, new, 1)))


def test_a_broken_menu_phrase_or_day_off_is_marked_too() -> None:
    assert faults_of("menu", {"first": [], "groups": []})
    assert faults_of("menu", {"first": ["viec"], "groups": [{"name": "x", "short": "x"}]})
    assert faults_of("phrases", {"hello": {"long": "x"}})
    assert faults_of("holidays", {"days_off": [{"why": "x"}]})
    assert faults_of("holidays", {"uncertain": [{"day": "2026-11-24", "why": "x"}]})


def test_a_date_of_another_kind_is_marked() -> None:
    tree = data(small.COMMON)
    tree["checked_on"] = "22/11/2026"
    assert faults_of("common", tree, FORMATS)
