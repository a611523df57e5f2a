"""Whether a citizen on Zalo can still be written to, in words for the officer.

Zalo carries messages for 48 hours after the citizen's last one, against the package's
allowance until 7 days, and then no more. What holds now is told by ``Desk.standing``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.channels import Standing
from bot.store.conversations import ConversationView
from console import words
from console.desk import Desk

TOO_LATE = "Zalo không cho nhắn nữa (quá 7 ngày). Anh/chị gọi điện cho bà con."
LEFT = "Bà con đã bỏ theo dõi hoặc chặn nên Zalo không cho nhắn nữa. Anh/chị gọi điện cho bà con."
CUT_OFF = (
    "Zalo của xã đang không gửi được tin. Anh/chị xem trang “Kết nối Zalo”, "
    "hoặc gọi điện cho bà con."
)
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Reachable:
    """What the page says of it; nothing for a channel without such a limit."""

    text: str = ""
    closed: bool = False


def reachable(desk: Desk, view: ConversationView) -> Reachable:
    """How a conversation stands now."""
    if view.channel != "zalo":
        return Reachable()
    standing, until = desk.standing(view)
    if standing is Standing.CLOSED:
        return Reachable(_why_closed(view, desk.clock.now()), closed=True)
    return Reachable(_open(standing, until))


def _open(standing: Standing, until: datetime | None) -> str:
    last = f"Còn nhắn được đến {words.moment(until)}" if until else ""
    if standing is Standing.FREE:
        return last
    paid = "Ngoài 48 giờ: tin tính phí gói OA"
    return f"{paid}. {last}" if last else paid


def _why_closed(view: ConversationView, now: datetime) -> str:
    if view.stopped_at is not None:
        return LEFT
    fresh = view.last_inbound_at is not None and now - view.last_inbound_at <= _WEEK
    return CUT_OFF if fresh else TOO_LATE
