"""The ``hotro`` command. Texts are Vietnamese: commune IT volunteers read them."""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from pathlib import Path

import click

from bot.commands.announcements_cli import announce
from bot.commands.dossiers_cli import dossier
from bot.commands.running import go as _go
from bot.commands.running import read_settings as _settings
from bot.commands.sms_cli import sms


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="hotro", prog_name="hotro")
def main() -> None:
    """hotro: trợ lý của xã, trả lời bà con qua Zalo, SMS và web."""


main.add_command(announce)
main.add_command(sms)
main.add_command(dossier)


def _say(line: str) -> None:
    click.echo(line, err=True)


_port = click.option("--port", type=int, help="Cổng (mặc định 8080).")
_host = click.option("--host", help="Địa chỉ nghe (mặc định 127.0.0.1).")


def _serve(parts: tuple[str, ...], host: str | None, port: int | None) -> None:
    from bot import app

    settings = _settings(host=host, port=port)
    _go(app.run(settings, parts, _say))  # type: ignore[arg-type]


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

    settings = _settings(host=host, port=port)
    _go(run(settings, _say))


@main.command()
@click.option("--force", is_flag=True, help="Huấn luyện lại dù dữ liệu không đổi.")
@click.option("--anyway", is_flag=True, help="Dùng mô hình mới dù nó hiểu kém hơn mô hình cũ.")
def train(force: bool, anyway: bool) -> None:
    """Huấn luyện mô hình hiểu câu hỏi (bỏ qua khi dữ liệu không đổi).

    Mô hình mới làm bài kiểm tra nlu_data/test trước; hiểu kém hơn mô hình đang dùng thì không
    được thay.
    """
    from bot.understanding.training import NotPublished, TrainingError
    from bot.understanding.training import train as train_model

    settings = _settings()
    try:
        model = asyncio.run(
            train_model(settings.models_dir, settings.nlu_dir, _say, force, anyway=anyway)
        )
    except NotPublished as error:
        raise click.ClickException(
            f"mô hình mới hiểu kém hơn mô hình đang dùng ({error}). Vẫn dùng mô hình cũ. "
            "Xem hotro evaluate --worst 20; vẫn muốn thay thì chạy: hotro train --anyway"
        ) from error
    except TrainingError as error:
        raise click.ClickException(f"không huấn luyện được: {error}") from error
    counts = f"{model.counts['examples']} câu, {model.counts['intents']} nhãn"
    if model.both is not None:
        counts += f"; hiểu đúng {model.both:.1%} bộ câu hỏi thử"
    if model.fresh:
        click.echo(f"Đã huấn luyện mô hình {model.hash[:12]} ({counts}).")
    else:
        click.echo(f"Dữ liệu không đổi, dùng tiếp mô hình {model.hash[:12]} ({counts}).")


@main.command()
@click.option(
    "--entities",
    is_flag=True,
    help="In thêm ngày, tuổi, mã hồ sơ, số điện thoại, số bản, quan hệ, địa danh trong câu.",
)
def understand(entities: bool) -> None:
    """Đọc từng dòng từ stdin, in ra cách hiểu (mỗi dòng một JSON)."""
    from bot.clock import SystemClock, local_date
    from bot.commands.understand import run

    today = local_date(SystemClock().now()) if entities else None
    _go(run(_settings(log_level="warning"), sys.stdin, sys.stdout, today))


@main.command()
@click.argument(
    "files",
    metavar="[TỆP.jsonl]...",
    nargs=-1,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--baseline", is_flag=True, help="So với Rasa nguyên bản (lần đầu huấn luyện mất vài giờ)."
)
@click.option(
    "--epochs",
    metavar="N",
    type=click.IntRange(min=1),
    help="Huấn luyện Rasa nguyên bản N vòng thay vì 100, cho nhanh.",
)
@click.option(
    "--json",
    "json_file",
    metavar="TỆP",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Ghi thêm mọi con số vào tệp này, dạng JSON.",
)
@click.option(
    "--worst",
    metavar="N",
    type=click.IntRange(min=1),
    help="In N câu hiểu sai mà mô hình tin chắc nhất.",
)
def evaluate(
    files: tuple[Path, ...],
    baseline: bool,
    epochs: int | None,
    json_file: Path | None,
    worst: int | None,
) -> None:
    """Đo xem trợ lý hiểu đúng đến đâu (mặc định các câu trong nlu_data/test)."""
    from bot.commands.evaluate import Wanted, run

    wanted = Wanted(files, baseline, epochs, worst or 0, json_file)
    click.echo(_go(run(_settings(log_level="error"), wanted, _say)))


