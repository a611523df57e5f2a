"""A commune's Zalo OA: its settings, its tokens in the database, what it may send.

A part of the composition root: it knows the integrations and the store.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.channels import Reach, Standing
from bot.clock import Clock
from bot.messages import Channel, Notice
from bot.settings import Settings
from bot.store import accounts
from bot.store.accounts import AccountView, Tokens
from bot.store.engine import Store
from integrations.zalo.oa.client import Hosts
from integrations.zalo.oa.oauth import TokenPair
from integrations.zalo.oa.tokens import StoredTokens, TokenStore
from integrations.zalo.oa.window import Quota, Window

ZALO: Channel = "zalo"
REVOKED = "permission_revoked"
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


def quota_told(quota: Quota) -> dict[str, Any]:
    """An allowance as the database keeps it."""
    expires = quota.expires.isoformat() if quota.expires else None
    return {"kind": quota.kind, "remain": quota.remain, "total": quota.total, "expires": expires}


def quota_of(told: Mapping[str, Any]) -> Quota:
    """An allowance, from what :func:`quota_told` made of it."""
    expires = told.get("expires")
    day = datetime.fromisoformat(expires).date() if expires else None
    return Quota(told["kind"], told.get("remain"), told.get("total"), day)


def notice_words(notice: Notice) -> str:
    """What the officer is told of a notice of Zalo's."""
    known = {
        REVOKED: "Quản trị viên OA đã rút quyền của ứng dụng; cần kết nối lại.",
        "change_template_status": f"Zalo đổi trạng thái một mẫu tin: {notice.detail}",
        "change_template_quality": f"Zalo đổi đánh giá một mẫu tin: {notice.detail}",
        "change_oa_daily_quota": f"Zalo đổi hạn mức mỗi ngày: {notice.detail}",
    }
    return known.get(notice.event, f"{notice.event}: {notice.detail}")
