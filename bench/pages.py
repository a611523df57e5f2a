"""How many finished checklists are longer than one Zalo message, for each procedure.

``uv run python bench/pages.py``: the shipped content, in the first shipped commune, as of today.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from actions.registry import perform
from bot.clock import LOCAL
from bot.dialogue.acts import ShowResult
from bot.dialogue.outcome import Env
from bot.knowledge.checklist import outcome, paths
from bot.knowledge.loader import load
from integrations.zalo.oa.limits import MAX_TEXT

FAQ = Path(__file__).parent.parent / "faq"


def main() -> None:
    """Prints a line for each procedure, then the sum."""
    library = load(FAQ)
    commune = next(iter(library.communes.values()))
    now = datetime.now(LOCAL)
    knowledge = library.on(now.date(), commune.id)
    env = Env(knowledge, commune, "zalo", now, now.date())
    rows = []
    for procedure in knowledge.procedures.values():
        sizes = [
            len(perform(ShowResult(procedure.id, tuple(case.items())), env).replies[0].long)
            for case in paths(procedure.checklist)
            if outcome(procedure, knowledge, case).handover is None
        ]
        rows.append((procedure.id, len(sizes), sum(size > MAX_TEXT for size in sizes)))
    rows.append(("all", sum(row[1] for row in rows), sum(row[2] for row in rows)))
    for name, all_, long in rows:
        print(f"{name:22} {all_:5} {long:5}")


if __name__ == "__main__":
    main()
