"""What is written in digits: dossier codes, phone numbers, how many copies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from bot.text import DOSSIER, DOSSIER_LOOSE
from bot.understanding.entities.numerals import NUMBER, read_number
from bot.understanding.entities.wording import Lowered, after, before, one_of, pattern


@dataclass(frozen=True, slots=True)
class Written:
    """Found at ``start``..``end`` of the lowered text."""

    start: int
    end: int
    value: str
    role: str = "unknown"


# --- dossiers ---------------------------------------------------------------------------

_CODE = re.compile(rf"(?<![^\W_])(?<![.\-])(?:{DOSSIER}|{DOSSIER_LOOSE})(?![^\W_])", re.IGNORECASE)
_IN_THREE = re.compile(
    r"((?:\d{3}\.\d{2}\.\d{2}\.)?[a-z]\d{2}(?:\.\d{1,3})*)[\W_]*(\d{6})[\W_]*(\d{4,6})"
)


def dossiers(low: Lowered) -> Iterator[Written]:
    """Codes of dossiers: H01.02.03-250701-0001, 000.00.04.H51-200221-0001, h56 231120 0001."""
    for match in _CODE.finditer(low.text):
        parts = _IN_THREE.fullmatch(match.group())
        if parts is None:
            continue
        code, day = "-".join(parts.groups()).upper(), parts[2]
        if 1 <= int(day[2:4]) <= 12 and 1 <= int(day[4:]) <= 31:
            yield Written(match.start(), match.end(), code)


# --- phone numbers ----------------------------------------------------------------------

_OLD_MOBILE = {
    "0120": "070", "0121": "079", "0122": "077", "0126": "076", "0128": "078", "0123": "083",
    "0124": "084", "0125": "085", "0127": "081", "0129": "082", "0162": "032", "0163": "033",
    "0164": "034", "0165": "035", "0166": "036", "0167": "037", "0168": "038", "0169": "039",
    "0186": "056", "0188": "058", "0199": "059",
}  # fmt: skip
"""Mobile numbers had eleven digits until 2018; what stands for them since."""
_DIALLED = re.compile(r"(?<![\w.])(?:\+\s?84|0084|84|0)(?:[\s.\-()]{0,2}\d){8,10}(?![\w])(?!\.\d)")
_MOBILE_TYPES = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}
_SEPARATORS = re.compile(r"[^\d+]")
_SHORTER = re.compile(r"[\s.\-()]+\d+$")


def phones(low: Lowered) -> Iterator[Written]:
    """Vietnamese phone numbers, as E.164; mobile or landline."""
    for match in _DIALLED.finditer(low.text):
        said, end = match.group(), match.end()
        number = _phone(said)
        while number is None and (tail := _SHORTER.search(said)):
            # "0912 345 678 15": another number stands beside it.
            said, end = said[: tail.start()], end - (len(said) - tail.start())
            number = _phone(said)
        if number is not None:
            yield Written(match.start(), end, *number)


def _phone(said: str) -> tuple[str, str] | None:
    digits = _SEPARATORS.sub("", said)
    digits = f"+84{digits[4:]}" if digits.startswith("0084") else digits
    digits = f"+{digits}" if digits.startswith("84") else digits
    national = f"0{digits[3:]}" if digits.startswith("+84") else digits
    national = f"0{national[2:]}" if national.startswith("00") else national
    if len(national) == 11 and national[:4] in _OLD_MOBILE:
        national = _OLD_MOBILE[national[:4]] + national[4:]
    try:
        number = phonenumbers.parse(national, "VN")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number) or number.country_code != 84:
        return None
    kind = phonenumbers.number_type(number)
    if kind not in {*_MOBILE_TYPES, PhoneNumberType.FIXED_LINE}:
        return None
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return e164, "mobile" if kind in _MOBILE_TYPES else "landline"


# --- copies -----------------------------------------------------------------------------

MOST_COPIES = 500
_KIND = "(?P<kind>bản sao|bản photo|bản|bộ|quyển)"
_COPIES = pattern(rf"(?P<n>{NUMBER})\s*{_KIND}")
_NO_COPIES_AFTER = after(
    r"(?:chính|gốc|án|thân|đồ|tin|làng|đội|phận|trưởng|nhạc|môn|công an|tư pháp|bao nhiêu|mấy"
    r"|giá|hết bao|hành|quyền|chất|khai|tường trình|mường|thái|ngoại|y tế|luật|mặt|đảng|trẻ|tuổi"
    r"|cam kết|di chúc)"
)
_PRICE_BEFORE = before("mỗi|giá|từng")
_NATION = before("việt|miền|số|cộng")
_COPYING = pattern(
    one_of(
        "sao y, sao, photo, photocopy, pho to, chứng thực, công chứng, in, cấp, trích lục, xin, "
        "lấy, cần, làm, nộp, được, thêm, ra, cho em, cho tôi"
    )
)
_AFTER_PLAIN = after(
    r"(?:hồ sơ|trích lục|công chứng|chứng thực|nữa|thôi|khai sinh|giấy|nhé|nha|ạ|em)|$"
)


def copies(low: Lowered) -> Iterator[tuple[int, int, int]]:
    """Start, end and number of copies: "5 bản", "ba bộ"."""
    for match in _COPIES.finditer(low.text):
        count = read_number(match["n"])
        if 1 <= count <= MOST_COPIES and _are_copies(low, match, count):
            yield match.start(), match.end(), count


def _are_copies(low: Lowered, m: re.Match[str], count: int) -> bool:
    text, since = low.text, max(0, m.start() - 30)
    if _NO_COPIES_AFTER.match(text, m.end()) or _PRICE_BEFORE.search(text, since, m.start()):
        return False
    if not m["n"].isdecimal() and _NATION.search(text, since, m.start()):
        return False  # "việt nam ban hành"
    if m["n"].isdecimal() and (m["kind"] != "ban" or low.accented):
        return True
    # In words, or without diacritics, "hai ban" may be two friends and "năm bản" a year.
    asked = _COPYING.search(text, since, m.start()) or _AFTER_PLAIN.match(text, m.end())
    return bool(asked) or "sao" in m["kind"] or "photo" in m["kind"]
