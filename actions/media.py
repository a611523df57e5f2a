"""Answers a picture, voice message or place: asks for words, offers the officer."""

from __future__ import annotations

from actions.phrasing import label, phrase
from bot.dialogue import payloads
from bot.dialogue.acts import MediaReceived
from bot.dialogue.outcome import Done, Env

_NAMES = {
    "image": "ảnh",
    "gif": "ảnh động",
    "sticker": "hình vui",
    "audio": "tin nhắn thoại",
    "voice": "tin nhắn thoại",
    "video": "đoạn phim",
    "file": "tệp",
    "link": "đường dẫn",
    "location": "vị trí",
    "business_card": "danh thiếp",
}
_OWN_WORDS = {"sticker", "audio", "location"}
"""Answered in words of their own: a smile, somebody who cannot type, somebody on the way."""


def perform(act: MediaReceived, env: Env) -> Done:
    """A kind word: we cannot look at it, please write, or an officer will."""
    choices = (
        label(env, "choice_menu", payloads.tap(payloads.MENU)),
        label(env, "choice_person", payloads.tap(payloads.PERSON)),
    )
    if act.media in _OWN_WORDS:
        return Done((phrase(env, f"media_{act.media}", choices),))
    return Done((phrase(env, "media", choices, media=_NAMES.get(act.media, "nội dung này")),))
