"""What the pages "Tin nhắn SMS" show: how each gateway stands, what is filled in, what happened."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from aiohttp import web

from bot.sms_account import GatewayLine, Hearing, KindLine, SmsDesk, Snippet, Trial
from bot.sms_form import OWN, YES_NO
from console import pages, words
from console.around import sentence
from console.guard import NOT_FOUND, Refused, Visit
from console.telling import Look, Standing, Told

Part = Literal["state", "set", "link", "send", "hear", "end"]
WEAK = 100
NO_GATEWAYS = "Hệ thống này chưa bật phần cổng SMS."

DONE: dict[str, tuple[Part, str]] = {
    "checked": ("state", "Đã hỏi cổng: đang dùng được."),
    "saved": ("set", "Đã lưu. Hotro dùng thiết lập mới sau vài giây."),
    "made": ("state", "Đã thêm cổng. Anh/chị bấm “Kiểm tra”, rồi gửi và nhận thử một tin."),
    "sent": ("send", "Đã xếp tin thử vào hàng gửi; kết quả hiện ở đây sau vài giây."),
}
"""The word in the address after something worked -> where it is told, and how."""
REMOVED = {
    "removed": "Đã xoá cổng và các khoá của nó.",
    "beneath": "Đã bỏ điều khai báo ở đây; cổng lại chạy theo tệp hotro.toml của máy chủ.",
}
OWN_HINTS = {
    "own_number": "Số mà bà con nhắn tới. Cổng chỉ gửi đi (tên thương hiệu) thì ghi tên ấy, "
    "hoặc để trống.",
    "share": "Các cổng chia nhau tin theo số này. Ghi 0 nếu cổng chỉ để dự phòng, khi cổng khác "
    "hỏng mới dùng.",
    "price": "Đồng cho một tin 160 ký tự, để tính trước chi phí. Gói không tính tiền thì ghi 0.",
}
CAPS_HINT = (
    "SIM gửi dồn dập dễ bị nhà mạng khoá. Hotro không gửi quá các số này; lời nhắc và thông báo "
    "được giãn ra, câu trả lời cho bà con đi trước. Ghi 0 là không giới hạn."
)
TRIALS: Mapping[str, tuple[str, Look]] = {
    "waiting": ("đang gửi", "none"),
    "sent": ("cổng đã nhận gửi", "ok"),
    "delivered": ("đã tới máy", "ok"),
    "failed": ("không gửi được", "bad"),
    "unknown": ("chưa rõ đã gửi được chưa", "warn"),
}


@dataclass(frozen=True, slots=True)
class Meter:
    """How much of a cap is used."""

    label: str
    used: int
    cap: int

    @property
    def full(self) -> bool:
        """Nothing more leaves for now."""
        return self.used >= self.cap


@dataclass(frozen=True, slots=True)
class Card:
    """One gateway as the list shows it."""

    line: GatewayLine
    standing: Standing
    number: str
    facts: tuple[tuple[str, str], ...]
    meters: tuple[Meter, ...]


def desk_of(visit: Visit) -> SmsDesk:
    """The gateways.

    Raises:
        Refused: this installation has none.
    """
    if visit.desk.sms is None:
        raise Refused(409, NO_GATEWAYS)
    return visit.desk.sms


def done(word: str) -> Told[Part] | None:
    """What is told after the browser was sent on."""
    part, said = DONE.get(word, (None, ""))
    return Told(part, said) if part else None


def fresh_key() -> str:
    """Names one form, so that what it sends is sent once."""
    return uuid.uuid4().hex


# --- one gateway in words -------------------------------------------------------------------


def cards(lines: Sequence[GatewayLine], now: datetime) -> list[Card]:
    """All gateways of a commune, as the list shows them."""
    total = sum(line.share for line in lines)
    return [
        Card(
            line,
            standing(line),
            _number(line.own_number),
            _facts(line, total, now),
            meters(line),
        )
        for line in lines
    ]


def standing(line: GatewayLine) -> Standing:
    """See :class:`Standing`."""
    if line.fault:
        return Standing("Chưa dùng được", "bad", sentence(line.fault))
    if line.problem:
        return Standing("Cần sửa", "bad", sentence(line.problem))
    full = next((one for one in meters(line) if one.full), None)
    if full is not None:
        said = f"Đã dùng hết hạn mức {full.label}: tin còn lại chờ tới lượt, hoặc đi cổng khác."
        return Standing("Hết hạn mức", "warn", said)
    if line.weight < WEAK:
        said = (
            f"Cổng vừa lỗi hoặc chậm nên chỉ được giao {line.weight}% phần tin của nó. "
            "Chạy tốt trở lại thì phần ấy tự tăng dần."
        )
        return Standing("Đang yếu", "warn", said)
    if line.share == 0:
        return Standing("Dự phòng", "info", "Chỉ gửi khi các cổng khác hỏng.")
    if line.asked_at is None and not line.counted.sent:
        said = "Anh/chị mở cổng này, bấm “Kiểm tra”, rồi gửi và nhận thử một tin."
        return Standing("Chưa thử", "none", said)
    return Standing("Đang dùng được", "ok", "Cổng đang gửi và nhận tin bình thường.")


def meters(line: GatewayLine) -> tuple[Meter, ...]:
    """Of the caps that there are."""
    counted = line.counted
    found = (
        Meter("trong phút này", counted.minute, line.per_minute),
        Meter("trong giờ qua", counted.hour, line.per_hour),
        Meter("hôm nay", counted.day, line.per_day),
    )
    return tuple(one for one in found if one.cap)


def _facts(line: GatewayLine, total: int, now: datetime) -> tuple[tuple[str, str], ...]:
    """What is known of it, line by line; what is not known is left out."""
    heard = words.clock_time(line.heard_at, now) if line.heard_at else "chưa thấy tin nào gần đây"
    asked = f"lúc {words.clock_time(line.asked_at, now)}" if line.asked_at else ""
    lines = (
        ("24 giờ qua", _counted(line)),
        ("Tin mới đến", heard if line.kind.receives else "cổng này chỉ gửi đi"),
        ("Phần gánh", _share(line, total)),
        *line.facts,
        ("Hỏi cổng lần cuối", asked),
    )
    return tuple((name, said) for name, said in lines if said)


def _counted(line: GatewayLine) -> str:
    counted = line.counted
    if not counted.sent and not counted.failed:
        return "chưa gửi tin nào"
    said = [f"gửi {words.thousands(counted.sent)} tin"]
    if counted.parts != counted.sent:
        said[0] += f" (tính tiền {words.thousands(counted.parts)} tin)"
    if counted.failed:
        said.append(f"hỏng {words.thousands(counted.failed)}")
    if counted.price:
        said.append(words.dong(counted.price))
    return ", ".join(said)


def _share(line: GatewayLine, total: int) -> str:
    if not line.share:
        return "dự phòng"
    return f"{round(100 * line.share / total)}% tin của xã"


def _number(number: str) -> str:
    return words.phone(number) if number.startswith("+") else number


# --- the forms ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a form."""

    name: str
    label: str
    hint: str
    value: str = ""
    look: Literal["text", "number", "secret", "yes-no"] = "text"
    there: bool = False
    """A secret that is kept already."""
    required: bool = False


