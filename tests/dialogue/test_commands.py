"""Keywords and commands in every state: stop, a person, erase, my data, help, hours."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.dialogue.acts import AskErase, HandOver, ShowMenu, StopReminders
from bot.messages import CAPABILITIES, CHANNELS, Channel
from tests.dialogue.driver import Talk, shipped

STATES: dict[str, tuple[str, ...]] = {
    "nothing said before": (),
    "after an answer": ("KS PHI",),
    "in a checklist": ("#buoc.khai_sinh", "1"),
    "at the papers": ("#buoc.khai_sinh", "1", "1", "1", "1", "1"),
    "at the date of a reminder": ("#hoi.khai_sinh.le_phi", "#nhac.han"),
    "at the consent": ("#hoi.khai_sinh.le_phi", "#nhac.han", "5/11"),
    "asked whether to erase": ("XOA",),
    "asked which procedure": ("lệ phí bao nhiêu",),
    "not understood once": ("xyz abc",),
    "a long answer half shown": ("#buoc.khai_sinh", "1", "2", "2", "2", "1", "2", "2"),
    "officer called": ("GAP",),
}
MEANINGS = {"lệ phí bao nhiêu": ("none", "le_phi")}


@pytest.fixture(params=list(STATES))
def talk(request: pytest.FixtureRequest) -> Talk:
    """A talk by SMS in each of the states."""
    begun = Talk("sms", MEANINGS)
    for line in STATES[request.param]:
        begun.say(line)
    begun.effects.clear()
    return begun


@pytest.mark.parametrize("word", ["HUY", "tc", "Huỷ!", "stop"])
def test_stop_is_obeyed_in_every_state(talk: Talk, word: str) -> None:
    talk.say(word)
    assert talk.acts == (StopReminders(),)
    assert talk.stopped
    assert talk.state.form is None
    assert talk.agreed == []


@pytest.mark.parametrize("word", ["GAP", "gặp cán bộ", "CB", "tôi muốn gặp cán bộ", "#canbo"])
def test_a_person_is_called_in_every_state(talk: Talk, word: str) -> None:
    talk.say(word)
    assert isinstance(talk.acts[-1], HandOver)
    assert talk.reasons == ["Người dân muốn gặp cán bộ"]
    assert "0200 000 0000" in talk.text


@pytest.mark.parametrize(("word", "said"), [("TG", "KS khai sinh"), ("GIO", "7h30")])
def test_help_and_hours_are_told_in_every_state(talk: Talk, word: str, said: str) -> None:
    assert said in talk.say(word)


def test_my_data_tells_how_much_is_held_in_every_state(talk: Talk) -> None:
    assert "3 tin nhan (tu 24/11/2026), 1 loi nhac" in talk.say("DU LIEU")


@pytest.mark.parametrize("yes", ["1", "có", "xoá hết đi ạ", "XOA", "#xoahet", "đồng ý"])
def test_erasing_needs_one_yes_in_every_state(talk: Talk, yes: str) -> None:
    talk.say("XOA")
    assert talk.acts == (AskErase(),) or talk.erased  # "XOA" twice is a yes
    talk.say(yes)
    assert talk.erased


def test_after_erasing_nothing_is_remembered() -> None:
    talk = Talk("sms")
    talk.play("#buoc.khai_sinh", "1", "XOA", "co")
    assert talk.erased
    state = talk.state
    assert (state.walk, state.form, state.topic, state.choices) == (None, None, None, ())


@pytest.mark.parametrize("no", ["không", "thôi", "2", "không xoá nữa", "#khong"])
def test_a_no_erases_nothing(no: str) -> None:
    talk = Talk("sms")
    talk.play("XOA", no, "có", "1")
    assert not talk.erased


@pytest.mark.parametrize("other", ["KS PHI", "xyz abc", "chào", "GIO", "7"])
def test_a_yes_that_comes_later_erases_nothing(other: str) -> None:
    talk = Talk("sms")
    talk.play("XOA", other, "có")
    assert not talk.erased


def test_a_picture_between_question_and_yes_erases_nothing() -> None:
    talk = Talk("sms")
    talk.say("XOA")
    talk.send("image")
    talk.say("có")
    assert not talk.erased


def test_the_bare_name_gives_the_papers_by_sms_and_a_choice_elsewhere() -> None:
    sms, zalo = Talk("sms"), Talk("zalo")
    assert "to khai khai sinh" in sms.say("KS")
    zalo.say("KS")
    assert "Lệ phí" in zalo.labels


def test_asking_for_a_person_again_reassures() -> None:
    talk = Talk("sms")
    talk.say("GAP")
    assert "Can bo da co loi nhan" in talk.say("GAP")


def greeted_by_start(channel: str) -> Talk:
    talk = Talk(channel)  # type: ignore[arg-type]
    talk.open()
    return talk


def greeted_by_board(channel: str) -> Talk:
    talk = Talk(channel)  # type: ignore[arg-type]
    talk.open("#hoi.khai_tu")
    return talk


def greeted_by(first: str) -> Callable[[str], Talk]:
    def begin(channel: str) -> Talk:
        talk = Talk(channel)  # type: ignore[arg-type]
        talk.say(first)
        return talk

    return begin


def greeted_by_picture(channel: str) -> Talk:
    talk = Talk(channel)  # type: ignore[arg-type]
    talk.send("image")
    return talk


FIRST = {
    "opened": greeted_by_start,
    "a board": greeted_by_board,
    "hello": greeted_by("chào"),
    "a keyword": greeted_by("KS"),
    "nonsense": greeted_by("xyz"),
    "a call for a person": greeted_by("GAP"),
    "a picture": greeted_by_picture,
    "a digit": greeted_by("1"),
    "nothing": greeted_by(""),
}


@pytest.mark.parametrize("channel", ["zalo", "sms", "web"])
@pytest.mark.parametrize("first", FIRST)
def test_at_the_first_contact_it_says_once_that_it_is_a_machine(channel: str, first: str) -> None:
    talk = FIRST[first](channel)
    notices = ("trợ lý tự động của UBND", "Trợ lý tự động của UBND", "May tra loi xa",
               "may tra loi tu dong")  # fmt: skip
    assert sum(talk.text.count(notice) for notice in notices) == 1
    talk.say("KS PHI")
    assert not any(notice in talk.text for notice in notices)


def test_the_first_menu_has_four_procedures_and_the_way_to_the_rest() -> None:
    talk = Talk()
    talk.open()
    four = ["Đăng ký khai sinh", "Đăng ký khai tử", "Đăng ký kết hôn", "Chứng thực"]
    assert talk.labels == [*four, "Việc khác"]
    talk.tap("Việc khác")
    assert talk.acts == (ShowMenu(group="all"),)
    menu = shipped().menu
    assert menu is not None
    assert talk.labels == [group.name for group in menu.groups]
    talk.tap(menu.groups[1].name)
    assert [c.payload for c in talk.choices] == [f"#hoi.{p}" for p in menu.groups[1].procedures]


def choose(talk: Talk, number: int) -> str:
    """Tap the choice of that number, or send its digit; what it stands for."""
    limits = CAPABILITIES[talk.channel]
    digits = limits.folded or limits.numbered
    chosen = talk.offered[number] if digits else talk.choices[number].payload
    talk.say(str(number + 1) if digits else chosen)
    return chosen


@pytest.mark.parametrize("channel", CHANNELS)
def test_every_procedure_is_three_choices_away_from_the_greeting(channel: Channel) -> None:
    menu = shipped().menu
    assert menu is not None
    ways = [(n,) for n in range(len(menu.first))]
    ways += [
        (len(menu.first), at, n)
        for at, group in enumerate(menu.groups)
        for n in range(len(group.procedures))
    ]
    shown = set()
    for way in ways:
        talk = Talk(channel)
        talk.open()
        for number in way:
            choose(talk, number)
        (act,) = talk.acts
        assert isinstance(act, ShowMenu)
        shown.add(act.procedure)
    assert shown == set(shipped().procedures)


def test_a_board_opens_on_its_procedure() -> None:
    talk = Talk()
    talk.open("#hoi.khai_tu")
    assert "đăng ký khai tử" in talk.text
    assert "khai tử đúng hạn: không mất tiền" in talk.say("2")


def test_a_board_scanned_later_shows_its_procedure_too() -> None:
    talk = Talk()
    talk.say("KS PHI")
    talk.open("#hoi.khai_tu")
    assert talk.acts == (ShowMenu("khai_tu"),)


def test_a_long_sms_is_read_page_by_page() -> None:
    talk = Talk("sms")
    talk.play("#buoc.khai_sinh", "1", "2", "2", "2", "1", "2", "2")
    pages = [talk.text]
    while pages[-1].endswith("(nhan TIEP xem tiep)"):
        pages.append(talk.say("TIEP"))
    whole = " ".join(pages)
    assert len(pages) > 1
    assert "5) " in whole
    assert "nhan so (vi du 1 3)" in whole
    assert "gui het" in talk.say("TIEP")


def test_between_two_pages_numbers_keep_their_meaning() -> None:
    talk = Talk("sms")
    talk.play("#buoc.khai_sinh", "1", "2", "2", "2", "1", "2", "2", "TIEP", "1 2")
    assert "Da co: 1, 2." in talk.text


def test_another_message_drops_the_pages_that_were_left() -> None:
    talk = Talk("sms")
    talk.play("#buoc.khai_sinh", "1", "2", "2", "2", "1", "2", "2", "DU LIEU")
    assert "gui het" in talk.say("TIEP")
