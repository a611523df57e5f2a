"""People, conversations, the OA itself (fact sheet 4)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integrations.zalo.simulator.conftest import OA, OTHER, START, USER, Lab, media, message

CONVERSATION, RECENT = "/v2.0/oa/conversation", "/v2.0/oa/listrecentchat"
DETAIL, LIST, QUOTA = "/v3.0/oa/user/detail", "/v3.0/oa/user/getlist", "/v3.0/oa/quota/message"


async def test_a_conversation_is_read_in_small_pages(lab: Lab) -> None:
    await lab.meet("một")
    await lab.send(message("hai"))
    answer = await lab.get(CONVERSATION, {"user_id": USER, "offset": 0, "count": 10})
    newest, oldest = answer["data"]
    # Ids are numbers in this answer only.
    assert (newest["src"], newest["message"], newest["from_id"]) == (0, "hai", int(OA))
    assert (oldest["src"], oldest["message"], oldest["to_id"]) == (1, "một", int(OA))
    assert (oldest["time"], oldest["type"]) == (int(START.timestamp() * 1000), "text")
    second = await lab.get(CONVERSATION, {"user_id": int(USER), "offset": 1, "count": 1})
    assert [one["message"] for one in second["data"]] == ["một"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"user_id": USER, "count": 11}, -210),
        ({"user_id": USER, "offset": -1}, -201),
        ({"user_id": USER, "count": "1"}, -201),
        ({"user_id": "404"}, -201),
        ({"user_id": "\ud800"}, -201),
        ({"user_id": {}}, -201),
        ([], -201),
        (None, -201),
    ],
)
async def test_odd_queries(lab: Lab, query: Any, code: int) -> None:
    await lab.meet()
    assert (await lab.get(CONVERSATION, query))["error"] == code


async def test_other_kinds_have_other_types(lab: Lab) -> None:
    await lab.act(f"/phone/{USER}/send", {"media": "location"})
    await lab.send(media({"media_type": "image", "url": "https://example.vn/a.png"}, text="Bản đồ"))
    lines = (await lab.get(CONVERSATION, {"user_id": USER}))["data"]
    assert [(one["type"], one["message"]) for one in lines] == [
        ("photo", "Bản đồ"),
        ("location", ""),
    ]
    assert lines[0]["url"] == "https://example.vn/a.png"


async def test_recent_chats_name_each_person_once(lab: Lab) -> None:
    for user, text in ((USER, "một"), (OTHER, "hai"), (USER, "ba")):
        await lab.meet(text, user)
    lines = (await lab.get(RECENT, {"offset": 0, "count": 10}))["data"]
    assert [(one["from_id"], one["message"]) for one in lines] == [
        (int(USER), "ba"),
        (int(OTHER), "hai"),
    ]
    assert len((await lab.get(RECENT, {"offset": 1, "count": 10}))["data"]) == 1
    assert (await lab.get(RECENT, {"count": 11}))["error"] == -210


async def test_a_person(lab: Lab) -> None:
    await lab.meet()
    person = (await lab.get(DETAIL, {"user_id": USER}))["data"]
    assert person["user_id"] == USER
    assert person["user_last_interaction_date"] == "20/11/2026"
    assert (person["user_is_follower"], person["shared_info"]) == (False, {})
    await lab.act(f"/phone/{USER}/submit", {"name": "Lan", "phone": "84912345678"})
    person = (await lab.get(DETAIL, {"user_id": USER}))["data"]
    assert (person["shared_info"]["name"], person["shared_info"]["phone"]) == ("Lan", "84912345678")
    assert (await lab.get(DETAIL, {"user_id": "4"}))["error"] == -201


async def test_lists_of_people(lab: Lab) -> None:
    await lab.meet()
    lab.later(days=1)
    await lab.act(f"/phone/{OTHER}/follow")

    async def users(**query: object) -> Any:
        answer = await lab.get(LIST, {"offset": 0, "count": 50} | query)
        if answer["error"]:
            return answer["error"]
        return {one["user_id"] for one in answer["data"]["users"]}

    assert await users() == {USER, OTHER}
    assert await users(is_follower=True) == {OTHER}
    assert await users(is_follower=False) == {USER}
    assert await users(last_interaction_period="TODAY") == {OTHER}
    assert await users(last_interaction_period="YESTERDAY") == {USER}
    assert await users(last_interaction_period="L7D") == {USER, OTHER}
    assert await users(last_interaction_period="2026_11_20:2026_11_20") == {USER}
    assert await users(tag_name="vip") == set()
    assert await users(offset=1, count=1) <= {USER, OTHER}
    for bad in ({"count": 51}, {"offset": 9952}):
        assert await users(**bad) == -210
    for bad in (
        {"last_interaction_period": "2026_11_20"},
        {"last_interaction_period": "x:y"},
        {"is_follower": "yes"},
        {"colour": "red"},
    ):
        assert await users(**bad) == -201


async def test_what_a_person_may_still_be_sent(lab: Lab) -> None:
    await lab.meet()
    await lab.send()
    quota = (await lab.post(QUOTA, {"user_id": USER}))["data"]
    assert quota["last_interaction"] == str(int(START.timestamp() * 1000))
    assert quota["cs_reply"] == {"remain": 7, "total": 8}
    lab.policy(free_replies=None)
    assert (await lab.post(QUOTA, {"user_id": USER}))["data"]["cs_reply"]["remain"] == "unlimited"
    lab.later(hours=49)
    assert (await lab.post(QUOTA, {"user_id": USER}))["data"]["cs_reply"]["remain"] == 0
    assert (await lab.post(QUOTA, {"user_id": "4"}))["error"] == -201


async def test_what_the_oa_holds(lab: Lab) -> None:
    lab.policy(free_replies=0, sub_quota=5, purchased=3)
    await lab.meet()
    await lab.send()
    asked = {"quota_owner": "OA", "product_type": "cs"}
    assets = (await lab.post(QUOTA, asked))["data"]
    assert [(one["quota_type"], one["remain"], one["total"]) for one in assets] == [
        ("sub_quota", "4", "5"),
        ("purchase_quota", "3", "3"),
    ]
    one = await lab.post(QUOTA, asked | {"quota_type": "purchase_quota"})
    assert len(one["data"]) == 1


async def test_the_oa_itself(lab: Lab) -> None:
    await lab.act(f"/phone/{USER}/follow")
    oa = (await lab.get("/v2.0/oa/getoa"))["data"]
    assert (oa["oaid"], oa["oa_type"], oa["num_follower"], oa["is_verified"]) == (OA, 4, 1, True)
