"""Reminders: what is planned next, what became of this week's, and an officer's own."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta

from aiohttp import web

from bot import segments
from bot.clock import LOCAL, local_date
from bot.dossiers import cells, own, saving
from bot.dossiers.cells import CellFault
from bot.dossiers.own import NotPossible, Own, Refusal
from bot.reminders.wording import own_sms
from bot.store import conversations, reminder_views
from bot.store.reminder_views import ReminderView
from bot.text import clean
from console import dossier_words, pages, sms_preview, words
from console.dossiers import knowledge_of
from console.guard import NOT_FOUND, Refused, Visit

WEEK = timedelta(days=7)
PLANNED = 60
_TOKEN = 64
NO_NUMBER = (
    "Cuộc trò chuyện này chưa có số điện thoại. Anh/chị bấm “Xin số điện thoại” ở trang trò "
    "chuyện trước."
)


@dataclass(frozen=True, slots=True)
class Form:
    """The form of an officer's own reminder."""

    to: str = ""
    """A conversation; "": a number is typed."""
    to_text: str = ""
    """Who that is, as an officer is shown it."""
    phone: str = ""
    text: str = ""
    day: str = ""
    hour: str = "08:30"
    agreed: bool = False
    token: str = ""
    fault: Mapping[str, str] = field(default_factory=dict)

    def wrong(self, name: str) -> str:
        """What is wrong with a field; "": nothing."""
        return self.fault.get(name, "")


async def show(visit: Visit) -> web.StreamResponse:
    """GET: the page; ``?to=`` a conversation: its own form."""
    to = visit.request.query.get("to", "")
    return await _page(visit, await _form(visit, {"to": to}))


async def write(visit: Visit) -> web.StreamResponse:
    """POST: show how it reads, then plan it."""
    form = await _form(visit, visit.form)
    asked, fault = _asked(form)
    phone, wrong = await _phone(visit, form)
    fault |= {"phone": wrong} if wrong else {}
    if asked is None or fault:
        return await _page(visit, _with(form, fault), status=422)
    if visit.form.get("do") == "send":
        why = await _plan(visit, form, asked, phone)
    else:
        async with visit.desk.store.read() as session:
            why = await own.obstacle(
                session,
                knowledge_of(visit),
                asked,
                phone,
                visit.desk.clock.now(),
                agreed=form.agreed,
            )
    if why is not None:
        fault = {_FIELD.get(why, "text"): dossier_words.NOT_POSSIBLE[why]}
        return await _page(visit, _with(form, fault), status=422)
    if visit.form.get("do") != "send":
        return await _page(visit, form, preview=_preview(visit, asked))
    return pages.go("/console/reminders?done=planned")


async def _plan(visit: Visit, form: Form, asked: Own, phone: str) -> Refusal | None:
    knowledge = knowledge_of(visit)
    try:
        async with visit.desk.store.write() as session:
            await own.remind(
                session,
                knowledge,
                asked,
                phone,
                visit.login.officer_id,
                visit.desk.clock.now(),
                agreed=form.agreed,
                conversation_id=int(form.to) if form.to else None,
            )
    except NotPossible as error:
        return error.why
    return None


_FIELD: Mapping[Refusal, str] = {
    "past": "day",
    "night": "hour",
    "holiday": "day",
    "refused": "phone",
    "no_consent": "agreed",
}


async def cancel(visit: Visit) -> web.StreamResponse:
    """POST: an officer's own reminder is not wanted any more."""
    reminder_id = int(visit.request.match_info["id"])
    async with visit.desk.store.write() as session:
        done = await reminder_views.cancel_own(session, visit.login.commune, reminder_id)
    return pages.go(f"/console/reminders?done={'cancelled' if done else 'late'}")


DONE = {
    "planned": "Đã xếp lịch lời nhắc.",
    "cancelled": "Đã bỏ lời nhắc.",
    "late": "Lời nhắc này đã gửi đi rồi, không bỏ được nữa.",
}


# --- the form -----------------------------------------------------------------------------


async def _form(visit: Visit, said: Mapping[str, str]) -> Form:
    to, to_text = said.get("to", ""), ""
    if to:
        async with visit.desk.store.read() as session:
            view = await conversations.get(session, int(to)) if _is_id(to) else None
        if view is None or view.commune != visit.login.commune:
            raise Refused(404, NOT_FOUND)
        name = words.CHANNEL_NAMES[view.channel]
        to_text = f"{name}, {words.masked(view.channel, view.address)}"
    return Form(
        to=to,
        to_text=to_text,
        phone=clean(said.get("phone", "")),
        text=own.tidied(said.get("text", "")),
        day=clean(said.get("day", "")),
        hour=clean(said.get("hour", "08:30")),
        agreed=bool(said.get("agreed")),
        token=said.get("token", "")[:_TOKEN] or uuid.uuid4().hex,
    )


