"""Nobody gets past the door who should not."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.store import officers
from console.guard import COOKIE
from console.routes import PUBLIC
from tests.console.conftest import HOME, NEIGHBOUR, Browser, World


def _addresses(app: web.Application) -> list[tuple[str, str]]:
    found = []
    for route in app.router.routes():
        resource = route.resource
        assert resource is not None
        found.append((route.method, resource.canonical))
    return found


def _filled(path: str) -> str:
    return path.replace("{id}", "1").replace("{code}", "nvh-thon-2").replace("{name}", "viettel")


async def test_every_route_but_the_login_needs_a_session(world: World, open_browser: Any) -> None:
    stranger = await open_browser()
    conversation = await world.asks()
    assert conversation == 1
    tried = 0
    for method, path in _addresses(world.app):
        if path in PUBLIC:
            continue
        tried += 1
        response = await stranger.client.request(method, _filled(path), allow_redirects=False)
        assert response.status in (303, 401), (method, path)
        if response.status == 303:
            assert response.headers["Location"].startswith("/console/login?next=")
        assert "Bố cháu" not in await response.text()
    assert tried > 20  # GET counts twice: with HEAD


async def test_every_post_needs_the_csrf_token(world: World, lan: Browser) -> None:
    conversation = await world.asks()
    posts = [p for m, p in _addresses(world.app) if m == "POST" and p not in PUBLIC]
    assert len(posts) >= 28
    for path in posts:
        for token in ("", "wrong", "ơ"):
            response = await lan.post(_filled(path), csrf=token)
            assert response.status == 403, path
            assert "tải lại trang" in await response.text()
    assert await world.owner(conversation) == "bot"


async def test_what_was_written_on_a_stale_page_is_shown(world: World, lan: Browser) -> None:
    conversation = await world.asks()
    response = await lan.post(f"/console/c/{conversation}/write", csrf="old", text="Câu đã viết")
    assert response.status == 403
    assert "Câu đã viết" in await response.text()


async def test_garbled_cookies_and_tokens_are_only_wrong(world: World, lan: Browser) -> None:
    """Bytes that are no UTF-8 come through aiohttp as lone surrogates."""
    reader, writer = await asyncio.open_connection(lan.client.host, lan.client.port)
    writer.write(
        b"POST /console/logout HTTP/1.1\r\nHost: x\r\nX-CSRF-Token: \xff\xfe\r\n"
        b"Cookie: hotro_console=\xff\xfe\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    await writer.drain()
    status = await reader.readline()
    assert b" 401 " in status
    token = next(c.value for c in lan.client.session.cookie_jar if c.key == COOKIE)
    writer.close()
    reader, writer = await asyncio.open_connection(lan.client.host, lan.client.port)
    writer.write(
        b"POST /console/logout HTTP/1.1\r\nHost: x\r\nX-CSRF-Token: \xff\xfe\r\n"
        b"Cookie: hotro_console=" + token.encode() + b"\r\n"
        b"Content-Length: 0\r\nConnection: close\r\n\r\n"
    )
    await writer.drain()
    assert b" 403 " in await reader.readline()
    writer.close()


async def test_csrf_token_may_come_as_a_header(world: World, lan: Browser) -> None:
    conversation = await world.asks()
    response = await lan.client.post(
        f"/console/c/{conversation}/take", headers={"X-CSRF-Token": lan.csrf}
    )
    assert response.status == 200
    assert (await world.owner(conversation)).startswith("officer:")


async def test_another_officers_csrf_token_is_no_good(
    world: World, lan: Browser, open_browser: Any
) -> None:
    minh = await open_browser("minh")
    conversation = await world.asks()
    response = await lan.post(f"/console/c/{conversation}/take", csrf=minh.csrf)
    assert response.status == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://[broken"},
        {"Referer": "https://evil.example/console"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_posts_from_other_sites_are_refused(
    world: World, lan: Browser, headers: dict[str, str]
) -> None:
    conversation = await world.asks()
    response = await lan.client.post(
        f"/console/c/{conversation}/take", data={"csrf": lan.csrf}, headers=headers
    )
    assert response.status == 403
    login = await lan.client.post("/console/login", data={"username": "lan"}, headers=headers)
    assert login.status == 403
    assert await world.owner(conversation) == "bot"


async def test_posts_from_our_own_pages_are_taken(world: World, lan: Browser) -> None:
    conversation = await world.asks()
    for origin in (str(lan.client.make_url("/")).rstrip("/"), "https://hotro.example.vn"):
        response = await lan.client.post(
            f"/console/c/{conversation}/take", data={"csrf": lan.csrf}, headers={"Origin": origin}
        )
        assert response.status == 200


async def test_security_headers_on_every_answer(world: World, lan: Browser) -> None:
    conversation = await world.asks()
    for path in (
        "/console",
        "/console/login",
        f"/console/c/{conversation}",
        "/console/c/999",
        "/console/list.json",
        "/console/static/console.css",
        "/console/static/none.css",
        "/console/zalo",
        "/zalo/callback",
    ):
        response = await lan.client.get(path)
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["X-Frame-Options"] == "DENY"
        wanted = "no-cache" if path.endswith("console.css") else "no-store"
        assert response.headers["Cache-Control"] == wanted


async def test_pages_hold_no_inline_script_or_style(world: World, lan: Browser) -> None:
    conversation = await world.asks(state={"checklist": 1})
    for path in (
        "/console",
        f"/console/c/{conversation}",
        "/console/boards",
        "/console/calls",
        "/console/zalo",
        "/console/login",
        "/zalo/callback?error=1",
    ):
        html = await (await lan.client.get(path)).text()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=", html), path
        assert not re.search(r"""(?:src|href|action)=["'](?:https?:)?//""", html), path


