"""Rules that nobody should have to remember: the suite fails when one is broken."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from click import Command, Group

from bot.cli import main
from bot.knowledge.check import check
from bot.settings import Settings, SmsSettings, ZaloSettings

ROOT = Path(__file__).parents[1]
ROOMS = ("bot", "actions", "integrations", "console", "demo")
MAY_IMPORT = {
    "bot": {"bot"},
    "actions": {"actions", "bot"},
    "integrations": {"integrations", "bot"},
    "console": {"console", "bot"},
    "demo": {"demo", "bot", "integrations"},
}
ROOT_OF_COMPOSITION = {
    "bot/cli.py", "bot/core.py", "bot/desks.py", "bot/outside.py", "bot/outside_bots.py",
    "bot/outside_sms.py", "bot/outside_zalo.py", "bot/sms_desk.py", "bot/web_app.py",
    "bot/working.py", "bot/zalo_desk.py",
}  # fmt: skip
PURE = ("bot/dialogue", "bot/knowledge", "bot/reminders")
IMPURE_LIBRARIES = {
    "sqlalchemy", "aiosqlite", "asyncpg", "alembic", "redis", "aiohttp", "httpx", "requests",
    "underthesea", "rasa", "numpy", "sklearn",
}  # fmt: skip


def sources(*rooms: str) -> Iterator[tuple[str, ast.Module]]:
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("room", ROOMS)
def test_imports_point_one_way(room: str) -> None:
    wrong = [
        f"{name} imports {module}"
        for name, tree in sources(room)
        if name not in ROOT_OF_COMPOSITION
        for module in imported(tree)
        if module.split(".")[0] in ROOMS and module.split(".")[0] not in MAY_IMPORT[room]
    ]
    assert wrong == []


# The protocol of Zalo is a library: it can be lifted out together with its simulator
# (tests/integrations/zalo/test_lift_out.py does so).
LIBRARY = ("integrations/zalo/oa", "integrations/zalo/simulator", "integrations/simulation")
SHARED = ("integrations.fields", "integrations.bodies")
LIBRARY_MAY_IMPORT = {
    "integrations/zalo/oa": ("integrations.zalo.oa",),
    "integrations/zalo/simulator": (
        "integrations.zalo.oa",
        "integrations.zalo.simulator",
        "integrations.simulation",
    ),
    "integrations/simulation": ("integrations.simulation",),
}
LIBRARY_NEEDS = {
    "integrations/zalo/oa": {"httpx"},
    "integrations/zalo/simulator": {"aiohttp"},
    "integrations/simulation": {"aiohttp", "httpx", "structlog"},
}


@pytest.mark.parametrize("room", LIBRARY)
def test_the_library_for_zalo_stands_alone(room: str) -> None:
    own = (*LIBRARY_MAY_IMPORT[room], *SHARED)
    allowed = LIBRARY_NEEDS[room] | sys.stdlib_module_names
    seen = list(sources(room))
    assert seen
    wrong = [
        f"{name} imports {module}"
        for name, tree in seen
        for module in imported(tree)
        if not any(module == one or module.startswith(f"{one}.") for one in own)
        and module.partition(".")[0] not in allowed
    ]
    assert wrong == []


def test_the_helpers_that_the_library_takes_along_need_nothing() -> None:
    wrong = [
        f"{name} imports {module}"
        for name, tree in sources("integrations")
        if name in {"integrations/fields.py", "integrations/bodies.py", "integrations/__init__.py"}
        for module in imported(tree)
        if module.partition(".")[0] not in {"aiohttp", "httpx"} | sys.stdlib_module_names
    ]
    assert wrong == []


def test_every_event_of_zalo_that_is_known_has_a_recorded_payload() -> None:
    from integrations.zalo.oa.events import CATALOGUE

    folder = ROOT / "tests" / "integrations" / "zalo" / "payloads"
    named = {json.loads(p.read_text(encoding="utf-8"))["event_name"] for p in folder.iterdir()}
    assert sorted(CATALOGUE - named) == []
    assert sorted(name for name in CATALOGUE if not (folder / f"{name}.json").is_file()) == []


def test_every_code_of_zalo_has_a_sentence_for_an_officer() -> None:
    from integrations.zalo.oa.rules import OA_RULES, OAUTH_RULES, ZBS_RULES
    from integrations.zalobot.errors import refusal

    vietnamese = re.compile(r"[à-ỹÀ-Ỹđ]")
    tables = (OA_RULES, ZBS_RULES, OAUTH_RULES)
    said = [(rule.code, rule.sentence) for table in tables for rule in table.values()]
    said += [(code, refusal(code).reason) for code in (400, 401, 403, 404, 408, 429, 500, 503, 0)]
    assert [
        code for code, words in said if not vietnamese.search(words) or not words.endswith(".")
    ] == []


def test_dialogue_and_knowledge_know_no_database_web_or_network() -> None:
    wrong = [
        f"{name} imports {module}"
        for name, tree in sources(*PURE)
        for module in imported(tree)
        if module.split(".")[0] in IMPURE_LIBRARIES or module.startswith("bot.store")
    ]
    assert wrong == []


def test_nothing_in_bot_or_actions_asks_the_system_for_now() -> None:
    wrong = []
    for name, tree in sources("bot", "actions"):
        if name == "bot/clock.py":
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in {"now", "utcnow", "today"}:
                owner = node.value
                if isinstance(owner, ast.Name) and owner.id in {"datetime", "date"}:
                    wrong.append(f"{name}:{node.lineno}")
    assert wrong == []


def test_every_setting_is_in_the_example_file() -> None:
    text = (ROOT / "hotro.example.toml").read_text(encoding="utf-8")
    missing = [
        name
        for name in Settings.model_fields
        if not re.search(rf"(?m)^(# )?\[{{0,2}}{name}\b", text)
    ]
    for section, model in (("zalo", ZaloSettings), ("sms", SmsSettings)):
        told = tomllib.loads(text)[section]["hoa-mai"]
        table = told if isinstance(told, dict) else {k: v for one in told for k, v in one.items()}
        optional = {"openapi"}
        missing += [
            f"{section}.{n}" for n in model.model_fields if n not in table and n not in optional
        ]
    assert missing == []


def test_the_example_file_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTRO_CONFIG", str(ROOT / "hotro.example.toml"))
    assert Settings().zalo.keys() == {"hoa-mai"}


def test_every_field_of_every_kind_of_gateway_is_in_the_guide() -> None:
    from integrations.sms.kinds import KINDS

    text = (ROOT / "docs" / "ket-noi-sms.md").read_text(encoding="utf-8")
    lines = {row.split("`")[1]: row for row in text.splitlines() if row.startswith("| `")}
    missing = [
        f"{kind.id}.{field.name}"
        for kind in KINDS.values()
        for field in kind.fields
        if f"`{field.name}`" not in lines.get(kind.id, "")
    ]
    assert missing == []


def test_every_command_is_in_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`hotro ([a-z]+)", text))
    assert {name.split()[0] for name in commands(main)} - documented == set()


def commands(group: Group) -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, Group):
            yield from (f"{name} {inner}" for inner in command.commands)
        else:
            yield name


def test_every_command_has_a_vietnamese_help_text() -> None:
    def helps(group: Command) -> Iterator[tuple[str, str]]:
        if isinstance(group, Group):
            for command in group.commands.values():
                yield from helps(command)
        yield group.name or "", group.help or ""

    assert [name for name, text in helps(main) if not text] == []


def test_the_shipped_content_has_no_fault() -> None:
    assert [str(fault) for fault in check(ROOT / "faq").faults] == []


def test_every_label_has_enough_wordings() -> None:
    from bot.understanding.types import CONTENT_ASPECTS, NONE, PROCEDURES

    counts: dict[str, int] = {}
    for path in (ROOT / "nlu_data" / "data").glob("*.yml"):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            wordings = len(block["examples"].strip().splitlines())
            counts[block["intent"]] = counts.get(block["intent"], 0) + wordings
    most_asked = {"khai_sinh", "khai_tu", "ket_hon", "tinh_trang_hon_nhan", "chung_thuc"}
    least = {p: 15 if p in most_asked else 13 for p in PROCEDURES if p != NONE}
    few = [
        f"{p}+{a}" for p in least for a in CONTENT_ASPECTS if counts.get(f"{p}+{a}", 0) < least[p]
    ]
    assert few == []


def tracked() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listing.returncode != 0:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listing.stdout.splitlines() if (ROOT / name).is_file()]


def test_no_file_holds_a_registry_address_or_a_path_of_a_machine() -> None:
    registry = re.compile(rb"https?://[^\s\"']*(?:/simple|pypi|npmjs|registry)[^\s\"']*", re.I)
    machine = re.compile(rb"(?<![\w/.])/(?:work|root|home/\w+)/")
    wrong = []
    for path in tracked():
        if path.suffix in {".png", ".svg"} or path == Path(__file__):
            continue
        body = path.read_bytes()
        for pattern in (registry, machine):
            wrong += [
                f"{path.relative_to(ROOT)}: {m.group()[:60]!r}" for m in pattern.finditer(body)
            ]
    assert wrong == []


def test_no_test_data_holds_something_like_an_identity_number() -> None:
    real = re.compile(r"(?<!\d)0(?:0[1-9]|[1-9]\d)[0-3]\d{2}\d{6}(?!\d)")
    found = [
        f"{path.relative_to(ROOT)}: {match}"
        for path in tracked()
        if path.parts[len(ROOT.parts)] in {"faq", "nlu_data"} and path.suffix in {".yml", ".yaml"}
        for match in real.findall(path.read_text(encoding="utf-8"))
    ]
    assert found == []
