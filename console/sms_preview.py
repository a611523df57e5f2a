"""A text as an old phone shows it, without and with its diacritics, and what each costs.

Any page may show it: ``{% from "_sms_preview.html" import sms_preview %}``.
"""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from bot import text as texts
from bot.sms_account import Shown
from bot.smstext import COLUMNS, Cost, wrapped
from console import pages, sms_page, words
from console.guard import Visit

MAX_TEXT = 1600


@dataclass(frozen=True, slots=True)
class Screen:
    """One way of writing it."""

    title: str
    lines: tuple[str, ...]
    cost: str
    """How many SMS, and what they cost."""
    count: str
    """The encoding, how many letters, and how many more fit."""
    leaves: bool
    """This is how the commune sends it."""


def screens(shown: Shown) -> tuple[Screen, Screen]:
    """Both ways, the plain one first."""
    told, each = shown.preview, shown.preview.price_each
    return (
        _screen("Không dấu", told.plain, each, leaves=told.folded),
        _screen("Có dấu", told.accented, each, leaves=not told.folded),
    )


def _screen(title: str, cost: Cost, each: int, *, leaves: bool) -> Screen:
    price = f" × {words.dong(each)} = {words.dong(cost.price)}" if each else ""
    count = f"{cost.units} ký tự, còn chỗ cho {cost.room}"
    if cost.encoding == "UCS-2":
        count += "; có dấu nên mỗi tin chỉ chứa được 70"
    return Screen(
        title, tuple(wrapped(cost.text, COLUMNS)), f"{cost.parts} tin{price}", count, leaves
    )


def look(visit: Visit, text: str) -> dict[str, object]:
    """What the page's script shows of ``text``.

    Raises:
        Refused: this installation has no gateways.
    """
    written = _clean(text)
    shown = sms_page.desk_of(visit).preview(visit.login.commune, written)
    told = shown.preview
    return {
        "html": html(shown) if written else "",
        "parts": told.parts,
        "price": told.price_total,
        "folded": told.folded,
        "text": told.text,
    }


def html(shown: Shown) -> str:
    """Both screens."""
    return pages.text("_sms_screens.html", screens=screens(shown), notes=shown.notes)


def _clean(text: str) -> str:
    return texts.clean(text.replace("\r\n", "\n"), MAX_TEXT)


async def show(visit: Visit) -> web.StreamResponse:
    """POST: for the script; without one, the page with what was typed."""
    text = visit.form.get("text", "")
    found = look(visit, text)
    if visit.wants_json:
        return web.json_response(found)
    return await sms_page.page(visit, written=_clean(text), screens=str(found["html"]))
