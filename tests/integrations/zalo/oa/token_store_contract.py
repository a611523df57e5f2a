"""What every token store has to do; inherit it and give a ``store`` fixture.

    class TestMyStore(TokenStoreContract):
        @pytest.fixture
        def store(self, clock): return MyStore(..., clock)

``clock`` is a callable that gives aware instants and is moved by ``advance``.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from integrations.zalo.oa.oauth import TokenPair
from integrations.zalo.oa.tokens import StoredTokens, TokenStore, adopt
from tests.integrations.zalo.oa.conftest import START, Ticking

OA, OTHER = "7778889990001112223", "7778889990001112224"
MINUTE = timedelta(minutes=1)


def pair(number: int) -> TokenPair:
    """The n-th pair of an OA."""
    return TokenPair(
        f"access-{number}", f"refresh-{number}", START + 1500 * MINUTE, START + 90 * 1440 * MINUTE
    )


def kept(number: int, version: int, problem: str = "") -> StoredTokens:
    """The n-th pair as it should come back."""
    one = pair(number)
    times = (one.access_expires_at, one.refresh_expires_at)
    return StoredTokens(version, one.access, one.refresh, *times, problem)


class TokenStoreContract:
    """Each test begins with an empty store, which the inheriting class gives as a fixture."""

    async def test_nothing_is_there(self, store: TokenStore) -> None:
        assert await store.load(OA) is None
        assert not await store.lease(OA, "me", 0, START + MINUTE)
        await store.fail(OA, 0, "vì sao")
        await store.release(OA, "me")
        assert await store.load(OA) is None

    async def test_a_pair_comes_back_as_it_was(self, store: TokenStore) -> None:
        assert await store.save(OA, pair(1), 0)
        assert await store.load(OA) == kept(1, 1)
        assert await store.load(OTHER) is None

    async def test_a_pair_is_saved_over_its_own_version_only(self, store: TokenStore) -> None:
        assert not await store.save(OA, pair(1), 1)
        assert await store.save(OA, pair(1), 0)
        assert not await store.save(OA, pair(2), 0)
        assert await store.save(OA, pair(2), 1)
        assert not await store.save(OA, pair(3), 1)
        assert await store.load(OA) == kept(2, 2)

    async def test_one_saver_of_a_version_wins(self, store: TokenStore) -> None:
        await store.save(OA, pair(1), 0)
        saved = await asyncio.gather(*(store.save(OA, pair(n), 1) for n in range(2, 6)))
        assert sorted(saved) == [False, False, False, True]
        assert await store.load(OA) == kept(saved.index(True) + 2, 2)

    async def test_one_leaser_wins(self, store: TokenStore) -> None:
        await store.save(OA, pair(1), 0)
        until = START + MINUTE
        taken = await asyncio.gather(*(store.lease(OA, f"p{n}", 1, until) for n in range(4)))
        assert sorted(taken) == [False, False, False, True]

    async def test_a_lease_of_an_old_version_is_not_given(self, store: TokenStore) -> None:
        await store.save(OA, pair(1), 0)
        assert not await store.lease(OA, "me", 0, START + MINUTE)
        assert not await store.lease(OA, "me", 2, START + MINUTE)
        assert await store.lease(OA, "me", 1, START + MINUTE)

    async def test_a_lease_runs_out(self, store: TokenStore, clock: Ticking) -> None:
        await store.save(OA, pair(1), 0)
        assert await store.lease(OA, "one", 1, clock() + MINUTE)
        clock.advance(MINUTE - timedelta(seconds=1))
        assert not await store.lease(OA, "two", 1, clock() + MINUTE)
        clock.advance(timedelta(seconds=1))
        assert await store.lease(OA, "two", 1, clock() + MINUTE)

    async def test_only_the_owner_gives_a_lease_back(self, store: TokenStore) -> None:
        await store.save(OA, pair(1), 0)
        await store.lease(OA, "one", 1, START + MINUTE)
        await store.release(OA, "two")
        assert not await store.lease(OA, "two", 1, START + MINUTE)
        await store.release(OA, "one")
        assert await store.lease(OA, "two", 1, START + MINUTE)

    async def test_a_save_ends_the_lease_whoever_has_it(self, store: TokenStore) -> None:
        await store.save(OA, pair(1), 0)
        await store.lease(OA, "one", 1, START + MINUTE)
        assert await store.save(OA, pair(2), 1)
        assert await store.lease(OA, "two", 2, START + MINUTE)

    async def test_a_failure_is_kept_until_there_is_a_new_pair(self, store: TokenStore) -> None:
        await store.save(OA, pair(1), 0)
        await store.lease(OA, "one", 1, START + MINUTE)
        await store.fail(OA, 1, "OA phải cấp quyền lại")
        assert await store.load(OA) == kept(1, 1, "OA phải cấp quyền lại")
        assert await store.lease(OA, "two", 1, START + MINUTE)
        assert await store.save(OA, pair(2), 1)
        assert await store.load(OA) == kept(2, 2)

    async def test_a_late_failure_does_not_touch_a_newer_pair(self, store: TokenStore) -> None:
        await store.save(OA, pair(1), 0)
        await store.save(OA, pair(2), 1)
        await store.lease(OA, "one", 2, START + MINUTE)
        await store.fail(OA, 1, "cũ")
        assert await store.load(OA) == kept(2, 2)
        assert not await store.lease(OA, "two", 2, START + MINUTE)

    async def test_accounts_do_not_meet(self, store: TokenStore) -> None:
        await store.save(OA, pair(1), 0)
        await store.save(OTHER, pair(5), 0)
        await store.lease(OA, "one", 1, START + MINUTE)
        assert await store.lease(OTHER, "two", 1, START + MINUTE)
        await store.fail(OTHER, 1, "hỏng")
        assert await store.load(OA) == kept(1, 1)

    async def test_a_new_consent_goes_over_everything(self, store: TokenStore) -> None:
        assert await adopt(store, OA, pair(1)) == 1
        await store.fail(OA, 1, "hỏng")
        assert await adopt(store, OA, pair(2)) == 2
        stored = await store.load(OA)
        assert stored is not None
        assert replace(stored, version=0) == kept(2, 0)
