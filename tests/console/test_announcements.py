"""Announcements on the desk: written, shown with their price, approved by another, stopped."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.store import announcement_views, conversations, subscriptions
from bot.store.announcement_views import AnnouncementView
from bot.store.models import Consent, Conversation, Officer, OutboxRow
from tests.console.conftest import HOME, NEIGHBOUR, Browser, World
from tests.factories import House
from tests.notices import Hall

NEW = "/console/announcements/new"
WORDS = {
    "title": "Họp thôn Bến",
    "text": "Mời bà con họp lúc 19 giờ tối nay.\nMỗi nhà một người.",
    "sms_text": "Mời bà con họp 19h tối nay, mỗi nhà một người",
    "whom": "all",
    "when": "now",
    "expires": "2026-07-06T18:30",
}
"""The clock stands at 9:00 of that day."""
OpenBrowser = Callable[[str], Awaitable[Browser]]


@dataclass
class Office:
    """The desk with its people."""

    world: World
    hall: Hall

    async def joins(self, count: int = 3, village: str | None = "ben") -> list[int]:
        return await self.hall.people(count, village=village)

    async def view(self, made: int) -> AnnouncementView:
        async with self.world.store.read() as session:
            found = await announcement_views.get(session, HOME, made)
        assert found is not None
        return found


@pytest.fixture
def office(world: World) -> Office:
    return Office(world, Hall(House(world.store, clock=world.clock)))


async def _write(browser: Browser, **more: str) -> int:
    """Fill in the editor; the announcement's id."""
    await browser.get(NEW)
    answer = await browser.post(NEW, **{**WORDS, **more})
    assert answer.status == 200, await answer.text()
    found = re.search(r"/announcements/(\d+)", str(answer.url))
    assert found is not None
    return int(found[1])


async def _submitted(browser: Browser, **more: str) -> int:
    made = await _write(browser, **more)
    answer = await browser.post(f"/console/announcements/{made}/submit")
    assert "Một cán bộ khác của xã xem và duyệt" in await answer.text()
    return made


async def _approve(browser: Browser, made: int, **more: str) -> Any:
    """With what the page itself holds."""
    html = await (await browser.get(f"/console/announcements/{made}")).text()
    hidden = dict(re.findall(r'name="(seen|most|price)" value="([^"]*)"', html))
    return await browser.post(
        f"/console/announcements/{made}/approve", **{"confirm": "1", **hidden, **more}
    )


# --- the editor -----------------------------------------------------------------------------


async def test_an_empty_desk_says_what_to_do(lan: Browser) -> None:
    html = await (await lan.get("/console/announcements")).text()
    assert "Xã chưa gửi thông báo nào." in html
    assert 'href="/console/zalo#announce"' in html
    assert 'aria-current="page">Thông báo</a>' in html


async def test_written_saved_and_shown_as_it_goes_out(office: Office, lan: Browser) -> None:
    await office.joins(3)
    made = await _write(lan, title="Họp <thôn> Bến")
    html = await (await lan.get(f"/console/announcements/{made}")).text()
    assert "UBND xã Hoa Mai thông báo: Họp &lt;thôn&gt; Bến" in html
    assert "UBND xa Hoa Mai:" in html
    assert "3 người × 1 tin = 3 tin" in html
    assert "3 tin × 350\u00a0đ = 1.050\u00a0đ" in html
    assert "18:30 thứ Hai 6/7/2026" in html
    view = await office.view(made)
    assert (view.state, view.author) == ("draft", "Nguyễn Thị Lan")
    assert view.draft.text == WORDS["text"]
    assert view.draft.audience.villages is None


