"""``hotro sms``, against a simulated gateway over real HTTP."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web

from bot.commands import doctor
from bot.commands import sms as commands
from bot.core import StartError, open_core
from bot.delivery.sender import Outbound
from bot.settings import Settings
from bot.working import senders
from integrations.simulation.clock import MachineClock
from integrations.sms.kinds import KINDS
from integrations.sms.simulator import SmsGatewaySimulator
from tests.conftest import SECRET
from tests.factories import HOME, ROOT
from tests.integrations.http import serving

MINE = "+84987654321"


@dataclass
class Site:
    """A commune's machine, and the gateway that it may use."""

    settings: Settings
    sim: SmsGatewaySimulator
    url: str

    async def entered(self, **more: str) -> str:
        values = {
            "url": self.url, "own_number": "0900000113", "token": "geheim", "secret": "s",
            "price": "350",
        }  # fmt: skip
        return await commands.change(self.settings, HOME, "viettel", "generic", values | more)

    async def deliver(self) -> None:
        """What ``hotro serve`` does beside the command."""
        async with open_core(self.settings) as core:
            await Outbound(
                core.store, senders(core), core.wakeups, core.clock, core.wall,
                plans=core.outside.plans,
            ).drain()  # fmt: skip


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    sim = SmsGatewaySimulator(
        MachineClock(), "", secret="s", token="geheim", own_number="+84900000113"
    )
    app = web.Application()
    app.add_subapp("/sim", sim.app())
    async with serving(app) as base:
        settings = Settings(data_dir=tmp_path, public_url=base, secret_key=SECRET)
        yield Site(settings, sim, f"{base}/sim/messages")


async def test_a_commune_without_a_gateway_is_told_what_to_do(site: Site) -> None:
    assert "hotro sms set" in await commands.listing(site.settings, HOME)
    assert await commands.check(site.settings, HOME, None) == ("Xã chưa có cổng SMS.", True)
    for command in (commands.connect, commands.snippet, commands.remove):
        with pytest.raises(StartError, match="không có cổng SMS"):
            await command(site.settings, HOME, "viettel")
    with pytest.raises(StartError, match="không có xã"):
        await commands.listing(site.settings, "nowhere")


async def test_every_kind_is_told_with_what_it_asks_for(site: Site) -> None:
    said = await commands.kinds(site.settings)
    for kind in KINDS.values():
        assert kind.label in said
        for field in kind.fields:
            assert f"- {field.name}: {field.label}" in said


async def test_a_gateway_is_entered_changed_and_removed(site: Site) -> None:
    said = await site.entered()
    assert "viettel: dùng được" in said
    assert f"/webhooks/sms/viettel/{HOME}" in said
    assert "geheim" not in said
    with pytest.raises(StartError, match="--kind"):
        await commands.change(site.settings, HOME, "moi", None, {})
    with pytest.raises(StartError, match="không có mục"):
        await commands.change(site.settings, HOME, "viettel", None, {"urll": "x"})
    assert "dự phòng" in await commands.change(site.settings, HOME, "viettel", None, {"share": "0"})
    assert "Đã xoá" in await commands.remove(site.settings, HOME, "viettel")
    assert "hotro sms set" in await commands.listing(site.settings, HOME)


async def test_gateways_are_checked(site: Site) -> None:
    await site.entered()
    said, well = await commands.check(site.settings, HOME, None)
    assert ("viettel: dùng được" in said, well) == (True, True)
    await site.entered(token="falsch")
    said, well = await commands.check(site.settings, HOME, "viettel")
    assert ("mã truy cập" in said, well) == (True, False)
    assert "mã truy cập" in await commands.listing(site.settings, HOME)


async def test_a_trial_is_sent_and_waited_for(site: Site) -> None:
    await site.entered()
    said = await commands.send_trial(site.settings, HOME, "viettel", MINE, 0)
    assert "có đang chạy không" in said
    await site.deliver()
    sending = asyncio.create_task(commands.send_trial(site.settings, HOME, "viettel", MINE, 30))
    while not sending.done():
        await site.deliver()
        await asyncio.sleep(0.1)
    assert f"tới {MINE}: cổng đã nhận gửi" in sending.result()
    assert len(site.sim.network.journal.since(MINE, 0)) == 2
    with pytest.raises(StartError, match="Số điện thoại"):
        await commands.send_trial(site.settings, HOME, "viettel", "113", 0)


async def test_what_a_gateway_has_to_know_is_printed(site: Site) -> None:
    await site.entered()
    said = await commands.snippet(site.settings, HOME, "viettel")
    assert f"/webhooks/sms/viettel/{HOME}" in said
    with pytest.raises(StartError, match="webhook"):
        await commands.connect(site.settings, HOME, "viettel")


async def test_a_text_is_shown_as_on_an_old_phone(site: Site) -> None:
    await site.entered()
    said = await commands.preview(site.settings, HOME, "Mời bà Thanh đến nhận kết quả")
    assert "Không dấu (xã gửi thế này): 1 tin, 350 đ, GSM-7" in said
    assert "Có dấu: 1 tin, 350 đ, UCS-2" in said
    assert "|Moi ba Thanh den|" in said
    assert "|Mời bà Thanh đến|" in said


async def test_the_doctor_asks_every_gateway(site: Site) -> None:
    async def told() -> list[str]:
        said: list[str] = []
        await doctor.run(site.settings, said.append)
        return said

    assert any(line.startswith("✔ SMS: chưa cài đặt") for line in await told())
    await site.entered()
    assert any(line.startswith(f"✔ SMS {HOME} viettel: ") for line in await told())
    await site.entered(token="falsch")
    said = await told()
    [fault] = [n for n, line in enumerate(said) if line.startswith(f"✘ SMS {HOME} viettel: ")]
    assert "mã truy cập" in said[fault]
    assert f"hotro sms check viettel --commune {HOME}" in said[fault + 1]


# --- as it is typed -----------------------------------------------------------------------


def _hotro(*arguments: str, data: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "HOTRO_DATA_DIR": str(data), "HOTRO_CONFIG": str(data / "h.toml")}
    (data / "h.toml").touch()
    return subprocess.run(
        [sys.executable, "-m", "bot.cli", "sms", *arguments], cwd=ROOT, env=environment,
        input=stdin, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_secrets_may_be_typed_unseen(tmp_path: Path) -> None:
    done = _hotro(
        "set", "viettel", "--commune", HOME, "--kind", "generic", "--own-number", "0900000113",
        "-o", "url=http://127.0.0.1:9", "-o", "token=-", data=tmp_path, stdin="ganz geheim\n",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "viettel: dùng được" in done.stdout
    assert "ganz geheim" not in done.stdout
    done = _hotro("check", "--commune", HOME, data=tmp_path)
    assert (done.returncode, "viettel:" in done.stdout) == (1, True)
    assert "Traceback" not in done.stderr


def test_an_option_that_is_none_is_one_line(tmp_path: Path) -> None:
    for told in ("url", "share=3"):
        done = _hotro("set", "v", "--commune", HOME, "-o", told, data=tmp_path)
        assert done.returncode == 1
        assert "-o MỤC=GIÁ_TRỊ" in done.stderr
