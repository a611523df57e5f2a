"""Consultation messages: shapes, limits, windows, who pays (fact sheet 1.3, 1.4, 6.1)."""

from __future__ import annotations

import unicodedata
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.zalo.simulator.checks import check_message
from integrations.zalo.simulator.shapes import RefusedError
from tests.integrations.zalo.simulator.conftest import (
    SEND,
    START,
    USER,
    Lab,
    attached,
    media,
    message,
)

URL = {"title": "Mở", "type": "oa.open.url", "payload": {"url": "https://example.vn"}}
TAP = {"title": "Có", "type": "oa.query.hide", "payload": "k:1"}
SMS = {
    "title": "Nhắn",
    "type": "oa.open.sms",
    "payload": {"content": "KS", "phone_code": "84900000001"},
}
CALL = {"title": "Gọi", "type": "oa.open.phone", "payload": {"phone_code": "84900000001"}}
FORM = {
    "title": "Ủy ban xã",
    "subtitle": "Xin số điện thoại",
    "image_url": "https://example.vn/a.png",
}
PICTURE = {"media_type": "image", "url": "https://example.vn/a.png"}
GIF = {"media_type": "gif", "url": "https://example.vn/a.gif", "width": 100, "height": 80}


def form(*elements: object) -> dict[str, Any]:
    return attached("template", {"template_type": "request_user_info", "elements": list(elements)})


async def test_the_answer_of_a_send(lab: Lab) -> None:
    await lab.meet()
    answer = await lab.send()
    assert answer["error"] == 0
    assert answer["data"]["user_id"] == USER
    assert answer["data"]["sent_time"] == str(int(START.timestamp() * 1000))
    assert answer["data"]["quota"] == {"quota_type": "reply", "remain": "7", "total": "8"}
    assert lab.simulator.world.sends == {USER: 1}


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (message("a" * 2001), -210),
        (message("ữ" * 2000), 0),
        (message(unicodedata.normalize("NFD", "ữ" * 2000)), 0),
        (message(""), -201),
        (message(7), -201),
        (message("\ud800"), -201),
        (message(template_type="x"), -201),
        ({"recipient": {"user_id": "404"}, "message": {"text": "a"}}, -201),
        ({"recipient": {"user_id": ""}, "message": {"text": "a"}}, -201),
        ({"recipient": {"phone": "84900000001"}, "message": {"text": "a"}}, -201),
        ({"recipient": {"user_id": USER}}, -201),
        ([], -201),
        (message("a", URL, TAP, SMS, CALL, TAP), 0),
        (message("a", *[TAP] * 6), -210),
        (message("a", TAP | {"title": "x" * 101}), -210),
        (message("a", TAP | {"payload": "x" * 1000}), 0),
        (message("a", TAP | {"payload": "x" * 1001}), -210),
        (message("a", TAP | {"payload": {"x": 1}}), -201),
        (message("a", SMS | {"payload": {"content": "x" * 161, "phone_code": "84"}}), -210),
        (message("a", URL | {"payload": "https://example.vn"}), -201),
        (message("a", URL | {"payload": {"url": "javascript:alert(1)"}}), -201),
        (message("a", TAP | {"type": "oa.query.unknown"}), -201),
        (message("a", TAP | {"colour": "red"}), -201),
        (message("a", "x"), -201),
        (attached("template", {"template_type": "button", "buttons": [TAP]}, text="a"), -233),
        (attached("template", {"template_type": "list", "elements": []}, text="a"), -233),
        (attached("template", {"buttons": []}, text="a"), -201),
        (attached("template", {"buttons": [TAP]}), -201),
        (attached("video", {"token": "x"}), -233),
        (form(FORM), 0),
        (form(FORM, FORM), -210),
        (form(), -201),
        (form(FORM | {"title": "x" * 101}), -210),
        (form(FORM | {"subtitle": "x" * 501}), -210),
        (form(FORM | {"image_url": "a.png"}), -201),
        (form({"title": "a", "subtitle": "b"}), -201),
        (media(PICTURE), 0),
        (media(PICTURE, text="Bản đồ"), 0),
        (media(PICTURE, text="x" * 2001), -210),
        (media(PICTURE | {"attachment_id": "x"}), -201),
        (media({"media_type": "image"}), -201),
        (media({"media_type": "image", "attachment_id": "nobody"}), -201),
        (media({"media_type": "article", "attachment_id": "x"}), -201),
        (media(GIF), 0),
        (media(GIF | {"width": 0}), -201),
        (media({"media_type": "sticker", "attachment_id": "bfe458bf64fa8da4d4eb"}), 0),
        (media({"media_type": "sticker", "url": "https://example.vn/a.png"}), -201),
        (attached("file", {"token": "nobody"}), -201),
        (attached("file", {"url": "https://example.vn/a.pdf"}), -201),
    ],
)
async def test_shapes_and_limits(lab: Lab, content: object, code: int) -> None:
    await lab.meet()
    headers = {"access_token": lab.token, "Content-Type": "application/json"}
    body = httpx.Request("POST", "http://x", json=content).content if not _odd(content) else ODD
    answer = (await lab.http.post(SEND, content=body, headers=headers)).json()
    assert (answer["error"], lab.simulator.world.sends[USER]) == (code, int(code == 0))