def _is_id(said: str) -> bool:
    return said.isascii() and said.isdecimal() and len(said) < 19


def _with(form: Form, fault: Mapping[str, str]) -> Form:
    values = {name: getattr(form, name) for name in Form.__slots__ if name != "fault"}
    return Form(**values, fault=fault)


def _asked(form: Form) -> tuple[Own | None, dict[str, str]]:
    fault: dict[str, str] = {}
    if not form.text:
        fault["text"] = "Anh/chị viết lời cần nhắn."
    elif len(form.text) > own.MAX_TEXT:
        fault["text"] = f"Lời nhắn dài quá {own.MAX_TEXT} ký tự."
    day = _day(form, fault)
    hour = _hour(form, fault)
    if fault or day is None or hour is None:
        return None, fault
    return Own(form.token, form.text, day, hour), fault


def _day(form: Form, fault: dict[str, str]) -> date | None:
    try:
        day = cells.read_day(form.day)
    except CellFault as error:
        fault["day"] = f"{str(error)[:1].upper()}{str(error)[1:]}."
        return None
    if day is None:
        fault["day"] = "Anh/chị chọn ngày."
    return day


def _hour(form: Form, fault: dict[str, str]) -> time | None:
    try:
        # Any day will do: a clock is read as one of an appointment is.
        at = cells.read_moment(f"{form.hour} 1/1/2026")
    except CellFault:
        at = None
    if at is None:
        fault["hour"] = "Anh/chị ghi giờ, ví dụ 08:30."
        return None
    return at.astimezone(LOCAL).time()


async def _phone(visit: Visit, form: Form) -> tuple[str, str]:
    """The number, or what is wrong."""
    if form.to:
        async with visit.desk.store.read() as session:
            phone = await own.phone_of(session, visit.login.commune, int(form.to))
        return phone or "", "" if phone else NO_NUMBER
    try:
        typed = cells.read_mobile(form.phone)
    except CellFault as error:
        return "", f"{str(error)[:1].upper()}{str(error)[1:]}."
    return typed or "", "" if typed else "Anh/chị ghi số điện thoại di động."


# --- what is shown ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Preview:
    """How an officer's own reminder will read."""

    chat: str
    sms: str
    screens: str
    """As an old phone shows it, with the price; "" where there is no gateway."""
    cost: str


def _preview(visit: Visit, asked: Own) -> Preview:
    knowledge = knowledge_of(visit)
    said = own.preview(asked.text, asked.day, knowledge)
    cost = segments.count(said.sms)
    return Preview(
        said.chat, said.sms, _screen(visit, asked.text), f"{cost.parts} tin, {cost.units} ký tự"
    )


def _screen(visit: Visit, text: str) -> str:
    """As an old phone shows it: reminders go without diacritics."""
    desk, knowledge = visit.desk.sms, knowledge_of(visit)
    if desk is None:
        return ""
    accented = own_sms(text, knowledge, saving.commune_of(knowledge))
    shown = desk.preview(visit.login.commune, accented)
    plain, _ = sms_preview.screens(shown)
    screens = [replace(plain, leaves=False)]
    return pages.text("_sms_screens.html", screens=screens, notes=shown.notes)


async def _page(
    visit: Visit, form: Form, *, preview: Preview | None = None, status: int = 200
) -> web.StreamResponse:
    now, commune = visit.desk.clock.now(), visit.login.commune
    async with visit.desk.store.read() as session:
        planned = await reminder_views.upcoming(session, commune, PLANNED)
        count = await reminder_views.count_upcoming(session, commune)
        past = [
            one
            for one in await reminder_views.since(session, commune, now - WEEK)
            if one.outcome != "cancelled"
        ]
    return await visit.page(
        "reminders.html",
        status,
        planned=planned,
        count=count,
        past=past,
        tally=_tally(past),
        form=form,
        preview=preview,
        today=f"{local_date(now)}",
        consent=saving.consent_words(knowledge_of(visit), "own_consent"),
        most=own.MAX_TEXT,
        names=dossier_words,
        words=words,
        now=now,
        done=DONE.get(visit.request.query.get("done", ""), ""),
    )


def _tally(past: list[ReminderView]) -> list[tuple[str, str, int]]:
    """Words, look and number of each outcome of the week."""
    counts = Counter(one.outcome for one in past)
    return [
        (dossier_words.OUTCOMES[outcome], dossier_words.OUTCOME_LOOKS.get(outcome, ""), count)
        for outcome, count in counts.most_common()
    ]
