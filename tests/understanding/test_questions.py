"""Cutting a message into clauses: real doubles, and what must stay one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.text import fold
from bot.understanding.questions import split_questions, without_courtesy

# "|" marks the cut; what joins the clauses ("và", "với lại") belongs to neither.
SEVERAL = [
    # accented
    "làm giấy khai sinh cần gì |và |mất bao nhiêu tiền",
    "Làm khai sinh ở đâu, |mất mấy ngày",
    "Khai tử cần gì? |Bao lâu có?",
    "đăng ký kết hôn cần giấy gì, |còn khai sinh thì sao?",
    "đăng ký kết hôn cần giấy gì |còn lệ phí",
    "thủ tục kết hôn thế nào, |sẵn tiện cho hỏi |xã có làm thứ bảy không",
    "cần mang gì không |với lại |có mất tiền không cô",
    "chứng thực bản sao hết bao nhiêu, |à mà |mấy giờ xã đóng cửa?",
    "xin giấy độc thân ở đâu |rồi |bao lâu thì lấy được ạ",
    "Khai sinh cho con trễ có bị phạt không |và |cần những giấy tờ gì",
    "cho em hỏi lệ phí khai sinh |và |thời gian ạ",
    "cho tôi hỏi giấy tờ khai tử |với |lệ phí",
    "Không có giấy chứng sinh thì khai được không |và |cần gì",
    "cưới người nước ngoài cần gì, |đồng thời |nộp ở đâu?",
    "làm có mất tiền không, |cần giấy gì, |ở đâu",
    "cần giấy gì, |nộp ở đâu, |lệ phí bao nhiêu?",
    "Cần giấy gì? |Lệ phí?",
    "Con tôi sinh tháng trước ở quê ngoại. Giờ làm khai sinh ở đâu? |Có cần cả hai vợ chồng không?",
    "Chồng tôi mất hôm qua. Tôi cần giấy gì? |Nộp ở đâu ạ",
    "làm khai sinh cần gì, |cho em xin số cán bộ",
    "khai tử cần gì ạ, |tiện thể cho em hỏi |xã có làm chiều thứ sáu không ạ",
    "công chứng ở xã được không, |hết bao nhiêu tiền?",
    "ai đi khai sinh được ạ, |ngoài ra |cần mang giấy gì",
    "làm khai sinh cho bé thế nào; |bao giờ có",
    "hồ sơ của em xong chưa ạ? |Lấy ở đâu?",
    # dialect
    "mần khai sinh cho con mất mấy bữa rứa, |rồi |nộp chỗ mô",
    "khai tử cho mệ tui cần giấy chi, |với lại |có tốn tiền hông",
    "lệ phí bao nhiêu hè, |với lại |thứ bảy có mần không",
    "đăng ký kết hôn nộp ở mô |và |lâu không chú",
    # without diacritics, chat spelling
    "lam khai sinh o dau va mat may ngay".replace(" va ", " |va |"),
    "lam giay khai sinh can gi |nop o dau |bao lau co",
    "khai sinh can gi |con le phi",
    "e muon hoi khai sinh can giay gi |con khai tu thi sao",
    "lam ks can j |vs |bn tien",
    "xin giay doc than can gi, |le phi bao nhieu",
    "dk ket hon bao lau xong |roi |lay o dau",
    "khai tu co mat tien khong |voi lai |can giay to gi",
    "chung thuc het bao nhieu tien, |thu 7 co lam k",
    "lm ks mất bn tiền v ạ, |cần j nữa ko",
    "can gi? |nop o dau?",
]
SINGLE = [
    "làm khai sinh cần gì",
    "cha và mẹ cần gì",
    "cần căn cước của cha và mẹ không",
    "vợ với chồng có phải cùng đi không",
    "con tôi sinh rồi mà chưa có giấy thì làm sao",
    "làm ở xã hay phải lên huyện",
    "được không, hay phải về quê",
    "nếu bố không có ở nhà thì ai đi khai",
    "nếu không có thì sao",
    "sinh ở nhà, không biết làm khai sinh ở đâu, đúng không ạ",
    "khai sinh miễn phí, phải không ạ?",
    "em không có giấy tờ gì, làm được không",
    "mẹ tôi mất mấy hôm nay, giờ khai tử ở đâu",
    "Cần chứng thực bản sao, sao y ở đâu",
    "cảm ơn nhé, còn lệ phí?",
    "Chồng tôi mất hôm qua. Bây giờ tôi cần làm gì?",
    "Tôi lấy chồng Đài Loan, về quê sinh cháu, giờ làm khai sinh ở đâu?",
    "Hai vợ chồng ở trọ Bình Dương, con được ba tháng. Không về quê được thì khai sinh thế nào ạ",
    "Bà cụ nhà tôi chưa từng có giấy khai sinh. Ai cũng bảo khó. Giờ làm lại kiểu gì?",
    "cây cao suýt rơi trúng mái trường, muốn đốn thì hỏi ai",
    "xã không còn sổ lưu thì làm lại kiểu gì",
    "người già không còn ai thì ai đi khai tử",
    "Những đối tượng nào được miễn, giảm lệ phí?",
    "trẻ đẻ ở nhà có khác gì so với đẻ viện không",
    "bà chưa bao giờ làm căn cước thì khai sao",
    "lam khai sinh cho con can gi",
    "con toi duoc 3 thang thi lam khai sinh the nao",
    "vo chong toi va con o tro thi lam o dau",
    "bo va me cung di duoc khong",
    "may hom nay mua qua, khai sinh nop muon duoc khong",
    "khong con giay chung sinh thi lam sao",
    "ai ký giấy",
    "khai sinh",
    "lệ phí?",
    "không, ý tôi là khai tử",
    "làm sao để con có đủ giấy khai sinh, hộ khẩu với thẻ bảo hiểm",
    "từ khi nộp đến khi có giấy mất bao lâu",
    "không biết nộp ở đâu",
]


@pytest.mark.parametrize("marked", SEVERAL)
def test_several_questions_are_cut_apart(marked: str) -> None:
    pieces = marked.split("|")
    clauses = split_questions("".join(pieces))
    expected = [piece.strip(" ,;") for piece in pieces]
    assert len(clauses) >= 2
    assert [clause for clause in clauses if clause.strip(" ,;") not in expected] == []
    joins = set(expected) - {clause.strip(" ,;") for clause in clauses}
    assert all(len(join.split()) <= 6 for join in joins)
    assert len(clauses) == len(pieces) - len(joins)


@pytest.mark.parametrize("text", SINGLE)
def test_one_question_stays_one(text: str) -> None:
    assert split_questions(text) == (text,)


@pytest.mark.parametrize("text", [t for t in SINGLE if "không, ý" not in t])
def test_one_question_stays_one_without_diacritics(text: str) -> None:
    assert len(split_questions(fold(text))) == 1


def test_text_that_is_not_nfc_is_left_alone() -> None:
    text = unicodedata.normalize("NFD", "cần gì, mất bao nhiêu tiền?")
    assert split_questions(text) == (text,)
    assert without_courtesy(text) is None


PARTS = [
    "làm khai sinh", "cần gì", "mất bao nhiêu tiền", "và", "với lại", "còn", "con", "khong",
    "được không", "nop o dau", ", ", "? ", ". ", "\n", "mấy", "ngày", "hay", "không biết", "bn",
    "còn lệ phí", "thì sao", "ạ", "chưa", "🙂", "\u0301", "12/3", "HS-1",
]  # fmt: skip
TEXTS = st.text(max_size=120) | st.lists(st.sampled_from(PARTS), max_size=25).map(" ".join)


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_clauses_of_any_text_are_substrings_in_order(text: str) -> None:
    clauses = split_questions(text)
    assert clauses
    position = 0
    for clause in clauses:
        at = text.find(clause, position)
        assert at >= 0
        position = at + len(clause)
    if len(clauses) > 1:
        assert all(clause.strip() == clause != "" for clause in clauses)


@settings(max_examples=200, deadline=None)
@given(TEXTS)
def test_what_courtesy_leaves_ends_the_text(text: str) -> None:
    asked = without_courtesy(text)
    assert asked is None or (asked and text.endswith(asked) and asked != text)


def test_a_very_long_message_is_not_cut() -> None:
    text = "cần gì, mất bao nhiêu tiền? " * 300
    assert split_questions(text) == (text,)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("cảm ơn nhé, còn lệ phí?", "còn lệ phí?"),
        ("Dạ em cảm ơn, thế nộp ở đâu ạ", "thế nộp ở đâu ạ"),
        ("cam on em, vay bao lau co", "vay bao lau co"),
        ("ok cảm ơn ad nhiều. Cần mang gì không", "Cần mang gì không"),
        ("cảm ơn cán bộ nhiều nhé", None),
        ("chào em", None),
        ("làm khai sinh cần gì", None),
    ],
)
def test_thanks_before_a_question_are_taken_away(text: str, asked: str | None) -> None:
    assert without_courtesy(text) == asked
