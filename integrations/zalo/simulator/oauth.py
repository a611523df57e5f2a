"""The consent page and the token endpoint of oauth.zaloapp.com/v4 (fact sheet 2).

GET  /v4/oa/permission     app_id, redirect_uri, code_challenge?, state: asks an administrator
POST /v4/oa/permission     "Đồng ý": redirects with code, oa_id and state
POST /v4/oa/access_token   form and header ``secret_key``: exchange or refresh
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from integrations.simulation.faults import Faults
from integrations.simulation.web import answer_lost
from integrations.zalo.simulator.tokens import ACCESS_FOR, GrantRefusedError, Pair, Tokens

_FORM = "application/x-www-form-urlencoded"
_DOC = "https://developers.zalo.me/docs/social-api/tham-khao/ma-loi"
_FIELDS = ("app_id", "redirect_uri", "code_challenge", "state")
_PAGE = """<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width">
<style>body{{font:18px/1.5 sans-serif;max-width:34rem;margin:3rem auto;padding:0 1rem}}
button{{font:inherit;padding:.6rem 1.6rem;background:#0068ff;color:#fff;border:0;border-radius:6px}}
</style></head><body><h1>{title}</h1>{content}</body></html>"""


class OAuthServer:
    """OAuth of one app and one OA. An empty ``redirect_uri`` accepts any."""

    def __init__(
        self,
        tokens: Tokens,
        faults: Faults,
        *,
        app_id: str,
        app_secret: str,
        oa_id: str,
        redirect_uri: str = "",
    ) -> None:
        self.redirect_uri = redirect_uri
        self._tokens, self._faults = tokens, faults
        self._app_id, self._app_secret, self._oa_id = app_id, app_secret, oa_id

    def routes(self) -> list[web.RouteDef]:
        """See the module."""
        return [
            web.get("/v4/oa/permission", self._ask),
            web.post("/v4/oa/permission", self._agreed),
            web.post("/v4/oa/access_token", self._token),
        ]

    async def _ask(self, request: web.Request) -> web.Response:
        given = {name: request.query.get(name, "") for name in _FIELDS}
        self._check_consent(given)
        hidden = "".join(
            f'<input type="hidden" name="{name}" value="{escape(value)}">'
            for name, value in given.items()
        )
        content = (
            f"<p>Ứng dụng <b>{escape(self._app_id)}</b> xin quyền gửi và nhận tin nhắn thay cho"
            f" trang Zalo OA <b>{escape(self._oa_id)}</b> (mô phỏng).</p>"
            f'<form method="post">{hidden}<button type="submit">Đồng ý</button></form>'
        )
        return _page("Cấp quyền cho ứng dụng", content)

    async def _agreed(self, request: web.Request) -> web.Response:
        form = await request.post()
        given = {name: str(form.get(name, "")) for name in _FIELDS}
        self._check_consent(given)
        code = self._tokens.new_code(given["code_challenge"])
        query = {"code": code, "oa_id": self._oa_id}
        if given["state"]:
            query["state"] = given["state"]
        target = given["redirect_uri"]
        mark = "&" if urlsplit(target).query else "?"
        return web.Response(status=302, headers={"Location": f"{target}{mark}{urlencode(query)}"})

    def _check_consent(self, given: Mapping[str, str]) -> None:
        if given["app_id"] != self._app_id:
            raise _error_page(-14002, "Không có ứng dụng này, hoặc ứng dụng chưa được bật.")
        target = given["redirect_uri"]
        known = not self.redirect_uri or target == self.redirect_uri
        if not known or urlsplit(target).scheme not in ("http", "https"):
            raise _error_page(
                -14003, "Địa chỉ quay về (redirect_uri) không khớp địa chỉ đã khai cho ứng dụng."
            )

    async def _token(self, request: web.Request) -> web.Response:
        await asyncio.sleep(self._faults.latency)
        if self._faults.take("server_errors"):
            return web.Response(status=500, text="<html>Internal Server Error</html>")
        form = await request.post() if request.content_type == _FORM else {}
        given = {name: value for name, value in form.items() if isinstance(value, str)}
        try:
            self._check_app(request, given)
            pair = self._grant(given)
        except GrantRefusedError as fault:
            return web.json_response(_refusal(fault))
        if given["grant_type"] == "refresh_token" and self._faults.take("lose_refresh"):
            await answer_lost(request, self._faults)
        return web.json_response(_success(pair))

    def _check_app(self, request: web.Request, given: Mapping[str, str]) -> None:
        if given.get("app_id") != self._app_id:
            raise GrantRefusedError(-14002, "Invalid app id", "app does not exist or is inactive")
        secret = request.headers.get("secret_key", "").encode("utf-8", "replace")
        if not hmac.compare_digest(secret, self._app_secret.encode()):
            raise GrantRefusedError(-14004, "Invalid secret key", "secret key is wrong")

    def _grant(self, given: Mapping[str, str]) -> Pair:
        match given.get("grant_type"):
            case "authorization_code":
                return self._tokens.exchange(given.get("code", ""), given.get("code_verifier", ""))
            case "refresh_token":
                return self._tokens.rotate(given.get("refresh_token", ""))
        # No source tells this number; a right client never sees it.
        raise GrantRefusedError(-14005, "Invalid grant type", "grant_type is not supported")


def _success(pair: Pair) -> dict[str, str]:
    return {
        "access_token": pair.access,
        "refresh_token": pair.refresh,
        "expires_in": str(int(ACCESS_FOR.total_seconds())),
    }


def _refusal(fault: GrantRefusedError) -> dict[str, object]:
    return {
        "error": fault.code,
        "error_name": fault.name,
        "error_reason": fault.reason,
        "error_description": fault.reason,
        "ref_doc": _DOC,
    }


def _page(title: str, content: str, status: int = 200) -> web.Response:
    html = _PAGE.format(title=escape(title), content=content)
    return web.Response(text=html, content_type="text/html", status=status)


def _error_page(code: int, words: str) -> web.HTTPException:
    html = _PAGE.format(title="Không cấp quyền được", content=f"<p>{words} (Lỗi {code})</p>")
    return web.HTTPBadRequest(text=html, content_type="text/html")
