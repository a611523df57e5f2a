"""What stands after a keyword: "HS h56 231120 0001", "HUY 2", "DK thôn Bến", "MA 123456".

Each kind of argument has one reader: words -> its one spelling, or None when they are no such
thing. Reading that spelling again gives the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

from bot.text import DOSSIER, DOSSIER_LOOSE, fold, key

Reader = Callable[[str], str | None]

_CODE_WORDS: Final = re.compile(r"[A-Z0-9]+")
_BEFORE_CODE: Final = re.compile(r"^(?:(?:MA SO|MA|SO|HO SO|HS)(?=[\W_\d])[\W_]*)+")
_DAY: Final = re.compile(r"\d{1,2}\s?[/.\-]\s?\d{1,2}(?:\s?[/.\-]\s?\d{2,4})?")
_FEWEST_DIGITS, _LONGEST_CODE = 3, 40
_WHOLE_CODE: Final = re.compile(rf"[\W_]*(?:{DOSSIER}|{DOSSIER_LOOSE})[\W_]*", re.IGNORECASE)
_LIST_NUMBER: Final = re.compile(r"(?:so |loi nhac |thu )*0?([1-9]\d?)")
_SECRET: Final = re.compile(r"(?:(?:ma|so|la|xac nhan) )*((?:\d ?){4,6})")
_VILLAGE: Final = re.compile(
    r"(?:thon|xom|ap|buon|khu pho|khu dan cu|to dan pho|tdp|ban(?! (?:sao|chinh|dich|an)\b)) \S"
)


def dossier_code(words: str) -> str | None:
    """The capital letters and digits of a dossier's code: "h56-231120 0001" ->
    "H562311200001". A sentence is none ("HS của tôi đến đâu"), nor is a day ("NHAC 5/12")."""
    plain = fold(unicodedata.normalize("NFC", words)).upper().strip()
    plain = _BEFORE_CODE.sub("", plain)
    parts = _CODE_WORDS.findall(plain)
    code = "".join(parts)
    if _DAY.fullmatch(plain.strip(" .")) or not all(len(p) == 1 or _digits(p) for p in parts):
        return None
    return code if _digits(code) >= _FEWEST_DIGITS and len(code) <= _LONGEST_CODE else None


def _digits(text: str) -> int:
    return sum(c.isdigit() for c in text)


def bare_code(text: str) -> str | None:
    """The same, of a message that is nothing but a code as the province prints it."""
    return dossier_code(text) if _WHOLE_CODE.fullmatch(text) else None


def number(words: str) -> str | None:
    """The number of a line of a list: "số 2" -> "2"."""
    found = _LIST_NUMBER.fullmatch(key(words))
    return found[1] if found else None


def secret(words: str) -> str | None:
    """A code of four to six digits: "123 456" -> "123456"."""
    found = _SECRET.fullmatch(key(words))
    return found[1].replace(" ", "") if found else None


def village_words(words: str) -> str | None:
    """What looks like the name of a village although none of the commune's is called so."""
    plain = key(words)
    return plain if _VILLAGE.match(plain) else None


READERS: Final[Mapping[str, Reader]] = {
    "dossier_code": dossier_code,
    "number": number,
    "code": secret,
    "village": village_words,
}
"""By the name of the kind in ``keywords.yml``."""
