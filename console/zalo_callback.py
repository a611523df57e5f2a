"""Where Zalo sends the administrator's browser back to after the consent.

It works without a session: the session's cookie does not come along from another site, and the
one-time ``state`` of the consent says who began it. Nothing of the address is shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from aiohttp import web

from bot.zalo_account import ZaloDesk, ZaloFault
from console import pages
from console.around import sentence
from console.desk import Desk
from console.guard import PublicHandler
from console.zalo_page import NO_KEY, NOT_HERE

DECLINED = "Zalo cho biết việc cấp quyền chưa được đồng ý, hoặc đã bị dừng giữa chừng."
INCOMPLETE = "Địa chỉ mà Zalo gửi về thiếu thông tin, nên chưa kết nối được."
_PRINTABLE = re.compile(r"[!-~]{1,2000}")
_ID = re.compile(r"[0-9]{0,30}")
_ERRORS = ("error", "error_code", "error_name", "error_description", "error_reason")


def returning(desk: Desk) -> PublicHandler:
    """GET: finish the consent, and say in one sentence what became of it."""

    async def handler(request: web.Request) -> web.StreamResponse:
        if desk.zalo is None:
            return _page("", NOT_HERE, 404)
        fault = _unusable(request.query)
        if fault:
            return _page("", fault, 400)
        state, code = request.query["state"], request.query["code"]
        try:
            commune = await desk.zalo.returned(state, code, request.query.get("oa_id", ""))
        except ZaloFault as refused:
            return _page("", sentence(str(refused)), 400)
        return _page(_named(desk, commune), await _trouble(desk.zalo, commune))

    return handler


def _unusable(query: Mapping[str, str]) -> str:
    """Why there is nothing to finish; "" when there is."""
    if "code" not in query and any(query.get(name, "0") not in ("", "0") for name in _ERRORS):
        return DECLINED
    whole = all(_PRINTABLE.fullmatch(query.get(name, "")) for name in ("state", "code"))
    return "" if whole and _ID.fullmatch(query.get("oa_id", "")) else INCOMPLETE


async def _trouble(zalo: ZaloDesk, commune: str) -> str:
    """Ask Zalo at once whether it really works; what is missing when it does not."""
    try:
        state = await zalo.check(commune)
    except ZaloFault as fault:
        return sentence(str(fault))
    return "" if state.has_oa_secret else NO_KEY


def _named(desk: Desk, commune: str) -> str:
    info = desk.commune_info(commune)
    return info.name if info else commune


def _page(connected: str, trouble: str, status: int = 200) -> web.Response:
    return pages.page("zalo_returned.html", status, connected=connected, trouble=trouble)
