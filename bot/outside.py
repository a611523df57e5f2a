"""The accounts at outside systems: from ``hotro.toml`` and from the database, kept up to date.

A part of the composition root: it knows the integrations and the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
import structlog

from bot.channels import GatewayPlan, Reach, Unlimited
from bot.clock import Clock
from bot.delivery.group import Groups
from bot.knowledge.library import Library
from bot.messages import Channel, Notice
from bot.outside_bots import BOT, bot_of
from bot.outside_sms import SmsGateways
from bot.outside_zalo import (
    REVOKED,
    ZALO,
    SqlTokens,
    ZaloReach,
    hosts_of,
    notice_words,
    quota_of,
    quota_told,
    zalo_settings,
)
from bot.settings import Settings
from bot.store import accounts
from bot.store.accounts import AccountView
from bot.store.engine import Store
from integrations.zalo.account import ZaloAccount
from integrations.zalo.oa.client import Hosts
from integrations.zalo.oa.errors import TokenUnavailableError
from integrations.zalo.oa.oauth import OAuthClient
from integrations.zalo.oa.tokens import TokenKeeper, static_token
from integrations.zalo.oa.window import Quota
from integrations.zalobot.account import BotAccount

log = structlog.get_logger(__name__)

NOTE_EVERY = timedelta(minutes=1)
OAUTH_TIMEOUT = 20.0
FRESH_EVERY = 300.0
"""Seconds between two looks at the tokens; they are renewed hours before their end."""


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
        bots = {commune: bot_of(row) for commune, row in by_channel[BOT].items()}
        _replace(self.bots, bots)
        for commune, row in by_channel[ZALO].items():
            self._troubles[commune] = row.standing.get("trouble", "")
            if "quota" in row.standing:
                self._paid[commune] = quota_of(row.standing["quota"])

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
        await self.note(commune, {"quota": quota_told(quota)})
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


def _replace(old: dict[str, Any], new: Mapping[str, Any]) -> None:
    """In place: senders and webhooks hold the dictionary itself."""
    for gone in set(old) - set(new):
        del old[gone]
    old.update(new)
