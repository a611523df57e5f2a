"""Zalo's limits on a message, in characters of NFC text (fact sheet 1.3, 4)."""

from __future__ import annotations

MAX_TEXT = 2000
MAX_BUTTONS = 5
MAX_TITLE = 100
MAX_SUBTITLE = 500
MAX_PAYLOAD = 1000
MAX_SMS = 160
MAX_TRACKING = 48
PAGE = 10
"""Lines of a conversation, or conversations, in one answer."""
IMAGE_BYTES = 1024 * 1024
FILE_BYTES = 5 * 1024 * 1024
