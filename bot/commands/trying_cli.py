"""``hotro ask``, ``hotro doctor`` as typed: whether an installation answers, and is well."""

from __future__ import annotations

from datetime import datetime

import click

from bot.commands.options import DAY
from bot.commands.running import go, read_settings


@click.command()
@click.argument("text")
@click.option("--channel", type=click.Choice(["zalo", "sms", "web"]), default="web")
@click.option("--conversation", help="Tên cuộc trò chuyện, để hỏi tiếp nhiều lần.")
@click.option("--commune", help="Mã xã (mặc định xã đầu tiên trong faq/communes).")
@click.option("--on", type=DAY, help="Coi như hôm đó là ngày này.")
@click.option("--json", "as_json", is_flag=True, help="In cả nút bấm, dạng JSON.")
def ask(
    text: str,
    channel: str,
    conversation: str | None,
    commune: str | None,
    on: datetime | None,
    as_json: bool,
) -> None:
    """Hỏi một câu ngay trong cửa sổ lệnh, đúng như một tin nhắn gửi đến."""
    from bot.commands.ask import Question, run

    question = Question(text, channel, conversation, commune, on.date() if on else None, as_json)  # type: ignore[arg-type]
    click.echo(go(run(read_settings(log_level="error"), question)))


@click.command()
def doctor() -> None:
    """Kiểm tra cài đặt, cơ sở dữ liệu, mô hình, Zalo, SMS; nói cách sửa từng lỗi."""
    from bot.commands.doctor import run

    healthy = go(run(read_settings(log_level="error"), click.echo))
    if not healthy:
        raise SystemExit(1)
