"""Every call of the client on the wire, and how failures of any call are sorted."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integrations.zalo.oa.answers import (
    Line,
    Rate,
    Sent,
    TemplateParam,
    TemplateStatus,
    UserPage,
)
from integrations.zalo.oa.client import Hosts, OaClient, send_upload
from integrations.zalo.oa.errors import (
    NotSentError,
    RefusedError,
    ThrottledError,
    TokenUnavailableError,
    UnknownOutcomeError,
    ZaloError,
)
from integrations.zalo.oa.groups import Group, Member
from integrations.zalo.oa.messages import Button, InvalidMessageError
from integrations.zalo.oa.tokens import static_token
from integrations.zalo.oa.window import Quota
from tests.integrations.zalo.oa.conftest import SENT, Says, Zalo

U, G = "111", "g1"
OPENAPI, BUSINESS = "https://openapi.zalo.me", "https://business.openapi.zalo.me"
Do = Callable[[OaClient], Awaitable[object]]


@dataclass(frozen=True)
class Shape:
    """What a POST has to look like."""

    do: Do
    url: str
    body: dict[str, object]
    data: object = None


def cs(do: Do, message: dict[str, object]) -> Shape:
    body = {"recipient": {"user_id": U}, "message": message}
    return Shape(do, f"{OPENAPI}/v3.0/oa/message/cs", body)


def attached(kind: str, payload: dict[str, object]) -> dict[str, object]:
    return {"attachment": {"type": kind, "payload": payload}}


def media(**element: object) -> dict[str, object]:
    return attached("template", {"template_type": "media", "elements": [element]})


POSTS = [
    cs(lambda oa: oa.send_text(U, "Xin chào"), {"text": "Xin chào"}),
    cs(
        lambda oa: oa.send_text(U, "Chọn", [Button.query("A", "k:1")], quote_message_id="q"),
        {"text": "Chọn", "quote_message_id": "q"}
        | attached(
            "template",
            {"buttons": [{"title": "A", "type": "oa.query.hide", "payload": "k:1"}]},
        ),
    ),
    cs(
        lambda oa: oa.send_image(U, url="https://a.vn/a.png", caption="Ảnh"),
        {"text": "Ảnh"} | media(media_type="image", url="https://a.vn/a.png"),
    ),
    cs(
        lambda oa: oa.send_gif(U, width=3, height=4, attachment_id="x"),
        media(media_type="gif", width=3, height=4, attachment_id="x"),
    ),
    cs(lambda oa: oa.send_sticker(U, "s"), media(media_type="sticker", attachment_id="s")),
    cs(lambda oa: oa.send_file(U, "t"), attached("file", {"token": "t"})),
    cs(
        lambda oa: oa.request_user_info(U, "Xã", "Xin số", "https://a.vn/a.png"),
        attached(
            "template",
            {
                "template_type": "request_user_info",
                "elements": [
                    {"title": "Xã", "subtitle": "Xin số", "image_url": "https://a.vn/a.png"}
                ],
            },
        ),
    ),
    Shape(
        lambda oa: oa.react(U, "m9", "/-heart"),
        f"{OPENAPI}/v2.0/oa/message",
        {
            "recipient": {"user_id": U},
            "sender_action": {"react_icon": "/-heart", "react_message_id": "m9"},
        },
    ),
    Shape(
        lambda oa: oa.send_template_to_user(U, "t1", {"ten": "Lan"}),
        f"{OPENAPI}/v3.0/oa/message/template",
        {"user_id": U, "template_id": "t1", "template_data": {"ten": "Lan"}},
    ),
    Shape(
        lambda oa: oa.send_template_to_phone("0912 345 678", "t1", {"ten": "Lan"}, "row-1"),
        f"{BUSINESS}/message/template",
        {
            "phone": "84912345678",
            "template_id": "t1",
            "template_data": {"ten": "Lan"},
            "tracking_id": "row-1",
        },
    ),
    Shape(
        lambda oa: oa.send_template_to_phone("+84912345678", "t1", {}, "r", development=True),
        f"{BUSINESS}/message/template",
        {
            "phone": "84912345678",
            "template_id": "t1",
            "template_data": {},
            "tracking_id": "r",
            "mode": "development",
        },
    ),
    Shape(
        lambda oa: oa.send_group_text(G, "Bà hỏi [@1]"),
        f"{OPENAPI}/v3.0/oa/group/message",
        {"recipient": {"group_id": G}, "message": {"text": "Bà hỏi [ @1]"}},
    ),
    Shape(
        lambda oa: oa.create_group("Tư pháp", "asset", ["1", "2"], "Nhóm xã"),
        f"{OPENAPI}/v3.0/oa/group/creategroupwithoa",
        {
            "group_name": "Tư pháp",
            "group_description": "Nhóm xã",
            "asset_id": "asset",
            "member_user_ids": ["1", "2"],
        },
    ),
    Shape(
        lambda oa: oa.invite_to_group(G, ["3"]),
        f"{OPENAPI}/v3.0/oa/group/invite",
        {"group_id": G, "member_user_ids": ["3"]},
    ),
    Shape(lambda oa: oa.message_quota(U), f"{OPENAPI}/v3.0/oa/quota/message", {"user_id": U}),
]


@pytest.mark.parametrize("shape", POSTS, ids=lambda shape: shape.url.rpartition("/")[2])
async def test_every_post(oa: OaClient, zalo: Zalo, shape: Shape) -> None:
    await shape.do(oa)
    (request,) = zalo.asked
    assert (request.method, str(request.url)) == ("POST", shape.url)
    assert zalo.body == shape.body
    assert request.headers["access_token"] == "tok"
    assert request.headers["content-type"] == "application/json"
    assert "appsecret_proof" not in request.headers
    assert "authorization" not in request.headers


DATA_GETS: list[tuple[Do, str, dict[str, object]]] = [
    (lambda oa: oa.user_detail(U), "/v3.0/oa/user/detail", {"user_id": U}),
    (lambda oa: oa.users(), "/v3.0/oa/user/getlist", {"offset": 0, "count": 50}),
    (
        lambda oa: oa.users(50, 10, tag="xã", last_interaction="TODAY", follows=True),
        "/v3.0/oa/user/getlist",
        {
            "offset": 50,
            "count": 10,
            "tag_name": "xã",
            "last_interaction_period": "TODAY",
            "is_follower": True,
        },
    ),
    (
        lambda oa: oa.conversation(U, 10),
        "/v2.0/oa/conversation",
        {"user_id": U, "offset": 10, "count": 10},
    ),
    (lambda oa: oa.recent_chats(), "/v2.0/oa/listrecentchat", {"offset": 0, "count": 10}),
]


@pytest.mark.parametrize(("do", "path", "data"), DATA_GETS)
async def test_a_question_carries_compact_json(
    oa: OaClient, zalo: Zalo, says: Says, do: Do, path: str, data: dict[str, object]
) -> None:
    says([])
    await do(oa)
    assert zalo.last.method == "GET"
    assert str(zalo.last.url).startswith(f"{OPENAPI}{path}?data=%7B%22")
    assert list(zalo.last.url.params) == ["data"]
    assert json.loads(zalo.last.url.params["data"]) == data
    assert " " not in zalo.last.url.params["data"]


PLAIN_GETS: list[tuple[Do, str, dict[str, str]]] = [
    (lambda oa: oa.oa_info(), f"{OPENAPI}/v2.0/oa/getoa", {}),
    (lambda oa: oa.group(G), f"{OPENAPI}/v3.0/oa/group/getgroup", {"group_id": G}),
    (
        lambda oa: oa.groups(),
        f"{OPENAPI}/v3.0/oa/group/getgroupsofoa",
        {"offset": "0", "count": "10"},
    ),
    (
        lambda oa: oa.group_members(G, 5),
        f"{OPENAPI}/v3.0/oa/group/listmember",
        {"group_id": G, "offset": "5", "count": "10"},
    ),
    (
        lambda oa: oa.group_conversation(G),
        f"{OPENAPI}/v3.0/oa/group/conversation",
        {"group_id": G, "offset": "0", "count": "10"},
    ),
    (lambda oa: oa.template_status("m"), f"{BUSINESS}/message/status", {"message_id": "m"}),
    (lambda oa: oa.template_quota(), f"{BUSINESS}/message/quota", {}),
    (lambda oa: oa.template_info("t"), f"{BUSINESS}/template/info/v2", {"template_id": "t"}),
]


@pytest.mark.parametrize(("do", "url", "query"), PLAIN_GETS)
async def test_groups_and_templates_are_asked_with_plain_parameters(
    oa: OaClient, zalo: Zalo, says: Says, do: Do, url: str, query: dict[str, str]
) -> None:
    says([])
    await do(oa)
    assert zalo.last.method == "GET"
    assert str(zalo.last.url.copy_with(query=None)) == url
    assert dict(zalo.last.url.params) == query


PNG, GIF, PDF = b"\x89PNG\r\n\x1a\n1", b"GIF89a1", b"%PDF-1.7"


@pytest.mark.parametrize(
    ("do", "path", "name", "raw", "kind"),
    [
        (lambda oa: oa.upload_image(PNG, "a.png"), "image", "a.png", PNG, "image/png"),
        (lambda oa: oa.upload_gif(GIF, "a.gif"), "gif", "a.gif", GIF, "image/gif"),
        (lambda oa: oa.upload_file(PDF, "a.pdf"), "file", "a.pdf", PDF, "application/pdf"),
    ],
)
async def test_uploads(
    oa: OaClient, zalo: Zalo, says: Says, do: Do, path: str, name: str, raw: bytes, kind: str
) -> None:
    says({"attachment_id": "up1", "token": "up1"})
    assert await do(oa) == "up1"
    assert str(zalo.last.url) == f"{OPENAPI}/v2.0/oa/upload/{path}"
    assert zalo.last.headers["content-type"].startswith("multipart/form-data")
    head = f'Content-Disposition: form-data; name="file"; filename="{name}"'
    assert head.encode() in zalo.last.content
    assert f"Content-Type: {kind}".encode() in zalo.last.content
    assert raw in zalo.last.content
    says({})
    with pytest.raises(UnknownOutcomeError):
        await do(oa)


async def test_what_would_be_refused_is_not_asked(oa: OaClient, zalo: Zalo) -> None:
    doings: list[Do] = [
        lambda oa: oa.upload_image(PDF, "a.png"),
        lambda oa: oa.send_text(U, ""),
        lambda oa: oa.send_template_to_phone("113", "t", {}, "r"),
        lambda oa: oa.send_template_to_phone("0912345678", "t", {}, "r" * 49),
        lambda oa: oa.send_template_to_phone("0912345678", "t", {}, ""),
        lambda oa: oa.create_group("a", "b", []),
        lambda oa: oa.create_group("a", "b", ["1"] * 100),
    ]
    for do in doings:
        with pytest.raises(InvalidMessageError):
            await do(oa)
    assert zalo.asked == []


# --- answers -----------------------------------------------------------------------

AT = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize("number", [str, int])
async def test_a_sent_message(oa: OaClient, says: Says, number: Callable[[Any], object]) -> None:
    says(
        {
            "message_id": "m1",
            "user_id": number(111),
            "sent_time": number(1700000000000),
            "quota": {
                "quota_type": "sub_quota",
                "remain": number(7),
                "total": number(8),
                "expired_date": "31/12/2026",
                "owner_type": "OA",
                "owner_id": number(5),
            },
        }
    )
    quota = Quota("sub_quota", 7, 8, date(2026, 12, 31), "OA", "5")
    assert await oa.send_text(U, "a") == Sent("m1", "111", "", AT, quota)


async def test_answers_about_templates(oa: OaClient, says: Says) -> None:
    says(
        {
            "msg_id": "z1",
            "sent_time": "1700000000000",
            "sending_mode": "1",
            "quota": {"dailyQuota": "500", "remainingQuota": "499"},
        }
    )
    sent = await oa.send_template_to_phone("0912345678", "t", {}, "r")
    assert sent == Sent("z1", sent_at=AT, quota=Quota("template_day", 499, 500))
    says({"delivery_time": "1700000000000", "status": 1, "message": "delivered"})
    assert await oa.template_status("z1") == TemplateStatus(1, AT)
    says({"status": "-1"})
    assert not (await oa.template_status("z1")).delivered
    says({"dailyQuota": 500, "remainingQuota": 0})
    assert (await oa.template_quota()).exhausted
    says({})
    assert not (await oa.template_quota()).exhausted
    says(
        {
            "templateId": 12345,
            "templateName": "Nhắc",
            "status": "ENABLE",
            "listParams": [{"name": "ten", "require": True, "maxLength": 30}, "?"],
            "price_sdt": "200",
            "price_uid": "120",
        }
    )
    info = await oa.template_info("12345")
    assert (info.template_id, info.name, info.enabled) == ("12345", "Nhắc", True)
    assert info.params == (TemplateParam("ten", True, 30),)
    assert (info.price_by_phone, info.price_by_user) == (200, 120)


async def test_answers_about_people(oa: OaClient, says: Says) -> None:
    says(
        {
            "user_id": 2**60,
            "display_name": "Lan",
            "user_is_follower": True,
            "user_last_interaction_date": "20/11/2026",
            "shared_info": {"phone": 84912345678},
            "tags_and_notes_info": {"notes": [], "tag_names": ["thôn 1", 3]},
        }
    )
    person = await oa.user_detail(U)
    assert person.user_id == "1152921504606846976"
    assert (person.name, person.follows, person.phone) == ("Lan", True, "84912345678")
    assert person.last_interaction == date(2026, 11, 20)
    assert person.tags == ("thôn 1",)
    says({"total": "2", "users": [{"user_id": "1"}, {"user_id": 2}, {}]})
    assert await oa.users() == UserPage(("1", "2"), 2)
    says(
        {
            "last_interaction": "1700000000000",
            "cs_reply": {"remain": "3", "total": "8"},
            "promotion": {"daily_remain": "1", "other": "x"},
        }
    )
    quota = await oa.message_quota(U)
    assert quota.last_interaction == AT
    assert quota.reply == Quota("reply", 3, 8)
    assert quota.promotion == {"daily_remain": 1}


async def test_answers_about_conversations_and_the_account(oa: OaClient, says: Says) -> None:
    line = {
        "src": 0,
        "time": 1700000000000,
        "type": "text",
        "message": "Chào",
        "message_id": "m1",
        "from_id": 2**60,
        "to_id": 111,
        "from_display_name": "Xã",
    }
    says([line, line | {"src": "1"}, "?"])
    ours, theirs = await oa.conversation(U)
    assert ours == Line("m1", True, "text", "Chào", AT, "1152921504606846976", "111", "Xã")
    assert not theirs.from_oa
    says(
        {
            "oaid": 777,
            "name": "UBND xã",
            "is_verified": True,
            "oa_type": 4,
            "package_name": "Tăng trưởng",
            "package_valid_through_date": "31/12/2027",
            "num_follower": "12",
            "linked_ZCA": "",
        }
    )
    info = await oa.oa_info()
    assert (info.oa_id, info.verified, info.oa_type) == ("777", True, 4)
    assert info.package_until == date(2027, 12, 31)
    assert info.followers == 12


async def test_answers_about_groups(oa: OaClient, says: Says) -> None:
    group = {
        "group_id": "g1",
        "name": "Tư pháp",
        "group_link": "https://zalo.me/g/abc",
        "status": "enabled",
        "total_member": "5",
        "max_member": 10,
        "auto_delete_date": "31/12/2026",
    }
    expected = Group("g1", "Tư pháp", "https://zalo.me/g/abc", True, 5, 10, date(2026, 12, 31))
    says({"group_info": group, "asset_info": {}})
    assert await oa.group("g1") == expected
    says(group)
    assert await oa.create_group("Tư pháp", "a", ["1"]) == expected
    says({"groups": [group | {"status": "disabled"}], "total": 1})
    (off,) = await oa.groups()
    assert not off.enabled
    members = [{"oa_id": "777", "name": "Xã"}, {"user_id": 1, "name": "Lan"}]
    for data in (members, {"members": members}):
        says(data)
        assert await oa.group_members("g1") == [
            Member("777", "Xã", True),
            Member("1", "Lan", False),
        ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [
        "message_id",
        "msg_id",
        "quota",
        "quota_type",
        "remain",
        "expired_date",
        "users",
        "user_id",
        "tags_and_notes_info",
        "shared_info",
        "src",
        "time",
        "cs_reply",
        "promotion",
        "group_info",
        "listParams",
        "oaid",
        "groups",
        "members",
    ]
)
EVERY: list[Do] = [do for do, *_ in DATA_GETS + PLAIN_GETS] + [shape.do for shape in POSTS]


@given(data=st.dictionaries(NAMES, JSON) | JSON, do=st.sampled_from(EVERY))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
async def test_odd_data_is_a_zalo_error_or_nothing(
    oa: OaClient, zalo: Zalo, data: object, do: Do
) -> None:
    body = json.dumps({"error": 0, "data": data}).encode()
    zalo.answers = [httpx.Response(200, content=body)]
    try:
        result = await do(oa)
    except UnknownOutcomeError:
        return
    if isinstance(result, Sent):
        assert result.message_id


# --- token, proof, limit -----------------------------------------------------------


class Renewing:
    """A token source that gives the next token when one was refused."""

    def __init__(self, *tokens: str) -> None:
        self.tokens = list(tokens)

    async def __call__(self, refused: str | None = None) -> str:
        if refused == self.tokens[0] and len(self.tokens) > 1:
            self.tokens.pop(0)
        return self.tokens[0]


def client(http: httpx.AsyncClient, *tokens: str, **more: Any) -> OaClient:
    return OaClient("900", Renewing(*tokens), http, **more)


@pytest.mark.parametrize("code", [-216, 216, -220, -401, 401, "-216", None])
async def test_a_refused_token_is_renewed_once(
    http: httpx.AsyncClient, zalo: Zalo, code: object
) -> None:
    refusal = httpx.Response(401, text="no") if code is None else {"error": code}
    zalo.answers = [refusal, SENT]
    assert (await client(http, "old", "new").send_text(U, "a")).message_id == "m1"
    assert [request.headers["access_token"] for request in zalo.asked] == ["old", "new"]


async def test_the_template_host_has_its_own_token_error(
    http: httpx.AsyncClient, zalo: Zalo
) -> None:
    zalo.answers = [{"error": -124}, SENT]
    oa = client(http, "old", "new")
    assert (await oa.send_template_to_phone("0912345678", "t", {}, "r")).message_id == "m1"
    zalo.answers = [{"error": -124}]
    with pytest.raises(RefusedError) as caught:
        await client(http, "old", "new").send_text(U, "a")
    assert caught.value.rule.code == -124
    assert len(zalo.asked) == 3


async def test_two_refusals_are_enough(http: httpx.AsyncClient, zalo: Zalo) -> None:
    zalo.answers = [{"error": -216}]
    with pytest.raises(RefusedError):
        await client(http, "old", "older", "new").send_text(U, "a")
    assert len(zalo.asked) == 2


async def test_a_source_that_has_no_other_token(http: httpx.AsyncClient, zalo: Zalo) -> None:
    zalo.answers = [{"error": -216}]
    with pytest.raises(TokenUnavailableError):
        await client(http, "old").send_text(U, "a")
    with pytest.raises(TokenUnavailableError):
        await OaClient("900", static_token("old"), http).send_text(U, "a")


async def test_the_proof_is_made_anew_for_each_token(http: httpx.AsyncClient, zalo: Zalo) -> None:
    zalo.answers = [{"error": -216}, SENT]
    await client(http, "old", "new", app_secret="app-secret").send_text(U, "a")
    for request, token in zip(zalo.asked, ("old", "new"), strict=True):
        expected = hmac.new(b"app-secret", token.encode(), hashlib.sha256).hexdigest()
        assert request.headers["appsecret_proof"] == expected


@pytest.mark.parametrize("code", [-242, -224, -230, -32])
async def test_other_refusals_do_not_touch_the_token(
    http: httpx.AsyncClient, zalo: Zalo, code: int
) -> None:
    zalo.answers = [{"error": code}]
    source = Renewing("old", "new")
    with pytest.raises(RefusedError) as caught:
        await OaClient("900", source, http).send_text(U, "a")
    assert caught.value.rule.code == code
    assert source.tokens == ["old", "new"]
    assert len(zalo.asked) == 1


async def test_the_limit_counts_each_request_but_not_templates_by_phone(
    http: httpx.AsyncClient, zalo: Zalo
) -> None:
    counted = 0

    async def throttle() -> None:
        nonlocal counted
        counted += 1
        if counted > 3:
            raise ThrottledError("đầy", 5)

    zalo.answers = [{"error": -216}, SENT]
    oa = client(http, "old", "new", throttle=throttle)
    await oa.send_text(U, "a")
    assert counted == 2
    await oa.send_template_to_phone("0912345678", "t", {}, "r")
    assert counted == 2
    await oa.send_template_to_user(U, "t", {})
    asked = len(zalo.asked)
    with pytest.raises(ThrottledError):
        await oa.send_text(U, "a")
    assert len(zalo.asked) == asked


async def test_what_zalo_says_of_its_limit_is_kept(oa: OaClient, zalo: Zalo) -> None:
    assert oa.rate is None
    headers = {"X-RateLimit-Limit": "100", "X-RateLimit-Remain": "42"}
    zalo.answers = [httpx.Response(200, json=SENT, headers=headers), SENT]
    await oa.send_text(U, "a")
    assert oa.rate == Rate(100, 42)
    await oa.send_text(U, "a")
    assert oa.rate == Rate(None, None)


async def test_a_simulator_stands_for_all_hosts(http: httpx.AsyncClient, zalo: Zalo) -> None:
    oa = client(http, "t", hosts=Hosts.at("http://127.0.0.1:9400/sim/"))
    await oa.send_text(U, "a")
    assert str(zalo.last.url) == "http://127.0.0.1:9400/sim/v3.0/oa/message/cs"
    await oa.send_template_to_phone("0912345678", "t", {}, "r")
    assert str(zalo.last.url) == "http://127.0.0.1:9400/sim/message/template"
    assert Hosts.at("https://openapi.zalo.me/") == Hosts()


# --- quotes, uploads that are too old ----------------------------------------------


@pytest.mark.parametrize("code", [-201, -210])
async def test_a_quote_that_is_too_old_is_left_out(oa: OaClient, zalo: Zalo, code: int) -> None:
    zalo.answers = [{"error": code, "message": "quote_message_id is invalid"}, SENT]
    await oa.send_text(U, "Vâng", quote_message_id="old")
    assert zalo.body["message"] == {"text": "Vâng"}
    assert len(zalo.asked) == 2


@pytest.mark.parametrize(
    ("quote", "refusal"),
    [
        ("q", {"error": -201, "message": "user_id is invalid"}),
        ("q", {"error": -230, "message": "quote"}),
        ("", {"error": -201, "message": "quote_message_id is invalid"}),
    ],
)
async def test_other_refusals_are_not_the_quote(
    oa: OaClient, zalo: Zalo, quote: str, refusal: dict[str, object]
) -> None:
    zalo.answers = [refusal, SENT]
    with pytest.raises(RefusedError):
        await oa.send_text(U, "Vâng", quote_message_id=quote)
    assert len(zalo.asked) == 1


async def test_an_upload_is_kept_until_it_is_too_old(oa: OaClient, zalo: Zalo) -> None:
    uploaded: dict[str, object] = {"error": 0, "data": {"token": "new"}}

    async def send(token: str) -> Sent:
        return await oa.send_file(U, token)

    async def upload() -> str:
        return await oa.upload_file(PDF, "a.pdf")

    assert (await send_upload(send, upload, "kept"))[1] == "kept"
    assert len(zalo.asked) == 1
    zalo.answers = [{"error": -100}, uploaded, SENT]
    assert (await send_upload(send, upload, "kept"))[1] == "new"
    zalo.answers = [uploaded, SENT]
    assert (await send_upload(send, upload))[1] == "new"
    zalo.answers = [{"error": -230}]
    with pytest.raises(RefusedError):
        await send_upload(send, upload, "kept")


# --- failures ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.ConnectError("x"), NotSentError),
        (httpx.ConnectTimeout("x"), NotSentError),
        (httpx.PoolTimeout("x"), NotSentError),
        (httpx.UnsupportedProtocol("x"), NotSentError),
        (httpx.ReadTimeout("x"), UnknownOutcomeError),
        (httpx.WriteError("x"), UnknownOutcomeError),
        (httpx.RemoteProtocolError("x"), UnknownOutcomeError),
        (httpx.Response(500, text="<html>"), UnknownOutcomeError),
        (httpx.Response(502, json={"error": -213}), UnknownOutcomeError),
        (httpx.Response(200, text=""), UnknownOutcomeError),
        (httpx.Response(200, text="<html>"), UnknownOutcomeError),
        (httpx.Response(200, json={"ok": True}), UnknownOutcomeError),
        (httpx.Response(200, json={"error": True}), UnknownOutcomeError),
        (httpx.Response(200, json={"error": 0, "data": {}}), UnknownOutcomeError),
        (httpx.Response(200, json={"error": 0, "data": [1]}), UnknownOutcomeError),
        (httpx.Response(429), ThrottledError),
        (httpx.Response(503), ThrottledError),
        (httpx.Response(302), RefusedError),
        (httpx.Response(403, text="forbidden"), RefusedError),
        (httpx.Response(400, json={"error": 0}), RefusedError),
        (httpx.Response(400, json={"error": -213}), RefusedError),
    ],
)
async def test_each_failure_says_what_to_do(
    oa: OaClient, zalo: Zalo, answer: Any, kind: type[ZaloError]
) -> None:
    zalo.answers = [answer]
    with pytest.raises(ZaloError) as caught:
        await oa.send_text(U, "a")
    assert type(caught.value) is kind


@pytest.mark.parametrize(
    ("header", "wait"), [("7", 7), ("999999", 3600), ("soon", 60), ("", 60), ("-1", 60)]
)
async def test_how_long_a_busy_zalo_wants_us_to_wait(
    oa: OaClient, zalo: Zalo, header: str, wait: float
) -> None:
    zalo.answers = [httpx.Response(429, headers={"Retry-After": header})]
    with pytest.raises(ThrottledError) as caught:
        await oa.send_text(U, "a")
    assert caught.value.wait == wait


async def test_a_token_that_is_no_header_never_leaves(http: httpx.AsyncClient, zalo: Zalo) -> None:
    with pytest.raises(NotSentError):
        await OaClient("900", static_token("mã\nhỏng"), http).send_text(U, "a")
    assert zalo.asked == []


@pytest.mark.parametrize(("code", "elsewhere"), [(-118, True), (-114, True), (-230, True)])
async def test_a_template_by_user_may_be_refused_with_codes_of_either_kind(
    http: httpx.AsyncClient, zalo: Zalo, code: int, elsewhere: bool
) -> None:
    zalo.answers = [{"error": code}]
    with pytest.raises(RefusedError) as fault:
        await client(http, "t").send_template_to_user(U, "t", {})
    assert fault.value.rule.other_way is elsewhere
    assert fault.value.rule.sentence
