"""Approved templates: by user id (an OA call) and by telephone (fact sheet 1.3, 5)."""

from __future__ import annotations

from collections.abc import Mapping

from integrations.fields import part
from integrations.zalo.oa.answers import Sent, TemplateInfo, TemplateStatus, quota
from integrations.zalo.oa.caller import Caller
from integrations.zalo.oa.limits import MAX_TRACKING
from integrations.zalo.oa.messages import InvalidMessageError, phone_digits
from integrations.zalo.oa.messaging import sent
from integrations.zalo.oa.rules import TEMPLATE_RULES
from integrations.zalo.oa.window import Quota

BY_USER = "/v3.0/oa/message/template"
BY_PHONE = "/message/template"


class Templates(Caller):
    """Taken is not delivered: that comes as an event with ``tracking_id``, or by status."""

    async def send_template_to_user(
        self, user_id: str, template_id: str, data: Mapping[str, str]
    ) -> Sent:
        """Send to a person of the OA; Zalo takes no tracking id here."""
        body = {"user_id": user_id, "template_id": template_id, "template_data": dict(data)}
        # Nobody says whose codes a template by user answers with: the OA's go first.
        return sent(await self.post(BY_USER, body, TEMPLATE_RULES))

    async def send_template_to_phone(
        self,
        phone: str,
        template_id: str,
        data: Mapping[str, str],
        tracking_id: str,
        *,
        development: bool = False,
    ) -> Sent:
        """Send to a number; ``development``: only to the app's administrators, and free.

        Raises:
            InvalidMessageError: no Vietnamese number, or a tracking id of over 48 characters.
        """
        if not 0 < len(tracking_id) <= MAX_TRACKING:
            raise InvalidMessageError("tracking_id must have 1 to 48 characters")
        body: dict[str, object] = {
            "phone": phone_digits(phone),
            "template_id": template_id,
            "template_data": dict(data),
            "tracking_id": tracking_id,
        }
        mode = {"mode": "development"} if development else {}
        return sent(await self.business("POST", BY_PHONE, body=body | mode))

    async def template_status(self, message_id: str) -> TemplateStatus:
        """What became of a message sent by phone."""
        query = {"message_id": message_id}
        answer = await self.business("GET", "/message/status", query=query)
        return TemplateStatus.parse(part(answer, "data"))

    async def template_quota(self) -> Quota:
        """How many templates by phone are left today."""
        answer = await self.business("GET", "/message/quota")
        return quota(part(answer, "data")) or Quota("template_day")

    async def template_info(self, template_id: str) -> TemplateInfo:
        """A template's state, blanks and prices."""
        query = {"template_id": template_id}
        answer = await self.business("GET", "/template/info/v2", query=query)
        return TemplateInfo.parse(part(answer, "data"))
