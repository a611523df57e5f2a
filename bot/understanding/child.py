"""One NLU child process, seen from the parent: spawn, ask, stop.

Used by :mod:`bot.understanding.client` only, which decides when to start another.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.understanding.types import Label

LINE_LIMIT = 8 * 1024 * 1024
"""Longest answer line, in bytes."""
STOP_SECONDS = 2.0
SERVICE = "bot.understanding.service"
SOURCE = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds. Tests shorten them."""

    load: float = 120.0
    answer: float = 10.0
    poll: float = 5.0
    """Between looks for a newly trained model."""
    backoff: float = 0.5
    """After the first death; doubles up to ``backoff_max``."""
    backoff_max: float = 30.0


class ChildError(Exception):
    """The child died, is silent, or speaks nonsense. A new child may do better."""


class RequestError(Exception):
    """The child is well but could not answer this request. Not retryable."""


class Child:
    """A running (perhaps still loading) service process."""

    def __init__(self, process: asyncio.subprocess.Process, model: Path) -> None:
        self.model = model
        self.about: dict[str, Any] = {}
        """What the ready line told: ``seconds`` to load, ``rss_mb``."""
        self._process = process
        self._last_id = 0

    @classmethod
    async def spawn(cls, python: str, model: Path, module: str = SERVICE) -> Child:
        """Start the service on ``model``. It is usable after :meth:`wait_ready`.

        ``module`` is another one that speaks the service's protocol.

        Raises:
            OSError: the interpreter cannot be started.
        """
        path = os.pathsep.join(filter(None, (str(SOURCE), os.environ.get("PYTHONPATH"))))
        process = await asyncio.create_subprocess_exec(
            python,
            *("-m", module, "--model", str(model)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            # a library's warning could quote a citizen; faults come on stdout by name
            stderr=asyncio.subprocess.DEVNULL,
            limit=LINE_LIMIT,
            env={**os.environ, "PYTHONPATH": path, "RASA_TELEMETRY_ENABLED": "false"},
        )
        return cls(process, model)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process is still running, as far as is known."""
        return self._process.returncode is None

    async def wait_ready(self, timeout: float) -> None:
        """Wait until the model is loaded.

        Raises:
            ChildError: it could not be loaded, or not within ``timeout`` seconds.
        """
        self.about = await self._read(timeout)
        if not self.about.get("ready"):
            raise ChildError(str(self.about.get("error", "no ready line")))

    async def ask(self, texts: Sequence[str], timeout: float) -> list[list[Label]]:
        """Rank each of ``texts``; one caller at a time.

        Raises:
            ChildError: no answer within ``timeout`` seconds, or the child died.
            RequestError: the child answered that it cannot.
        """
        self._last_id += 1
        request = json.dumps({"id": self._last_id, "texts": list(texts)})
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(request.encode() + b"\n")
            async with asyncio.timeout(timeout):
                await stdin.drain()
        except (OSError, RuntimeError, TimeoutError) as error:
            raise ChildError(f"cannot write to the child: {type(error).__name__}") from None
        answer = await self._read(timeout)
        if answer.get("id") != self._last_id:
            raise ChildError("an answer to another question")
        if "error" in answer:
            raise RequestError(str(answer["error"]))
        return [[Label(**entry) for entry in ranked] for ranked in answer["results"]]

    async def _read(self, timeout: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(timeout):
                line = await self._process.stdout.readline()
            answer = json.loads(line) if line else None
        except TimeoutError:
            raise ChildError(f"no answer within {timeout:g} s") from None
        except (OSError, ValueError) as error:
            raise ChildError(f"unreadable answer: {type(error).__name__}") from None
        if not isinstance(answer, dict):
            raise ChildError("the child died")
        return answer

    async def wait_exit(self) -> None:
        """Return when the process has ended."""
        await self._process.wait()

    async def stop(self) -> None:
        """End the process: close its input, kill it if that is not enough."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            async with asyncio.timeout(STOP_SECONDS):
                await self._process.wait()
        except TimeoutError:
            self.kill()
            await self._process.wait()

    def kill(self) -> None:
        """End the process at once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
