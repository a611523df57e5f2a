"""The text of an SMS: what leaves under each policy, in how many parts, on what screen."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.segments import count
from bot.smstext import (
    MORE,
    SHORT_FOOT,
    Policy,
    accented,
    pages,
    preview,
    render,
    wrapped,
)
from bot.text import fold, for_sms

POLICIES: tuple[Policy, ...] = ("never", "when_free", "always")
LETTERS = "aáạăđêôơư bcdĐẾỮ0123456789.,;:\n–…“”•😀{}[]€"
TEXT = st.text(LETTERS, max_size=700) | st.text(max_size=200)
REMINDER = (
    "UBND xã Hoa Mai: nhắc hạn 60 ngày đăng ký khai sinh, chậm nhất 4/1/2027. Mời đến Trung tâm "
    "hành chính công xã. Giấy tờ: nhắn KS. Thôi nhắc: nhắn HUY"
)


def test_a_commune_that_says_nothing_sends_plain_letters() -> None:
    assert render("Mời bà con đến – “gặp” cán bộ…") == 'Moi ba con den - "gap" can bo...'


def test_diacritics_are_sent_where_they_cost_nothing() -> None:
    assert render("Xong rồi ạ!", "when_free") == "Xong rồi ạ!"
    assert count(REMINDER).parts == 3
    assert render(REMINDER, "when_free") == for_sms(REMINDER)
    assert render(REMINDER, "always") == REMINDER


def test_letters_that_old_phones_have_anyway_cost_nothing() -> None:
    text = "Chào bà: " + "à è ì ò ù é. " * 11
    assert count(text).encoding == "GSM-7"
    assert render(text, "when_free") == text.strip()


@pytest.mark.parametrize("policy", POLICIES)
def test_decomposed_letters_are_put_together_before_they_are_counted(policy: Policy) -> None:
    apart = unicodedata.normalize("NFD", REMINDER)
    assert len(apart) > len(REMINDER)
    assert render(apart, policy) == render(REMINDER, policy)


@given(text=TEXT)
def test_a_rendered_text_stays_as_it_is(text: str) -> None:
    for policy in POLICIES:
        once = render(text, policy)
        assert render(once, policy) == once
        assert unicodedata.is_normalized("NFC", once)


@given(text=st.text(LETTERS, max_size=400))
def test_with_and_without_diacritics_say_the_same(text: str) -> None:
    assert for_sms(accented(text)) == for_sms(text)
    # €, which old phones have, is dropped with all that is no plain letter.
    assert "😀" not in accented(text)


@given(text=TEXT)
def test_what_is_free_never_costs_more(text: str) -> None:
    assert count(render(text, "when_free")).parts <= count(render(text, "never")).parts


# --- pages ------------------------------------------------------------------------------


@given(
    text=TEXT,
    policy=st.sampled_from(POLICIES),
    first=st.integers(1, 2),
    foot=st.text("1 co;khônằ", max_size=60),
)
def test_no_page_costs_more_than_it_may_and_all_but_the_last_say_that_more_follows(
    text: str, policy: Policy, first: int, foot: str
) -> None:
    found = pages(text, policy, first, foot=foot)
    limits = [first if policy == "never" else 2, *[2] * len(found)]
    assert all(count(page).parts <= limit for page, limit in zip(found, limits, strict=False))
    assert all(page.endswith((MORE, fold(MORE))) for page in found[:-1])
    assert all(page.strip() for page in found)


@given(text=TEXT, policy=st.sampled_from(POLICIES), first=st.integers(1, 2))
def test_nothing_is_lost_between_pages(text: str, policy: Policy, first: int) -> None:
    marks = (MORE, fold(MORE))
    found = pages(text, policy, first)
    whole = "".join(
        page.removesuffix(marks[0]).removesuffix(marks[1]) if n < len(found) - 1 else page
        for n, page in enumerate(found)
    )
    expected = (for_sms(text), accented(text))
    assert "".join(whole.split()) in {"".join(one.split()) for one in expected}


def test_pages_are_all_with_diacritics_or_all_without() -> None:
    text = "Giấy tờ cần mang khi đăng ký khai sinh. " * 12
    assert all(page.isascii() for page in pages(text, "when_free"))
    assert not any(page.isascii() for page in pages(text, "always"))


def test_the_first_of_one_part_holds_short_choices_and_leaves_long_ones_to_the_end() -> None:
    text, foot = "cần giấy này; " * 30, "1 của tôi"
    found = pages(text, first=1, foot=foot)
    assert found[0].endswith(f"\n1 cua toi{fold(MORE)}")
    assert "1 cua toi" not in "".join(found[1:])
    long = "; ".join(f"{n} việc số {n}" for n in range(1, 9))
    assert len(long) > SHORT_FOOT
    found = pages(text, first=1, foot=long)
    assert found[-1].endswith("8 viec so 8")


def test_a_text_with_diacritics_is_cut_by_the_parts_that_it_really_has() -> None:
    text = "đường " * 60
    found = pages(text, "always")
    assert [count(page).encoding for page in found] == ["UCS-2"] * len(found)
    assert [count(page).parts for page in found[:-1]] == [2] * (len(found) - 1)
    # 113 letters beside the sentence that more follows, 134 on the last page.
    assert [len(page.removesuffix(MORE).split()) for page in found] == [19, 19, 22]
    assert len(pages(text, "never")) == 2


def test_choices_alone_are_a_page_and_nothing_is_none() -> None:
    assert pages("", foot="1 có") == ["1 co"]
    assert pages("") == []


# --- preview ----------------------------------------------------------------------------


def test_a_preview_tells_both_ways_of_writing_and_what_they_cost() -> None:
    shown = preview(REMINDER, "never", price=350)
    assert (shown.folded, shown.encoding, shown.parts) == (True, "GSM-7", 1)
    assert (shown.price_each, shown.price_total) == (350, 350)
    assert shown.plain.text == shown.text == for_sms(REMINDER)
    assert shown.plain.room == 160 - len(shown.text)
    assert (shown.accented.encoding, shown.accented.parts, shown.accented.price) == (
        "UCS-2",
        3,
        1050,
    )
    assert preview(REMINDER, "always", price=350).price_total == 1050
    assert not preview(REMINDER, "always").folded


def test_an_old_phone_breaks_lines_at_words_and_long_words_anywhere() -> None:
    assert wrapped("Mời bà con đến một cửa xã", 16) == ["Mời bà con đến", "một cửa xã"]
    assert wrapped("a" * 20, 16) == ["a" * 16, "a" * 4]
    assert wrapped("Một\n\nHai") == ["Một", "", "Hai"]


@given(text=TEXT, columns=st.integers(4, 20))
def test_no_line_is_wider_than_the_screen(text: str, columns: int) -> None:
    shown = preview(text, "always", columns=columns)
    assert all(len(line) <= columns for line in shown.lines)
    assert "".join("".join(shown.lines).split()) == "".join(shown.text.split())
