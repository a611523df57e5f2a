"""Messages of ours as ``submit_sm``, part by part, and what the centre may answer to one."""

from __future__ import annotations

from aiosmpplib.codec import GSM7BitCodec
from aiosmpplib.protocol import SubmitSm
from aiosmpplib.state import NPI, TON, OptionalParam, PhoneNumber

from bot.messages import Outgoing, PermanentSendError, SendError, TemporarySendError
from bot.segments import encoding_of, split
from integrations.outbound import SETTINGS_RETRY
from integrations.sms.gateway import GatewayConfig
from integrations.sms.long_sms import header, reference_of
from integrations.sms.smpp.deliver import SAR_NUMBER, SAR_REFERENCE, SAR_TOTAL, UDH_FLAG

THROTTLED_RETRY = 10.0
LONG_WAYS = ("udh", "sar", "payload")
ALPHABETS = ("gsm0338", "ascii", "latin-1")
UCS2_PART = 67 * 2
LONGEST_NAME = 11

THROTTLED = (0x14, 0x58)
"""Its queue is full, or we are too quick."""
_PASSING = {
    0x04: "kết nối không cho gửi",
    0x08: "lỗi của tổng đài",
    0x45: "tổng đài chưa nhận được tin",
    0x64: "tổng đài đang bận",
}
_SOURCE = (0x0A, 0x48, 0x49)
_DESTINATION = (0x0B, 0x50, 0x51)


def parts(config: GatewayConfig, message: Outgoing) -> list[SubmitSm]:
    """One PDU for each part, or a single one when the centre splits itself."""
    way, alphabet = config.option("long", "udh"), config.option("alphabet", "gsm0338")
    if way == "payload" and len(split(message.text)) > 1:
        return [_payload(config, message, alphabet)]
    pieces, coding = encoded(message.text, alphabet)
    if len(pieces) == 1:
        return [_part(config, message, pieces[0], coding)]
    reference, total = reference_of(message.id), len(pieces)
    made = []
    for number, piece in enumerate(pieces, 1):
        if way == "sar":
            one = _part(config, message, piece, coding)
            one.optional_params = _sar(reference, total, number)
        else:
            one = _part(config, message, header(reference, total, number) + piece, coding)
            one.esm_class = UDH_FLAG
        made.append(one)
    return made


def encoded(text: str, alphabet: str) -> tuple[list[bytes], str | None]:
    """The parts in bytes, and aiosmpplib's name of the coding (None: the centre's own)."""
    if encoding_of(text) == "GSM-7":
        try:
            return [_in_alphabet(part, alphabet) for part in split(text)], None
        except UnicodeEncodeError:
            return _cut(text.encode("utf-16-be")), "ucs2"
    return [part.encode("utf-16-be") for part in split(text)], "ucs2"


def _in_alphabet(text: str, alphabet: str) -> bytes:
    if alphabet == "gsm0338":
        return bytes(GSM7BitCodec().encode(text)[0])
    return text.encode(alphabet)


def _cut(raw: bytes) -> list[bytes]:
    """Text of the GSM alphabet that the centre's own lacks: no character takes two units."""
    if len(raw) <= 140:
        return [raw]
    return [raw[at : at + UCS2_PART] for at in range(0, len(raw), UCS2_PART)]


def _part(config: GatewayConfig, message: Outgoing, raw: bytes, coding: str | None) -> SubmitSm:
    one = SubmitSm(
        short_message=" ",  # it must have one; the bytes below go out
        source=source(config),
        destination=PhoneNumber(message.address.removeprefix("+"), TON.INTERNATIONAL, NPI.ISDN),
        registered_delivery=0 if config.option("reports") == "no" else 1,
        encoding=coding,
    )
    one.set_encoded_message(raw)
    return one


def _payload(config: GatewayConfig, message: Outgoing, alphabet: str) -> SubmitSm:
    one = _part(config, message, b"", None)
    one.short_message, one.message_payload = "", message.text
    names = {"gsm0338": "gsm0338", "ascii": "ascii", "latin-1": "latin_1"}
    one.set_encoding_info(names[alphabet], None)
    return one


def _sar(reference: int, total: int, number: int) -> list[OptionalParam]:
    values = {SAR_REFERENCE: reference, SAR_TOTAL: total, SAR_NUMBER: number}
    return [OptionalParam(tag, value) for tag, value in values.items()]


def source(config: GatewayConfig) -> PhoneNumber:
    """Whom the message comes from: a brand name, a short code or a number.

    Raises:
        ValueError: it cannot stand in a message.
    """
    name = config.option("source", config.own_number).strip()
    digits = name.removeprefix("+")
    if digits.isascii() and digits.isdecimal():
        ton, npi = (TON.INTERNATIONAL, NPI.ISDN) if len(digits) > 8 else (TON.UNKNOWN, NPI.ISDN)
    elif name.isascii() and 0 < len(name) <= LONGEST_NAME:
        digits, ton, npi = name, TON.ALPHANUMERIC, NPI.UNKNOWN
    elif not name:
        ton, npi = TON.UNKNOWN, NPI.UNKNOWN
    else:
        raise ValueError("tên người gửi chỉ gồm chữ không dấu và số, dài nhất 11 ký tự")
    try:
        ton = TON(int(config.option("source_ton") or ton))
        npi = NPI(int(config.option("source_npi") or npi))
    except ValueError as fault:
        raise ValueError("TON và NPI là các số trong tài liệu của nhà cung cấp") from fault
    return PhoneNumber(digits, ton, npi)


def refusal(status: int) -> SendError:
    """What a status other than 0 means for the message: it was not taken."""
    if status in THROTTLED:
        return TemporarySendError("tổng đài bảo gửi chậm lại", THROTTLED_RETRY)
    if status in _PASSING:
        return TemporarySendError(_PASSING[status])
    if status in _SOURCE:
        return TemporarySendError(
            "tổng đài không nhận tên hoặc số gửi: kiểm tra phần cài đặt",
            SETTINGS_RETRY,
            needs_person=True,
        )
    if status in _DESTINATION:
        return PermanentSendError("tổng đài cho là số máy không đúng", other_way=True)
    return PermanentSendError(f"tổng đài từ chối tin (mã 0x{status:08X})", other_way=True)
