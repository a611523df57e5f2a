"""``hotro officer ...``, ``hotro board ...`` as typed; :mod:`bot.commands.people` does it."""

from __future__ import annotations

import click

from bot.commands.options import of_commune
from bot.commands.running import go, read_settings


@click.group()
def officer() -> None:
    """Tài khoản cán bộ."""


@officer.command("add")
@click.argument("username")
@click.option("--name", required=True, help="Họ tên hiện cho người dân và cán bộ khác.")
@of_commune
@click.password_option(
    prompt="Mật khẩu (ít nhất 10 ký tự)", confirmation_prompt="Nhập lại mật khẩu"
)
def officer_add(username: str, name: str, commune: str, password: str) -> None:
    """Tạo tài khoản cho một cán bộ."""
    from bot.commands.people import add_officer

    click.echo(go(add_officer(read_settings(), commune, username, name, password)))


@officer.command("password")
@click.argument("username")
@click.password_option(prompt="Mật khẩu mới", confirmation_prompt="Nhập lại mật khẩu")
def officer_password(username: str, password: str) -> None:
    """Đặt lại mật khẩu cho một cán bộ."""
    from bot.commands.people import reset_password

    click.echo(go(reset_password(read_settings(), username, password)))


@officer.command("list")
def officer_list() -> None:
    """Danh sách cán bộ."""
    from bot.commands.people import list_officers

    click.echo(go(list_officers(read_settings())))


@click.group()
def board() -> None:
    """Bảng tin có mã QR."""


@board.command("add")
@click.argument("code")
@of_commune
@click.option("--place", required=True, help="Nơi đặt bảng, ví dụ: Nhà văn hoá thôn 2.")
@click.option("--procedure", help="Thủ tục của bảng, ví dụ khai_sinh.")
def board_add(code: str, commune: str, place: str, procedure: str | None) -> None:
    """Thêm một bảng tin."""
    from bot.commands.people import add_board

    click.echo(go(add_board(read_settings(), commune, code, place, procedure)))


@board.command("list")
@of_commune
def board_list(commune: str) -> None:
    """Các bảng tin và số lượt quét."""
    from bot.commands.people import list_boards

    click.echo(go(list_boards(read_settings(), commune)))
