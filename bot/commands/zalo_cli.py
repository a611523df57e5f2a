"""``hotro zalo ...``, ``hotro zalobot ...`` as typed; :mod:`bot.commands.zalo` does it."""

from __future__ import annotations

import click

from bot.commands.options import of_commune
from bot.commands.running import go, read_settings


@click.group()
def zalo() -> None:
    """Zalo OA của một xã: khai báo, kết nối, kiểm tra."""


@zalo.command("status")
@of_commune
def zalo_status(commune: str) -> None:
    """OA và bot đang ra sao."""
    from bot.commands.zalo import status

    click.echo(go(status(read_settings(log_level="error"), commune)))


@zalo.command("set")
@of_commune
@click.option("--app-id", help="Mã ứng dụng trên developers.zalo.me.")
@click.option("--oa-id", help="Mã Official Account.")
@click.option("--app-secret", help="Khoá bí mật của ứng dụng (bỏ trống để nhập kín: -).")
@click.option("--oa-secret", help="OA Secret Key ở trang webhook (- để nhập kín).")
@click.option("--per-minute", help="Số lượt gọi mỗi phút của gói: 100 hoặc 2000.")
@click.option("--officer-group", help="Mã nhóm của cán bộ (xem: hotro zalo groups).")
@click.option("--public-group", help="Mã nhóm của bà con.")
@click.option("--template", help="Mã mẫu tin nhắc việc đã được Zalo duyệt.")
@click.option("--proof", type=click.Choice(["0", "1"]), help="Gửi kèm appsecret_proof.")
@click.option("--openapi", help="Địa chỉ khác thay cho Zalo (khi thử với bộ mô phỏng).")
def zalo_set(commune: str, **given: str | None) -> None:
    """Khai báo OA; mục nào không nêu thì giữ nguyên."""
    from bot.commands.zalo import change

    hidden = {n: click.prompt(n, hide_input=True) for n, v in given.items() if v == "-"}
    values = {name: value for name, value in given.items() if value is not None} | hidden
    click.echo(go(change(read_settings(log_level="error"), commune, values)))


@zalo.command("connect")
@of_commune
def zalo_connect(commune: str) -> None:
    """In địa chỉ để quản trị viên OA bấm đồng ý."""
    from bot.commands.zalo import connect

    click.echo(go(connect(read_settings(log_level="error"), commune)))


@zalo.command("paste")
@of_commune
@click.option("--access", prompt="Access token", hide_input=True)
@click.option("--refresh", prompt="Refresh token", hide_input=True)
def zalo_paste(commune: str, access: str, refresh: str) -> None:
    """Dán cặp mã lấy từ API Explorer của Zalo."""
    from bot.commands.zalo import paste

    click.echo(go(paste(read_settings(log_level="error"), commune, access, refresh)))


@zalo.command("check")
@of_commune
def zalo_check(commune: str) -> None:
    """Hỏi Zalo xem mã còn dùng được không, gói nào, còn bao lâu."""
    from bot.commands.zalo import check

    click.echo(go(check(read_settings(log_level="error"), commune)))


@zalo.command("groups")
@of_commune
def zalo_groups(commune: str) -> None:
    """Các nhóm mà OA đã tạo."""
    from bot.commands.zalo import groups

    click.echo(go(groups(read_settings(log_level="error"), commune)))


@zalo.command("disconnect")
@of_commune
@click.confirmation_option(prompt="Xoá các mã của OA này?")
def zalo_disconnect(commune: str) -> None:
    """Xoá mã và khoá của OA."""
    from bot.commands.zalo import disconnect

    click.echo(go(disconnect(read_settings(log_level="error"), commune)))


@click.group()
def zalobot() -> None:
    """Bot miễn phí của Zalo (không cần địa chỉ công khai, không cần gói OA)."""


@zalobot.command("set")
@of_commune
@click.option(
    "--token",
    prompt="Mã bot (token), để trống là bỏ bot",
    hide_input=True,
    default="",
    show_default=False,
)
def zalobot_set(commune: str, token: str) -> None:
    """Thử và ghi mã bot."""
    from bot.commands.zalo import set_bot

    click.echo(go(set_bot(read_settings(log_level="error"), commune, token)))


@zalobot.command("status")
@of_commune
def zalobot_status(commune: str) -> None:
    """Bot đang ra sao."""
    from bot.commands.zalo import status

    click.echo(go(status(read_settings(log_level="error"), commune)))
