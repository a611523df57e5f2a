"""``hotro zalo`` and ``hotro zalobot`` against the strict simulators, over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest
from aiohttp import web

from bot.commands import zalo as commands
from bot.core import StartError, open_core
from bot.outside_bots import BOT
from bot.settings import Settings
from bot.store import accounts, conversations, outbox
from bot.zalo_account import ZaloFault
from bot.zalo_desk import Accounts
from integrations.simulation.clock import MachineClock
from integrations.zalo.simulator import ZaloSimulator
from integrations.zalobot.simulator import BotSimulator
from tests.factories import HOME, NOON
from tests.integrations.http import serving

APP, OA = "2000000000000000002", "1000000000000000001"


@dataclass
class Site:
    """A commune's machine, and the Zalo that it talks to."""

    settings: Settings
    zalo: ZaloSimulator
    bot: BotSimulator
    base: str

    async def entered(self) -> str:
        values = {
            "app_id": APP, "oa_id": OA, "app_secret": "geheim", "oa_secret": "oa-geheim",
            "openapi": f"{self.base}/zalo",
        }  # fmt: skip
        return await commands.change(self.settings, HOME, values)

    async def link(self) -> str:
        """The consent page that ``hotro zalo connect`` names."""
        said = await commands.connect(self.settings, HOME)
        return next(line for line in said.splitlines() if line.startswith("http"))

    @asynccontextmanager
    async def desk(self) -> AsyncIterator[Accounts]:
        """What stands behind the page that the browser comes back to."""
        async with open_core(self.settings) as core:
            yield Accounts(core.settings, core.store, core.outside, core.clock, core.wall)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    zalo = ZaloSimulator(
        MachineClock(), "", app_id=APP, oa_id=OA, oa_secret="oa-geheim", app_secret="geheim",
        access_token="first-access", refresh_token="first-refresh",
    )  # fmt: skip
    bot = BotSimulator(MachineClock(), "42:geheim")
    app = web.Application()
    app.add_subapp("/zalo", zalo.app())
    app.add_subapp("/bot", bot.app())
    async with serving(app) as base:
        yield Site(Settings(data_dir=tmp_path, public_url=base), zalo, bot, base)


async def test_a_commune_without_an_account_is_told_what_to_do(site: Site) -> None:
    assert "chưa khai báo" in await commands.status(site.settings, HOME)
    for command in (commands.check, commands.groups, commands.connect):
        with pytest.raises(StartError):
            await command(site.settings, HOME)


async def test_an_unknown_commune_is_one_line(site: Site) -> None:
    with pytest.raises(StartError, match="hotro commune list"):
        await commands.status(site.settings, "xa-la")


async def test_set_keeps_what_was_not_named_and_shows_no_secret(site: Site) -> None:
    told = await site.entered()
    told += await commands.change(site.settings, HOME, {"officer_group": "77"})
    assert "chưa kết nối" in told
    assert "Nhóm cán bộ: 77" in told
    assert "Khoá OA (webhook): đã có" in told
    assert "geheim" not in told


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"app_id": "abc"}, "Mã ứng dụng"),
        ({"oa_id": "1 2"}, "Mã OA"),
        ({"per_minute": "x"}, "phút"),
    ],
)
async def test_what_cannot_be_is_refused_by_name(
    site: Site, values: dict[str, str], words: str
) -> None:
    with pytest.raises(StartError, match=words):
        await commands.change(site.settings, HOME, values)


async def test_pasted_tokens_are_renewed_and_checked(site: Site) -> None:
    await site.entered()
    told = await commands.paste(site.settings, HOME, "first-access", "first-refresh")
    assert "đang dùng được" in told
    assert "Tăng trưởng" in told
    assert "đang dùng được" in await commands.check(site.settings, HOME)


async def test_consent_in_the_browser_connects(site: Site) -> None:
    await site.entered()
    code, state, oa_id = await _consent(await site.link())
    async with site.desk() as desk:
        assert await desk.returned(state, code, oa_id) == HOME
        with pytest.raises(ZaloFault, match="quá hạn"):
            await desk.returned(state, code, oa_id)  # each consent counts once
    assert "đang dùng được" in await commands.check(site.settings, HOME)


