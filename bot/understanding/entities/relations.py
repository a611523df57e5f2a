"""Who files for whom: "bà nội đi làm cho cháu", "em làm hộ mẹ", "con trai tôi"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bot.text import fold
from bot.understanding.entities.wording import Lowered, one_of, pattern

_KIN = {
    "grandmother": "bà nội, bà ngoại, bà, nội, ngoại, mệ",
    "grandfather": "ông nội, ông ngoại, ông",
    "grandparents": "ông bà, ông bà nội, ông bà ngoại",
    "father": "bố, ba, cha, tía, bố đẻ, cha ruột, bố ruột",
    "mother": "mẹ, má, bầm, mạ, mẹ đẻ, mẹ ruột, mệ đẻ",
    "parents": "bố mẹ, cha mẹ, ba mẹ, ba má, cha má",
    "husband": "chồng, ông xã",
    "wife": "vợ, bà xã",
    "couple": "hai vợ chồng, 2 vợ chồng, vợ chồng",
    "son": "con trai, con giai, thằng con, thằng cu",
    "daughter": "con gái, con bé",
    "child": "con, em bé, bé, cu tí, con nhỏ, đứa nhỏ, con đầu lòng, con út, đứa bé, cháu bé",
    "grandchild": "cháu nội, cháu ngoại, cháu đích tôn",
    "nephew_niece": "cháu họ",
    "sibling": "em trai, em gái, anh trai, chị gái, anh ruột, chị ruột, em ruột, anh em, chị dâu, "
    "em dâu, anh rể, em rể",
    "uncle_aunt": "cô, chú, bác, dì, cậu, mợ, thím, dượng, o, bá",
    "neighbour": "hàng xóm, người hàng xóm, bà hàng xóm, ông hàng xóm",
    "friend": "bạn, người quen, bạn bè",
    "other": "người khác, người ngoài, trưởng thôn, luật sư, dịch vụ, cò",
}
_YOUNG = "cháu"
_SELF = "tôi, tui, em, mình, chúng tôi, tụi em, chúng em, tụi tui, tớ, tau, miềng"
_ACCENTED_ONLY = frozenset(
    ["bà", "má", "mạ", "mệ", "cô", "dì", "bầm", "o", "bạn", "cò", "bá", "mợ"]
)
"""Without diacritics these are other words: "co" is "có", "di" is "đi"."""
_DOUBTFUL = frozenset(["ba"])
"""Father, where diacritics are typed; else perhaps grandmother or three."""

_WHO: dict[str, str] = {
    " ".join(phrase.split()): person
    for person, phrases in _KIN.items()
    for phrase in phrases.split(",")
}


def _words(phrases: list[str]) -> str:
    """A pattern of any of the phrases, the longest first."""
    written = sorted(phrases, key=len, reverse=True)
    return "|".join(f"@{p}" if p in _ACCENTED_ONLY and not p.isascii() else p for p in written)


_PERSON = rf"(?:{_words([*_WHO, _YOUNG])})"
_MINE = one_of(
    "tôi, tui, em, mình, cháu, con, nhà em, nhà tôi, nhà mình, của em, của tôi, của tui, của mình, "
    "chị, anh, nó, chồng, vợ, vợ em, chồng em, ruột, em ruột"
)
_ME = one_of(_SELF)
_GO = one_of(
    "đi, lên, ra, về, đứng ra, được, có thể, muốn, định, phải, sẽ, đã, thay mặt, lại, cũng, tự, "
    "đến, tới, qua, xin, vừa, có được, có thể đi"
)
_DO = one_of(
    "làm, mần, khai, khai sinh, khai tử, nộp, xin, đăng ký, đăng kí, dk, đk, lấy, nhận, chứng "
    "thực, sao y, photo, đi, lo, kê khai, làm giấy, ký, kí, viết, trích lục, lãnh, đăng ký kết hôn"
)
_FOR = (
    r"(?:cho|(?<!giám[ ])(?<!chủ[ ])(?<!căn[ ])(?<!nhập[ ])(?<!tách[ ])hộ(?: cho| giùm)?"
    r"|(?:giùm|dùm|giúp|thay)(?: cho)?|thế)"
)
_NOT_IN_IT = one_of(
    "cho, giùm, dùm, giúp, thay, thì, @mà, nên, nếu, là, ai, ủy, uỷ, tặng, @bán, mua, vay, có, "
    "chia, @để"
)
_WHAT = rf"(?: (?!{_NOT_IN_IT}(?!\w))[^\W_]+){{0,7}}?"
_FILES = pattern(
    rf"(?:(?P<filer>{_PERSON})(?: {_MINE})?|(?P<me>{_ME})) (?:{_GO} )*{_DO}{_WHAT} {_FOR}"
    rf" (?:(?P<for>{_PERSON})|(?P<forme>{_ME}))(?: {_MINE})?"
)
_FILES_ALONE = pattern(rf"{_DO}{_WHAT} {_FOR} (?P<for>{_PERSON})(?: {_MINE})?")
_ASKED = pattern(rf"nhờ (?P<filer>{_PERSON})(?: {_MINE})?(?: (?:{_GO} )*{_DO})?")
_ABOUT = pattern(rf"(?P<who>{_PERSON}) (?P<owner>{_MINE})")
_SPEAKER = frozenset(["tôi", "tui", "em", "mình"])
_PLAIN_SPEAKER = frozenset(fold(word) for word in _SPEAKER)


@dataclass(frozen=True, slots=True)
class Kin:
    """A relation at ``start``..``end`` of the lowered text."""

    start: int
    end: int
    value: str
    role: str


def relations(low: Lowered) -> Iterator[Kin]:
    """The relations told in ``low``; they may lie over each other, the surest first."""
    for match in _FILES.finditer(low.text):
        filer = "self" if match["me"] else _person(low, match["filer"])
        target = "self" if match["forme"] else _person(low, match["for"], filer or "")
        if filer and target and filer != target:
            yield Kin(match.start(), match.end(), f"{filer}>{target}", "files_for")
    for match in _ASKED.finditer(low.text):
        filer = _person(low, match["filer"])
        if filer:
            yield Kin(match.start(), match.end(), f"{filer}>self", "files_for")
    for match in _FILES_ALONE.finditer(low.text):
        target = _person(low, match["for"], "self")
        if target:
            yield Kin(match.start(), match.end(), f"self>{target}", "files_for")
    yield from _about(low)


def _about(low: Lowered) -> Iterator[Kin]:
    for match in _ABOUT.finditer(low.text):
        person = _person(low, match["who"])
        owner = match["owner"].split()[-1]
        # "cậu minh mẫn": where diacritics are typed, "minh" is not "mình".
        if person and owner in (_SPEAKER if low.accented else _PLAIN_SPEAKER):
            yield Kin(match.start(), match.end(), person, "about")


def _person(low: Lowered, said: str, filer: str = "") -> str | None:
    said = " ".join(said.split())
    if said in _DOUBTFUL and not low.accented:
        return None
    if fold(said) == fold(_YOUNG):
        return _child_of(filer)
    return _BY_FORM.get(said)


def _child_of(filer: str) -> str:
    """ "Cháu" is whatever the one who speaks or files calls so."""
    if filer in {"grandmother", "grandfather", "grandparents"}:
        return "grandchild"
    return "nephew_niece" if filer == "uncle_aunt" else "child"


_BY_FORM = {
    form: person
    for phrase, person in _WHO.items()
    for form in ({phrase} if phrase in _ACCENTED_ONLY else {phrase, fold(phrase)})
}
