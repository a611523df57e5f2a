"""States, times and addresses in words that an officer reads at a glance."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bot.clock import LOCAL
from bot.messages import Channel

CHANNEL_NAMES: dict[Channel, str] = {
    "zalo": "Zalo",
    "zalobot": "Zalo (bot)",
    "sms": "Tin nhắn SMS",
    "web": "Trang web",
}

DELIVERY = {
    "queued": "đang gửi",
    "sending": "đang gửi",
    "sent": "đã gửi",
    "delivered": "đã nhận",
    "seen": "đã xem",
    "unknown": "chưa rõ đã tới nơi chưa",
    "failed": "không gửi được",
    "cancelled": "đã thu hồi, không gửi nữa",
    "expired": "quá hạn, không gửi nữa",
}

MEDIA = {
    "image": "một hình ảnh",
    "picture": "một hình ảnh",
    "photo": "một hình ảnh",
    "gif": "một ảnh động",
    "sticker": "một nhãn dán",
    "voice": "một tin nhắn thoại",
    "audio": "một đoạn ghi âm",
    "video": "một đoạn phim",
    "file": "một tệp",
    "location": "một vị trí trên bản đồ",
    "contact": "một danh thiếp",
    "link": "một đường dẫn",
}


def span(length: timedelta) -> str:
    """A length of time, as coarse as a person would say it."""
    minutes = max(0, int(length.total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} phút"
    if minutes < 24 * 60:
        hours, rest = divmod(minutes, 60)
        return f"{hours} giờ {rest} phút" if rest else f"{hours} giờ"
    return f"{minutes // (24 * 60)} ngày"


def waiting(since: datetime, now: datetime) -> str:
    """How long somebody has been waiting: "chờ 12 phút"."""
    if now - since < timedelta(minutes=1):
        return "vừa mới hỏi"
    return f"chờ {span(now - since)}"


def ago(at: datetime, now: datetime) -> str:
    """How long ago something was: "12 phút trước"."""
    if now - at < timedelta(minutes=1):
        return "vừa xong"
    return f"{span(now - at)} trước"


def clock_time(at: datetime, now: datetime) -> str:
    """The time of a message: "14:05", "hôm qua 14:05", "3/7 14:05"."""
    local, today = at.astimezone(LOCAL), now.astimezone(LOCAL).date()
    hour = f"{local:%H:%M}"
    days = (today - local.date()).days
    if days == 0:
        return hour
    if days == 1:
        return f"hôm qua {hour}"
    day = f"{local.day}/{local.month}"
    return f"{day} {hour}" if local.year == today.year else f"{day}/{local.year} {hour}"


def moment(at: datetime) -> str:
    """An instant to plan by: "10:15 25/11"."""
    local = at.astimezone(LOCAL)
    return f"{local:%H:%M} {local.day}/{local.month}"


def deadline(at: datetime, now: datetime) -> str:
    """An instant that comes: "17:00 hôm nay", "17:00 ngày mai", "17:00 ngày 25/11"."""
    local, today = at.astimezone(LOCAL), now.astimezone(LOCAL).date()
    days = (local.date() - today).days
    day = {0: "hôm nay", 1: "ngày mai"}.get(days, f"ngày {local.day}/{local.month}")
    return f"{local:%H:%M} {day}"


def day(of: str | datetime | None) -> str:
    """A day as it is written here: "31/12/2026"; what is no ISO date stays as it is."""
    if isinstance(of, datetime):
        told: date = of.astimezone(LOCAL).date()
    else:
        try:
            told = date.fromisoformat(of or "")
        except ValueError:
            return of or ""
    return f"{told.day}/{told.month}/{told.year}"


def masked(channel: Channel, address: str) -> str:
    """Enough of an address to tell two citizens apart, never all of it."""
    if channel in ("zalo", "zalobot"):
        return f"Zalo …{_tail(address, 4)}"
    if channel == "web":
        return f"Phiên web …{_tail(address, 4)}"
    digits = "".join(c for c in address if c.isdigit())
    if digits.startswith("84"):
        digits = f"0{digits[2:]}"
    if len(digits) < 9:
        return f"số …{_tail(digits, 2)}"
    return f"{digits[:2]}xx {'x' * (len(digits) - 7)} {digits[-3:]}"


def _tail(text: str, length: int) -> str:
    return text[-length:] if len(text) >= 2 * length else ""


def phone(number: str) -> str:
    """An E.164 number as people here write it: +84912345678 -> 0912 345 678."""
    local = f"0{number[3:]}" if number.startswith("+84") else number
    if len(local) == 10 and local.isdigit():
        return f"{local[:4]} {local[4:7]} {local[7:]}"
    return local


def dong(amount: int) -> str:
    """A sum of money: "8.250 đ", never broken between two lines."""
    return f"{thousands(amount)}\N{NO-BREAK SPACE}đ"


def thousands(number: int) -> str:
    """A number as it is written here: "5.300"."""
    return f"{number:,}".replace(",", ".")


def shortened(text: str, limit: int = 110) -> str:
    """One line of at most ``limit`` characters, cut between words."""
    line = " ".join(text.split())
    if len(line) <= limit:
        return line
    cut = line[: limit - 1]
    return f"{cut.rsplit(' ', 1)[0] if ' ' in cut[limit // 2 :] else cut}…"


def delivery(state: str, error: str | None) -> str:
    """Where a message of ours is: "đã nhận", "không gửi được: số bị khoá"."""
    said = DELIVERY.get(state, state)
    return f"{said}: {shortened(error, 120)}" if state == "failed" and error else said


def media(kind: str | None) -> str:
    """What a citizen sent that is no text."""
    return f"gửi {MEDIA.get(kind or '', 'một nội dung không phải chữ')}"
