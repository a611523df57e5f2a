"""The composition root's accounts: from the file and the database, tokens for all processes."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web

from bot.channels import Standing
from bot.clock import FixedClock
from bot.messages import Notice
from bot.outside import Outside
from bot.outside_bots import SqlPollLease
from bot.outside_zalo import SqlTokens, ZaloReach
from bot.settings import Settings, SmsSettings, ZaloSettings
from bot.store import accounts
from bot.store.engine import Store
from integrations.simulation.clock import MachineClock
from integrations.zalo.oa.errors import TokenUnavailableError
from integrations.zalo.oa.oauth import TokenPair
from integrations.zalo.oa.tokens import StoredTokens, TokenStore
from integrations.zalo.oa.window import Quota
from integrations.zalo.simulator import ZaloSimulator
from integrations.zalo.simulator.tokens import Pair
from tests.conftest import SECRET
from tests.factories import HOME, NOON, ROOT
from tests.integrations.http import serving
from tests.integrations.zalo.oa.conftest import Ticking
from tests.integrations.zalo.oa.token_store_contract import TokenStoreContract, pair

DAY = timedelta(days=1)


class _ByOa(TokenStore):
    """One store for several OAs: each is another commune's."""

    def __init__(self, store: Store, clock: Ticking) -> None:
        self._store, self._clock = store, clock

    def _of(self, oa_id: str) -> SqlTokens:
        class Wall:
            now = staticmethod(self._clock)

        return SqlTokens(self._store, oa_id, Wall())

    async def load(self, oa_id: str) -> StoredTokens | None:
        return await self._of(oa_id).load(oa_id)

    async def lease(self, oa_id: str, owner: str, version: int, until: object) -> bool:
        return await self._of(oa_id).lease(oa_id, owner, version, until)  # type: ignore[arg-type]

    async def save(self, oa_id: str, pair: TokenPair, version: int) -> bool:
        return await self._of(oa_id).save(oa_id, pair, version)

    async def fail(self, oa_id: str, version: int, problem: str) -> None:
        await self._of(oa_id).fail(oa_id, version, problem)

    async def release(self, oa_id: str, owner: str) -> None:
        await self._of(oa_id).release(oa_id, owner)


class TestSqlTokens(TokenStoreContract):
    """The database keeps what every store of tokens has to keep."""

    @pytest.fixture
    def clock(self) -> Ticking:
        return Ticking()

    @pytest.fixture
    def store(
        self,
        database_url: str,
        open_store: Callable[[str], Store],
        clock: Ticking,
    ) -> TokenStore:
        return _ByOa(open_store(database_url), clock)


async def test_tokens_and_secrets_are_sealed(store: Store) -> None:
    async with store.write() as session:
        await accounts.put(session, HOME, "zalo", {"oa_id": "7"}, {"app_secret": "bí mật"}, NOON)
    await SqlTokens(store, HOME, FixedClock(NOON)).save("7", pair(1), 0)
    async with store.engine.connect() as connection:
        text = repr((await connection.exec_driver_sql("SELECT * FROM channel_account")).all())
    assert '"oa_id": "7"' in text
    assert "bí mật" not in text
    assert "access-1" not in text
    assert "refresh-1" not in text


# --- accounts -----------------------------------------------------------------------------


def _settings(tmp_path: Path, **more: object) -> Settings:
    return Settings(data_dir=tmp_path, **more)  # type: ignore[arg-type]


@pytest.fixture
async def outside(store: Store, tmp_path: Path) -> AsyncIterator[Outside]:
    file = ZaloSettings(app_id="1", oa_id="2", oa_secret="s", access_token="pasted")
    sms = SmsSettings(url="http://127.0.0.1:9", own_number="+84900000113", secret="x")
    one = Outside(_settings(tmp_path, zalo={HOME: file}, sms={HOME: sms}), store, FixedClock(NOON))
    await one.refresh()
    yield one
    await one.close()


async def test_an_account_of_the_file_works_without_a_row(outside: Outside) -> None:
    account = outside.zalo[HOME]
    assert (account.app_id, account.oa_id, account.oa_secret) == ("1", "2", "s")
    assert await account.access_token() == "pasted"


async def test_what_is_entered_goes_over_the_file_within_seconds(
    outside: Outside, store: Store
) -> None:
    held = outside.zalo
    async with store.write() as session:
        settings = {"oa_id": "3", "officer_group": "g1", "auto_replies": ["Chào"]}
        await accounts.put(session, HOME, "zalo", settings, {"oa_secret": "t"}, NOON)
    await outside.refresh()
    account = held[HOME]
    assert (account.app_id, account.oa_id, account.oa_secret) == ("1", "3", "t")
    assert (account.officer_group, account.auto_replies) == ("g1", ("Chào",))
    async with store.write() as session:
        await accounts.remove(session, HOME, "zalo")
    await outside.refresh()
    assert held[HOME].oa_id == "2"


