"""The SMS gateways of communes: from ``hotro.toml`` and from the database, kept up to date.

A part of the composition root: it knows the integrations and the store.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

import httpx

from bot.channels import GatewayPlan
from bot.clock import Clock
from bot.settings import Settings, SettingsError, SmsSettings
from bot.store import gateways
from bot.store.engine import Store
from bot.store.gateways import GatewayView, HealthView, Source
from integrations.sms.gateway import Condition, GatewayConfig, Kind, Tools
from integrations.sms.kinds import KINDS
from integrations.sms.lease import LEASE_SECONDS, ListenLease
from integrations.sms.pool import Pool

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,19}")
"""A gateway's name: it stands in an address and in front of message ids."""

Key = tuple[str, str]
"""Commune and name."""


class SqlListenLease(ListenLease):
    """The right to listen to a gateway, for all processes."""

    def __init__(self, store: Store, wall: Clock, seconds: float = LEASE_SECONDS) -> None:
        self._store = store
        self._wall = wall
        self._seconds = seconds

    async def acquire(self, commune: str, name: str, owner: str) -> bool:
        """Take or prolong the lease."""
        now = self._wall.now()
        until = now + timedelta(seconds=self._seconds)
        async with self._store.write() as session:
            return await gateways.lease(session, commune, name, owner, now, until)


