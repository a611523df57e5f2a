"""Who may do what to an announcement, and when; two people for everything that goes out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from bot.store import announcement_views, announcements
from bot.store.announcements import NotAllowed
from bot.store.audience import Audience
from bot.store.engine import Store
from bot.store.models import Officer
from tests.factories import HOME, House
from tests.notices import Hall, estimate

HOUR = timedelta(hours=1)


@pytest.fixture
def hall(store: Store) -> Hall:
    return Hall(House(store))


async def _approve(hall: Hall, made: int, name: str, seen: str | None = None) -> None:
    officer = await hall.officer(name)
    there = (await hall.view(made)).draft
    async with hall.house.store.write() as session:
        await announcements.approve(
            session, HOME, made, officer, seen or there.digest, estimate(there), hall.now
        )


async def _edit(hall: Hall, made: int, name: str, **more: Any) -> None:
    officer = await hall.officer(name)
    there = (await hall.view(made)).draft
    async with hall.house.store.write() as session:
        await announcements.edit(
            session, HOME, made, officer, replace(there, **more), hall.now, there.digest
        )


async def test_from_the_draft_to_the_approval_everything_is_kept(hall: Hall) -> None:
    made = await hall.submitted(audience=Audience(("ben", "dinh")), urgent=True)
    view = await hall.view(made)
    assert (view.state, view.author, view.approver) == ("submitted", "Lan", "")
    hall.house.later(HOUR)
    await _approve(hall, made, "minh")
    view = await hall.view(made)
    assert (view.state, view.approver, view.approved_at) == ("approved", "Minh", hall.now)
    assert view.draft.audience.villages == ("ben", "dinh")
    assert view.estimate is not None
    assert view.estimate["texts"]["sms"].startswith("UBND xa Hoa Mai: ")
    async with hall.house.store.read() as session:
        history = await announcement_views.history(session, HOME, made)
    assert [(one.what, one.officer) for one in history] == [
        ("created", "Lan"),
        ("submitted", "Lan"),
        ("approved", "Minh"),
    ]


async def test_nobody_approves_their_own_words(hall: Hall) -> None:
    made = await hall.submitted()
    with pytest.raises(NotAllowed, match="không tự duyệt được"):
        await _approve(hall, made, "lan")
    assert (await hall.view(made)).state == "submitted"


async def test_who_changed_a_word_has_become_the_author(hall: Hall) -> None:
    made = await hall.submitted()
    await _edit(hall, made, "minh", title="Họp thôn Bến")
    view = await hall.view(made)
    assert (view.state, view.author, view.estimate) == ("draft", "Minh", None)
    await hall.does(announcements.submit, made, estimate(view.draft))
    with pytest.raises(NotAllowed, match="không tự duyệt được"):
        await _approve(hall, made, "minh")
    await _approve(hall, made, "lan")


async def test_what_was_edited_meanwhile_is_not_approved_unseen(hall: Hall) -> None:
    made = await hall.submitted()
    seen = (await hall.view(made)).draft.digest
    await _edit(hall, made, "lan", sms_text="Họp 20h")
    with pytest.raises(NotAllowed, match="bản nháp"):
        await _approve(hall, made, "minh", seen)
    await hall.does(announcements.submit, made, estimate((await hall.view(made)).draft))
    with pytest.raises(NotAllowed, match="vừa được người khác sửa"):
        await _approve(hall, made, "minh", seen)


@pytest.mark.parametrize(
    "more",
    [
        {"title": "Khác"}, {"text": "Khác"}, {"sms_text": "Khác"}, {"urgent": True},
        {"audience": Audience(("ben",))}, {"start_at": "later"}, {"expires_at": "later"},
    ],
)  # fmt: skip
async def test_each_part_of_it_counts_as_a_change(hall: Hall, more: dict[str, Any]) -> None:
    made = await hall.submitted()
    there = (await hall.view(made)).draft
    changes = {name: hall.now + HOUR if v == "later" else v for name, v in more.items()}
    assert replace(there, **changes).digest != there.digest
    assert replace(there).digest == there.digest


async def test_two_who_edit_at_once_do_not_overwrite_one_another(hall: Hall) -> None:
    made = await hall.submitted()
    old = (await hall.view(made)).draft
    await _edit(hall, made, "minh", title="Bản của Minh")
    lan = await hall.officer("lan")
    with pytest.raises(NotAllowed, match="vừa được người khác sửa"):
        async with hall.house.store.write() as session:
            await announcements.edit(
                session, HOME, made, lan, replace(old, title="Bản của Lan"), hall.now, old.digest
            )
    assert (await hall.view(made)).draft.title == "Bản của Minh"


async def test_sent_back_with_a_reason_and_mended(hall: Hall) -> None:
    made = await hall.submitted()
    with pytest.raises(NotAllowed, match="ghi lý do"):
        await hall.does(announcements.reject, made, "  ")
    await hall.does(announcements.reject, made, "Sai giờ ")
    view = await hall.view(made)
    assert (view.state, view.note) == ("rejected", "Sai giờ")
    with pytest.raises(NotAllowed, match="đã bị trả lại"):
        await _approve(hall, made, "minh")
    await _edit(hall, made, "lan", text="Mời bà con họp lúc 20 giờ.")
    await hall.does(announcements.submit, made, estimate((await hall.view(made)).draft))
    assert (await hall.view(made)).note == ""


async def test_what_is_approved_is_frozen(hall: Hall) -> None:
    made = await hall.approved()
    with pytest.raises(NotAllowed, match="đã được duyệt"):
        await _edit(hall, made, "lan", text="Khác")
    for act in (announcements.submit, announcements.reject):
        with pytest.raises(NotAllowed, match="đã được duyệt"):
            await hall.does(act, made, "x" if act is announcements.reject else {})


ACTS: dict[str, tuple[Callable[..., Any], set[str]]] = {
    "pause": (announcements.pause, {"approved"}),
    "resume": (announcements.resume, {"paused"}),
    "cancel": (announcements.cancel, {"draft", "submitted", "rejected", "approved", "paused"}),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(
    "state", ["draft", "submitted", "rejected", "approved", "paused", "done", "cancelled"]
)
async def test_only_what_makes_sense_is_done(hall: Hall, act: str, state: str) -> None:
    made = await _in(hall, state)
    does, allowed = ACTS[act]
    if state in allowed:
        await hall.does(does, made)
        assert (await hall.view(made)).state != state
    else:
        with pytest.raises(NotAllowed, match="thông báo này "):
            await hall.does(does, made)
        assert (await hall.view(made)).state == state


async def _in(hall: Hall, state: str) -> int:
    if state in ("draft", "submitted", "rejected"):
        made = await hall.submitted()
        if state == "draft":
            await _edit(hall, made, "lan", title="Khác")
        elif state == "rejected":
            await hall.does(announcements.reject, made, "Sai")
        return made
    made = await hall.approved()
    if state == "done":
        await hall.look()  # for nobody
    elif state != "approved":
        await hall.does(
            {"paused": announcements.pause, "cancelled": announcements.cancel}[state], made
        )
    return made


async def test_what_is_too_late_is_neither_submitted_approved_nor_gone_on_with(hall: Hall) -> None:
    draft, submitted, paused = [await _in(hall, one) for one in ("draft", "submitted", "paused")]
    hall.house.later(9 * HOUR)
    there = (await hall.view(draft)).draft
    with pytest.raises(NotAllowed, match="quá hạn"):
        await hall.does(announcements.submit, draft, estimate(there))
    with pytest.raises(NotAllowed, match="quá hạn"):
        await _approve(hall, submitted, "minh")
    with pytest.raises(NotAllowed, match="quá hạn"):
        await hall.does(announcements.resume, paused)


async def test_strangers_and_former_officers_do_nothing(hall: Hall) -> None:
    made = await hall.submitted()
    minh, hai = await hall.officer("minh"), await hall.officer("hai")
    async with hall.house.store.write() as session:
        await session.execute(
            update(Officer).where(Officer.id == minh).values(disabled_at=hall.now)
        )
        await session.execute(update(Officer).where(Officer.id == hai).values(commune="song-xanh"))
    for name in ("minh", "hai"):
        with pytest.raises(NotAllowed, match="chính xã này"):
            await _approve(hall, made, name)
    with pytest.raises(NotAllowed, match="xã khác"):
        async with hall.house.store.write() as session:
            await announcements.cancel(session, "song-xanh", made, hai, hall.now)
    async with hall.house.store.read() as session:
        assert await announcement_views.get(session, "song-xanh", made) is None
        assert await announcement_views.approvers(session, HOME, hall.officers["lan"]) == []


async def test_what_asks_for_something_stands_first(hall: Hall) -> None:
    made = {state: await _in(hall, state) for state in ("done", "draft", "paused", "submitted")}
    async with hall.house.store.read() as session:
        listed = await announcement_views.listing(session, HOME)
    wanted = [made[state] for state in ("submitted", "paused", "draft", "done")]
    assert [one.id for one in listed] == wanted


@pytest.mark.postgres
async def test_an_edit_at_the_same_instant_is_not_approved_with_the_old_words(
    postgres_url: str, open_store: Callable[[str], Store]
) -> None:
    hall = Hall(House(open_store(postgres_url)))
    made = await hall.submitted()
    there, lan = (await hall.view(made)).draft, await hall.officer("lan")
    await hall.officer("minh")
    new = replace(there, sms_text="Chuyển tiền vào số này")
    async with hall.house.store.write() as session:
        await announcements.edit(session, HOME, made, lan, new, hall.now)
        await session.flush()
        approving = asyncio.create_task(_approve(hall, made, "minh", there.digest))
        await asyncio.wait([approving], timeout=0.3)
    with pytest.raises(NotAllowed):
        await approving
    view = await hall.view(made)
    assert (view.state, view.approver) == ("draft", "")
