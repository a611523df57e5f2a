"""The library against the strict simulator, over real HTTP: two readings of one fact sheet."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
import pytest
from aiohttp import web

from bot.clock import FixedClock
from integrations.zalo.oa.client import Hosts, OaClient, send_upload
from integrations.zalo.oa.errors import (
    GrantDeadError,
    OAuthRefusedError,
    RefusedError,
    TokenUnavailableError,
    UnknownOutcomeError,
)
from integrations.zalo.oa.messages import Button
from integrations.zalo.oa.oauth import OAuthClient, challenge, consent_url, new_verifier
from integrations.zalo.oa.tokens import MemoryTokenStore, TokenKeeper, adopt
from integrations.zalo.simulator import Policy, ZaloSimulator
from tests.integrations.http import serving
from tests.integrations.zalo.conftest import START, USER

OA, APP, SECRET = "7778889990001112223", "900100200300", "app-secret-for-tests"
PHONE = "+84912345678"
PNG, GIF, PDF = b"\x89PNG\r\n\x1a\n1", b"GIF89a1", b"%PDF-1.7"


@dataclass
class Zalo:
    """The simulator, and an OA that has just consented."""

    simulator: ZaloSimulator
    clock: FixedClock
    oauth: OAuthClient
    store: MemoryTokenStore
    http: httpx.AsyncClient
    hosts: Hosts

    def keeper(self) -> TokenKeeper:
        return TokenKeeper(self.store, self.oauth, OA, self.clock.now)

    def client(self) -> OaClient:
        return OaClient(APP, self.keeper(), self.http, self.hosts, app_secret=SECRET)

    async def consent(self) -> None:
        """An administrator clicks; the code becomes the first pair."""
        verifier = new_verifier()
        page = consent_url(
            APP,
            "http://xa.test/cb",
            "state-1",
            code_challenge=challenge(verifier),
            host=self.hosts.oauth,
        )
        form = dict(parse_qsl(urlsplit(page).query))
        assert (await self.http.get(page)).status_code == 200
        answer = await self.http.post(page, data=form)
        back = parse_qs(urlsplit(answer.headers["Location"]).query)
        assert (back["oa_id"], back["state"]) == ([OA], ["state-1"])
        pair = await self.oauth.exchange(back["code"][0], verifier)
        with pytest.raises(OAuthRefusedError):
            await self.oauth.exchange(back["code"][0], verifier)
        await adopt(self.store, OA, pair)

    def meet(self, user: str = USER) -> None:
        self.simulator.world.type(user, "chào")


@pytest.fixture
async def zalo() -> AsyncIterator[Zalo]:
    clock = FixedClock(START)
    simulator = ZaloSimulator(
        clock,
        "http://127.0.0.1:1/nowhere",
        app_id=APP,
        oa_id=OA,
        oa_secret="oa-secret-for-tests",
        app_secret=SECRET,
        policy=Policy(require_proof=True),
        delay_scale=0.001,
    )
    app = web.Application()
    app.add_subapp("/zalo", simulator.app())
    async with serving(app) as address, httpx.AsyncClient(timeout=5) as http:
        hosts = Hosts.at(f"{address}/zalo")
        oauth = OAuthClient(APP, SECRET, http, clock.now, host=hosts.oauth)
        one = Zalo(simulator, clock, oauth, MemoryTokenStore(clock.now), http, hosts)
        await one.consent()
        yield one


async def test_every_kind_of_message_is_taken(zalo: Zalo) -> None:
    zalo.meet()
    oa = zalo.client()
    sent = await oa.send_text(USER, "Chọn", [Button.query("A", "k:1")])
    assert sent.quota is not None
    assert sent.quota.kind == "reply"
    picture = await oa.upload_image(PNG, "a.png")
    moving = await oa.upload_gif(GIF, "a.gif")
    paper = await oa.upload_file(PDF, "a.pdf")
    await oa.send_text(USER, "Vâng", quote_message_id=sent.message_id)
    await oa.send_image(USER, attachment_id=picture, caption="Ảnh")
    await oa.send_gif(USER, width=10, height=10, attachment_id=moving)
    await oa.send_file(USER, paper)
    await oa.request_user_info(USER, "Xã", "Xin số", "https://a.vn/a.png")
    question = (await oa.conversation(USER))[-1]
    await oa.react(USER, question.message_id, "/-heart")
    assert oa.rate is not None
    assert oa.rate.limit == 100


async def test_a_quote_of_nothing_goes_out_plainly(zalo: Zalo) -> None:
    zalo.meet()
    assert await zalo.client().send_text(USER, "Vâng", quote_message_id="unknown")


async def test_an_upload_of_last_week_is_made_anew(zalo: Zalo) -> None:
    oa = zalo.client()
    old = await oa.upload_file(PDF, "a.pdf")
    zalo.clock.advance(timedelta(days=7, minutes=1))
    zalo.meet()
    _, kept = await send_upload(
        lambda token: oa.send_file(USER, token), lambda: oa.upload_file(PDF, "a.pdf"), old
    )
    assert kept != old


async def test_questions_about_people_and_the_account(zalo: Zalo) -> None:
    zalo.meet()
    oa = zalo.client()
    await oa.send_text(USER, "Chào bà")
    assert (await oa.user_detail(USER)).user_id == USER
    assert USER in (await oa.users()).user_ids
    ours, theirs = await oa.conversation(USER)
    assert (ours.text, ours.from_oa, ours.kind) == ("Chào bà", True, "text")
    assert (theirs.text, theirs.from_oa) == ("chào", False)
    assert (await oa.recent_chats())[0].message_id == ours.message_id
    quota = await oa.message_quota(USER)
    assert quota.last_interaction == START
    assert quota.reply.total == 8
    info = await oa.oa_info()
    assert (info.oa_id, info.verified) == (OA, True)


async def test_templates(zalo: Zalo) -> None:
    zalo.meet()
    oa = zalo.client()
    data = {"ten": "Bà Lan", "viec": "lấy trích lục", "ngay": "21/11/2026"}
    sent = await oa.send_template_to_phone(PHONE, "300001", data, "row-1")
    assert sent.quota is not None
    assert sent.quota.remain == 499
    async with asyncio.timeout(5):
        while not (await oa.template_status(sent.message_id)).delivered:
            await asyncio.sleep(0.01)
    assert (await oa.template_status("unknown")).state == -1
    assert (await oa.template_quota()).remain == 499
    info = await oa.template_info("300001")
    assert {one.name for one in info.params} == set(data)
    assert (await oa.send_template_to_user(USER, "300001", data)).message_id
    for phone, code in (("+84900000114", -114), ("+84900000118", -118)):
        with pytest.raises(RefusedError) as caught:
            await oa.send_template_to_phone(phone, "300001", data, "row-2")
        assert caught.value.rule.code == code
        assert caught.value.rule.other_way


async def test_groups(zalo: Zalo) -> None:
    zalo.meet()
    oa = zalo.client()
    group = await oa.create_group("Tư pháp", "gmf10-a", [USER])
    assert group.enabled
    assert group.link.startswith("https://zalo.me/g/")
    sent = await oa.send_group_text(group.group_id, f"Hỏi: [@{USER}]?")
    line = (await oa.group_conversation(group.group_id))[0]
    assert (line.message_id, line.text) == (sent.message_id, f"Hỏi: [ @{USER}]?")
    assert (await oa.group(group.group_id)).name == "Tư pháp"
    assert [one.group_id for one in await oa.groups()] == [group.group_id]
    members = await oa.group_members(group.group_id)
    assert {one.user_id for one in members} >= {USER}
    zalo.meet("222")
    await oa.invite_to_group(group.group_id, ["222"])
    assert "222" in {one.user_id for one in await oa.group_members(group.group_id)}
    zalo.simulator.groups.set_status(group.group_id, "disabled")
    with pytest.raises(RefusedError) as caught:
        await oa.send_group_text(group.group_id, "a")
    assert caught.value.rule.code == -237


async def test_three_months_of_tokens(zalo: Zalo) -> None:
    keeper, oa = zalo.keeper(), zalo.client()
    for _ in range(120):
        zalo.clock.advance(timedelta(hours=18))
        await keeper.keep_fresh()
        assert (await oa.oa_info()).oa_id == OA


async def test_without_a_scheduler_each_call_takes_care(zalo: Zalo) -> None:
    zalo.clock.advance(timedelta(hours=30))
    clients = [zalo.client() for _ in range(5)]
    infos = await asyncio.gather(*(oa.oa_info() for oa in clients for _ in range(3)))
    assert {info.oa_id for info in infos} == {OA}
    stored = await zalo.store.load(OA)
    assert stored is not None
    assert stored.version == 2


async def test_a_token_that_another_one_rotated_away(zalo: Zalo) -> None:
    oa = zalo.client()
    stored = await zalo.store.load(OA)
    assert stored is not None
    pair = await zalo.oauth.refresh(stored.refresh)
    with pytest.raises(TokenUnavailableError, match="cấp quyền lại"):
        await oa.oa_info()
    await adopt(zalo.store, OA, pair)
    assert await oa.oa_info()


async def test_a_lost_refresh_ends_with_a_word_to_the_administrator(zalo: Zalo) -> None:
    zalo.simulator.faults.lose_refresh, zalo.simulator.faults.drop_seconds = 1, 0.05
    stored = await zalo.store.load(OA)
    assert stored is not None
    zalo.clock.advance(timedelta(hours=21))
    keeper = zalo.keeper()
    assert await keeper() == stored.access
    with pytest.raises(TokenUnavailableError):
        await keeper(refused=stored.access)
    zalo.clock.advance(timedelta(minutes=1))
    with pytest.raises(TokenUnavailableError, match="phải cấp quyền lại"):
        await keeper(refused=stored.access)
    await zalo.consent()
    assert await zalo.client().oa_info()


async def test_a_used_refresh_token_and_a_wrong_secret(zalo: Zalo) -> None:
    stored = await zalo.store.load(OA)
    assert stored is not None
    await zalo.oauth.refresh(stored.refresh)
    with pytest.raises(GrantDeadError):
        await zalo.oauth.refresh(stored.refresh)
    wrong = OAuthClient(APP, "wrong", zalo.http, zalo.clock.now, host=zalo.hosts.oauth)
    with pytest.raises(OAuthRefusedError) as caught:
        await wrong.refresh(stored.refresh)
    assert not isinstance(caught.value, GrantDeadError)


async def test_no_proof_no_answer(zalo: Zalo) -> None:
    stranger = OaClient(APP, zalo.keeper(), zalo.http, zalo.hosts, app_secret="wrong")
    with pytest.raises(RefusedError) as caught:
        await stranger.oa_info()
    assert caught.value.rule.code == -242


@pytest.mark.parametrize("fault", ["server_errors", "html_bodies", "empty_bodies"])
async def test_answers_that_say_nothing(zalo: Zalo, fault: str) -> None:
    zalo.meet()
    setattr(zalo.simulator.faults, fault, 1)
    oa = zalo.client()
    with pytest.raises(UnknownOutcomeError):
        await oa.send_text(USER, "a")
    assert await oa.send_text(USER, "a")


async def test_an_http_401_is_a_refused_token(zalo: Zalo) -> None:
    zalo.simulator.faults.unauthorized = 1
    assert await zalo.client().oa_info()
    stored = await zalo.store.load(OA)
    assert stored is not None
    assert stored.version == 2
