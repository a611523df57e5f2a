"""``hotro commune`` and ``hotro province``: what is said of a place, kept as versions.

Every change is tried on all content before it is kept: a text that would make an answer too
long, or a fact that replaces nothing, is refused with file, line and reason.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from bot.clock import LOCAL, local_date
from bot.core import Core, StartError, open_core
from bot.knowledge.check import check
from bot.knowledge.document import read
from bot.knowledge.hours import HoursError, read_hours
from bot.knowledge.loader import laid_over, read_texts
from bot.settings import Settings
from bot.store import content
from bot.store.content import Scope, path_of
from bot.text import fold

NAMES: Mapping[Scope, str] = {"commune": "xã", "province": "tỉnh"}
AUTHOR = "dòng lệnh"
SHOWN_FAULTS = 10


@dataclass(frozen=True, slots=True)
class _File:
    """The text in use and the number of its version; 0: the shipped file."""

    text: str
    number: int


def _yaml() -> YAML:
    yaml = YAML()
    yaml.width = 100  # type: ignore[assignment]
    yaml.preserve_quotes = True  # type: ignore[assignment]
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _read(text: str) -> Any:
    try:
        return _yaml().load(text)
    except (YAMLError, ValueError) as error:  # the second for a day such as 2026-02-30
        raise StartError(f"không đọc được YAML: {' '.join(str(error).split())[:200]}") from error


def _write(tree: Any) -> str:
    out = io.StringIO()
    _yaml().dump(tree, out)
    return out.getvalue()


async def _look(core: Core, scope: Scope, id_: str) -> _File | None:
    """What is in use: the newest version, else the shipped file; None: neither."""
    path = path_of(scope, id_)
    async with core.store.read() as session:
        # The number first: a version that comes in between is then refused, not written over.
        number = await content.latest(session, scope, id_)
        kept = await content.texts(session)
    text = laid_over(read_texts(core.settings.faq_dir)[0], kept).get(path)
    return None if text is None else _File(text, number)


async def _need(core: Core, scope: Scope, id_: str) -> _File:
    found = await _look(core, scope, id_)
    if found is None:
        raise StartError(f"không có {NAMES[scope]} {id_} (xem: hotro {scope} list)")
    return found


async def _keep(
    core: Core, scope: Scope, id_: str, text: str | None, author: str, after: int | None = None
) -> int:
    """Try the text on all content, then keep it as a new version.

    Raises:
        StartError: what would be wrong, by file and line; or somebody else was faster.
    """
    async with core.store.read() as session:
        now = await content.texts(session)
    path = path_of(scope, id_)
    places = _places(core, scope, id_)
    found = check(core.settings.faq_dir, {**now, path: text}, places).faults
    if found:
        # What was wrong before is not this change's fault; lines may have moved.
        before = check(core.settings.faq_dir, now, places).faults
        known = {(fault.file, fault.reason) for fault in before}
        new = [fault for fault in found if (fault.file, fault.reason) not in known]
        if new:
            shown = "\n".join(str(fault) for fault in new[:SHOWN_FAULTS])
            raise StartError(f"chưa ghi, vì có {len(new)} lỗi:\n{shown}")
    try:
        async with core.store.write() as session:
            return await content.put(session, scope, id_, text, author, core.clock.now(), after)
    except content.Changed as error:
        raise StartError("vừa có người khác sửa; xem lại rồi làm lần nữa") from error


def _places(core: Core, scope: Scope, id_: str) -> list[str]:
    """The communes in which it must be looked how texts come out."""
    if scope == "commune":
        return [id_]
    return [one.id for one in core.library().communes.values() if one.province == id_]


async def listing(settings: Settings, scope: Scope) -> str:
    """One line a place: id, name, where it comes from."""
    async with open_core(settings) as core:
        async with core.store.read() as session:
            kept = await content.texts(session)
        library = core.library()
        places = library.communes if scope == "commune" else library.provinces
        lines = [
            f"{one.id}\t{one.name}\t{_origin(path_of(scope, one.id) in kept)}"
            for one in places.values()
        ]
    return "\n".join(lines) or f"Chưa có {NAMES[scope]} nào."


def _origin(changed: bool) -> str:
    return "đã sửa ở đây" if changed else "có sẵn"


async def show(settings: Settings, scope: Scope, id_: str) -> str:
    """The file in use, as YAML.

    Raises:
        StartError: there is no such place.
    """
    async with open_core(settings) as core:
        return (await _need(core, scope, id_)).text.rstrip("\n")


async def bring_in(settings: Settings, scope: Scope, file: Path, author: str) -> str:
    """Keep a file as the new version of the place that it names.

    Raises:
        StartError: the file cannot be read, or has faults.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(f"không đọc được {file}: {error}") from error
    document, faults = read(str(file), text)
    if document is None:
        raise StartError("chưa ghi:\n" + "\n".join(map(str, faults[:SHOWN_FAULTS])))
    id_ = document.data.get("id") if isinstance(document.data, dict) else None
    if not isinstance(id_, str):
        raise StartError(f"{file} thiếu mục id")
    async with open_core(settings) as core:
        number = await _keep(core, scope, id_, text, author)
    return f"Đã ghi {NAMES[scope]} {id_}, bản {number}."