def inputs(kind: KindLine, line: GatewayLine | None, typed: Mapping[str, str]) -> list[Input]:
    """The kind's own fields, filled with what is kept and over it what was typed."""
    found = []
    for one in kind.fields:
        kept = line.options.get(one.name, "") if line else one.default
        there = bool(line and one.name in line.secrets)
        hint = one.help + (" Để trống thì hotro tự tạo." if one.made and not there else "")
        value = "" if one.secret else typed.get(one.name, kept)
        look: Literal["text", "secret", "yes-no"] = "text"
        if one.secret:
            look = "secret"
        elif one.default in YES_NO:
            look, value, hint = "yes-no", value or one.default, _without_words(hint)
        needed = one.required and not there
        found.append(Input(one.name, one.label, hint, value, look, there, needed))
    return found


def _without_words(hint: str) -> str:
    """Of a choice that is made in a list; elsewhere "yes" and "no" are typed."""
    return hint.replace("yes hoặc no. ", "").replace("yes: ", "Có: ")


def own_inputs(
    kind: KindLine, line: GatewayLine | None, typed: Mapping[str, str]
) -> dict[str, Input]:
    """What every gateway has, by name."""
    labels = {
        "own_number": "Số của cổng",
        "share": "Phần tin cổng này gánh",
        "per_minute": "Mỗi phút",
        "per_hour": "Mỗi giờ",
        "per_day": "Mỗi ngày",
        "price": "Giá một tin",
    }
    proposed = dict(zip(("per_minute", "per_hour", "per_day"), kind.caps, strict=True))
    fresh = {"own_number": "", "share": 100, "price": 0, **proposed}
    kept = {name: getattr(line, name) for name in OWN} if line else fresh
    return {
        name: Input(
            name,
            labels[name],
            OWN_HINTS.get(name, ""),
            typed.get(name, _number(str(kept[name]))),
            "text" if name == "own_number" else "number",
        )
        for name in OWN
    }


