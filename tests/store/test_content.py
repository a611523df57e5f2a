"""What an installation says of its places: versions that are added and never changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import IntegrityError

from bot.store import content, migrate
from bot.store.content import Scope, Version
from bot.store.engine import Store
from bot.store.migrate import alembic_config, revision_of, upgrade
from bot.store.models import ContentVersion
from bot.store.schema import is_current
from tests.factories import NOON, House

OpenStore = Callable[[str], Store]
PLACE = "dan-phuong"


async def _put(
    store: Store,
    said: str | None,
    scope: Scope = "commune",
    id_: str = PLACE,
    author: str = "lan",
    after: int | None = None,
) -> int:
    async with store.write() as session:
        return await content.put(session, scope, id_, said, author, NOON, after)


async def _texts(store: Store) -> dict[str, str | None]:
    async with store.read() as session:
        return await content.texts(session)


async def _history(store: Store, scope: Scope = "commune", id_: str = PLACE) -> list[Version]:
    async with store.read() as session:
        return await content.history(session, scope, id_)


async def _stamp(store: Store) -> int:
    async with store.read() as session:
        return await content.stamp(session)


# --- versions -----------------------------------------------------------------------------


async def test_at_first_nothing_is_said(store: Store) -> None:
    assert await _texts(store) == {}
    assert await _history(store) == []
    assert await _stamp(store) == 0


async def test_the_newest_version_of_each_name_counts(store: Store) -> None:
    await _put(store, "một")
    await _put(store, "của xã khác", id_="xa-khac")
    await _put(store, "hai")
    assert await _texts(store) == {
        "communes/dan-phuong.yaml": "hai",
        "communes/xa-khac.yaml": "của xã khác",
    }


async def test_a_province_may_have_the_name_of_a_commune(store: Store) -> None:
    await _put(store, "xã")
    assert await _put(store, "tỉnh", scope="province") == 1
    await _put(store, None)
    assert await _texts(store) == {
        "communes/dan-phuong.yaml": None,
        "provinces/dan-phuong.yaml": "tỉnh",
    }
    assert [v.text for v in await _history(store, "province")] == ["tỉnh"]


async def test_versions_are_numbered_from_one_for_each_name(store: Store) -> None:
    assert [await _put(store, said) for said in ("a", "b", "c")] == [1, 2, 3]
    assert await _put(store, "a", id_="xa-khac") == 1


async def test_what_is_removed_is_said_to_be_gone_and_can_be_brought_back(store: Store) -> None:
    await _put(store, "một")
    assert await _put(store, None) == 2
    assert await _texts(store) == {"communes/dan-phuong.yaml": None}
    assert await _put(store, "một") == 3
    assert await _texts(store) == {"communes/dan-phuong.yaml": "một"}
    assert [(v.number, v.text) for v in await _history(store)] == [
        (3, "một"),
        (2, None),
        (1, "một"),
    ]


async def test_the_history_says_who_and_when(store: Store) -> None:
    long_name = "Nguyễn Thị Hoa " * 10
    await _put(store, "một", author=long_name)
    async with store.write() as session:
        await content.put(session, "commune", PLACE, None, "minh", NOON + timedelta(days=1))
    assert await _history(store) == [
        Version("commune", PLACE, 2, None, "minh", NOON + timedelta(days=1)),
        Version("commune", PLACE, 1, "một", long_name[:80], NOON),
    ]


async def test_any_text_comes_back_as_it_was(store: Store) -> None:
    said = "# Xã\r\n\tname: 'Đan Phượng' 🙂\n\n" + "địa chỉ: x\n" * 5000
    await _put(store, said)
    assert await _texts(store) == {"communes/dan-phuong.yaml": said}


async def test_the_stamp_grows_with_every_change(store: Store) -> None:
    stamps = [await _stamp(store)]
    for said in ("một", "hai", None, "hai"):
        await _put(store, said)
        stamps.append(await _stamp(store))
    assert stamps == sorted(set(stamps))


async def test_what_is_not_committed_is_not_said(store: Store) -> None:
    await _put(store, "một")
    before = await _stamp(store)

    async def half_way() -> None:
        async with store.write() as session:
            await content.put(session, "commune", PLACE, "hai", "lan", NOON)
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        await half_way()
    assert await _texts(store) == {"communes/dan-phuong.yaml": "một"}
    assert await _stamp(store) == before
    assert await _put(store, "ba") == 2


async def test_a_number_cannot_be_given_twice(store: Store) -> None:
    await _put(store, "một")
    with pytest.raises(IntegrityError):
        async with store.write() as session:
            session.add(
                ContentVersion(
                    scope="commune", commune=PLACE, number=1, text="x", author="x", created_at=NOON
                )
            )


# --- somebody was faster ------------------------------------------------------------------


async def test_a_version_follows_the_one_that_was_changed(store: Store) -> None:
    assert await _put(store, "một", after=0) == 1
    assert await _put(store, "hai", after=1) == 2
    assert await _put(store, None, after=2) == 3
    assert await _put(store, "ba", after=3) == 4
    assert await _put(store, "của xã khác", id_="xa-khac", after=0) == 1


@pytest.mark.parametrize("after", [0, 1, 3])
async def test_where_it_is_not_the_newest_any_more_nothing_is_written(
    store: Store, after: int
) -> None:
    await _put(store, "một")
    await _put(store, "hai", author="minh")
    before = await _stamp(store)
    with pytest.raises(content.Changed, match="commune dan-phuong: 2"):
        await _put(store, "ba", after=after)
    assert await _texts(store) == {"communes/dan-phuong.yaml": "hai"}
    assert [v.author for v in await _history(store)] == ["minh", "lan"]
    assert await _stamp(store) == before


async def test_that_it_was_taken_away_meanwhile_is_a_change_too(store: Store) -> None:
    await _put(store, "một")
    await _put(store, None)
    with pytest.raises(content.Changed):
        await _put(store, "hai", after=1)
    assert await _texts(store) == {"communes/dan-phuong.yaml": None}


# --- several processes --------------------------------------------------------------------


async def test_another_process_sees_it_at_once(database_url: str, open_store: OpenStore) -> None:
    one, other = open_store(database_url), open_store(database_url)
    await _put(one, "một")
    assert await _texts(other) == {"communes/dan-phuong.yaml": "một"}
    assert await _stamp(other) == await _stamp(one) > 0
    assert await _put(other, "hai") == 2


async def _both_write(
    one: Store, other: Store, after: int | None = None
) -> list[int | BaseException]:
    """The second begins while the first is not yet committed; their numbers."""
    begun = asyncio.Event()

    async def first() -> int:
        async with one.write() as session:
            number = await content.put(session, "commune", PLACE, "một", "lan", NOON, after)
            begun.set()
            await asyncio.sleep(0.3)
            return number

    async def second() -> int:
        await begun.wait()
        return await _put(other, "hai", after=after)

    return await asyncio.gather(first(), second(), return_exceptions=True)


async def test_two_who_write_at_once_both_keep_their_version(
    database_url: str, open_store: OpenStore
) -> None:
    one, other = open_store(database_url), open_store(database_url)
    assert await _both_write(one, other) == [1, 2]
    assert [(v.number, v.text) for v in await _history(one)] == [(2, "hai"), (1, "một")]


async def test_of_two_who_change_the_same_version_at_once_one_is_told(
    database_url: str, open_store: OpenStore
) -> None:
    one, other = open_store(database_url), open_store(database_url)
    number, late = await _both_write(one, other, after=0)
    assert number == 1
    assert isinstance(late, content.Changed)
    assert [(v.number, v.text) for v in await _history(one)] == [(1, "một")]


async def _until_one_waits(store: Store) -> None:
    """Until a transaction waits for an advisory lock."""
    query = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    async with store.engine.connect() as connection:
        while not await connection.scalar(query):
            await asyncio.sleep(0.01)


@pytest.mark.postgres
async def test_versions_are_committed_in_the_order_of_the_stamp(
    postgres_url: str, open_store: OpenStore
) -> None:
    """Else who looked in between would never see the one that committed late."""
    slow, quick = open_store(postgres_url), open_store(postgres_url)
    await _put(slow, "một")
    seen = await _stamp(quick)
    async with asyncio.timeout(30), asyncio.TaskGroup() as group:
        async with slow.write() as session:
            assert await content.put(session, "commune", PLACE, "hai", "lan", NOON) == 2
            second = group.create_task(_put(quick, "của xã khác", id_="xa-khac"))
            await _until_one_waits(slow)
            assert not second.done()
            assert await _texts(quick) == {"communes/dan-phuong.yaml": "một"}
            assert await _stamp(quick) == seen
        assert await second == 1
    assert await _texts(quick) == {
        "communes/dan-phuong.yaml": "hai",
        "communes/xa-khac.yaml": "của xã khác",
    }
    assert await _stamp(quick) > seen


# --- migration ----------------------------------------------------------------------------


def _downgrade(connection: Connection) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.downgrade(config, "0002")


async def _back(store: Store) -> None:
    # As the upgrade does it: without foreign keys, which a table's new copy would offend.
    engine = migrate._engine(store.url)
    async with engine.begin() as connection:
        await connection.run_sync(_downgrade)
    await engine.dispose()


LATER = {
    *("channel_account", "channel_connect", "early_receipt"),
    *("announcement", "announcement_event", "announcement_recipient", "subscription"),
    *("dossier", "dossier_event", "phone_claim"),
    *("send_attempt", "sms_gateway", "sms_gateway_health", "sms_part"),
}
"""Tables that came after the one in question."""


async def _tables(store: Store) -> set[str]:
    async with store.engine.connect() as connection:
        return set(await connection.run_sync(lambda c: inspect(c).get_table_names()))


async def test_the_table_goes_and_comes_and_all_else_stays(
    empty_database_url: str, open_store: OpenStore
) -> None:
    store = open_store(empty_database_url)
    await upgrade(store)
    house = House(store)
    await house.hear("KS")
    await _put(store, "một")
    tables = await _tables(store)
    await _back(store)
    assert await _tables(store) == tables - {"content_version"} - LATER
    assert (await revision_of(store))[0] == "0002"
    assert not await is_current(store)
    await upgrade(store)
    assert await is_current(store)
    assert await _tables(store) == tables
    assert await _texts(store) == {}
    assert await house.inbox_states() == ["new"]
    assert await _put(store, "hai") == 1