async def test_what_waited_for_the_account_leaves_as_soon_as_it_is_connected(site: Site) -> None:
    await site.entered()
    async with open_core(site.settings) as core:
        now = core.clock.now()
        async with core.store.write() as session:
            citizen = await conversations.get_or_create(session, HOME, "zalo", "111", now)
            row = await outbox.queue(session, citizen, outbox.Draft("k", "bot", "Chào"), now)
            assert row is not None
            later = now + timedelta(hours=1)
            (claimed,) = await outbox.claim(session, "s", now, now, timedelta(minutes=1), 9)
            await outbox.retry_later(session, claimed.row_id, "s", later, "chưa kết nối")
    await commands.paste(site.settings, HOME, "first-access", "first-refresh")
    async with open_core(site.settings) as core, core.store.write() as session:
        now = core.clock.now()
        assert len(await outbox.claim(session, "s", now, now, timedelta(minutes=1), 9)) == 1


async def test_a_consent_for_another_oa_connects_nothing(site: Site) -> None:
    await site.entered()
    code, state, _ = await _consent(await site.link())
    async with site.desk() as desk:
        with pytest.raises(ZaloFault, match="OA khác"):
            await desk.returned(state, code, "999")
        assert not (await desk.oa(HOME)).connected


async def test_the_link_of_zalos_own_console_connects_too(site: Site) -> None:
    await site.entered()
    async with site.desk() as desk:
        oa = await desk.oa(HOME)
        query = f"app_id={APP}&redirect_uri={oa.callback_url}"
        pkce = f"code_challenge={oa.fixed_challenge}&state={oa.fixed_state}"
        code, state, oa_id = await _consent(f"{site.base}/zalo/v4/oa/permission?{query}&{pkce}")
        assert await desk.returned(state, code, oa_id) == HOME
        assert (await desk.oa(HOME)).connected


async def test_groups_are_listed(site: Site) -> None:
    await site.entered()
    await commands.paste(site.settings, HOME, "first-access", "first-refresh")
    assert "chưa có nhóm" in await commands.groups(site.settings, HOME)
    site.zalo.world.type("111", "chào")
    site.zalo.groups.create("Tư pháp xã", ["111"], group_id="77")
    assert "77\tTư pháp xã" in await commands.groups(site.settings, HOME)


async def test_a_revoked_right_is_said_and_disconnect_forgets(site: Site) -> None:
    await site.entered()
    await commands.paste(site.settings, HOME, "first-access", "first-refresh")
    site.zalo.tokens.revoke()
    with pytest.raises(StartError, match="Kết nối lại"):
        await commands.check(site.settings, HOME)
    assert "Kết nối lại" in await commands.status(site.settings, HOME)
    await commands.disconnect(site.settings, HOME)
    assert "chưa khai báo" in await commands.status(site.settings, HOME)


async def test_a_bots_token_is_tried_before_it_is_kept(site: Site) -> None:
    async with open_core(site.settings) as core, core.store.write() as session:
        await accounts.put(session, HOME, BOT, {"base": f"{site.base}/bot"}, {}, NOON)
    with pytest.raises(StartError, match="không nhận mã bot"):
        await commands.set_bot(site.settings, HOME, "42:sai")
    assert "đã dùng được" in await commands.set_bot(site.settings, HOME, "42:geheim")
    assert "đang dùng" in await commands.status(site.settings, HOME)
    assert await commands.set_bot(site.settings, HOME, "") == "Đã bỏ bot."


async def _consent(address: str) -> tuple[str, str, str]:
    """An administrator opens the page and agrees; what comes back to us."""
    async with httpx.AsyncClient(trust_env=False) as browser:
        page = await browser.get(address)
        assert "Đồng ý" in page.text
        answer = await browser.post(address, data=dict(parse_qsl(urlsplit(address).query)))
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return query["code"][0], query["state"][0], query["oa_id"][0]
