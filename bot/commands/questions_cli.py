"""``hotro questions ...`` as it is typed; :mod:`bot.commands.questions` does it."""

from __future__ import annotations

from pathlib import Path

import click

from bot.commands.options import NEW_FILE, limit_of_rows
from bot.commands.running import go, read_settings


@click.group()
def questions() -> None:
    """Câu trợ lý chưa hiểu: gán nhãn đúng rồi đưa vào dữ liệu huấn luyện."""


_by = click.option(
    "--by", default="dòng lệnh", show_default=True, help="Ai quyết định: email hoặc tên."
)


@questions.command("list")
@click.option("--commune", help="Chỉ của xã này.")
@click.option(
    "--state",
    type=click.Choice(["open", "labelled", "skipped", "exported"]),
    default="open",
    show_default=True,
    help="Chưa xem, đã gán nhãn, đã bỏ qua, đã xuất.",
)
@limit_of_rows
def questions_list(commune: str | None, state: str, limit: int) -> None:
    """Các câu, câu cũ nhất trước: số, ngày, câu hỏi, máy đoán, gợi ý."""
    from bot.commands.questions import listing

    click.echo(go(listing(read_settings(), commune, state, limit)))  # type: ignore[arg-type]


@questions.command("label")
@click.argument("question_id", metavar="SỐ", type=int)
@click.argument("label", metavar="VIỆC+Ý")
@_by
def questions_label(question_id: int, label: str, by: str) -> None:
    """Gán nhãn cho một câu, ví dụ: hotro questions label 7 khai_sinh+le_phi."""
    from bot.commands.questions import label as give

    click.echo(go(give(read_settings(), question_id, label, by)))


@questions.command("accept")
@click.argument("question_id", metavar="SỐ", type=int)
@_by
def questions_accept(question_id: int, by: str) -> None:
    """Lấy gợi ý (điều người dân chọn sau đó) làm nhãn."""
    from bot.commands.questions import accept

    click.echo(go(accept(read_settings(), question_id, by)))


@questions.command("skip")
@click.argument("question_id", metavar="SỐ", type=int)
@_by
def questions_skip(question_id: int, by: str) -> None:
    """Bỏ qua một câu không dạy được gì."""
    from bot.commands.questions import skip

    click.echo(go(skip(read_settings(), question_id, by)))


@questions.command("export")
@click.option(
    "--out",
    type=NEW_FILE,
    help="Tệp đích (mặc định nlu_data/data/corrections.yml).",
)
@click.option("--again", is_flag=True, help="Cả những câu đã xuất trước đây.")
def questions_export(out: Path | None, again: bool) -> None:
    """Đưa các câu đã gán nhãn vào dữ liệu huấn luyện."""
    from bot.commands.questions import export

    click.echo(go(export(read_settings(), out, again)))
