"""``hotro understand``: lines in, one JSON object a line out."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterable
from datetime import date
from typing import TextIO

from bot.nlu import ready_nlu
from bot.settings import Settings
from bot.understanding.entities import find_entities
from bot.understanding.facade import Understander

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
    async with ready_nlu(settings) as nlu:
        understander = Understander(nlu)
        async for batch in _batches(lines):
            for understood in await understander.understand_many(batch):
                answer = understood.to_json()
                if entities_on is not None:
                    found = find_entities(understood.text, entities_on)
                    answer["entities"] = [entity.to_json() for entity in found]
                out.write(json.dumps(answer, ensure_ascii=False) + "\n")
            out.flush()


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
