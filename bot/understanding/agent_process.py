"""Rasa's own way of answering: ``python -m bot.understanding.agent_process``.

Speaks the protocol of :mod:`bot.understanding.service`, but asks ``rasa.core.agent.Agent``,
which takes any archive that Rasa wrote and loads TensorFlow. For measuring and for proving
that the service answers the same; nobody is served by it.
"""

from __future__ import annotations

import asyncio
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.understanding.service import Parse, label, main

MODULE = "bot.understanding.agent_process"


def load(archive: Path) -> Parse:
    """Load an archive as Rasa does; the result parses texts, their full rankings."""
    warnings.simplefilter("ignore")
    from rasa.core.agent import Agent

    agent = Agent.load(str(archive))
    loop = asyncio.new_event_loop()

    async def parsed(texts: Sequence[str]) -> list[list[dict[str, Any]]]:
        found = [await agent.parse_message(text) for text in texts]
        return [[label(entry) for entry in one.get("intent_ranking") or ()] for one in found]

    return lambda texts: loop.run_until_complete(parsed(texts))


if __name__ == "__main__":
    sys.exit(main(load))
