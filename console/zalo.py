"""The officer's buttons on the page "Kết nối Zalo".

Every one that changes something is a POST; when Zalo says no, its sentence stands above the
form with what was typed, secrets left out.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence

from aiohttp import web

from bot import text as texts
from bot.messages import CAPABILITIES
from bot.zalo_account import GroupLine, ZaloDesk, ZaloFault
from console import pages, zalo_page
from console.guard import Handler, Visit
from console.telling import Told
from console.zalo_page import Part

MAX_TEXT = CAPABILITIES["zalo"].max_chars
APP = ("app_id", "oa_id", "app_secret", "oa_secret")
MORE = ("per_minute", "template", "auto_replies")
SAME_GROUP = (
    "Hai nhóm phải khác nhau: câu hỏi của từng người dân không được đăng vào nhóm chung của bà con."
)
UNCONFIRMED = "Anh/chị đánh dấu vào ô xác nhận rồi bấm lại nhé."
_KEY = re.compile(r"[0-9A-Za-z]{8,40}")

Act = Callable[[Visit, ZaloDesk], Awaitable[str]]
"""Does it, and returns the word for ``zalo_page.DONE``; raises ZaloFault."""


async def show(visit: Visit) -> web.StreamResponse:
    """GET: the page."""
    return await zalo_page.page(visit, zalo_page.done(visit.request.query.get("done", "")))


def acting(part: Part, act: Act) -> Handler:
    """POST: do it, then show the page again at that part."""

    async def handler(visit: Visit) -> web.StreamResponse:
        zalo = zalo_page.desk_of(visit)
        try:
            word = await act(visit, zalo)
        except ZaloFault as fault:
            return await refused(visit, part, fault)
        return pages.go(f"/console/zalo?done={word}#{part}")

    return handler


async def refused(
    visit: Visit, part: Part, fault: ZaloFault, groups: Sequence[GroupLine] | None = None
) -> web.StreamResponse:
    """The page with the fault's sentence, and what was typed."""
    told = Told(part, str(fault), bad=True, typed=zalo_page.typed(visit.form))
    return await zalo_page.page(visit, told, 422, groups)


def _entered(visit: Visit, *names: str) -> dict[str, str]:
    """The form's fields of these names, cleaned; those that are missing are left out."""
    given = {name: visit.form[name] for name in names if name in visit.form}
    return {name: texts.clean(value.replace("\r\n", "\n")) for name, value in given.items()}


async def check(visit: Visit, zalo: ZaloDesk) -> str:
    """Ask Zalo whether it works."""
    await zalo.check(visit.login.commune)
    return "checked"


async def save_app(visit: Visit, zalo: ZaloDesk) -> str:
    """Keep the ids and secrets; an empty secret stays as it was."""
    await zalo.save(visit.login.commune, _entered(visit, *APP))
    return "app"


async def save_more(visit: Visit, zalo: ZaloDesk) -> str:
    """Keep what is needed more seldom."""
    proof = "1" if visit.form.get("proof") == "1" else ""
    await zalo.save(visit.login.commune, {**_entered(visit, *MORE), "proof": proof})
    return "more"


async def paste(visit: Visit, zalo: ZaloDesk) -> str:
    """Take tokens from Zalo's API Explorer, and try them."""
    pair = _entered(visit, "access", "refresh")
    await zalo.paste(visit.login.commune, pair.get("access", ""), pair.get("refresh", ""))
    await zalo.check(visit.login.commune)
    return "pasted"


async def disconnect(visit: Visit, zalo: ZaloDesk) -> str:
    """Forget the OA; only when the box was ticked."""
    if visit.form.get("confirm") != "1":
        raise ZaloFault(UNCONFIRMED)
    await zalo.disconnect(visit.login.commune)
    return "ended"


async def save_bot(visit: Visit, zalo: ZaloDesk) -> str:
    """Keep the token of the free platform's bot."""
    token = _entered(visit, "token").get("token", "")
    if not token:
        raise ZaloFault("Anh/chị dán mã của bot vào ô nhé.")
    await zalo.save_bot(visit.login.commune, token)
    return "bot"


