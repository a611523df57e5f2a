"""Coming in, going out, changing the password."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import CookieJar
from aiohttp.test_utils import TestClient, TestServer

from bot.store import officers
from console.guard import COOKIE
from console.limits import LIMIT, Attempts
from console.login import TOO_MANY, WRONG, wanted_page
from console.routes import Desk, routes
from tests.console.conftest import HOME, PASSWORD, Browser, World

NEW = "mot cau that dai va de nho"


async def test_login_sets_a_strict_cookie_for_the_console_alone(open_browser: Any) -> None:
    browser = await open_browser()
    response = await browser.client.post(
        "/console/login", data={"username": " Lan ", "password": PASSWORD}, allow_redirects=False
    )
    assert response.status == 303
    assert response.headers["Location"] == "/console"
    cookie = response.headers["Set-Cookie"]
    for part in ("HttpOnly", "SameSite=Strict", "Path=/console", "Max-Age=43200"):
        assert part in cookie
    assert "Secure" not in cookie


async def test_cookie_is_secure_when_the_desk_is_behind_https(world: World) -> None:
    from dataclasses import replace

    from aiohttp import web

    app = web.Application()
    app.add_routes(routes(replace(world.desk, secure_cookies=True)))
    async with TestClient(TestServer(app), cookie_jar=CookieJar(unsafe=True)) as client:
        response = await client.post(
            "/console/login",
            data={"username": "lan", "password": PASSWORD},
            allow_redirects=False,
        )
        assert "Secure" in response.headers["Set-Cookie"]


@pytest.mark.parametrize(
    ("username", "password"),
    [("lan", "sai mat khau"), ("nobody", PASSWORD), ("", ""), ("lan\x00", "\x00"), ("🙂", "🙃")],
)
async def test_wrong_logins_look_all_the_same(
    open_browser: Any, username: str, password: str
) -> None:
    browser = await open_browser()
    response = await browser.client.post(
        "/console/login", data={"username": username, "password": password}
    )
    assert response.status == 401
    html = await response.text()
    assert WRONG in html
    assert COOKIE not in response.cookies
    assert password not in html or not password


async def test_the_username_stays_in_the_form(open_browser: Any) -> None:
    browser = await open_browser()
    response = await browser.client.post(
        "/console/login", data={"username": "lan", "password": "x", "next": "/console/boards"}
    )
    html = await response.text()
    assert 'value="lan"' in html
    assert 'name="next" value="/console/boards"' in html


async def test_unknown_users_cost_a_verification_too(
    open_browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[str] = []
    real = officers.matches

    def spy(found: officers.Credentials, password: str) -> bool:
        checked.append(found.password_hash)
        return real(found, password)

    monkeypatch.setattr(officers, "matches", spy)
    browser = await open_browser()
    for username in ("lan", "nobody"):
        await browser.client.post("/console/login", data={"username": username, "password": "x"})
    assert len(checked) == 2
    assert all(h.startswith("$argon2id$") for h in checked)


async def test_verification_does_not_hold_up_other_requests(
    open_browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    release = threading.Event()

    def slow(found: officers.Credentials, password: str) -> bool:
        return release.wait(10) and False

    monkeypatch.setattr(officers, "matches", slow)
    browser = await open_browser()
    waiting = asyncio.create_task(
        browser.client.post("/console/login", data={"username": "lan", "password": "x"})
    )
    await asyncio.sleep(0.05)
    page = await asyncio.wait_for(browser.client.get("/console/login"), 5)
    assert page.status == 200
    assert not waiting.done()
    release.set()
    assert (await waiting).status == 401


async def test_too_many_attempts_for_one_user(world: World, open_browser: Any) -> None:
    browser = await open_browser()
    for _ in range(LIMIT):
        response = await browser.client.post(
            "/console/login", data={"username": "lan", "password": "x"}
        )
        assert response.status == 401
    response = await browser.client.post(
        "/console/login", data={"username": "lan", "password": PASSWORD}
    )
    assert response.status == 429
    assert TOO_MANY in await response.text()
    assert response.headers["Retry-After"] == "600"
    world.clock.advance(timedelta(minutes=10))
    assert (await browser.log_in("lan")).status == 200


async def test_odd_spellings_of_a_name_share_its_count(open_browser: Any) -> None:
    browser = await open_browser()
    for n in range(LIMIT + 1):
        response = await browser.client.post(
            "/console/login", data={"username": " LAN" + "\x00" * n, "password": "x"}
        )
    assert response.status == 429


async def test_too_many_attempts_from_one_address(open_browser: Any) -> None:
    browser = await open_browser()
    for n in range(LIMIT):
        await browser.client.post("/console/login", data={"username": f"user{n}", "password": "x"})
    response = await browser.client.post(
        "/console/login", data={"username": "lan", "password": PASSWORD}
    )
    assert response.status == 429


async def test_right_logins_are_not_counted(open_browser: Any) -> None:
    browser = await open_browser()
    for _ in range(LIMIT + 3):
        assert (await browser.log_in("lan")).status == 200


async def test_addresses_come_from_the_desk(world: World) -> None:
    from dataclasses import replace

    from aiohttp import web

    def forwarded(request: web.Request) -> str:
        return request.headers.get("X-Real-IP", "?")

    desk: Desk = replace(world.desk, client_ip=forwarded)
    app = web.Application()
    app.add_routes(routes(desk))
    async with TestClient(TestServer(app)) as client:
        for n in range(LIMIT + 2):
            response = await client.post(
                "/console/login",
                data={"username": f"user{n}", "password": "x"},
                headers={"X-Real-IP": f"10.0.0.{n}"},
            )
            assert response.status == 401


def test_attempts_slide_and_do_not_pile_up(world: World) -> None:
    attempts, now = Attempts(limit=2), world.clock.now()
    assert attempts.begin(now, "a")
    assert attempts.begin(now + timedelta(minutes=9), "a")
    assert not attempts.begin(now + timedelta(minutes=9), "a", "b")
    assert attempts.begin(now + timedelta(minutes=10), "a", "b")
    for n in range(20_000):
        attempts.begin(now, f"user {n}")
    assert len(attempts._seen) <= 10_000


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("/console/c/12", "/console/c/12"),
        ("/console/boards/nvh-thon-2", "/console/boards/nvh-thon-2"),
        ("", "/console"),
        ("https://evil.example/", "/console"),
        ("//evil.example", "/console"),
        ("/console//evil.example", "/console"),
        ("/console/../../x\\", "/console"),
        ("/consolex", "/console"),
        ("/console\r\nSet-Cookie: a=b", "/console"),
    ],
)
def test_after_the_login_only_to_pages_of_the_console(asked: str, given: str) -> None:
    assert wanted_page(asked) == given


async def test_login_leads_back_to_the_page_asked_for(world: World, open_browser: Any) -> None:
    conversation = await world.asks()
    browser = await open_browser()
    page = await browser.client.get(f"/console/c/{conversation}")
    assert page.url.path == "/console/login"
    response = await browser.client.post(
        "/console/login",
        data={"username": "lan", "password": PASSWORD, "next": page.url.query["next"]},
    )
    assert response.url.path == f"/console/c/{conversation}"


async def test_a_withheld_cookie_is_asked_for_by_a_script(open_browser: Any) -> None:
    browser = await open_browser()
    usual = await browser.client.get("/console/login")
    assert "login.js" not in await usual.text()
    foreign = await browser.client.get("/console", headers={"Sec-Fetch-Site": "cross-site"})
    assert "login.js" in await foreign.text()


async def test_changing_the_password(world: World, lan: Browser, open_browser: Any) -> None:
    elsewhere = await open_browser("lan")
    response = await lan.post("/console/password", current=PASSWORD, new=NEW, again=NEW)
    assert response.status == 200
    assert "Đã đổi mật khẩu" in await response.text()
    assert (await lan.get("/console", allow_redirects=False)).status == 200
    assert (await elsewhere.client.get("/console", allow_redirects=False)).status == 303
    fresh = await open_browser()
    assert (await fresh.log_in("lan")).status == 401
    assert (
        await fresh.client.post("/console/login", data={"username": "lan", "password": NEW})
    ).status == 200


@pytest.mark.parametrize(
    ("current", "new", "again", "message"),
    [
        ("sai", NEW, NEW, "Mật khẩu hiện tại không đúng"),
        (PASSWORD, "ngan", "ngan", "ít nhất 10 ký tự"),
        (PASSWORD, NEW, NEW + "x", "chưa giống nhau"),
        (PASSWORD, PASSWORD, PASSWORD, "cần khác"),
        (PASSWORD, "x" * 201, "x" * 201, "quá 200 ký tự"),
    ],
)
async def test_bad_password_changes(
    lan: Browser, open_browser: Any, current: str, new: str, again: str, message: str
) -> None:
    response = await lan.post("/console/password", current=current, new=new, again=again)
    assert response.status == 422
    assert message in await response.text()
    fresh = await open_browser()
    assert (await fresh.log_in("lan")).status == 200


async def test_guessing_the_current_password_is_limited(lan: Browser) -> None:
    for _ in range(LIMIT):
        await lan.post("/console/password", current="x", new=NEW, again=NEW)
    response = await lan.post("/console/password", current=PASSWORD, new=NEW, again=NEW)
    assert response.status == 429


async def test_log_in_in_one_call_still_works(world: World) -> None:
    now = world.clock.now()
    async with world.store.write() as session:
        _, login = await officers.log_in(session, "lan", PASSWORD, now)
        assert (login.commune, login.name) == (HOME, "Nguyễn Thị Lan")
        with pytest.raises(officers.BadCredentials):
            await officers.log_in(session, "lan", "x", now)


async def test_a_password_changed_during_the_check_wins(world: World) -> None:
    async with world.store.read() as session:
        found = await officers.credentials(session, "lan")
    async with world.store.write() as session:
        await officers.set_password(session, "lan", NEW)
    async with world.store.write() as session:
        with pytest.raises(officers.BadCredentials):
            await officers.open_session(session, found, world.clock.now())
