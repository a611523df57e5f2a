"""What citizens tell in passing is taken, unless it is denied, asked about or two-edged."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.knowledge.checklist import find_case
from bot.knowledge.library import Knowledge
from bot.text import fold, key


def case(knowledge: Knowledge, procedure: str, text: str) -> dict[str, str]:
    return find_case(knowledge.procedure(procedure).checklist, key(text))


KHAI_SINH = [
    (
        "vợ em đẻ ở nhà không có giấy chứng sinh",
        {"giay_chung_sinh": "khong_co"},
    ),
    ("con em có giấy chứng sinh rồi", {"giay_chung_sinh": "co"}),
    ("lỡ làm mất giấy chứng sinh", {"giay_chung_sinh": "mat"}),
    ("em không có chồng, không ghi tên cha", {"cha_me_ket_hon": "chua", "cha_nhan_con": "khong"}),
    ("chưa đăng ký kết hôn mà bố muốn nhận con", {"cha_me_ket_hon": "chua"}),
    ("con ngoài giá thú", {"cha_me_ket_hon": "chua"}),
    ("cháu nội tôi, ông bà đi khai", {"nguoi_di_khai": "nguoi_than"}),
    ("bé đã quá 60 ngày", {"qua_han": "roi"}),
    ("chồng em là người nước ngoài", {"doi_tuong": "nuoc_ngoai"}),
    ("mẹ tôi từ nhỏ chưa có giấy khai sinh", {"doi_tuong": "nguoi_lon"}),
    ("trẻ bị bỏ rơi ở cổng chùa", {"doi_tuong": "dac_biet"}),
    ("sinh ngày 3 tháng 9", {}),
]


@pytest.mark.parametrize(("text", "expected"), KHAI_SINH)
@pytest.mark.parametrize("bare", [False, True])
def test_birth(knowledge: Knowledge, text: str, expected: dict[str, str], bare: bool) -> None:
    found = case(knowledge, "khai_sinh", fold(text) if bare else text)
    assert expected.items() <= found.items()
    assert expected or not found


@pytest.mark.parametrize(
    ("procedure", "text", "expected"),
    [
        ("khai_tu", "bố tôi mất ở bệnh viện, có giấy báo tử rồi", {"noi_mat": "co_so_y_te"}),
        ("khai_tu", "ông mất tại nhà chưa có giấy báo tử", {"giay_bao_tu": "chua"}),
        ("khai_tu", "chú bị tai nạn giao thông", {"noi_mat": "bat_thuong"}),
        ("ket_hon", "em lấy chồng Hàn Quốc", {"quoc_tich": "nuoc_ngoai"}),
        ("ket_hon", "anh ấy đã ly hôn, em cưới lần đầu", {"tung_ket_hon": "roi"}),
        ("ket_hon", "con gái 17 tuổi", {"tuoi": "chua"}),
        ("tinh_trang_hon_nhan", "xin giấy độc thân để vay ngân hàng", {"muc_dich": "viec_khac"}),
        (
            "tinh_trang_hon_nhan",
            "giấy độc thân để kết hôn với người nước ngoài",
            {"muc_dich": "ket_hon_nn"},
        ),
        ("chung_thuc", "sao y học bạ", {"loai": "ban_sao", "nguon_giay": "viet_nam"}),
        ("chung_thuc", "làm giấy ủy quyền nhận lương hưu", {"uy_quyen_viec": "don_gian"}),
        ("chung_thuc", "lập di chúc", {"viec_thua_ke": "di_chuc"}),
    ],
)
def test_others(knowledge: Knowledge, procedure: str, text: str, expected: dict[str, str]) -> None:
    assert expected.items() <= case(knowledge, procedure, text).items()


@pytest.mark.parametrize(
    "text",
    [
        "có giấy chứng sinh không ạ",
        "có giấy chứng sinh không",
        "có giấy chứng sinh hay không vậy em",
        "không phải là có giấy chứng sinh hay không có giấy chứng sinh đều được à",
    ],
)
def test_a_question_about_it_is_not_an_answer(knowledge: Knowledge, text: str) -> None:
    assert "giay_chung_sinh" not in case(knowledge, "khai_sinh", text)


def test_a_denied_cue_does_not_count(knowledge: Knowledge) -> None:
    assert "doi_tuong" not in case(knowledge, "khai_sinh", "không phải sinh ở nhà")
    assert "nguoi_di_khai" not in case(knowledge, "khai_sinh", "không nhờ người khác")
    # Teencode is expanded before; when it was not, the "no" still counts as one.
    assert "giay_chung_sinh" not in case(knowledge, "khai_sinh", "k có giấy chứng sinh")


def test_a_no_that_opens_the_next_clause_does_not_spoil_the_cue(knowledge: Knowledge) -> None:
    found = case(knowledge, "khai_sinh", "con ngoài giá thú không có ai giúp")
    assert found["cha_me_ket_hon"] == "chua"


def test_two_options_of_one_question_leave_it_open(knowledge: Knowledge) -> None:
    found = case(knowledge, "khai_sinh", "đã đăng ký kết hôn, à chưa đăng ký kết hôn")
    assert "cha_me_ket_hon" not in found


def test_one_partner_alone_does_not_answer_for_both(knowledge: Knowledge) -> None:
    found = case(knowledge, "ket_hon", "em chưa có chồng")
    assert "tung_ket_hon" not in found


def test_to_marry_alone_does_not_say_whom(knowledge: Knowledge) -> None:
    found = case(knowledge, "tinh_trang_hon_nhan", "xin giấy độc thân để kết hôn")
    assert "muc_dich" not in found


def test_an_answer_that_the_others_rule_out_is_dropped(knowledge: Knowledge) -> None:
    found = case(knowledge, "khai_sinh", "người lớn, không có giấy chứng sinh")
    assert found == {"doi_tuong": "nguoi_lon"}


def test_cues_are_whole_words(knowledge: Knowledge) -> None:
    assert case(knowledge, "khai_sinh", "cháu 31 tuổi") == {}


@given(st.text(alphabet="abcdghiknoqtuvxy ", max_size=80))
def test_any_words_are_survived(knowledge: Knowledge, text: str) -> None:
    for procedure in knowledge.procedures.values():
        for question, option in find_case(procedure.checklist, key(text)).items():
            asked = procedure.checklist.question(question)
            assert asked is not None
            assert asked.option(option) is not None


def test_every_cue_alone_gives_its_option(knowledge: Knowledge) -> None:
    for procedure in knowledge.procedures.values():
        for question in procedure.checklist.questions:
            for option in question.options:
                for cue in option.cues:
                    found = find_case(procedure.checklist, key(cue))
                    assert found.get(question.id, option.id) == option.id, cue


def test_a_foreign_parent_is_not_hidden_by_words_about_the_child(knowledge: Knowledge) -> None:
    found = case(knowledge, "khai_sinh", "chồng tôi người nước ngoài, khai sinh cho con cần gì")
    assert found["doi_tuong"] == "nuoc_ngoai"
