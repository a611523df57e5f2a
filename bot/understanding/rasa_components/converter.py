"""The first node of a stripped model: texts instead of Rasa's user messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT, TEXT_TOKENS
from rasa.shared.nlu.training_data.message import Message


class TextConverter(GraphComponent):  # type: ignore[misc]  # rasa has no types
    """Makes of each text the message that Rasa's NLUMessageConverter makes of it."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TextConverter:
        """A converter; there is nothing to configure."""
        return cls()

    def convert(self, messages: Sequence[str]) -> list[Message]:
        """One message a text."""
        return [Message(data={TEXT: text}, output_properties={TEXT_TOKENS}) for text in messages]
