"""What a reminder of a dossier says: who sends it, what to do, where, how to stop it.

Others read along on a shared phone: no name, no kind of paper, nothing but the code that the
citizen holds. By SMS it is one part wherever the names of the commune allow it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from bot import segments
from bot.clock import LOCAL
from bot.knowledge.library import Knowledge
from bot.knowledge.model import Commune, Desk
from bot.reminders.rules import Kind
from bot.smstext import render
from bot.text import for_sms

CODE_TAIL: Final = 12
"""So much of a long code still tells the citizen which dossier it is."""
_DAYS: Final = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ Nhật")


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose dossier it is about."""

    code: str
    procedure: str | None
    day: date
    """The one that the reminder counts from."""
    appointment_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A reminder for SMS (folded), for a chat, and as fields of an approved template."""

    sms: str
    chat: str
    fields: Mapping[str, str]


def said(kind: Kind, subject: Subject, knowledge: Knowledge, commune: Commune) -> Said:
    """The words of a dossier's reminder."""
    desk = _desk(subject.procedure, knowledge, commune)
    spoken = {"code": subject.code, "day": _spoken(subject.day), "hour": _clock(subject, " giờ ")}
    chat = knowledge.phrase(f"hs_{kind}", short=False, **_places(commune, desk), **spoken)
    what = knowledge.phrase(f"viec_{kind}", code=subject.code, hour=spoken["hour"])
    return Said(
        _sms(kind, subject, knowledge, commune, desk), chat, _fields(what, subject.day, desk)
    )


def own_sms(text: str, knowledge: Knowledge, commune: Commune) -> str:
    """An officer's own words for SMS, with who sends them and how to stop them, still with
    their diacritics."""
    places = _places(commune, commune.desk("tu_phap"), True)
    return knowledge.phrase("hs_rieng", short=True, text=_sentence(text), **places)


def said_own(text: str, day: date, knowledge: Knowledge, commune: Commune) -> Said:
    """An officer's own words as they go out."""
    desk, text = commune.desk("tu_phap"), _sentence(text)
    long = knowledge.phrase("hs_rieng", short=False, text=text, **_places(commune, desk))
    sms = render(own_sms(text, knowledge, commune), commune.sms.accents)
    return Said(sms, long, _fields(text, day, desk))


def _sms(kind: Kind, subject: Subject, knowledge: Knowledge, commune: Commune, desk: Desk) -> str:
    """The longest of its forms that is one part; the shortest where none is."""
    # Who has to go to the police is not sent elsewhere to save letters.
    ours = desk.name == commune.office
    place = knowledge.phrase("hs_place", short=True) if ours else desk.short
    said = ""
    for office, code, weekday in _forms(desk.short, place, subject.code):
        day = _short(subject.day, weekday and kind == "hen")
        said = knowledge.phrase(
            f"hs_{kind}",
            short=True,
            **_places(commune, desk, True) | {"office": office},
            code=code,
            day=day,
            hour=_clock(subject, "h"),
        )
        if segments.count(for_sms(said)).parts == 1:
            break
    return render(said, commune.sms.accents)


def _forms(office: str, place: str, code: str) -> Iterator[tuple[str, str, bool]]:
    yield office, code, True
    yield office, code, False
    yield place, code, True
    yield place, code, False
    if len(code) > CODE_TAIL + 2:
        yield place, f"..{code[-CODE_TAIL:]}", False


def _desk(procedure: str | None, knowledge: Knowledge, commune: Commune) -> Desk:
    known = knowledge.procedures.get(procedure or "")
    return commune.desk(known.desk if known else "tu_phap")


def _places(commune: Commune, desk: Desk, short: bool = False) -> dict[str, str]:
    return {
        "commune": commune.short if short else commune.name,
        "office": desk.short if short else desk.name,
        "phone": desk.phone,
    }


def _fields(what: str, day: date, desk: Desk) -> dict[str, str]:
    """As docs/ket-noi-zalo.md has an officer name them."""
    return {
        "viec": what,
        "ngay": f"{day.day}/{day.month}/{day.year}",
        "noi": desk.name,
        "dien_thoai": desk.phone,
    }


def _spoken(day: date) -> str:
    return f"{_DAYS[day.weekday()]} {day.day}/{day.month}/{day.year}"


def _short(day: date, weekday: bool) -> str:
    plain = f"{day.day}/{day.month}"
    return f"{_DAYS[day.weekday()]} {plain}" if weekday else plain


def _clock(subject: Subject, between: str) -> str:
    """ "8 giờ 30", "8h30", "14 giờ"; "" without an appointment."""
    if subject.appointment_at is None:
        return ""
    local = subject.appointment_at.astimezone(LOCAL)
    return f"{local.hour}{between}{local:%M}" if local.minute else f"{local.hour}{between}".rstrip()


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text if text.endswith((".", "!", "?")) else f"{text}."
