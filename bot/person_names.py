"""Finds names of people in a citizen's words, by rules: capitals, surnames, words before them.

A name that stays is worse than a word too many that goes: the words are kept to learn from.
Still the words that say what a question is about must stay, so what only looks like a name
("Hồ Sơ Khai Sinh", "Hà Nội") is listed below. Rules and no tagger: underthesea's goes by
capitals as well (it takes "MẤT GIẤY KHAI SINH" for a person and misses "nguyen van an").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.text import fold

LONGEST = 6
"""Words of a name that is written with capitals."""
LONGEST_LOWER = 4
LONGEST_WITHOUT_SURNAME = 2
_CALM = 0.6
"""With more capitals than this, they say nothing ("LÀM GIẤY KHAI SINH")."""
_FEW = 6
"""Fewer words may all be a name."""

_WORD = re.compile(r"(?<![\d_])[^\W\d_]+(?:['’][^\W\d_]+)*\b")
_JOIN = re.compile(r"[ \t]*:?[ \t]*")


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _pairs(words: str) -> frozenset[str]:
    return frozenset(words.split(", "))


_SURNAMES = _set(
    "nguyễn trần lê phạm hoàng huỳnh phan vũ võ đặng bùi đỗ hồ ngô dương lý đinh đoàn lương "
    "trịnh mai đào hà tô tạ cao lâm trương vương thái châu phùng quách tăng giang lưu thạch "
    "mạc triệu nông đàm chu tống nghiêm doãn bế lục ma lò lường quàng cầm giàng sùng vàng thào "
    "hạng tẩn chảo phàn kim sơn danh hứa"
)
_SURE = _set("nguyễn trần phạm huỳnh phan bùi ngô đặng đinh trịnh lê võ vũ hoàng đỗ")
"""Surnames that are hardly ever another word."""
_SURE_PLAIN = frozenset(["nguyen", "pham", "huynh"])
"""Those of them that are none without accents either."""
_PLAIN = _set(
    "tran le hoang phan vu bui ngo dang duong dinh doan luong trinh dao truong trieu nong"
)
"""Surnames without accents that count only before "van" or "thi"."""
_NO_SURNAME_AFTER = frozenset(["tu", "thai", "tay", "cao", "trung", "vi", "xam"])
_NO_SURNAME_BEFORE = frozenset(
    ["vong", "nhan", "quan", "ban", "don", "tac", "vat", "ven", "lieu", "thuy", "vi"]
)
"""tự nguyện, Thái Nguyên, vi phạm; nguyện vọng, nguyên nhân, nguyên quán, phạm vi."""
_MIDDLE = frozenset(["văn", "thị", "van", "thi"])

_KIN = _set(
    "ông bà anh chị cô chú bác dì cậu mợ thím cháu em con bé cụ thầy vợ chồng bố mẹ ba má cha "
    "bạn gái trai út tôi tui mình dượng "
    "ong ba chi co chu bac di cau chau be cu vo chong bo me ma toi minh ban gai"
)
"""Words before a name, and before "tên" or "là" and a name."""

_NAMED = frozenset(["tên", "ten"])
_IS = frozenset(["là", "la"])

_NEVER = _set(
    "tôi tui em mình cháu con anh chị ông bà cô chú bác dì bố mẹ cha vợ chồng bạn ai gì nào đâu "
    "là thì mà và với hay hoặc nhưng nên của cho từ đến tới về ở trong trên ngoài theo khi nếu "
    "bị được có không ko k chưa đã đang sẽ sắp vừa mới cũng vẫn còn đều chỉ rất quá lắm nữa rồi "
    "muốn cần phải xin hỏi nhờ làm đi nộp mang đem lấy gửi đăng ký kí khai tờ giấy sổ đơn hồ sơ "
    "bản sao thẻ cccd cmnd căn cước vneid ubnd xã phường thôn ấp tổ tỉnh huyện quê sống sinh chết "
    "mất cưới ly hôn kết ghi viết đổi sửa sai đúng khác cũ gọi đệm lót thật người nhà ạ nhé nha ơi "
    "này kia ấy đó đây hôm nay mai qua năm tháng ngày tuổi hiện giờ bây sdt sđt số điện thoại "
    "đảng nước việt kiều gồm đứng xong do tại vì tên họ "
    "toi tui em minh chau con ong ba bac me cha vo ai gi nao dau la thi ma va voi hay hoac "
    "nen cua cho den toi ve o trong tren ngoai theo khi neu bi duoc co khong chua da dang se sap "
    "cung van muon can phai xin hoi nho di nop mang dem lay gui dang ky ki khai giay so don xa "
    "phuong thon tinh huyen que song sinh chet mat cuoi ly ket ghi viet doi sua nguoi nha nhe "
    "nam thang ngay tuoi hien gio"
)
"""Words that end a name in lower case. Accented ones are compared with their accents."""
_CAPITAL_NEVER = _set(
    "tôi tui em mình cháu con là thì mà và với của cho ở trong khi nếu bị được có không chưa đã "
    "muốn cần phải xin hỏi làm nộp giấy sổ tờ đơn thẻ bản cccd cmnd vneid ubnd xã phường thôn ấp "
    "tỉnh huyện đảng nhà nước người ạ đăng ký cổng thủ tục mẫu chứng toi giay"
)
"""Words that end a name with capitals; fewer, since "Mai", "Sinh", "Nam" are names."""
_PHRASES = _pairs(
    "khai sinh, khai tu, ket hon, doc than, tinh trang, hon nhan, chung thuc, chung nhan, "
    "chung sinh, ho so, ho khau, ho tich, ho chieu, ho ngheo, can cuoc, ly do, ly lich, ly hon, "
    "cai chinh, trich luc, bao tu, giam ho, thuong tru, tam tru, dinh danh, xac nhan, cong an, "
    "cong dan, cong chung, uy ban, nhan dan, tu phap, dich vu, quoc gia, thanh pho, bao hiem, "
    "viet nam, viet kieu, trung quoc, han quoc, nhat ban, dai loan, an do"
)
"""Two words (folded) with which no name begins, however they are written."""
_PLACES = _pairs(
    "ha noi, ha nam, ha tay, ha tinh, ha giang, cao bang, lam dong, son la, thai binh, "
    "thai nguyen, thai lan, ho chi, chi minh, ba ria, thua thien"
)
"""They begin like a name; after "bà", "tên" it is one all the same."""
_NATIONS = _set("dai han nhat my phap duc uc nga lao thai trung tau tay anh an viet")
"""After "vợ", "chồng", "người": where from, and no name."""


@dataclass(frozen=True, slots=True)
class _Word:
    low: str
    folded: str
    capital: bool
    joined: bool
    """Only a blank or a colon stands between it and the word before."""
    start: int
    end: int


def find_names(text: str) -> list[tuple[int, int]]:
    """Where names of people stand in ``text`` (NFC): start and end of each, in order."""
    words = list(_words(text))
    capitals = sum(word.capital for word in words)
    calm = len(words) < _FEW or capitals <= _CALM * len(words)
    found, at = [], 0
    while at < len(words):
        size = (_with_capitals(words, at) if calm else 0) or _in_lower_case(words, at)
        if size:
            found.append((words[at].start, words[at + size - 1].end))
        at += size or 1
    return found


def _words(text: str) -> Iterator[_Word]:
    end = 0
    for match in _WORD.finditer(text):
        word = match.group()
        joined = end > 0 and _JOIN.fullmatch(text, end, match.start()) is not None
        end = match.end()
        low = word.lower()
        yield _Word(low, fold(low), word[0].isupper(), joined, match.start(), end)


def _in_phrase(words: Sequence[_Word], at: int, phrases: frozenset[str]) -> bool:
    """Whether the word at ``at`` belongs, with the one before or after it, to ``phrases``."""
    pairs = [words[n : n + 2] for n in (at - 1, at) if n >= 0]
    return any(len(p) == 2 and f"{p[0].folded} {p[1].folded}" in phrases for p in pairs)


# --- with capitals ------------------------------------------------------------------------


def _with_capitals(words: Sequence[_Word], at: int) -> int:
    """How many words from ``at`` on are a name because of their capitals."""
    introduced = _introduced(words, at)
    if not introduced and (words[at].low in _KIN or _in_phrase(words, at, _PLACES)):
        return 0
    surname = words[at].low in _SURNAMES or words[at].folded in _SURE_PLAIN
    size = 0
    for index in range(at, min(at + LONGEST, len(words))):
        if index > at and not words[index].joined:
            break
        if not words[index].capital or words[index].low in _CAPITAL_NEVER:
            break
        # After a surname anything may follow: Nguyễn Công An, Trần Quốc Gia Bảo.
        if (index == at or not surname) and _is_no_name(words, index):
            break
        size += 1
    enough = 1 if introduced else 2 if surname else 3
    return size if size >= enough else 0


def _is_no_name(words: Sequence[_Word], at: int) -> bool:
    if _in_phrase(words, at, _PHRASES):
        return True
    before = words[at - 1].folded if at > 0 else ""
    return words[at].folded in _NATIONS and before in {"vo", "chong", "nguoi"}


def _introduced(words: Sequence[_Word], at: int) -> bool:
    """Whether a word before it says that a person's name follows ("bà", "tên", "em là")."""
    before = _before(words, at, 2)
    if before[:1] and before[0] in _IS:
        before = before[1:]
    return before[:1] != [] and (before[0] in _KIN | _NAMED or before == ["bộ", "cán"])


