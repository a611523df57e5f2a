"""hotro's webhook and sender beside the simulator, over real HTTP.

The simulator's own strictness is tested in ``simulator/``.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.messages import PermanentSendError, TemporarySendError
from integrations.zalo.simulator import Policy
from tests.integrations.zalo.conftest import USER, Town, outgoing


async def test_duplicates_and_lost_acknowledgements_are_recognised(town: Town) -> None:
    town.faults.duplicate_webhooks = 1
    town.faults.lost_acks = 2
    await town.meet("một lần thôi")
    assert [i.text for i in town.intake.inbounds] == ["một lần thôi"]
    assert town.intake.duplicates == 3


async def test_a_failing_store_gets_it_again(town: Town) -> None:
    town.intake.fail_next = 3
    await town.meet("vẫn tới")
    assert [i.text for i in town.intake.inbounds] == ["vẫn tới"]


async def test_messages_of_one_person_keep_their_order(town: Town) -> None:
    for n in range(20):
        town.simulator.world.type(USER, str(n))
    await town.simulator.courier.idle()
    assert [i.text for i in town.intake.inbounds] == [str(n) for n in range(20)]


async def test_all_messages_arrive_once_through_many_faults(town: Town) -> None:
    rates = {"duplicate_webhooks": 0.2, "reorder_webhooks": 0.2, "lost_acks": 0.1}
    town.faults.update({"rates": rates, "seed": 3, "hold_seconds": 0.05})
    for n in range(50):
        town.simulator.world.type(USER, str(n))
    await town.simulator.courier.idle()
    assert sorted(int(i.text) for i in town.intake.inbounds) == list(range(50))
    assert town.intake.duplicates > 0


async def test_the_sender_meets_windows_and_limits(town: Town) -> None:
    town.simulator.world.policy = Policy(per_minute=2)
    await town.meet()
    for _ in range(2):
        await town.sender.send(outgoing())
    with pytest.raises(TemporarySendError):
        await town.sender.send(outgoing())
    town.clock.advance(timedelta(minutes=1))
    await town.sender.send(outgoing())
    town.clock.advance(timedelta(days=7))
    with pytest.raises(PermanentSendError, match="-230"):
        await town.sender.send(outgoing())
