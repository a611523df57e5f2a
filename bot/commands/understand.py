"""``hotro understand``: lines in, one JSON object a line out."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterable
from datetime import date
from typing import TextIO

from bot.app import StartError, new_nlu
from bot.settings import Settings
from bot.understanding.client import NluUnavailable
from bot.understanding.entities import find_entities
from bot.understanding.facade import Understander
from bot.understanding.training import current_model

BATCH = 64


async def run(
    settings: Settings, lines: TextIO, out: TextIO, entities_on: date | None = None
) -> None:
    """Understand each line of ``lines``; a blank line gives an object too.

    Args:
        entities_on: print what each line names as well, as written on that day.

    Raises:
        StartError: there is no trained model, or it does not load.
    """
    if current_model(settings.models_dir) is None:
        raise StartError("chưa có mô hình hiểu tiếng Việt: chạy `hotro train` trước")
    nlu = new_nlu(settings)
    nlu.start()
    try:
        await nlu.wait_ready()
        understander = Understander(nlu)
        async for batch in _batches(lines):
            for understood in await understander.understand_many(batch):
                answer = understood.to_json()
                if entities_on is not None:
                    found = find_entities(understood.text, entities_on)
                    answer["entities"] = [entity.to_json() for entity in found]
                out.write(json.dumps(answer, ensure_ascii=False) + "\n")
            out.flush()
    except NluUnavailable as error:
        raise StartError(f"mô hình không chạy được: {error}") from error
    finally:
        await nlu.stop()


async def _batches(lines: TextIO) -> AsyncIterator[list[str]]:
    """What has come so far, so that a person typing is answered line by line."""
    interactive = lines.isatty()
    while True:
        batch = await asyncio.to_thread(_take, lines, 1 if interactive else BATCH)
        if not batch:
            return
        yield batch


def _take(lines: Iterable[str], count: int) -> list[str]:
    return [line.rstrip("\r\n") for line in itertools.islice(lines, count)]