async def test_a_neighbours_conversation_and_board_do_not_exist(world: World, lan: Browser) -> None:
    from bot.store import boards

    theirs = await world.asks(commune=NEIGHBOUR)
    async with world.store.write() as session:
        await boards.add(session, "cho-xa", NEIGHBOUR, "Chợ", None, world.clock.now())
    for path in ("", ".json"):
        assert (await lan.client.get(f"/console/c/{theirs}{path}")).status == 404
    for action in ("take", "write", "give-back", "dismiss", "ask-phone"):
        response = await lan.post(f"/console/c/{theirs}/{action}", text="chào")
        assert response.status == 404, action
    assert (await lan.client.get("/console/boards/cho-xa")).status == 404
    assert (await lan.client.get("/console/boards/cho-xa.svg")).status == 404
    assert "cho-xa" not in await (await lan.client.get("/console/boards")).text()
    assert await world.owner(theirs) == "bot"


async def test_what_the_bot_answered_by_itself_is_not_shown(world: World, lan: Browser) -> None:
    quiet = await world.asks("Làm khai sinh cần gì?", handed_over=False)
    assert (await lan.client.get(f"/console/c/{quiet}")).status == 404
    assert (await lan.post(f"/console/c/{quiet}/take")).status == 404
    assert await world.owner(quiet) == "bot"


@pytest.mark.parametrize("odd", ["abc", "-1", "9" * 18, "9" * 30, "١", "1'--", "%00"])
async def test_odd_conversation_ids_are_not_found(lan: Browser, odd: str) -> None:
    assert (await lan.client.get(f"/console/c/{odd}")).status == 404


async def test_a_session_ends(world: World, lan: Browser) -> None:
    conversation = await world.asks()
    world.clock.advance(timedelta(hours=12))
    page = await lan.client.get("/console", allow_redirects=False)
    assert page.headers["Location"] == "/console/login?next=/console"
    script = await lan.client.get(f"/console/c/{conversation}.json")
    assert script.status == 401
    assert "đăng nhập lại" in (await script.json())["error"]


async def test_what_was_written_when_the_session_ended_is_shown(world: World, lan: Browser) -> None:
    conversation = await world.asks()
    await lan.post(f"/console/c/{conversation}/take")
    world.clock.advance(timedelta(hours=13))
    response = await lan.post(f"/console/c/{conversation}/write", text="Chị <b>mang</b> căn cước")
    assert response.status == 401
    assert "Chị &lt;b&gt;mang&lt;/b&gt; căn cước" in await response.text()


async def test_a_disabled_officer_is_out_at_once(world: World, lan: Browser) -> None:
    async with world.store.write() as session:
        for officer in await officers.listing(session, HOME):
            officer.disabled_at = world.clock.now()
    assert (await lan.client.get("/console", allow_redirects=False)).status == 303


async def test_logging_out_ends_the_session_itself(world: World, lan: Browser) -> None:
    token = next(c.value for c in lan.client.session.cookie_jar if c.key == COOKIE)
    await lan.post("/console/logout")
    response = await lan.client.get("/console", cookies={COOKIE: token}, allow_redirects=False)
    assert response.status == 303


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"text=\xff\xfe", "application/x-www-form-urlencoded"),
        (b"text=a", "application/x-www-form-urlencoded; charset=nonsense"),
        (b"not multipart", "multipart/form-data; boundary=x"),
        (b"not multipart", "multipart/form-data"),
        (b"text=" + b"a" * 2_000_000, "application/x-www-form-urlencoded"),
        (b"{}", "application/json"),
    ],
)
async def test_unreadable_forms_are_refused_politely(
    lan: Browser, body: bytes, content_type: str
) -> None:
    for path in ("/console/login", "/console/boards"):
        response = await lan.client.post(path, data=body, headers={"Content-Type": content_type})
        assert 400 <= response.status < 500
        assert "text/html" in response.headers["Content-Type"]
