"""The keeper of tokens: one refresh at a time, nothing lost, nobody cut off by accident."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from integrations.zalo.oa.errors import (
    GrantDeadError,
    NotSentError,
    OAuthRefusedError,
    TokenUnavailableError,
    UnknownOutcomeError,
    ZaloError,
)
from integrations.zalo.oa.oauth import TokenPair
from integrations.zalo.oa.rules import OAUTH_RULES
from integrations.zalo.oa.tokens import (
    MemoryTokenStore,
    StoredTokens,
    TokenKeeper,
    adopt,
    static_token,
)
from tests.integrations.zalo.oa.conftest import Ticking
from tests.integrations.zalo.oa.token_store_contract import OA, kept, pair

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
DEAD = GrantDeadError(OAUTH_RULES[-14014])


@dataclass
class Granter:
    """Zalo's token endpoint: each refresh token works once, then the grant is dead."""

    clock: Ticking
    current: int = 1
    calls: int = 0
    fault: ZaloError | None = None
    rotate_before_fault: bool = False
    gate: asyncio.Event | None = None
    entered: asyncio.Event = field(default_factory=asyncio.Event)

    async def refresh(self, refresh_token: str) -> TokenPair:
        self.calls += 1
        self.entered.set()
        known = refresh_token == f"refresh-{self.current}"
        if self.fault is None or self.rotate_before_fault:
            self.current += known
        if self.gate is not None:
            await self.gate.wait()
        await asyncio.sleep(0)
        if self.fault is not None:
            raise self.fault
        if not known:
            raise DEAD
        return self.issue()

    def issue(self) -> TokenPair:
        name = self.current
        return TokenPair(
            f"access-{name}",
            f"refresh-{name}",
            self.clock() + 25 * HOUR,
            self.clock() + 2160 * HOUR,
        )


@dataclass
class Desk:
    """A store that several processes (keepers) share."""

    clock: Ticking
    store: MemoryTokenStore
    zalo: Granter

    def keeper(self) -> TokenKeeper:
        async def pause(_seconds: float) -> None:
            await asyncio.sleep(0)

        return TokenKeeper(self.store, self.zalo, OA, self.clock, sleep=pause)

    async def stored(self) -> StoredTokens:
        tokens = await self.store.load(OA)
        assert tokens is not None
        return tokens


@pytest.fixture
async def desk(clock: Ticking) -> Desk:
    desk = Desk(clock, MemoryTokenStore(clock), Granter(clock))
    await desk.store.save(OA, pair(1), 0)
    return desk


async def test_a_pasted_token_cannot_be_renewed() -> None:
    assert await static_token("t")() == "t"
    assert await static_token("t")(refused="other") == "t"
    for source, refused in ((static_token(""), None), (static_token("t"), "t")):
        with pytest.raises(TokenUnavailableError):
            await source(refused=refused)


async def test_no_consent_no_token(clock: Ticking) -> None:
    keeper = TokenKeeper(MemoryTokenStore(clock), Granter(clock), OA, clock)
    with pytest.raises(TokenUnavailableError, match="cấp quyền lại"):
        await keeper()
    with pytest.raises(TokenUnavailableError):
        await keeper.keep_fresh()


async def test_a_fresh_token_is_left_alone(desk: Desk) -> None:
    keeper = desk.keeper()
    assert await keeper() == "access-1"
    assert not await keeper.keep_fresh()
    assert desk.zalo.calls == 0


async def test_it_is_renewed_five_hours_before_its_end(desk: Desk) -> None:
    desk.clock.advance(20 * HOUR + MINUTE)
    assert await desk.keeper()() == "access-2"
    assert (await desk.stored()).version == 2
    assert (await desk.stored()).refresh == "refresh-2"


async def test_a_scheduler_keeps_it_fresh_for_a_year(desk: Desk) -> None:
    keeper, renewed = desk.keeper(), 0
    for _ in range(365 * 24):
        desk.clock.advance(HOUR)
        renewed += await keeper.keep_fresh()
        assert (await desk.stored()).access_expires_at - desk.clock() >= 4 * HOUR
    assert renewed == desk.zalo.calls == (await desk.stored()).version - 1
    assert renewed == 365 * 24 // 21


