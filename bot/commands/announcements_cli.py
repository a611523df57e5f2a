"""``hotro announce ...`` as it is typed; :mod:`bot.commands.announcements` does it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from bot.commands.options import EXISTING_FILE, of_commune
from bot.commands.running import go, read_settings

_by = click.option("--by", required=True, help="Tên đăng nhập của cán bộ.")
_number = click.argument("number", metavar="SỐ", type=int)
_moment = click.DateTime(["%Y-%m-%dT%H:%M", "%d/%m/%Y %H:%M"])


@click.group()
def announce() -> None:
    """Thông báo tới người đã đồng ý nhận: soạn, trình, duyệt, dừng, báo cáo."""


@announce.command("list")
@of_commune
def announce_list(commune: str) -> None:
    """Các thông báo: việc cần làm trước, rồi mới nhất trước."""
    from bot.commands.announcements import listing

    click.echo(go(listing(read_settings(log_level="error"), commune)))


@announce.command("show")
@_number
@of_commune
def announce_show(number: int, commune: str) -> None:
    """Gửi gì, cho ai, hết bao nhiêu tiền, ai đã làm gì."""
    from bot.commands.announcements import show

    click.echo(go(show(read_settings(log_level="error"), commune, number)))


@announce.command("new")
@of_commune
@_by
@click.option("--title", default="", help="Tiêu đề.")
@click.option("--text", default="", help="Nội dung đầy đủ (Zalo).")
@click.option("--sms", "sms_text", default="", help="Nội dung tin SMS.")
@click.option("--village", "villages", multiple=True, help="Chỉ thôn này; ghi được nhiều lần.")
@click.option("--urgent", is_flag=True, help="Khẩn cấp: gửi cả ban đêm và ngày lễ.")
@click.option("--start", type=_moment, help="Bắt đầu gửi, ví dụ 2026-12-01T08:00.")
@click.option("--expires", type=_moment, help="Thôi gửi lúc (mặc định sau 24 giờ).")
@click.option("--ready", help="Mẫu soạn sẵn trong faq/announcements.yaml, ví dụ: bao.")
@click.option("-o", "options", multiple=True, metavar="CHỖ=LỜI", help="Điền một chỗ trống của mẫu.")
def announce_new(
    commune: str,
    by: str,
    title: str,
    text: str,
    sms_text: str,
    villages: tuple[str, ...],
    urgent: bool,
    start: datetime | None,
    expires: datetime | None,
    ready: str | None,
    options: tuple[str, ...],
) -> None:
    """Soạn một bản nháp.

    Ví dụ: hotro announce new --commune hoa-mai --by lan --ready hop -o thon="thôn Bến"
    -o luc="19h30 mai" -o noi="nhà văn hoá" -o viec="làm đường" --village "thôn Bến"
    """
    from bot.commands.announcements import New, new

    blanks = dict(_option(told) for told in options)
    given = New(title, text, sms_text, villages, urgent, start, expires, ready, blanks)
    click.echo(go(new(read_settings(log_level="error"), commune, by, given)))


def _option(told: str) -> tuple[str, str]:
    name, mark, value = told.partition("=")
    if not mark:
        raise click.ClickException(f"ghi -o CHỖ=LỜI, không phải -o {told}")
    return name, value


@announce.command("submit")
@_number
@of_commune
@_by
def announce_submit(number: int, commune: str, by: str) -> None:
    """Trình duyệt một bản nháp."""
    from bot.commands.announcements import submit

    click.echo(go(submit(read_settings(log_level="error"), commune, number, by)))


@announce.command("approve")
@_number
@of_commune
@_by
@click.option("--yes", is_flag=True, help="Không hỏi lại.")
def announce_approve(number: int, commune: str, by: str, yes: bool) -> None:
    """Duyệt: cán bộ khác với người soạn xem nội dung, số người và số tiền rồi cho gửi."""
    from bot.commands.announcements import approve, offer

    settings = read_settings(log_level="error")
    offered = go(offer(settings, commune, number))
    click.echo(offered.told)
    if not yes:
        most = f"{offered.people} người, nhiều nhất {offered.price} đ"
        click.confirm(f"Gửi tới {most}?", abort=True)
    click.echo(go(approve(settings, commune, number, by, offered)))


@announce.command("reject")
@_number
@of_commune
@_by
@click.option("--note", required=True, help="Cần sửa gì.")
def announce_reject(number: int, commune: str, by: str, note: str) -> None:
    """Trả lại cho người soạn."""
    from bot.commands.announcements import reject

    click.echo(go(reject(read_settings(log_level="error"), commune, number, by, note)))


@announce.command("pause")
@_number
@of_commune
@_by
def announce_pause(number: int, commune: str, by: str) -> None:
    """Dừng ngay; tin chưa đi được giữ lại."""
    from bot.commands.announcements import act

    click.echo(go(act(read_settings(log_level="error"), "pause", commune, number, by)))


@announce.command("resume")
@_number
@of_commune
@_by
def announce_resume(number: int, commune: str, by: str) -> None:
    """Gửi tiếp cho đúng những người chưa nhận."""
    from bot.commands.announcements import act

    click.echo(go(act(read_settings(log_level="error"), "resume", commune, number, by)))


@announce.command("cancel")
@_number
@of_commune
@_by
@click.confirmation_option(prompt="Huỷ hẳn, những người chưa nhận sẽ không nhận nữa?")
def announce_cancel(number: int, commune: str, by: str) -> None:
    """Huỷ hẳn."""
    from bot.commands.announcements import act

    click.echo(go(act(read_settings(log_level="error"), "cancel", commune, number, by)))


@announce.command("report")
@_number
@of_commune
def announce_report(number: int, commune: str) -> None:
    """Bao nhiêu người đã có tin, ai không và vì sao, hết bao nhiêu tiền."""
    from bot.commands.announcements import report

    click.echo(go(report(read_settings(log_level="error"), commune, number)))


@announce.command("import")
@click.argument("file", type=EXISTING_FILE)
@of_commune
@_by
@click.option("--write", is_flag=True, help="Ghi thật (không có thì chỉ xem thử).")
def announce_import(file: Path, commune: str, by: str, write: bool) -> None:
    """Danh sách giấy (CSV: số điện thoại; thôn; ngày đồng ý)."""
    from bot.commands.announcements import bring_in

    click.echo(go(bring_in(read_settings(log_level="error"), commune, file, by, write=write)))
