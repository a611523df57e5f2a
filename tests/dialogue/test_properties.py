"""Whatever a citizen does: no crash, always an answer, always within what the channel carries."""

from __future__ import annotations

import json
import string
from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.dialogue import payloads, state
from bot.dialogue.acts import HandOver, Quiet, ShowResult
from bot.dialogue.heard import taps_in
from bot.dialogue.state import Form, State, Walk
from bot.dialogue.words import numbers, plain, small
from bot.knowledge import checklist as checklists
from bot.messages import CHANNELS, Channel
from bot.segments import count
from bot.text import key
from bot.understanding.entities import read_date, read_phone
from bot.understanding.types import (
    ASPECTS,
    PROCEDURES,
    Correction,
    Decision,
    Label,
    Understanding,
)
from tests.dialogue.driver import Talk, Understand, scripted, shipped

GSM_BASIC = frozenset(string.ascii_letters + string.digits + " \n@$_!\"#%&'()*+,-./:;<=>?")
"""The characters of GSM 03.38's basic set that ASCII has."""
TODAY = date(2026, 11, 24)
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]

WORDS = [
    "có", "không", "dạ chưa ạ", "rồi", "thôi", "quay lại", "đủ rồi", "nhắc", "đúng", "dừng",
    "làm tiếp", "đồng ý", "có lẽ", "5/11", "1/1/2027", "mai", "hôm qua", "30/2", "0912345678",
    "091", "KS", "kt phi", "GIO", "GAP", "HUY", "XOA", "DU LIEU", "TIEP", "TG", "HN", "0", "1",
    "2", "3", "1 2 3", "9", "chưa cưới, cháu quá hạn rồi, bà nội đi khai", "001090012345",
    "#tl.x.y", "#buoc.khai_tu", "#buoc.chung_thuc", "#nhac.han", "#nhac.giay", "#sau.7",
    "#hoi.ket_hon", "#xoahet", "#co.form", "không, ý tôi là khai tử", "nhầm rồi",
    "không phải khai sinh, khai tử", "còn lệ phí?",
    "làm khai sinh cần gì và mất bao nhiêu tiền", "có cần mang hộ khẩu không",
    "#menu", "#menu.all", "#menu.0", "#menu.4", "#menu.99", "#menu.²", "#buoc.thuong_tru",
    "#buoc.vneid", "#hoi.can_cuoc.le_phi", "#hoi.lien_thong_khai_tu.ho_so", "HK", "TAM", "CC PHI",
    "HS", "HS H56-231120-0001", "h56 231120 0001", "NHAC", "NHAC 123", "HUY 1", "HUY 99", "DK",
    "DK thôn Bến", "DK thôn Lạ", "MA 123456", "MA", "123456", "DUNG", "dừng", "#xacnhan",
    "#thoitin", "#thoinhac.1", "#thoinhac.²", "0166 234 5678",
    "khai sinh cháu sinh 5/8 nộp ở huyện nào", "khai tử ở xã Song Phượng huyện Đan Phượng",
]  # fmt: skip
CHOICE = "a choice just offered"
PICTURE = "a picture"
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just(CHOICE), st.integers(0, 9)),
        st.tuples(st.just("said"), st.sampled_from(WORDS)),
        st.tuples(st.just("said"), st.text(max_size=60)),
        st.tuples(st.just(PICTURE), st.sampled_from(["image", "voice", "☃"])),
        st.tuples(st.just("opened"), st.sampled_from(["", "#hoi.khai_sinh", "#xyz"])),
    ),
    min_size=1,
    max_size=14,
)


@st.composite
def understandings(draw: st.DrawFn) -> Understanding:
    """Anything that the understanding may say, sensible or not."""
    labels = st.builds(
        Label, st.sampled_from(PROCEDURES), st.sampled_from(ASPECTS), st.floats(0, 1)
    )
    decisions: list[Decision] = ["answer", "clarify", "handover", "smalltalk"]
    corrections = st.builds(
        Correction,
        st.sampled_from(["", "khai tử", "cần gì"]),
        st.lists(st.sampled_from(PROCEDURES), max_size=2).map(tuple),
    )
    name_only = draw(st.booleans())
    names = st.lists(st.sampled_from(PROCEDURES), max_size=2).map(tuple)
    return Understanding(
        "",
        draw(st.sampled_from(PROCEDURES)),
        draw(st.sampled_from(ASPECTS)),
        draw(st.floats(0, 1)),
        draw(st.sampled_from(decisions)),
        tuple(draw(st.lists(labels, max_size=3))),
        second=draw(st.none() | labels),
        third=draw(st.none() | labels),
        correction=draw(st.none() | corrections),
        named=(draw(st.sampled_from(PROCEDURES)),) if name_only else draw(st.none() | names),
        name_only=name_only,
        bare=tuple(draw(st.lists(labels, max_size=3))),
    )


