"""Whose age it is: the person named last before it."""

from __future__ import annotations

import re

from bot.understanding.entities.wording import one_of, pattern

REACH = 24
"""Characters before an age in which the person is looked for."""
_MEN = one_of(
    "anh, anh ấy, ảnh, chồng, con trai, con giai, cháu trai, em trai, bạn trai, trai, nam, bố, "
    "cha, ông, chú, cậu, chú rể, thằng, bố chồng, bố vợ, cha chồng, cha vợ, ba chồng, ba vợ"
)
_WOMEN = one_of(
    "chị, chị ấy, cô ấy, vợ, con gái, cháu gái, em gái, bạn gái, gái, nữ, mẹ, dì, cô dâu, @bà, "
    "bà nội, bà ngoại, bà cụ, mẹ chồng, mẹ vợ, má chồng, má vợ"
)
_BOTH = one_of("cả hai, hai đứa, 2 đứa, hai bên, hai vợ chồng, 2 vợ chồng, hai đứa đều")
_ANYBODY = one_of(
    "bé, em bé, nhóc, cháu bé, cu, con, cháu, em, tôi, tui, mình, nó, cụ, người, đứa, bạn, anh em, "
    "chị em, lấy vợ, lấy chồng, cưới vợ, cưới chồng"
)
"""Of these it is not said whether it is a man or a woman."""
_OWNER = "(?: (?:tôi|tui|em|mình|cháu|con|nhà em|nhà tôi))?"
_PERSON = pattern(
    rf"(?:(?P<both>{_BOTH})|(?:anh|chị) em|(?:lấy|cưới) (?:vợ|chồng)"
    rf"|(?:(?P<woman>{_WOMEN})|(?P<man>{_MEN})){_OWNER}|{_ANYBODY})"
)
_CLAUSE = re.compile(r"[,;.!?\n]|tuổi|tuoi")


def whose(text: str, position: int) -> str:
    """both, woman, man, or unknown."""
    clause = _CLAUSE.split(text[max(0, position - REACH) : position])[-1]
    role = "unknown"
    for person in _PERSON.finditer(clause):
        role = next((r for r in ("both", "woman", "man") if person[r]), "unknown")
    return role
