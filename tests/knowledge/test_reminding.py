"""Rules of reminders and words of imports: read, checked with their lines, overruled by a commune;
and what the law says of a dossier's dates."""

from __future__ import annotations

from datetime import date, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.check import check
from bot.knowledge.loader import build
from bot.knowledge.reminding import deadline, months_after, validity
from bot.reminders.rules import KINDS
from bot.segments import count
from tests.conftest import ROOT
from tests.factories import HOME, library
from tests.knowledge import mini

RULES = (ROOT / "faq" / "reminders.yaml").read_text(encoding="utf-8")
WORDS = "columns: {code: [mã], state: [tt]}\nstates: {ready: [xong]}\n"
TODAY = date(2026, 11, 22)


def rules_of_mini() -> str:
    """The shipped rules, over the small content."""
    return RULES.replace("facts: {tinh_trang_hon_nhan: validity}", "facts: {thu: days}")


def phrases() -> str:
    """The small phrases, with those that reminders say."""
    said = "".join(f"hs_{kind}: {{long: Nhắc., short: Nhac.}}\n" for kind in KINDS)
    said += "".join(f"viec_{kind}: {{long: việc, short: viec}}\n" for kind in KINDS)
    return mini.PHRASES + said + "hs_place: {long: ở xã, short: o xa}\n"


def faults(tmp_path: Path, **files: str) -> list[str]:
    texts = mini.texts(
        phrases=files.pop("phrases", phrases()),
        procedure=files.pop("procedure", PROCEDURE),
        commune=files.pop("commune", mini.COMMUNE),
    )
    texts |= {"reminders.yaml": files.pop("reminders", rules_of_mini())}
    texts |= {"dossier_import.yaml": files.pop("words", WORDS)}
    return [str(fault) for fault in check(mini.write(tmp_path, texts)).faults]


PROCEDURE = mini.PROCEDURE.replace("    value: 60\n", "    value: 60\n    unit: ngày\n")


def test_the_shipped_rules_fit_the_small_content(tmp_path: Path) -> None:
    assert faults(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "at", "why"),
    [
        ("offsets: [-3, -1]", "offsets: []", "offsets: []", "không được để trống"),
        ("states: [ready]", "states: []", "states: []", "không được để trống"),
        ("states: [ready]", "states: [xong]", "states: [xong]", "phải là một trong"),
        ("{thu: days}", "{thuu: days}", "{thuu", "không có thủ tục “thuu”"),
        ("{thu: days}", "{thu: late2}", "{thu:", "không có dữ kiện “late2”"),
        ("{thu: days}", "{thu: late}", "{thu:", "phải có value là số"),
        ('hour: "08:30"', 'hour: "25:30"', "25:30", "phải là giờ"),
        ("late: morning", "late: toi", "late: toi", "phải là một trong"),
        ("useful_days: 14", "useful_day: 14", "useful_day:", "không có trong mẫu"),
    ],
)
def test_a_fault_of_the_rules_has_its_line(
    tmp_path: Path, old: str, new: str, at: str, why: str
) -> None:
    text = rules_of_mini().replace(old, new, 1)
    line = next(n for n, one in enumerate(text.splitlines(), 1) if at in one)
    found = faults(tmp_path, reminders=text)
    assert any(one.startswith(f"faq/reminders.yaml:{line}:") and why in one for one in found), found


@pytest.mark.parametrize(
    ("words", "line", "why"),
    [
        ("states: {ready: [xong], returned: [XONG]}\n", 1, "đã có ở “ready”"),
        ("states:\n  ready: [xong]\n  xong: [x]\n", 3, "phải là một trong"),
        ("columns: {code: [mã], state: [ma]}\n", 1, "đã có ở “code”"),
        ("procedures:\n  khong_co: [gì đó]\n", 2, "không có thủ tục"),
        ('"yes": [có]\n"no": [CO]\n', 2, "đã có ở “yes”"),
    ],
)
def test_a_fault_of_the_words_has_its_line(tmp_path: Path, words: str, line: int, why: str) -> None:
    found = faults(tmp_path, words=words)
    assert any(
        one.startswith(f"faq/dossier_import.yaml:{line}:") and why in one for one in found
    ), found


def test_a_reminder_that_is_more_than_one_sms_is_a_fault(tmp_path: Path) -> None:
    long = "Nhac {code} " + "dai " * 40
    said = phrases().replace("hs_giay: {long: Nhắc., short: Nhac.}",
                             f"hs_giay: {{long: Nhắc., short: {long!r}}}")  # fmt: skip
    (found,) = faults(tmp_path, phrases=said)
    assert "faq/phrases.yaml" in found
    assert "quá một tin SMS" in found


