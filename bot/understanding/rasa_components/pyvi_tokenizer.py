"""pyvi's word segmentation as a Rasa component: a yardstick, never used to serve.

Published Vietnamese Rasa projects cut words with pyvi, each by a component of its own;
``nlu_data/baselines/rasa-diet-pyvi.yml`` measures what that yields.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from rasa.nlu.tokenizers.tokenizer import Token
from rasa.shared.nlu.training_data.message import Message

from bot.understanding.rasa_components import register_while_training
from bot.understanding.rasa_components.tokenizer import VietnameseTokenizer


@register_while_training("MESSAGE_TOKENIZER", is_trainable=False)
class PyviTokenizer(VietnameseTokenizer):
    """Tokens are pyvi's words, their syllables joined by ``_`` ("khai_sinh")."""

    @staticmethod
    def required_packages() -> list[str]:
        """The libraries this component needs."""
        return ["pyvi"]

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Tokens of ``attribute``; their spans index its NFC form."""
        from pyvi import ViTokenizer

        text = unicodedata.normalize("NFC", message.get(attribute) or "")
        words = ViTokenizer.tokenize(text).split() if text.strip() else []
        return [Token(word, start, end) for word, start, end in _spans(words, text)]


def _spans(words: Iterable[str], text: str) -> Iterator[tuple[str, int, int]]:
    """``words`` with where they stand in ``text``, whatever spaces are between syllables."""
    position = 0
    for word in words:
        while text[position : position + 1].isspace():
            position += 1
        # "_" joins syllables, unless somebody typed it
        pieces = [word] if text.startswith(word, position) else filter(None, word.split("_"))
        start, end = position, position
        for piece in pieces:
            at = text.find(piece, end)
            if at >= 0:
                start, end = (at if end == position else start), at + len(piece)
        if end > position:
            yield word, start, end
            position = end
