"""The page after a finished checklist: this case's papers, code, fee, time, place and day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache

import pytest

from actions.checklist import GIST
from actions.phrasing import day
from actions.registry import perform
from bot.delivery.compose import sms_pages
from bot.dialogue import payloads
from bot.dialogue.acts import ShowResult, ShowTicks
from bot.dialogue.outcome import Done, Env, OpenHandOver
from bot.knowledge.checklist import LAPSED, Outcome, answer_of, outcome, paths
from bot.knowledge.model import Holidays, SpecialDay
from bot.knowledge.render import render_fact, render_hours
from bot.messages import CHANNELS, Reply
from bot.segments import count
from tests.actions.here import PLACE, TUESDAY, at, here, library, weekday_after
from tests.knowledge.conftest import FAQ

PROCEDURES = sorted(path.stem for path in (FAQ / "procedures").glob("*.yaml"))
RESIDENCE = ("thuong_tru", "tam_tru", "xac_nhan_cu_tru", "can_cuoc", "vneid")
Answers = dict[str, str]


@cache
def cases(procedure_id: str) -> tuple[tuple[Answers, Outcome], ...]:
    """Every case of a procedure that ends without the officer, under Tuesday's law."""
    knowledge = here().knowledge
    procedure = knowledge.procedure(procedure_id)
    found = ((way, outcome(procedure, knowledge, way)) for way in paths(procedure.checklist))
    return tuple((way, end) for way, end in found if end.handover is None)


def with_papers(procedure_id: str) -> Iterator[tuple[Answers, Outcome]]:
    """The first case with papers of each variant."""
    seen: set[str] = set()
    for way, end in cases(procedure_id):
        if end.papers and end.variant.id not in seen:
            seen.add(end.variant.id)
            yield way, end


def page(procedure_id: str, way: Answers, env: Env | None = None) -> Reply:
    (reply,) = performed(procedure_id, way, env).replies
    return reply


def performed(procedure_id: str, way: Answers, env: Env | None = None) -> Done:
    return perform(ShowResult(procedure_id, tuple(way.items())), env or here())


def case_of(procedure_id: str, variant: str) -> Answers:
    return next(way for way, end in with_papers(procedure_id) if end.variant.id == variant)


# --- of every variant -------------------------------------------------------------------


@pytest.mark.parametrize("name", PROCEDURES)
def test_papers_are_numbered_in_order_and_ticked_by_their_number(name: str) -> None:
    for way, end in with_papers(name):
        reply = page(name, way)
        for number, used in enumerate(end.papers, 1):
            assert f"\n{number}. {used.paper.name}" in reply.long
        assert reply.numbered == tuple(
            payloads.tap(payloads.TICK, used.use.paper) for used in end.papers
        )


@pytest.mark.parametrize("name", PROCEDURES)
def test_the_code_is_the_one_of_the_variant_that_the_case_comes_to(name: str) -> None:
    codes = {variant.code for variant in here().knowledge.procedure(name).variants}
    for way, end in with_papers(name):
        text = page(name, way).long
        shown = {code for code in codes if code is not None and f"Mã thủ tục {code}" in text}
        assert shown == ({end.variant.code} if end.variant.code else set()), way


def said(env: Env, name: str, fact_ids: Iterable[str | None]) -> list[str]:
    """The sentences of facts that may be told."""
    known = [env.knowledge.find_fact(name, fact) for fact in fact_ids if fact is not None]
    return [render_fact(fact, env.knowledge, env.commune, short=False) for fact in known if fact]


@pytest.mark.parametrize("name", PROCEDURES)
def test_fee_time_and_result_are_those_of_the_case(name: str) -> None:
    env = here()
    procedure = env.knowledge.procedure(name)
    for way, end in with_papers(name):
        text = page(name, way).long
        fee = answer_of(procedure, "le_phi", way)
        duration = answer_of(procedure, "thoi_gian", way)
        assert fee is not None
        assert duration is not None
        # What stands among the notes of the case is not said a second time.
        told = text.partition("\n\n")[0].split("\n")
        fees = [line for line in said(env, name, fee.facts) if line not in told]
        assert not fees or f"Lệ phí: {' '.join(fees[:GIST])}" in text, way
        # What the law gives the office for this case is the first that is told of the time.
        times = said(env, name, [end.variant.takes, *duration.facts])
        times = [line for line in dict.fromkeys(times) if line not in told]
        assert not times or f"Thời gian: {' '.join(times[:GIST])}" in text, way
        for line in [*fees[:GIST], *times[:GIST]]:
            assert text.count(line) == 1, way
        assert all(line in text for line in said(env, name, [end.variant.result])), way