async def test_for_some_villages(office: Office, lan: Browser) -> None:
    await office.joins(2, "ben")
    await office.joins(1, None)
    html = await (await lan.get(NEW)).text()
    assert re.search(r"Thôn Bến <span[^>]*>\(2\)", html)
    assert re.search(r"Chưa rõ thôn <span[^>]*>\(1\)", html)
    made = await _write(lan, whom="villages", v_ben="1", v_dinh="1")
    view = await office.view(made)
    assert view.draft.audience.villages == ("ben", "dinh")
    html = await (await lan.get(f"/console/announcements/{made}")).text()
    assert "Thôn Bến, Thôn Đình" in html
    assert "2 người" in html


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"expires": ""}, "chọn đủ ngày và giờ hết hạn"),
        ({"when": "later", "start": "mai"}, "chọn đủ ngày và giờ bắt đầu"),
    ],
)
async def test_times_that_cannot_be_read_are_asked_again(
    lan: Browser, more: dict[str, str], says: str
) -> None:
    await lan.get(NEW)
    answer = await lan.post(NEW, **{**WORDS, **more})
    html = await answer.text()
    assert answer.status == 422
    assert says in html
    assert "Mỗi nhà một người." in html, "what was typed is not lost"


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"title": ""}, "đặt tiêu đề"),
        ({"text": ""}, "chưa viết nội dung"),
        ({"sms_text": ""}, "viết nội dung tin SMS"),
        ({"sms_text": "Dài lắm. " * 80}, "nhiều nhất 3"),
        ({"text": "Họp lúc {giờ}."}, "Còn chỗ chưa điền: {giờ}"),
        ({"whom": "villages"}, "chọn ít nhất một thôn"),
        ({"whom": "villages", "v_xx": "1"}, "không còn trong danh sách"),
        ({"expires": "2026-07-06T08:00"}, "sau bây giờ"),
        ({"expires": "2026-09-06T08:00"}, "xa quá 30 ngày"),
    ],
)
async def test_a_draft_may_be_unfinished_but_not_submitted(
    office: Office, lan: Browser, more: dict[str, str], says: str
) -> None:
    await office.joins()
    made = await _write(lan, **more)
    html = await (await lan.get(f"/console/announcements/{made}")).text()
    assert says in html
    assert 'data-testid="submit"' not in html
    answer = await lan.post(f"/console/announcements/{made}/submit")
    assert answer.status == 422
    assert (await office.view(made)).state == "draft"


async def test_not_to_nobody(office: Office, lan: Browser) -> None:
    made = await _write(lan)
    answer = await lan.post(f"/console/announcements/{made}/submit")
    assert "Chưa có ai trong danh sách nhận này." in await answer.text()


async def test_a_ready_made_text_is_filled_in(lan: Browser) -> None:
    html = await (await lan.get(f"{NEW}?ready=bao")).text()
    assert 'placeholder="bão số 5"' in html
    assert 'value="0200 000 0000"' in html, "the commune's own number is there already"
    html = await (await lan.get(f"{NEW}?ready=bao&ten=bão số 7&luc=20h")).text()
    assert "điền đủ các ô" in html
    assert 'value="bão số 7"' in html
    filled = "ten=bão số 7&luc=20h&noi=nhà văn hoá&so=0200 1"
    html = await (await lan.get(f"{NEW}?ready=bao&{filled}")).text()
    assert "Bão số 7 sẽ ảnh hưởng đến xã từ 20h." in html
    assert re.search(r'name="urgent" value="1" checked', html)
    assert 'value="2026-07-06T21:00"' in html, "12 hours from now"
    html = await (await lan.get(f"{NEW}?ready=bao&skip=1")).text()
    assert "{Bão, lũ nào} sẽ ảnh hưởng" in html
    assert (await lan.get(f"{NEW}?ready=no")).status == 404


async def test_the_script_gets_words_people_and_price(office: Office, lan: Browser) -> None:
    await office.joins(2, "ben")
    await lan.get(NEW)
    answer = await lan.post(
        "/console/announcements/preview", **{**WORDS, "whom": "villages", "v_ben": "1"}
    )
    said = await answer.json()
    assert said["whole"].startswith("UBND xã Hoa Mai: Mời bà con họp 19h")
    assert said["whole"].endswith("(Tin tự động. Từ chối: nhắn TC)")
    assert said["proposed"] == f"{WORDS['title']}: " + " ".join(WORDS["text"].split())
    assert "2 người × 1 tin" in said["html"]
    unclear = {**WORDS, "sms_text": "Lệ phí mỗi nhà tám nghìn đồng.", "whom": "all"}
    said = await (await lan.post("/console/announcements/preview", **unclear)).json()
    assert "“tám” dễ đọc thành “tạm”" in said["html"]
    half = await lan.post("/console/announcements/preview", text="x", expires="?")
    assert half.status == 200, "also of what is half typed"


