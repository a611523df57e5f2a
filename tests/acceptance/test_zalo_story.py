"""What an Official Account lives through, from the consent of its administrator on.

One commune, strict Zalo, SMS gateway, real HTTP; the citizens' clock is moved by days.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.store import outbox
from bot.store.models import BOT, OUTSIDE_APP, officer_owner
from integrations.simulation.journal import Bubble
from tests.acceptance.town import until
from tests.acceptance.village import TEMPLATE, Village, buttons, kind, village
from tests.factories import HOME

pytestmark = pytest.mark.slow

LAN, MINH, HOA, TAM = (f"84120000000070{n:02}" for n in range(1, 5))
OFFICERS = ("8412000000007901", "8412000000007902")
PHONE = "84912000701"
CALLED = f"+{PHONE}"
DAY = timedelta(days=1)


@pytest.fixture
async def home(tmp_path: Path, model: Path) -> AsyncIterator[Village]:
    """Connected by OAuth."""
    async with village(tmp_path, model) as made:
        page = await made.connect()
        assert page.status_code == 200, page.text
        assert "xã Hoa Mai" in page.text
        yield made


def only(bubbles: list[Bubble]) -> Bubble:
    """The one bubble that came."""
    assert len(bubbles) == 1, [bubble.text for bubble in bubbles]
    return bubbles[0]


async def states(home: Village, who: str) -> list[str]:
    return [line.state for line in await home.lines(who) if line.author != "citizen"]


# --- connecting and talking ---------------------------------------------------------------


async def test_an_oa_is_connected_by_consent_and_talks(home: Village) -> None:
    state = await home.desk.oa(HOME)
    assert state.connected
    assert (state.problem, state.package) == ("", "Tăng trưởng")
    assert state.name == "UBND xã (mô phỏng)"

    # Somebody follows the OA and is welcomed with a menu.
    home.zalo.world.follow(LAN)
    await home.calm()
    welcome = only(home.answers(LAN))
    assert "trợ lý tự động" in welcome.text
    assert "xã Hoa Mai" in welcome.text
    assert 2 <= len(buttons(welcome)) <= 5

    # A question in their own words, an answer with buttons, a tap.
    fee = only(await home.says(LAN, "làm giấy khai sinh cho con hết bao nhiêu tiền"))
    assert "miễn" in fee.text.lower()
    papers = only(await home.taps(LAN, fee, buttons(fee)[0]["title"]))
    assert papers.text != fee.text
    tapped = home.zalo.world.journal.latest(LAN, 1, 1)[0]
    assert (tapped.text, tapped.wire[0]) == (buttons(fee)[0]["title"], "#")

    # A message that quotes one of ours is a question as any other.
    quoting = only(await home.says(LAN, "KT", quote=fee.message_id))
    assert "khai tử" in quoting.text.lower()
    assert await home.quoted(LAN) == [fee.message_id]

    # What cannot be read is answered kindly, each in its own way.
    said = []
    for media in ("sticker", "audio", "location"):
        before = home.seq(LAN)
        home.zalo.world.send_media(LAN, media)
        await home.calm()
        said.append(only(home.answers(LAN, before)).text)
    assert "cảm ơn" in said[0].lower()
    assert "chưa nghe được" in said[1]
    assert "thôn Đình" in said[2]
    assert set(await states(home, LAN)) == {"delivered"}

    # They look at the phone: all is seen.
    home.zalo.world.look(LAN, home.answers(LAN))
    await home.calm()
    assert set(await states(home, LAN)) == {"seen"}
    assert home.zalo.world.sends[LAN] == len(await states(home, LAN))
    assert await home.handed_over() == []


async def test_whoever_unfollows_is_left_alone_until_they_write_again(home: Village) -> None:
    await home.says(MINH, "KS")
    home.zalo.world.unfollow(MINH)
    await home.calm()
    before = home.seq(MINH)
    async with home.core.store.write() as session:
        where = await home.conversation(MINH)
        await outbox.queue(session, where, outbox.Draft("t:1", "officer", "Bác ơi"), home.now())
    home.core.wakeups.notify("outbox")
    await home.calm()
    assert home.answers(MINH, before) == []
    assert (await states(home, MINH))[-1] == "cancelled"
    assert only(await home.says(MINH, "KT")).text


# --- officers -----------------------------------------------------------------------------


async def test_an_officer_who_writes_in_oa_manager_has_the_conversation(home: Village) -> None:
    await home.says(LAN, "KS")
    home.zalo.world.officer_writes(LAN, "Chị mang theo giấy chứng sinh nhé")
    await home.calm()
    assert await home.says(LAN, "KT") == []
    lines = await home.lines(LAN)
    written = [line for line in lines if line.author == "officer"]
    assert [line.text for line in written] == ["Chị mang theo giấy chứng sinh nhé"]
    assert lines[-1].text == "KT"
    assert await home.owner(LAN) == officer_owner(OUTSIDE_APP)
    # The next day the bot is there again.
    await home.later(DAY)
    assert "khai tử" in (await home.says(LAN, "KT"))[-1].text.lower()
    assert await home.owner(LAN) == BOT


async def test_the_officers_group_is_told_and_answers_by_number(home: Village) -> None:
    world = home.zalo.world
    for officer in OFFICERS:
        world.follow(officer)
    group = home.zalo.groups.create("Cán bộ xã", OFFICERS)
    await home.desk.save(HOME, {"officer_group": group.group_id})
    await home.calm()

    asked = await home.says(HOA, "cho tôi gặp cán bộ, số tôi 0912000999")
    assert asked
    (waiting,) = await home.handed_over()
    await _until_told(home, group.address)
    post = only(world.journal.since(group.address, 0))
    assert post.text.startswith(f"#{waiting.id} - ")
    assert "0912000999" not in post.text

    before = home.seq(HOA)
    home.zalo.groups.write(group.group_id, OFFICERS[0], f"#{waiting.id} Mời bác ra xã sáng mai ạ")
    await home.calm()
    assert only(home.answers(HOA, before)).text == "Mời bác ra xã sáng mai ạ"
    told = world.journal.since(group.address, 0)[-1]
    assert told.text.startswith("Đã gửi cho bà con")
    assert await home.says(HOA, "vâng, cảm ơn") == []

    before = home.seq(HOA)
    home.zalo.groups.write(group.group_id, OFFICERS[1], f"#{waiting.id} xong")
    await home.calm()
    assert "trợ lý tự động" in only(home.answers(HOA, before)).text
    assert await home.handed_over() == []
    assert only(await home.says(HOA, "KS")).text


async def _until_told(home: Village, address: str) -> None:
    home.core.wakeups.notify("schedule")
    await until(lambda: bool(home.zalo.world.journal.since(address, 0)), 15)
    await home.calm()


async def test_an_officer_out_of_the_window_is_refused_and_has_to_call(home: Village) -> None:
    await home.says(TAM, "KS")
    await home.later(8 * DAY)
    async with home.core.store.write() as session:
        where = await home.conversation(TAM)
        draft = outbox.Draft("t:2", "officer", "Hồ sơ của bác đã xong")
        await outbox.queue(session, where, draft, home.now())
    home.core.wakeups.notify("outbox")
    await home.calm()
    line = (await home.lines(TAM))[-1]
    assert line.state == "failed"
    assert "-230" in (line.error or "")
    (waiting,) = await home.handed_over()
    assert waiting.conversation_id == where
    assert "7 ngày" in waiting.reason


# --- reminders ----------------------------------------------------------------------------


async def _agree(home: Village, who: str, number: str = PHONE) -> None:
    """Asks to be reminded in 14 days; the number comes by Zalo's own form."""
    await home.says(who, "KS")
    asked = await home.says(who, "#nhac.giay", shown="Nhắc")
    chosen = await home.taps(who, only(asked), "14 ngày nữa")
    form = [bubble for bubble in chosen if kind(bubble) == "form"]
    assert len(form) == 1
    before = home.seq(who)
    home.zalo.world.submit(who, "Nguyễn Thị Mẫu", number)
    await home.calm()
    consent = home.answers(who, before)[-1]
    assert number[-3:] in consent.text
    agreed = await home.taps(who, consent, "Đồng ý")
    assert "HUY" in only(agreed).text
    assert [one[0] for one in await home.reminders()] == ["scheduled"]


