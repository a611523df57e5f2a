"""Rasa's model archives, made loadable without TensorFlow.

The archive that Rasa writes names in its metadata the training graph and the
RegexMessageHandler; resolving either imports Rasa's default recipe and with it
TensorFlow (20 s, 600 MB). Answering needs neither. Its first node, which takes Rasa's
UserMessage, imports every messaging channel of Rasa (65 MB); ours takes texts.
"""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

METADATA = "metadata.json"
HANDLER = "run_RegexMessageHandler"
CONVERTER = "nlu_message_converter"
OUR_CONVERTER = "bot.understanding.rasa_components.converter.TextConverter"


def strip_archive(source: Path, target: Path) -> None:
    """Copy the archive ``source`` to ``target`` without what only training needs.

    Raises:
        ValueError: ``source`` is not an archive of an NLU model.
        OSError: reading or writing failed.
    """
    found = False
    with tarfile.open(source, "r:gz") as old, tarfile.open(target, "w:gz") as new:
        for member in old.getmembers():
            content = old.extractfile(member)
            if content is None:
                new.addfile(member)
                continue
            data = content.read()
            if Path(member.name).name == METADATA:
                found = True
                data = json.dumps(strip_metadata(json.loads(data))).encode()
                member.size = len(data)
            new.addfile(member, io.BytesIO(data))
    if not found:
        raise ValueError(f"{source.name} holds no {METADATA}")


def strip_metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    """Metadata without training nodes, its target the node before the regex handler, its
    input texts.

    Raises:
        ValueError: the prediction graph is not as Rasa 3.6 writes it.
    """
    nodes = dict(metadata["predict_schema"]["nodes"])
    handler = nodes.pop(HANDLER, None)
    if handler is None:
        raise ValueError(f"the prediction graph has no {HANDLER}")
    if CONVERTER not in nodes:
        raise ValueError(f"the prediction graph has no {CONVERTER}")
    nodes[CONVERTER] = {**nodes[CONVERTER], "uses": OUR_CONVERTER, "fn": "convert"}
    return {
        **metadata,
        "train_schema": {"nodes": {}},
        "predict_schema": {**metadata["predict_schema"], "nodes": nodes},
        "nlu_target": handler["needs"]["messages"],
    }
