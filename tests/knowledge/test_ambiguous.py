"""Words of SMS texts that turn into others without their diacritics."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.ambiguous import LEXICON, ambiguous_faults, found
from bot.knowledge.check import check
from bot.knowledge.errors import ContentFault
from bot.knowledge.loader import laid_over, parse, read_texts
from tests.knowledge.conftest import FAQ


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Bà con đừng ký trước.", "đừng"),
        ("ĐỪNG KÝ TRƯỚC", "đừng"),
        ("Muốn dừng thì nhắn HUY.", "dừng"),
        ("Giấy có giá trị sáu tháng.", "sáu"),
        ("Nộp ba bản.", "ba"),
        ("Phải có năm người ký.", "năm"),
        ("Trong lúc chờ, bà con hỏi tiếp.", "chờ"),
        ("Cán bộ trả hồ sơ, bà con làm lại.", "trả hồ sơ"),
        ("Đến ngay 5/8.", "ngay #"),
        ("Tối đa 3 bản.", "tối đa"),
        ("Người trong nhà mất thì báo xã.", "mất"),
    ],
)
def test_a_word_that_an_sms_would_turn_is_found(text: str, word: str) -> None:
    assert [one.word for one in found(text)] == [word]


@pytest.mark.parametrize(
    "text",
    [
        "Giấy có giá trị 6 tháng.",
        "Mất 5 ngày, mất giấy thì xin lại, ngày mất ghi trên giấy.",
        "Thứ Ba và thứ Năm: 7h30; thứ Bảy nghỉ.",
        "Nộp bổ sung tại hộ tịch, sổ hộ khẩu cũ, vắng mặt thì nhờ thay.",
        "Việt Nam năm 2026; 2 năm; hằng năm",
        "Bị phạt, mức phạt do tỉnh quy định",
        "bo, dung, sau, tam",
        "",
    ],
)
def test_what_leaves_no_doubt_is_let_be(text: str) -> None:
    assert found(text) == []


def test_a_safe_phrase_beside_it_excuses_nobody_else() -> None:
    assert [one.word for one in found("Mất giấy thì xin lại. Người già mất thì báo.")] == ["mất"]


@given(text=st.text(max_size=200))
def test_any_text_can_be_looked_at(text: str) -> None:
    found(text)


def test_every_word_of_the_list_is_found_by_itself() -> None:
    words = [entry["say"] for entry in yaml.safe_load(LEXICON.read_text("utf-8"))["words"]]
    assert len(words) == len(set(words)) > 20
    for word in words:
        assert word in {one.word for one in found(word.replace("#", "5"))}


# --- in the content ---------------------------------------------------------------------


def faults(over: dict[str, str | None]) -> list[ContentFault]:
    return list(ambiguous_faults(parse(laid_over(read_texts(FAQ)[0], over)).documents))


def test_the_shipped_texts_use_none() -> None:
    assert faults({}) == []


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("phrases.yaml", "Số này chưa đúng. Bà con nhắn lại số", "Đừng nhắn số này. Nhắn lại số"),
        ("phrases.yaml", 'short: "UBND {commune}: nhắc {what}, chậm',
         'short: "UBND {commune}: dừng {what}, chậm'),
        ("phrases.yaml", "choice_stop: {long: Thôi nhận tin, short: thôi hết}",
         "choice_stop: {long: Thôi nhận tin, short: dừng hết}"),
        ("procedures/vneid.yaml", "short: Ai gọi điện hỏi tiền", "short: Ai gọi điện đòi tiền"),
    ],
)  # fmt: skip
def test_a_fault_names_file_and_line(file: str, before: str, after: str) -> None:
    text = read_texts(FAQ)[0][file]
    assert before in text
    changed = text.replace(before, after, 1)
    found_faults = faults({file: changed})
    assert found_faults
    for one in found_faults:
        assert one.file == f"faq/{file}"
        near = "\n".join(changed.splitlines()[one.line - 1 : one.line + 2])
        assert after.split(":")[-1].split()[-1].strip("}") in near or after[:12] in near
        assert "nên viết" in one.reason


def test_the_check_of_the_content_reports_them() -> None:
    text = read_texts(FAQ)[0]["phrases.yaml"]
    changed = text.replace("short: Không có số này. Mời chọn lại.", "short: Đừng nhắn số này.")
    assert changed != text
    reasons = [fault.reason for fault in check(FAQ, {"phrases.yaml": changed}, []).faults]
    assert any("“đừng”" in reason for reason in reasons)


def test_names_of_places_are_as_they_are() -> None:
    text = read_texts(FAQ)[0]["communes/hoa-mai.yaml"]
    named = text.replace("xã Hoa Mai", "xã Nam Bình")
    assert "xã Nam Bình" in named
    assert faults({"communes/hoa-mai.yaml": named}) == []
