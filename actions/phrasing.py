"""Helpers to speak: a phrase of ``faq/phrases.yaml`` as a reply, dates in words."""

from __future__ import annotations

from datetime import date

from bot.dialogue.outcome import Env
from bot.knowledge.model import Desk
from bot.messages import Choice, Reply

_DAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")


def phrase(
    env: Env,
    name: str,
    choices: tuple[Choice, ...] = (),
    desk: Desk | None = None,
    numbered: tuple[str, ...] = (),
    /,
    **params: object,
) -> Reply:
    """The phrase ``name`` with the commune's places and ``params`` filled in.

    Args:
        desk: the place that receives; the public service centre when left out.
    """
    desk = desk or env.commune.desk("tu_phap")
    long = env.knowledge.phrase(name, short=False, **_places(env, desk, False), **params)
    short = env.knowledge.phrase(name, short=True, **_places(env, desk, True), **params)
    return Reply(long, short, choices, numbered)


def label(env: Env, name: str, payload: str, **params: object) -> Choice:
    """A choice whose label is the phrase ``name``."""
    return Choice(
        label=env.knowledge.phrase(name, short=False, **params),
        payload=payload,
        short=env.knowledge.phrase(name, short=True, **params),
    )


def _places(env: Env, desk: Desk, short: bool) -> dict[str, object]:
    return {
        "commune": env.commune.short if short else env.commune.name,
        "office": desk.short if short else desk.name,
        "address": desk.address_short if short else desk.address,
        "phone": desk.phone,
    }


def day(value: date) -> str:
    """ "Thứ Ba 05/08/2026"."""
    return f"{_DAYS[value.weekday()]} {value:%d/%m/%Y}"


def day_short(value: date) -> str:
    """ "5/8/2026"."""
    return f"{value.day}/{value.month}/{value.year}"


def lower_first(text: str) -> str:
    """ "Đăng ký khai sinh" -> "đăng ký khai sinh"."""
    return text[:1].lower() + text[1:]


def upper_first(text: str) -> str:
    """ "khai sinh" -> "Khai sinh", at the start of a sentence."""
    return text[:1].upper() + text[1:]


def readable(phone: str) -> str:
    """+84912345678 -> 0912 345 678 (told only to the person who gave it)."""
    national = "0" + phone.removeprefix("+84")
    return f"{national[:4]} {national[4:7]} {national[7:]}".strip()