async def test_a_refused_token_is_renewed_and_a_stale_refusal_is_not(desk: Desk) -> None:
    keeper = desk.keeper()
    assert await keeper(refused="access-1") == "access-2"
    assert await keeper(refused="access-1") == "access-2"
    assert desk.zalo.calls == 1


async def test_a_hundred_callers_in_ten_processes_refresh_once(desk: Desk) -> None:
    keepers = [desk.keeper() for _ in range(10)]
    calls = [keeper(refused="access-1") for keeper in keepers for _ in range(10)]
    assert set(await asyncio.gather(*calls)) == {"access-2"}
    assert desk.zalo.calls == 1


async def test_who_still_has_a_good_token_does_not_wait(desk: Desk) -> None:
    desk.clock.advance(21 * HOUR)
    desk.zalo.gate = asyncio.Event()
    refreshing = asyncio.create_task(desk.keeper().keep_fresh())
    await desk.zalo.entered.wait()
    other = desk.keeper()
    async with asyncio.timeout(1):
        assert await other() == "access-1"
        assert not await other.keep_fresh()
    desk.zalo.gate.set()
    assert await refreshing
    assert await other() == "access-2"


async def test_who_has_none_waits_for_the_other_process(desk: Desk) -> None:
    desk.clock.advance(26 * HOUR)
    desk.zalo.gate = asyncio.Event()
    first = asyncio.create_task(desk.keeper()())
    await desk.zalo.entered.wait()
    second = asyncio.create_task(desk.keeper()())
    for _ in range(20):
        await asyncio.sleep(0)
    assert not second.done()
    desk.zalo.gate.set()
    assert await first == await second == "access-2"
    assert desk.zalo.calls == 1


async def test_a_process_that_died_is_waited_out(desk: Desk) -> None:
    desk.clock.advance(26 * HOUR)
    assert await desk.store.lease(OA, "dead", 1, desk.clock() + MINUTE)
    waits: list[float] = []

    async def pause(seconds: float) -> None:
        waits.append(seconds)
        desk.clock.advance(timedelta(seconds=seconds))

    keeper = TokenKeeper(desk.store, desk.zalo, OA, desk.clock, sleep=pause)
    assert await keeper() == "access-2"
    assert 59 < sum(waits) <= 61


async def test_waiting_has_an_end(desk: Desk) -> None:
    desk.clock.advance(26 * HOUR)
    assert await desk.store.lease(OA, "frozen", 1, desk.clock() + MINUTE)
    with pytest.raises(TokenUnavailableError):
        await desk.keeper()()
    assert desk.zalo.calls == 0


async def test_paused_past_its_lease_it_still_saves_what_it_got(desk: Desk) -> None:
    desk.clock.advance(26 * HOUR)
    desk.zalo.gate = asyncio.Event()
    slow = asyncio.create_task(desk.keeper()())
    await desk.zalo.entered.wait()
    desk.clock.advance(2 * MINUTE)
    gate, desk.zalo.gate = desk.zalo.gate, None
    with pytest.raises(TokenUnavailableError):
        # Zalo has rotated already: for the second process the grant is dead.
        await desk.keeper()()
    assert (await desk.stored()).problem
    gate.set()
    assert await slow == "access-2"
    assert await desk.stored() == StoredTokens(
        2, "access-2", "refresh-2", desk.clock() + 25 * HOUR, desk.clock() + 2160 * HOUR
    )


async def test_a_new_pair_is_saved_before_it_is_used(desk: Desk) -> None:
    order: list[str] = []
    save = desk.store.save

    async def noting(oa_id: str, new: TokenPair, version: int) -> bool:
        order.append("saved")
        return await save(oa_id, new, version)

    desk.store.save = noting  # type: ignore[method-assign]
    await desk.keeper()(refused="access-1")
    order.append("used")
    assert order == ["saved", "used"]


async def test_a_store_that_is_away_does_not_cost_the_pair(desk: Desk) -> None:
    save, down = desk.store.save, [True]

    async def failing(oa_id: str, new: TokenPair, version: int) -> bool:
        if down.pop():
            raise ConnectionError("database away")
        return await save(oa_id, new, version)

    desk.store.save = failing  # type: ignore[method-assign]
    keeper = desk.keeper()
    with pytest.raises(ConnectionError):
        await keeper(refused="access-1")
    down.append(False)
    assert await keeper(refused="access-1") == "access-2"
    assert desk.zalo.calls == 1
    assert (await desk.stored()).refresh == "refresh-2"


