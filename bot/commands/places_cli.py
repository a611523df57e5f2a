"""``hotro commune ...``, ``hotro province ...`` as typed; :mod:`bot.commands.places` does it."""

from __future__ import annotations

from pathlib import Path

import click

from bot.commands.options import EXISTING_FILE, to_file
from bot.commands.running import go, read_settings

_author = click.option("--by", default="dòng lệnh", show_default=True, help="Ai sửa.")


@click.group()
def commune() -> None:
    """Các xã: tạo, sửa, xem, xuất ra tệp."""


@commune.command("add")
@click.argument("commune_id", metavar="MÃ")
@click.option("--name", required=True, help="Tên xã, ví dụ: xã Hoa Mai.")
@click.option("--province", required=True, help="Tên tỉnh, hoặc mã trong hotro province list.")
@click.option("--address", required=True, help="Địa chỉ nơi tiếp nhận.")
@click.option("--phone", required=True, help="Điện thoại nơi tiếp nhận.")
@click.option(
    "--hours",
    required=True,
    help="Giờ làm việc, ví dụ: T2-T6 7:30-11:30 13:30-17:00; T7 7:30-11:30",
)
@click.option("--office", help="Tên trên bảng (mặc định Trung tâm Phục vụ hành chính công ...).")
@click.option("--police-address", help="Địa chỉ công an xã.")
@click.option("--police-phone", help="Điện thoại công an xã.")
@click.option("--police-hours", help="Giờ tiếp dân của công an xã (mặc định như trên).")
@_author
def commune_add(commune_id: str, by: str, **given: str | None) -> None:
    """Tạo một xã."""
    from bot.commands.places import add

    click.echo(go(add(read_settings(log_level="error"), commune_id, given, by)))


@click.group()
def province() -> None:
    """Các tỉnh: lệ phí và những gì tỉnh quy định riêng."""


def _place_commands(group: click.Group, scope: str) -> None:
    """What communes and provinces have in common."""

    @group.command("list")
    def list_() -> None:
        """Danh sách."""
        from bot.commands.places import listing

        click.echo(go(listing(read_settings(log_level="error"), scope)))  # type: ignore[arg-type]

    @group.command("show")
    @click.argument("place_id", metavar="MÃ")
    def show(place_id: str) -> None:
        """In nội dung đang dùng."""
        from bot.commands.places import show as run

        click.echo(go(run(read_settings(log_level="error"), scope, place_id)))  # type: ignore[arg-type]

    @group.command("import")
    @click.argument("file", type=EXISTING_FILE)
    @_author
    def import_(file: Path, by: str) -> None:
        """Ghi một tệp YAML thành bản mới."""
        from bot.commands.places import bring_in

        click.echo(go(bring_in(read_settings(log_level="error"), scope, file, by)))  # type: ignore[arg-type]

    @group.command("export")
    @click.argument("place_id", metavar="MÃ")
    @to_file
    def export(place_id: str, out: Path) -> None:
        """Xuất nội dung đang dùng ra tệp."""
        from bot.commands.places import export as run

        click.echo(go(run(read_settings(log_level="error"), scope, place_id, out)))  # type: ignore[arg-type]

    @group.command("set")
    @click.argument("place_id", metavar="MÃ")
    @click.argument("entry", metavar="MỤC")
    @click.argument("value", metavar="GIÁ_TRỊ")
    @_author
    def set_(place_id: str, entry: str, value: str, by: str) -> None:
        """Sửa một mục, ví dụ: set hoa-mai police.phone "0200 000 0114"."""
        from bot.commands.places import set_value

        settings = read_settings(log_level="error")
        click.echo(go(set_value(settings, scope, place_id, entry, value, by)))  # type: ignore[arg-type]

    @group.command("history")
    @click.argument("place_id", metavar="MÃ")
    def history(place_id: str) -> None:
        """Các bản đã ghi, bản mới nhất trước."""
        from bot.commands.places import history as run

        click.echo(go(run(read_settings(log_level="error"), scope, place_id)))  # type: ignore[arg-type]

    @group.command("restore")
    @click.argument("place_id", metavar="MÃ")
    @click.argument("number", metavar="BẢN", type=int)
    @_author
    def restore(place_id: str, number: int, by: str) -> None:
        """Lấy lại một bản cũ (0: tệp có sẵn)."""
        from bot.commands.places import restore as run

        settings = read_settings(log_level="error")
        click.echo(go(run(settings, scope, place_id, number, by)))  # type: ignore[arg-type]

    @group.command("remove")
    @click.argument("place_id", metavar="MÃ")
    @_author
    def remove(place_id: str, by: str) -> None:
        """Bỏ hẳn; các bản đã ghi còn giữ, lấy lại được bằng restore."""
        from bot.commands.places import remove as run

        click.echo(go(run(read_settings(log_level="error"), scope, place_id, by)))  # type: ignore[arg-type]


_place_commands(commune, "commune")
_place_commands(province, "province")
