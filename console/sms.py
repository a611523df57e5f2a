"""The officer's buttons on the pages "Tin nhắn SMS".

Every one that changes something is a POST; when it does not work, the sentence that says why
stands above the form with what was typed (secrets are never shown back: sms_page.inputs).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from aiohttp import web

from bot import text as texts
from bot.sms_account import KindLine, SmsDesk, SmsFault
from bot.sms_form import OWN
from console import pages, sms_page
from console.guard import NOT_FOUND, Handler, Refused, Visit
from console.sms_page import Part
from console.telling import Told

UNCONFIRMED = "Anh/chị đánh dấu vào ô xác nhận rồi bấm lại nhé."
_KEY = re.compile(r"[0-9A-Za-z]{8,40}")

Act = Callable[[Visit, SmsDesk, str], Awaitable[str]]
"""Does it to the gateway of that name, and returns the word for ``sms_page.DONE``."""


async def show(visit: Visit) -> web.StreamResponse:
    """GET: all gateways."""
    return await sms_page.page(visit)


async def show_new(visit: Visit) -> web.StreamResponse:
    """GET: the form for a gateway of the kind in the address."""
    return await sms_page.form(visit, _kind(visit, visit.request.query.get("kind", "")))


async def add(visit: Visit) -> web.StreamResponse:
    """POST: a gateway that is not there yet."""
    sms, kind = sms_page.desk_of(visit), _kind(visit, visit.form.get("kind", ""))
    name = texts.clean(visit.form.get("name", "")).lower()
    try:
        line = await sms.save(visit.login.commune, name, kind.id, _entered(visit, kind), new=True)
    except SmsFault as fault:
        told: Told[Part] = Told("set", str(fault), bad=True, typed=visit.form)
        return await sms_page.form(visit, kind, told, 422)
    return pages.go(f"/console/sms/g/{line.name}?done=made")


async def show_one(visit: Visit) -> web.StreamResponse:
    """GET: one gateway."""
    told = sms_page.done(visit.request.query.get("done", ""))
    return await sms_page.gateway(visit, _name(visit), told)


async def refresh(visit: Visit) -> web.StreamResponse:
    """GET: what changes while one looks at it."""
    return web.json_response(await sms_page.refreshed(visit, _name(visit)))


def acting(part: Part, act: Act) -> Handler:
    """POST: do it, then show the gateway again at that part."""

    async def handler(visit: Visit) -> web.StreamResponse:
        sms, name = sms_page.desk_of(visit), _name(visit)
        try:
            word = await act(visit, sms, name)
        except SmsFault as fault:
            told = Told(part, str(fault), bad=True, typed=visit.form)
            return await sms_page.gateway(visit, name, told, 422)
        return pages.go(f"/console/sms/g/{name}?done={word}#{part}")

    return handler


async def check(visit: Visit, sms: SmsDesk, name: str) -> str:
    """Ask the gateway how it is."""
    await sms.check(visit.login.commune, name)
    return "checked"


async def save(visit: Visit, sms: SmsDesk, name: str) -> str:
    """Keep what was entered; an empty secret stays as it was."""
    kind = (await sms.gateway(visit.login.commune, name)).kind
    await sms.save(visit.login.commune, name, kind.id, _entered(visit, kind))
    return "saved"


async def test(visit: Visit, sms: SmsDesk, name: str) -> str:
    """Send a message to the number that was typed; the form's key sends once."""
    key = visit.form.get("key", "")
    if not _KEY.fullmatch(key):
        raise SmsFault("Trang này đã cũ: anh/chị tải lại trang rồi thử lại.")
    number, officer = visit.form.get("number", ""), visit.login.officer_id
    await sms.test(visit.login.commune, name, number, key, officer)
    visit.desk.notify()
    return "sent"


# --- answers of their own -------------------------------------------------------------------


async def connect(visit: Visit) -> web.StreamResponse:
    """POST: register our webhook at the gateway; what was done is told."""
    sms, name = sms_page.desk_of(visit), _name(visit)
    try:
        told: Told[Part] = Told("link", await sms.connect(visit.login.commune, name))
    except SmsFault as fault:
        return await sms_page.gateway(visit, name, Told("link", str(fault), bad=True), 422)
    return await sms_page.gateway(visit, name, told)


async def snippets(visit: Visit) -> web.StreamResponse:
    """POST: the page with what has to be entered at the gateway."""
    sms, name = sms_page.desk_of(visit), _name(visit)
    try:
        found = await sms.snippets(visit.login.commune, name)
    except SmsFault as fault:
        return await sms_page.gateway(visit, name, Told("link", str(fault), bad=True), 422)
    return await sms_page.gateway(visit, name, snippets=found)


async def remove(visit: Visit) -> web.StreamResponse:
    """POST: forget a gateway; only when the box was ticked."""
    sms, name = sms_page.desk_of(visit), _name(visit)
    try:
        if visit.form.get("confirm") != "1":
            raise SmsFault(UNCONFIRMED)
        beneath = await sms.remove(visit.login.commune, name)
    except SmsFault as fault:
        return await sms_page.gateway(visit, name, Told("end", str(fault), bad=True), 422)
    return pages.go(f"/console/sms?done={'beneath' if beneath else 'removed'}")


# --- inside ---------------------------------------------------------------------------------


def _name(visit: Visit) -> str:
    return visit.request.match_info["name"]


def _kind(visit: Visit, wanted: str) -> KindLine:
    kinds = {kind.id: kind for kind in sms_page.desk_of(visit).kinds()}
    if wanted not in kinds:
        raise Refused(404, NOT_FOUND)
    return kinds[wanted]


def _entered(visit: Visit, kind: KindLine) -> dict[str, str]:
    """The form's fields that a gateway of this kind has, cleaned."""
    names = (*OWN, *(one.name for one in kind.fields))
    return {name: texts.clean(visit.form[name]) for name in names if name in visit.form}