@main.command()
@click.argument("text")
@click.option("--channel", type=click.Choice(["zalo", "sms", "web"]), default="web")
@click.option("--conversation", help="Tên cuộc trò chuyện, để hỏi tiếp nhiều lần.")
@click.option("--commune", help="Mã xã (mặc định xã đầu tiên trong faq/communes).")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="Coi như hôm đó là ngày này.")
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
    click.echo(_go(run(_settings(log_level="error"), question)))


@main.group()
def content() -> None:
    """Nội dung trong faq/."""


@content.command("check")
def content_check() -> None:
    """Kiểm tra faq/: chỉ ra tệp, dòng và lý do của từng lỗi."""
    from bot.commands.content import check

    settings = _settings()
    if not check(settings.faq_dir):
        raise SystemExit(1)


_day = click.DateTime(["%Y-%m-%d"])


@content.command("diff")
@click.option("--from", "first", type=_day, required=True, help="Ngày đầu, ví dụ 2026-12-31.")
@click.option("--to", "second", type=_day, required=True, help="Ngày sau, ví dụ 2027-03-02.")
@click.option("--commune", help="Mã xã (mặc định xã đầu tiên).")
def content_diff(first: datetime, second: datetime, commune: str | None) -> None:
    """Giữa hai ngày, bà con sẽ nghe trả lời khác đi ở chỗ nào."""
    from bot.commands.content import diff

    settings = _settings(log_level="error")
    click.echo(_go(diff(settings, first.date(), second.date(), commune)))


@content.command("todo")
@click.option("--commune", help="Mã xã (mặc định xã đầu tiên).")
def content_todo(commune: str | None) -> None:
    """Điều cán bộ còn phải xác nhận, và điều sắp hết hiệu lực hoặc phải kiểm tra lại."""
    from bot.commands.content import todo

    click.echo(_go(todo(_settings(log_level="error"), commune)))


@content.command("confirm")
@click.argument("name", metavar="KHOÁ")
@click.option("--commune", help="Mã xã.")
@click.option("--province", help="Mã tỉnh: xác nhận cho mọi xã của tỉnh.")
@click.option("--by", required=True, help="Ai xác nhận.")
@click.option("--on", type=_day, help="Ngày xác nhận (mặc định hôm nay).")
def content_confirm(
    name: str, commune: str | None, province: str | None, by: str, on: datetime | None
) -> None:
    """Ghi rằng một điều đã được xác nhận, ví dụ: hotro content confirm u1 --commune hoa-mai."""
    from bot.commands.places import confirm

    if (commune is None) == (province is None):
        raise click.ClickException("cho biết --commune hoặc --province")
    scope, place = ("commune", commune) if commune else ("province", province)
    day = on.date() if on else None
    click.echo(_go(confirm(_settings(log_level="error"), scope, place or "", name, by, day)))  # type: ignore[arg-type]


@content.command("reading")
@click.option("--worst", type=click.IntRange(min=0), default=10, show_default=True, metavar="N")
def content_reading(worst: int) -> None:
    """Câu dài hay ngắn: số liệu và N câu dài nhất."""
    from bot.commands.content import read_aloud

    click.echo(read_aloud(_settings().faq_dir, worst))


@content.command("schema")
def content_schema() -> None:
    """Ghi lại các JSON Schema trong faq/schema."""
    from bot.commands.content import write_schemas

    click.echo(write_schemas(_settings().faq_dir))


_author = click.option("--by", default="dòng lệnh", show_default=True, help="Ai sửa.")


@main.group()
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

    click.echo(_go(add(_settings(log_level="error"), commune_id, given, by)))


@main.group()
def province() -> None:
    """Các tỉnh: lệ phí và những gì tỉnh quy định riêng."""


