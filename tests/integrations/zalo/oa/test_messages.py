"""Messages on the wire, and the limits that a builder keeps."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.zalo.oa import messages, uploads
from integrations.zalo.oa.limits import FILE_BYTES, IMAGE_BYTES
from integrations.zalo.oa.messages import Button, InvalidMessageError


def test_a_text_that_answers_another() -> None:
    message = messages.text_message("Vâng", quote_message_id="q1")
    assert message == {"text": "Vâng", "quote_message_id": "q1"}
    assert messages.is_quote(message)
    assert messages.without_quote(message) == {"text": "Vâng"}
    assert not messages.is_quote(messages.without_quote(message))


def test_all_kinds_of_buttons() -> None:
    buttons = [
        Button.open_url("Mở", "https://a.vn"),
        Button.query("Hỏi", "#hoi", hidden=False),
        Button.query("Ẩn", "k:1"),
        Button.open_sms("SMS", "84900000000", "HI"),
        Button.open_phone("Gọi", "84900000000"),
    ]
    attachment: Any = messages.text_message("Chọn", buttons)["attachment"]
    assert attachment["type"] == "template"
    assert set(attachment["payload"]) == {"buttons"}
    assert [one["type"] for one in attachment["payload"]["buttons"]] == [
        "oa.open.url", "oa.query.show", "oa.query.hide", "oa.open.sms", "oa.open.phone",
    ]  # fmt: skip
    assert [one["payload"] for one in attachment["payload"]["buttons"]] == [
        {"url": "https://a.vn"},
        "#hoi",
        "k:1",
        {"content": "HI", "phone_code": "84900000000"},
        {"phone_code": "84900000000"},
    ]


def test_media() -> None:
    payload: Any = messages.image(url="https://a.vn/a.png", caption="Ảnh")
    assert payload == {
        "text": "Ảnh",
        "attachment": {
            "type": "template",
            "payload": {
                "template_type": "media",
                "elements": [{"media_type": "image", "url": "https://a.vn/a.png"}],
            },
        },
    }
    payload = messages.gif(width=10, height=20, attachment_id="g")
    assert payload["attachment"]["payload"]["elements"] == [
        {"media_type": "gif", "width": 10, "height": 20, "attachment_id": "g"}
    ]
    payload = messages.sticker("s")
    assert payload["attachment"]["payload"]["elements"] == [
        {"media_type": "sticker", "attachment_id": "s"}
    ]
    assert messages.file("t") == {"attachment": {"type": "file", "payload": {"token": "t"}}}


FAULTY: list[Callable[[], object]] = [
    lambda: messages.text_message(""),
    lambda: messages.text_message(" \n"),
    lambda: messages.text_message("a" * 2001),
    lambda: messages.text_message("a", [Button.query("x", "y")] * 6),
    lambda: Button.query("t" * 101, "x"),
    lambda: Button.query("", "x"),
    lambda: Button.query("t", "p" * 1001),
    lambda: Button.open_sms("t", "84", "c" * 161),
    lambda: messages.image(),
    lambda: messages.image(url="u", attachment_id="a"),
    lambda: messages.image(url="u", caption="c" * 2001),
    lambda: messages.sticker(""),
    lambda: messages.file(""),
    lambda: messages.request_user_info("t" * 101, "s", "u"),
    lambda: messages.request_user_info("t", "s" * 501, "u"),
]


@pytest.mark.parametrize("build", FAULTY)
def test_more_than_zalo_allows_is_not_built(build: Callable[[], object]) -> None:
    with pytest.raises(InvalidMessageError):
        build()


@given(st.text(alphabet="ệặớãếa \n", min_size=1, max_size=2500))
def test_letters_are_counted_in_nfc(text: str) -> None:
    composed = unicodedata.normalize("NFC", text)
    fits = composed.strip() != "" and len(composed) <= 2000
    try:
        assert messages.text_message(unicodedata.normalize("NFD", text)) == {"text": composed}
    except InvalidMessageError:
        assert not fits
    else:
        assert fits


@given(st.text(alphabet="[@]1a ", max_size=30))
def test_nobody_is_mentioned_by_words_of_others(text: str) -> None:
    escaped = messages.escape_mentions(text)
    assert not re.search(r"\[@", escaped)
    assert escaped.replace(" ", "") == text.replace(" ", "")
    assert messages.escape_mentions(escaped) == escaped


@pytest.mark.parametrize(
    "phone",
    ["0912345678", "+84912345678", "84912345678", "912345678", "0912 345 678", "(091) 234-5678"],
)
def test_numbers_for_templates(phone: str) -> None:
    assert messages.phone_digits(phone) == "84912345678"


@pytest.mark.parametrize("phone", ["", "113", "19001234", "+1 202 555 0143 99", "không có"])
def test_what_is_no_number(phone: str) -> None:
    with pytest.raises(InvalidMessageError):
        messages.phone_digits(phone)


@given(st.text(max_size=20))
def test_a_number_is_digits_or_refused(phone: str) -> None:
    try:
        digits = messages.phone_digits(phone)
    except InvalidMessageError:
        return
    assert re.fullmatch(r"84[1-9][0-9]{8,9}", digits)


PNG, PDF = b"\x89PNG\r\n\x1a\n", b"%PDF-1.7"


def test_uploads_are_known_by_their_first_bytes() -> None:
    assert uploads.image_part(PNG, "a.png") == ("a.png", PNG, "image/png")
    assert uploads.image_part(b"\xff\xd8\xff\xe0", "a")[2] == "image/jpeg"
    assert uploads.gif_part(b"GIF89a", "a.gif")[2] == "image/gif"
    assert uploads.file_part(PDF, "Mẫu.PDF")[2] == "application/pdf"
    assert uploads.file_part(b"PK\x03\x04", "a.docx")[0] == "a.docx"
    assert uploads.file_part(b"\xd0\xcf\x11\xe0", "a.doc")[2] == "application/msword"
    assert len(uploads.image_part(PNG.ljust(IMAGE_BYTES), "a.png")[1]) == IMAGE_BYTES


@pytest.mark.parametrize(
    "build",
    [
        lambda: uploads.image_part(b"GIF89a", "a.png"),
        lambda: uploads.image_part(b"", "a.png"),
        lambda: uploads.image_part(PNG.ljust(IMAGE_BYTES + 1), "a.png"),
        lambda: uploads.gif_part(PNG, "a.gif"),
        lambda: uploads.gif_part(b"GIF89a".ljust(FILE_BYTES + 1), "a.gif"),
        lambda: uploads.file_part(b"PK\x03\x04", "a.zip"),
        lambda: uploads.file_part(PDF, "a.docx"),
        lambda: uploads.file_part(b"MZ", "a.exe"),
        lambda: uploads.file_part(PDF.ljust(FILE_BYTES + 1), "a.pdf"),
    ],
)
def test_what_zalo_would_not_take_is_not_uploaded(build: Callable[[], object]) -> None:
    with pytest.raises(InvalidMessageError):
        build()
