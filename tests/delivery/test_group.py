"""The officers' group: told without personal data, answering by number."""

from __future__ import annotations

from typing import Any

import pytest

from bot.channels import Unlimited, only_sms
from bot.delivery.group import Groups
from bot.delivery.schedule import Scheduler
from bot.messages import CHANNELS, Channel, InboundKind, PermanentSendError
from bot.store import conversations, handovers
from bot.store.engine import Store
from bot.store.models import OUTSIDE_APP, officer_owner
from tests.factories import CITIZEN, HOME, NOON, PHONE, House, Step, inbound, library

GROUP = "g-77"
QUESTION = "tên tôi là Nguyễn Thị Lan 0912345678, con tôi sinh ở nước ngoài thì sao"


def _reaches(commune: str, channel: Channel) -> Any:
    return Unlimited()


def _desk(reaches: Any = _reaches) -> Groups:
    return Groups(
        lambda commune: GROUP if commune == HOME else "", lambda: [HOME], reaches, library
    )


class Desk:
    """A citizen who waits, and the group."""

    def __init__(self, store: Store) -> None:
        self.house = House(store)
        self.desk = _desk()

    async def wait(self, channel: Channel = "zalo", address: str = CITIZEN) -> int:
        """A citizen asked and waits; returns the conversation's id."""
        conversation = await self.house.hear(QUESTION, address=address, channel=channel)
        async with self.house.store.write() as session:
            await handovers.open_one(session, HOME, conversation, 1, "Hỏi ca khó", NOON)
        await self.house.worker(groups=self.desk).drain()
        return conversation

    async def look(self) -> None:
        house = self.house
        scheduler = Scheduler(house.store, house.wakeups, house.clock, groups=self.desk)
        await scheduler.look()

    async def says(self, text: str, group: str = GROUP, reply_to: str = "") -> None:
        """An officer writes in a group; the worker hears it."""
        kind = InboundKind.GROUP
        one = inbound(text, f"group:{group}", kind=kind, reply_to=reply_to)
        await self.house.intake.receive(one)
        await self.house.worker(groups=self.desk).drain()

    async def posts(self) -> list[str]:
        async with self.house.store.read() as session:
            there = await conversations.find(session, HOME, "zalo", f"group:{GROUP}")
        return [] if there is None else await self.house.texts(there)


async def test_a_hand_over_is_posted_once_without_names_and_numbers(store: Store) -> None:
    desk = Desk(store)
    await desk.wait()
    await desk.look()
    await desk.look()
    (post,) = await desk.posts()
    assert "Lan" not in post
    assert "0912345678" not in post
    assert "sinh ở nước ngoài" in post
    assert "Hỏi ca khó" in post
    assert "#1 nội dung" in post


@pytest.mark.parametrize(
    "said", ["#1 Bác mang giấy khai sinh nhé", "#1: Bác mang giấy khai sinh nhé"]
)
async def test_an_answer_there_reaches_the_citizen_and_silences_the_bot(
    store: Store, said: str
) -> None:
    desk = Desk(store)
    conversation = await desk.wait()
    await desk.look()
    await desk.says(said.format("Bác mang giấy khai sinh nhé"))
    assert (await desk.house.texts(conversation))[-1] == "Bác mang giấy khai sinh nhé"
    assert (await desk.house.view(conversation)).owner == officer_owner(OUTSIDE_APP)
    assert "Đã gửi" in (await desk.posts())[-1]


async def test_a_quoted_reply_needs_no_number(store: Store) -> None:
    desk = Desk(store)
    conversation = await desk.wait()
    await desk.look()
    await desk.house.outbound().drain()
    post = next(row for row in await desk.house.outbox_rows() if row.key.startswith("handover:"))
    await desk.says("Bác cứ ra xã nhé", reply_to=post.provider_message_id or "")
    assert "Bác cứ ra xã nhé" in await desk.house.texts(conversation)


