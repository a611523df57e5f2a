"""Connecting and looking after Zalo accounts, for the console and for commands.

A part of the composition root: implements :class:`bot.zalo_account.ZaloDesk`.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

import httpx

from bot.clock import Clock, local_date
from bot.messages import GROUP_ADDRESS, SendError
from bot.outside import Outside
from bot.outside_bots import BOT
from bot.outside_zalo import ZALO, SqlTokens, hosts_of, zalo_settings
from bot.settings import Settings
from bot.store import accounts, conversations, outbox
from bot.store.accounts import AccountView
from bot.store.engine import Store
from bot.zalo_account import BotState, GroupLine, OaState, ZaloDesk, ZaloFault
from integrations.zalo.account import ZaloAccount
from integrations.zalo.oa.answers import OaInfo
from integrations.zalo.oa.client import OaClient
from integrations.zalo.oa.errors import RefusedError, TokenUnavailableError, ZaloError
from integrations.zalo.oa.messages import InvalidMessageError
from integrations.zalo.oa.oauth import TokenPair, challenge, consent_url, new_verifier
from integrations.zalo.oa.tokens import StoredTokens, adopt, expiring
from integrations.zalobot.client import BotClient

T = TypeVar("T")

CALLBACK = "/zalo/callback"
STRANGER = timedelta(hours=1)
CONSENT_TIME = timedelta(minutes=30)
PASTED_ACCESS, PASTED_REFRESH = timedelta(hours=1), timedelta(days=85)
"""Nobody knows how old a pasted pair is: it is renewed at once."""
SECRETS = ("app_secret", "oa_secret")
FIXED = ("fixed_state", "fixed_verifier")
"""For an app whose console holds state and challenge itself (facts/zalo.md 2)."""
PLAIN = ("app_id", "oa_id", "officer_group", "public_group", "template", "openapi")
GROUP_TEXT = 2000
TIMEOUT = 15.0
_UNREACHABLE = "Không kết nối được với Zalo. Máy này có vào được internet không?"


class Accounts(ZaloDesk):
    """See the protocol. ``clock`` is the time that people see, ``wall`` the machine's."""

    def __init__(
        self, settings: Settings, store: Store, outside: Outside, clock: Clock, wall: Clock
    ) -> None:
        self._settings = settings
        self._store = store
        self._outside = outside
        self._clock = clock
        self._wall = wall

    # --- the OA ---------------------------------------------------------------------------

    async def oa(self, commune: str) -> OaState:
        async with self._store.read() as session:
            row = await accounts.get(session, commune, ZALO)
        tokens = await SqlTokens(self._store, commune, self._wall).load("")
        told = zalo_settings(self._settings, commune, row)
        base, standing = self._settings.base_url, dict(row.standing) if row else {}
        return OaState(
            app_id=told["app_id"],
            oa_id=told["oa_id"],
            has_app_secret=bool(told["app_secret"]),
            has_oa_secret=bool(told["oa_secret"]),
            connected=self._connected(told, tokens),
            problem=(tokens.problem if tokens else "") or standing.get("trouble", ""),
            warning=self._warning(tokens, standing),
            notice=standing.get("notice", ""),
            name=standing.get("name", ""),
            package=standing.get("package", ""),
            package_until=standing.get("package_until", ""),
            access_until=tokens.access_expires_at if tokens else None,
            refresh_until=tokens.refresh_expires_at if tokens else None,
            quota=_quota_words(standing.get("quota")),
            per_minute=int(told["per_minute"]),
            officer_group=told["officer_group"],
            public_group=told["public_group"],
            template=told["template"],
            auto_replies=tuple(told["auto_replies"]),
            proof=bool(told["proof"]),
            fixed_state=told.get("fixed_state", ""),
            fixed_challenge=challenge(told["fixed_verifier"]) if "fixed_verifier" in told else "",
            webhook_at=_instant(standing.get("webhook_at")),
            unsigned_at=_instant(standing.get("unsigned_at")),
            webhook_url=f"{base}/webhooks/zalo/{commune}",
            callback_url=f"{base}{CALLBACK}",
            from_file=commune in self._settings.zalo,
        )

    def _connected(self, told: Mapping[str, Any], tokens: StoredTokens | None) -> bool:
        if tokens is None:
            return bool(told["access_token"])
        now = self._wall.now()
        return tokens.usable(now) or (not tokens.problem and now < tokens.refresh_expires_at)

    def _warning(self, tokens: StoredTokens | None, standing: Mapping[str, Any]) -> str:
        now = self._wall.now()
        unsigned = _instant(standing.get("unsigned_at"))
        signed = _instant(standing.get("webhook_at"))
        # A stranger may post once in a while; while Zalo's own events come in, it is nothing.
        if unsigned and (signed is None or unsigned - signed > STRANGER):
            return "Tin Zalo gửi đến có chữ ký không đúng: kiểm tra lại OA Secret Key."
        left = expiring(tokens, now) if tokens and not tokens.problem else None
        if left is not None:
            days = max(0, left.days)
            return f"Quyền gửi tin còn {days} ngày là hết. Bấm “Kết nối lại” để cấp quyền mới."
        until = standing.get("package_until", "")
        if until:
            left_days = (datetime.fromisoformat(until).date() - local_date(now)).days
            if left_days <= 14:
                return f"Gói OA còn {max(0, left_days)} ngày là hết hạn. Cần gia hạn với Zalo."
        return ""

    async def check(self, commune: str) -> OaState:
        info = await self._asked(self._client(commune).oa_info())
        state = await self.oa(commune)
        if info.oa_id and info.oa_id != state.oa_id:
            raise ZaloFault(f"Mã truy cập này là của OA khác ({info.name}).")
        await self._note(commune, info)
        return await self.oa(commune)

    async def _note(self, commune: str, info: OaInfo) -> None:
        until = info.package_until.isoformat() if info.package_until else ""
        told = {"name": info.name, "package": info.package, "package_until": until}
        await self._outside.note(commune, told | {"notice": "", "trouble": ""})

    async def save(self, commune: str, values: Mapping[str, str]) -> OaState:
        async with self._store.write() as session:
            row = await accounts.get(session, commune, ZALO)
            settings = dict(row.settings) if row else {}
            secrets = dict(row.secrets) if row else {}
            before = zalo_settings(self._settings, commune, row)
            settings |= _entered(values)
            _check_groups(settings)
            secrets |= {n: values[n].strip() for n in SECRETS if values.get(n, "").strip()}
            for name in FIXED:
                secrets.setdefault(name, new_verifier())
            now = self._wall.now()
            await accounts.put(session, commune, ZALO, settings, secrets, now)
            other = any(settings.get(n, before[n]) != before[n] for n in ("app_id", "oa_id"))
            if other:
                await accounts.forget_tokens(session, commune, ZALO)
        await self._outside.refresh()
        return await self.oa(commune)

    # --- connecting -----------------------------------------------------------------------

    async def connect(self, commune: str) -> str:
        state = await self.oa(commune)
        if not state.app_id or not state.oa_id or not state.has_app_secret:
            raise ZaloFault("Cần điền mã ứng dụng, khoá bí mật của ứng dụng và mã OA trước.")
        told = await self._told(commune)
        verifier, returning = new_verifier(), new_verifier()
        async with self._store.write() as session:
            until = self._wall.now() + CONSENT_TIME
            await accounts.begin_connect(session, commune, ZALO, returning, verifier, until)
        return consent_url(
            state.app_id,
            state.callback_url,
            returning,
            code_challenge=challenge(verifier),
            host=hosts_of(told).oauth,
        )

    async def returned(self, state: str, code: str, oa_id: str) -> str:
        async with self._store.write() as session:
            begun = await accounts.take_connect(session, state, self._wall.now())
        commune, verifier = (begun[0], begun[2]) if begun else await self._fixed(state)
        told = await self._told(commune)
        if oa_id and oa_id != told["oa_id"]:
            raise ZaloFault(f"Anh/chị vừa cấp quyền cho một OA khác (mã {oa_id}).")
        oauth = self._outside.oauth(told["app_id"], told["app_secret"], hosts_of(told))
        await self._adopt(commune, await self._asked(oauth.exchange(code, verifier)))
        return commune

    async def _fixed(self, state: str) -> tuple[str, str]:
        """A consent begun by the link in Zalo's own console."""
        async with self._store.read() as session:
            for row in await accounts.listing(session):
                kept = row.secrets.get("fixed_state", "")
                if row.channel == ZALO and kept and hmac.compare_digest(kept, state):
                    return row.commune, row.secrets["fixed_verifier"]
        raise ZaloFault("Lần kết nối này đã quá hạn. Mời anh/chị bấm “Kết nối” lại.")

    async def paste(self, commune: str, access: str, refresh: str) -> OaState:
        access, refresh = access.strip(), refresh.strip()
        if not access or not refresh:
            raise ZaloFault("Cần dán cả access token và refresh token.")
        if not (await self.oa(commune)).has_app_secret:
            raise ZaloFault("Cần điền khoá bí mật của ứng dụng trước, để gia hạn mã về sau.")
        now = self._wall.now()
        pair = TokenPair(access, refresh, now + PASTED_ACCESS, now + PASTED_REFRESH)
        await self._adopt(commune, pair)
        return await self.oa(commune)

    async def _adopt(self, commune: str, pair: TokenPair) -> None:
        await adopt(SqlTokens(self._store, commune, self._wall), "", pair)
        async with self._store.write() as session:
            await accounts.note_standing(session, commune, ZALO, {"trouble": "", "notice": ""})
            await outbox.hurry(session, commune, ZALO)
        await self._outside.refresh()

    async def disconnect(self, commune: str) -> None:
        async with self._store.write() as session:
            await accounts.remove(session, commune, ZALO)
        await self._outside.refresh()

    # --- groups ---------------------------------------------------------------------------

    async def groups(self, commune: str) -> Sequence[GroupLine]:
        found = await self._asked(self._client(commune).groups())
        return [GroupLine(g.group_id, g.name, g.members or 0, g.link) for g in found if g.enabled]

    async def announce(self, commune: str, text: str, key: str) -> None:
        account = self._account(commune)
        if not account.public_group:
            raise ZaloFault("Chưa chọn nhóm Zalo của bà con.")
        if not text.strip() or len(text) > GROUP_TEXT:
            raise ZaloFault(f"Thông báo cần có chữ và dài không quá {GROUP_TEXT} ký tự.")
        now = self._clock.now()
        named = hashlib.sha256(f"{commune} {key}".encode()).hexdigest()[:40]
        async with self._store.write() as session:
            where = await conversations.get_or_create(
                session, commune, ZALO, f"{GROUP_ADDRESS}{account.public_group}", now
            )
            draft = outbox.Draft(f"announce:{named}", "officer", text.strip())
            await outbox.queue(session, where, draft, now)

    # --- the bot --------------------------------------------------------------------------

    async def bot(self, commune: str) -> BotState:
        async with self._store.read() as session:
            row = await accounts.get(session, commune, BOT)
        if row is None:
            return BotState()
        return BotState(bool(row.secrets.get("token")), row.problem, row.standing.get("name", ""))

    async def save_bot(self, commune: str, token: str) -> BotState:
        now, token = self._wall.now(), token.strip()
        if not token:
            async with self._store.write() as session:
                await accounts.remove(session, commune, BOT)
            await self._outside.refresh()
            return BotState()
        async with self._store.read() as session:
            row = await accounts.get(session, commune, BOT)
        settings = dict(row.settings) if row else dict(self._outside.bot_base)
        name = await self._bot_name(token, settings.get("base", ""))
        async with self._store.write() as session:
            await accounts.put(session, commune, BOT, settings, {"token": token}, now)
            await accounts.note_problem(session, commune, BOT, "")
            await accounts.note_standing(session, commune, BOT, {"name": name})
        await self._outside.refresh()
        return BotState(True, "", name)

    async def _bot_name(self, token: str, base: str) -> str:
        async with httpx.AsyncClient(timeout=TIMEOUT) as http:
            client = BotClient(token, http, base) if base else BotClient(token, http)
            try:
                return (await client.get_me()).name
            except SendError as fault:
                raise ZaloFault(f"Zalo không nhận mã bot này: {fault.reason}.") from fault

    # --- inside ---------------------------------------------------------------------------

    async def _told(self, commune: str) -> Mapping[str, Any]:
        async with self._store.read() as session:
            row: AccountView | None = await accounts.get(session, commune, ZALO)
        return zalo_settings(self._settings, commune, row)

    def _account(self, commune: str) -> ZaloAccount:
        account = self._outside.zalo.get(commune)
        if account is None:
            raise ZaloFault("Xã chưa khai báo Zalo OA.")
        return account

    def _client(self, commune: str) -> OaClient:
        account = self._account(commune)
        return OaClient(
            account.app_id,
            account.access_token,
            self._outside.http,
            account.hosts,
            app_secret=account.app_secret,
        )

    async def _asked(self, call: Awaitable[T]) -> T:
        try:
            return await call
        except RefusedError as fault:
            raise ZaloFault(fault.rule.sentence) from fault
        except TokenUnavailableError as fault:
            raise ZaloFault(fault.reason) from fault
        except (ZaloError, InvalidMessageError) as fault:
            raise ZaloFault(_UNREACHABLE) from fault


