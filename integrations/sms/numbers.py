"""Phone numbers: E.164 for storage, and which senders are never answered.

Answering a machine that answers back makes a loop that somebody pays for, so nothing goes
to names (``VIETTEL``), short codes, service lines (1900, 1800) or the gateway's own number.
"""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

REGION = "VN"
SHORT_CODE_DIGITS = 6
_LOOKS_LIKE_NUMBER = re.compile(r"\+?[(0-9][0-9 .()\-]{0,30}", re.ASCII)
_SERVICE_TYPES = frozenset(
    {
        PhoneNumberType.TOLL_FREE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
        PhoneNumberType.PAGER,
    }
)


def normalise(raw: str, region: str = REGION) -> str | None:
    """Return ``raw`` in E.164 (``0912 345 678`` -> ``+84912345678``), None if it is none.

    Only the length is judged, not the operator's prefix: a prefix newer than the library
    must not cost a citizen the answer. Vietnamese numbers also arrive as ``84…`` without +.
    """
    number = _parse(raw, region)
    if number is None:
        return None
    written = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    # What reads differently once written ("+9800000", "000000000") would not be found again.
    again = _parse(written, region)
    same = again is not None and written == phonenumbers.format_number(
        again, PhoneNumberFormat.E164
    )
    return written if same else None


def is_answerable(raw: str, own_number: str = "", region: str = REGION) -> bool:
    """Whether a message from ``raw`` may get an answer."""
    number = _parse(raw, region)
    if number is None or phonenumbers.number_type(number) in _SERVICE_TYPES:
        return False
    written = normalise(raw, region)
    return written is not None and written != normalise(own_number, region)


def _parse(raw: str, region: str) -> PhoneNumber | None:
    text = raw.strip()
    digits = re.sub(r"[^0-9]", "", text) if _LOOKS_LIKE_NUMBER.fullmatch(text) else ""
    if len(digits) <= SHORT_CODE_DIGITS:
        return None
    # phonenumbers itself takes "84912345678" for national digits that happen to start so.
    international = not text.startswith(("+", "0")) and digits.startswith("84") and len(digits) > 10
    try:
        number = phonenumbers.parse("+" + digits if international else text, region)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None
