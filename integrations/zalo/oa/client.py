"""The whole of Zalo's OA OpenAPI that a service desk needs, as one client.

    async with httpx.AsyncClient() as http:
        oa = OaClient("app id", static_token("..."), http)
        await oa.send_text("user id", "Xin chào", [Button.open_url("Mở", "https://...")])

Every method raises the errors of :mod:`integrations.zalo.oa.errors`, and
:class:`~integrations.zalo.oa.messages.InvalidMessageError` for what Zalo would not take.
"""

from __future__ import annotations

from integrations.zalo.oa.caller import Caller, Hosts, appsecret_proof
from integrations.zalo.oa.groups import Groups
from integrations.zalo.oa.messages import escape_mentions
from integrations.zalo.oa.messaging import Messaging, send_upload
from integrations.zalo.oa.people import People
from integrations.zalo.oa.templates import Templates

__all__ = [
    "Caller",
    "Hosts",
    "Messaging",
    "OaClient",
    "appsecret_proof",
    "escape_mentions",
    "send_upload",
]


class OaClient(Groups, Templates, People):
    """All calls of one OA; see :class:`~integrations.zalo.oa.caller.Caller` for its arguments."""
