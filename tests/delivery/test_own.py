"""One person on Zalo and by SMS: dossiers, reminders, announcements, their number, their data."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.clock import local_date
from bot.dossiers import saving
from bot.knowledge.loader import build, laid_over, read_texts
from bot.messages import Channel, InboundKind
from bot.segments import count
from bot.store import (
    conversations,
    dossiers,
    phones,
    promised,
    refusals,
    subscriptions,
    transcript,
)
from bot.store.dossiers import Draft
from bot.store.engine import Store
from bot.store.models import (
    Consent,
    Conversation,
    Dossier,
    InboxRow,
    OutboxRow,
    PhoneClaim,
    Reminder,
    Subscription,
)
from console.bubbles import bubbles
from tests.factories import CITIZEN, HOME, NOON, PHONE, ROOT, House, inbound, library

CODE = "H56-260706-0001"
FULL = f"000.00.08.{CODE}"
STRANGER = "+84912000999"
IN_A_WEEK = NOON + timedelta(days=7)


async def enter(store: Store, state: str = "processing", code: str = FULL, **more: Any) -> None:
    """An officer enters a dossier."""
    draft = Draft(code, state, date(2026, 7, 1), "khai_sinh", **({"phone": PHONE} | more))  # type: ignore[arg-type]
    async with store.write() as session:
        knowledge = library().on(local_date(NOON), HOME)
        await saving.save(session, knowledge, draft, None, NOON)


async def say(
    house: House, *texts: str, address: str = PHONE, channel: Channel = "sms"
) -> list[str]:
    """What is answered to these messages in that conversation."""
    conversation = (
        await house.hear(address=address, channel=channel)
        if await known(house, address, channel)
        else None
    )
    before = len(await house.texts(conversation)) if conversation else 0
    conversation = await house.hear(*texts, address=address, channel=channel)
    await house.worker().drain()
    return (await house.texts(conversation))[before:]


async def known(house: House, address: str, channel: Channel) -> bool:
    async with house.store.read() as session:
        return await conversations.find(session, HOME, channel, address) is not None


async def zalo(house: House, *texts: str) -> list[str]:
    return await say(house, *texts, address=CITIZEN, channel="zalo")


async def prove(house: House, phone: str = PHONE) -> list[str]:
    """The citizen proves a number on Zalo; what is said last."""
    await zalo(house, "#xacnhan", phone)
    async with house.store.read() as session:
        there = await conversations.find(session, HOME, "sms", phone)
    assert there is not None
    sms = (await house.texts(there))[-1]
    code = re.search(r"\b\d{6}\b", sms)
    assert code is not None
    return await zalo(house, code.group())


async def linked(house: House) -> tuple[int, int]:
    """The ids of the chat and of the SMS conversation, linked."""
    await prove(house)
    async with house.store.read() as session:
        chat = await conversations.find(session, HOME, "zalo", CITIZEN)
        sms = await conversations.find(session, HOME, "sms", PHONE)
    assert chat is not None
    assert sms is not None
    assert (await house.view(chat)).linked_id == sms
    return chat, sms


# --- dossiers ---------------------------------------------------------------------------


@pytest.mark.parametrize("typed", [FULL, CODE, "h56 260706 0001", "HSH562607060001"])
async def test_whoever_has_the_number_is_told_and_nobody_else(store: Store, typed: str) -> None:
    house = House(store)
    await enter(store, "ready")
    text = typed if typed.startswith("HS") else f"HS {typed}"
    (told,) = await say(house, text)
    assert "da co ket qua" in told
    (foreign,) = await say(house, text, address=STRANGER)
    (unknown,) = await say(house, "HS H56-260706-7777", address="+84912000777")
    assert foreign == unknown
    assert "ket qua" not in foreign


async def test_the_end_of_a_code_is_enough_among_ones_own_only(store: Store) -> None:
    house = House(store)
    await enter(store, "ready")
    await enter(store, "ready", "000.00.08.H56-260706-0002", phone=STRANGER)
    assert "da co ket qua" in (await say(house, "HS 0001"))[-1]
    assert "khong co ho so" in (await say(house, "HS 0002"))[-1]


async def test_on_zalo_only_after_the_number_was_proved(store: Store) -> None:
    house = House(store)
    await enter(store, "need_papers", missing="Giấy chứng sinh")
    (told,) = await zalo(house, f"HS {CODE}")
    assert "giữ kín" in told
    assert "chứng sinh" not in told
    await zalo(house, "#xacnhan", "0912 000 101")
    code = re.search(r"\d{6}", (await house.texts(2))[-1])
    assert code is not None
    done, told = await zalo(house, code.group())
    assert "đã được xác nhận" in done
    assert "Còn thiếu: Giấy chứng sinh" in told
    assert "Còn thiếu" in (await zalo(house, "HS"))[-1]


async def test_a_number_that_is_only_typed_opens_nothing(store: Store) -> None:
    house = House(store)
    await enter(store, "ready")
    await house.intake.receive(inbound(PHONE, kind=InboundKind.CONTACT))
    texts = await zalo(house, f"HS {CODE}")
    assert "kết quả" not in texts[-1]


async def test_a_wrong_code_opens_nothing_and_is_counted(store: Store) -> None:
    house = House(store)
    await enter(store, "ready")
    await zalo(house, f"HS {CODE}", "#xacnhan", PHONE)
    for _ in range(phones.TRIES):
        assert "chưa đúng" in (await zalo(house, "MA 000000"))[-1]
    assert "sai 5 lần" in (await zalo(house, "000000"))[-1]
    sms = await house.texts(2)
    code = re.search(r"\d{6}", sms[-1])
    assert code is not None
    assert "sai 5 lần" in (await zalo(house, code.group()))[-1]
    assert "kết quả" not in (await zalo(house, "HS"))[-1]


async def test_the_code_leaves_at_night_also_to_who_said_stop_and_is_sent_once(
    store: Store,
) -> None:
    house = House(store)
    house.clock.set(datetime(2026, 7, 6, 18, 0, tzinfo=UTC))  # one in the morning
    house.wall.set(house.clock.now())
    await say(house, "TC")
    await house.outbound().drain()
    await zalo(house, "#xacnhan", PHONE)
    await house.outbound().drain()
    sent = [message for message in house.provider.arrived if message.channel == "sms"]
    assert len(sent) == 2
    assert "Khong ai goi dien hoi ma nay" in sent[-1].text
    last = (await zalo(house, *["#xacnhan"] * 4))[-1]
    rows = [row for row in await house.outbox_rows() if row.author == phones.AUTHOR]
    assert len(rows) == phones.CODES_A_DAY
    assert "đủ 3 mã" in last


async def test_an_old_code_is_not_sent_after_it_has_ceased_to_count(store: Store) -> None:
    house = House(store)
    await zalo(house, "#xacnhan", PHONE)
    house.later(timedelta(minutes=11))
    await house.outbound().drain()
    (row,) = [row for row in await house.outbox_rows() if row.author == phones.AUTHOR]
    assert row.state == "expired"


async def test_an_officer_does_not_read_the_code(store: Store) -> None:
    house = House(store)
    await zalo(house, "#xacnhan", PHONE)
    async with store.read() as session:
        there = await conversations.find(session, HOME, "sms", PHONE)
        assert there is not None
        (line,) = await transcript.read(session, there)
    assert (line.author, line.text) == ("code", transcript.CODE_SENT)
    assert bubbles([line], NOON)[0].name == "Mã xác nhận"


# --- reminders --------------------------------------------------------------------------


async def test_nhac_and_a_code_plans_and_huy_and_the_code_stops_for_good(store: Store) -> None:
    house = House(store)
    await enter(store, appointment_at=IN_A_WEEK)
    assert "Chua co loi nhac" in (await say(house, "NHAC"))[-1]
    (agreed,) = await say(house, f"NHAC {CODE}")
    async with store.read() as session:
        (consent,) = await session.scalars(select(Consent))
        assert consent.text_shown in agreed
        assert consent.inbox_id is not None
    assert f"1) ho so {CODE} (10/7, 12/7)" in (await say(house, "NHAC"))[-1]
    assert f"Da thoi nhac: ho so {CODE}" in (await say(house, f"HUY {CODE}"))[-1]
    async with store.write() as session:
        assert set(await session.scalars(select(Reminder.state))) == {"cancelled"}
        knowledge = library().on(local_date(NOON), HOME)
        (dossier,) = await session.scalars(select(Dossier.id))
        assert await saving.replan(session, knowledge, dossier, NOON) == 0
    assert "Chua co loi nhac" in (await say(house, "NHAC"))[-1]


async def test_after_linking_dossiers_are_reminded_of_in_the_chat(store: Store) -> None:
    house = House(store)
    await enter(store, appointment_at=IN_A_WEEK)
    await say(house, f"NHAC {CODE}")
    chat, sms = await linked(house)
    async with store.read() as session:
        rows = list(await session.scalars(select(Reminder).where(Reminder.state == "scheduled")))
    assert {(row.conversation_id, row.target_id) for row in rows} == {(chat, sms)}
    assert len(rows) == 2


async def test_a_reminder_agreed_in_both_chats_is_planned_once(store: Store) -> None:
    house = House(store)
    chat, _ = await linked(house)
    await zalo(house, "#hoi.khai_sinh.le_phi", "#nhac.hen", "20/8/2026", "đồng ý")
    await say(house, "KS PHI", "nhắc tôi", "#nhac.hen", "20/8/2026", "1")
    async with store.read() as session:
        (matter,) = await promised.of(session, chat)
        live = await session.scalar(
            select(func.count()).select_from(Reminder).where(Reminder.state == "scheduled")
        )
    assert len(matter.ids) == live == 2


async def test_on_zalo_the_proved_number_is_not_asked_for_again(store: Store) -> None:
    house = House(store)
    await linked(house)
    texts = await zalo(house, "#hoi.khai_sinh.le_phi", "#nhac.hen", "20/8/2026")
    assert "0912 000 101" in texts[-1]
    assert "đồng ý nhận" in texts[-1]


@pytest.mark.parametrize("where", ["zalo", "sms"])
async def test_huy_on_either_side_stops_both(store: Store, where: str) -> None:
    house = House(store)
    await enter(store, appointment_at=IN_A_WEEK)
    chat, sms = await linked(house)
    await zalo(house, "DK", "#hoi.khai_sinh.le_phi", "#nhac.hen", "20/8/2026", "đồng ý")
    await say(house, "DK thôn Bến", f"NHAC {CODE}")
    await (zalo if where == "zalo" else say)(house, "HUY")
    async with store.read() as session:
        assert set(await session.scalars(select(Reminder.state))) == {"cancelled"}
        assert await subscriptions.of(session, chat) is None
        assert await refusals.refused(session, chat)
        assert await refusals.refused(session, sms)
    assert "khong gui tin nhac" in (await say(house, "TC"))[-1]  # said again, obeyed again


# --- announcements ----------------------------------------------------------------------


async def test_dk_keeps_the_words_and_the_village(store: Store) -> None:
    house = House(store)
    (said,) = await say(house, "DK xóm Bãi")
    async with store.read() as session:
        (row,) = await session.scalars(select(Subscription))
        consent = await session.get_one(Consent, row.consent_id)
    assert (row.village, row.ended_at) == ("ben", None)
    assert consent.text_shown in said
    assert (consent.purpose, consent.source) == (subscriptions.PURPOSE, "message")
    await say(house, "DK")
    await say(house, "HUY")
    async with store.read() as session:
        assert await subscriptions.of(session, row.conversation_id) is None


async def test_dk_after_huy_agrees_anew(store: Store) -> None:
    house = House(store)
    await say(house, "DK", "HUY", "DK")
    async with store.read() as session:
        sms = await conversations.find(session, HOME, "sms", PHONE)
        assert sms is not None
        assert await subscriptions.of(session, sms) is not None
        assert not await refusals.refused(session, sms)


# --- what is held, and erasing it --------------------------------------------------------


async def test_du_lieu_tells_of_both(store: Store) -> None:
    house = House(store)
    await enter(store)
    await linked(house)
    await say(house, "DK", "KS PHI")
    (told,) = await zalo(house, "DL")
    assert "đang giữ 6 tin nhắn" in told  # three of Zalo, two by SMS, and this one
    assert "cả Zalo" in told
    assert "nhận thông báo" in told
    assert "1 hồ sơ" in told


@pytest.mark.parametrize("where", ["zalo", "sms"])
async def test_xoa_erases_both_unlinks_and_forgets_whose_the_dossier_was(
    store: Store, where: str
) -> None:
    house = House(store)
    await enter(store, appointment_at=IN_A_WEEK)
    chat, sms = await linked(house)
    await zalo(house, "KS PHI", "DK", "#hoi.khai_sinh.le_phi", "#nhac.hen", "20/8/2026", "đồng ý")
    await say(house, "KT PHI", f"NHAC {CODE}")
    await house.outbound().drain()
    await (zalo if where == "zalo" else say)(house, "XOA", "#xoahet")
    async with store.read() as session:
        kept = await session.scalars(
            select(InboxRow.text_enc).where(InboxRow.text_enc.is_not(None))
        )
        assert list(kept) == []
        rows = list(await session.scalars(select(Conversation)))
        assert {row.linked_id for row in rows} == {None}
        assert {row.phone_enc for row in rows} == {None}
        assert list(await session.scalars(select(PhoneClaim))) == []
        assert set(await session.scalars(select(Reminder.state))) <= {"cancelled"}
        assert await subscriptions.of(session, chat) is None
        (dossier,) = await session.scalars(select(Dossier))
        assert (dossier.phone_hash, dossier.phone_enc, dossier.consent_id) == (None, None, None)
        assert dossier.code == FULL
        assert await dossiers.of_phone(session, HOME, PHONE) == []
    (last,) = (await house.texts(chat if where == "zalo" else sms))[-1:]
    assert "theo luật" in last or "theo luat" in last
    assert "khong co ho so" in (await say(house, f"HS {CODE}"))[-1]


async def test_who_takes_consent_back_at_zalo_is_erased_by_sms_too(store: Store) -> None:
    house = House(store)
    await linked(house)
    await say(house, "KS PHI", "DK")
    await house.intake.receive(inbound("", kind=InboundKind.WITHDRAWN))
    await house.worker().drain()
    async with store.read() as session:
        texts = await session.scalars(
            select(InboxRow.text_enc).where(InboxRow.text_enc.is_not(None), InboxRow.kind == "text")
        )
        assert list(texts) == []
        assert list(await session.scalars(select(Subscription.ended_at))) != [None]


# --- what a commune says of itself ------------------------------------------------------


async def test_a_communes_words_and_diacritics_are_its_own(store: Store) -> None:
    texts = read_texts(ROOT / "faq")[0]
    file = "communes/hoa-mai.yaml"
    more = "sms: {accents: always}\nkeywords:\n  - {words: SINH, means: khai_sinh+le_phi}\n"
    changed = build(laid_over(texts, {file: f"{texts[file]}\n{more}"}))
    house = House(store)
    await house.hear("SINH", address=PHONE, channel="sms")
    await house.worker(library=lambda: changed).drain()
    (told,) = await house.texts()
    assert "không mất tiền" in told
    assert not told.isascii()
    async with store.read() as session:
        (row,) = await session.scalars(select(OutboxRow))
    assert (row.author, count(told).encoding, count(told).parts) == ("bot", "UCS-2", 2)
