"""Options that several ``hotro`` commands take."""

from __future__ import annotations

from pathlib import Path

import click

DAY = click.DateTime(["%Y-%m-%d"])
EXISTING_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
"""A file that is there."""
NEW_FILE = click.Path(dir_okay=False, path_type=Path)
"""A file that is written."""

of_commune = click.option("--commune", required=True, help="Mã xã.")
of_commune_or_first = click.option("--commune", help="Mã xã (mặc định xã đầu tiên).")
limit_of_rows = click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
to_file = click.option("--out", type=NEW_FILE, required=True)
