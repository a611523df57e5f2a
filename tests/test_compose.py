"""From replies to messages: cut at words, numbered for SMS, buttons for the others."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.compose import compose, cut, sms_pages
from bot.messages import Choice, Reply
from bot.segments import count
from bot.smstext import MORE
from bot.text import fold

PROSE = st.lists(st.text("abcde áéĐ.,;", min_size=1, max_size=12), max_size=200).map(" ".join)
CHOICES = (Choice("Có", "#tl.a.b.co", short="có"), Choice("Không", "#tl.a.b.khong", short="không"))


@given(text=st.text(max_size=600) | PROSE, limit=st.integers(12, 400))
def test_cutting_loses_no_word_and_keeps_to_the_limit(text: str, limit: int) -> None:
    pieces = cut(text, limit)
    assert all(0 < len(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


@given(words=st.lists(st.text("abcde", min_size=1, max_size=12), min_size=1, max_size=200))
def test_cutting_breaks_no_word_that_fits(words: list[str]) -> None:
    pieces = cut(" ".join(words), 40)
    assert " ".join(pieces).split() == words


@given(text=st.text(max_size=1200) | PROSE)
def test_every_page_of_an_sms_is_two_parts_at_most_and_says_that_more_follows(text: str) -> None:
    pages = sms_pages(text, CHOICES)
    assert all(count(page).parts <= 2 for page in pages)
    assert all(page.endswith(fold(MORE)) for page in pages[:-1])
    assert pages[-1].endswith("2 khong")


def test_by_sms_choices_are_numbered_below_the_text() -> None:
    composed = compose([Reply("Bà con cần gì?", "Bà con cần gì?", CHOICES)], "sms")
    assert composed.bubbles[0].text == "Ba con can gi?\n1 co; 2 khong"
    assert composed.numbered == ("#tl.a.b.co", "#tl.a.b.khong")


def test_an_answer_to_a_keyword_begins_with_one_part_that_has_the_choices() -> None:
    reply = Reply("", "Giấy tờ: " + "tờ khai, giấy chứng sinh; " * 20, CHOICES)
    composed = compose([reply], "sms", parts=1)
    (bubble,) = composed.bubbles
    assert count(bubble.text).parts == 1
    assert bubble.text.endswith("\n1 co; 2 khong (nhan TIEP xem tiep)")
    assert composed.pages
    assert all(count(page).parts <= 2 for page in composed.pages)
    assert composed.numbered == ("#tl.a.b.co", "#tl.a.b.khong")


def test_where_the_commune_pays_for_them_an_sms_has_its_diacritics() -> None:
    reply = Reply("", "Bà con cần gì?", CHOICES)
    text = compose([reply], "sms", accents="always").bubbles[0].text
    assert text == "Bà con cần gì?\n1 có; 2 không"
    assert compose([reply], "sms", accents="when_free").bubbles[0].text == text


def test_elsewhere_choices_hang_under_the_last_message() -> None:
    replies = [Reply("Một", "Một"), Reply("Hai", "Hai", CHOICES)]
    composed = compose(replies, "zalo")
    assert [bubble.choices for bubble in composed.bubbles] == [(), CHOICES]


def test_the_choices_that_came_last_count() -> None:
    first = (Choice("Cũ", "#menu"),)
    replies = [Reply("Một", "Một", first), Reply("Hai", "Hai", CHOICES), Reply("Ba", "Ba")]
    assert compose(replies, "sms").numbered == ("#tl.a.b.co", "#tl.a.b.khong")


def test_papers_to_tick_are_numbered_but_not_listed_again() -> None:
    reply = Reply("1. Tờ khai", "1) tờ khai", CHOICES, ("#co.form",))
    assert compose([reply], "sms").bubbles[0].text == "1) to khai"
    assert compose([reply], "sms").numbered == ("#co.form",)
    assert compose([reply], "web").bubbles[0].choices == CHOICES


# --- a channel of long texts without buttons ----------------------------------------------


def test_without_buttons_choices_are_numbered_lines_with_diacritics() -> None:
    link = Choice("Mở trang", url="https://example.vn/a")
    reply = Reply("Bà con cần gì?", "Bà con cần gì?", (*CHOICES, link))
    composed = compose([reply], "zalobot")
    assert composed.bubbles[0].text == (
        "Bà con cần gì?\n\nBà con nhắn số để chọn:\n1. Có\n2. Không\nMở trang: https://example.vn/a"
    )
    assert composed.numbered == ("#tl.a.b.co", "#tl.a.b.khong")
    assert composed.bubbles[0].choices == ()


def test_there_the_choices_go_on_after_the_numbers_of_papers() -> None:
    reply = Reply("1. Tờ khai\n2. Giấy chứng sinh", "", CHOICES, ("#co.form", "#co.proof"))
    composed = compose([reply], "zalobot")
    assert composed.bubbles[0].text.endswith("3. Có\n4. Không")
    assert composed.numbered == ("#co.form", "#co.proof", "#tl.a.b.co", "#tl.a.b.khong")


def test_there_a_menu_that_no_longer_fits_follows_by_itself() -> None:
    composed = compose([Reply("x" * 1990, "", CHOICES)], "zalobot")
    assert [len(bubble.text) <= 2000 for bubble in composed.bubbles] == [True, True]
    assert composed.bubbles[1].text.startswith("Bà con nhắn số")


# --- the form for a telephone number ------------------------------------------------------


def test_the_form_is_a_message_of_its_own_where_the_channel_has_one() -> None:
    replies = [Reply("Số nào ạ?", "Số nào?", CHOICES), Reply("Để nhắc việc.", "", asks_phone=True)]
    composed = compose(replies, "zalo")
    assert [(b.text, b.kind.value, b.choices) for b in composed.bubbles] == [
        ("Số nào ạ?", "text", CHOICES),
        ("Để nhắc việc.", "ask_phone", ()),
    ]
    for channel in ("sms", "web", "zalobot"):
        assert "nhắc việc" not in compose(replies, channel).bubbles[-1].text  # type: ignore[arg-type]
