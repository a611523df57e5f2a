"""Small answers in a citizen's own words: yes, no, "I do not know", stop, go back.

Only whole answers count ("dạ chưa ạ", not "chưa quá 60 ngày"), and politeness around them
does not ("dạ", "ạ", "em ơi"). Without accents "dung" may be "đúng" (right) or "dừng"
(stop): then neither is taken.
"""

from __future__ import annotations

import unicodedata
from typing import Literal

from bot.text import key

Small = Literal["yes", "no", "unsure", "stop", "back", "resume"]

_BEFORE = frozenset(
    ["da", "vang", "thua", "a", "ah", "u", "uh", "um", "em", "toi", "minh", "chau", "nha"]
)
_AFTER = frozenset(
    ["a", "ah", "nhe", "nha", "nhi", "day", "do", "em", "anh", "chi", "bac", "chau", "ban", "oi"]
) | frozenset(["ad", "shop"])
_ENDINGS = (" cam on", " can bo", " can bo oi")

_YES = frozenset(
    ["co", "co roi", "da", "da co", "da co roi", "da roi", "roi", "dung roi", "dung vay", "vang"]
) | frozenset(
    ["u", "uh", "um", "ok", "oke", "yes", "phai", "phai roi", "chac chan", "duoc", "duoc roi"]
) | frozenset(["con", "du", "du roi", "dong y"])  # fmt: skip
_NO = frozenset(
    ["khong", "chua", "chang", "no", "khong co", "chua co", "khong phai", "khong he", "chua he"]
) | frozenset(["khong dau", "khong duoc", "chua duoc", "chua du", "khong con"])  # fmt: skip
_UNSURE = frozenset(
    ["khong biet", "khong biet nua", "khong ro", "khong ro lam", "khong ro nua", "chua ro"]
) | frozenset(
    ["chua biet", "khong nho", "khong nho nua", "chiu", "chiu thoi", "chua chac", "khong chac"]
)  # fmt: skip
_STOP = frozenset(
    ["thoi", "dung lai", "thoi dung", "dung thoi", "thoi khong lam nua", "khong lam nua", "de sau"]
) | frozenset(
    ["thoi de sau", "thoi khoi", "khoi", "thoi khong can", "khong can", "khong can nua"]
) | frozenset(["thoi khong can nua", "bo qua", "thoat"])  # fmt: skip
_BACK = frozenset(["quay lai", "lui", "lui lai", "tro lai", "back", "quay lai cau truoc"])
_RESUME = frozenset(["lam tiep", "tiep", "tiep tuc", "lam tiep di", "hoi tiep"])

_AGREES = frozenset(
    ["co", "co dong y", "dong y", "dong y nhan", "co nhan", "nhat tri", "ok", "oke", "yes"]
) | frozenset(["duoc", "vang", "u", "uh", "vang dong y", "ok dong y"])  # fmt: skip
"""Clear enough to be a consent; a bare "dạ" only says that one listens."""
_DECLINES = _STOP | frozenset(
    ["khong", "no", "khong dong y", "khong nhan", "khong muon", "khong nhac", "khong can nhac"]
) | frozenset(
    ["khong can dau", "tu choi", "khong phai", "chua", "chua can", "thoi khong nhac"]
)  # fmt: skip
_ERASES = frozenset(["xoa", "xoa het", "xoa di", "xoa het di", "co xoa"]) | _AGREES

_FILLERS = frozenset(["so", "va", "voi", "chon", "cau", "muc", "a", "da", "nhe", "nha"])


def plain(text_key: str) -> str:
    """``text_key`` without the politeness around it; never empty when it was not."""
    return plainer(text_key)[-1]


def plainer(text_key: str) -> list[str]:
    """``text_key`` with ever less politeness: "da" before an answer may also be "đã"."""
    ending = next((e for e in _ENDINGS if text_key.endswith(e)), "")
    words = text_key.removesuffix(ending).split() or text_key.split()
    while len(words) > 1 and words[-1] in _AFTER:
        words.pop()
    steps = [" ".join(words)]
    while len(words) > 1 and words[0] in _BEFORE:
        words = words[1:]
        steps.append(" ".join(words))
    return steps


def small(text: str, text_key: str) -> Small | None:
    """What a whole small answer says; None for anything else."""
    said = plain(text_key)
    meanings: tuple[tuple[Small, frozenset[str]], ...] = (
        ("stop", _STOP), ("back", _BACK), ("resume", _RESUME), ("unsure", _UNSURE),
        ("yes", _YES), ("no", _NO),
    )  # fmt: skip
    if said == "dung":
        return _right_or_stop(text)
    return next((meaning for meaning, answers in meanings if said in answers), None)


def _right_or_stop(text: str) -> Small | None:
    typed = unicodedata.normalize("NFC", text).lower()
    return "yes" if "đúng" in typed else "stop" if "dừng" in typed else None


def is_yes(text: str, text_key: str) -> bool:
    """Whether this is a plain yes."""
    return small(text, text_key) == "yes"


def agrees(text_key: str) -> bool:
    """Whether this is a clear yes to a consent."""
    return plain(text_key) in _AGREES


def declines(text: str, text_key: str) -> bool:
    """Whether this turns an offer down."""
    return plain(text_key) in _DECLINES or small(text, text_key) == "stop"


def erases(text_key: str) -> bool:
    """Whether this confirms the erasure."""
    return plain(text_key) in _ERASES


def is_bare(text: str, text_key: str) -> bool:
    """Whether this is an answer that starts no question of its own ("có", "không", "ok")."""
    said = plain(text_key)
    return said == "dung" or said in _AGREES or small(text, text_key) in {"yes", "no", "unsure"}


def is_nod(text_key: str) -> bool:
    """Whether this only says "I hear you": "vâng", "dạ", "ok"."""
    return plain(text_key) in {"vang", "da", "ok", "oke", "u", "uh", "um", "duoc", "duoc roi"}


def numbers(text: str) -> tuple[int, ...]:
    """The numbers of a message that says nothing but numbers of choices: "1", "số 1 và 3"."""
    words = [word for word in key(text).split() if word not in _FILLERS]
    if not words or not all(word.isdigit() and len(word) <= 2 for word in words):
        return ()
    return tuple(int(word) for word in words)
