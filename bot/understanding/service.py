"""The child process that holds the model: ``python -m bot.understanding.service``.

Protocol, one JSON object a line. It says ``{"ready": true, ...}`` or ``{"ready":
false, "error": NAME}`` once; then answers ``{"id", "texts": [...]}`` by ``{"id",
"results": [[{"procedure", "aspect", "confidence"}, ...], ...]}`` or ``{"id",
"error": NAME}``. It ends when standard input closes, as it does when the parent dies.
Errors carry the exception's name only: its words could quote a citizen.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

RANKED = 10
"""Labels answered a text: enough for the sum over a procedure's aspects."""

MESSAGES = "__message__"
"""``rasa.engine.constants.PLACEHOLDER_MESSAGE``, whose module imports every messaging
channel of Rasa: half a second and 65 MB."""

Parse = Callable[[Sequence[str]], list[list[dict[str, Any]]]]


def silence() -> None:
    """Keep libraries from logging: Rasa would print every citizen's text."""
    import structlog

    logging.basicConfig(level=logging.CRITICAL, stream=sys.stderr)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def load(archive: Path) -> Parse:
    """Load a stripped archive; the result parses texts, up to ``RANKED`` labels each.

    Raises:
        RuntimeError: the archive pulls TensorFlow in (it was not stripped).
    """
    from rasa.engine.loader import load_predict_graph_runner
    from rasa.engine.runner.dask import DaskGraphRunner
    from rasa.engine.storage.local_model_storage import LocalModelStorage

    with tempfile.TemporaryDirectory() as folder:  # components read all they need at once
        metadata, runner = load_predict_graph_runner(
            Path(folder), archive, LocalModelStorage, DaskGraphRunner
        )
    if "tensorflow" in sys.modules:
        raise RuntimeError("the model loads TensorFlow")
    target = metadata.nlu_target

    def parse(texts: Sequence[str]) -> list[list[dict[str, Any]]]:
        outputs = runner.run(inputs={MESSAGES: list(texts)}, targets=[target])
        return [
            [label(entry) for entry in message.get("intent_ranking")[:RANKED]]
            for message in outputs[target]
        ]

    return parse


def label(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry of Rasa's ranking as it is answered."""
    procedure, _, aspect = str(entry["name"]).partition("+")
    return {"procedure": procedure, "aspect": aspect, "confidence": float(entry["confidence"])}


def answer(line: bytes, parse: Parse) -> dict[str, Any]:
    """The answer to one request line. Never raises."""
    request_id: Any = None
    try:
        request = json.loads(line)
        request_id = request["id"]
        texts = request["texts"]
        if not all(isinstance(text, str) for text in texts):
            raise TypeError("texts must be strings")
        return {"id": request_id, "results": parse(texts) if texts else []}
    except Exception as error:  # one bad line must not end the service
        return {"id": request_id, "error": type(error).__name__}


def main(load: Callable[[Path], Parse] = load) -> int:
    """Serve until standard input closes. Exit status 1 when the model does not load."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", type=Path, required=True)
    archive = parser.parse_args().model
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, who stops us
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # nothing but answers on the answer channel
    started = time.monotonic()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # small matrices: threads only cost memory
    silence()
    try:
        parse = load(archive)
        parse(["khai sinh"])  # the word segmenter loads on its first use
    except Exception as error:
        _say(out, {"ready": False, "error": f"{type(error).__name__}: {error}"[:300]})
        return 1
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    _say(out, {"ready": True, "seconds": round(time.monotonic() - started, 2), "rss_mb": memory})
    for line in sys.stdin.buffer:
        if line.strip():
            _say(out, answer(line, parse))
    return 0


def _say(out: Any, message: dict[str, Any]) -> None:
    out.write(json.dumps(message) + "\n")
    out.flush()


if __name__ == "__main__":
    sys.exit(main())