def _entered(values: Mapping[str, str]) -> dict[str, Any]:
    """What was typed, checked.

    Raises:
        ZaloFault: naming the field.
    """
    entered: dict[str, Any] = {n: values[n].strip() for n in PLAIN if n in values}
    for name, label in (("app_id", "Mã ứng dụng"), ("oa_id", "Mã OA")):
        if entered.get(name) and not entered[name].isdecimal():
            raise ZaloFault(f"{label} chỉ gồm chữ số.")
    if "per_minute" in values:
        if not values["per_minute"].strip().isdecimal() or int(values["per_minute"]) < 1:
            raise ZaloFault("Số lượt gọi mỗi phút là một số, ví dụ 100.")
        entered["per_minute"] = int(values["per_minute"])
    if "auto_replies" in values:
        lines = values["auto_replies"].splitlines()
        entered["auto_replies"] = [line.strip() for line in lines if line.strip()]
    if "proof" in values:
        entered["proof"] = values["proof"] == "1"
    return entered


def _check_groups(settings: Mapping[str, Any]) -> None:
    officers = settings.get("officer_group")
    if officers and officers == settings.get("public_group"):
        raise ZaloFault("Nhóm của cán bộ và nhóm của bà con phải là hai nhóm khác nhau.")


def _instant(told: str | None) -> datetime | None:
    return datetime.fromisoformat(told) if told else None


def _quota_words(told: Mapping[str, Any] | None) -> str:
    if not told or told.get("remain") is None:
        return ""
    total = f" trên {told['total']}" if told.get("total") else ""
    until = f", đến {told['expires']}" if told.get("expires") else ""
    return f"còn {told['remain']}{total} tin ngoài 48 giờ{until}"