async def test_a_copy_has_the_words_but_not_the_times(office: Office, lan: Browser) -> None:
    made = await _write(lan, urgent="1")
    office.world.clock.advance(timedelta(hours=8))
    html = await (await lan.get(f"{NEW}?copy={made}")).text()
    assert "Mỗi nhà một người." in html
    assert 'value="2026-07-07T17:00"' in html
    assert (await lan.get(f"{NEW}?copy=999")).status == 404


# --- two people -----------------------------------------------------------------------------


async def test_one_writes_another_lets_it_go(
    office: Office, lan: Browser, open_browser: OpenBrowser
) -> None:
    people = await office.joins(3)
    made = await _submitted(lan)
    html = await (await lan.get(f"/console/announcements/{made}")).text()
    assert "Người soạn không tự duyệt được" in html
    assert 'data-testid="approve"' not in html
    minh = await open_browser("minh")
    html = await (await minh.get(f"/console/announcements/{made}")).text()
    assert re.search(
        r"gửi tới <strong[^>]*>3</strong> người, nhiều nhất <strong[^>]*>1.050\u00a0đ", html
    )
    answer = await _approve(minh, made)
    assert "Thông báo bắt đầu được gửi đi" in await answer.text()
    view = await office.view(made)
    assert (view.state, view.approver) == ("approved", "Trần Văn Minh")
    assert await office.hall.look() == 3
    async with office.world.store.read() as session:
        rows = list(await session.scalars(select(OutboxRow)))
    assert [row.conversation_id for row in rows] == people
    html = await (await lan.get("/console/announcements")).text()
    assert "0/3 người đã có tin" in html
    assert "Đang gửi" in html


async def test_the_author_cannot_approve_with_a_forged_form(office: Office, lan: Browser) -> None:
    await office.joins()
    made = await _submitted(lan)
    seen = (await office.view(made)).draft.digest
    answer = await lan.post(
        f"/console/announcements/{made}/approve",
        **{"confirm": "1", "seen": seen, "most": "99", "price": "99999"},
    )
    assert answer.status == 409
    assert "không tự duyệt được" in await answer.text()
    assert (await office.view(made)).state == "submitted"


async def test_what_is_approved_is_what_was_shown(
    office: Office, lan: Browser, open_browser: OpenBrowser
) -> None:
    await office.joins(2)
    made = await _submitted(lan)
    minh = await open_browser("minh")
    unconfirmed = await _approve(minh, made, confirm="")
    assert "đánh dấu vào ô xác nhận" in await unconfirmed.text()
    changed = await _approve(minh, made, seen="another")
    assert "vừa được người khác sửa" in await changed.text()
    # Meanwhile more people agreed: more people, more money than the officer read.
    html = await (await minh.get(f"/console/announcements/{made}")).text()
    hidden = dict(re.findall(r'name="(seen|most|price)" value="([^"]*)"', html))
    await office.joins(1)
    more = await minh.post(f"/console/announcements/{made}/approve", confirm="1", **hidden)
    assert "số người nhận hoặc số tiền vừa tăng" in (await more.text()).lower()
    for odd in ("", "-1", "9" * 40, "ba"):
        assert (await _approve(minh, made, most=odd)).status == 409
    assert (await office.view(made)).state == "submitted"
    assert (await _approve(minh, made)).status == 200
    assert (await office.view(made)).state == "approved"


async def test_sent_back_with_a_reason(
    office: Office, lan: Browser, open_browser: OpenBrowser
) -> None:
    await office.joins()
    made = await _submitted(lan)
    minh = await open_browser("minh")
    await minh.get(f"/console/announcements/{made}")
    empty = await minh.post(f"/console/announcements/{made}/reject", note="  ")
    assert "ghi lý do" in await empty.text()
    await minh.post(f"/console/announcements/{made}/reject", note="Sai <giờ>")
    html = await (await lan.get(f"/console/announcements/{made}")).text()
    assert "Bị trả lại" in html
    assert "Sai &lt;giờ&gt;" in html
    # Mended and submitted once more.
    seen = (await office.view(made)).draft.digest
    await lan.get(f"/console/announcements/{made}/edit")
    await lan.post(
        f"/console/announcements/{made}/edit", **{**WORDS, "text": "Họp 20 giờ.", "seen": seen}
    )
    stale = await lan.post(f"/console/announcements/{made}/edit", **{**WORDS, "seen": seen})
    assert stale.status == 409
    assert "vừa được người khác sửa" in await stale.text()
    assert (await office.view(made)).draft.text == "Họp 20 giờ."


