"""The gateways of all communes, made of their settings and kept up to date with them.

A gateway whose settings did not change stays the same object, with its connections. One that
is replaced or removed is closed in the background, once the sends under way have ended: a send
that is cut off has an unknown outcome.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

import structlog

from integrations.sms.gateway import Gateway, GatewayConfig, Kind, Tools
from integrations.sms.kinds import KINDS

log = structlog.get_logger(__name__)

Key = tuple[str, str]
"""Commune and name."""


class _Held:
    """A gateway and who is using it."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self._users = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @contextmanager
    def used(self) -> Iterator[Gateway]:
        self._users += 1
        self._idle.clear()
        try:
            yield self.gateway
        finally:
            self._users -= 1
            if not self._users:
                self._idle.set()

    async def retire(self) -> None:
        await self._idle.wait()
        try:
            await self.gateway.close()
        except Exception as fault:
            name = self.gateway.config.name
            log.warning("sms.not_closed", gateway=name, error=type(fault).__name__)


class Pool:
    """Every gateway of the installation, by commune and name."""

    def __init__(self, tools: Tools, kinds: Mapping[str, Kind] = KINDS) -> None:
        self.faults: dict[Key, str] = {}
        """Gateways that cannot be made of their settings, and why, in Vietnamese."""
        self._tools = tools
        self._kinds = kinds
        self._configs: dict[Key, GatewayConfig] = {}
        self._held: dict[Key, _Held] = {}
        self._retiring: set[asyncio.Task[None]] = set()

    def take(self, configs: Iterable[GatewayConfig]) -> None:
        """Have exactly the gateways that ``configs`` describe."""
        wanted = {(config.commune, config.name): config for config in configs}
        for key in [key for key, config in self._configs.items() if wanted.get(key) != config]:
            self._drop(key)
        for key, config in wanted.items():
            if key not in self._configs:
                self._configs[key] = config
                self._build(key, config)

    def config(self, commune: str, name: str) -> GatewayConfig | None:
        """The settings of a gateway, also of one that cannot be made of them."""
        return self._configs.get((commune, name))

    def kind(self, config: GatewayConfig) -> Kind | None:
        """What kind of gateway that is; None for one that nobody knows."""
        return self._kinds.get(config.kind)

    def get(self, commune: str, name: str) -> Gateway | None:
        """A gateway that works, as far as its settings tell."""
        held = self._held.get((commune, name))
        return held.gateway if held is not None else None

    def of(self, commune: str) -> list[Gateway]:
        """The gateways of a commune, by name."""
        return [self._held[key].gateway for key in sorted(self._held) if key[0] == commune]

    def all(self) -> list[Gateway]:
        """The gateways of all communes."""
        return [held.gateway for held in self._held.values()]

    @contextmanager
    def using(self, commune: str, name: str) -> Iterator[Gateway | None]:
        """As :meth:`get`; it is not closed meanwhile."""
        held = self._held.get((commune, name))
        if held is None:
            yield None
            return
        with held.used() as gateway:
            yield gateway

    async def close(self) -> None:
        """Close everything."""
        for key in list(self._configs):
            self._drop(key)
        while self._retiring:
            await asyncio.gather(*self._retiring)

    def _drop(self, key: Key) -> None:
        del self._configs[key]
        self.faults.pop(key, None)
        held = self._held.pop(key, None)
        if held is not None:
            task = asyncio.get_running_loop().create_task(held.retire())
            self._retiring.add(task)
            task.add_done_callback(self._retiring.discard)

    def _build(self, key: Key, config: GatewayConfig) -> None:
        kind = self._kinds.get(config.kind)
        if kind is None:
            self.faults[key] = f"Không có loại cổng SMS “{config.kind}”."
            return
        try:
            self._held[key] = _Held(kind.build(config, self._tools))
        except ValueError as fault:
            self.faults[key] = f"Cổng SMS “{config.name}”: {fault}."
        except Exception as fault:
            # One gateway must not keep the others from working.
            self.faults[key] = f"Cổng SMS “{config.name}” không dùng được ({type(fault).__name__})."
            log.error("sms.not_built", gateway=config.name, error=type(fault).__name__)
