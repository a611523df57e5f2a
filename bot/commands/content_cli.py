"""``hotro content ...`` as it is typed; :mod:`bot.commands.content` does it."""

from __future__ import annotations

from datetime import datetime

import click

from bot.commands.options import DAY, of_commune_or_first
from bot.commands.running import go, read_settings


@click.group()
def content() -> None:
    """Nội dung trong faq/."""


@content.command("check")
def content_check() -> None:
    """Kiểm tra faq/: chỉ ra tệp, dòng và lý do của từng lỗi."""
    from bot.commands.content import check

    settings = read_settings()
    if not check(settings.faq_dir):
        raise SystemExit(1)


@content.command("diff")
@click.option("--from", "first", type=DAY, required=True, help="Ngày đầu, ví dụ 2026-12-31.")
@click.option("--to", "second", type=DAY, required=True, help="Ngày sau, ví dụ 2027-03-02.")
@of_commune_or_first
def content_diff(first: datetime, second: datetime, commune: str | None) -> None:
    """Giữa hai ngày, bà con sẽ nghe trả lời khác đi ở chỗ nào."""
    from bot.commands.content import diff

    settings = read_settings(log_level="error")
    click.echo(go(diff(settings, first.date(), second.date(), commune)))


@content.command("todo")
@of_commune_or_first
def content_todo(commune: str | None) -> None:
    """Điều cán bộ còn phải xác nhận, và điều sắp hết hiệu lực hoặc phải kiểm tra lại."""
    from bot.commands.content import todo

    click.echo(go(todo(read_settings(log_level="error"), commune)))


@content.command("confirm")
@click.argument("name", metavar="KHOÁ")
@click.option("--commune", help="Mã xã.")
@click.option("--province", help="Mã tỉnh: xác nhận cho mọi xã của tỉnh.")
@click.option("--by", required=True, help="Ai xác nhận.")
@click.option("--on", type=DAY, help="Ngày xác nhận (mặc định hôm nay).")
def content_confirm(
    name: str, commune: str | None, province: str | None, by: str, on: datetime | None
) -> None:
    """Ghi rằng một điều đã được xác nhận, ví dụ: hotro content confirm u1 --commune hoa-mai."""
    from bot.commands.places import confirm

    if (commune is None) == (province is None):
        raise click.ClickException("cho biết --commune hoặc --province")
    scope, place = ("commune", commune) if commune else ("province", province)
    day = on.date() if on else None
    click.echo(go(confirm(read_settings(log_level="error"), scope, place or "", name, by, day)))  # type: ignore[arg-type]


@content.command("reading")
@click.option("--worst", type=click.IntRange(min=0), default=10, show_default=True, metavar="N")
def content_reading(worst: int) -> None:
    """Câu dài hay ngắn: số liệu và N câu dài nhất."""
    from bot.commands.content import read_aloud

    click.echo(read_aloud(read_settings().faq_dir, worst))


@content.command("schema")
def content_schema() -> None:
    """Ghi lại các JSON Schema trong faq/schema."""
    from bot.commands.content import write_schemas

    click.echo(write_schemas(read_settings().faq_dir))