async def test_with_one_officer_it_is_said_plainly(office: Office, lan: Browser) -> None:
    async with office.world.store.write() as session:
        await session.execute(
            update(Officer)
            .where(Officer.username == "minh")
            .values(disabled_at=office.world.clock.now())
        )
    await office.joins()
    assert "hotro officer add" in await (await lan.get("/console/announcements")).text()
    made = await _submitted(lan)
    html = await (await lan.get(f"/console/announcements/{made}")).text()
    assert "Xã mới có một tài khoản cán bộ." in html


async def test_paused_gone_on_with_and_cancelled(
    office: Office, lan: Browser, open_browser: OpenBrowser
) -> None:
    await office.joins(4)
    made = await _submitted(lan)
    minh = await open_browser("minh")
    await _approve(minh, made)
    await office.hall.look()
    html = await (await lan.post(f"/console/announcements/{made}/pause")).text()
    assert "Tạm dừng" in html
    assert '(<span class="nums">4</span> người đang chờ)' in html
    assert await office.hall.look() == 0
    for act in ("resume", "cancel"):
        answer = await lan.post(f"/console/announcements/{made}/{act}")
        assert "đánh dấu vào ô xác nhận" in await answer.text()
    await lan.post(f"/console/announcements/{made}/resume", confirm="1")
    assert await office.hall.look() == 4
    html = await (await lan.post(f"/console/announcements/{made}/cancel", confirm="1")).text()
    assert "Đã huỷ" in html
    again = await lan.post(f"/console/announcements/{made}/pause")
    assert again.status == 409
    assert "Thông báo này đã huỷ." in await again.text()


# --- the report -----------------------------------------------------------------------------


async def test_the_report_and_its_table_name_nobody(
    office: Office, lan: Browser, open_browser: OpenBrowser
) -> None:
    await office.joins(2, "ben")
    made = await _submitted(lan, urgent="1")
    await _approve(await open_browser("minh"), made)
    await office.hall.look()
    async with office.world.store.write() as session:
        rows = list(await session.scalars(select(OutboxRow).order_by(OutboxRow.id)))
        rows[0].state, rows[0].sent_at = "delivered", office.world.clock.now()
        rows[1].state, rows[1].error = "failed", "số <bị> khoá"
        phones = await session.scalars(select(Conversation.address_enc))
        numbers = [session.info["vault"].decrypt(one) for one in phones]
    html = await (await lan.get(f"/console/announcements/{made}/report")).text()
    assert "Khẩn cấp, gửi cả ban đêm" in html
    assert re.search(r"<dt>Đã nhận</dt><dd class=\"nums\">1</dd>", html)
    assert "số &lt;bị&gt; khoá" in html
    assert "<strong>Trần Văn Minh</strong> duyệt" in html
    answer = await lan.get(f"/console/announcements/{made}/report.csv")
    assert answer.headers["Content-Disposition"].endswith(f'"thong-bao-{made}.csv"')
    table = (await answer.read()).decode("utf-8-sig")
    assert table.splitlines()[1:] == [
        "1;Thôn Bến;SMS;đã nhận;06/07/2026 09:00;0;0",
        "2;Thôn Bến;SMS;không gửi được;;0;0",
    ]
    for number in numbers:
        assert number[-9:] not in table + html


# --- whose ----------------------------------------------------------------------------------


async def test_a_neighbours_announcements_are_not_ours(
    office: Office, lan: Browser, open_browser: OpenBrowser
) -> None:
    await office.joins()
    made = await _submitted(lan)
    hai = await open_browser("hai")
    for path in ("", "/edit", "/report", "/report.csv"):
        assert (await hai.get(f"/console/announcements/{made}{path}")).status in (404, 409)
    for act in ("edit", "submit", "approve", "reject", "pause", "resume", "cancel"):
        answer = await hai.post(f"/console/announcements/{made}/{act}", confirm="1", note="x")
        assert answer.status in (404, 409)
    assert (await office.view(made)).state == "submitted"


async def test_a_commune_without_content_is_told_so(open_browser: OpenBrowser) -> None:
    hai = await open_browser("hai")
    answer = await hai.get("/console/announcements")
    assert answer.status == 409
    assert "Hệ thống chưa có xã này." in await answer.text()