async def forget_bot(visit: Visit, zalo: ZaloDesk) -> str:
    """Forget that token; only when the box was ticked."""
    if visit.form.get("confirm") != "1":
        raise ZaloFault(UNCONFIRMED)
    await zalo.save_bot(visit.login.commune, "")
    return "bot-forgotten"


async def announce(visit: Visit, zalo: ZaloDesk) -> str:
    """Post what was seen in the preview; the form's key posts once."""
    key = visit.form.get("key", "")
    if not _KEY.fullmatch(key):
        raise ZaloFault("Anh/chị xem trước thông báo rồi mới đăng nhé.")
    await zalo.announce(visit.login.commune, _announcement(visit), key)
    return "announced"


def _announcement(visit: Visit) -> str:
    text = texts.clean(visit.form.get("text", "").replace("\r\n", "\n"), MAX_TEXT + 1)
    if not text:
        raise ZaloFault("Anh/chị chưa viết nội dung thông báo.")
    if len(text) > MAX_TEXT:
        raise ZaloFault(f"Thông báo dài quá {MAX_TEXT} ký tự. Anh/chị rút ngắn giúp nhé.")
    return text


# --- answers that are pages of their own ----------------------------------------------------


async def connect(visit: Visit) -> web.StreamResponse:
    """POST: begin a consent; a page with the link to Zalo.

    A redirect would be stopped by the browser: our policy lets forms lead to ourselves only.
    """
    zalo = zalo_page.desk_of(visit)
    try:
        address = await zalo.connect(visit.login.commune)
    except ZaloFault as fault:
        return await refused(visit, "connect", fault)
    if visit.wants_json:
        return web.json_response({"address": address})
    return await visit.page("zalo_connect.html", address=address)


async def groups(visit: Visit) -> web.StreamResponse:
    """POST: the page with the groups that the OA has."""
    zalo = zalo_page.desk_of(visit)
    try:
        found = await zalo.groups(visit.login.commune)
    except ZaloFault as fault:
        return await refused(visit, "groups", fault)
    return await zalo_page.page(visit, groups=found)


async def save_groups(visit: Visit) -> web.StreamResponse:
    """POST: keep which group is whose; refused, the choice stands there again."""
    zalo, commune = zalo_page.desk_of(visit), visit.login.commune
    entered = _entered(visit, "officer_group", "public_group")
    officers, public = entered.get("officer_group", ""), entered.get("public_group", "")
    try:
        if officers and officers == public:
            raise ZaloFault(SAME_GROUP)
        await zalo.save(commune, entered)
    except ZaloFault as fault:
        return await refused(visit, "groups", fault, await _groups_if_told(zalo, commune))
    return pages.go("/console/zalo?done=groups#groups")


async def preview(visit: Visit) -> web.StreamResponse:
    """POST: the announcement exactly as the group will read it, with the button that posts it."""
    zalo = zalo_page.desk_of(visit)
    try:
        text = _announcement(visit)
        state = await zalo.oa(visit.login.commune)
        if not state.public_group:
            raise ZaloFault("Anh/chị chọn nhóm Zalo của bà con trước nhé.")
    except ZaloFault as fault:
        return await refused(visit, "announce", fault)
    return await visit.page(
        "zalo_announce.html",
        text=text,
        group=await _group_name(zalo, visit.login.commune, state.public_group),
        key=zalo_page.fresh_key(),
        most=MAX_TEXT,
    )


async def _group_name(zalo: ZaloDesk, commune: str, group: str) -> str:
    """What the group is called; its id when Zalo cannot be asked."""
    found = await _groups_if_told(zalo, commune) or ()
    named = [f"{one.name} ({one.members} người)" for one in found if one.id == group]
    return named[0] if named else f"nhóm có mã {group}"


async def _groups_if_told(zalo: ZaloDesk, commune: str) -> Sequence[GroupLine] | None:
    try:
        return await zalo.groups(commune)
    except ZaloFault:
        return None
