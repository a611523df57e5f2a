"""The JSON Schemas of ``faq/``: editors complete and check content files with them.

They are made from the models, so that there is one definition; what a file may leave out,
because it is completed when read, is not required in them.
"""

from __future__ import annotations

import json
from typing import Any, Final

from bot.knowledge.complete import HEAD
from bot.knowledge.loader import SHAPES

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_COMPLETED: Final = frozenset({*HEAD, "holds_from"})
_VERSIONED: Final = ("Fact", "Paper")


def schemas() -> dict[str, str]:
    """File name in ``faq/schema`` -> its text."""
    return {f"{kind}.schema.json": _text(kind) for kind in SHAPES}


def _text(kind: str) -> str:
    schema = SHAPES[kind].json_schema()
    _relax(schema)
    schema["$schema"] = DRAFT
    schema["title"] = f"hotro: {kind}"
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _relax(tree: Any) -> None:
    """Make of the models' schema that of the files as people write them."""
    if isinstance(tree, list):
        for item in tree:
            _relax(item)
    if not isinstance(tree, dict):
        return
    required = tree.get("required")
    if isinstance(required, list):
        tree["required"] = [name for name in required if name not in _COMPLETED]
    if tree.get("format") == "time":
        # JSON Schema's times have seconds and a zone; opening hours have neither.
        del tree["format"]
        tree["pattern"] = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
    if tree.get("type") == "array" and "minLength" in tree:
        tree["minItems"] = tree.pop("minLength")
    if "patternProperties" in tree:
        tree.setdefault("additionalProperties", False)
    for item in tree.values():
        _relax(item)
    of = tree.get("items")
    if tree.get("type") == "array" and isinstance(of, dict) and _is_versioned(of):
        # One version may stand there by itself.
        several = dict(tree)
        tree.clear()
        tree["anyOf"] = [of, several]


def _is_versioned(items: dict[str, Any]) -> bool:
    return str(items.get("$ref", "")).rpartition("/")[2] in _VERSIONED
