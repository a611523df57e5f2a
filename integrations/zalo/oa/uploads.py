"""What may be uploaded, judged before it leaves (fact sheet 4)."""

from __future__ import annotations

from integrations.zalo.oa.limits import FILE_BYTES, IMAGE_BYTES
from integrations.zalo.oa.messages import InvalidMessageError

Part = tuple[str, bytes, str]
"""A part of a multipart body: name, bytes, content type."""

_SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"\xd0\xcf\x11\xe0", "application/msword"),
    (b"PK\x03\x04", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
)
_ENDINGS = {
    "application/pdf": ".pdf",
    "application/msword": ".doc",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}


def image_part(raw: bytes, name: str) -> Part:
    """A picture: JPEG or PNG of at most 1 MB.

    Raises:
        InvalidMessageError: it is neither, or too large.
    """
    return _part(raw, name, {"image/jpeg", "image/png"}, IMAGE_BYTES)


def gif_part(raw: bytes, name: str) -> Part:
    """A GIF of at most 5 MB; raises as :func:`image_part`."""
    return _part(raw, name, {"image/gif"}, FILE_BYTES)


def file_part(raw: bytes, name: str) -> Part:
    """A PDF, DOC or DOCX of at most 5 MB; raises as :func:`image_part`."""
    part = _part(raw, name, set(_ENDINGS), FILE_BYTES)
    if not name.lower().endswith(_ENDINGS[part[2]]):
        raise InvalidMessageError("the file's name does not fit its content")
    return part


def _part(raw: bytes, name: str, types: set[str], most: int) -> Part:
    found = next((kind for start, kind in _SIGNATURES if raw.startswith(start)), "")
    if found not in types:
        raise InvalidMessageError("this type of file cannot be uploaded")
    if len(raw) > most:
        raise InvalidMessageError(f"the file has more than {most} bytes")
    return name, raw, found
