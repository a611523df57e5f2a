"""The Vietnamese tokenizer as a Rasa component."""

from __future__ import annotations

from typing import Any

from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from bot.understanding.rasa_components import register_while_training
from bot.understanding.segment import segment

KIND = "kind"
"""Token property: ``word``, or what else was found (``phone``, ``date``, ...)."""


@register_while_training("MESSAGE_TOKENIZER", is_trainable=False)
class VietnameseTokenizer(Tokenizer):  # type: ignore[misc]  # rasa has no types
    """Words by underthesea; phone numbers, dossier codes and dates as one token each."""

    @staticmethod
    def required_packages() -> list[str]:
        """The libraries this component needs."""
        return ["underthesea"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Rasa's tokenizer options, with the values they have when absent."""
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "prefix_separator_symbol": None,
        }

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Tokens of ``attribute`` whose spans index its text. Never raises."""
        text: str = message.get(attribute) or ""
        return [
            Token(text[span.start : span.end], span.start, span.end, data={KIND: span.kind})
            for span in segment(text)
        ]
