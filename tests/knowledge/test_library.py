"""What may be told on which day in which commune: versions, lapses, layers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge import placeholders
from bot.knowledge.checklist import LAPSED, outcome
from bot.knowledge.errors import ContentError, UnknownContent
from bot.knowledge.library import Knowledge, Library
from bot.knowledge.model import COMMON, Answer, Common, Dated, Fact, Procedure, usable
from bot.knowledge.render import lapsed, render_answer, render_facts
from tests.knowledge import small
from tests.knowledge.conftest import TODAY
from tests.knowledge.small import NEW, OLD, TURN, fact, facts, known, told

DAY = timedelta(days=1)
SPENT = date(2025, 7, 1)
"""The first day without the waiver."""
UNCHECKED = small.GOOD_UNTIL + DAY
"""The first day on which the check is too old."""


# --- versions by day --------------------------------------------------------------------


def test_each_day_has_the_version_that_is_law_then() -> None:
    library = small.library()
    for day, value in ((OLD, 5000), (TURN - DAY, 5000), (TURN, 8000), (NEW, 8000)):
        assert library.on(day).fact(None, "fee").value == value
        assert [fact.value for fact in library.on(day).common.facts["fee"]] == [value]


@pytest.mark.parametrize(("day", "fee", "days"), [(OLD, "5.000", "60"), (NEW, "8.000", "30")])
def test_numbers_of_other_facts_stand_as_they_are_that_day(day: date, fee: str, days: str) -> None:
    knowledge = known(day)
    procedure = knowledge.procedure("viec")
    assert told(knowledge, "total", "viec") == f"Cả thảy {fee} đồng."
    assert knowledge.paper("viec", "form").name == f"Tờ khai {fee}"
    (question,) = procedure.checklist.questions
    assert question.ask == f"Quá {days} ngày chưa?"
    assert question.options[0].told[0]["born"].over == f"{days} ngày"
    assert procedure.deadlines[0].label == f"hạn {days} ngày"


def test_a_fact_keeps_the_places_that_are_filled_when_rendered() -> None:
    assert told(known(NEW), "days", "viec") == "Hạn {value} ngày."


def test_days_between_which_nothing_changes_share_one_view() -> None:
    library = small.library()
    assert library.on(NEW) is library.on(NEW + DAY)
    assert library.on(NEW) is not library.on(OLD)
    assert library.turning_days() == sorted(set(library.turning_days()))


def test_an_end_that_never_comes_is_an_end() -> None:
    endless = {"sources.yaml": small.SOURCES.replace("2025-06-30", "9999-12-31")}
    assert told(small.library(endless).on(NEW), "waiver") == "Đang được miễn."


def test_a_check_that_is_good_for_ever_is_good() -> None:
    always = {"common.yaml": small.COMMON.replace("recheck_days: 1000", "recheck_days: 9999999")}
    try:
        library = small.library(always)
    except ContentError:
        return  # to refuse so many days is as well
    assert told(library.on(NEW), "waiver") == "Đang được miễn."


# --- what lapses ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "procedure", "item", "why"),
    [
        (OLD, "viec", "soon", "chưa có hiệu lực trước 01/01/2025"),
        (SPENT, COMMON, "waiver", "hết hiệu lực sau 30/06/2025"),
        (UNCHECKED, COMMON, "fee", "chưa ai kiểm tra lại từ 01/05/2024"),
        (UNCHECKED, "viec", "form", "chưa ai kiểm tra lại từ 01/05/2024"),
    ],
)
def test_what_may_not_be_told_is_missing_with_a_reason_for_the_officer(
    day: date, procedure: str, item: str, why: str
) -> None:
    knowledge = known(day)
    missing = knowledge.why_missing(procedure, item)
    assert missing is not None
    assert missing.why == why
    assert missing.optional is (item == "waiver")
    where = None if procedure == COMMON else procedure
    assert knowledge.find_fact(where, item) is None
    assert knowledge.find_paper(where, item) is None


def test_what_may_not_be_told_cannot_be_asked_for_by_name() -> None:
    with pytest.raises(UnknownContent, match="soon"):
        known(OLD).fact("viec", "soon")
    with pytest.raises(UnknownContent, match="form"):
        known(UNCHECKED).paper("viec", "form")


def test_the_last_day_of_law_and_of_the_check_still_count() -> None:
    library = small.library()
    assert told(library.on(SPENT - DAY), "waiver") == "Đang được miễn."
    assert told(library.on(small.GOOD_UNTIL), "place") == "Nộp tại quầy."


def test_a_text_that_names_a_number_which_is_law_no_more_is_missing_too() -> None:
    knowledge = small.library({"common.yaml": _only_old("fee")}).on(NEW)
    assert told(knowledge, "total", "viec") is None
    missing = knowledge.why_missing("viec", "total")
    assert missing is not None
    assert "con số" in missing.why
    assert knowledge.find_paper("viec", "form") is None


def test_an_answer_goes_without_its_optional_facts_but_not_without_any() -> None:
    library = small.library()
    place = library.commune("xa-a")
    for day, long in (
        (NEW, "Phí nay 8.000 đồng.\nĐang được miễn."),
        (SPENT, "Phí nay 8.000 đồng."),
    ):
        knowledge = library.on(day, "xa-a")
        found = render_answer(knowledge, knowledge.procedure("viec"), "le_phi", place)
        assert found is not None
        assert found.long == long
    spent = library.on(SPENT, "xa-a")
    assert render_answer(spent, spent.procedure("viec"), "loi", place) is None


def test_an_answer_without_a_fact_that_it_needs_is_none_and_names_it() -> None:
    library = small.library()
    knowledge = library.on(OLD, "xa-a")
    procedure = knowledge.procedure("viec")
    answer = procedure.answers["cach_lam"]
    assert lapsed(knowledge, procedure, answer) == ["soon"]
    assert render_facts(knowledge, procedure, answer, library.commune("xa-a")) is None
    both = Answer(facts=("soon", "waiver"), short=("soon",))
    assert lapsed(library.on(SPENT), procedure, both) == []


def _only_old(name: str) -> str:
    """The shared content without the second version of a fact."""
    lines = small.COMMON.splitlines(keepends=True)
    at = lines.index(f"  {name}:\n")
    return "".join(lines[: at + 2] + lines[at + 3 :])


# --- a question that names a lapsed number ----------------------------------------------


def test_a_question_with_a_lapsed_number_is_not_put_and_the_officer_answers() -> None:
    days = (
        '    - {long: "Hạn {value} ngày.", short: "Han {value} ngay.", value: 30, sources: [MOI]}'
    )
    ended = small.PROCEDURE.replace(f"{days}\n", "")
    assert ended != small.PROCEDURE
    library = small.library({"procedures/viec.yaml": ended})
    assert library.on(OLD).unfilled == frozenset()
    knowledge = library.on(NEW)
    assert knowledge.unfilled == {"viec"}
    for answers in ({}, {"muon": "roi"}, {"muon": "chua"}):
        found = outcome(knowledge.procedure("viec"), knowledge, answers)
        assert found.papers == ()
        assert found.handover is not None
        assert found.handover.reason.startswith(LAPSED)
    other = outcome(knowledge.procedure("khac"), knowledge, {"muon": "chua"})
    assert other.handover is None
    assert [used.paper.short for used in other.papers] == ["to khai", "the"]


def test_a_paper_that_may_not_be_told_hands_the_case_over_with_its_name_and_why() -> None:
    knowledge = small.library({"procedures/khac.yaml": _form_until("CU")}).on(NEW)
    found = outcome(knowledge.procedure("khac"), knowledge, {"muon": "chua"})
    assert found.papers == ()
    assert found.handover is not None
    assert "(form: hết hiệu lực sau 31/12/2024)" in found.handover.reason


def _form_until(source: str) -> str:
    return small.PLAIN.replace("where: Tại quầy., sources: [MAI]", f"where: x, sources: [{source}]")


# --- layers -----------------------------------------------------------------------------

PROVINCIAL = facts(common={"fee": fact("Tỉnh: {value}.", value=1000)})
COMMUNAL = facts(common={"fee": fact("Xã: {value}.", value=2000)})


def test_a_commune_is_stronger_than_its_province_and_that_than_the_nation() -> None:
    library = small.library(tinh_mot=PROVINCIAL, xa_b=COMMUNAL)
    assert told(library.on(NEW), "fee") == "Phí nay {value} đồng."
    assert told(library.on(NEW, "xa-a"), "fee") == "Tỉnh: {value}."
    assert told(library.on(NEW, "xa-b"), "fee") == "Xã: {value}."
    assert told(library.on(NEW, "xa-le"), "fee") == "Phí nay {value} đồng."
    assert [layer.facts != {} for layer in library.layers(library.commune("xa-b"))] == [True, True]


def test_numbers_in_other_texts_are_those_of_the_layer() -> None:
    library = small.library(
        tinh_mot=PROVINCIAL, xa_b=facts(viec={"days": fact("Hạn {value}.", value=7)})
    )
    assert told(library.on(NEW, "xa-a"), "total", "viec") == "Cả thảy 1.000 đồng."
    assert library.on(NEW, "xa-a").paper("viec", "form").name == "Tờ khai 1.000"
    there = library.on(NEW, "xa-b").procedure("viec")
    assert there.checklist.questions[0].ask == "Quá 7 ngày chưa?"
    assert there.deadlines[0].label == "hạn 7 ngày"
    assert told(library.on(NEW), "total", "viec") == "Cả thảy 8.000 đồng."


def test_a_shared_fact_can_be_replaced_for_one_procedure_only() -> None:
    knowledge = known(
        NEW, "xa-a", tinh_mot=facts(viec={"fee": fact("Riêng: {value}.", value=3000)})
    )
    assert told(knowledge, "fee", "viec") == "Riêng: {value}."
    assert told(knowledge, "total", "viec") == "Cả thảy 3.000 đồng."
    for elsewhere in ("khac", None):
        assert told(knowledge, "fee", elsewhere) == "Phí nay {value} đồng."
    assert told(knowledge, "total", "khac") == "Cả thảy 8.000 đồng."


def test_versions_of_a_layer_follow_each_other_too() -> None:
    both = f"[{fact('Cũ', value=1, source='CU')}, {fact('Mới', value=2, source='MOI')}]"
    library = small.library(xa_a=facts(common={"fee": both}))
    assert told(library.on(OLD, "xa-a"), "fee") == "Cũ"
    assert told(library.on(NEW, "xa-a"), "fee") == "Mới"
    assert library.on(NEW, "xa-a").procedure("viec").checklist.papers


def test_what_replaced_a_fact_for_all_is_not_undone_when_it_ends() -> None:
    """What the province decided anew must be written; the national number would be a guess."""
    knowledge = known(
        NEW, "xa-a", tinh_mot=facts(common={"fee": fact("Tỉnh", value=1, source="CU")})
    )
    assert told(knowledge, "fee") is None
    missing = knowledge.why_missing(COMMON, "fee")
    assert missing is not None
    assert missing.why == "hết hiệu lực sau 31/12/2024"


CONFIRMED = "confirmed:\n  noi_nop: {on: 2024-06-01, by: Chị Mẫu}\n"


def test_what_was_confirmed_somewhere_waits_for_nobody_there_only() -> None:
    library = small.library(xa_a=CONFIRMED)
    for place, waits in (("xa-a", None), ("xa-b", "noi_nop"), (None, "noi_nop")):
        knowledge = library.on(NEW, place)
        assert knowledge.fact(None, "place").confirm == waits
        assert knowledge.paper(None, "card").confirm == waits
    rendered = render_answer(
        library.on(NEW, "xa-b"),
        library.on(NEW, "xa-b").procedure("viec"),
        "noi_nop",
        library.commune("xa-b"),
    )
    assert rendered is not None
    assert rendered.confirm == ["noi_nop"]


def test_what_a_province_confirmed_is_confirmed_in_all_its_communes() -> None:
    library = small.library(tinh_mot=CONFIRMED)
    waits = {c: library.on(NEW, c).fact(None, "place").confirm for c in library.communes}
    assert waits == {"xa-a": None, "xa-b": None, "xa-le": "noi_nop"}


def test_days_off_of_nation_province_and_commune_come_together() -> None:
    off = "holidays: {{days_off: [{{day: {day}, why: Lễ}}]}}\n"
    library = small.library(
        {"holidays.yaml": "work_days: [{day: 2024-05-04, why: Làm bù}]\n"},
        tinh_mot=off.format(day="2025-05-05"),
        xa_a=off.format(day="2025-06-06"),
    )
    own = library.on(NEW, "xa-a").holidays
    assert [one.day.month for one in (*own.work_days, *own.days_off)] == [5, 5, 6]
    assert [one.day.month for one in library.on(NEW, "xa-b").holidays.days_off] == [5]
    assert library.on(NEW).holidays.days_off == ()


def test_a_commune_that_is_not_there_is_unknown() -> None:
    with pytest.raises(UnknownContent, match="nope"):
        small.library().on(NEW, "nope")


def test_a_province_is_called_by_its_name_and_one_without_a_file_as_it_is_written() -> None:
    library = small.library()
    assert library.province_name(library.commune("xa-a")) == "tỉnh Một"
    assert library.province_name(library.commune("xa-le")) == "tỉnh khác"


def test_every_version_of_every_layer_is_counted_and_of_a_commune_those_that_reach_it() -> None:
    library = small.library(tinh_mot=PROVINCIAL, xa_b=facts(viec={"days": fact("x", value=1)}))
    found = [(owner, name) for owner, name, _ in library.dated()]
    assert found.count((COMMON, "fee")) == 2
    layered = {("tinh-mot.common", "fee"), ("xa-b.viec", "days")}
    assert layered <= set(found)
    for place, reaching in (("xa-b", layered), ("xa-a", {("tinh-mot.common", "fee")})):
        there = {(o, name) for o, name, _ in library.dated(library.commune(place))}
        assert there & layered == reaching
    assert layered.isdisjoint((o, n) for o, n, _ in library.dated(library.commune("xa-le")))


@pytest.mark.parametrize(
    "replaced",
    [
        fact("Phí {nope.value} đồng.", value=1),
        fact("Phí đồng."),
        '{long: "Phí {value}.", short: x, value: "vài", sources: [MAI]}',
    ],
    ids=["a number of no fact", "no number", "no whole number"],
)
def test_a_layer_that_would_silence_a_procedure_is_refused(replaced: str) -> None:
    """A question and the deadline count by this fact."""
    with pytest.raises(ContentError, match=r"communes/xa-a\.yaml"):
        small.library(xa_a=facts(viec={"days": replaced}))


def test_a_layer_may_leave_an_owner_empty_without_further_faults() -> None:
    with pytest.raises(ContentError) as caught:
        small.library(xa_a=facts(common={"fee": fact("x", value=1)}) + "  viec:\n")
    assert [fault.reason for fault in caught.value.faults] == ["“viec” phải là một nhóm mục"]


# --- sharing ----------------------------------------------------------------------------


def test_communes_that_say_nothing_of_their_own_share_what_their_province_says() -> None:
    library = small.library(tinh_mot=PROVINCIAL)
    one, other = library.on(NEW, "xa-a"), library.on(NEW, "xa-b")
    assert one.procedures is other.procedures
    assert one.common is other.common
    assert one.here is not other.here
    assert library.on(NEW, "xa-le").procedures is library.on(NEW).procedures
    assert library.on(NEW).procedures is not one.procedures


def test_a_commune_with_own_facts_shares_with_nobody() -> None:
    library = small.library(xa_a=COMMUNAL)
    assert library.on(NEW, "xa-a").procedures is not library.on(NEW, "xa-b").procedures
    assert library.on(NEW, "xa-b").procedures is library.on(NEW).procedures


def test_a_commune_called_like_another_province_shares_nothing_with_it() -> None:
    library = small.library(
        {
            "provinces/tinh-mot.yaml": small.PROVINCE + PROVINCIAL,
            "communes/tinh-mot.yaml": small.commune("tinh-mot", "tỉnh khác") + COMMUNAL,
        }
    )
    assert told(library.on(NEW, "tinh-mot"), "fee") == "Xã: {value}."
    assert told(library.on(NEW, "xa-a"), "fee") == "Tỉnh: {value}."


# --- any content, any day ---------------------------------------------------------------

FIRST = date(2024, 1, 1)
DAYS = st.integers(0, 1500).map(lambda n: FIRST + timedelta(days=n))


@st.composite
def versions(draw: st.DrawFn) -> tuple[Fact, ...]:
    """A fact's versions by time: neither overlapping nor, always, without a gap."""
    days = sorted(draw(st.sets(DAYS, min_size=2, max_size=6)))
    pairs = list(zip(days[::2], days[1::2], strict=False))
    return tuple(
        Fact(
            long=str(number),
            short=str(number),
            value=number,
            sources=("LUAT",),
            holds_from=start,
            holds_to=end if number < len(pairs) - 1 or draw(st.booleans()) else None,
            checked_on=draw(DAYS),
            checked_by="Người thử",
            recheck_days=draw(st.integers(1, 1000)),
            optional=draw(st.booleans()),
        )
        for number, (start, end) in enumerate(pairs)
    )