def _place_commands(group: click.Group, scope: str) -> None:
    """What communes and provinces have in common."""

    @group.command("list")
    def list_() -> None:
        """Danh sách."""
        from bot.commands.places import listing

        click.echo(_go(listing(_settings(log_level="error"), scope)))  # type: ignore[arg-type]

    @group.command("show")
    @click.argument("place_id", metavar="MÃ")
    def show(place_id: str) -> None:
        """In nội dung đang dùng."""
        from bot.commands.places import show as run

        click.echo(_go(run(_settings(log_level="error"), scope, place_id)))  # type: ignore[arg-type]

    @group.command("import")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @_author
    def import_(file: Path, by: str) -> None:
        """Ghi một tệp YAML thành bản mới."""
        from bot.commands.places import bring_in

        click.echo(_go(bring_in(_settings(log_level="error"), scope, file, by)))  # type: ignore[arg-type]

    @group.command("export")
    @click.argument("place_id", metavar="MÃ")
    @click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True)
    def export(place_id: str, out: Path) -> None:
        """Xuất nội dung đang dùng ra tệp."""
        from bot.commands.places import export as run

        click.echo(_go(run(_settings(log_level="error"), scope, place_id, out)))  # type: ignore[arg-type]

    @group.command("set")
    @click.argument("place_id", metavar="MÃ")
    @click.argument("entry", metavar="MỤC")
    @click.argument("value", metavar="GIÁ_TRỊ")
    @_author
    def set_(place_id: str, entry: str, value: str, by: str) -> None:
        """Sửa một mục, ví dụ: set hoa-mai police.phone "0200 000 0114"."""
        from bot.commands.places import set_value

        settings = _settings(log_level="error")
        click.echo(_go(set_value(settings, scope, place_id, entry, value, by)))  # type: ignore[arg-type]

    @group.command("history")
    @click.argument("place_id", metavar="MÃ")
    def history(place_id: str) -> None:
        """Các bản đã ghi, bản mới nhất trước."""
        from bot.commands.places import history as run

        click.echo(_go(run(_settings(log_level="error"), scope, place_id)))  # type: ignore[arg-type]

    @group.command("restore")
    @click.argument("place_id", metavar="MÃ")
    @click.argument("number", metavar="BẢN", type=int)
    @_author
    def restore(place_id: str, number: int, by: str) -> None:
        """Lấy lại một bản cũ (0: tệp có sẵn)."""
        from bot.commands.places import restore as run

        settings = _settings(log_level="error")
        click.echo(_go(run(settings, scope, place_id, number, by)))  # type: ignore[arg-type]

    @group.command("remove")
    @click.argument("place_id", metavar="MÃ")
    @_author
    def remove(place_id: str, by: str) -> None:
        """Bỏ hẳn; các bản đã ghi còn giữ, lấy lại được bằng restore."""
        from bot.commands.places import remove as run

        click.echo(_go(run(_settings(log_level="error"), scope, place_id, by)))  # type: ignore[arg-type]


_place_commands(commune, "commune")
_place_commands(province, "province")


@main.group()
def officer() -> None:
    """Tài khoản cán bộ."""


@officer.command("add")
@click.argument("username")
@click.option("--name", required=True, help="Họ tên hiện cho người dân và cán bộ khác.")
@click.option("--commune", required=True, help="Mã xã.")
@click.password_option(
    prompt="Mật khẩu (ít nhất 10 ký tự)", confirmation_prompt="Nhập lại mật khẩu"
)
def officer_add(username: str, name: str, commune: str, password: str) -> None:
    """Tạo tài khoản cho một cán bộ."""
    from bot.commands.people import add_officer

    click.echo(_go(add_officer(_settings(), commune, username, name, password)))


@officer.command("password")
@click.argument("username")
@click.password_option(prompt="Mật khẩu mới", confirmation_prompt="Nhập lại mật khẩu")
def officer_password(username: str, password: str) -> None:
    """Đặt lại mật khẩu cho một cán bộ."""
    from bot.commands.people import reset_password

    click.echo(_go(reset_password(_settings(), username, password)))


@officer.command("list")
def officer_list() -> None:
    """Danh sách cán bộ."""
    from bot.commands.people import list_officers

    click.echo(_go(list_officers(_settings())))


@main.group()
def board() -> None:
    """Bảng tin có mã QR."""


@board.command("add")
@click.argument("code")
@click.option("--commune", required=True, help="Mã xã.")
@click.option("--place", required=True, help="Nơi đặt bảng, ví dụ: Nhà văn hoá thôn 2.")
@click.option("--procedure", help="Thủ tục của bảng, ví dụ khai_sinh.")
def board_add(code: str, commune: str, place: str, procedure: str | None) -> None:
    """Thêm một bảng tin."""
    from bot.commands.people import add_board

    click.echo(_go(add_board(_settings(), commune, code, place, procedure)))


@board.command("list")
@click.option("--commune", required=True, help="Mã xã.")
def board_list(commune: str) -> None:
    """Các bảng tin và số lượt quét."""
    from bot.commands.people import list_boards

    click.echo(_go(list_boards(_settings(), commune)))


@main.group()
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
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
def questions_list(commune: str | None, state: str, limit: int) -> None:
    """Các câu, câu cũ nhất trước: số, ngày, câu hỏi, máy đoán, gợi ý."""
    from bot.commands.questions import listing

    click.echo(_go(listing(_settings(), commune, state, limit)))  # type: ignore[arg-type]


@questions.command("label")
@click.argument("question_id", metavar="SỐ", type=int)
@click.argument("label", metavar="VIỆC+Ý")
@_by
def questions_label(question_id: int, label: str, by: str) -> None:
    """Gán nhãn cho một câu, ví dụ: hotro questions label 7 khai_sinh+le_phi."""
    from bot.commands.questions import label as give

    click.echo(_go(give(_settings(), question_id, label, by)))


