"""The demo page and its clock."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from demo.routes import HERE, routes
from demo.samples import FAULTS, SAMPLES
from integrations.simulation.faults import counted
from integrations.webchat.pages import HERE as CHAT
from integrations.zalo.simulator.media import MEDIA
from integrations.zalobot.simulator.events import MEDIA as BOT_MEDIA
from tests.demo.fakes import START, FakeControl

Client = TestClient[web.Request, web.Application]
HOOKS = [
    "zalo-input",
    "zalo-send",
    "zalo-messages",
    "sms-input",
    "sms-send",
    "sms-messages",
    "clock-now",
    "clock-plus-hour",
    "clock-plus-day",
    "clock-plus-week",
    "clock-plus-month",
    "clock-reset",
    "model-state",
    "open-console",
    "open-chat",
    "open-board",
    "officer-user",
    "officer-password",
    "sample",
    "tab-zalo",
    "tab-sms",
    "zalo-attach",
    "manager-text",
    "manager-send",
    "faults",
    "revoke",
]


@pytest.fixture
def control() -> FakeControl:
    return FakeControl()


@pytest.fixture
async def client(control: FakeControl) -> AsyncIterator[Client]:
    app = web.Application()
    app.add_routes(routes(control))
    async with TestClient(TestServer(app)) as running:
        yield running


async def test_page_shows_people_login_and_ways(client: Client) -> None:
    response = await client.get("/")
    html = await response.text()
    assert response.status == 200
    assert response.headers["Content-Security-Policy"].startswith("default-src 'self'")
    for text in ("Chị Lan", "Ông Bảy", "hanh.tuphap", "/chat/song-phuong", "/q/BT7K"):
        assert text in html
    assert "thu-&lt;nghiem&gt;-2025" in html
    assert "Bản chạy thử, dữ liệu giả" in html
    for hook in HOOKS:
        assert f'data-testid="{hook}"' in html, hook


async def test_page_has_the_bot_and_the_officers_group(client: Client) -> None:
    html = await (await client.get("/")).text()
    for text in ("Cô Thơm · bot", "Bot xã Song Phượng", "Bot không có nút bấm", "#số xong"):
        assert text in html
    assert "Tư pháp &lt;Song Phượng&gt;" in html
    assert 'data-members="8821,8822"' in html
    assert 'data-names="Chị Hạnh,Anh &#34;Tí&#34;"' in html
    places = re.findall(r'name="zalo-person"[^>]*data-place="([a-z]+)"', html)
    assert places == ["oa", "oa", "oa", "bot", "group"]
    assert html.count('name="zalo-person"') == len(places)
    assert len(re.findall(r'name="zalo-person"[^>]* checked>', html)) == 1


async def test_what_can_be_attached_exists_in_both_simulators(client: Client) -> None:
    html = await (await client.get("/")).text()
    found = re.findall(r'data-oa="([a-z_]*)" data-bot="([a-z_]*)"', html)
    assert len(found) == 5
    assert {oa for oa, _ in found} <= set(MEDIA)
    assert {bot for _, bot in found} - {""} <= set(BOT_MEDIA)


def test_every_icon_is_in_the_page() -> None:
    html = (HERE / "templates" / "demo.html").read_text(encoding="utf-8")
    there = set(re.findall(r'<symbol id="i-([a-z]+)"', html))
    script = (HERE / "static" / "zalo-bubble.js").read_text(encoding="utf-8")
    table = re.search(r"const ICONS = \{(.*?)\};", script, re.DOTALL)
    assert table is not None
    used = set(re.findall(r': "([a-z]+)"', table[1])) | {"reply"}
    used |= set(re.findall(r'(?:glyph|attach)\("([a-z]+)"', html))
    assert used == there


def test_switches_are_faults_of_the_simulator() -> None:
    assert {fault.name for fault in FAULTS} <= counted()


def test_page_obeys_the_policy() -> None:
    html = (HERE / "templates" / "demo.html").read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", html)
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)
    assert not re.search(r"""(?:src|href)=["'](?:https?:)?//""", html)


def test_scripts_import_only_files_that_are_there() -> None:
    folders = {"demo-static": HERE / "static", "chat-static": CHAT / "static"}
    for script in (HERE / "static").glob("*.js"):
        text = script.read_text(encoding="utf-8")
        for room, name in re.findall(r'from "/([a-z-]+)/([^"]+)"', text):
            assert (folders[room] / name).is_file(), f"{script.name} imports {name}"


async def test_state(client: Client, control: FakeControl) -> None:
    control.model = {"state": "training", "detail": "Còn khoảng 1 phút."}
    assert await (await client.get("/demo/state")).json() == {
        "now": "2025-11-22T09:15:00+07:00",
        "model": {"state": "training", "detail": "Còn khoảng 1 phút."},
    }


async def test_clock_advances_and_comes_back(client: Client, control: FakeControl) -> None:
    answer = await client.post("/demo/clock", json={"advance_seconds": 7 * 86_400})
    assert (await answer.json())["now"] == "2025-11-29T09:15:00+07:00"
    assert control.now() == START + timedelta(days=7)
    await client.post("/demo/clock", json={"reset": True})
    assert control.now() == START


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"[" * 1000, b'{"reset": 1}', b'{"reset": false}', b"\xff"]
    + [
        json.dumps({"advance_seconds": value}).encode()
        for value in (0, -60, 1.5, "60", True, None, [1], 367 * 86_400, 10**30)
    ],
)
async def test_clock_refuses_nonsense(client: Client, control: FakeControl, body: bytes) -> None:
    response = await client.post("/demo/clock", data=body)
    assert response.status == 400
    assert "tua" in (await response.json())["error"]
    assert control.now() == START


async def test_another_site_may_not_turn_the_clock(client: Client, control: FakeControl) -> None:
    headers = {"Origin": "https://evil.example"}
    response = await client.post("/demo/clock", json={"advance_seconds": 60}, headers=headers)
    assert response.status == 403
    assert control.now() == START


async def test_static_files(client: Client) -> None:
    for name in ("demo.js", "demo.css", "zalo.css", "zalo-kinds.css", "handset.css"):
        assert (await client.get(f"/demo-static/{name}")).status == 200
    assert (await client.get("/demo-static/nothing.js")).status == 404


def test_samples_try_both_phones_and_a_keyword() -> None:
    assert 4 <= len(SAMPLES) <= 8
    assert {sample.phone for sample in SAMPLES} == {"zalo", "sms"}
    assert any(sample.text == "KS" for sample in SAMPLES)
    assert any(sample.text.isascii() and len(sample.text) > 20 for sample in SAMPLES)