def library_of(common: dict[str, tuple[Fact, ...]]) -> Library:
    return Library({}, Common(facts=common, papers={}), {}, {}, {}, {})


@given(
    common=st.dictionaries(st.sampled_from("abc"), versions(), min_size=1),
    days=st.lists(DAYS, min_size=1, max_size=20),
)
def test_any_day_tells_exactly_the_versions_usable_then(
    common: dict[str, tuple[Fact, ...]], days: list[date]
) -> None:
    library = library_of(common)  # asked for many days, in any order
    for day in days:
        expected = {n: (found,) for n, v in common.items() if (found := usable(v, day))}
        knowledge = library.on(day)
        assert knowledge.common.facts == expected
        assert {name for _, name in knowledge.missing} == common.keys() - expected.keys()


@given(day=st.dates(date(2024, 1, 1), date(2029, 1, 1)))
def test_on_any_day_the_shipped_content_tells_what_is_usable_and_no_number_that_is_not(
    library: Library, day: date
) -> None:
    for commune_id in (None, *library.communes):
        knowledge = library.on(day, commune_id)
        _same(knowledge, COMMON, library.common, knowledge.common, day)
        for name, procedure in library.procedures.items():
            _same(knowledge, name, procedure, knowledge.procedure(name), day)


def _same(
    knowledge: Knowledge,
    owner: str,
    written: Common | Procedure,
    then: Common | Procedure,
    day: date,
) -> None:
    for name, facts_of in written.facts.items():
        _exactly(knowledge, (owner, name), usable(facts_of, day), then.facts.get(name))
    for name, papers_of in written.papers.items():
        _exactly(knowledge, (owner, name), usable(papers_of, day), then.papers.get(name))


def _exactly(
    knowledge: Knowledge,
    name: tuple[str, str],
    version: Dated | None,
    found: Sequence[Dated] | None,
) -> None:
    if found is None:
        assert version is None or _open(version), name
        assert name in knowledge.missing
        return
    (shown,) = found
    assert version is not None, name
    assert (shown.sources, shown.holds_from) == (version.sources, version.holds_from)
    assert not _open(shown), name


def _open(item: Dated) -> bool:
    """Whether it names the number of another fact."""
    return any(place.endswith(".value") for place in placeholders.find_in(item.model_dump()))


def test_the_shipped_content_tells_all_of_today_but_what_has_ended_or_not_begun(
    library: Library,
) -> None:
    knowledge = library.on(TODAY)
    assert knowledge.unfilled == frozenset()
    for (owner, name), missing in knowledge.missing.items():
        assert missing.why.startswith(("hết hiệu lực", "chưa có hiệu lực")), (owner, name)