async def test_a_caller_that_is_cancelled_does_not_cost_the_pair(desk: Desk) -> None:
    desk.zalo.gate = asyncio.Event()
    keeper = desk.keeper()
    caller = asyncio.create_task(keeper(refused="access-1"))
    await desk.zalo.entered.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    desk.zalo.gate.set()
    await keeper.close()
    assert (await desk.stored()).refresh == "refresh-2"
    await desk.keeper().close()


async def test_a_dead_grant_is_said_once_and_never_tried_again(desk: Desk) -> None:
    desk.zalo.current = 9
    keeper = desk.keeper()
    for _ in range(3):
        with pytest.raises(TokenUnavailableError, match="phải cấp quyền lại"):
            await keeper(refused="access-1")
    assert desk.zalo.calls == 1
    with pytest.raises(TokenUnavailableError):
        await keeper.keep_fresh()
    with pytest.raises(TokenUnavailableError):
        await desk.keeper()(refused="access-1")
    assert desk.zalo.calls == 1
    await adopt(desk.store, OA, desk.zalo.issue())
    assert await keeper(refused="access-1") == "access-9"


async def test_a_dead_grant_leaves_the_access_token_while_it_lives(desk: Desk) -> None:
    desk.clock.advance(21 * HOUR)
    desk.zalo.current = 9
    keeper = desk.keeper()
    assert await keeper() == "access-1"
    assert (await desk.stored()).problem
    desk.clock.advance(5 * HOUR)
    with pytest.raises(TokenUnavailableError):
        await keeper()


async def test_somebody_else_may_have_won(desk: Desk) -> None:
    """The grant looks dead because another one used it and saved in between."""

    async def refresh(refresh_token: str) -> TokenPair:
        assert await desk.store.save(OA, pair(5), 1)
        raise DEAD

    desk.zalo.refresh = refresh  # type: ignore[method-assign]
    assert await desk.keeper()(refused="access-1") == "access-5"
    assert await desk.stored() == kept(5, 2)


async def test_a_lost_answer_keeps_the_old_token_and_waits(desk: Desk) -> None:
    desk.clock.advance(21 * HOUR)
    desk.zalo.fault = UnknownOutcomeError("không nhận được trả lời")
    keeper = desk.keeper()
    assert await keeper() == await keeper() == "access-1"
    assert not await keeper.keep_fresh()
    assert desk.zalo.calls == 1
    desk.zalo.fault = None
    desk.clock.advance(MINUTE)
    assert await keeper() == "access-2"


async def test_a_lost_answer_after_the_rotation_ends_in_a_clear_word(desk: Desk) -> None:
    desk.zalo.fault, desk.zalo.rotate_before_fault = UnknownOutcomeError("mất trả lời"), True
    keeper = desk.keeper()
    with pytest.raises(TokenUnavailableError, match="mất trả lời") as caught:
        await keeper(refused="access-1")
    assert caught.value.wait == 60
    desk.zalo.fault = None
    desk.clock.advance(MINUTE)
    with pytest.raises(TokenUnavailableError, match="phải cấp quyền lại"):
        await keeper(refused="access-1")


@pytest.mark.parametrize(
    "fault", [NotSentError("không kết nối được"), OAuthRefusedError(OAUTH_RULES[-14002])]
)
async def test_what_may_pass_is_no_dead_grant(desk: Desk, fault: ZaloError) -> None:
    desk.zalo.fault = fault
    with pytest.raises(TokenUnavailableError):
        await desk.keeper()(refused="access-1")
    assert not (await desk.stored()).problem
    desk.zalo.fault = None
    assert await desk.keeper()(refused="access-1") == "access-2"


async def test_no_log_shows_a_token(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    desk.zalo.current = 9
    with pytest.raises(TokenUnavailableError):
        await desk.keeper()(refused="access-1")
    assert "grant is dead" in caplog.text
    for secret in ("access-", "refresh-"):
        assert secret not in caplog.text
