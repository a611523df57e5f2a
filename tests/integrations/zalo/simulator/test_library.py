"""The library's own client against the simulator: both read the fact sheet the same way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from integrations.zalo.oa import messages
from integrations.zalo.oa.client import Hosts, OaClient
from integrations.zalo.oa.errors import Action, GrantDeadError, OAuthRefusedError, RefusedError
from integrations.zalo.oa.messages import Button
from integrations.zalo.oa.oauth import OAuthClient, challenge, consent_url, new_verifier
from integrations.zalo.oa.token_store import MemoryTokenStore, adopt
from integrations.zalo.oa.tokens import TokenKeeper, static_token
from tests.integrations.zalo.simulator.conftest import (
    ACCESS,
    APP,
    OA,
    OTHER,
    REFRESH,
    SECRETS,
    START,
    USER,
    Lab,
)

PNG, GIF, PDF = b"\x89PNG\r\n\x1a\n", b"GIF89a", b"%PDF-1.7"


def address(lab: Lab) -> str:
    return str(lab.http.base_url).rstrip("/")


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(trust_env=False) as client:
        yield client


@pytest.fixture
def oa(lab: Lab, http: httpx.AsyncClient) -> OaClient:
    hosts = Hosts.at(address(lab))
    return OaClient(APP, static_token(ACCESS), http, hosts, app_secret=SECRETS["app_secret"])


async def test_every_kind_of_message(lab: Lab, oa: OaClient) -> None:
    asked = await lab.meet()
    buttons = [
        Button.open_url("Mở", "https://example.vn"),
        Button.query("Có", "k:1"),
        Button.open_sms("Nhắn", "84900000001", "KS"),
        Button.open_phone("Gọi", "84900000001"),
    ]
    image, gif = await oa.upload_image(PNG, "a.png"), await oa.upload_gif(GIF, "a.gif")
    token = await oa.upload_file(PDF, "a.pdf")
    sent = [
        await oa.send_text(USER, "Chào", buttons),
        await oa.send_text(USER, "Trả lời", quote_message_id=asked["id"]),
        await oa.send_text(USER, "Trả lời một tin đã mất", quote_message_id="nothing"),
        await oa.send_image(USER, attachment_id=image, caption="Bản đồ"),
        await oa.send_gif(USER, width=10, height=10, attachment_id=gif),
        await oa.send_sticker(USER, "s1"),
        await oa.send_file(USER, token),
        await oa.request_user_info(USER, "Xã", "Xin số", "https://example.vn/a.png"),
    ]
    await oa.react(USER, asked["id"], "/-heart")
    assert len({one.message_id for one in sent}) == len(sent) == lab.simulator.world.sends[USER]
    assert sent[0].sent_at == START
    assert sent[0].quota is not None
    assert (sent[0].quota.kind, sent[0].quota.remain) == ("reply", 7)
    assert oa.rate is not None
    assert oa.rate.limit == 100
    lines = [*await oa.conversation(USER, 0, 10)]
    assert [one.message_id for one in lines[:-1]] == [one.message_id for one in reversed(sent)]
    assert (lines[0].from_oa, lines[0].kind, lines[-1].from_id) == (True, "links", USER)


async def test_people_and_the_account(lab: Lab, oa: OaClient) -> None:
    await lab.act(f"/phone/{USER}/submit", {"name": "Lan", "phone": "84912345678", "shape": "old"})
    await lab.meet()
    person = await oa.user_detail(USER)
    assert (person.phone, person.last_interaction) == ("84912345678", START.date())
    page = await oa.users(follows=False, last_interaction="TODAY")
    assert (page.user_ids, page.total) == ((USER,), 1)
    assert [one.text for one in await oa.recent_chats()] == ["chao"]
    quota = await oa.message_quota(USER)
    assert (quota.last_interaction, quota.reply.remain) == (START, 8)
    info = await oa.oa_info()
    assert (info.oa_id, info.verified, info.oa_type) == (OA, True, 4)


async def test_templates(lab: Lab, oa: OaClient) -> None:
    await lab.meet()
    data = {"ten": "Chị Lan", "viec": "Lấy giấy", "ngay": "01/12/2026"}
    sent = await oa.send_template_to_phone("0912 345 678", "300001", data, "o-1")
    await lab.settled()
    assert (await oa.template_status(sent.message_id)).delivered
    assert (await oa.template_quota()).remain == 499
    assert (await oa.send_template_to_user(USER, "300001", data)).message_id
    info = await oa.template_info("300001")
    assert (info.enabled, [one.name for one in info.params]) == (True, ["ten", "viec", "ngay"])
    with pytest.raises(RefusedError) as caught:
        await oa.send_template_to_phone("84900000118", "300001", data, "o-2")
    assert (caught.value.rule.code, caught.value.rule.other_way) == (-118, True)


async def test_groups(lab: Lab, oa: OaClient) -> None:
    await lab.meet()
    await lab.meet(user=OTHER)
    group = await oa.create_group("Cán bộ", "gmf10-a", [USER])
    assert (group.enabled, group.max_members, group.members) == (True, 10, 2)
    await oa.invite_to_group(group.group_id, [OTHER])
    sent = await oa.send_group_text(group.group_id, f"Báo [@{group.group_id}] nhé")
    assert sent.group_id == group.group_id
    assert [one.is_oa for one in await oa.group_members(group.group_id)] == [True, False, False]
    assert [one.group_id for one in await oa.groups()] == [group.group_id]
    (line,) = await oa.group_conversation(group.group_id)
    assert (line.message_id, line.from_oa) == (sent.message_id, True)
    shown = (await lab.http.get(f"/groups/{group.group_id}/messages")).json()["messages"]
    assert "@Cả nhóm" not in shown[0]["text"]
    lab.simulator.groups.set_status(group.group_id, "disabled")
    with pytest.raises(RefusedError) as caught:
        await oa.send_to_group(group.group_id, messages.text_message("a"))
    assert caught.value.rule.code == -237


async def test_consent_refresh_and_a_dead_grant(lab: Lab, http: httpx.AsyncClient) -> None:
    oauth = OAuthClient(APP, SECRETS["app_secret"], http, lab.clock.now, host=address(lab))
    verifier, back = new_verifier(), "https://hotro.example.vn/xong"
    url = consent_url(APP, back, "st", code_challenge=challenge(verifier), host=address(lab))
    assert (await http.get(url)).status_code == 200
    answer = await http.post(url.split("?")[0], data=dict(_query(url)))
    code = _query(answer.headers["Location"])["code"]
    pair = await oauth.exchange(code, verifier)
    assert pair.access_expires_at - START == timedelta(hours=25)
    with pytest.raises(OAuthRefusedError):
        await oauth.exchange(code, verifier)
    await oauth.refresh(pair.refresh)
    with pytest.raises(GrantDeadError):
        await oauth.refresh(pair.refresh)


async def test_the_keeper_renews_a_token_that_zalo_refuses(
    lab: Lab, http: httpx.AsyncClient
) -> None:
    oauth = OAuthClient(APP, SECRETS["app_secret"], http, lab.clock.now, host=address(lab))
    store = MemoryTokenStore(lab.clock.now)
    await adopt(store, OA, await oauth.refresh(REFRESH))
    keeper = TokenKeeper(store, oauth, OA, lab.clock.now)
    oa = OaClient(APP, keeper, http, Hosts.at(address(lab)))
    first = await keeper()
    lab.clock.advance(timedelta(hours=26))
    assert (await oa.oa_info()).oa_id == OA
    assert await keeper() != first


@pytest.mark.parametrize(
    ("policy", "code", "action"),
    [
        ({"openapi_in_package": False}, -224, Action.TELL_OFFICER),
        ({"missing_rights": frozenset({"message"})}, -223, Action.TELL_OFFICER),
        ({"per_minute": 0}, -32, Action.RETRY),
        ({"free_replies": 0, "sub_quota": 0}, -211, None),
    ],
)
async def test_refusals_are_sorted(
    lab: Lab, oa: OaClient, policy: dict[str, Any], code: int, action: Action | None
) -> None:
    await lab.meet()
    lab.policy(**policy)
    with pytest.raises(RefusedError) as caught:
        await oa.send_text(USER, "a")
    assert caught.value.rule.code == code
    assert action in (None, caught.value.rule.action)


def _query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