@dataclass
class Drawn:
    """Understands keywords by the grammar and everything else as hypothesis likes."""

    data: st.DataObject

    def __call__(self, text: str) -> Understanding:
        understood = scripted({})(text)
        return understood if understood.keyword else self.data.draw(understandings())


def step(talk: Talk, kind: str, value: str | int) -> None:
    """Play one drawn step."""
    offered = [c.payload for c in talk.choices if c.payload] or list(talk.state.choices)
    if kind == CHOICE and offered:
        talk.say(offered[int(value) % len(offered)])
    elif kind == PICTURE:
        talk.send(str(value))
    elif kind == "opened":
        talk.open(str(value))
    else:
        talk.say(str(value))


def carries(talk: Talk) -> None:
    """What was answered fits its channel, and there is something; by SMS nothing more is said to
    what is not understood after an officer was called for it."""
    if talk.acts == (Quiet(),):
        assert talk.channel == "sms"
        assert talk.reasons
        return
    assert talk.bubbles
    for bubble in talk.bubbles:
        assert bubble.text.strip()
        if talk.channel == "sms":
            assert set(bubble.text) <= GSM_BASIC, sorted(set(bubble.text) - GSM_BASIC)
            assert count(bubble.text).parts <= 2
            assert not bubble.choices
        elif talk.channel == "zalo":
            assert len(bubble.text) <= 2000
            assert len(bubble.choices) <= 5
        for choice in bubble.choices:
            assert 0 < len(choice.label) <= 100
            assert payloads.read(choice.payload) is not None or choice.url
            assert len(choice.payload) <= 1000
    for payload in talk.state.choices:
        assert payloads.read(payload) is not None


@pytest.mark.parametrize("channel", CHANNELS)
@settings(max_examples=70, deadline=None, suppress_health_check=SLOW)
@given(steps=STEPS, data=st.data())
def test_no_conversation_crashes_falls_silent_or_overflows(
    channel: Channel, steps: list[tuple[str, str | int]], data: st.DataObject
) -> None:
    understand: Understand = Drawn(data)
    talk = Talk(channel, understand=understand)
    for kind, value in steps:
        step(talk, kind, value)
        carries(talk)
        stored = json.loads(json.dumps(talk.state.dump()))
        assert state.load(stored) == talk.state


@settings(max_examples=120, deadline=None, suppress_health_check=SLOW)
@given(steps=STEPS)
def test_nothing_is_scheduled_but_by_an_answer_to_a_consent(
    steps: list[tuple[str, str | int]],
) -> None:
    talk = Talk("sms")
    for kind, value in [("said", "KS PHI"), ("said", "#nhac.hen"), *steps]:
        waited = talk.state.form
        before = len(talk.agreed)
        step(talk, kind, value)
        if len(talk.agreed) > before:
            assert waited is not None
            assert waited.stage == "consent"
            assert talk.agreed[-1].text_shown == waited.consent_text


@pytest.mark.parametrize("channel", CHANNELS)
@settings(max_examples=40, deadline=None)
@given(picks=st.lists(st.integers(0, 3), min_size=12, max_size=12), data=st.data())
def test_a_button_just_offered_is_never_stale(
    channel: Channel, picks: list[int], data: st.DataObject
) -> None:
    talk = Talk(channel, understand=Drawn(data))
    talk.say("KS PHI")
    for pick in picks:
        offered = [c.payload for c in talk.choices] or talk.offered or ["#chao"]
        talk.say(offered[pick % len(offered)])
        assert "không còn dùng được" not in talk.text
        assert "da cu" not in talk.text


