"""``hotro train``, ``hotro understand``, ``hotro evaluate`` as typed: the model."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from bot.commands.options import EXISTING_FILE, NEW_FILE
from bot.commands.running import go, read_settings, say


@click.command()
@click.option("--force", is_flag=True, help="Huấn luyện lại dù dữ liệu không đổi.")
@click.option("--anyway", is_flag=True, help="Dùng mô hình mới dù nó hiểu kém hơn mô hình cũ.")
def train(force: bool, anyway: bool) -> None:
    """Huấn luyện mô hình hiểu câu hỏi (bỏ qua khi dữ liệu không đổi).

    Mô hình mới làm bài kiểm tra nlu_data/test trước; hiểu kém hơn mô hình đang dùng thì không
    được thay.
    """
    from bot.understanding.training import NotPublished, TrainingError
    from bot.understanding.training import train as train_model

    settings = read_settings()
    try:
        model = asyncio.run(
            train_model(settings.models_dir, settings.nlu_dir, say, force, anyway=anyway)
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


@click.command()
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
    go(run(read_settings(log_level="warning"), sys.stdin, sys.stdout, today))


@click.command()
@click.argument("files", metavar="[TỆP.jsonl]...", nargs=-1, type=EXISTING_FILE)
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
    type=NEW_FILE,
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
    click.echo(go(run(read_settings(log_level="error"), wanted, say)))
