"""What a Vietnamese syllable looks like without its marks, and words typed raw.

People whose keyboard is not set up type Telex or VNI codes ("giaays khai sinh",
"gia6y1 khai sinh"). Taking the codes away leaves the unaccented syllable, which is
all that the folded features need.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_ONSETS = "ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|b|c|d|g|h|k|l|m|n|p|q|r|s|t|v|x|"
_RHYMES = (
    "a ac ach ai am an ang anh ao ap at au ay e ec em en eng enh eo ep et eu i ia ich iec iem "
    "ien ieng iep iet ieu im in inh ip it iu o oa oac oach oai oam oan oang oanh oao oap oat "
    "oay oc oe oen oeo oet oi om on ong ooc oong op ot u ua uan uang uat uay uc ue uech uenh "
    "uet ui um un ung uo uoc uoi uom uon uong uop uot uou up ut uu uy uya uych uyen uyet uynh "
    "uyt uyu y yem yen yeng yet yeu"
)
_SYLLABLE = re.compile(f"(?:{_ONSETS})(?:{'|'.join(_RHYMES.split())})")
_DOUBLED = re.compile(r"dd|aa|ee|oo")
_TELEX_TONE = re.compile(r"(?<=[aeiouyw])([a-z]*?)[sfrxj]([a-z]*)$")
_VNI_CODE = re.compile(r"(?<=[a-z0-9])[0-9]")
_VOWEL = re.compile(r"[aeiouy]")

MIN_RAW_WORDS = 2
"""So many words must look raw before a message counts as typed raw..."""
MIN_RAW_SHARE = 0.15
"""...and this share of all its words."""


def is_syllable(word: str) -> bool:
    """Whether ``word`` (folded, lower case) can be an unaccented Vietnamese syllable."""
    return _SYLLABLE.fullmatch(word) is not None


def _untelex(word: str) -> str | None:
    """Try the word as it is and without its tone letter (the last s, f, r, x or j)."""
    for candidate in (word, _TELEX_TONE.sub(r"\1\2", word)):
        undoubled = _DOUBLED.sub(lambda found: found.group()[0], candidate)
        bare = undoubled.replace("w", "" if _VOWEL.search(undoubled) else "u")
        if bare != word and is_syllable(bare):
            return bare
    return None


def _unvni(word: str) -> str | None:
    bare = _VNI_CODE.sub("", word)
    return bare if bare != word and is_syllable(bare) else None


def _unraw(word: str) -> str | None:
    """The unaccented syllable behind a raw-typed ``word``; None if it is not one."""
    if is_syllable(word) and "oo" not in word:
        return None
    return _untelex(word) if word.isalpha() else _unvni(word) if word[:1].isalpha() else None


def undo_raw_typing(words: Sequence[str]) -> list[str]:
    """Replace Telex and VNI codes by plain syllables when the message is typed so.

    ``words`` are folded and in lower case; the result has the same length. One odd
    word in a normal sentence ("mos", "ct07") is left alone.
    """
    plain = [_unraw(word) for word in words]
    raw = sum(word is not None for word in plain)
    enough = raw >= MIN_RAW_WORDS or (raw == 1 and len(words) == 1)
    if not enough or raw < MIN_RAW_SHARE * len(words):
        return list(words)
    return [new if new is not None else old for new, old in zip(plain, words, strict=True)]