async def test_a_connected_oa_uses_its_own_tokens(outside: Outside, store: Store) -> None:
    fresh = replace(pair(1), access_expires_at=NOON + DAY, refresh_expires_at=NOON + 90 * DAY)
    assert await SqlTokens(store, HOME, FixedClock(NOON)).save("2", fresh, 0)
    await outside.refresh()
    assert await outside.zalo[HOME].access_token() == "access-1"


async def test_an_account_without_ids_is_none(outside: Outside, store: Store) -> None:
    async with store.write() as session:
        await accounts.put(session, "song-xanh", "zalo", {"app_id": "5"}, {}, NOON)
        await accounts.put(session, "song-xanh", "zalobot", {}, {"token": "1:abc"}, NOON)
    await outside.refresh()
    assert set(outside.zalo) == {HOME}
    assert set(outside.bots) == {"song-xanh"}


async def test_a_right_taken_back_stops_the_tokens_and_is_told(
    outside: Outside, store: Store
) -> None:
    fresh = replace(pair(1), access_expires_at=NOON + DAY, refresh_expires_at=NOON + 90 * DAY)
    await SqlTokens(store, HOME, FixedClock(NOON)).save("2", fresh, 0)
    for _ in range(2):  # Zalo may say it twice
        await outside.noticed(Notice(HOME, "zalo", "change_template_status", "1: A → B"))
    tokens = await SqlTokens(store, HOME, FixedClock(NOON)).load("2")
    assert tokens is not None
    assert tokens.problem == ""
    await outside.noticed(Notice(HOME, "zalo", "permission_revoked"))
    tokens = await SqlTokens(store, HOME, FixedClock(NOON)).load("2")
    assert tokens is not None
    assert "kết nối lại" in tokens.problem


# --- what may be sent ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ago", "paid", "standing"),
    [
        (DAY, None, Standing.FREE),
        (DAY, Quota("sub_quota", 0), Standing.FREE),
        (3 * DAY, None, Standing.PAID),
        (3 * DAY, Quota("sub_quota", 5), Standing.PAID),
        (3 * DAY, Quota("sub_quota", 0), Standing.CLOSED),
        (3 * DAY, Quota("sub_quota", 0, expires=(NOON - DAY).date()), Standing.PAID),
        (8 * DAY, Quota("sub_quota", 5), Standing.CLOSED),
    ],
)
def test_the_paid_days_are_open_while_something_is_left(
    ago: timedelta, paid: Quota | None, standing: Standing
) -> None:
    assert ZaloReach("", paid).standing(NOON - ago, NOON)[0] is standing


def test_nobody_met_is_nobody_reached() -> None:
    assert ZaloReach().standing(None, NOON) == (Standing.CLOSED, None)


async def test_what_zalo_says_is_left_outlives_a_restart(outside: Outside, store: Store) -> None:
    outside.note_quota(HOME, Quota("reply", 3))
    outside.note_quota(HOME, Quota("sub_quota", 0, 500))
    await outside.close()
    again = Outside(outside._settings, store, FixedClock(NOON))
    await again.refresh()
    reach = again.reaches(HOME, "zalo")
    assert reach is not None
    assert reach.standing(NOON - 3 * DAY, NOON)[0] is Standing.CLOSED
    assert again.reaches("song-xanh", "zalo") is None
    assert again.reaches(HOME, "sms") is not None


async def test_an_allowance_used_up_in_one_process_closes_the_paid_days_in_all(
    outside: Outside, store: Store
) -> None:
    wall = FixedClock(NOON)
    other = Outside(outside._settings, store, wall)
    await other.refresh()
    outside.note_quota(HOME, Quota("sub_quota", 1, 500))
    outside.note_quota(HOME, Quota("sub_quota", 0, 500))
    await outside.close()
    await other.refresh()
    reach = other.reaches(HOME, "zalo")
    assert reach is not None
    assert reach.standing(NOON - 3 * DAY, NOON)[0] is Standing.CLOSED


async def test_one_process_polls_a_bot_and_another_takes_over(store: Store) -> None:
    async with store.write() as session:
        await accounts.put(session, HOME, "zalobot", {}, {"token": "1:abc"}, NOON)
    wall = FixedClock(NOON)
    lease = SqlPollLease(store, wall, 60)
    assert await lease.acquire(HOME, "a")
    assert not await lease.acquire(HOME, "b")
    assert await lease.acquire(HOME, "a")
    wall.advance(timedelta(seconds=61))
    assert await lease.acquire(HOME, "b")
    assert not await lease.acquire(HOME, "a")
    assert not await lease.acquire("song-xanh", "a")


# --- two processes, one refresh token -----------------------------------------------------

_RACER = """
import asyncio, sys
from bot.clock import SystemClock
from bot.outside import Outside
from bot.settings import Settings
from bot.store.engine import Store
from bot.store.vault import Vault

async def go():
    store = Store({url!r}, Vault({secret!r}))
    outside = Outside(Settings(), store, SystemClock())
    await outside.refresh()
    print("ready", flush=True)
    sys.stdin.readline()
    asked = (outside.zalo[{home!r}].access_token() for _ in range(5))
    print(" ".join(sorted(set(await asyncio.gather(*asked)))), flush=True)
    await outside.close()
    await store.close()

asyncio.run(go())
"""


