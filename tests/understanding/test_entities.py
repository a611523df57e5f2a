"""Dates, ages, copies, dossiers, phones, relations and places, written as people write them."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time
import unicodedata
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.text import fold
from bot.understanding.entities import Age, Day, Entity, Place, find_entities, find_plain_entities

TODAY = date(2026, 11, 24)
"""A Tuesday."""


def found(text: str, *kinds: str) -> list[Entity]:
    """The entities of ``text`` of these kinds."""
    return [entity for entity in find_entities(text, TODAY) if entity.kind in kinds]


def told(text: str, *kinds: str) -> list[tuple[str, object, str]]:
    """Words, value as JSON and role of each."""
    return [(e.text, e.to_json()["value"], e.role) for e in found(text, *kinds)]


# --- dates --------------------------------------------------------------------------------

DATES = [
    # in digits
    ("cháu sinh 5/8", "5/8", "2026-08-05", "born"),
    ("Cháu sinh ngày 05/08/2026 ạ", "ngày 05/08/2026", "2026-08-05", "born"),
    ("bé nhà em đẻ hôm 5-8-26", "hôm 5-8-26", "2026-08-05", "born"),
    ("con toi sinh5/8", "5/8", "2026-08-05", "born"),
    ("ngày sinh: 1.9.2026", "1.9.2026", "2026-09-01", "born"),
    ("ngày sinh 2026-09-01", "2026-09-01", "2026-09-01", "born"),
    ("sinh 12/12 năm ngoái", "12/12 năm ngoái", "2025-12-12", "born"),
    ("cụ sinh 2/9/45", "2/9/45", "1945-09-02", "born"),
    ("cháu sinh 30/11", "30/11", "2025-11-30", "born"),
    ("sanh 29/2", "29/2", "2024-02-29", "born"),
    ("em đăng ký kết hôn ngày 20/10/2019", "ngày 20/10/2019", "2019-10-20", "married"),
    ("tụi em cưới 25/12 này", "25/12", "2026-12-25", "married"),
    ("toà cho ly hôn 3/4/2024", "3/4/2024", "2024-04-03", "divorced"),
    ("thẻ của tôi hết hạn 1/12", "1/12", "2026-12-01", "expires"),
    ("giấy hẹn trả 26/11", "26/11", "2026-11-26", "appointment"),
    ("tôi nộp hồ sơ hôm 20/11 mà chưa thấy gì", "hôm 20/11", "2026-11-20", "filed"),
    ("giấy cấp ngày 3/2/1987", "ngày 3/2/1987", "1987-02-03", "issued"),
    ("8/2025 tôi mới chuyển về", "8/2025", "2025-08", "unknown"),
    # spelt out
    ("con em sinh ngày 5 tháng 8", "ngày 5 tháng 8", "2026-08-05", "born"),
    ("sinh ngày 5 tháng 8 năm 2025", "ngày 5 tháng 8 năm 2025", "2025-08-05", "born"),
    ("đẻ ngày 5 tháng 8 năm ngoái", "ngày 5 tháng 8 năm ngoái", "2025-08-05", "born"),
    ("bà mất ngày mười lăm tháng mười", "ngày mười lăm tháng mười", "2026-10-15", "died"),
    ("cháu sinh ngày năm tháng tám", "ngày năm tháng tám", "2026-08-05", "born"),
    (
        "sinh mồng hai tháng chín năm hai nghìn không trăm hai sáu",
        "mồng hai tháng chín năm hai nghìn không trăm hai sáu",
        "2026-09-02",
        "born",
    ),
    ("ông mất hôm mùng 5 tháng 11", "hôm mùng 5 tháng 11", "2026-11-05", "died"),
    ("bé sinh 5 thag 8", "5 thag 8", "2026-08-05", "born"),
    ("bé sinh 5t8", "5t8", "2026-08-05", "born"),
    ("cháu sinh tháng 8", "tháng 8", "2026-08", "born"),
    ("cháu sinh tháng 12", "tháng 12", "2025-12", "born"),
    ("cháu sinh tháng tư năm ngoái", "tháng tư năm ngoái", "2025-04", "born"),
    ("cháu sinh đầu tháng 8", "đầu tháng 8", "2026-08-01/2026-08-10", "born"),
    ("bố mất cuối tháng 10 năm 2020", "cuối tháng 10 năm 2020", "2020-10-21/2020-10-31", "died"),
    ("em sinh năm 1998", "năm 1998", "1998", "born"),
    ("sn 98", "98", "1998", "born"),
    ("tui sanh năm 70", "năm 70", "1970", "born"),
    ("mẹ tôi sinh 1950", "1950", "1950", "born"),
    ("cưới nhau năm 2011 mà chưa đăng ký", "năm 2011", "2011", "married"),
    # from today
    ("ông em mất hôm qua", "hôm qua", "2026-11-23", "died"),
    ("bà nhà tôi mất hôm kia", "hôm kia", "2026-11-22", "died"),
    ("cụ qua đời sáng nay", "sáng nay", "2026-11-24", "died"),
    ("hqua vợ e đẻ", "hqua", "2026-11-23", "born"),
    ("đêm qua vợ em sinh rồi", "đêm qua", "2026-11-23", "born"),
    ("vợ em sinh tối qua", "tối qua", "2026-11-23", "born"),
    ("bữa kia má tui mất", "bữa kia", "2026-11-22", "died"),
    ("bọ tui mất bữa tê", "bữa tê", "2026-11-22", "died"),
    ("bé chào đời hôm 20", "hôm 20", "2026-11-20", "born"),
    ("cháu sinh hôm 28", "hôm 28", "2026-10-28", "born"),
    ("cháu sinh ngày 20 tháng trước", "ngày 20 tháng trước", "2026-10-20", "born"),
    ("nội em mất hôm 2 vừa rồi", "hôm 2 vừa rồi", "2026-11-02", "died"),
    ("vợ em sinh tuần trước", "tuần trước", "2026-11-16/2026-11-22", "born"),
    ("ba mất tuần rồi", "tuần rồi", "2026-11-16/2026-11-22", "died"),
    ("em bé sinh tháng trước", "tháng trước", "2026-10", "born"),
    ("cháu đẻ cuối tháng trước", "cuối tháng trước", "2026-10-21/2026-10-31", "born"),
    ("cháu sinh năm ngoái", "năm ngoái", "2025", "born"),
    ("chị ấy ly hôn năm kia", "năm kia", "2024", "divorced"),
    ("bố em mất thứ hai tuần trước", "thứ hai tuần trước", "2026-11-16", "died"),
    ("vợ em sinh chủ nhật vừa rồi", "chủ nhật vừa rồi", "2026-11-22", "born"),
    ("mẹ mất thứ 6", "thứ 6", "2026-11-20", "died"),
    ("ông mất cách đây 3 ngày", "cách đây 3 ngày", "2026-11-21", "died"),
    ("bố mất cách đây 2 tuần", "cách đây 2 tuần", "2026-11-07/2026-11-13", "died"),
    ("cháu sinh cách nay hai mươi ngày", "cách nay hai mươi ngày", "2026-11-03/2026-11-05", "born"),
    ("bà mất được 20 ngày rồi", "được 20 ngày rồi", "2026-11-03/2026-11-05", "died"),
    ("cụ mất 4 hôm rồi", "4 hôm rồi", "2026-11-20", "died"),
    ("bé sinh 3 thág trc", "3 thág trc", "2026-08-06/2026-09-13", "born"),
    ("bé sinh ba tháng trước", "ba tháng trước", "2026-08-06/2026-09-13", "born"),
    ("cháu sinh nửa tháng trước", "nửa tháng trước", "2026-10-28/2026-11-20", "born"),
    ("3 ngày nữa em lên lấy", "3 ngày nữa", "2026-11-27", "unknown"),
    ("tuần sau em về", "tuần sau", "2026-11-30/2026-12-06", "unknown"),
]
ACCENTS_NEEDED = {"vợ em sinh tối qua"}
""" "toi qua" is "tôi qua" as well."""


@pytest.mark.parametrize(("text", "words", "value", "role"), DATES)
def test_a_date_is_read_in_every_register(text: str, words: str, value: str, role: str) -> None:
    assert told(text, "date") == [(words, value, role)]


@pytest.mark.parametrize(("text", "words", "value", "role"), DATES)
def test_a_date_is_read_without_diacritics(text: str, words: str, value: str, role: str) -> None:
    expected = [] if text in ACCENTS_NEEDED else [(fold(words), value, role)]
    assert told(fold(text), "date") == expected


LUNAR = [
    ("cháu sinh mùng 3 tết", "mùng 3 tết", "--01-03", "born"),
    ("ông mất 28 tết", "28 tết", "--12-28", "died"),
    ("bà mất rằm tháng bảy", "rằm tháng bảy", "--07-15", "died"),
    ("sinh mùng 5 tháng 8 âm lịch", "mùng 5 tháng 8 âm lịch", "--08-05", "born"),
    ("sinh 5/8 âm", "5/8 âm", "--08-05", "born"),
    ("sinh 5/8/2026 (âm lịch)", "5/8/2026 (âm lịch", "--08-05", "born"),
    ("mùng 5 tháng giêng cháu sinh", "mùng 5 tháng giêng", "--01-05", "born"),
    ("má tui mất hồi tháng chạp", "tháng chạp", "--12", "died"),
    ("âm lịch ngày 12/3 bà mất", "ngày 12/3", "--03-12", "died"),
]


@pytest.mark.parametrize(("text", "words", "value", "role"), LUNAR)
@pytest.mark.parametrize("bare", [False, True])
def test_a_lunar_date_has_no_solar_day(
    text: str, words: str, value: str, role: str, bare: bool
) -> None:
    text, words = (fold(text), fold(words)) if bare else (text, words)
    assert told(text, "date", "lunar_date") == [(words, value, role)]


def test_a_solar_day_beside_a_lunar_one_is_read() -> None:
    pairs = [(e.kind, e.to_json()["value"]) for e in find_entities("5/8 âm tức 16/9/2026", TODAY)]
    assert pairs == [("lunar_date", "--08-05"), ("date", "2026-09-16")]


@pytest.mark.parametrize(
    "text",
    [
        "cháu sinh 30/2/2026", "cháu sinh 32/1", "sinh 5/13", "nhà số 12/5 đường 3/2",
        "Nghị định 123/2015/NĐ-CP", "Thông tư 04/2020/TT-BTP", "luật 60/2014/QH13",
        "làm mất 3 ngày không", "mấy tháng trước", "vài hôm trước", "hôm nào lên được",
        "con thứ hai của em", "cháu sinh mùng 3", "giấy cấp trước năm 1975", "làm 1/2 ngày",
        "mất mấy ngày thì xong", "5.8 triệu", "có 2 con", "phường 3", "toi qua xa duoc khong",
        "trong tuần có làm không", "thứ tự số 88", "đời thứ ba", "1900", "tầng 3/5",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_date_is_none(text: str) -> None:
    assert told(text, "date", "lunar_date") == []


ROLES = [
    ("em làm mất giấy khai sinh hôm 20/11", ["unknown"]),
    ("giấy khai sinh của em mất hôm qua", ["unknown"]),
    ("sổ hộ khẩu bị mất năm 2019", ["unknown"]),
    ("làm giấy khai tử cho ông mất hôm qua", ["died"]),
    ("cháu đi khai sinh hôm 5/8", ["unknown"]),
    ("de lam khai sinh ngay 5/8", ["unknown"]),
    ("vo em de dem qua", ["born"]),
    ("ông sinh 1940 mất 3/11", ["born", "died"]),
    ("em sinh năm 1998, con em sinh 5/8", ["born", "born"]),
    ("con em sinh 5/8, hôm qua em lên xã hỏi", ["born", "unknown"]),
    ("hy sinh năm 1972", ["died"]),
    ("dự sinh 5/12", ["unknown"]),
    ("học sinh năm 2019", ["unknown"]),
    ("sinh viên năm 2019", ["unknown"]),
    ("làm lại giấy kết hôn năm 2005", ["unknown"]),
    ("nộp hôm 20/11, hẹn 27/11", ["filed", "appointment"]),
]


@pytest.mark.parametrize(("text", "roles"), ROLES)
def test_what_happened_on_a_date_is_told_by_the_word_beside_it(text: str, roles: list[str]) -> None:
    assert [entity.role for entity in found(text, "date")] == roles


# --- ages ---------------------------------------------------------------------------------

AGES = [
    ("cháu được 3 tháng", "3 tháng", (83, 120), "child"),
    ("bé nhà em được 3 thag r", "3 thag", (83, 120), "child"),
    ("con em được ba tháng rồi", "ba tháng rồi", (83, 120), "child"),
    ("cháu mới được hai mươi ngày", "hai mươi ngày", (19, 21), "child"),
    ("bé được 58 ngày", "58 ngày", (58, 58), "child"),
    ("con tui gần 2 tháng", "gần 2 tháng", (42, 60), "child"),
    ("cháu hơn 2 tháng", "hơn 2 tháng", (61, 91), "child"),
    ("bé chưa đầy 2 tháng", "chưa đầy 2 tháng", (0, 60), "child"),
    ("cháu được tháng rưỡi", "tháng rưỡi", (39, 52), "child"),
    ("bé được hơn tháng", "hơn tháng", (31, 45), "child"),
    ("sinh được 2 tuần", "2 tuần", (11, 20), "child"),
    ("2 tuần tuổi", "2 tuần tuổi", (11, 20), "child"),
    ("bé 3 tháng tuổi", "3 tháng tuổi", (83, 120), "child"),
    ("cháu được 2 tháng 5 ngày", "2 tháng 5 ngày", (63, 69), "child"),
    ("cháu nội được nửa năm", "nửa năm", (146, 256), "child"),
    ("con 2 tuổi rưỡi", "2 tuổi rưỡi", (840, 987), "child"),
    ("cháu bảy tuổi chưa có khai sinh", "bảy tuổi", (2191, 2921), "child"),
    ("con gái tôi 17 tuổi", "17 tuổi", (5844, 6573), "woman"),
    ("nam 19 tuổi", "19 tuổi", (6574, 7304), "man"),
    ("em 17 tuổi", "17 tuổi", (5844, 6573), "unknown"),
    ("hai đứa đều 25 tuổi", "25 tuổi", (8766, 9495), "both"),
    ("mẹ em bảy mươi hai tuổi", "bảy mươi hai tuổi", (25932, 26662), "woman"),
    ("3 tháng", "3 tháng", (83, 120), "unknown"),
    ("dạ 20 ngày rồi ạ", "20 ngày", (19, 21), "unknown"),
]


@pytest.mark.parametrize(("text", "words", "span", "role"), AGES)
@pytest.mark.parametrize("bare", [False, True])
def test_an_age_is_read_in_every_register(
    text: str, words: str, span: tuple[int, int], role: str, bare: bool
) -> None:
    text, words = (fold(text), fold(words)) if bare else (text, words)
    (entity,) = found(text, "age")
    assert isinstance(entity.value, Age)
    assert (entity.text, (entity.value.least, entity.value.most)) == (words, span)
    assert entity.role == role


@pytest.mark.parametrize(
    "text",
    [
        "trẻ dưới 6 tuổi", "từ đủ 14 tuổi trở lên", "bao nhiêu tuổi", "quá 60 tuổi",
        "khai sinh cho con 5 ngày có chưa", "hồi cháu 2 tuổi", "con em 3 tháng trước", "ba tui mất",
        "nếu cháu được 3 tháng thì sao", "chưa đủ 18 tuổi lấy vợ được không", "trễ 2 tuổi",
        "mấy tháng tuổi thì làm", "999 tuổi",
    ],
)  # fmt: skip
def test_what_is_nobodys_age_is_none(text: str) -> None:
    assert told(text, "age") == []


def test_two_ages_keep_their_owners() -> None:
    text = "anh 25 tuổi, bạn gái 17 tuổi, con được 3 tháng"
    assert [e.role for e in found(text, "age")] == ["man", "woman", "child"]


# --- codes, numbers, copies ---------------------------------------------------------------

DOSSIERS = [
    ("hồ sơ 000.00.04.H51-200221-0001 xong chưa", "000.00.04.H51-200221-0001"),
    ("H01.02.03-250701-0001", "H01.02.03-250701-0001"),
    ("ma g22.99.01-261105-0012 den dau roi", "G22.99.01-261105-0012"),
    ("H26.161 - 250715 - 0042 ạ", "H26.161-250715-0042"),
    ("(G01.899.108.000-230805-0012)", "G01.899.108.000-230805-0012"),
    ("hs:H50-261021-000123.", "H50-261021-000123"),
    ("ho so h56 231120 0001 den dau roi", "H56-231120-0001"),
    ("H562311200001", "H56-231120-0001"),
    ("h26.161_250715_0042", "H26.161-250715-0042"),
]


@pytest.mark.parametrize(("text", "code"), DOSSIERS)
def test_a_dossier_code_is_written_in_one_way(text: str, code: str) -> None:
    assert [e.value for e in found(text, "dossier")] == [code]


@pytest.mark.parametrize(
    "text",
    ["H56 239920 0001", "H01-259901-0001", "AH01-250701-0001", "H01-250701-01", "1.001193",
     "H01.02.03"],
)  # fmt: skip
def test_what_is_no_dossier_code_is_none(text: str) -> None:
    assert found(text, "dossier") == []


PHONES = [
    ("sđt 0912345678", "0912345678", "+84912345678", "mobile"),
    ("goi 0912.345.678 nhe", "0912.345.678", "+84912345678", "mobile"),
    ("+84 912 345 678", "+84 912 345 678", "+84912345678", "mobile"),
    ("84912345678", "84912345678", "+84912345678", "mobile"),
    ("số em 0912 345 678 15h gọi", "0912 345 678", "+84912345678", "mobile"),
    ("0912-345-678", "0912-345-678", "+84912345678", "mobile"),
    ("091 234 5678", "091 234 5678", "+84912345678", "mobile"),
    ("số cũ 0168 123 4567", "0168 123 4567", "+84381234567", "mobile"),
    ("01201234567", "01201234567", "+84701234567", "mobile"),
    ("0166 234 5678 nhé", "0166 234 5678", "+84362345678", "mobile"),
    ("+84 123 456 7890", "+84 123 456 7890", "+84834567890", "mobile"),
    ("máy bàn 024 3888 9999", "024 3888 9999", "+842438889999", "landline"),
]


@pytest.mark.parametrize(("text", "words", "number", "role"), PHONES)
def test_a_phone_number_is_read_however_it_is_grouped(
    text: str, words: str, number: str, role: str
) -> None:
    assert told(text, "phone") == [(words, number, role)]


@pytest.mark.parametrize(
    "text",
    ["001090012345", "912345678", "0112345678", "01111111111", "113", "091234567", "0912345678901",
     "1.000.000 đồng", "05/08/2026 10h30", "H01.02.03-250701-0912"],
)  # fmt: skip
def test_what_is_no_phone_number_is_none(text: str) -> None:
    assert found(text, "phone") == []


COPIES = [
    ("sao y 5 bản", 5), ("chứng thực năm bản nhé", 5), ("ba bộ hồ sơ", 3), ("photo 3 ban", 3),
    ("xin 2 bộ", 2), ("lay cho em 10 ban", 10), ("mười bản", 10), ("can 2 ban sao", 2),
    ("trích lục khai sinh hai bản sao", 2), ("công chứng 20 bản bằng đại học", 20),
]  # fmt: skip


@pytest.mark.parametrize(("text", "count"), COPIES)
def test_how_many_copies(text: str, count: int) -> None:
    assert [e.value for e in found(text, "copies")] == [count]


@pytest.mark.parametrize(
    "text",
    ["một bản bao nhiêu tiền", "mỗi bản 2 nghìn", "2 bản chính", "hai bạn trẻ muốn kết hôn",
     "hai ban tre muon ket hon", "việt nam ban hành", "sao từ bản chính", "sao y được từ bản sao",
     "cán bộ", "5 bản án", "năm bản thân em"],
)  # fmt: skip
def test_what_is_no_number_of_copies_is_none(text: str) -> None:
    assert found(text, "copies") == []


# --- relations ----------------------------------------------------------------------------

FILES_FOR = [
    ("bà nội đi làm cho cháu", "grandmother>grandchild"),
    ("ba noi di lam cho chau", "grandmother>grandchild"),
    ("ông ngoại ra khai sinh cho cháu được không", "grandfather>grandchild"),
    ("em làm hộ mẹ", "self>mother"),
    ("mần cho má", "self>mother"),
    ("tui mần giấy tờ cho má tui", "self>mother"),
    ("em nộp thay chồng", "self>husband"),
    ("nhờ hàng xóm nộp giúp", "neighbour>self"),
    ("con đi khai tử cho ba", "child>father"),
    ("tôi đi đăng ký giùm em gái", "self>sibling"),
    ("cô đi khai sinh cho cháu", "uncle_aunt>nephew_niece"),
    ("em muốn làm giấy khai sinh cho con trai em", "self>son"),
    ("toi xin giay xac nhan ho vo", "self>wife"),
    ("đi lấy trích lục giùm bố mẹ", "self>parents"),
]


@pytest.mark.parametrize(("text", "relation"), FILES_FOR)
def test_who_files_for_whom(text: str, relation: str) -> None:
    values = [e.value for e in found(text, "relation") if e.role == "files_for"]
    assert values == [relation]


ABOUT = [
    ("con trai tôi 3 tuổi", "son"), ("mẹ em mất", "mother"), ("vợ tui mới đẻ", "wife"),
    ("bố em bị ốm", "father"), ("ông nội em", "grandfather"), ("anh trai em kết hôn", "sibling"),
    ("me em bi om", "mother"), ("ba tui mất", "father"), ("bé nhà em", "child"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "person"), ABOUT)
def test_of_whom_is_spoken(text: str, person: str) -> None:
    assert [e.value for e in found(text, "relation") if e.role == "about"] == [person]


@pytest.mark.parametrize(
    "text",
    ["chị làm giúp em với", "làm cho nhanh", "cho em hỏi", "em xin giấy cho em", "ba em bi om",
     "co di lam khong", "đăng ký giám hộ cháu", "cậu minh mẫn"],
)  # fmt: skip
def test_what_tells_no_relation(text: str) -> None:
    assert found(text, "relation") == []


# --- places -------------------------------------------------------------------------------

SONG_PHUONG = "Xã Song Phượng, Huyện Đan Phượng, Thành phố Hà Nội"
DAN_PHUONG = "Xã Đan Phượng, Thành phố Hà Nội"
ME_TRI = "Phường Mễ Trì, Quận Nam Từ Liêm, Thành phố Hà Nội"
ME_TRI_NOW = tuple(f"Phường {n}, Thành phố Hà Nội" for n in ("Đại Mỗ", "Từ Liêm", "Yên Hòa"))
PLACES = [
    ("xã Song Phượng huyện Đan Phượng", SONG_PHUONG, (DAN_PHUONG,), "old"),
    ("xa song phuong huyen dan phuong", SONG_PHUONG, (DAN_PHUONG,), "old"),
    ("em ở xã Song Phượng, Đan Phượng, Hà Nội", SONG_PHUONG, (DAN_PHUONG,), "old"),
    ("x. Song Phượng, h. Đan Phượng", SONG_PHUONG, (DAN_PHUONG,), "old"),
    ("XÃ SONG PHƯỢNG", SONG_PHUONG, (DAN_PHUONG,), "old"),
    ("xa song phuong", "xa song phuong", (), "old"),
    ("phường Mễ Trì cũ", ME_TRI, ME_TRI_NOW, "old"),
    ("phuong me tri cu", ME_TRI, ME_TRI_NOW, "old"),
    ("P. Mễ Trì, Q. Nam Từ Liêm, Hà Nội", ME_TRI, ME_TRI_NOW, "old"),
    ("xã Đan Phượng", "xã Đan Phượng", (), "unclear"),
    ("xã Đan Phượng cũ", "Xã Đan Phượng", (), "old"),
    ("xã Tân Lập", "xã Tân Lập", (), "unclear"),
    ("tỉnh Hà Nam", "Tỉnh Hà Nam", ("Tỉnh Ninh Bình",), "old"),
    ("tinh ha nam cu", "Tỉnh Hà Nam", ("Tỉnh Ninh Bình",), "old"),
    ("tỉnh Lào Cai", "Tỉnh Lào Cai", ("Tỉnh Lào Cai",), "current"),
    ("huyện Đan Phượng", "Huyện Đan Phượng, Thành phố Hà Nội", (), "old"),
    ("TP.HCM", "Thành phố Hồ Chí Minh", ("Thành phố Hồ Chí Minh",), "current"),
    (
        "phường Hoà Khánh Bắc quận Liên Chiểu",
        "Phường Hòa Khánh Bắc, Quận Liên Chiểu, Thành phố Đà Nẵng",
        ("Phường Liên Chiểu, Thành phố Đà Nẵng",),
        "old",
    ),
]


@pytest.mark.parametrize(("text", "name", "now", "role"), PLACES)
def test_a_place_is_found_with_what_it_is_today(
    text: str, name: str, now: tuple[str, ...], role: str
) -> None:
    (entity,) = found(text, "place")
    assert isinstance(entity.value, Place)
    assert (entity.value.name, entity.value.now, entity.role) == (name, now, role)


@pytest.mark.parametrize(
    "text",
    ["xã mình làm việc mấy giờ", "xã nào", "lên xã ba lần", "lên xã tư vấn giúp", "xã hội",
     "huyện ủy", "tỉnh khác", "phường 12", "xã biên giới", "Song Phượng", "xã làm khai sinh"],
)  # fmt: skip
def test_what_names_no_place_is_none(text: str) -> None:
    assert found(text, "place") == []


def test_what_a_divided_or_merged_commune_became_is_what_underthesea_says() -> None:
    from underthesea.address import MappingType, convert_address

    from bot.understanding.entities.place_table import place_table

    units = [unit for same in place_table().old.values() for unit in same if unit.now]
    assert len(units) > 9000
    for unit in units[::97]:
        theirs = convert_address(unit.full)
        assert f"{theirs.new.ward}, {theirs.new.province}" in unit.now
        if theirs.mapping_type is not MappingType.DIVIDED:
            assert len(unit.now) == 1


def test_no_place_no_table_and_never_underthesea() -> None:
    script = (
        "import sys; from datetime import date; from bot.understanding.entities import *;"
        "from bot.understanding.entities.place_table import place_table as t;"
        "find_entities('cháu sinh 5/8', date(2026, 11, 24));"
        "assert t.cache_info().currsize == 0;"
        "find_entities('xã Song Phượng', date(2026, 11, 24));"
        "assert t.cache_info().currsize == 1;"
        "assert not {'underthesea', 'dateparser', 'numpy', 'rasa'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


# --- of all kinds -------------------------------------------------------------------------

PIECES = [
    "cháu", "sinh", "mất", "mat", "5/8", "hôm qua", "3 tháng", "thag", "năm bản", "mùng 3 tết",
    "H01.02.03-250701-0001", "0912 345 678", "xã", "Song Phượng", "huyện Đan Phượng", "cũ",
    "đi làm", "cho", "mẹ", "bà nội", "hai", "mươi", "ngày", "tháng", "năm", "2026", "1/1/1",
    "30/2", "99999",
    "âm lịch", "\u0301", "İ", "ﬁ", "🙂", "\u200b", "٣", "tuổi", "được", "trước", "-", "/", ".", ",",
]  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    text=st.text(max_size=120) | st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join)
    | st.lists(st.sampled_from(PIECES), max_size=14).map("".join),
    today=st.dates(date(1, 1, 1), date(9999, 12, 31)),
    form=st.sampled_from(["NFC", "NFD", "NFKC"]),
)  # fmt: skip
def test_any_text_on_any_day_is_survived_and_spans_are_true(
    text: str, today: date, form: str
) -> None:
    text = unicodedata.normalize(form, text)  # type: ignore[arg-type]
    entities = find_entities(text, today)
    for entity in entities:
        assert 0 <= entity.start < entity.end <= len(text)
        assert text[entity.start : entity.end] == entity.text
        assert entity.to_json()
    apart = sorted((e.start, e.end) for e in entities if e.kind != "relation")
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(apart))


@pytest.mark.parametrize("text", [case[0] for case in (*DATES, *AGES, *LUNAR, *PLACES)])
def test_decomposed_letters_name_the_same(text: str) -> None:
    decomposed = unicodedata.normalize("NFD", text)
    entities = find_entities(decomposed, TODAY)
    assert [e.value for e in entities if e.kind != "place"] == [
        e.value for e in find_entities(text, TODAY) if e.kind != "place"
    ]
    assert all(decomposed[e.start : e.end] == e.text for e in entities)


FORMS = [
    "{d.day}/{d.month}/{d.year}", "{d:%d-%m-%Y}", "{d:%d.%m.%Y}", "{d:%Y-%m-%d}",
    "ngày {d.day} tháng {d.month} năm {d.year}", "ngay {d.day} thang {d.month} nam {d.year}",
    "{d.day} tháng {d.month} năm {d.year}", "hôm {d.day}/{d.month}/{d.year}",
]  # fmt: skip


@given(
    day=st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    form=st.sampled_from(FORMS),
    event=st.sampled_from([("sinh", "born"), ("qua đời", "died"), ("hết hạn", "expires")]),
)
def test_a_written_date_comes_back(day: date, form: str, event: tuple[str, str]) -> None:
    text = f"cháu {event[0]} {form.format(d=day)} ạ"
    (entity,) = [e for e in find_plain_entities(text, TODAY) if e.kind == "date"]
    assert entity.value == Day(day, day)
    assert entity.role == event[1]


@given(back=st.integers(1, 14))
def test_days_ago_come_back(back: int) -> None:
    (entity,) = found(f"ông mất cách đây {back} ngày", "date")
    assert isinstance(entity.value, Day)
    assert entity.value.first <= TODAY - timedelta(days=back) <= entity.value.last


@given(count=st.integers(1, 60), unit=st.sampled_from([("ngày", 1), ("tuần", 7), ("tháng", 30.4)]))
def test_an_age_holds_what_it_says(count: int, unit: tuple[str, float]) -> None:
    (entity,) = found(f"cháu được {count} {unit[0]} tuổi", "age")
    assert isinstance(entity.value, Age)
    assert entity.value.least <= round(count * unit[1]) <= entity.value.most + 1


@given(
    parts=st.lists(st.integers(0, 999), max_size=4),
    letter=st.sampled_from("HGK"),
    day=st.dates(date(2020, 1, 1), date(2030, 12, 31)),
    number=st.integers(1, 9999),
    small=st.booleans(),
)
def test_a_code_comes_back(
    parts: list[int], letter: str, day: date, number: int, small: bool
) -> None:
    code = f"{letter}01{''.join(f'.{p}' for p in parts)}-{day:%y%m%d}-{number:04}"
    (entity,) = found(f"hồ sơ {code.lower() if small else code} ạ", "dossier")
    assert entity.value == code


@given(
    prefix=st.sampled_from(["032", "039", "070", "081", "090", "091", "098"]),
    rest=st.integers(0, 9_999_999),
    form=st.sampled_from(["{0}{1}{2}", "{0} {1} {2}", "{0}.{1}.{2}", "{0}-{1}-{2}"]),
    abroad=st.booleans(),
)
def test_a_phone_number_comes_back(prefix: str, rest: int, form: str, abroad: bool) -> None:
    digits = f"{rest:07}"
    said = form.format(prefix, digits[:3], digits[3:])
    said = f"+84{said[1:]}" if abroad else said
    (entity,) = found(f"số {said} nhé", "phone")
    assert entity.value == f"+84{prefix[1:]}{digits}"


def test_a_long_message_is_read_in_no_time() -> None:
    text = "em đi làm cho mẹ ngày 5 tháng 8 xã mình 3 tháng được 20 ngày rồi " * 60
    started = time.perf_counter()
    find_entities(text, TODAY)
    find_entities("a " * 2000 + "1/" * 1000, TODAY)
    assert time.perf_counter() - started < 2
