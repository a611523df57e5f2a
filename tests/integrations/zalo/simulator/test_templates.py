"""Approved templates by phone and by user id (fact sheet 5)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from integrations.zalo.simulator import Policy
from tests.integrations.zalo.simulator.conftest import START, USER, Lab, laboratory

PHONE = "84912345678"
BODY: dict[str, Any] = {
    "phone": PHONE,
    "template_id": "300001",
    "template_data": {"ten": "Chị Lan", "viec": "Lấy giấy khai sinh", "ngay": "01/12/2026"},
    "tracking_id": "o-1",
}
DATA: dict[str, Any] = BODY["template_data"]
BY_USER = {"user_id": USER, "template_id": "300001", "template_data": DATA}
PATH, PATH_USER = "/message/template", "/v3.0/oa/message/template"


async def test_by_phone_and_its_delivery(lab: Lab) -> None:
    answer = await lab.post(PATH, BODY)
    data = answer["data"]
    assert data["quota"] == {"dailyQuota": "500", "remainingQuota": "499"}
    assert (data["sent_time"], data["sending_mode"]) == (str(int(START.timestamp() * 1000)), "1")
    assert await lab.settled() == ["user_received_message"]
    (event,) = lab.hook.events
    assert event["recipient"] == {"id": PHONE}
    assert event["message"] == {
        "delivery_time": str(int(START.timestamp() * 1000)),
        "msg_id": data["msg_id"],
        "tracking_id": "o-1",
    }
    assert lab.hook.requests[0][0]["X-ZEvent-Server"] == "ZNS"
    (shown,) = await lab.shown(PHONE)
    assert shown["text"].splitlines() == [
        "[Tin mẫu] Nhắc việc",
        "ten: Chị Lan",
        "viec: Lấy giấy khai sinh",
        "ngay: 01/12/2026",
    ]
    # Nobody follows the OA by that: it hears nothing of the phone being looked at.
    assert lab.hook.names == ["user_received_message"]
    assert lab.simulator.world.sends == {PHONE: 1}
    status = (await lab.get("/message/status", message_id=data["msg_id"]))["data"]
    assert (status["status"], status["delivery_time"]) == (1, str(int(START.timestamp() * 1000)))


async def test_a_delivery_that_takes_its_time() -> None:
    async with laboratory(policy=Policy(template_delay=0.2)) as lab:
        sent = (await lab.post(PATH, BODY))["data"]["msg_id"]
        assert (await lab.get("/message/status", message_id=sent))["data"]["status"] == 0
        assert (await lab.get("/message/status", {"message_id": "x"}))["data"]["status"] == -1
        assert lab.hook.names == []
        async with asyncio.timeout(5):
            while not lab.hook.names:
                await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"phone": f"+{PHONE}"}, 0),
        ({"phone": "0912345678"}, -108),
        ({"phone": "849"}, -108),
        ({"phone": 84912345678}, -108),
        ({"phone": "84900000114"}, -114),
        ({"phone": "84900000118"}, -118),
        ({"phone": "84900000119"}, -119),
        ({"template_id": "1"}, -109),
        ({"template_id": 300001}, -109),
        ({"template_id": "300003"}, -131),
        ({"template_data": {}}, -111),
        ({"template_data": "x"}, -111),
        ({"template_data": DATA | {"ten": "x" * 31}}, -1121),
        ({"template_data": DATA | {"ten": "ữ" * 30}}, 0),
        ({"template_data": DATA | {"ten": "u\u031b\u0303" * 30}}, 0),
        ({"template_data": DATA | {"ten": 7}}, 0),
        ({"template_data": DATA | {"ten": ["x"]}}, -112),
        ({"template_data": DATA | {"more": "x"}}, -112),
        ({"template_data": {"ten": "x"}}, -1122),
        ({"tracking_id": ""}, -132),
        ({"tracking_id": "x" * 48}, 0),
        ({"tracking_id": "x" * 49}, -132),
        ({"mode": "test"}, -132),
        ({"mode": "development"}, -127),
        ({"campaign_id": "x"}, -121),
    ],
)
async def test_shapes_and_refusals(lab: Lab, changes: dict[str, Any], code: int) -> None:
    assert (await lab.post(PATH, BODY | changes))["error"] == code
    assert sum(lab.simulator.world.sends.values()) == int(code == 0)


async def test_development_costs_nothing(lab: Lab) -> None:
    answer = await lab.post(PATH, BODY | {"mode": "development", "phone": "84900000001"})
    assert answer["data"]["quota"]["remainingQuota"] == "500"


@pytest.mark.parametrize(("hours", "code"), [(12.99, 0), (13, -133), (20.99, -133), (21, 0)])
async def test_nobody_is_woken(lab: Lab, hours: float, code: int) -> None:
    lab.later(hours=hours)
    assert (await lab.post(PATH, BODY))["error"] == code
    lab.policy(night_rule=False)
    assert (await lab.post(PATH, BODY))["error"] == 0


async def test_the_quota_of_a_day(lab: Lab) -> None:
    lab.policy(template_quota=1)
    assert (await lab.post(PATH, BODY))["error"] == 0
    assert (await lab.post(PATH, BODY))["error"] == -144
    assert (await lab.get("/message/quota"))["data"]["remainingQuota"] == 0
    lab.later(days=1)
    assert (await lab.get("/message/quota"))["data"]["remainingQuota"] == 1
    assert (await lab.post(PATH, BODY))["error"] == 0


async def test_chosen_refusals(lab: Lab) -> None:
    await lab.http.post("/faults", json={"refuse": {"-115": 1}})
    assert (await lab.post(PATH, BODY))["error"] == -115
    assert (await lab.post(PATH, BODY))["error"] == 0


async def test_what_a_template_needs(lab: Lab) -> None:
    info = (await lab.get("/template/info/v2", template_id="300001"))["data"]
    assert (info["templateId"], info["templateName"], info["status"]) == (
        300001,
        "Nhắc việc",
        "ENABLE",
    )
    names = [(one["name"], one["maxLength"]) for one in info["listParams"]]
    assert names == [("ten", 30), ("viec", 100), ("ngay", 30)]
    assert (await lab.get("/template/info/v2", {"template_id": "300003"}))["data"][
        "status"
    ] != "ENABLE"
    assert (await lab.get("/template/info/v2", template_id="1"))["error"] == -109


async def test_by_user_id_there_is_no_window(lab: Lab) -> None:
    await lab.meet()
    lab.clock.advance(timedelta(days=60))
    lab.token = lab.simulator.tokens.issue().access
    answer = await lab.post(PATH_USER, BY_USER)
    assert answer["data"]["user_id"] == USER
    assert answer["data"]["quota"]["quota_type"] == "purchase_quota"
    await lab.settled()
    (echo,) = lab.hook.named("oa_send_template")
    assert echo["message"]["msg_id"] == answer["data"]["message_id"]
    assert len(lab.hook.named("user_received_message")) == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"tracking_id": "x"}, -201),
        ({"user_id": "404"}, -201),
        ({"template_id": "1"}, -201),
        ({"template_id": "300002"}, -249),
    ],
)
async def test_refusals_by_user_id(lab: Lab, changes: dict[str, Any], code: int) -> None:
    await lab.meet()
    assert (await lab.post(PATH_USER, BY_USER | changes))["error"] == code