async def test_two_processes_that_refresh_at_once_use_the_refresh_token_once(
    database_url: str, open_store: Callable[[str], Store], tmp_path: Path
) -> None:
    store = open_store(database_url)
    simulator = ZaloSimulator(
        MachineClock(), "", app_id="11", oa_id="22", oa_secret="s", app_secret="geheim",
        access_token="old-access", refresh_token="old-refresh",
    )  # fmt: skip
    app = web.Application()
    app.add_subapp("/zalo", simulator.app())
    async with serving(app) as base:
        await _dying_account(store, f"{base}/zalo")
        program = _RACER.format(url=database_url, secret=SECRET, home=HOME)
        racers = [await _racer(program, tmp_path) for _ in range(3)]
        said = [(await racer.communicate(b"go\n"))[0].decode().split() for racer in racers]
    tokens = await SqlTokens(store, HOME, FixedClock(NOON)).load("22")
    assert tokens is not None
    assert tokens.problem == ""
    assert tokens.version == 2
    assert said == [[tokens.access]] * 3


# --- killed between the two ---------------------------------------------------------------

_DYING = """
import asyncio, os
from bot.clock import SystemClock
from bot.outside import Outside
from bot.outside_zalo import SqlTokens
from bot.settings import Settings
from bot.store.engine import Store
from bot.store.vault import Vault

saved = SqlTokens.save

async def dies(self, oa_id, pair, version):
    if {after}:
        await saved(self, oa_id, pair, version)
    os._exit(9)

SqlTokens.save = dies

async def go():
    outside = Outside(Settings(), Store({url!r}, Vault({secret!r})), SystemClock())
    await outside.refresh()
    print("ready", flush=True)
    await outside.zalo[{home!r}].access_token()

asyncio.run(go())
"""


@pytest.mark.parametrize("after", [True, False], ids=["saved", "not saved"])
async def test_a_process_killed_while_it_refreshes(
    database_url: str, open_store: Callable[[str], Store], tmp_path: Path, *, after: bool
) -> None:
    """Saved but not used: the next one uses it. Rotated but not saved: it is said, once."""
    store = open_store(database_url)
    simulator = ZaloSimulator(
        MachineClock(), "", app_id="11", oa_id="22", oa_secret="s", app_secret="geheim",
        access_token="old-access", refresh_token="old-refresh",
    )  # fmt: skip
    asked = _counting(simulator)
    app = web.Application()
    app.add_subapp("/zalo", simulator.app())
    async with serving(app) as base:
        await _dying_account(store, f"{base}/zalo")
        program = _DYING.format(url=database_url, secret=SECRET, home=HOME, after=after)
        process = await _racer(program, tmp_path)
        assert await process.wait() == 9
        wall = FixedClock(MachineClock().now() + timedelta(minutes=2))  # its lease is over
        outside = Outside(Settings(data_dir=tmp_path), store, wall)
        await outside.refresh()
        tokens = await SqlTokens(store, HOME, wall).load("22")
        assert tokens is not None
        if after:
            assert await outside.zalo[HOME].access_token() == tokens.access != "old-access"
            assert len(asked) == 1
        else:
            for _ in range(3):
                with pytest.raises(TokenUnavailableError, match="Kết nối lại"):
                    await outside.zalo[HOME].access_token()
            assert len(asked) == 2  # the lost one, and one that told us so
            again = await SqlTokens(store, HOME, wall).load("22")
            assert again is not None
            assert "Kết nối lại" in again.problem
        await outside.close()


def _counting(simulator: ZaloSimulator) -> list[str]:
    """The refresh tokens that the simulator is shown."""
    shown: list[str] = []
    rotate = simulator.tokens.rotate

    def counted(refresh: str) -> Pair:
        shown.append(refresh)
        return rotate(refresh)

    simulator.tokens.rotate = counted  # type: ignore[method-assign]
    return shown


async def _dying_account(store: Store, openapi: str) -> None:
    """An OA whose access token has ended."""
    now = MachineClock().now()
    settings = {"app_id": "11", "oa_id": "22", "openapi": openapi}
    async with store.write() as session:
        await accounts.put(session, HOME, "zalo", settings, {"app_secret": "geheim"}, now)
    dying = TokenPair("old-access", "old-refresh", now - DAY, now + DAY)
    assert await SqlTokens(store, HOME, FixedClock(now)).save("22", dying, 0)


async def _racer(program: str, folder: Path) -> asyncio.subprocess.Process:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, cwd=folder, stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE, env={"PYTHONPATH": str(ROOT), "no_proxy": "127.0.0.1"},
    )  # fmt: skip
    assert process.stdout is not None
    assert (await process.stdout.readline()).strip() == b"ready"
    return process