class SmsGateways:
    """All gateways of the installation; ``pool`` holds those that can be used now.

    Of one name in one commune what was entered in the console goes over what a program fixed
    (the demo), and that over ``hotro.toml``.
    """

    def __init__(
        self,
        settings: Settings,
        store: Store,
        wall: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._store = store
        self._wall = wall
        self.tools = Tools(wall, transport, public_url=settings.base_url)
        self.pool = Pool(self.tools)
        self.lease: ListenLease = SqlListenLease(store, wall)
        self._file = from_file(settings)
        self._fixed: dict[Key, GatewayConfig] = {}
        self._entered: dict[Key, GatewayConfig] = {}
        self._stamp: str | None = None
        self._problems: dict[Key, dict[str, str]] = {}

    async def refresh(self) -> None:
        """Take up what was changed in the database, if anything was."""
        async with self._store.read() as session:
            self._problems = await gateways.problems(session)
            stamp = await gateways.stamp(session)
            if stamp == self._stamp:
                return
            rows = await gateways.listing(session)
        self._entered = {(row.commune, row.name): entered(row) for row in rows}
        self._take()
        self._stamp = stamp

    def fix(self, config: GatewayConfig) -> None:
        """Use a gateway that stands neither in the file nor in the database."""
        self._fixed[config.commune, config.name] = config
        self._take()

    def _take(self) -> None:
        self.pool.take(self._all().values())

    def _all(self) -> Mapping[Key, GatewayConfig]:
        return {**self._file, **self._fixed, **self._entered}

    def configs(self, commune: str) -> list[GatewayConfig]:
        """A commune's gateways, also those that cannot be used; the largest share first."""
        own = [config for (where, _), config in self._all().items() if where == commune]
        return sorted(own, key=lambda config: (-config.share, config.name))

    def communes(self) -> set[str]:
        """Communes with a gateway."""
        return {commune for commune, _ in self._all()}

    def beneath(self, commune: str, name: str) -> GatewayConfig | None:
        """What holds of a gateway when nothing of it was entered in the console."""
        return self._fixed.get((commune, name)) or self._file.get((commune, name))

    # --- what may be sent -----------------------------------------------------------------

    def plans(self, commune: str) -> list[GatewayPlan]:
        """Those that can send, for the choice among them; one that a person has to mend is
        among them (its weight falls by what it does)."""
        return [
            plan(config)
            for config in self.configs(commune)
            if self.pool.get(commune, config.name) is not None
        ]

    def can_send(self, commune: str) -> bool:
        """Whether there is any."""
        return bool(self.pool.of(commune))

    # --- how they do ----------------------------------------------------------------------

    async def health(self, commune: str) -> Mapping[str, HealthView]:
        """How a commune's gateways do, by name."""
        async with self._store.read() as session:
            return await gateways.health(session, commune)

    async def ask(self, commune: str, name: str, *, by_hand: bool = True) -> Condition | None:
        """Ask a gateway how it is, and keep what it said; None when it cannot be asked.

        Args:
            by_hand: somebody looks at it: what it says counts at once.
        """
        with self.pool.using(commune, name) as gateway:
            if gateway is None:
                return None
            condition = await gateway.check()
        told = {
            "facts": dict(condition.facts),
            "well": condition.well,
            "told": condition.told,
            "asked_at": self._wall.now().isoformat(),
        }
        before = (await self.health(commune)).get(name, HealthView())
        async with self._store.write() as session:
            await gateways.note_standing(session, commune, name, told)
        if by_hand and condition.well:
            await self.problem(commune, name, "", "sending")
        again = before.standing.get("well") is False
        if condition.well or by_hand or again:
            await self.problem(commune, name, "" if condition.well else condition.told, "asking")
        return condition

    async def problem(
        self, commune: str, name: str, sentence: str, source: Source = "sending"
    ) -> None:
        """A person has to mend it, and why; "" when that source sees it work again."""
        key = (commune, name)
        if self._problems.get(key, {}).get(source, "") == sentence or key not in self._all():
            return
        self._problems.setdefault(key, {})[source] = sentence
        async with self._store.write() as session:
            await gateways.note_problem(session, commune, name, source, sentence)

    async def listening(self, commune: str, name: str, sentence: str) -> None:
        """Nothing can be heard from it, and why; "" when it can (Listeners tells it)."""
        await self.problem(commune, name, sentence, "listening")

    async def close(self) -> None:
        """Release connections."""
        self.tools.stopping.set()
        await self.pool.close()


def plan(config: GatewayConfig) -> GatewayPlan:
    """What of a gateway the choice among several looks at."""
    caps = (config.per_minute, config.per_hour, config.per_day)
    return GatewayPlan(config.name, config.share, *caps, config.price)


def parted(kind: Kind, values: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Options and secrets among ``values``, by what the kind asks for; empty ones are left out."""
    secret = {field.name for field in kind.fields if field.secret}
    known = {field.name for field in kind.fields}
    there = {name: value for name, value in values.items() if value and name in known}
    options = {name: value for name, value in there.items() if name not in secret}
    return options, {name: value for name, value in there.items() if name in secret}


def entered(row: GatewayView) -> GatewayConfig:
    """A gateway as the console keeps it."""
    told = row.settings
    return GatewayConfig(
        commune=row.commune,
        name=row.name,
        kind=row.kind,
        own_number=told.get("own_number", ""),
        options=told.get("options", {}),
        secrets=row.secrets,
        share=told["share"],
        per_minute=told["per_minute"],
        per_hour=told["per_hour"],
        per_day=told["per_day"],
        price=told["price"],
    )


# --- hotro.toml ---------------------------------------------------------------------------


def from_file(settings: Settings) -> dict[Key, GatewayConfig]:
    """The gateways of ``hotro.toml`` and the environment.

    Raises:
        SettingsError: naming the commune and the wrong key.
    """
    found: dict[Key, GatewayConfig] = {}
    for commune, listed in settings.sms.items():
        for told in listed:
            if (commune, told.name) in found:
                raise SettingsError(
                    f'cài đặt sai: [[sms.{commune}]]: có hai cổng cùng tên "{told.name}"'
                )
            found[commune, told.name] = _config(commune, told)
    return found


def _config(commune: str, told: SmsSettings) -> GatewayConfig:
    kind = _kind(commune, told)
    options, secrets = parted(kind, told.own_fields)
    per_minute, per_hour, per_day = kind.caps
    return GatewayConfig(
        commune=commune,
        name=told.name,
        kind=kind.id,
        own_number=told.own_number,
        options=options,
        secrets=secrets,
        share=told.share,
        per_minute=per_minute if told.per_minute is None else told.per_minute,
        per_hour=per_hour if told.per_hour is None else told.per_hour,
        per_day=per_day if told.per_day is None else told.per_day,
        price=told.price,
    )


def _kind(commune: str, told: SmsSettings) -> Kind:
    """The kind, when all that was written fits it."""
    where = f'cài đặt sai: sms.{commune}, cổng "{told.name}"'
    if not NAME.fullmatch(told.name):
        raise SettingsError(f"{where}: name chỉ gồm a-z, 0-9 và dấu -, nhiều nhất 20 ký tự")
    kind = KINDS.get(told.kind)
    if kind is None:
        raise SettingsError(f'{where}: không có kind "{told.kind}" (chọn: {", ".join(KINDS)})')
    known = [field.name for field in kind.fields]
    strangers = [name for name in told.own_fields if name not in known]
    if strangers:
        raise SettingsError(
            f'{where}: cổng kiểu {kind.id} không có mục "{strangers[0]}" '
            f"(các mục riêng của kiểu này: {', '.join(known)})"
        )
    return kind
