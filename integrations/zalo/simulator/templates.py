"""Approved templates by phone (ZBS, formerly ZNS) and by user id (fact sheet 1.2, 5).

POST /message/template           by phone; the delivery comes later as a webhook
GET  /message/status, /message/quota, /template/info/v2
POST /v3.0/oa/message/template   by user id; no tracking_id
"""

from __future__ import annotations

import asyncio
import re
import unicodedata
from datetime import datetime

from aiohttp import web

from integrations.fields import scalar, storable
from integrations.simulation.clock import LOCAL
from integrations.simulation.journal import Bubble
from integrations.zalo.oa.limits import MAX_TRACKING
from integrations.zalo.simulator.drafts import TEMPLATE, Draft
from integrations.zalo.simulator.events import Json
from integrations.zalo.simulator.gate import OA_TEMPLATES, ZBS, Gate
from integrations.zalo.simulator.ground import sent_time
from integrations.zalo.simulator.policy import Template
from integrations.zalo.simulator.shapes import (
    Given,
    RefusedError,
    body_of,
    key,
    loose_query_of,
    only,
)
from integrations.zalo.simulator.world import World

_PHONE = re.compile(r"\+?(84[1-9][0-9]{8,9})", re.ASCII)
_BY_PHONE = {"phone", "template_id", "template_data", "tracking_id", "sending_mode", "mode"}
_BY_USER = {"user_id", "template_id", "template_data"}
_MORNING, _NIGHT = 6, 22
_SENT, _USED = "template", "template_quota"
_NO_DATA, _TOO_LONG, _MISSING, _WRONG = -111, -1121, -1122, -112


