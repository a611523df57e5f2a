"""The ``hotro`` command. Texts are Vietnamese: commune IT volunteers read them.

What starts something whole (the service, the demo, a simulator) stands here, for only the
composition root knows those; all other commands stand in :mod:`bot.commands`.
"""

from __future__ import annotations

from pathlib import Path

import click

from bot.commands.announcements_cli import announce
from bot.commands.content_cli import content
from bot.commands.dossiers_cli import dossier
from bot.commands.model_cli import evaluate, train, understand
from bot.commands.options import NEW_FILE
from bot.commands.people_cli import board, officer
from bot.commands.places_cli import commune, province
from bot.commands.questions_cli import questions
from bot.commands.running import go, read_settings, say
from bot.commands.sms_cli import sms
from bot.commands.trying_cli import ask, doctor
from bot.commands.zalo_cli import zalo, zalobot


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="hotro", prog_name="hotro")
def main() -> None:
    """hotro: trợ lý của xã, trả lời bà con qua Zalo, SMS và web."""


for command in (
    *(announce, ask, board, commune, content, doctor, dossier, evaluate, officer, province),
    *(questions, sms, train, understand, zalo, zalobot),
):
    main.add_command(command)


_port = click.option("--port", type=int, help="Cổng (mặc định 8080).")
_host = click.option("--host", help="Địa chỉ nghe (mặc định 127.0.0.1).")


def _serve(parts: tuple[str, ...], host: str | None, port: int | None) -> None:
    from bot import app

    settings = read_settings(host=host, port=port)
    go(app.run(settings, parts, say))  # type: ignore[arg-type]


@main.command()
@_host
@_port
def serve(host: str | None, port: int | None) -> None:
    """Chạy thật trên một máy: web, trả lời, gửi tin, nhắc việc."""
    _serve(("web", "worker"), host, port)


@main.command()
@_host
@_port
def web(host: str | None, port: int | None) -> None:
    """Chỉ phần web (nhiều máy: cần PostgreSQL và Redis)."""
    _serve(("web",), host, port)


@main.command()
def worker() -> None:
    """Chỉ phần trả lời, gửi tin và nhắc việc."""
    _serve(("worker",), None, None)


@main.command()
@_host
@_port
def demo(host: str | None, port: int | None) -> None:
    """Chạy thử: xã mẫu, điện thoại Zalo và điện thoại phím giả lập trên một trang."""
    from demo.launch import run

    settings = read_settings(host=host, port=port)
    go(run(settings, say))


@zalo.command("simulator")
@click.option("--port", type=int, default=9400, show_default=True)
@click.option("--webhook", required=True, help="Địa chỉ webhook của hotro.")
@click.option("--scale", type=float, default=1.0, show_default=True, help="Rút ngắn lịch gửi lại.")
@click.option("--state", type=NEW_FILE, help="Tệp giữ trạng thái.")
def zalo_simulator(port: int, webhook: str, scale: float, state: Path | None) -> None:
    """Chạy một Zalo mô phỏng trên máy này để thử."""
    from integrations.zalo.simulator import Options, run

    go(run(Options(port=port, webhook=webhook, scale=scale, state=state), click.echo))


if __name__ == "__main__":
    main()
