"""The form of a dossier: what was typed -> what is to be saved, or what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from bot.clock import LOCAL, local_date
from bot.dossiers import cells
from bot.dossiers.cells import CellFault
from bot.reminders.rules import STATES, State
from bot.store.dossiers import Draft, Record
from bot.text import clean
from console import words

T = TypeVar("T")

_DAYS = ("state_on", "received_on", "due_on", "event_on", "valid_until")
NAMES = (
    "code", "procedure", "state", *_DAYS, "appointment_day", "appointment_hour", "phone",
    "missing", "consent",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filled:
    """A form as it is shown: what stands in its fields, and what is wrong with them."""

    typed: Mapping[str, str]
    faults: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> str:
        return self.typed.get(name, "")

    def fault(self, name: str) -> str:
        """What is wrong with a field; "": nothing."""
        return self.faults.get(name, "")


def empty(now: datetime) -> Filled:
    """For a new dossier."""
    today = f"{local_date(now)}"
    return Filled({"state": "received", "received_on": today})


def of_record(record: Record) -> Filled:
    """As it is."""
    told = record.told
    typed = {name: f"{getattr(told, name) or ''}" for name in _DAYS}
    typed |= {"code": told.code, "procedure": told.procedure or "", "state": told.state}
    typed |= {"missing": told.missing, "phone": words.phone(told.phone) if told.phone else ""}
    if told.appointment_at is not None:
        local = told.appointment_at.astimezone(LOCAL)
        typed |= {"appointment_day": f"{local.date()}", "appointment_hour": f"{local:%H:%M}"}
    return Filled(typed)


def read(
    form: Mapping[str, str], procedures: Mapping[str, str], now: datetime
) -> tuple[Draft | None, Filled]:
    """What was typed; None with the faults when it cannot be saved."""
    typed = {name: clean(form.get(name, "")) for name in NAMES}
    faults: dict[str, str] = {}

    def take(name: str, reader: Callable[[str], T], default: T) -> T:
        try:
            return reader(typed[name])
        except CellFault as fault:
            faults[name] = _sentence(str(fault))
            return default

    days = {name: take(name, cells.read_day, None) for name in _DAYS}
    draft = Draft(
        code=take("code", cells.read_code, ""),
        state=take("state", _state, "received"),
        state_on=days.pop("state_on") or local_date(now),
        procedure=take("procedure", _procedure(procedures), None),
        phone=take("phone", cells.read_mobile, None),
        missing=take("missing", cells.read_missing, ""),
        appointment_at=_appointment(typed, faults),
        **days,
    )
    faults |= {
        name: why for name, why in _odd(draft, local_date(now)).items() if name not in faults
    }
    return (None if faults else draft), Filled(typed, faults)


def _state(said: str) -> State:
    if said not in STATES:
        raise CellFault("anh/chị chọn một trạng thái")
    return said


def _procedure(procedures: Mapping[str, str]) -> Callable[[str], str | None]:
    def reader(said: str) -> str | None:
        if said and said not in procedures:
            raise CellFault("không có thủ tục này")
        return said or None

    return reader


def _appointment(typed: Mapping[str, str], faults: dict[str, str]) -> datetime | None:
    day, hour = typed["appointment_day"], typed["appointment_hour"]
    if hour and not day:
        faults["appointment_day"] = "Anh/chị ghi cả ngày hẹn."
        return None
    try:
        return cells.read_moment(f"{hour} {day}".strip())
    except CellFault as fault:
        faults["appointment_day"] = _sentence(str(fault))
        return None


def _odd(draft: Draft, today: date) -> dict[str, str]:
    """Days that cannot be."""
    found = {}
    if draft.state_on > today:
        found["state_on"] = "Ngày này chưa tới."
    if draft.received_on and draft.received_on > today:
        found["received_on"] = "Ngày này chưa tới."
    if draft.event_on and draft.event_on > today:
        found["event_on"] = "Ngày này chưa tới."
    if draft.missing and draft.state == "received":
        found["missing"] = "Thiếu giấy thì anh/chị chọn trạng thái “Thiếu giấy tờ”."
    if draft.received_on and draft.due_on and draft.due_on < draft.received_on:
        found["due_on"] = "Ngày hẹn trả trước ngày tiếp nhận."
    return found


def _sentence(said: str) -> str:
    return f"{said[:1].upper()}{said[1:]}."
