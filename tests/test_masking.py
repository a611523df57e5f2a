"""What tells who somebody is goes; what tells what they ask stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.masking import MASKS, has_words, mask, without_masks
from bot.text import MASK
from bot.understanding.training_data import read_examples
from tests.conftest import ROOT


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Tôi tên là Nguyễn Văn Bình muốn hỏi", "Tôi tên là [tên] muốn hỏi"),
        ("con em tên Trần Gia Bảo chưa có giấy", "con em tên [tên] chưa có giấy"),
        ("bà Lê Thị Tám mất tháng trước", "bà [tên] mất tháng trước"),
        ("chị Thanh Hoa ở xóm 2", "chị [tên] ở xóm 2"),
        ("anh Nguyễn Công An hỏi", "anh [tên] hỏi"),
        ("Em Lan Anh đây ạ", "Em [tên] đây ạ"),
        ("Bé An sinh tại nhà", "Bé [tên] sinh tại nhà"),
        ("cán bộ Hùng hôm qua bảo em", "cán bộ [tên] hôm qua bảo em"),
        ("Giàng A Páo xin làm khai sinh", "[tên] xin làm khai sinh"),
        ("tôi thay mặt ông K'Brơi", "tôi thay mặt ông [tên]"),
        ("vợ tôi là Phạm Thị Lan, quê Nghệ An", "vợ tôi là [tên], quê Nghệ An"),
        ("TÔI TÊN LÀ TRẦN QUỐC TOẢN MUỐN HỎI", "TÔI TÊN LÀ [tên] MUỐN HỎI"),
        ("CHÁU NGUYỄN THỊ HOA ĐÃ CÓ GIẤY CHƯA", "CHÁU [tên] ĐÃ CÓ GIẤY CHƯA"),
        ("trần quốc toản xin giấy xác nhận", "[tên] xin giấy xác nhận"),
        ("họ tên: lê hồng phong, cần trích lục", "họ tên: [tên], cần trích lục"),
        ("em tên hoa muốn làm giấy", "em tên [tên] muốn làm giấy"),
        ("tên con em là bảo", "tên con em là [tên]"),
        ("toi la nguyen van an muon hoi", "toi la [tên] muon hoi"),
        ("bo la nguyen van ba", "bo la [tên]"),
        ("ten toi la tran thi hong nhung", "ten toi la [tên]"),
        ("hoang van thu xin giay", "[tên] xin giay"),
    ],
)
def test_names_of_people_are_masked_however_they_are_typed(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "MẤT GIẤY KHAI SINH PHẢI LÀM SAO",
        "Làm Giấy Khai Sinh Cho Con Nhà Em",
        "Hồ Sơ Khai Sinh gồm gì, lý do gì",
        "Sổ Hộ Khẩu ở Hà Nội, chuyển về Thừa Thiên Huế",
        "Ủy Ban Nhân Dân xã mấy giờ mở",
        "tôi là mẹ đơn thân, em là Đảng viên, tôi là Việt kiều",
        "lấy chồng Hàn, vợ Trung Quốc, người Lào",
        "tên trên giấy khai sinh sai, con tôi tên sai",
        "toi tu nguyen, nguyen quan o dau, co vi pham quy dinh gi khong",
        "vo thi phai lam sao, ho thi bao khong duoc",
        "quá 60 ngày phạt 1.500.000 đồng không",
        "thủ tục 1.001193 theo Nghị định 123/2015/NĐ-CP",
        "8h30 - 11h30 có ai không",
    ],
)
def test_what_only_looks_like_a_name_or_a_number_stays(text: str) -> None:
    assert mask(text) == text


def test_the_training_utterances_are_hardly_touched() -> None:
    """They hold few names: a rule that bites into ordinary questions would show here."""
    texts = [example.text for example in read_examples(ROOT / "nlu_data")]
    touched = [text for text in texts if mask(text) != text]
    assert len(touched) < 0.02 * len(texts), touched


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("gọi em số 0912.345.678 nhé", "gọi em số [số điện thoại] nhé"),
        ("+84 912 345 678 hoặc 02253 123 456", "[số điện thoại] hoặc [số điện thoại]"),
        ("gửi vào an.le@gmail.com nhé", "gửi vào [địa chỉ mạng] nhé"),
        ("em ở https://fb.com/an.le nhé", "em ở [địa chỉ mạng] nhé"),
        ("hồ sơ 000.00.08.H56-231120-0001 đến đâu", "hồ sơ [mã hồ sơ] đến đâu"),
        ("tra mã 26.11.H40.0456", "tra mã [mã hồ sơ]"),
        ("cháu sinh ngày 5/6/2020", "cháu sinh ngày [ngày]"),
        ("cháu sinh 5/6 chưa khai sinh", "cháu sinh [ngày] chưa khai sinh"),
        ("mẹ sinh ngày 12 tháng 3 năm 1950", "mẹ sinh [ngày]"),
        ("bà sinh năm 1950, ông sn 48", "bà sinh năm [năm], ông sn [năm]"),
        ("mất hôm 12-3-2024", "mất hôm [ngày]"),
        ("hộ chiếu B1234567", "hộ chiếu [số]"),
        ("tài khoản 1234 5678 90", "tài khoản [số]"),
        ("cccd 0010 9001 2345", f"cccd {MASK}"),
    ],
)
def test_numbers_dates_and_addresses_are_masked(text: str, masked: str) -> None:
    assert mask(text) == masked


def test_letters_composed_otherwise_are_the_same_letters() -> None:
    import unicodedata

    assert mask(unicodedata.normalize("NFD", "tôi tên là Nguyễn Văn Bình")) == "tôi tên là [tên]"


@given(
    before=st.text("abc đế,. \n", max_size=20),
    digits=st.text("0123456789", min_size=8, max_size=8),
    mark=st.sampled_from(["", " ", ".", "-"]),
    after=st.text("abc đế,. \n", max_size=20),
)
def test_no_telephone_number_gets_through(before: str, digits: str, mark: str, after: str) -> None:
    number = mark.join(["09" + digits[:2], digits[2:5], digits[5:]])
    masked = mask(f"{before} {number} {after}")
    assert not any(c.isdigit() for c in masked)


@given(st.text(max_size=300))
def test_any_text_can_be_masked(text: str) -> None:
    masked = mask(text)
    assert not any(m in without_masks(masked) for m in MASKS)


@pytest.mark.parametrize(
    "junk", ["", "???", "123", "🙂", "[tên]", f"{MASK} 12", "[số điện thoại]."]
)
def test_without_letters_there_is_nothing_to_learn(junk: str) -> None:
    assert not has_words(junk)


def test_masks_leave_no_gaps() -> None:
    assert without_masks("Tôi tên là [tên], sinh [ngày] hỏi") == "Tôi tên là, sinh hỏi"
    assert without_masks("gọi[số điện thoại]nhé ?") == "gọi nhé ?"
    assert without_masks("[tên] hỏi [số].") == "hỏi."
