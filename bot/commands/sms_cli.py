"""``hotro sms ...`` as it is typed; :mod:`bot.commands.sms` does it."""

from __future__ import annotations

import click

from bot.commands.options import of_commune
from bot.commands.running import go, read_settings

_gateway = click.argument("name", metavar="CỔNG")
_OWN = ("own_number", "share", "per_minute", "per_hour", "per_day", "price")


@click.group()
def sms() -> None:
    """Cổng SMS của một xã: khai báo, thử, theo dõi."""


@sms.command("kinds")
def sms_kinds() -> None:
    """Các kiểu cổng, và mỗi kiểu cần điền gì."""
    from bot.commands.sms import kinds

    click.echo(go(kinds(read_settings(log_level="error"))))


@sms.command("list")
@of_commune
def sms_list(commune: str) -> None:
    """Các cổng của xã đang ra sao."""
    from bot.commands.sms import listing

    click.echo(go(listing(read_settings(log_level="error"), commune)))


@sms.command("set")
@_gateway
@of_commune
@click.option("--kind", help="Kiểu của cổng mới (xem: hotro sms kinds).")
@click.option("--own-number", help="Số mà bà con nhắn tới, đầu số ngắn hoặc tên thương hiệu.")
@click.option("--share", help="Phần tin cổng này gánh; 0: chỉ dự phòng.")
@click.option("--per-minute", help="Nhiều nhất bao nhiêu tin một phút; 0: không giới hạn.")
@click.option("--per-hour", help="Nhiều nhất bao nhiêu tin một giờ.")
@click.option("--per-day", help="Nhiều nhất bao nhiêu tin một ngày.")
@click.option("--price", help="Giá một tin, đồng.")
@click.option(
    "-o", "options", multiple=True, metavar="MỤC=GIÁ_TRỊ",
    help="Mục riêng của kiểu cổng, ghi được nhiều lần; MỤC=- để nhập kín.",
)  # fmt: skip
def sms_set(
    name: str, commune: str, kind: str | None, options: tuple[str, ...], **own: str | None
) -> None:
    """Thêm một cổng, hoặc đổi những mục được ghi.

    Ví dụ: hotro sms set viettel --commune hoa-mai --kind smsgate --own-number 0912345678
    -o url=http://192.168.1.20:8080 -o user=sms -o password=-
    """
    from bot.commands.sms import change

    values = {key: value for key, value in own.items() if value is not None}
    values |= dict(_option(told) for told in options)
    click.echo(go(change(read_settings(log_level="error"), commune, name, kind, values)))


def _option(told: str) -> tuple[str, str]:
    name, mark, value = told.partition("=")
    if not mark or name in _OWN:
        raise click.ClickException(f"ghi -o MỤC=GIÁ_TRỊ, không phải -o {told}")
    return name, click.prompt(name, hide_input=True) if value == "-" else value


@sms.command("remove")
@_gateway
@of_commune
@click.confirmation_option(prompt="Xoá cổng này và các khoá của nó?")
def sms_remove(name: str, commune: str) -> None:
    """Xoá một cổng."""
    from bot.commands.sms import remove

    click.echo(go(remove(read_settings(log_level="error"), commune, name)))


@sms.command("check")
@click.argument("name", metavar="[CỔNG]", required=False)
@of_commune
def sms_check(name: str | None, commune: str) -> None:
    """Hỏi cổng (mặc định mọi cổng) xem có gửi nhận được không; không gửi tin nào."""
    from bot.commands.sms import check

    said, well = go(check(read_settings(log_level="error"), commune, name))
    click.echo(said)
    if not well:
        raise SystemExit(1)


@sms.command("test")
@_gateway
@of_commune
@click.option("--to", "number", required=True, help="Số nhận tin thử.")
@click.option("--wait", type=click.IntRange(min=0), default=30, show_default=True, metavar="GIÂY")
def sms_test(name: str, commune: str, number: str, wait: int) -> None:
    """Gửi một tin thử qua cổng này (hotro phải đang chạy)."""
    from bot.commands.sms import send_trial

    click.echo(go(send_trial(read_settings(log_level="error"), commune, name, number, wait)))


@sms.command("connect")
@_gateway
@of_commune
def sms_connect(name: str, commune: str) -> None:
    """Đăng ký webhook của hotro vào cổng (điện thoại SMSGate)."""
    from bot.commands.sms import connect

    click.echo(go(connect(read_settings(log_level="error"), commune, name)))


@sms.command("snippet")
@_gateway
@of_commune
def sms_snippet(name: str, commune: str) -> None:
    """In cấu hình cần chép sang cổng (Kannel, gammu-smsd)."""
    from bot.commands.sms import snippet

    click.echo(go(snippet(read_settings(log_level="error"), commune, name)))


@sms.command("preview")
@click.argument("text", metavar="NỘI_DUNG")
@of_commune
def sms_preview(text: str, commune: str) -> None:
    """Xem tin hiện ra trên điện thoại phím thế nào, dài mấy tin, hết bao nhiêu tiền."""
    from bot.commands.sms import preview

    click.echo(go(preview(read_settings(log_level="error"), commune, text)))
