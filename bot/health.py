"""/healthz, /readyz and /metrics (Prometheus)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.clock import Clock
from bot.store import handovers, inbox, outbox
from bot.store.engine import Store

Counts = Callable[[], dict[tuple[str, ...], int]]


class _Counters(Collector):
    """Counters that other rooms keep, read when Prometheus asks."""

    def __init__(self, name: str, about: str, labels: tuple[str, ...], counts: Counts) -> None:
        self._family = (name, about, labels)
        self._counts = counts

    def collect(self) -> list[Metric]:
        name, about, labels = self._family
        family = CounterMetricFamily(name, about, labels=labels)
        for values, count in self._counts().items():
            family.add_metric(list(values), count)
        return [family]


class Health:
    """The three pages.

    Args:
        ready: a reason not to send citizens here, or None.
        open_to: whether a request may read the metrics.
    """

    def __init__(
        self, store: Store, clock: Clock, ready: Callable[[], Awaitable[str | None]]
    ) -> None:
        self._store = store
        self._clock = clock
        self._ready = ready
        self._registry = CollectorRegistry()
        gauge = self._gauge
        self._waiting = gauge("hotro_inbox_waiting", "Messages without an answer")
        self._oldest = gauge("hotro_inbox_oldest_seconds", "Age of the oldest of them")
        self._handovers = gauge("hotro_handovers_open", "Citizens waiting for an officer")
        self._model = gauge("hotro_model_ready", "1 when the bot can understand")
        self._outbox = Gauge(
            "hotro_outbox_rows", "Outbox rows by state", ["state"], registry=self._registry
        )

    def _gauge(self, name: str, about: str) -> Gauge:
        return Gauge(name, about, registry=self._registry)

    def count(self, name: str, about: str, labels: tuple[str, ...], counts: Counts) -> None:
        """Also publish these counters."""
        self._registry.register(_Counters(name, about, labels, counts))

    def routes(self) -> list[web.RouteDef]:
        """The routes."""
        return [
            web.get("/healthz", self._healthz),
            web.get("/readyz", self._readyz),
            web.get("/metrics", self._metrics),
        ]

    async def _healthz(self, _request: web.Request) -> web.Response:
        """Alive: the process answers and the database does."""
        try:
            await self._store.ping()
        except Exception:
            return web.json_response({"ok": False, "database": "unreachable"}, status=503)
        return web.json_response({"ok": True})

    async def _readyz(self, _request: web.Request) -> web.Response:
        """Ready: messages would also be answered now."""
        reason = await self._ready()
        if reason is None:
            return web.json_response({"ok": True})
        return web.json_response({"ok": False, "reason": reason}, status=503)

    async def _metrics(self, _request: web.Request) -> web.Response:
        async with self._store.read() as session:
            waiting, oldest = await inbox.waiting(session)
            depth = await outbox.depth(session)
            open_count = await handovers.count_open(session)
        self._waiting.set(waiting)
        age = (self._clock.now() - oldest).total_seconds() if oldest else 0.0
        self._oldest.set(max(0.0, age))
        self._handovers.set(open_count)
        self._model.set(1 if await self._ready() is None else 0)
        for state, count in depth.items():
            self._outbox.labels(state).set(count)
        body = generate_latest(self._registry)
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4"})
