"""The procedure + aspect classifier as a Rasa component."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Tokenizer
from rasa.shared.nlu.constants import INTENT, TEXT, TEXT_TOKENS
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.text import fold
from bot.understanding.model import Model, Token
from bot.understanding.normalise import default_lexicon_dir, load_lexicon
from bot.understanding.rasa_components import register_while_training
from bot.understanding.rasa_components.tokenizer import KIND
from bot.understanding.segment import tokens

progress = logging.getLogger("hotro.training")
"""Names of training steps, at level INFO; ``train_process`` shows them."""


@register_while_training("INTENT_CLASSIFIER", is_trainable=True)
class ProcedureAspectClassifier(GraphComponent):  # type: ignore[misc]  # rasa has no types
    """Folded TF-IDF and concepts into small networks with one calibrated ranking.

    The intent is ``procedure+aspect``; the ranking may hold pairs of which the
    training data has no example.
    """

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        model: Model | None = None,
    ) -> None:
        self._config = {**self.get_default_config(), **config}
        self._model_storage = model_storage
        self._resource = resource
        self._model = model

    @classmethod
    def required_components(cls) -> list[type]:
        """What has to stand before this component in the pipeline."""
        return [Tokenizer]

    @staticmethod
    def required_packages() -> list[str]:
        """The libraries this component needs."""
        return ["numpy", "scipy", "symspellpy"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Options and their defaults."""
        return {
            # Networks that are averaged.
            "networks": 3,
            # Rounds over the utterances.
            "epochs": 20,
            # Units of the hidden layer.
            "units": 192,
            # How many labels a ranking holds.
            "ranking_length": 10,
            # Folder of the lexicons; by default ./lexicon, else the shipped one.
            "lexicon": None,
        }

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Make Rasa's cache notice a changed lexicon."""
        return str(load_lexicon(_lexicon_dir(config)).to_json())

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ProcedureAspectClassifier:
        """A new, untrained component."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Train on the examples that have a text and an intent; persists the model."""
        from bot.understanding.learning import Recipe  # needs scipy, which serving does not

        examples = [e for e in training_data.intent_examples if e.get(TEXT) and e.get(INTENT)]
        self._model = Model.fit(
            [_tokens(example) for example in examples],
            [example.get(INTENT) for example in examples],
            load_lexicon(_lexicon_dir(self._config)),
            Recipe(**{name: int(self._config[name]) for name in ("networks", "units", "epochs")}),
            progress.info,
            [tokens(fold(example.get(TEXT))) for example in examples],
        )
        with self._model_storage.write_to(self._resource) as directory:
            self._model.save(Path(directory))
        return self._resource

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> ProcedureAspectClassifier:
        """The component as trained; untrained if nothing was persisted."""
        try:
            with model_storage.read_from(resource) as directory:
                return cls(config, model_storage, resource, Model.load(Path(directory)))
        except ValueError:
            progress.warning("no trained model for %s", resource.name)
            return cls(config, model_storage, resource)

    def process(self, messages: list[Message]) -> list[Message]:
        """Set ``intent`` and ``intent_ranking`` of each message."""
        if self._model is None or not messages:
            return messages
        size = int(self._config["ranking_length"])
        ranked = self._model.rank([_tokens(message) for message in messages], size)
        for message, labels in zip(messages, ranked, strict=True):
            names = [
                {"name": f"{label.procedure}+{label.aspect}", "confidence": label.confidence}
                for label in labels
            ]
            message.set(INTENT, names[0], add_to_output=True)
            message.set("intent_ranking", names, add_to_output=True)
        return messages


def _tokens(message: Message) -> list[Token]:
    return [(token.text, token.get(KIND, "word")) for token in message.get(TEXT_TOKENS) or ()]


def _lexicon_dir(config: dict[str, Any]) -> Path:
    named = config.get("lexicon")
    return Path(named) if named else default_lexicon_dir()
