"""``hotro content``: check, compare two days, what is to be confirmed, how it reads, schemas."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

import click

from bot.clock import local_date
from bot.core import Core, StartError, open_core
from bot.knowledge import reading
from bot.knowledge.check import Counts
from bot.knowledge.check import check as check_content
from bot.knowledge.diff import Change, changes
from bot.knowledge.library import Library
from bot.knowledge.loader import parse, read_texts
from bot.knowledge.model import Commune, Dated, usable
from bot.knowledge.schema import schemas
from bot.settings import Settings

WORST = 10
SOON = timedelta(days=60)


def check(faq_dir: Path) -> bool:
    """Print every fault with file, line and reason, then the counts; True when sound."""
    report = check_content(faq_dir)
    for fault in report.faults:
        click.echo(str(fault), err=True)
    for name, count in report.counts.items():
        click.echo(f"{name}: {count}")
    click.echo(_table(report.procedures))
    if report.faults:
        click.echo(f"Có {len(report.faults)} lỗi cần sửa.", err=True)
    return not report.faults


def _table(counted: tuple[Counts, ...]) -> str:
    heads = ("thủ tục", "dạng", "dữ kiện", "giấy tờ", "chờ xác nhận", "trường hợp", "SMS dài nhất")
    rows = [
        (c.procedure, c.variants, c.facts, c.papers, c.to_confirm, c.paths, c.longest_sms)
        for c in counted
    ]
    widths = [max(len(str(row[n])) for row in (heads, *rows)) for n in range(len(heads))]
    return "\n".join(
        "  ".join(
            str(value).ljust(width) if n == 0 else str(value).rjust(width)
            for n, (value, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in (heads, *rows)
    )


def _commune(core: Core, wanted: str | None) -> Commune:
    communes = core.library().communes
    name = wanted or next(iter(communes), "")
    if name not in communes:
        raise StartError(f"không có xã {name}; các xã đang có: {', '.join(communes)}")
    return communes[name]


async def diff(settings: Settings, first: date, second: date, commune: str | None) -> str:
    """What citizens of a commune are told otherwise on the second day.

    Raises:
        StartError: there is no such commune.
    """
    async with open_core(settings) as core:
        library = core.library()
        found = list(changes(library, _commune(core, commune), first, second))
    lines = [f"Từ {first:%d/%m/%Y} đến {second:%d/%m/%Y}: {len(found)} chỗ khác."]
    for procedure, group in groupby(found, key=lambda change: change.procedure):
        lines += ["", f"== {library.procedures[procedure].name}", *_changed(list(group))]
    return "\n".join(lines)


def _changed(group: list[Change]) -> Iterator[str]:
    """What is said otherwise line by line; what is not said any more by its names only."""
    for change in group:
        if change.before is None or change.after is None:
            continue
        gone, come = change.lines()
        yield f"{change.about}"
        yield from (f"  - {line}" for line in gone)
        yield from (f"  + {line}" for line in come)
    ended = [change.about for change in group if change.after is None]
    begun = [change.about for change in group if change.before is None]
    if ended:
        yield f"Không trả lời nữa, chuyển cán bộ: {'; '.join(ended)}"
    if begun:
        yield f"Bắt đầu trả lời (trước đó chuyển cán bộ): {'; '.join(begun)}"


async def todo(settings: Settings, commune: str | None) -> str:
    """What an officer of the commune has yet to confirm, and what must be checked soon.

    Raises:
        StartError: there is no such commune.
    """
    async with open_core(settings) as core:
        where = _commune(core, commune)
        library = core.library()
        today = local_date(core.clock.now())
    done = {key: who for layer in library.layers(where) for key, who in layer.confirmed.items()}
    lines = [f"Điều cần xác nhận cho {where.name}:"]
    for key, item in library.to_confirm.items():
        if key in done:
            lines.append(f"  [x] {key}: {item.what} ({done[key].by}, {done[key].on:%d/%m/%Y})")
            continue
        lines.append(f"  [ ] {key}: {item.what}. Hỏi: {item.who}.")
        here = library.dated(where)
        waiting = sorted({f"{owner}.{i}" for owner, i, one in here if one.confirm == key})
        if waiting:
            lines.append(f"        đang chờ: {', '.join(waiting)}")
    lines += ["", f"Sẽ thôi được trả lời trong {SOON.days} ngày tới:"]
    lines += list(ending(library, today, where)) or ["  không có"]
    return "\n".join(lines)


def ending(library: Library, today: date, commune: Commune | None = None) -> Iterator[str]:
    """A line for each item that ends, or must be checked again, soon or since lately, and that
    no other version follows."""
    items: dict[tuple[str, str], list[Dated]] = {}
    for owner, name, item in library.dated(commune):
        items.setdefault((owner, name), []).append(item)
    for (owner, name), versions in items.items():
        for item in versions:
            ends = [(item.good_until, "phải kiểm tra lại")]
            if item.holds_to is not None:
                ends.append((item.holds_to, "hết hiệu lực"))
            day, why = min(ends)
            near = today - SOON <= day <= today + SOON
            if near and usable(versions, day + timedelta(days=1)) is None:
                yield f"  {day:%d/%m/%Y}  {owner}.{name}: {why}"


def read_aloud(faq_dir: Path, count: int = WORST) -> str:
    """How long sentences are, and the longest of them."""
    documents = parse(read_texts(faq_dir)[0]).documents
    files = [
        document
        for name, document in documents.items()
        if name.startswith("procedures/") or name in {"common.yaml", "phrases.yaml"}
    ]
    found = reading.read_aloud(files)
    if not found:
        return "Chưa có câu nào."
    sizes = sorted(one.syllables for one in found)
    easy = sum(size <= reading.COMFORTABLE for size in sizes)
    lines = [
        f"{len(sizes)} câu; trung bình {sum(sizes) / len(sizes):.1f} tiếng, "
        f"giữa {sizes[len(sizes) // 2]}, dài nhất {sizes[-1]}; "
        f"{easy / len(sizes):.0%} không quá {reading.COMFORTABLE} tiếng."
    ]
    lines += [f"{one.syllables:3}  {one.file}:{one.line}: {one.text}" for one in found[:count]]
    return "\n".join(lines)


def write_schemas(faq_dir: Path) -> str:
    """Write the JSON Schemas beside the files that they describe."""
    folder = faq_dir / "schema"
    folder.mkdir(exist_ok=True)
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")
    return f"Đã ghi {len(schemas())} tệp vào {folder}."
