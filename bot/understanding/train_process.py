"""The process that runs Rasa's training: ``python -m bot.understanding.train_process``.

Its standard output carries one JSON object a line: ``{"step": NAME}``, at the end
``{"done": PATH}`` or ``{"error": REASON}``. What Rasa and TensorFlow print goes to
standard error, which the parent keeps in a file.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Any, TextIO


class _Steps(logging.Handler):
    """Turns the classifier's log records into progress lines."""

    def __init__(self, out: TextIO) -> None:
        super().__init__()
        self._out = out

    def emit(self, record: logging.LogRecord) -> None:
        say(self._out, {"step": record.getMessage()})


def say(out: TextIO, line: dict[str, Any]) -> None:
    """Write one line to the parent."""
    out.write(json.dumps(line) + "\n")
    out.flush()


def environment(work: Path) -> dict[str, str]:
    """What its parent starts it with; its caches are in ``work``."""
    source = str(Path(__file__).resolve().parents[2])
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, (source, os.environ.get("PYTHONPATH")))),
        "RASA_TELEMETRY_ENABLED": "false",
        "RASA_CACHE_DIRECTORY": str(work / "cache"),
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "",
        # Small matrices: threads would only wait for each other, and round differently.
        "OPENBLAS_NUM_THREADS": "1",
    }


def main() -> int:
    """Train ``--project`` (a Rasa project) into ``--output`` (a .tar.gz)."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--project", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    try:
        say(out, {"step": "loading Rasa"})
        say(out, {"done": _train(arguments.project, arguments.output, out)})
    except BaseException as error:
        say(out, {"error": reason(error)})
        raise
    return 0


def reason(error: BaseException) -> str:
    """One line about what began it all: Rasa wraps a component's error in its own."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    return f"{type(error).__name__}: {error}".splitlines()[0]


def _train(project: Path, output: Path, out: TextIO) -> str:
    warnings.simplefilter("ignore")
    os.chdir(project)  # the lexicon is found beside the config
    from rasa.model_training import train_nlu

    steps = logging.getLogger("hotro.training")
    steps.setLevel(logging.INFO)
    steps.propagate = False
    steps.addHandler(_Steps(out))
    say(out, {"step": "reading utterances"})
    path = train_nlu(
        config="config.yml",
        nlu_data="data",
        output=str(output.parent),
        fixed_model_name=output.name,
    )
    if path is None:
        raise RuntimeError("Rasa found no training data")
    return str(path)


if __name__ == "__main__":
    sys.exit(main())
