"""The in-memory store keeps the contract; what a stored pair says of itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from integrations.zalo.oa.tokens import MemoryTokenStore, TokenStore, expiring
from tests.integrations.zalo.oa.conftest import START, Ticking
from tests.integrations.zalo.oa.token_store_contract import TokenStoreContract, kept

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


class TestMemoryTokenStore(TokenStoreContract):
    @pytest.fixture
    def store(self, clock: Ticking) -> TokenStore:
        return MemoryTokenStore(clock)


@pytest.mark.parametrize(
    ("after", "left"),
    [(0 * DAY, None), (75 * DAY, None), (76 * DAY, 14 * DAY), (91 * DAY, -DAY)],
)
def test_two_weeks_before_the_end_somebody_is_told(
    after: timedelta, left: timedelta | None
) -> None:
    assert expiring(kept(1, 1), START + after) == left


def test_due_five_hours_before_the_end_or_when_refused() -> None:
    tokens = kept(1, 1)
    assert not tokens.due(START)
    assert not tokens.due(START + 20 * HOUR)
    assert tokens.due(START + 20 * HOUR + timedelta(seconds=1))
    assert tokens.due(START, refused="access-1")
    assert not tokens.due(START, refused="access-0")
    assert tokens.usable(START + 25 * HOUR - timedelta(seconds=1))
    assert not tokens.usable(START + 25 * HOUR)


def test_a_stored_pair_does_not_show_itself() -> None:
    assert "access-1" not in repr(kept(1, 1))
    assert "refresh-1" not in repr(kept(1, 1))