class Templates:
    """Sends templates and remembers what became of them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._deliveries: set[asyncio.Task[None]] = set()

    def routes(self, gate: Gate) -> list[web.RouteDef]:
        """See the module."""
        by_user = gate.guard(self._to_user, "template", OA_TEMPLATES, sends=True)
        return [
            web.post("/v3.0/oa/message/template", by_user),
            web.post("/message/template", gate.guard(self._to_phone, "template", ZBS, sends=True)),
            web.get("/message/status", gate.guard(self._status, "template", ZBS)),
            web.get("/message/quota", gate.guard(self._quota, "template", ZBS)),
            web.get("/template/info/v2", gate.guard(self._info, "template", ZBS)),
        ]

    async def close(self) -> None:
        """Forget deliveries that were still under way."""
        for task in self._deliveries:
            task.cancel()
        await asyncio.gather(*self._deliveries, return_exceptions=True)

    # --- by phone ------------------------------------------------------------------

    async def _to_phone(self, request: web.Request) -> object:
        body = await body_of(request)
        if set(body) - _BY_PHONE:
            raise RefusedError(-121, "body has an unknown field")
        now, policy = self._world.clock.now(), self._world.policy
        phone, trial = _phone(body), _trial(body)
        template_id, template = self._template(body)
        data = _data(template, body)
        tracking = _tracking(body)
        if trial and phone not in policy.admins:
            raise RefusedError(-127, "development mode only sends to administrators")
        if policy.night_rule and not _MORNING <= now.astimezone(LOCAL).hour < _NIGHT:
            raise RefusedError(-133, "template is not allowed at night")
        if phone in policy.unreachable:
            raise RefusedError(policy.unreachable[phone], "phone cannot receive this template")
        left = self._spend(now, trial)
        bubble = self._show(phone, template_id, template, data, now)
        record = {"phone": phone, "tracking": tracking, "status": 0}
        self._world.journal.save_record(_SENT, bubble.message_id, record)
        self._deliver_later(bubble, tracking)
        return {
            "msg_id": bubble.message_id,
            "sent_time": sent_time(now),
            "sending_mode": str(body.get("sending_mode", "1")),
            "quota": {"dailyQuota": str(policy.template_quota), "remainingQuota": str(left)},
        }

    def _spend(self, now: datetime, trial: bool) -> int:
        used, most = self._used(now), self._world.policy.template_quota
        if trial:
            return most - used
        if used >= most:
            raise RefusedError(-144, "daily quota of the OA is used up")
        self._world.journal.save_record(_USED, _day(now), {"used": used + 1})
        return most - used - 1

    def _used(self, now: datetime) -> int:
        used = (self._world.journal.record(_USED, _day(now)) or {}).get("used")
        return used if isinstance(used, int) else 0

    def _deliver_later(self, bubble: Bubble, tracking: str) -> None:
        task = asyncio.get_running_loop().create_task(self._deliver(bubble, tracking))
        self._deliveries.add(task)
        task.add_done_callback(self._deliveries.discard)

    async def _deliver(self, bubble: Bubble, tracking: str) -> None:
        await asyncio.sleep(self._world.policy.template_delay)
        now, phone, message_id = self._world.clock.now(), bubble.address, bubble.message_id
        self._world.journal.set_status(message_id, "received")
        record = {"phone": phone, "tracking": tracking, "status": 1, "at": sent_time(now)}
        self._world.journal.save_record(_SENT, message_id, record)
        self._world.post(phone, self._world.events.delivered(phone, message_id, tracking, now))

    async def _status(self, request: web.Request) -> object:
        message_id = _asked(request, "message_id")
        record = self._world.journal.record(_SENT, message_id)
        if record is None:
            return {"status": -1, "message": "The message does not exist"}
        if not record.get("status"):
            return {"status": 0, "message": "The message was not delivered yet"}
        return {
            "delivery_time": record.get("at"),
            "status": 1,
            "message": "The message was delivered to the user's phone",
        }

    async def _quota(self, request: web.Request) -> object:
        most = self._world.policy.template_quota
        return {
            "dailyQuota": most,
            "remainingQuota": most - self._used(self._world.clock.now()),
            "dailyQuotaPromotion": None,
            "remainingQuotaPromotion": None,
        }

    async def _info(self, request: web.Request) -> object:
        template_id = _asked(request, "template_id")
        template = self._world.policy.templates.get(template_id)
        if template is None:
            raise RefusedError(-109, "template id is invalid")
        return {
            "templateId": int(template_id) if template_id.isdecimal() else template_id,
            "templateName": template.name,
            "status": template.status,
            "templateTag": "TRANSACTION",
            "price": "120",
            "price_sdt": "120",
            "price_uid": "100" if template.by_user else "",
            "listParams": [
                {
                    "name": name,
                    "require": True,
                    "type": "STRING",
                    "maxLength": most,
                    "minLength": 1,
                    "acceptNull": False,
                }
                for name, most in template.params.items()
            ],
        }

    # --- by user id ----------------------------------------------------------------

    async def _to_user(self, request: web.Request) -> object:
        body = await body_of(request)
        only(body, _BY_USER, "body")
        user_id = key(body, "user_id")
        if self._world.contact(user_id) is None:
            raise RefusedError(-201, "user_id is invalid")
        template_id, template = self._template(body, unknown=-201)
        if not template.by_user:
            raise RefusedError(-249, "template cannot be sent by user id")
        now = self._world.clock.now()
        left = self._spend(now, trial=False)
        draft = _draft(user_id, template_id, template, _data(template, body))
        bubble = await self._world.send_from_oa(user_id, draft, now)
        self._world.deliver(bubble)
        return {
            "message_id": bubble.message_id,
            "user_id": user_id,
            "sent_time": sent_time(now),
            "quota": {"quota_type": "purchase_quota", "remain": left},
        }

    # --- both ----------------------------------------------------------------------

    def _template(self, body: Given, unknown: int = -109) -> tuple[str, Template]:
        template_id = body.get("template_id")
        known = self._world.policy.templates
        if not isinstance(template_id, str) or template_id not in known:
            raise RefusedError(unknown, "template_id is invalid")
        if known[template_id].status != "ENABLE":
            raise RefusedError(-131, "template is not approved")
        return template_id, known[template_id]

    def _show(
        self, phone: str, template_id: str, template: Template, data: Json, now: datetime
    ) -> Bubble:
        self._world.sends[phone] += 1
        draft = _draft(phone, template_id, template, data)
        return self._world.keep_from_oa(phone, draft, now)


def _draft(to: str, template_id: str, template: Template, data: Json) -> Draft:
    """Only Zalo knows the template's sentences: the phone shows its name and what was filled in."""
    rows = [f"{name}: {value}" for name, value in data.items()]
    shown = "\n".join([f"[Tin mẫu] {template.name}", *rows])
    payload: Json = {"template_id": template_id, "template_data": data}
    return Draft(to, TEMPLATE, shown, payload=payload)


def _data(template: Template, body: Given) -> Json:
    data = body.get("template_data")
    if not isinstance(data, dict) or (template.params and not data):
        raise RefusedError(_NO_DATA, "template_data is invalid")
    if set(data) - set(template.params):
        raise RefusedError(_WRONG, "template_data has an unknown parameter")
    for name, most in template.params.items():
        value = data.get(name)
        if value is None or value == "":
            raise RefusedError(_MISSING, f"{name} is missing")
        words = scalar(value)
        if not words or storable(words) != words:
            raise RefusedError(_WRONG, f"{name} is invalid")
        if len(unicodedata.normalize("NFC", words)) > most:
            raise RefusedError(_TOO_LONG, f"{name} is too long")
    return data


def _phone(body: Given) -> str:
    given = body.get("phone")
    found = _PHONE.fullmatch(given) if isinstance(given, str) else None
    if found is None:
        raise RefusedError(-108, "phone number is invalid")
    return found[1]


def _asked(request: web.Request, name: str) -> str:
    return storable(scalar(loose_query_of(request).get(name)))


def _tracking(body: Given) -> str:
    tracking = body.get("tracking_id")
    if not isinstance(tracking, str) or not 0 < len(tracking) <= MAX_TRACKING:
        raise RefusedError(-132, "tracking_id is invalid")
    return tracking


def _trial(body: Given) -> bool:
    mode = body.get("mode")
    if mode not in (None, "development"):
        raise RefusedError(-132, "mode is invalid")
    return mode is not None


def _day(now: datetime) -> str:
    return f"{now.astimezone(LOCAL):%Y-%m-%d}"
