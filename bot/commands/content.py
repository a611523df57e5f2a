"""``hotro content check``."""

from __future__ import annotations

from pathlib import Path

import click

from bot.knowledge.check import check as check_content


def check(faq_dir: Path) -> bool:
    """Print every fault with file, line and reason, then the counts; True when sound."""
    report = check_content(faq_dir)
    for fault in report.faults:
        click.echo(str(fault), err=True)
    for name, count in report.counts.items():
        click.echo(f"{name}: {count}")
    if report.faults:
        click.echo(f"Có {len(report.faults)} lỗi cần sửa.", err=True)
    return not report.faults