async def test_a_reminder_out_of_the_window_goes_as_a_template(home: Village) -> None:
    await _agree(home, LAN)
    before = home.seq(LAN)
    await home.later(14 * DAY)
    reminder = only(home.answers(LAN, before))
    assert kind(reminder) == "template"
    assert reminder.extra["payload"]["template_id"] == TEMPLATE  # type: ignore[index]
    assert "khai sinh" in reminder.text
    assert await home.reminders() == [("queued", "template")]
    assert home.texts(CALLED) == []
    assert (await states(home, LAN))[-1] == "delivered"
    # Zalo had ended the access token in these days; it was renewed once.
    assert await home.token_version() == 2
    assert (await home.desk.oa(HOME)).connected


async def test_a_reminder_whose_template_is_refused_goes_by_sms(home: Village) -> None:
    await _agree(home, MINH)
    before = home.seq(MINH)
    home.zalo.faults.refuse = {"-213": 1, "-118": 1}
    await home.later(14 * DAY)
    assert home.answers(MINH, before) == []
    assert await home.reminders() == [("queued", "template,template-phone,sms")]
    (text,) = home.texts(CALLED)
    assert text.isascii()
    assert "khai sinh" in text.lower()
    assert await home.handed_over() == []


async def test_a_reminder_within_the_window_is_an_ordinary_message(home: Village) -> None:
    await _agree(home, HOA)
    await home.later(13 * DAY)
    await home.says(HOA, "KT")  # the window opens again
    before = home.seq(HOA)
    await home.later(DAY)
    reminder = only(home.answers(HOA, before))
    assert kind(reminder) == "text"
    assert "khai sinh" in reminder.text
    assert await home.reminders() == [("queued", "chat")]