async def add(settings: Settings, id_: str, given: Mapping[str, str | None], author: str) -> str:
    """Make a commune from the little that is needed; the rest is set later.

    Raises:
        StartError: it is there already, or something given is not right.
    """
    async with open_core(settings) as core:
        if await _look(core, "commune", id_) is not None:
            raise StartError(f"đã có xã {id_} (sửa bằng: hotro commune set {id_} ...)")
        if bool(given.get("police_address")) != bool(given.get("police_phone")):
            raise StartError("công an xã cần cả --police-address và --police-phone")
        number = await _keep(core, "commune", id_, _write(_commune(id_, given)), author)
    made = f"Đã tạo xã {id_}, bản {number}. Thêm cán bộ: hotro officer add --commune {id_}"
    if not given.get("police_address"):
        made += "\nChưa khai công an xã (cư trú, căn cước): hotro commune export, thêm mục police."
    return made


def _commune(id_: str, given: Mapping[str, str | None]) -> dict[str, Any]:
    name = given["name"] or ""
    office = given.get("office") or f"Trung tâm Phục vụ hành chính công {name}"
    short = f"Trung tâm hành chính công {name}"
    tree: dict[str, Any] = {
        "id": id_,
        "name": name,
        "short": name,
        "province": given["province"],
        "office": office,
        "office_short": given.get("office") or short,
        "address": given["address"],
        "address_short": given["address"],
        "phone": given["phone"],
        "hours": _hours(given["hours"] or ""),
    }
    if given.get("police_address") and given.get("police_phone"):
        tree["police"] = {
            "name": f"Công an {name}",
            "short": f"Công an {name}",
            "address": given["police_address"],
            "address_short": given["police_address"],
            "phone": given["police_phone"],
            "hours": _hours(given.get("police_hours") or given["hours"] or ""),
        }
    return tree


def _hours(text: str) -> dict[str, Any]:
    try:
        found = read_hours(text)
    except HoursError as error:
        raise StartError(str(error)) from error
    return {
        day: [{"opens": f"{p.opens:%H:%M}", "closes": f"{p.closes:%H:%M}"} for p in periods]
        for day, periods in found.items()
    }


async def set_value(
    settings: Settings, scope: Scope, id_: str, place: str, value: str, author: str
) -> str:
    """Change one entry: ``phone``, ``police.address``, ``hours``; comments stay.

    Raises:
        StartError: no such place or entry, or the new value is not right.
    """
    async with open_core(settings) as core:
        file = await _need(core, scope, id_)
        tree = _read(file.text)
        *above, last = place.split(".")
        here = tree
        for part in above:
            here = here.setdefault(part, {}) if isinstance(here, dict) else None
        if not isinstance(here, dict):
            raise StartError(f"không có mục {place}")
        before = _at(file.text, [*above, last])
        here[last] = _hours(value) if last == "hours" else _value(value, before)
        number = await _keep(core, scope, id_, _write(tree), author, file.number)
    return f"Đã sửa {place} của {NAMES[scope]} {id_}, bản {number}."


