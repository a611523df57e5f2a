"""Every address of the officer's desk."""

from __future__ import annotations

from aiohttp import web

from console import (
    announcement_form,
    announcement_report,
    announcements,
    boards,
    calls,
    conversation,
    dossier_import,
    dossiers,
    inbox,
    login,
    password,
    phone_form,
    reminders,
    sms,
    sms_preview,
    subscribers,
    zalo,
)
from console.desk import CommuneInfo, Desk
from console.guard import NOT_FOUND, Handler, Refused, private, public
from console.pages import STATIC
from console.summary import Summary
from console.zalo_callback import returning

__all__ = ["PUBLIC", "CommuneInfo", "Desk", "Summary", "routes"]

CALLBACK = "/zalo/callback"
PUBLIC = frozenset({"/console/login", "/console/static/{name}", CALLBACK})
"""The only addresses that work without a session."""

_CONVERSATION = "/console/c/{id:[0-9]{1,18}}"
_BOARD = "/console/boards/{code:[a-z0-9-]{2,32}}"
_DOSSIER = "/console/dossiers/{id:[0-9]{1,18}}"
_FILE = dossier_import.HERE

_ZALO: dict[str, Handler] = {
    "check": zalo.acting("state", zalo.check),
    "app": zalo.acting("app", zalo.save_app),
    "connect": zalo.connect,
    "paste": zalo.acting("paste", zalo.paste),
    "more": zalo.acting("more", zalo.save_more),
    "groups": zalo.groups,
    "groups/save": zalo.save_groups,
    "announce/preview": zalo.preview,
    "announce": zalo.acting("announce", zalo.announce),
    "bot": zalo.acting("bot", zalo.save_bot),
    "bot/forget": zalo.acting("bot", zalo.forget_bot),
    "disconnect": zalo.acting("end", zalo.disconnect),
}

_SMS = "/console/sms/g/{name:[a-z0-9][a-z0-9-]{0,19}}"
_GATEWAY: dict[str, Handler] = {
    "check": sms.acting("state", sms.check),
    "save": sms.acting("set", sms.save),
    "test": sms.acting("send", sms.test),
    "connect": sms.connect,
    "snippets": sms.snippets,
    "remove": sms.remove,
}

_NOTICE = "/console/announcements/{id:[0-9]{1,18}}"
_NOTICE_ACTS: dict[str, Handler] = {
    "edit": announcement_form.edit,
    "submit": announcements.acting(announcements.submit),
    "approve": announcements.acting(announcements.approve),
    "reject": announcements.acting(announcements.reject),
    "pause": announcements.acting(announcements.pause),
    "resume": announcements.acting(announcements.resume),
    "cancel": announcements.acting(announcements.cancel),
}


def routes(desk: Desk) -> list[web.RouteDef]:
    """The console's routes; add them to an application that serves ``/static/base.css``."""
    entrance = login.Entrance(desk)

    def get(path: str, handler: Handler) -> web.RouteDef:
        return web.get(path, private(desk, handler))

    def post(path: str, handler: Handler, max_bytes: int = 0) -> web.RouteDef:
        return web.post(path, private(desk, handler, max_bytes))

    return [
        # No HEAD: what a link checker fetches must not use up the consent.
        web.get(CALLBACK, public(desk, returning(desk)), allow_head=False),
        web.get("/console/static/{name:[a-z-]+[.](?:css|js|svg)}", public(desk, _static)),
        web.get("/console/login", public(desk, entrance.show)),
        web.post("/console/login", public(desk, entrance.log_in)),
        post("/console/logout", login.log_out),
        get("/console", inbox.show),
        get("/console/", inbox.home),
        get("/console/list.json", inbox.refresh),
        get(_CONVERSATION, conversation.show),
        get(f"{_CONVERSATION}.json", conversation.refresh),
        post(f"{_CONVERSATION}/take", conversation.take),
        post(f"{_CONVERSATION}/write", conversation.write),
        post(f"{_CONVERSATION}/give-back", conversation.give_back),
        post(f"{_CONVERSATION}/dismiss", conversation.dismiss),
        post(f"{_CONVERSATION}/ask-phone", phone_form.ask),
        get("/console/calls", calls.show),
        post("/console/calls/{id:[0-9]{1,18}}/called", calls.called),
        get("/console/dossiers", dossiers.show),
        post("/console/dossiers/search", dossiers.search),
        get("/console/dossiers/new", dossiers.new),
        post("/console/dossiers/new", dossiers.add),
        get(_FILE, dossier_import.show),
        post(_FILE, dossier_import.give, dossier_import.MAX_UPLOAD),
        post(f"{_FILE}/confirm", dossier_import.confirm),
        post(f"{_FILE}/forget", dossier_import.forget),
        get(_DOSSIER, dossiers.look),
        post(_DOSSIER, dossiers.change),
        post(f"{_DOSSIER}/state", dossiers.move),
        get("/console/reminders", reminders.show),
        post("/console/reminders", reminders.write),
        post("/console/reminders/{id:[0-9]{1,18}}/cancel", reminders.cancel),
        get("/console/boards", boards.show),
        post("/console/boards", boards.add),
        get(f"{_BOARD}.svg", boards.qr),
        get(_BOARD, boards.sheet),
        get("/console/password", password.show),
        post("/console/password", password.change(entrance)),
        get("/console/zalo", zalo.show),
        *(post(f"/console/zalo/{name}", handler) for name, handler in _ZALO.items()),
        get("/console/announcements", announcements.show),
        get("/console/announcements/new", announcement_form.show_new),
        post("/console/announcements/new", announcement_form.add),
        post("/console/announcements/preview", announcement_form.preview),
        get(_NOTICE, announcements.show_one),
        get(f"{_NOTICE}/edit", announcement_form.show_edit),
        get(f"{_NOTICE}/report", announcement_report.show),
        get(f"{_NOTICE}/report.csv", announcement_report.download),
        *(post(f"{_NOTICE}/{name}", handler) for name, handler in _NOTICE_ACTS.items()),
        get("/console/subscribers", subscribers.show),
        get("/console/subscribers/template.csv", subscribers.template),
        post("/console/subscribers/end", subscribers.end),
        post("/console/subscribers/import", subscribers.look_through),
        post("/console/subscribers/import/apply", subscribers.take_up),
        get("/console/sms", sms.show),
        get("/console/sms/new", sms.show_new),
        post("/console/sms/new", sms.add),
        post("/console/sms/preview", sms_preview.show),
        get(_SMS, sms.show_one),
        get(f"{_SMS}.json", sms.refresh),
        *(post(f"{_SMS}/{name}", handler) for name, handler in _GATEWAY.items()),
    ]


async def _static(request: web.Request) -> web.StreamResponse:
    # The address's pattern allows one plain name, so nothing outside the folder is reached.
    path = STATIC / request.match_info["name"]
    if not path.is_file():
        raise Refused(404, NOT_FOUND)
    return web.FileResponse(path, headers={"Cache-Control": "no-cache"})