@pytest.mark.parametrize("name", PROCEDURES)
def test_the_place_is_the_desk_that_receives_the_case(name: str) -> None:
    commune = library().commune(PLACE)
    procedure = here().knowledge.procedure(name)
    for way, end in with_papers(name):
        desk = commune.desk(end.variant.desk or procedure.desk)
        text = page(name, way).long
        assert f"Nơi nộp: {desk.name}, {desk.address}." in text, way
        assert f"Giờ làm việc: {render_hours(desk, short=False)}." in text
        assert f"Điện thoại: {desk.phone}." in text
        short = page(name, way, here(channel="sms")).short
        assert f"Nộp: {desk.short}" in short, way


@pytest.mark.parametrize("name", PROCEDURES)
def test_a_day_for_the_result_is_told_where_the_law_fixes_one(name: str) -> None:
    env = here()
    procedure = env.knowledge.procedure(name)
    for way, end in with_papers(name):
        text = page(name, way).long
        if end.variant.takes is None:
            assert "có kết quả khoảng Thứ" not in text, way
            continue
        takes = env.knowledge.fact(procedure, end.variant.takes).value
        assert isinstance(takes, int)
        ready = weekday_after(TUESDAY, takes)
        assert f"tính nhận ngày {day(TUESDAY)}, có kết quả khoảng {day(ready)}" in text, way


@pytest.mark.parametrize("name", PROCEDURES)
def test_by_sms_every_page_is_plain_and_of_two_parts(name: str) -> None:
    for way, _ in cases(name):
        reply = page(name, way, here(channel="sms"))
        pages = sms_pages(reply.short, reply.choices)
        assert all(one.isascii() and count(one).parts <= 2 for one in pages), way


@pytest.mark.parametrize("name", PROCEDURES)
def test_what_an_officer_has_yet_to_confirm_is_said_gently(name: str) -> None:
    env, gently = here(), "cần cán bộ xác nhận thêm"
    for way, end in with_papers(name):
        told = [
            env.knowledge.find_fact(name, f) for f in (end.variant.takes, end.variant.result) if f
        ]
        waiting = [*end.notes, *(used.paper for used in end.papers), *filter(None, told)]
        if any(item.confirm for item in waiting):
            assert gently in page(name, way).long, way


# --- single cases -----------------------------------------------------------------------


def test_an_adult_who_registers_late_in_life_reads_of_adults_and_not_of_children() -> None:
    child, adult = (page("khai_sinh", case_of("khai_sinh", v)) for v in ("thuong", "nguoi_lon"))
    assert "Mã thủ tục 1.001193" in child.long
    assert "Mã thủ tục 1.004772" in adult.long
    assert "đúng hạn: không mất tiền" in child.long
    assert "đúng hạn: không mất tiền" not in adult.long


def test_residence_and_cards_are_done_at_the_police() -> None:
    for name in RESIDENCE:
        way, _ = next((w, e) for w, e in with_papers(name) if e.variant.desk is None)
        text = page(name, way).long
        assert "Nơi nộp: Công an xã Hoa Mai" in text, name
        assert "0200 000 0113" in text, name


def test_what_the_centre_does_for_residence_is_done_at_the_centre() -> None:
    text = page("thuong_tru", case_of("thuong_tru", "dien_tich")).long
    assert "Nơi nộp: Trung tâm Phục vụ hành chính công xã Hoa Mai" in text
    assert "Nơi nộp: Công an" not in text


def takes(name: str, variant: str) -> int:
    knowledge = here().knowledge
    known = knowledge.procedure(name)
    fact = next(one.takes for one in known.variants if one.id == variant)
    value = knowledge.fact(known, fact or "").value
    assert isinstance(value, int)
    assert value > 0
    return value