@questions.command("accept")
@click.argument("question_id", metavar="SỐ", type=int)
@_by
def questions_accept(question_id: int, by: str) -> None:
    """Lấy gợi ý (điều người dân chọn sau đó) làm nhãn."""
    from bot.commands.questions import accept

    click.echo(_go(accept(_settings(), question_id, by)))


@questions.command("skip")
@click.argument("question_id", metavar="SỐ", type=int)
@_by
def questions_skip(question_id: int, by: str) -> None:
    """Bỏ qua một câu không dạy được gì."""
    from bot.commands.questions import skip

    click.echo(_go(skip(_settings(), question_id, by)))


@questions.command("export")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Tệp đích (mặc định nlu_data/data/corrections.yml).",
)
@click.option("--again", is_flag=True, help="Cả những câu đã xuất trước đây.")
def questions_export(out: Path | None, again: bool) -> None:
    """Đưa các câu đã gán nhãn vào dữ liệu huấn luyện."""
    from bot.commands.questions import export

    click.echo(_go(export(_settings(), out, again)))


@main.group()
def zalo() -> None:
    """Zalo OA của một xã: khai báo, kết nối, kiểm tra."""


_commune = click.option("--commune", required=True, help="Mã xã.")


@zalo.command("status")
@_commune
def zalo_status(commune: str) -> None:
    """OA và bot đang ra sao."""
    from bot.commands.zalo import status

    click.echo(_go(status(_settings(log_level="error"), commune)))


@zalo.command("set")
@_commune
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
    click.echo(_go(change(_settings(log_level="error"), commune, values)))


@zalo.command("connect")
@_commune
def zalo_connect(commune: str) -> None:
    """In địa chỉ để quản trị viên OA bấm đồng ý."""
    from bot.commands.zalo import connect

    click.echo(_go(connect(_settings(log_level="error"), commune)))


@zalo.command("paste")
@_commune
@click.option("--access", prompt="Access token", hide_input=True)
@click.option("--refresh", prompt="Refresh token", hide_input=True)
def zalo_paste(commune: str, access: str, refresh: str) -> None:
    """Dán cặp mã lấy từ API Explorer của Zalo."""
    from bot.commands.zalo import paste

    click.echo(_go(paste(_settings(log_level="error"), commune, access, refresh)))


@zalo.command("check")
@_commune
def zalo_check(commune: str) -> None:
    """Hỏi Zalo xem mã còn dùng được không, gói nào, còn bao lâu."""
    from bot.commands.zalo import check

    click.echo(_go(check(_settings(log_level="error"), commune)))


@zalo.command("groups")
@_commune
def zalo_groups(commune: str) -> None:
    """Các nhóm mà OA đã tạo."""
    from bot.commands.zalo import groups

    click.echo(_go(groups(_settings(log_level="error"), commune)))


@zalo.command("disconnect")
@_commune
@click.confirmation_option(prompt="Xoá các mã của OA này?")
def zalo_disconnect(commune: str) -> None:
    """Xoá mã và khoá của OA."""
    from bot.commands.zalo import disconnect

    click.echo(_go(disconnect(_settings(log_level="error"), commune)))


@zalo.command("simulator")
@click.option("--port", type=int, default=9400, show_default=True)
@click.option("--webhook", required=True, help="Địa chỉ webhook của hotro.")
@click.option("--scale", type=float, default=1.0, show_default=True, help="Rút ngắn lịch gửi lại.")
@click.option(
    "--state", type=click.Path(dir_okay=False, path_type=Path), help="Tệp giữ trạng thái."
)
def zalo_simulator(port: int, webhook: str, scale: float, state: Path | None) -> None:
    """Chạy một Zalo mô phỏng trên máy này để thử."""
    from integrations.zalo.simulator import Options, run

    _go(run(Options(port=port, webhook=webhook, scale=scale, state=state), click.echo))


@main.group()
def zalobot() -> None:
    """Bot miễn phí của Zalo (không cần địa chỉ công khai, không cần gói OA)."""


@zalobot.command("set")
@_commune
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

    click.echo(_go(set_bot(_settings(log_level="error"), commune, token)))


@zalobot.command("status")
@_commune
def zalobot_status(commune: str) -> None:
    """Bot đang ra sao."""
    from bot.commands.zalo import status

    click.echo(_go(status(_settings(log_level="error"), commune)))


@main.command()
def doctor() -> None:
    """Kiểm tra cài đặt, cơ sở dữ liệu, mô hình, Zalo, SMS; nói cách sửa từng lỗi."""
    from bot.commands.doctor import run

    healthy = _go(run(_settings(log_level="error"), click.echo))
    if not healthy:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
