"""An SMS is paid for: every keyword is answered with one part first, whoever asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bot.dialogue.outcome import Known, ToldDossier, ToldReminder
from bot.segments import count
from bot.understanding.keywords import KeywordHit, default_grammar
from tests.dialogue.driver import Talk

MISSING = "giấy chứng sinh, căn cước"
DAYS = (date(2026, 12, 27), date(2026, 12, 29))
LONGEST = "000.00.08.H56.12.34-231120-000123"
FULL = Known(
    dossiers=(
        ToldDossier(LONGEST, "need_papers", date(2026, 11, 20), missing=MISSING),
    ),
    reminders=(
        ToldReminder((1, 2), DAYS, "hen", "tinh_trang_hon_nhan"),
        ToldReminder((3,), (date(2026, 12, 1),), "ket_qua", None, LONGEST),
    ),
)  # fmt: skip
COMMANDS = ["HS", f"HS {LONGEST}", "NHAC", f"NHAC {LONGEST}", "HUY", "HUY 1", "HUY 9", "DK",
            "DK thôn Bến", "DK thôn Nào Đó", "MA 123456", "MA", "XOA", "DL", "TG", "GIO", "GAP",
            "TIEP", "DUNG", "VIEC KHAC"]  # fmt: skip
WHOLE = sorted(set(COMMANDS) - {"TG", "GIO", "NHAC", "DL"})
"""What says all that it has to say in that one part."""


def meanings() -> dict[str, KeywordHit]:
    """One message for each meaning that a keyword can have."""
    found: dict[KeywordHit, str] = {}
    for text, hit in default_grammar().hits.items():
        found.setdefault(hit, text)
    return {text: hit for hit, text in found.items()}


@pytest.fixture(params=["known", "stranger", "first contact"])
def talk(request: pytest.FixtureRequest) -> Talk:
    made = Talk("sms", known=FULL if request.param == "known" else Known())
    greeted = request.param != "first contact"
    made.state = made.state.model_copy(update={"greeted": greeted})
    return made


@pytest.mark.parametrize("keyword", [*meanings(), *COMMANDS])
def test_the_first_answer_to_a_keyword_is_one_part(keyword: str, talk: Talk) -> None:
    text = talk.say(keyword)
    assert text.strip()
    assert count(text).parts == 1
    assert count(text).encoding == "GSM-7"
    while text.endswith("(nhan TIEP xem tiep)"):
        text = talk.say("TIEP")
        assert count(text).parts <= 2


@pytest.mark.parametrize("keyword", WHOLE)
def test_a_command_says_all_in_that_one_part(keyword: str) -> None:
    for known in (Known(), FULL):
        talk = Talk("sms", known=known)
        talk.state = talk.state.model_copy(update={"greeted": True})
        assert "TIEP xem tiep" not in talk.say(keyword)


def test_every_procedure_and_every_aspect_is_among_them() -> None:
    hits = meanings().values()
    assert {hit.procedure for hit in hits} >= set(Talk("sms")._knowledge.procedures)
    assert len(hits) > 150


@pytest.mark.parametrize("keyword", ["KS", "GIO", "HS", "DK", "HUY", "NHAC", "XOA"])
def test_where_an_sms_has_its_diacritics_it_is_two_parts_at_most(keyword: str) -> None:
    for accents in ("when_free", "always"):
        talk = Talk("sms", known=FULL, accents=accents)  # type: ignore[arg-type]
        text = talk.say(keyword)
        assert count(text).parts == 1 or (accents == "always" and count(text).parts == 2)
        if accents == "always":
            assert count(text).encoding == "UCS-2"
            assert text != "".join(c for c in text if c.isascii())


def test_a_date_ahead_is_part_of_the_dossier_in_one_part_as_well() -> None:
    at = datetime(2026, 12, 5, 1, 30, tzinfo=UTC)
    with_date = replace(FULL.dossiers[0], state="processing", appointment_at=at)
    talk = Talk("sms", known=Known(dossiers=(with_date,)))
    assert count(talk.say("HS")).parts == 1