ODD = b'{"recipient":{"user_id":"%s"},"message":{"text":"\\ud800"}}' % USER.encode()


def _odd(content: object) -> bool:
    return isinstance(content, dict) and content.get("message", {}).get("text") == "\ud800"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
WORDS = st.sampled_from(
    ["recipient", "message", "user_id", "text", "attachment", "type", "payload", "template_type",
     "elements", "media_type", "buttons", "title", "template", "media", "file", "token", "url"]
)  # fmt: skip
NEARLY = st.recursive(
    WORDS | st.text(max_size=5) | st.integers(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=15,
)


@given(st.dictionaries(WORDS, JSON | NEARLY, max_size=4), NEARLY, NEARLY)
def test_any_body_is_checked_or_refused(
    body: dict[str, object], payload: object, kind: object
) -> None:
    attachment = {"type": kind, "payload": payload}
    for one in (body, message(attachment=attachment), message(body.get("text"), payload)):
        assert outcome(one) in (0, -201, -210, -233)


def outcome(body: dict[str, Any]) -> int:
    try:
        draft = check_message(body)
    except RefusedError as fault:
        return fault.code
    return 0 if draft.to and (draft.shown or draft.kind != "text") else 1


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_the_length_is_counted_in_composed_letters(text: str) -> None:
    long = unicodedata.normalize("NFD", (text + "ế") * 2000)
    fits = len(unicodedata.normalize("NFC", long)) <= 2000
    with pytest.raises(RefusedError, match="text is over limit") as caught:
        check_message(message(long))
    assert (caught.value.code, fits) == (-210, False)


async def test_quotes(lab: Lab) -> None:
    asked = await lab.meet("câu hỏi")
    other = await lab.act("/phone/999/send", {"text": "người khác"})
    assert (await lab.send(message(quote_message_id=asked["id"])))["error"] == 0
    for bad in (message(quote_message_id="nothing"), message(quote_message_id=other["id"])):
        answer = await lab.send(bad)
        assert (answer["error"], "quote" in answer["message"]) == (-201, True)
    assert (await lab.send(message("a", TAP, quote_message_id=asked["id"])))["error"] == -201
    lab.later(hours=48, seconds=1)
    assert (await lab.send(message(quote_message_id=asked["id"])))["error"] == -201
    assert (await lab.send())["error"] == 0


async def test_the_windows_of_48_hours_and_7_days(lab: Lab) -> None:
    await lab.meet()
    for left in "76543210":
        assert (await lab.send())["data"]["quota"]["remain"] == left
    assert (await lab.send())["data"]["quota"]["quota_type"] == "sub_quota"
    lab.later(hours=48, seconds=1)
    quota = (await lab.send())["data"]["quota"]
    assert (quota["quota_type"], quota["remain"], quota["total"]) == ("sub_quota", "498", "500")
    assert quota["expired_date"] == "22/12/2026"
    lab.later(days=5)
    assert (await lab.send())["error"] == -230
    await lab.meet()
    assert (await lab.send())["data"]["quota"]["remain"] == "7"


async def test_after_the_allowance_purchases_are_used(lab: Lab) -> None:
    lab.policy(free_replies=0, sub_quota=1, purchased=1)
    await lab.meet()
    kinds = [(await lab.send())["data"]["quota"]["quota_type"] for _ in range(2)]
    assert kinds == ["sub_quota", "purchase_quota"]
    assert (await lab.send())["error"] == -211
    lab.policy(free_replies=None)
    assert (await lab.send())["data"]["quota"]["total"] == "unlimited"


async def test_who_unfollowed_is_left_alone_until_they_come_back(lab: Lab) -> None:
    await lab.act(f"/phone/{USER}/follow")
    assert (await lab.send())["error"] == 0
    await lab.act(f"/phone/{USER}/unfollow")
    assert (await lab.send())["error"] == -213
    await lab.act(f"/phone/{USER}/chatnow")
    assert (await lab.send())["error"] == 0
    assert lab.hook.named("user_click_chatnow")[0]["user_id"] == USER


async def test_a_form_does_not_open_the_window(lab: Lab) -> None:
    await lab.act(f"/phone/{USER}/submit", {"name": "Lan", "phone": "84912345678"})
    assert (await lab.send())["error"] == -230


async def test_each_kind_is_shown_and_echoed(lab: Lab) -> None:
    await lab.meet()
    for content in (message("a", TAP), media(PICTURE, text="Bản đồ"), media(GIF), form(FORM)):
        assert (await lab.send(content))["error"] == 0
    shown = await lab.shown()
    assert [(one["kind"], one["text"]) for one in shown[1:]] == [
        ("text", "a"),
        ("image", "[Hình ảnh] Bản đồ"),
        ("gif", "[Ảnh động]"),
        ("form", "[Phiếu xin thông tin] Ủy ban xã\nXin số điện thoại"),
    ]
    assert shown[1]["buttons"] == [{"title": "Có", "kind": "payload", "value": "k:1"}]
    echoes = [event for event in lab.hook.events if event["event_name"].startswith("oa_send_")]
    names = ["oa_send_text", "oa_send_image", "oa_send_gif", "oa_send_template"]
    assert [one["event_name"] for one in echoes] == names
    assert [one["message"]["msg_id"] for one in echoes] == [one["id"] for one in shown[1:]]
    assert echoes[1]["message"]["attachments"] == [
        {"type": "image", "payload": {"url": "https://example.vn/a.png"}}
    ]
    assert lab.hook.named("user_seen_message")[0]["message"]["msg_ids"] == [
        one["id"] for one in shown[1:]
    ]


async def test_reactions(lab: Lab) -> None:
    asked = await lab.meet()
    action = {"react_icon": "/-heart", "react_message_id": asked["id"]}
    body = {"recipient": {"user_id": USER}, "sender_action": action}
    assert (await lab.post("/v2.0/oa/message", body))["error"] == 0
    await lab.settled()
    (event,) = lab.hook.named("oa_reacted_message")
    assert event["message"] == {"msg_id": asked["id"], "react_icon": "/-heart"}
    for _ in range(49):
        await lab.post("/v2.0/oa/message", body)
    assert (await lab.post("/v2.0/oa/message", body))["error"] == -210
    removed = body | {"sender_action": action | {"react_icon": "/-remove"}}
    assert (await lab.post("/v2.0/oa/message", removed))["error"] == 0
    assert (await lab.post("/v2.0/oa/message", body))["error"] == 0
    for wrong in ({"react_icon": "wow"}, {"react_message_id": "nothing"}):
        assert (await lab.post("/v2.0/oa/message", body | {"sender_action": action | wrong}))[
            "error"
        ] == -201


@pytest.mark.parametrize(
    "path", ["/v2.0/oa/message", "/v3.0/oa/message/transaction", "/v3.0/oa/message/promotion"]
)
async def test_dead_endpoints_say_so(lab: Lab, path: str) -> None:
    assert (await lab.post(path, message()))["error"] == -240
