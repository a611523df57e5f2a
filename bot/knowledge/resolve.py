"""From all versions and layers to what may be told on one day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

from bot.knowledge import placeholders
from bot.knowledge.model import COMMON, Common, Dated, Fact, Layer, Procedure, usable

ItemT = TypeVar("ItemT", bound=Dated)


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that the content has but that may not be told on the day."""

    optional: bool
    """An answer may go without it."""
    why: str
    """For the officer, in Vietnamese."""
    later: bool = False
    """It was never told: it begins to hold on a later day."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """The content of one day under some layers."""

    common: Common
    procedures: Mapping[str, Procedure]
    missing: Mapping[tuple[str, str], Missing]
    unfilled: frozenset[str]


def resolve(
    day: date,
    common: Common,
    procedures: Mapping[str, Procedure],
    layers: Sequence[Layer],
) -> Resolved:
    """What of ``common`` and ``procedures`` may be told on ``day`` under ``layers``, the
    strongest last."""
    work = _Work(day, {key for layer in layers for key in layer.confirmed})
    shared = _layered(common.facts, layers, COMMON, day)
    facts = work.pick(COMMON, shared)
    papers = work.pick(COMMON, common.papers)
    values = _values(facts)
    done_common = work.filled(COMMON, Common(facts={}, papers={}), facts, papers, values)
    done: dict[str, Procedure] = {}
    for procedure_id, procedure in procedures.items():
        own = work.pick(procedure_id, _layered(procedure.facts, layers, procedure_id, day))
        own_papers = work.pick(procedure_id, procedure.papers)
        known = {**values, **_values(own)}
        done[procedure_id] = work.filled(procedure_id, procedure, own, own_papers, known)
    return Resolved(done_common, done, work.missing, frozenset(work.unfilled))


def _layered(
    facts: Mapping[str, tuple[Fact, ...]], layers: Sequence[Layer], owner: str, day: date
) -> dict[str, tuple[Fact, ...]]:
    """``facts`` with what the layers put in their place, from the day on which that begins."""
    together = dict(facts)
    for layer in layers:
        for name, versions in layer.facts.get(owner, {}).items():
            if name not in together or min(one.holds_from for one in versions) <= day:
                together[name] = versions
    return together


def _values(facts: Mapping[str, tuple[Fact, ...]]) -> dict[str, str]:
    """Place -> what stands there: ``deadline.value`` -> "60"."""
    return {
        f"{fact_id}.value": placeholders.show(versions[0].value)
        for fact_id, versions in facts.items()
        if versions[0].value is not None
    }


OwnerT = TypeVar("OwnerT", Common, Procedure)


@dataclass(slots=True)
class _Work:
    day: date
    confirmed: set[str]
    missing: dict[tuple[str, str], Missing] = field(default_factory=dict)
    unfilled: set[str] = field(default_factory=set)

    def pick(
        self, owner: str, items: Mapping[str, tuple[ItemT, ...]]
    ) -> dict[str, tuple[ItemT, ...]]:
        """Of each item the version that may be told, confirmed where somebody did."""
        picked: dict[str, tuple[ItemT, ...]] = {}
        for item_id, versions in items.items():
            found = usable(versions, self.day)
            if found is None:
                optional = any(getattr(version, "optional", False) for version in versions)
                later = all(version.holds_from > self.day for version in versions)
                why = _why(versions, self.day)
                self.missing[owner, item_id] = Missing(optional, why, later)
                continue
            if found.confirm in self.confirmed:
                found = found.model_copy(update={"confirm": None})
            picked[item_id] = (found,)
        return picked

    def filled(
        self,
        owner: str,
        model: OwnerT,
        facts: Mapping[str, tuple[Fact, ...]],
        papers: Mapping[str, tuple[Any, ...]],
        values: Mapping[str, str],
    ) -> OwnerT:
        """``model`` with these facts and papers and with other facts' numbers in its texts."""
        tree = model.model_dump()
        tree["facts"] = {name: [one.model_dump() for one in v] for name, v in facts.items()}
        tree["papers"] = {name: [one.model_dump() for one in v] for name, v in papers.items()}
        tree = placeholders.fill_tree(tree, values.get)
        for kind in ("facts", "papers"):
            for name in [n for n, item in tree[kind].items() if _open(item)]:
                why = "nhắc đến một con số không còn hoặc chưa có hiệu lực"
                optional = any(one.get("optional") for one in tree[kind][name])
                del tree[kind][name]
                self.missing[owner, name] = Missing(optional, why)
        if _open(tree.get("checklist")) or _open(tree.get("deadlines")):
            self.unfilled.add(owner)
        return type(model).model_validate(tree)


def _open(tree: Any) -> bool:
    """Whether a place for another fact's number is left open in ``tree``."""
    return any(place.endswith(".value") for place in placeholders.find_in(tree))


def _why(versions: Sequence[Dated], day: date) -> str:
    law = [version for version in versions if version.holds_on(day)]
    if law:
        checked = max(version.checked_on for version in law)
        return f"chưa ai kiểm tra lại từ {checked:%d/%m/%Y}"
    ended = [v.holds_to for v in versions if v.holds_to is not None and v.holds_to < day]
    if ended:
        return f"hết hiệu lực sau {max(ended):%d/%m/%Y}"
    return f"chưa có hiệu lực trước {min(v.holds_from for v in versions):%d/%m/%Y}"
