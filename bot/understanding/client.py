"""The parent's door to the NLU child process.

The process that talks to the internet never imports Rasa: it asks a child over a
pipe. The child may be missing (nothing trained), loading, or die; callers see only
answers or :class:`NluUnavailable`.

    NluUnavailable      no answer now; the message can be kept and tried later
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import structlog

from bot.text import clean
from bot.understanding.child import Child, ChildError, RequestError, Timing
from bot.understanding.types import Label

log = structlog.get_logger(__name__)

State = Literal["missing", "loading", "ready", "failed"]

BATCH = 64
"""Most texts in one request to the child."""
TRIES = 2
"""Children that may die over one request before it is refused."""
FAILED_AFTER = 3
"""Starts that fail in a row before the state is ``failed`` (tries go on, slower)."""


class NluUnavailable(Exception):
    """Understanding has no model or no living child right now. Retryable."""


@dataclass(slots=True, eq=False)
class _Request:
    texts: list[str]
    answer: asyncio.Future[list[list[Label]]] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    tries: int = 0


class NluClient:
    """Keeps one child alive on the current model and shares it among callers.

    ``model_path_provider`` is asked for the model's path (None: nothing trained yet)
    at each start and every ``timing.poll`` seconds; a new path is loaded beside the
    old one, which answers until the new one can.
    """

    def __init__(
        self,
        model_path_provider: Callable[[], Path | None],
        python: str = sys.executable,
        timing: Timing | None = None,
    ) -> None:
        self._model_path = model_path_provider
        self._python = python
        self._timing = timing or Timing()
        self._state: State = "missing"
        self._reason = "not started"
        self._child: Child | None = None
        self._ready = asyncio.Event()
        self._settled = asyncio.Event()
        self._busy = asyncio.Lock()
        self._waiting: asyncio.Queue[_Request] = asyncio.Queue()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def state(self) -> State:
        """``missing`` (nothing trained), ``loading``, ``ready`` or ``failed``."""
        return self._state

    @property
    def reason(self) -> str:
        """Why it is not ready, for ``hotro doctor``; empty when it is."""
        return self._reason

    @property
    def child_pid(self) -> int | None:
        """The answering child's process id, None when there is none."""
        return self._child.pid if self._child else None

    @property
    def model(self) -> Path | None:
        """The archive that is answering, None when nothing is."""
        return self._child.model if self._child else None

    def start(self) -> None:
        """Begin loading in the background; returns at once. Needs a running loop."""
        if not self._tasks:
            self._set("loading" if self._model_path() else "missing", "starting")
            self._tasks = [
                asyncio.create_task(self._keep_alive(), name="nlu-keep-alive"),
                asyncio.create_task(self._serve(), name="nlu-serve"),
            ]

    async def wait_ready(self, timeout: float = 60.0) -> None:
        """Return when texts can be parsed.

        Raises:
            NluUnavailable: not ready after ``timeout`` seconds.
        """
        try:
            async with asyncio.timeout(timeout):
                await self._ready.wait()
        except TimeoutError:
            raise NluUnavailable(f"not ready ({self._state}): {self._reason}") from None

    async def parse(self, texts: Sequence[str]) -> list[list[Label]]:
        """Labels of each text, likeliest first. Waits while the model is loading.

        Raises:
            NluUnavailable: nothing trained, loading failed, or the child died twice
                over this request.
        """
        if not texts:
            return []
        if self._state in ("missing", "failed") or not self._tasks:
            raise NluUnavailable(f"{self._state}: {self._reason}")
        cleaned = [clean(text) for text in texts]
        requests = [_Request(cleaned[at : at + BATCH]) for at in range(0, len(cleaned), BATCH)]
        for request in requests:
            self._waiting.put_nowait(request)
        answers = await asyncio.gather(*(request.answer for request in requests))
        return [ranked for answer in answers for ranked in answer]

    async def stop(self) -> None:
        """End the child and refuse what still waits."""
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._child is not None:
            await self._child.stop()
            self._child = None
        self._set("missing", "stopped")
        while self._waiting.qsize():
            self._refuse([self._waiting.get_nowait()])

    def _set(self, state: State, reason: str = "") -> None:
        self._state, self._reason = state, reason
        for event, happened in (
            (self._ready, state == "ready"),
            (self._settled, state != "loading"),
        ):
            if happened:
                event.set()
            else:
                event.clear()

    # --- keeping a child alive -------------------------------------------------

    async def _keep_alive(self) -> None:
        failures = 0
        while True:
            model = self._model_path()
            if model is None:
                self._set("missing", "no trained model; run: hotro train")
                await asyncio.sleep(self._timing.poll)
                continue
            self._set("failed" if failures >= FAILED_AFTER else "loading", self._reason)
            try:
                self._child = await self._load(model)
            except (ChildError, OSError) as error:
                failures += 1
                self._note_failure(failures, error)
                await asyncio.sleep(self._backoff(failures))
                continue
            failures = 0
            self._set("ready")
            await self._until_gone()
            self._set("loading", "the child ended; starting another")
            await asyncio.sleep(self._backoff(1))

    async def _load(self, model: Path) -> Child:
        child = await Child.spawn(self._python, model)
        try:
            await child.wait_ready(self._timing.load)
        except BaseException:
            child.kill()
            await child.wait_exit()
            raise
        log.info("nlu_ready", model=model.parent.name, **child.about)
        return child

    def _note_failure(self, failures: int, error: Exception) -> None:
        state: State = "failed" if failures >= FAILED_AFTER else "loading"
        self._set(state, str(error))
        log.warning("nlu_start_failed", failures=failures, reason=str(error))

    def _backoff(self, failures: int) -> float:
        return float(min(self._timing.backoff * 2 ** (failures - 1), self._timing.backoff_max))

    async def _until_gone(self) -> None:
        """Watch the child; swap it when a newer model appears; return when it is dead."""
        refused: Path | None = None
        while (child := self._child) is not None:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._timing.poll):
                    await child.wait_exit()
            if not child.alive:
                log.warning("nlu_child_died", pid=child.pid)
                self._child = None
                return
            model = self._model_path()
            if model is not None and model not in (child.model, refused):
                refused = None if await self._swap(model) else model

    async def _swap(self, model: Path) -> bool:
        try:
            fresh = await self._load(model)
        except (ChildError, OSError) as error:
            log.warning("nlu_swap_failed", model=model.parent.name, reason=str(error))
            return False
        old, self._child = self._child, fresh
        if old is not None:
            async with self._busy:
                await old.stop()
        return True

    # --- answering -------------------------------------------------------------

    async def _serve(self) -> None:
        while True:
            batch = await self._next_batch()
            try:
                while batch:
                    await self._settled.wait()
                    if self._state == "ready":
                        batch = await self._answer(batch)
                    else:
                        batch = self._refuse(batch)
            except asyncio.CancelledError:
                self._refuse(batch)
                raise

    async def _next_batch(self) -> list[_Request]:
        """All that waits, up to :data:`BATCH` texts: one request costs little more than one."""
        batch = [await self._waiting.get()]
        size = len(batch[0].texts)
        while self._waiting.qsize() and size < BATCH:
            batch.append(self._waiting.get_nowait())
            size += len(batch[-1].texts)
        return batch

    async def _answer(self, batch: list[_Request]) -> list[_Request]:
        """Answer what can be answered; returns what has to be tried again."""
        batch = [request for request in batch if not request.answer.done()]
        async with self._busy:
            child = self._child
            if child is None:
                return batch
            try:
                ranked = await self._ask(child, [t for request in batch for t in request.texts])
            except ChildError as error:
                child.kill()
                if child is self._child:
                    self._set("loading", str(error))
                return self._once_more(batch)
        for request in batch:
            answered, ranked = ranked[: len(request.texts)], ranked[len(request.texts) :]
            if not request.answer.done():
                request.answer.set_result(answered)
        return []

    async def _ask(self, child: Child, texts: list[str]) -> list[list[Label]]:
        """Ask for all at once; if that is refused one by one, a refused text having no label."""
        try:
            return await child.ask(texts, self._timing.answer)
        except RequestError as error:
            log.warning("nlu_request_refused", reason=str(error), texts=len(texts))
        ranked: list[list[Label]] = []
        for text in texts:
            try:
                ranked += await child.ask([text], self._timing.answer)
            except RequestError:
                ranked.append([])
        return ranked

    def _once_more(self, batch: list[_Request]) -> list[_Request]:
        for request in batch:
            request.tries += 1
        self._refuse([request for request in batch if request.tries >= TRIES])
        return [request for request in batch if request.tries < TRIES]

    def _refuse(self, batch: list[_Request]) -> list[_Request]:
        error = f"{self._state}: {self._reason}"
        for request in batch:
            if not request.answer.done():
                request.answer.set_exception(NluUnavailable(error))
        return []