@pytest.mark.parametrize("odd", ["abc", "-1", "9" * 30])
async def test_odd_numbers_are_not_found(lan: Browser, odd: str) -> None:
    assert (await lan.get(f"/console/announcements/{odd}")).status == 404


# --- who gets them --------------------------------------------------------------------------

LIST = (
    "số điện thoại;thôn;ngày đồng ý\n0912 345 678;thôn Bến;5/6/2026\n0912345679;xóm lạ;5/6/2026\n"
)


async def test_counts_per_village(office: Office, lan: Browser) -> None:
    await office.joins(2, "ben")
    await office.joins(1, None)
    html = await (await lan.get("/console/subscribers")).text()
    assert '<td>Thôn Bến</td><td class="nums">2</td>' in html
    assert '<td>Chưa rõ thôn</td><td class="nums">1</td>' in html


async def test_a_paper_list_is_looked_through_before_anything_is_written(
    office: Office, lan: Browser
) -> None:
    await lan.get("/console/subscribers")
    html = await (await lan.post("/console/subscribers/import", list=LIST)).text()
    assert '<strong class="nums">1</strong> người mới' in html
    assert "Dòng 3:" in html
    assert "không rõ “xóm lạ” là thôn nào" in html
    assert await office.hall.house.outbox_rows() == []
    async with office.world.store.read() as session:
        assert await session.scalar(select(Consent.id)) is None
    # Not without saying that the faulty lines are left out.
    await lan.post("/console/subscribers/import/apply", list=LIST, confirm="1")
    async with office.world.store.read() as session:
        assert await session.scalar(select(Consent.id)) is None
    done = await lan.post("/console/subscribers/import/apply", list=LIST, confirm="1", without="1")
    assert "thêm 1 người mới" in await done.text()
    again = await lan.post("/console/subscribers/import/apply", list=LIST, confirm="1", without="1")
    assert "thêm 0 người mới" in await again.text()
    async with office.world.store.read() as session:
        (consent,) = await session.scalars(select(Consent))
        there = await conversations.find(session, HOME, "sms", "+84912345678")
        assert there is not None
        found = await subscriptions.of(session, there)
    assert found is not None
    assert found.village == "ben"
    assert (consent.source, consent.purpose) == ("import", subscriptions.PURPOSE)
    assert consent.given_at.isoformat() == "2026-06-04T17:00:00+00:00", "that day in Vietnam"
    assert consent.officer_id is not None


async def test_a_file_is_read_and_what_is_no_list_is_said(lan: Browser) -> None:
    from aiohttp import FormData

    await lan.get("/console/subscribers")

    async def upload(raw: bytes) -> str:
        form = FormData()
        form.add_field("csrf", lan.csrf)
        form.add_field("file", raw, filename="ds.csv", content_type="text/csv")
        return await (await lan.client.post("/console/subscribers/import", data=form)).text()

    assert "0912345679;xóm lạ;5/6/2026" in await upload(LIST.encode("utf-16"))
    assert "Đây là tệp Excel" in await upload(b"PK\x03\x04....")
    assert "Tệp thiếu cột “số điện thoại”" in await upload("tên;thôn;ngày\nA;b;c".encode())


async def test_the_example_can_be_taken_up(lan: Browser) -> None:
    await lan.get("/console/subscribers")
    raw = await (await lan.get("/console/subscribers/template.csv")).read()
    html = await (
        await lan.post("/console/subscribers/import", list=raw.decode("utf-8-sig"))
    ).text()
    # Its date is in the future of this test's clock, and said to be.
    assert "ngày đồng ý 05/11/2026 chưa tới" in html


async def test_somebody_asks_to_be_told_no_more(office: Office, lan: Browser) -> None:
    (one, two) = await office.joins(2)
    async with office.world.store.read() as session:
        view = await conversations.get(session, one)
    assert view is not None
    await lan.get("/console/subscribers")
    local = f"0{view.address[3:]}"
    done = await lan.post("/console/subscribers/end", phone=local)
    assert "Đã thôi gửi thông báo cho số đó" in await done.text()
    again = await lan.post("/console/subscribers/end", phone=local)
    assert "không có trong danh sách" in await again.text()
    wrong = await lan.post("/console/subscribers/end", phone="123")
    assert wrong.status == 422
    async with office.world.store.read() as session:
        assert await subscriptions.of(session, one) is None
        assert await subscriptions.of(session, two) is not None
    assert NEIGHBOUR != HOME
