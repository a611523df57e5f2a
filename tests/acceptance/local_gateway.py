"""An SMS gateway of the plain HTTP contract in a process of its own, which outlives ours.

``python -m tests.acceptance.local_gateway PORT LOG CLOCK``: each message that it takes is a line
of LOG, with the simulated time that CLOCK holds at that moment. Of a hundred messages some get
no answer though they are taken, some are refused for now (``LOST``, ``BUSY``).
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aiohttp import web

LOST, BUSY = 1, 2
"""In per cent; which ones, their ids tell, so that a run can be repeated."""


class LocalGateway:
    """Takes messages, each id once."""

    def __init__(self, log: Path, clock: Path | None) -> None:
        self._log = log.open("a", encoding="utf-8")
        self._clock = clock
        self._taken: set[str] = set()
        self._asked: set[str] = set()
        for line in log.read_text(encoding="utf-8").splitlines():
            self._taken.add(json.loads(line)["id"])

    async def take(self, request: web.Request) -> web.Response:
        """POST /messages."""
        told: dict[str, Any] = await request.json()
        first = told["id"] not in self._asked
        self._asked.add(told["id"])
        fate = int(hashlib.sha256(told["id"].encode()).hexdigest(), 16) % 100
        if self._clock is not None and first and LOST <= fate < LOST + BUSY:
            return web.json_response({"error": "busy"}, status=503)
        if told["id"] not in self._taken:
            self._taken.add(told["id"])
            at = self._clock.read_text() if self._clock is not None else ""
            self._log.write(json.dumps({**told, "at": at}, ensure_ascii=False) + "\n")
            self._log.flush()
        if self._clock is not None and first and fate < LOST:
            assert request.transport is not None
            request.transport.abort()
        return web.json_response({"id": told["id"]})

    async def find(self, request: web.Request) -> web.Response:
        """GET /messages/{id}."""
        name = request.match_info["id"]
        return web.json_response({"id": name}, status=200 if name in self._taken else 404)


async def serve(port: int, log: Path, clock: Path | None) -> None:
    """Run until killed; says "ready"."""
    log.touch()
    gateway = LocalGateway(log, clock)
    app = web.Application()
    app.add_routes([web.post("/messages", gateway.take), web.get("/messages/{id}", gateway.find)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


@contextlib.contextmanager
def running(port: int, log: Path, clock: Path | None = None) -> Iterator[str]:
    """Start it; yields the address for messages."""
    command = [sys.executable, "-m", "tests.acceptance.local_gateway", str(port), str(log)]
    command += [str(clock)] if clock else []
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield f"http://127.0.0.1:{port}/messages"
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    clocks = [Path(one) for one in sys.argv[3:]]
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]), clocks[0] if clocks else None))