@pytest.mark.parametrize("procedure", list(shipped().procedures))
def test_every_path_of_a_checklist_ends_in_papers_or_with_the_officer(procedure: str) -> None:
    checklist = shipped().procedure(procedure).checklist
    paths = list(checklists.paths(checklist))
    channels: tuple[Channel, ...] = ("sms", "zalo")
    for n, path in enumerate(paths[:: max(1, len(paths) // 120)]):
        talk = Talk(channels[n % 2])
        talk.say(f"#buoc.{procedure}")
        for question, option in path.items():
            assert not isinstance(talk.acts[-1], ShowResult | HandOver)
            talk.say(f"#tl.{procedure}.{question}.{option}")
            carries(talk)
        assert isinstance(talk.acts[-1], ShowResult | HandOver), path


@st.composite
def states(draw: st.DrawFn) -> State:
    """States in which digits may mean something."""
    taps = st.sampled_from(["#co.form", "#co.identity", "#hoi.khai_sinh", "#khong", "junk"])
    walk = draw(st.sampled_from([None, Walk(procedure="khai_sinh", done=True)]))
    form = draw(st.sampled_from([None, Form(kind="han", procedure="khai_sinh", stage="date")]))
    return State(choices=tuple(draw(st.lists(taps, max_size=5))), walk=walk, form=form)


@given(text=st.text(max_size=40) | st.from_regex(r"[#0-9 ,./]{1,12}"), memory=states())
def test_digits_choose_only_what_was_offered(text: str, memory: State) -> None:
    taps = taps_in(text, memory)
    if not text.startswith(payloads.MARK):
        offered = {payloads.read(choice) for choice in memory.choices}
        assert set(taps) <= offered | {payloads.Tap(payloads.BACK)}
    if len(taps) > 1:
        assert {tap.verb for tap in taps} == {payloads.TICK}
        assert memory.form is None


@given(day=st.dates(date(1930, 1, 1), date(2030, 12, 31)), style=st.integers(0, 3))
def test_a_full_date_is_read_as_written_whatever_is_preferred(day: date, style: int) -> None:
    written = [
        f"{day.day}/{day.month}/{day.year}",
        f"{day:%d-%m-%Y}",
        f"ngày {day.day}.{day.month}.{day.year} ạ",
        f"{day.day} {day.month} {day.year}",
    ][style]
    assert read_date(written, TODAY, "past") == read_date(written, TODAY, "future") == day


@given(day=st.integers(1, 31), month=st.integers(1, 12))
def test_without_a_year_the_nearest_day_on_the_right_side_is_meant(day: int, month: int) -> None:
    past = read_date(f"{day}/{month}", TODAY, "past")
    future = read_date(f"{day}/{month}", TODAY, "future")
    assert (past is None) == (future is None)
    if past is not None and future is not None:
        assert past <= TODAY <= future
        assert (past.day, past.month) == (future.day, future.month) == (day, month)


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=80) | st.from_regex(r"(ngay|thang|hom|mai|tuan)[ 0-9a-z/]{0,20}"))
def test_any_text_is_a_date_or_none(text: str) -> None:
    for prefer in ("past", "future"):
        assert isinstance(read_date(text, TODAY, prefer), date | None)


@given(text=st.text(max_size=80) | st.from_regex(r"[+0-9 .\-()]{1,20}"))
def test_any_text_is_a_mobile_number_or_none(text: str) -> None:
    number = read_phone(text)
    if number is not None:
        assert number.startswith("+84")
        assert len(number) == 12


@given(text=st.text(max_size=60))
def test_small_words_of_any_text_do_not_crash_and_politeness_leaves_something(text: str) -> None:
    text_key = key(text)
    assert bool(plain(text_key)) == bool(text_key)
    assert small(text, text_key) in {None, "yes", "no", "unsure", "stop", "back", "resume"}
    assert all(0 <= n <= 99 for n in numbers(text))


@given(value=st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(
        ["topic", "walk", "form", "choices", "misses", "procedure", "stage", "x"]), inner),
    max_leaves=8,
))  # fmt: skip
def test_a_stored_state_that_does_not_fit_any_more_starts_afresh(value: object) -> None:
    stored = value if isinstance(value, dict) else None
    assert isinstance(state.load(stored), State)
