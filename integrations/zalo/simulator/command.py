"""The simulator as a program of its own, for developers of any language.

``python -m integrations.zalo.simulator --port 9400 --webhook http://127.0.0.1:8000/zalo``
"""

from __future__ import annotations

import argparse
import asyncio
import secrets
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from aiohttp import web

from integrations.simulation.clock import MachineClock
from integrations.zalo.simulator.app import ZaloSimulator
from integrations.zalo.simulator.policy import Policy

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Options:
    """What to simulate; secrets that are empty are made up."""

    port: int = 9400
    webhook: str = ""
    host: str = "127.0.0.1"
    scale: float = 1.0
    state: Path | None = None
    app_id: str = "2000000000000000002"
    oa_id: str = "1000000000000000001"
    app_secret: str = ""
    oa_secret: str = ""
    access_token: str = ""
    refresh_token: str = ""
    redirect_uri: str = ""
    free_replies: int | None = 8


async def run(options: Options, say: Say, stop: asyncio.Event | None = None) -> None:
    """Serve until ``stop`` is set, or for ever.

    Raises:
        OSError: the port is taken.
    """
    keys = _with_secrets(options)
    simulator = _simulator(keys)
    runner = web.AppRunner(simulator.app(), access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, keys.host, keys.port).start()
        say(_greeting(keys, f"http://{keys.host}:{runner.addresses[0][1]}"))
        await (stop or asyncio.Event()).wait()
    finally:
        await runner.cleanup()


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    options = _parse(arguments)
    try:
        asyncio.run(run(options, _print))
    except KeyboardInterrupt:
        _print("Đã dừng.")
    except OSError as fault:
        _print(f"Không mở được cổng {options.port}: {fault.strerror}")
        return 1
    return 0


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _parse(arguments: Sequence[str] | None) -> Options:
    plain = Options()
    parser = argparse.ArgumentParser(
        prog="python -m integrations.zalo.simulator", description="Zalo OA mô phỏng"
    )
    parser.add_argument("--port", type=int, default=plain.port, help="cổng (0: tự chọn)")
    parser.add_argument("--host", default=plain.host, help="địa chỉ nghe")
    parser.add_argument("--webhook", default="", help="địa chỉ nhận sự kiện")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="nhân thời gian gửi lại, ví dụ 0.01"
    )
    parser.add_argument(
        "--state", type=Path, default=None, help="tệp giữ trạng thái qua lần chạy sau"
    )
    parser.add_argument("--free-replies", type=int, default=8, help="tin miễn phí trong 48 giờ")
    for name, help_ in _WORDS.items():
        default = getattr(plain, name)
        parser.add_argument(f"--{name.replace('_', '-')}", default=default, help=help_)
    return Options(**vars(parser.parse_args(arguments)))


_WORDS = {
    "app_id": "mã ứng dụng",
    "oa_id": "mã trang OA",
    "app_secret": "khóa bí mật của ứng dụng",
    "oa_secret": "khóa bí mật của OA (ký webhook)",
    "access_token": "access token đầu tiên",
    "refresh_token": "refresh token đầu tiên",
    "redirect_uri": "địa chỉ quay về duy nhất được nhận",
}


def _with_secrets(options: Options) -> Options:
    return replace(
        options,
        app_secret=options.app_secret or secrets.token_urlsafe(24),
        oa_secret=options.oa_secret or secrets.token_urlsafe(24),
        access_token=options.access_token or secrets.token_urlsafe(48),
        refresh_token=options.refresh_token or secrets.token_urlsafe(48),
    )


def _simulator(options: Options) -> ZaloSimulator:
    return ZaloSimulator(
        MachineClock(),
        options.webhook,
        app_id=options.app_id,
        oa_id=options.oa_id,
        oa_secret=options.oa_secret,
        access_token=options.access_token,
        refresh_token=options.refresh_token,
        app_secret=options.app_secret,
        redirect_uri=options.redirect_uri,
        state_path=options.state,
        policy=Policy(free_replies=options.free_replies),
        delay_scale=options.scale,
    )


def _greeting(options: Options, address: str) -> str:
    consent = f"{address}/v4/oa/permission?app_id={options.app_id}&redirect_uri=..."
    rows = {
        "Địa chỉ API (openapi, business, oauth)": address,
        "Trang cấp quyền": consent,
        "Webhook gửi tới": options.webhook or "(chưa đặt: POST /console/webhook)",
        "app_id": options.app_id,
        "app_secret": options.app_secret,
        "oa_id": options.oa_id,
        "oa_secret": options.oa_secret,
        "access_token": options.access_token,
        "refresh_token": options.refresh_token,
        "Người dân nhắn": f"POST {address}/phone/<mã>/send" + ' {"text": "xin chào"}',
        "Đặt lỗi": f"POST {address}/faults",
    }
    lines = [f"  {name}: {value}" for name, value in rows.items()]
    return "\n".join(["Zalo mô phỏng đang chạy, Ctrl+C để dừng.", *lines])