def _at(text: str, path: Sequence[str]) -> Any:
    """What stands there as the content reads it: 0243 without quotes is text, no number."""
    document, _ = read("", text)
    here = document.data if document else None
    for part in path:
        here = here.get(part) if isinstance(here, dict) else None
    return here


def _value(text: str, before: Any) -> Any:
    """``text`` as the kind of value that it replaces; what is new is a list or a group where
    it is written as one, else text, a telephone number too."""
    if isinstance(before, int) and not isinstance(before, bool) and text.isdecimal():
        return int(text)
    if isinstance(before, str) or not text.startswith(("[", "{")):
        return text
    return _read(text)


async def export(settings: Settings, scope: Scope, id_: str, out: Path) -> str:
    """Write the file in use to ``out``.

    Raises:
        StartError: there is no such place, or it cannot be written.
    """
    async with open_core(settings) as core:
        file = await _need(core, scope, id_)
    try:
        out.write_text(file.text, encoding="utf-8")
    except OSError as error:
        raise StartError(f"không ghi được {out}: {error.strerror}") from error
    return f"Đã ghi {out}."


async def history(settings: Settings, scope: Scope, id_: str) -> str:
    """One line a version, the newest first."""
    async with open_core(settings) as core, core.store.read() as session:
        versions = await content.history(session, scope, id_)
    lines = [
        f"bản {v.number}\t{v.at.astimezone(LOCAL):%d/%m/%Y %H:%M}\t{v.author}"
        + ("" if v.text is not None else "\tđã bỏ")
        for v in versions
    ]
    return "\n".join(lines) or "Chưa sửa lần nào ở đây."


async def restore(settings: Settings, scope: Scope, id_: str, number: int, author: str) -> str:
    """Make an earlier version the newest; 0: the shipped file.

    Raises:
        StartError: there is no such version, or it does not fit the content any more.
    """
    async with open_core(settings) as core:
        async with core.store.read() as session:
            versions = await content.history(session, scope, id_)
        texts = {version.number: version.text for version in versions}
        texts[0] = read_texts(settings.faq_dir)[0].get(path_of(scope, id_))
        text = texts.get(number)
        if text is None:
            raise StartError(f"không có bản {number} (xem: hotro {scope} history {id_})")
        made = await _keep(core, scope, id_, text, author)
    return f"Đã lấy lại bản {number}, nay là bản {made}."


async def remove(settings: Settings, scope: Scope, id_: str, author: str) -> str:
    """Take the place away; its versions stay and can be restored.

    Raises:
        StartError: there is no such place, or something else needs it.
    """
    async with open_core(settings) as core:
        file = await _need(core, scope, id_)
        await _keep(core, scope, id_, None, author, file.number)
    return f"Đã bỏ {NAMES[scope]} {id_} (lấy lại bằng: hotro {scope} restore {id_} BẢN)."


async def confirm(
    settings: Settings, scope: Scope, id_: str, name: str, by: str, on: date | None
) -> str:
    """Note that something of ``to_confirm.yaml`` was confirmed there.

    Raises:
        StartError: no such place, or nothing of that name.
    """
    async with open_core(settings) as core:
        known = core.library().to_confirm
        wanted = fold(name).lower()
        if wanted not in known:
            raise StartError(f"không có “{name}” (xem: hotro content todo)")
        file = await _need(core, scope, id_)
        tree = _read(file.text)
        day = on or local_date(core.clock.now())
        tree.setdefault("confirmed", {})[wanted] = {"on": day.isoformat(), "by": by}
        number = await _keep(core, scope, id_, _write(tree), by, file.number)
    return (
        f"Đã ghi: {known[wanted].what} ({by}, {day:%d/%m/%Y}). {NAMES[scope]} {id_}, bản {number}."
    )
