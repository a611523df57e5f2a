"""``hotro dossier ...`` as it is typed; :mod:`bot.commands.dossiers` does it."""

from __future__ import annotations

from pathlib import Path

import click

from bot.commands.options import EXISTING_FILE, limit_of_rows, of_commune, to_file
from bot.commands.running import go, read_settings
from bot.reminders.rules import STATES

_code = click.argument("code", metavar="MÃ_HỒ_SƠ")
_agreed = click.option(
    "--agreed-by", metavar="CÁN_BỘ",
    help="Tên đăng nhập của cán bộ giữ giấy đồng ý nhận tin mà bà con đã ký.",
)  # fmt: skip


@click.group()
def dossier() -> None:
    """Hồ sơ đã nộp: ghi, nhập từ tệp của tỉnh, xem lời nhắc."""


@dossier.command("list")
@of_commune
@click.option("--state", type=click.Choice(STATES), help="Chỉ hồ sơ ở trạng thái này.")
@limit_of_rows
def dossier_list(commune: str, state: str | None, limit: int) -> None:
    """Các hồ sơ, hồ sơ vừa thay đổi trước: mã, trạng thái, từ ngày, thủ tục."""
    from bot.commands.dossiers import listing

    click.echo(go(listing(read_settings(log_level="error"), commune, state, limit)))  # type: ignore[arg-type]


@dossier.command("show")
@_code
@of_commune
def dossier_show(code: str, commune: str) -> None:
    """Một hồ sơ: nội dung, diễn biến, lời nhắc."""
    from bot.commands.dossiers import show

    click.echo(go(show(read_settings(log_level="error"), commune, code)))


@dossier.command("set")
@_code
@of_commune
@click.option("--state", type=click.Choice(STATES), help="Trạng thái.")
@click.option("--on", "state_on", help="Ở trạng thái ấy từ ngày nào (mặc định hôm nay).")
@click.option("--procedure", help="Thủ tục, ví dụ khai_sinh.")
@click.option("--phone", help="Số di động của người nộp.")
@click.option("--appointment", "appointment_at", help='Lịch hẹn, ví dụ "8:30 5/12/2026".')
@click.option("--received", "received_on", help="Ngày tiếp nhận.")
@click.option("--due", "due_on", help="Ngày hẹn trả kết quả.")
@click.option("--event", "event_on", help="Ngày sinh hoặc ngày mất, để tính hạn theo luật.")
@click.option("--valid-until", help="Giấy đã cấp dùng được đến ngày nào.")
@click.option("--missing", help="Giấy còn thiếu.")
@_agreed
@click.option("--withdraw", is_flag=True, help="Bà con không muốn nhận tin về hồ sơ này nữa.")
def dossier_set(
    code: str, commune: str, agreed_by: str | None, withdraw: bool, **given: str | None
) -> None:
    """Ghi một hồ sơ, hoặc sửa những mục được nêu ("" để xoá một mục)."""
    from bot.commands.dossiers import change

    values = {name: value for name, value in given.items() if value is not None}
    settings = read_settings(log_level="error")
    click.echo(go(change(settings, commune, code, values, agreed_by, withdraw)))


@dossier.command("import")
@click.argument("file", type=EXISTING_FILE)
@of_commune
@click.option("--dry-run", is_flag=True, help="Chỉ xem thử, không ghi gì.")
@_agreed
def dossier_import(file: Path, commune: str, dry_run: bool, agreed_by: str | None) -> None:
    """Nhập tệp CSV xuất từ hệ thống một cửa; dòng sai được chỉ ra và bỏ qua.

    Nhập lại đúng tệp ấy thì không có gì thay đổi. Có dòng sai thì lệnh kết thúc với mã 1.
    """
    from bot.commands.dossiers import bring_in

    settings = read_settings(log_level="error")
    done = go(bring_in(settings, commune, file, agreed_by, dry_run))
    click.echo(done.text)
    if not done.sound:
        raise SystemExit(1)


@dossier.command("export")
@of_commune
@to_file
def dossier_export(commune: str, out: Path) -> None:
    """Xuất mọi hồ sơ ra tệp CSV."""
    from bot.commands.dossiers import export

    click.echo(go(export(read_settings(log_level="error"), commune, out)))


@dossier.command("replan")
@of_commune
def dossier_replan(commune: str) -> None:
    """Xếp lại mọi lời nhắc, sau khi đổi quy tắc nhắc hoặc lịch nghỉ."""
    from bot.commands.dossiers import replan

    click.echo(go(replan(read_settings(log_level="error"), commune)))
