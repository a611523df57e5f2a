"""The repository's own test set: ``nlu_data/test/*.jsonl`` and views of its plain rows."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from bot.understanding.evaluation.rows import Row, RowError, read_rows
from bot.understanding.views import VIEWS, derive

A_VIEW: Final = 120
"""Rows derived for each view."""


def read_test_set(folder: Path, a_view: int = A_VIEW) -> list[Row]:
    """The rows of all files of ``folder``, and at most ``a_view`` rows of each view.

    Raises:
        RowError: there is no file, or one is not usable.
    """
    files = sorted(folder.glob("*.jsonl"))
    if not files:
        raise RowError(f"không có tệp .jsonl nào trong {folder}")
    written = [row for path in files for row in read_rows(path)]
    return written + [row for name in VIEWS for row in derive(written, name, a_view)]
