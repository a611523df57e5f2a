"""Groups of the OA (fact sheet 6.5)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from integrations.zalo.simulator.groups import Group
from tests.integrations.zalo.simulator.conftest import (
    OA,
    OTHER,
    USER,
    Lab,
    attached,
    laboratory,
    media,
)

BASE = "/v3.0/oa/group"
STICKER = {"media_type": "sticker", "attachment_id": "s1"}


@pytest.fixture
async def group(lab: Lab) -> Group:
    await lab.meet()
    await lab.meet(user=OTHER)
    made = lab.simulator.groups.create("Cán bộ tư pháp", [USER])
    await lab.settled()
    lab.hook.requests.clear()
    return made


def to(group: Group, text: object = "chào", **more: object) -> dict[str, Any]:
    return {"recipient": {"group_id": group.group_id}, "message": {"text": text} | more}


async def write(lab: Lab, group: Group, text: str, user: str = USER, **more: str) -> httpx.Response:
    path = f"/groups/{group.group_id}/members/{user}/send"
    answer = await lab.http.post(path, json={"text": text} | more)
    await lab.simulator.courier.idle()
    return answer


async def test_a_group_is_made_with_a_bought_asset(lab: Lab) -> None:
    await lab.meet()
    assets = (
        await lab.post("/v3.0/oa/quota/group", {"quota_owner": "OA", "product_type": "gmf50"})
    )["data"]
    body = {"group_name": "Cán bộ", "asset_id": assets[0]["asset_id"], "member_user_ids": [USER]}
    data = (await lab.post(f"{BASE}/creategroupwithoa", body))["data"]
    assert data["group_link"].startswith("https://zalo.me/g/")
    assert (data["status"], data["group_info"]["max_member"]) == ("enabled", 50)
    info = (await lab.get(f"{BASE}/getgroup", group_id=data["group_id"]))["data"]
    assert info["group_info"]["total_member"] == 2
    assert info["asset_info"]["asset_type"] == "gmf50"
    listed = (await lab.get(f"{BASE}/getgroupsofoa", offset=0, count=5))["data"]
    assert [one["group_id"] for one in listed["groups"]] == [data["group_id"]]
    members = (await lab.get(f"{BASE}/listmember", {"group_id": data["group_id"]}))["data"][
        "members"
    ]
    assert (members[0]["oa_id"], members[1]["user_id"]) == (OA, USER)
    used = (await lab.post("/v3.0/oa/quota/group", {"product_type": "gmf50"}))["data"][0]
    assert (used["status"], used["used_id"]) == ("used", data["group_id"])
    assert "create_group" in await lab.settled()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"group_name": ""}, -201),
        ({"asset_id": "nobody"}, -201),
        ({"asset_id": "gmf10-a"}, -238),
        ({"member_user_ids": []}, -201),
        ({"member_user_ids": ["404"]}, -201),
        ({"member_user_ids": [USER] * 100}, -210),
        ({"members": [USER]}, -201),
    ],
)
async def test_groups_that_cannot_be_made(
    lab: Lab, group: Group, changes: dict[str, Any], code: int
) -> None:
    body = {"group_name": "Hai", "asset_id": "gmf50-a", "member_user_ids": [USER]} | changes
    assert (await lab.post(f"{BASE}/creategroupwithoa", body))["error"] == code


async def test_only_people_who_know_the_oa_are_invited(lab: Lab, group: Group) -> None:
    body = {"group_id": group.group_id, "member_user_ids": [OTHER]}
    assert (await lab.post(f"{BASE}/invite", body))["error"] == 0
    assert (await lab.settled())[-1] == "user_join_group"
    lab.later(days=8)
    await lab.act("/phone/555/withdraw")
    assert (await lab.post(f"{BASE}/invite", body))["error"] == -230
    await lab.act(f"/phone/{OTHER}/follow")
    lab.later(days=8)
    assert (await lab.post(f"{BASE}/invite", body))["error"] == 0


async def test_the_oa_writes_and_hears_its_echo(lab: Lab, group: Group) -> None:
    lab.later(days=30)  # no window in groups
    data = (
        await lab.post(f"{BASE}/message", to(group, f"Mời [@{USER}] và [@{group.group_id}] [@7]"))
    )["data"]
    assert data["group_id"] == group.group_id
    await lab.settled()
    (echo,) = lab.hook.events
    assert (echo["event_name"], echo["sender"], echo["recipient"]) == (
        "oa_send_group_text",
        {"id": OA},
        {"id": group.group_id},
    )
    assert echo["message"]["msg_id"] == data["message_id"]
    shown = (await lab.http.get(f"/groups/{group.group_id}/messages")).json()["messages"]
    assert [one["text"] for one in shown] == [f"Mời @Người dân {USER[-4:]} và @Cả nhóm [@7]"]
    assert lab.simulator.world.sends == {group.address: 1}


async def test_members_write_and_quote(lab: Lab, group: Group) -> None:
    asked = (await lab.post(f"{BASE}/message", to(group, "Ai nhận ca này?")))["data"]["message_id"]
    await write(lab, group, "Tôi", quote=asked)
    (event,) = lab.hook.named("user_send_group_text")
    assert (event["sender"], event["recipient"]) == ({"id": USER}, {"id": group.group_id})
    quoted = {"text": "Ai nhận ca này?", "msg_id": asked, "sender": {"id": OA}}
    assert event["message"]["quote_msg"] == quoted
    answer = await lab.post(
        f"{BASE}/message", to(group, "Cảm ơn", quote_message_id=event["message"]["msg_id"])
    )
    assert answer["error"] == 0
    assert (await lab.post(f"{BASE}/message", to(group, "x", quote_message_id="nobody")))[
        "error"
    ] == -201
    lines = (await lab.get(f"{BASE}/conversation", group_id=group.group_id, count=10))["data"]
    assert [(one["src"], one["message"], one["group_id"]) for one in lines] == [
        (0, "Cảm ơn", group.group_id),
        (1, "Tôi", group.group_id),
        (0, "Ai nhận ca này?", group.group_id),
    ]
    assert lab.hook.all_signed()


async def test_who_may_not_write(lab: Lab, group: Group) -> None:
    assert (await write(lab, group, "a", OTHER)).status_code == 400
    assert (await write(lab, group, "a", quote="nobody")).status_code == 400
    elsewhere = Group("nobody", "", "", "")
    assert (await write(lab, elsewhere, "a")).status_code == 400
    assert (await lab.http.get("/groups/nobody/messages")).status_code == 400
    assert (await lab.post(f"{BASE}/message", to(elsewhere)))["error"] == -403
    for path in ("getgroup", "listmember", "conversation"):
        assert (await lab.get(f"{BASE}/{path}", group_id="nobody"))["error"] == -403


async def test_a_group_that_is_not_paid_for(lab: Lab, group: Group) -> None:
    await lab.act(f"/groups/{group.group_id}/status", {"enabled": False})
    assert (await lab.post(f"{BASE}/message", to(group)))["error"] == -237
    assert (await write(lab, group, "a")).status_code == 400
    info = (await lab.get(f"{BASE}/getgroup", group_id=group.group_id))["data"]["group_info"]
    assert (info["status"], info["auto_delete_date"]) == ("disabled", "04/01/2027")
    await lab.act(f"/groups/{group.group_id}/status", {"enabled": True})
    assert (await lab.post(f"{BASE}/message", to(group)))["error"] == 0


async def test_an_ended_group_frees_its_asset(lab: Lab, group: Group) -> None:
    assert (await lab.post(f"{BASE}/delete", {"group_id": group.group_id}))["error"] == 0
    assert (await lab.settled())[-1] == "delete_group"
    assert (await lab.post(f"{BASE}/message", to(group)))["error"] == -403
    assert lab.simulator.groups.create("Mới", [USER], asset_id="gmf10-a").asset_id == "gmf10-a"


async def test_kinds_of_messages_in_a_group(lab: Lab, group: Group) -> None:
    there = {"group_id": group.group_id}
    assert (await lab.post(f"{BASE}/message", media(STICKER, to=there)))["error"] == 0
    buttons = {"buttons": [{"title": "a", "type": "oa.query.hide", "payload": "x"}]}
    body = attached("template", buttons, there, text="a")
    assert (await lab.post(f"{BASE}/message", body))["error"] == -233
    assert (await lab.post(f"{BASE}/message", to(group, "a" * 2001)))["error"] == -210
    assert "oa_send_group_sticker" in await lab.settled()


async def test_a_group_survives_a_restart(tmp_path: Path) -> None:
    state = tmp_path / "zalo.sqlite"
    async with laboratory(state) as lab:
        await lab.meet()
        group = lab.simulator.groups.create("Cán bộ", [USER], group_id="abc")
    async with laboratory(state) as lab:
        assert lab.simulator.groups.get("abc") == group
        assert (await write(lab, group, "còn đây")).status_code == 200