def test_a_sentence_that_is_missing_is_told(tmp_path: Path) -> None:
    found = faults(tmp_path, phrases=mini.PHRASES)
    assert any("thiếu câu hs_hen" in one for one in found)


def test_a_commune_overrules_days_and_hour_and_adds_words(tmp_path: Path) -> None:
    commune = mini.COMMUNE + (
        'reminders:\n  hen: {offsets: [-2], hour: "18:00"}\n'
        "dossier_import:\n  states: {returned: [xong]}\n"
    )
    assert faults(tmp_path, commune=commune) == []
    texts = mini.texts(phrases=phrases(), procedure=PROCEDURE, commune=commune)
    texts |= {"reminders.yaml": rules_of_mini(), "dossier_import.yaml": WORDS}
    everywhere, here = (build(texts).on(mini.DAY, place) for place in (None, mini.PLACE))
    assert everywhere.reminders is not None
    assert here.reminders is not None
    assert everywhere.reminders.hen.offsets == (-3, -1)
    assert (here.reminders.hen.offsets, here.reminders.hen.hour) == ((-2,), time(18, 0))
    assert here.reminders.giay == everywhere.reminders.giay
    assert here.dossier_words.states["returned"] == ("xong",)
    assert here.dossier_words.states["ready"] == ()


@pytest.mark.parametrize(
    "said", ["reminders: {hen: {offsets: []}}", "reminders: {hop: {offsets: [1]}}",
             "reminders: {hen: {states: [ready]}}"],
)  # fmt: skip
def test_a_commune_cannot_overrule_anything_else(tmp_path: Path, said: str) -> None:
    found = faults(tmp_path, commune=f"{mini.COMMUNE}{said}\n")
    assert any("faq/communes/xa-thu.yaml" in one for one in found)


def test_the_shipped_content_has_rules_words_and_sentences() -> None:
    here = library().on(TODAY, HOME)
    assert here.reminders is not None
    assert here.reminders.hen.offsets == (-3, -1)
    assert here.reminders.ket_qua.offsets == (0, 7)
    assert here.reminders.giay.offsets == (0, 5)
    assert here.reminders.het_han.offsets == (-30, -7)
    assert here.dossier_words.columns["code"]


def test_no_number_of_the_law_stands_in_the_rules() -> None:
    """They are facts of procedures; a second copy would not be changed with the law."""
    facts = library().on(TODAY, HOME)
    numbers = {
        str(facts.fact("khai_sinh", "birth_deadline").value),
        str(facts.fact("khai_tu", "deadline").value),
    }
    lines = (line.partition("#")[0] for line in RULES.splitlines())
    said = {word.strip("[],") for line in lines for word in line.split()}
    assert not numbers & said


def test_a_deadline_is_counted_from_the_birth_or_death() -> None:
    here = library().on(TODAY, HOME)
    for procedure, name in (("khai_sinh", "birth_deadline"), ("khai_tu", "deadline")):
        found = deadline(here, procedure, TODAY)
        assert found is not None
        assert (found.last_day - TODAY).days == here.fact(procedure, name).value
        assert all(offset < 0 for offset in found.offsets)
    assert deadline(here, "ket_hon", TODAY) is None
    assert deadline(here, "khai_sinh", None) is None
    assert deadline(here, None, TODAY) is None


def test_how_long_a_paper_holds_is_counted_in_months() -> None:
    here = library().on(TODAY, HOME)
    months = here.fact("tinh_trang_hon_nhan", "validity").value
    assert isinstance(months, int)
    assert validity(here, "tinh_trang_hon_nhan", TODAY) == months_after(TODAY, months)
    assert validity(here, "khai_sinh", TODAY) is None
    assert validity(here, None, TODAY) is None


@given(st.dates(date(1950, 1, 1), date(2090, 1, 1)), st.integers(1, 36))
def test_months_later_is_the_same_day_or_the_last_of_the_month(day: date, months: int) -> None:
    later = months_after(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later.day < day.day and (later.day >= 28))


def test_every_shipped_reminder_is_one_sms_with_the_way_to_stop() -> None:
    from datetime import UTC, datetime

    from bot.reminders.wording import Subject, said

    here = library().on(TODAY, HOME)
    assert here.here is not None
    at = datetime(2026, 12, 28, 3, 30, tzinfo=UTC)
    for procedure in (None, *here.procedures):
        for code in ("H56-1", "000.00.12.H56-261122-00012", "X" * 60):
            for kind in ("hen", "han", "giay", "ket_qua", "het_han"):
                words = said(kind, Subject(code, procedure, at.date(), at), here, here.here)
                assert count(words.sms).parts == 1, (kind, words.sms)
                assert words.sms.endswith("HUY")
                assert "UBND" in words.sms
                assert code in words.chat