@pytest.mark.parametrize(
    ("today", "hour", "received", "off"),
    [
        (TUESDAY, 14, TUESDAY, ()),
        (TUESDAY, 15, date(2026, 11, 25), ()),
        (TUESDAY, 6, TUESDAY, ()),
        (date(2026, 11, 27), 16, date(2026, 11, 30), ()),
        (date(2026, 11, 28), 8, date(2026, 11, 30), ()),
        (date(2026, 12, 30), 9, date(2026, 12, 30), (date(2027, 1, 1),)),
        (date(2026, 12, 31), 20, date(2027, 1, 4), ()),
    ],
    ids=["Tuesday", "after 15h", "at dawn", "Friday late", "Saturday", "over New Year", "on leave"],
)
def test_the_day_of_the_result_counts_working_days_from_the_day_of_receipt(
    today: date, hour: int, received: date, off: tuple[date, ...]
) -> None:
    name, variant = "thuong_tru", "thuong"
    ready = weekday_after(received, takes(name, variant), off)
    text = page(name, case_of(name, variant), here(at(today, hour))).long
    assert f"tính nhận ngày {day(received)}, có kết quả khoảng {day(ready)}" in text


def test_days_off_of_the_commune_move_the_day_of_the_result() -> None:
    name, variant = "thuong_tru", "thuong"
    off = date(2026, 11, 26)
    env = here(holidays=Holidays(days_off=(SpecialDay(day=off, why="nghỉ hoán đổi"),)))
    ready = weekday_after(TUESDAY, takes(name, variant), (off,))
    assert f"khoảng {day(ready)}" in page(name, case_of(name, variant), env).long


def test_what_is_done_at_once_is_ready_on_the_day_of_receipt() -> None:
    way = case_of("khai_tu", "thuong")
    known = here().knowledge.procedure("khai_tu")
    assert known.variants[0].takes is not None
    assert here().knowledge.fact(known, known.variants[0].takes).value == 0
    for hour, ready in ((9, TUESDAY), (16, date(2026, 11, 25))):
        text = page("khai_tu", way, here(at(TUESDAY, hour))).long
        assert f"tính nhận ngày {day(ready)}, có kết quả khoảng {day(ready)}" in text


# --- cases without papers ---------------------------------------------------------------


def test_a_case_without_papers_offers_nothing_to_tick_off() -> None:
    found = 0
    for name in PROCEDURES:
        for way, end in cases(name):
            if end.papers:
                continue
            found += 1
            for channel in CHANNELS:
                reply = page(name, way, here(channel=channel))
                verbs = [choice.payload for choice in reply.choices]
                assert payloads.tap(payloads.TICK_ALL) not in verbs, way
                assert payloads.tap(payloads.PERSON) in verbs, way
                assert reply.numbered == (), way
                assert "đủ rồi" not in reply.long, way
                assert "đánh dấu" not in reply.long, way
                assert "nhắn DU" not in reply.short, way
            assert end.notes, way  # there is a word on why, or what to do instead
    assert found > 0


def test_whoever_types_that_all_is_there_where_nothing_is_needed_is_not_sent_to_the_office() -> (
    None
):
    """ "đủ rồi" can be typed after any finished checklist."""
    name = "dich_vu_cong"
    way = next(way for way, end in cases(name) if not end.papers)
    (reply,) = perform(ShowTicks(name, tuple(way.items()), ()), here()).replies
    assert "đủ giấy" not in reply.long.lower()


def test_a_case_with_papers_can_be_ticked_off_at_once() -> None:
    reply = page("khai_sinh", case_of("khai_sinh", "thuong"))
    assert reply.choices[0].payload == payloads.tap(payloads.TICK_ALL)
    assert reply.choices[0].label == "Tôi có đủ rồi"
    sms = page("khai_sinh", case_of("khai_sinh", "thuong"), here(channel="sms"))
    assert "nhắn DU" in sms.short


# --- what lapsed meanwhile --------------------------------------------------------------

AFTER_THE_LAW = date(2027, 3, 2)


def test_a_case_whose_papers_have_lapsed_goes_to_the_officer() -> None:
    done = performed("khai_sinh", case_of("khai_sinh", "thuong"), here(at(AFTER_THE_LAW)))
    (effect,) = done.effects
    assert isinstance(effect, OpenHandOver)
    assert effect.reason.startswith(LAPSED)


def test_papers_that_lapsed_since_they_were_shown_are_never_said_to_be_all_there() -> None:
    """Shown in February, ticked off in March under another law."""
    case = tuple(case_of("khai_sinh", "thuong").items())
    for have in ((), ("form",)):
        done = perform(ShowTicks("khai_sinh", case, have), here(at(AFTER_THE_LAW)))
        assert "đủ giấy" not in done.replies[0].long.lower()
        assert done.effects
