"""What the citizen's pages know of a commune, and the links made of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class CommuneView:
    """A commune as its citizens see it; an empty string is "we have none"."""

    id: str
    name: str
    office: str
    phone: str
    zalo_oa_id: str
    sms_number: str
    hours_text: str


def dialable(number: str) -> str:
    """Return ``number`` with nothing but digits and a leading plus, for ``tel:`` and ``sms:``."""
    digits = re.sub(r"\D", "", number)
    return f"+{digits}" if number.strip().startswith("+") else digits


def tel_link(number: str) -> str:
    """A link that calls ``number``, or "" without one."""
    return f"tel:{dialable(number)}" if dialable(number) else ""


def zalo_link(oa_id: str) -> str:
    """A link that opens the chat with an Official Account, or "" without one."""
    return f"https://zalo.me/{quote(oa_id, safe='')}" if oa_id else ""


def sms_link(number: str, body: str = "") -> str:
    """A link that opens an SMS to ``number``; ``?&body=`` is read by Android and iOS alike."""
    if not dialable(number):
        return ""
    return f"sms:{dialable(number)}" + (f"?&body={quote(body, safe='')}" if body else "")


def spoken(number: str) -> str:
    """``number`` in groups, as it is read aloud: +84912345678 -> 0912 345 678."""
    plain = re.sub(r"^\+84", "0", dialable(number))
    if re.fullmatch(r"02[48]\d{8}", plain):  # Hà Nội and TP. Hồ Chí Minh have short codes
        return f"{plain[:3]} {plain[3:7]} {plain[7:]}"
    if re.fullmatch(r"0\d{9,10}", plain):
        return f"{plain[:4]} {plain[4:7]} {plain[7:]}"
    return number.strip()