def _before(words: Sequence[_Word], at: int, count: int) -> list[str]:
    """Up to ``count`` words that stand right before, the nearest first."""
    found: list[str] = []
    while at > 0 and words[at].joined and len(found) < count:
        at -= 1
        found.append(words[at].low)
    return found


# --- in any case --------------------------------------------------------------------------


def _in_lower_case(words: Sequence[_Word], at: int) -> int:
    """How many words from ``at`` on are a name by what they are and what stands before."""
    surname = _is_surname(words, at)
    told = _told(words, at)
    if not surname and not told:
        return 0
    longest = LONGEST_LOWER if surname else LONGEST_WITHOUT_SURNAME
    size = 0
    for index in range(at, min(at + longest, len(words))):
        if (index > at and not words[index].joined) or _is_no_name(words, index):
            break
        if words[index].low in _NEVER and not (surname and _belongs(words, at, index)):
            break
        size += 1
    least = 1 if told else 2 if _introduced(words, at) else 3
    return size if size >= least else 0


def _belongs(words: Sequence[_Word], at: int, index: int) -> bool:
    """The surname itself, "văn" or "thị" after it, and what follows those.

    Without accents "thi" may be "thì": then what follows has to be like a name.
    """
    if index == at:
        return True
    clear = words[at + 1].low in {"văn", "thị"} or words[at].folded in _SURE_PLAIN
    return words[at + 1].low in _MIDDLE and (index == at + 1 or (clear and index == at + 2))


def _is_surname(words: Sequence[_Word], at: int) -> bool:
    word = words[at]
    follower = words[at + 1] if at + 1 < len(words) and words[at + 1].joined else None
    if follower is None or follower.folded in _NO_SURNAME_BEFORE:
        return False
    if word.joined and words[at - 1].folded in _NO_SURNAME_AFTER:
        return False
    if word.low in _SURE or word.folded in _SURE_PLAIN:
        return True
    if follower.low in {"văn", "thị"}:
        return word.low in _SURNAMES
    return word.low in _PLAIN and follower.low in _MIDDLE


def _told(words: Sequence[_Word], at: int) -> bool:
    """Whether the name was announced: "tên là ...", "tên con em là ...", "em tên ..."."""
    last, *before = _before(words, at, 4) or [""]
    if last in _NAMED:
        return before[:1] != [] and before[0] in _KIN
    while last in _IS and before and before[0] in _KIN:
        before = before[1:]
    return last in _IS and before[:1] != [] and before[0] in _NAMED
