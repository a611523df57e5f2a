"""Five weeks around Tết, with a SIGKILL in each: nothing lost, doubled, at night or on Tết.

The whole year for 5,300 people: ``python -m tests.acceptance.year``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def _live(folder: Path, *more: str) -> dict[str, object]:
    out = folder / "report.json"
    command = [sys.executable, "-m", "tests.acceptance.year", "--json", str(out), *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
    assert out.is_file(), done.stderr[-3000:]
    told: dict[str, object] = json.loads(out.read_text())
    return told


def test_weeks_around_tet_with_a_kill_in_each(tmp_path: Path, empty_database_url: str) -> None:
    url = ["--database", empty_database_url]
    weeks = ["--from", "2027-01-18", "--days", "35", "--people", "360", "--each", "1.5"]
    told = _live(tmp_path, *weeks, *url)
    assert told["faults"] == []
    assert told["kills"] == 5
    reminders, people = told["reminders"], told["recipients"]
    assert isinstance(reminders, dict)
    assert isinstance(people, dict)
    assert reminders["sent"] > 20
    assert people["queued"] > 50
    assert told["arrived"] >= reminders["sent"]
