"""Posts webhooks as a provider does: signed, with a timer, again after a while when refused.

First attempts to the same person keep their order, unless the fault ``reorder_webhooks``
holds one back; repeats come when they come.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import httpx
import structlog

from integrations.simulation.faults import Faults
from integrations.simulation.journal import Journal, Pending

log = structlog.get_logger(__name__)
RESUME_AFTER = 1.0
"""Seconds before what an earlier process left is posted: the server has to listen first."""


Attempt = Callable[[httpx.AsyncClient, bytes, Mapping[str, str]], Awaitable[bool]]
"""Carries one body somewhere, with these headers; whether it was acknowledged."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """``delays``: seconds before each repeat, times ``scale``; ``timer``: for one answer."""

    delays: Sequence[float]
    timer: float
    scale: float = 1.0
    disables: bool = False
    """After the last repeat nothing is posted any more until :meth:`Courier.enable`."""


class Courier:
    """Carries bodies to ``url`` (may be changed while running).

    ``sign`` gives the headers of one attempt for a body and the number of repeats made;
    ``accepted`` is told the tag of each body that was acknowledged. ``attempt`` carries a body
    otherwise than by a POST to ``url``.
    """

    def __init__(
        self,
        journal: Journal,
        url: str,
        ladder: Ladder,
        faults: Faults,
        *,
        sign: Callable[[bytes, int], Mapping[str, str]],
        accepted: Callable[[str], None],
        attempt: Attempt | None = None,
    ) -> None:
        self.url = url
        self.disabled = False
        self.overtaken: set[str] = set()
        """People of whom a first attempt failed: what they wrote may arrive in another order."""
        self._journal = journal
        self._ladder = ladder
        self._faults = faults
        self._sign = sign
        self._accepted = accepted
        self._how = attempt or self._to_url
        self._held: dict[int, tuple[str, asyncio.Event]] = {}
        self._order: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._tasks: set[asyncio.Task[None]] = set()
        self._client: httpx.AsyncClient | None = None

    def post(self, address: str, body: bytes, tag: str = "") -> asyncio.Event:
        """Keep ``body`` and start posting it; the event is set after the first attempt."""
        tried = asyncio.Event()
        if self.disabled:
            tried.set()
        else:
            pending = self._journal.queue(address, body, tag)
            if self._faults.take("reorder_webhooks"):
                self._held[pending.id] = (address, asyncio.Event())
                self.overtaken.add(address)
            self._start(pending, tried)
        return tried

    async def resume(self) -> None:
        """Post what an earlier process left behind."""
        left = self._journal.pending()
        await asyncio.sleep(RESUME_AFTER if left else 0)
        for pending in left:
            self._start(pending, asyncio.Event())

    def enable(self) -> None:
        """Switch the webhook on again, as a person does in the provider's console."""
        self.disabled = False

    async def probe(self, body: bytes) -> bool:
        """Post ``body`` once, outside the ladder, as when an address is saved."""
        return await self._post(body, 0)

    async def idle(self) -> None:
        """Wait until nothing is being posted or waited for."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def stop(self) -> None:
        """Stop posting; what was not acknowledged stays in the journal."""
        for task in self._tasks:
            task.cancel()
        await self.idle()
        if self._client is not None:
            await self._client.aclose()

    def _start(self, pending: Pending, tried: asyncio.Event) -> None:
        task = asyncio.get_running_loop().create_task(self._carry(pending, tried))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _carry(self, pending: Pending, tried: asyncio.Event) -> None:
        if pending.id in self._held:
            tried.set()
            await self._hold(pending)
        async with self._order[pending.address]:
            await asyncio.sleep(self._faults.webhook_delay)
            done = await self._attempt(pending, pending.tries)
            tried.set()
        self._let_go(pending)
        for repeat, delay in enumerate(self._ladder.delays[pending.tries :], pending.tries + 1):
            if done:
                break
            await asyncio.sleep(delay * self._ladder.scale)
            done = await self._attempt(pending, repeat)
        self._journal.settled(pending)
        if done:
            self._accepted(pending.tag)
        else:
            self.disabled = self._ladder.disables
            log.warning("simulator.webhook_given_up", disabled=self.disabled)

    async def _hold(self, pending: Pending) -> None:
        """Wait until a younger body to the same person was posted, but not for ever."""
        _, passed = self._held[pending.id]
        with suppress(TimeoutError):
            async with asyncio.timeout(self._faults.hold_seconds):
                await passed.wait()
        self._held.pop(pending.id, None)

    def _let_go(self, posted: Pending) -> None:
        for key, (address, passed) in self._held.items():
            if address == posted.address and key < posted.id:
                passed.set()

    async def _attempt(self, pending: Pending, repeat: int) -> bool:
        self._journal.tried(pending)
        done = await self._post(pending.body, repeat)
        if self._faults.take("duplicate_webhooks"):
            done = await self._post(pending.body, repeat) or done
        if not done:
            self.overtaken.add(pending.address)
        return done and not self._faults.take("lost_acks")

    async def _post(self, body: bytes, repeat: int) -> bool:
        headers = {"Content-Type": "application/json"} | dict(self._sign(body, repeat))
        try:
            return await self._how(self._http(), body, headers)
        except (httpx.HTTPError, httpx.InvalidURL):
            return False

    async def _to_url(
        self, http: httpx.AsyncClient, body: bytes, headers: Mapping[str, str]
    ) -> bool:
        return (await http.post(self.url, content=body, headers=headers)).is_success

    def _http(self) -> httpx.AsyncClient:
        if self._client is None:
            timer = httpx.Timeout(self._ladder.timer, pool=None)
            # The simulator talks to this machine only: a proxy of the environment is none of it.
            self._client = httpx.AsyncClient(timeout=timer, trust_env=False)
        return self._client
