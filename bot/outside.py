"""The accounts at outside systems: from ``hotro.toml`` and from the database, kept up to date.

A part of the composition root: it knows the integrations and the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import httpx
import structlog

from bot.channels import GatewayPlan, Reach, Standing, Unlimited
from bot.clock import Clock
from bot.delivery.group import Groups
from bot.knowledge.library import Library
from bot.messages import Channel, Notice
from bot.outside_sms import SmsGateways
from bot.settings import Settings
from bot.store import accounts
from bot.store.accounts import AccountView, Tokens
from bot.store.engine import Store
from integrations.zalo.account import ZaloAccount
from integrations.zalo.oa.client import Hosts
from integrations.zalo.oa.errors import TokenUnavailableError
from integrations.zalo.oa.oauth import OAuthClient, TokenPair
from integrations.zalo.oa.tokens import StoredTokens, TokenKeeper, TokenStore, static_token
from integrations.zalo.oa.window import Quota, Window
from integrations.zalobot.account import BotAccount

log = structlog.get_logger(__name__)

ZALO: Channel = "zalo"
BOT: Channel = "zalobot"
NOTE_EVERY = timedelta(minutes=1)
REVOKED = "permission_revoked"
OAUTH_TIMEOUT = 20.0
FRESH_EVERY = 300.0
"""Seconds between two looks at the tokens; they are renewed hours before their end."""


class SqlTokens(TokenStore):
    """Tokens of one commune's OA in the database, for all processes."""

    def __init__(self, store: Store, commune: str, wall: Clock) -> None:
        self._store = store
        self._commune = commune
        self._wall = wall

    async def load(self, oa_id: str) -> StoredTokens | None:
        async with self._store.read() as session:
            found = await accounts.tokens(session, self._commune, ZALO)
        if found is None:
            return None
        return StoredTokens(
            found.version,
            found.access,
            found.refresh,
            found.access_expires_at,
            found.refresh_expires_at,
            found.problem,
        )

    async def lease(self, oa_id: str, owner: str, version: int, until: datetime) -> bool:
        async with self._store.write() as session:
            return await accounts.lease(
                session, self._commune, ZALO, owner, self._wall.now(), until, version
            )

    async def save(self, oa_id: str, pair: TokenPair, version: int) -> bool:
        ends = (pair.access_expires_at, pair.refresh_expires_at)
        new = Tokens(0, pair.access, pair.refresh, *ends, "")
        async with self._store.write() as session:
            await accounts.ensure(session, self._commune, ZALO, self._wall.now())
            now = self._wall.now()
            return await accounts.save_tokens(session, self._commune, ZALO, new, version, now)

    async def fail(self, oa_id: str, version: int, problem: str) -> None:
        async with self._store.write() as session:
            await accounts.fail_tokens(session, self._commune, ZALO, version, problem)

    async def release(self, oa_id: str, owner: str) -> None:
        async with self._store.write() as session:
            await accounts.release(session, self._commune, ZALO, owner)


class SqlPollLease:
    """The right to poll a bot (integrations.zalobot.lease.PollLease), for all processes."""

    def __init__(self, store: Store, wall: Clock, seconds: float) -> None:
        self._store = store
        self._wall = wall
        self._seconds = seconds

    async def acquire(self, commune: str, owner: str) -> bool:
        """Take or prolong the lease."""
        now = self._wall.now()
        until = now + timedelta(seconds=self._seconds)
        async with self._store.write() as session:
            return await accounts.lease(session, commune, BOT, owner, now, until)


@dataclass(frozen=True, slots=True)
class ZaloReach(Reach):
    """What an OA may send: its window, what is left of its allowance, its template."""

    template: str = ""
    paid: Quota | None = None
    window: Window = Window()  # noqa: RUF009 - immutable

    def standing(
        self, last_interaction: datetime | None, now: datetime
    ) -> tuple[Standing, datetime | None]:
        """See :class:`bot.channels.Reach`; without allowance the paid days are closed."""
        found = Standing(self.window.standing(last_interaction, now).value)
        if found is Standing.PAID and self._used_up(now):
            return Standing.CLOSED, None
        return found, self.window.until(last_interaction, now)

    def _used_up(self, now: datetime) -> bool:
        if self.paid is None or not self.paid.exhausted:
            return False
        return self.paid.expires is None or now.date() <= self.paid.expires