# --- trying ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TrialItem:
    """One message that was sent to try a gateway."""

    text: str
    look: Look
    error: str


def trial(one: Trial, now: datetime) -> TrialItem:
    """In words."""
    said, look = TRIALS.get(one.state, (one.state, "none"))
    text = f"{words.clock_time(one.at, now)}, tới {words.phone(one.number)}: {said}"
    return TrialItem(text, look, sentence(one.error) if one.error and look != "ok" else "")


def heard(hearing: Hearing, now: datetime) -> str:
    """When what was written to the gateway came; "" when it has not."""
    if hearing.at is None:
        return ""
    return f"Đã nhận lúc {words.clock_time(hearing.at, now)}, từ {words.phone(hearing.number)}."


# --- the pages ------------------------------------------------------------------------------


async def page(
    visit: Visit, status: int = 200, written: str = "", screens: str = ""
) -> web.StreamResponse:
    """All gateways, and a text as an old phone shows it."""
    sms = visit.desk.sms
    if sms is None:
        return await visit.page("sms_none.html", sentence=NO_GATEWAYS)
    lines = await sms.gateways(visit.login.commune)
    return await visit.page(
        "sms.html",
        status,
        cards=cards(lines, visit.desk.wall.now()),
        kinds=sms.kinds(),
        note=REMOVED.get(visit.request.query.get("done", ""), ""),
        written=written,
        screens=screens,
    )


async def form(
    visit: Visit, kind: KindLine, told: Told[Part] | None = None, status: int = 200
) -> web.StreamResponse:
    """A gateway that is not there yet."""
    typed = told.typed if told else {}
    return await visit.page(
        "sms_new.html",
        status,
        kind=kind,
        name=typed.get("name", ""),
        inputs=inputs(kind, None, typed),
        own=own_inputs(kind, None, typed),
        caps_hint=CAPS_HINT,
        told=told,
    )


async def gateway(
    visit: Visit,
    name: str,
    told: Told[Part] | None = None,
    status: int = 200,
    snippets: Sequence[Snippet] = (),
) -> web.StreamResponse:
    """One gateway; ``snippets`` when they were asked for: there are keys in them.

    Raises:
        Refused: there is none of that name.
    """
    shown = await _card(visit, name)
    line = shown.line
    typed = told.typed if told and told.bad else {}
    return await visit.page(
        "sms_gateway.html",
        status,
        card=shown,
        line=line,
        inputs=inputs(line.kind, line, typed if told and told.part == "set" else {}),
        own=own_inputs(line.kind, line, typed if told and told.part == "set" else {}),
        caps_hint=CAPS_HINT,
        snippets=snippets,
        number=typed.get("number", ""),
        key=fresh_key(),
        live=await live(visit, shown),
        told=told,
    )


async def _card(visit: Visit, name: str) -> Card:
    lines = await desk_of(visit).gateways(visit.login.commune)
    for one in cards(lines, visit.desk.wall.now()):
        if one.line.name == name:
            return one
    raise Refused(404, NOT_FOUND)


async def refreshed(visit: Visit, name: str) -> dict[str, str]:
    """What changes while one looks at a gateway.

    Raises:
        Refused: there is none of that name.
    """
    return await live(visit, await _card(visit, name))


async def live(visit: Visit, shown: Card) -> dict[str, str]:
    """What it did, its trials, and what came."""
    sms, commune, now = desk_of(visit), visit.login.commune, visit.desk.clock.now()
    items = [trial(one, now) for one in await sms.tests(commune, shown.line.name)]
    hearing = await sms.hearing(commune, shown.line.name)
    return {
        "doing": pages.text("_sms_doing.html", card=shown),
        "trials": pages.text("_sms_trials.html", trials=items),
        "heard": heard(hearing, now),
        "code": hearing.code,
    }