async def test_an_answer_by_sms_is_written_for_an_old_phone(store: Store) -> None:
    desk = Desk(store)
    conversation = await desk.wait("sms", PHONE)
    await desk.look()
    await desk.says("#1 Bác mang giấy khai sinh nhé")
    assert (await desk.house.texts(conversation))[-1] == "Bac mang giay khai sinh nhe"


async def test_what_the_citizen_writes_meanwhile_follows_and_done_gives_back(store: Store) -> None:
    desk = Desk(store)
    conversation = await desk.wait()
    await desk.look()
    await desk.says("#1 Bác cho biết con sinh ở đâu ạ")
    await desk.house.hear("cháu sinh ở Lào, gọi tôi 0912345678")
    await desk.house.worker(groups=desk.desk).drain()
    await desk.look()
    assert "nhắn thêm" in (await desk.posts())[-1]
    assert "0912345678" not in (await desk.posts())[-1]
    await desk.look()
    count = len(await desk.posts())
    await desk.says("#1 xong")
    assert (await desk.house.view(conversation)).bot_owns
    assert (await desk.house.texts(conversation))[-1].startswith("Cán bộ đã trả lời xong")
    assert len(await desk.posts()) == count + 1
    await desk.says("#1 thêm một câu")
    assert "Không có câu #1" in (await desk.posts())[-1]


async def test_what_the_bot_answered_before_the_group_did_is_not_posted_as_new(
    store: Store,
) -> None:
    desk = Desk(store)
    await desk.wait()
    await desk.look()
    await desk.house.hear("KT")
    await desk.house.worker(groups=desk.desk).drain()
    await desk.says("#1 Bác mang giấy khai sinh nhé")
    before = len(await desk.posts())
    await desk.look()
    assert len(await desk.posts()) == before


@pytest.mark.parametrize("talk", ["trưa nay ăn gì", "câu 1 ai trả lời rồi?", "2 người nhé", "#"])
async def test_the_officers_own_talk_is_left_alone(store: Store, talk: str) -> None:
    desk = Desk(store)
    conversation = await desk.wait()
    await desk.look()
    before = await desk.house.texts(conversation)
    await desk.says(talk)
    assert await desk.house.texts(conversation) == before
    assert len(await desk.posts()) == 1


async def test_another_group_and_another_communes_number_are_nothing(store: Store) -> None:
    desk = Desk(store)
    conversation = await desk.wait()
    await desk.look()
    before = await desk.house.texts(conversation)
    await desk.says("#1 Tôi trả lời", group="g-88")
    await desk.says("#99999 Tôi trả lời")
    assert await desk.house.texts(conversation) == before
    assert (await desk.posts())[-1].startswith("Không có câu #99999")


async def test_whoever_has_it_in_the_console_goes_before_the_group(store: Store) -> None:
    desk = Desk(store)
    conversation = await desk.wait()
    await desk.look()
    officer = await desk.house.officer("lan")
    async with store.write() as session:
        await handovers.take(session, HOME, conversation, officer, NOON)
    await desk.says("#1 Tôi trả lời")
    assert "Lan đang trả lời" in (await desk.posts())[-1]
    assert "Tôi trả lời" not in await desk.house.texts(conversation)


async def test_outside_the_window_the_group_is_told_to_call(store: Store) -> None:
    desk = Desk(store)
    await desk.wait()
    await desk.look()
    desk.desk = _desk(only_sms)
    await desk.says("#1 Tôi trả lời")
    assert "gọi điện" in (await desk.posts())[-1]


async def test_a_post_that_cannot_be_sent_opens_no_hand_over(store: Store) -> None:
    desk = Desk(store)
    await desk.wait()
    await desk.look()
    desk.house.provider.script = [Step(PermanentSendError("nhóm đã tắt"), arrives=False)]
    await desk.house.outbound().drain()
    async with store.read() as session:
        assert len(await handovers.listing(session, HOME)) == 1


@pytest.mark.parametrize("channel", CHANNELS)
async def test_every_channel_has_a_name_for_the_group(store: Store, channel: Channel) -> None:
    desk = Desk(store)
    await desk.wait(channel, PHONE)
    await desk.look()
    assert "có người hỏi qua" in (await desk.posts())[0]
