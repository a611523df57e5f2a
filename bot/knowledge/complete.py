"""Completes what a file leaves out of its facts and papers, so that nothing is written twice.

* ``holds_from``: the day on which all sources of the fact are in force; ``holds_to``: the last
  day of the source that ends first;
* ``checked_on``, ``checked_by``, ``recheck_days``: what the head of the file says, else that of
  ``common.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from bot.knowledge.model import Source, source_of

HEAD: Final = ("checked_on", "checked_by", "recheck_days")
_STAND_IN: Final = date(2000, 1, 1)
"""Where a source is missing or faulty: that is told, and once; such content is never used."""


def completed(
    tree: Any, sources: Mapping[str, Source], head: Mapping[str, Any], *, layer: bool = False
) -> Any:
    """A copy of a file's plain data with its facts and papers completed.

    Data of another shape than expected is left as it is: validation says what is wrong.

    Args:
        head: what stands in for an own head of the file.
        layer: the facts stand under the procedures to which they belong.
    """
    if not isinstance(tree, dict):
        return tree
    head = {**head, **{name: tree[name] for name in HEAD if tree.get(name) is not None}}
    done = dict(tree)
    if isinstance(tree.get("papers"), dict):
        done["papers"] = _items(tree["papers"], sources, head)
    if isinstance(tree.get("facts"), dict):
        done["facts"] = (
            {
                owner: _items(facts, sources, head) if isinstance(facts, dict) else facts
                for owner, facts in tree["facts"].items()
            }
            if layer
            else _items(tree["facts"], sources, head)
        )
    return done


def _items(
    items: Mapping[str, Any], sources: Mapping[str, Source], head: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        name: [_one(version, sources, head) for version in item]
        if isinstance(item, list)
        else _one(item, sources, head)
        for name, item in items.items()
    }


def _one(item: Any, sources: Mapping[str, Source], head: Mapping[str, Any]) -> Any:
    if not isinstance(item, dict):
        return item
    given = {name: value for name, value in head.items() if value is not None}
    written = item.get("sources")
    keys = [source_of(str(one)) for one in written] if isinstance(written, list) else []
    cited = [sources[key] for key in keys if key in sources]
    starts = [source.holds_from for source in cited if source.holds_from is not None]
    ends = [source.holds_to for source in cited if source.holds_to is not None]
    if starts or len(cited) < len(keys):
        given["holds_from"] = max(starts, default=_STAND_IN)
    if ends:
        given["holds_to"] = min(ends)
    return {**given, **item}