class Outside:
    """All accounts of the installation. ``zalo`` and ``bots`` are read at each use."""

    def __init__(self, settings: Settings, store: Store, wall: Clock) -> None:
        self._settings = settings
        self._store = store
        self._wall = wall
        self._stamp: str | None = None
        self._keepers: dict[str, tuple[tuple[str, ...], TokenKeeper]] = {}
        self._paid: dict[str, Quota] = {}
        self._troubles: dict[str, str] = {}
        self._came: dict[tuple[str, bool], datetime] = {}
        self._http: httpx.AsyncClient | None = None
        self._notes: set[asyncio.Task[None]] = set()
        self.zalo: dict[str, ZaloAccount] = {}
        self.bots: dict[str, BotAccount] = {}
        self.sms = SmsGateways(settings, store, wall)
        self.bot_base: dict[str, str] = {}
        """Where bots are, when not at Zalo itself (the demo's simulator)."""

    async def refresh(self) -> None:
        """Take up what was changed in the database, if anything was."""
        await self.sms.refresh()
        async with self._store.read() as session:
            stamp = await accounts.stamp(session)
            if stamp == self._stamp:
                return
            rows = await accounts.listing(session)
        self._take(rows)
        self._stamp = stamp

    def _take(self, rows: Sequence[AccountView]) -> None:
        by_channel: dict[Channel, dict[str, AccountView]] = {ZALO: {}, BOT: {}}
        for row in rows:
            by_channel.setdefault(row.channel, {})[row.commune] = row
        named = {*self._settings.zalo, *by_channel[ZALO]}
        made = {commune: self._zalo(commune, by_channel[ZALO].get(commune)) for commune in named}
        _replace(self.zalo, {c: one for c, one in made.items() if one is not None})
        bots = {commune: _bot(row) for commune, row in by_channel[BOT].items()}
        _replace(self.bots, bots)
        for commune, row in by_channel[ZALO].items():
            self._troubles[commune] = row.standing.get("trouble", "")
            if "quota" in row.standing:
                self._paid[commune] = _quota(row.standing["quota"])

    def _zalo(self, commune: str, row: AccountView | None) -> ZaloAccount | None:
        """An account by what the file says, overruled by what the database says."""
        told = zalo_settings(self._settings, commune, row)
        if not told["app_id"] or not told["oa_id"]:
            return None
        hosts = hosts_of(told)
        static = told["access_token"] and not (row and row.has_tokens)
        source = (
            static_token(told["access_token"]) if static else self._keeper(commune, told, hosts)
        )
        return ZaloAccount(
            app_id=told["app_id"],
            oa_id=told["oa_id"],
            oa_secret=told["oa_secret"],
            access_token=source,
            app_secret=told["app_secret"] if told["proof"] else "",
            hosts=hosts,
            per_minute=int(told["per_minute"]),
            officer_group=told["officer_group"],
            public_group=told["public_group"],
            templates={"nhac_viec": told["template"]} if told["template"] else {},
            auto_replies=tuple(told["auto_replies"]),
        )

    def _keeper(self, commune: str, told: Mapping[str, Any], hosts: Hosts) -> TokenKeeper:
        """One keeper a commune as long as its app stays the same: it remembers a failed save."""
        identity = (told["app_id"], told["app_secret"], told["oa_id"], hosts.oauth)
        known = self._keepers.get(commune)
        if known is not None and known[0] == identity:
            return known[1]
        oauth = self.oauth(told["app_id"], told["app_secret"], hosts)
        store = SqlTokens(self._store, commune, self._wall)
        keeper = TokenKeeper(store, oauth, told["oa_id"], self._wall.now)
        self._keepers[commune] = (identity, keeper)
        return keeper

    def oauth(self, app_id: str, app_secret: str, hosts: Hosts) -> OAuthClient:
        """The token endpoint of an app."""
        return OAuthClient(app_id, app_secret, self.http, self._wall.now, host=hosts.oauth)

    @property
    def http(self) -> httpx.AsyncClient:
        """The connections of everything here but the senders."""
        if self._http is None:
            self._http = httpx.AsyncClient(timeout=OAUTH_TIMEOUT)
        return self._http

    # --- what may be sent -----------------------------------------------------------------

    def reaches(self, commune: str, channel: Channel) -> Reach | None:
        """What the commune's account at a channel may send (bot.channels.Reaches)."""
        if channel == ZALO:
            account = self.zalo.get(commune)
            if account is None:
                return None
            return ZaloReach(account.templates.get("nhac_viec", ""), self._paid.get(commune))
        there = {"sms": self.sms.can_send(commune), BOT: commune in self.bots, "web": True}
        return Unlimited() if there[channel] else None

    def plans(self, commune: str, channel: Channel = "sms") -> Sequence[GatewayPlan]:
        """The gateways among which a message of that channel is sent (bot.channels.Plans)."""
        return self.sms.plans(commune) if channel == "sms" else ()

    async def troubled(
        self, commune: str, channel: Channel, sentence: str, gateway: str = ""
    ) -> None:
        """Nothing leaves until a person has mended the account or the gateway: the desk says so."""
        if gateway:
            await self.sms.problem(commune, gateway, sentence)
        if channel == ZALO and self._troubles.get(commune) != sentence:
            await self._tell_trouble(commune, sentence)

    async def _tell_trouble(self, commune: str, sentence: str) -> None:
        self._troubles[commune] = sentence
        await self.note(commune, {"trouble": sentence})

    def note_quota(self, commune: str, quota: Quota) -> None:
        """What Zalo said is left after a message; free answers within 48 hours are no allowance."""
        if self._troubles.get(commune):
            self._later(self._tell_trouble(commune, ""))
        if quota.kind in ("reply", "template_day") or quota == self._paid.get(commune):
            return
        before = self._paid.get(commune)
        turned = quota.exhausted != (before is not None and before.exhausted)
        self._paid[commune] = quota
        self._later(self._keep_quota(commune, turned))

    def _later(self, note: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(note)
        self._notes.add(task)
        task.add_done_callback(self._notes.discard)

    async def _keep_quota(self, commune: str, turned: bool) -> None:
        """``turned``: the paid days open or close with it, which other processes have to know."""
        quota = self._paid[commune]  # the newest, whichever note is written last
        told = {"kind": quota.kind, "remain": quota.remain, "total": quota.total}
        told |= {"expires": quota.expires.isoformat() if quota.expires else None}
        await self.note(commune, {"quota": told})
        if turned:
            async with self._store.write() as session:
                await accounts.touch(session, commune, ZALO, self._wall.now())

    def groups(self, library: Callable[[], Library]) -> Groups:
        """The officers' groups, for the group desk."""

        def officers(commune: str) -> str:
            account = self.zalo.get(commune)
            return account.officer_group if account else ""

        def communes() -> list[str]:
            return [commune for commune, one in self.zalo.items() if one.officer_group]

        return Groups(officers, communes, self.reaches, library)

    def can_remind(self, commune: str) -> bool:
        """Whether a reminder has a way to anybody's telephone: a gateway, or a template."""
        zalo = self.reaches(commune, ZALO)
        return self.sms.can_send(commune) or bool(zalo and zalo.template)

    async def noticed(self, notice: Notice) -> None:
        """Zalo says something of the account: the officer reads it, a lost right counts."""
        commune, told = notice.commune, {"notice": notice_words(notice)}
        async with self._store.write() as session:
            await accounts.ensure(session, commune, ZALO, self._wall.now())
            await accounts.note_standing(session, commune, ZALO, told)
            pair = await accounts.tokens(session, commune, ZALO)
            if pair is not None and notice.event == REVOKED:
                await accounts.fail_tokens(session, commune, ZALO, pair.version, told["notice"])

    def webhook_came(self, commune: str, signed: bool) -> None:
        """Zalo (or somebody) posted an event: noted at most once a minute, for the desk."""
        now = self._wall.now()
        last = self._came.get((commune, signed))
        if last is None or now - last >= NOTE_EVERY:
            self._came[commune, signed] = now
            name = "webhook_at" if signed else "unsigned_at"
            self._later(self.note(commune, {name: now.isoformat()}))

    async def note(self, commune: str, told: Mapping[str, Any]) -> None:
        """Keep what Zalo told of a commune's OA, beside what it told before."""
        async with self._store.write() as session:
            await accounts.ensure(session, commune, ZALO, self._wall.now())
            await accounts.note_standing(session, commune, ZALO, told)

    async def bot_problem(self, commune: str, sentence: str) -> None:
        """A bot cannot be polled, and why; "" when it can again."""
        async with self._store.write() as session:
            await accounts.note_problem(session, commune, BOT, sentence)

    # --- tokens ---------------------------------------------------------------------------

    async def keep_fresh(self) -> None:
        """Renew tokens before they end, until cancelled."""
        while True:
            for commune in list(self._keepers):
                await self.renew(commune)
            await asyncio.sleep(FRESH_EVERY)

    async def renew(self, commune: str) -> str:
        """Renew one commune's tokens if it is time; returns what a person has to mend."""
        known = self._keepers.get(commune)
        if known is None or commune not in self.zalo:
            return ""
        try:
            if await known[1].keep_fresh():
                log.info("zalo.tokens_renewed", commune=commune)
        except TokenUnavailableError as fault:
            return fault.reason
        return ""

    async def close(self) -> None:
        """Let what is under way be saved, then close the connections."""
        await asyncio.gather(*(keeper.close() for _, keeper in self._keepers.values()))
        await asyncio.gather(*self._notes, return_exceptions=True)
        await self.sms.close()
        if self._http is not None:
            await self._http.aclose()


ZALO_DEFAULTS: Mapping[str, Any] = {
    "app_id": "",
    "oa_id": "",
    "oa_secret": "",
    "app_secret": "",
    "access_token": "",
    "openapi": "",
    "per_minute": 100,
    "proof": False,
    "officer_group": "",
    "public_group": "",
    "template": "",
    "auto_replies": [],
}


def zalo_settings(settings: Settings, commune: str, row: AccountView | None) -> dict[str, Any]:
    """All that is set for a commune's OA: the database's word over the file's."""
    told = dict(ZALO_DEFAULTS)
    file = settings.zalo.get(commune)
    if file is not None:
        told |= {name: value for name, value in file.model_dump().items() if value}
    if row is not None:
        told |= {**row.settings, **row.secrets}
    return told


def hosts_of(told: Mapping[str, Any]) -> Hosts:
    """Where this OA's Zalo is: Zalo itself, or a simulator."""
    return Hosts.at(told["openapi"]) if told["openapi"] else Hosts()


def _bot(row: AccountView) -> BotAccount:
    account = BotAccount(row.secrets.get("token", ""), row.secrets.get("webhook_secret", ""))
    base = row.settings.get("base")
    return replace(account, base=base) if base else account


def _quota(told: Mapping[str, Any]) -> Quota:
    expires = told.get("expires")
    day = datetime.fromisoformat(expires).date() if expires else None
    return Quota(told["kind"], told.get("remain"), told.get("total"), day)


def _replace(old: dict[str, Any], new: Mapping[str, Any]) -> None:
    """In place: senders and webhooks hold the dictionary itself."""
    for gone in set(old) - set(new):
        del old[gone]
    old.update(new)


def notice_words(notice: Notice) -> str:
    """What the officer is told of a notice of Zalo's."""
    known = {
        REVOKED: "Quản trị viên OA đã rút quyền của ứng dụng; cần kết nối lại.",
        "change_template_status": f"Zalo đổi trạng thái một mẫu tin: {notice.detail}",
        "change_template_quality": f"Zalo đổi đánh giá một mẫu tin: {notice.detail}",
        "change_oa_daily_quota": f"Zalo đổi hạn mức mỗi ngày: {notice.detail}",
    }
    return known.get(notice.event, f"{notice.event}: {notice.detail}")
