"""What happened on a date: the word beside it ("sinh", "mất", "cưới", "hẹn")."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.understanding.entities.kinds import Event
from bot.understanding.entities.mention import Mention, Prefer
from bot.understanding.entities.wording import Lowered, after, before, one_of, pattern

PREFER: dict[Event, Prefer] = {
    "born": "past", "died": "past", "married": "near", "divorced": "past", "filed": "past",
    "issued": "past", "appointment": "near", "expires": "near", "unknown": "near",
}  # fmt: skip
"""Of which year a date without one is."""
_REACH = 45
"""Characters between such a word and its date."""
_WORDS_BEFORE, _WORDS_AFTER = 6, 4

_SPOKEN: dict[Event, str] = {
    "born": "sinh, sanh, đẻ, chào đời, ra đời, lọt lòng, sn",
    "died": "mất, chết, qua đời, từ trần, tạ thế, tử vong, hy sinh, hi sinh, quy tiên, khuất núi",
    "married": "kết hôn, cưới, lấy chồng, lấy vợ, lấy nhau, thành hôn, đkkh, dkkh",
    "divorced": "ly hôn, li hôn, ly dị, li dị",
    "expires": "hết hạn, hết hiệu lực, hết thời hạn, giá trị đến, hạn dùng, đến hạn, hạn đến, hạn "
    "tới, hạn là",
    "appointment": "hẹn",
    "filed": "nộp, gửi hồ sơ",
    "issued": "cấp",
}
_EVENT = pattern(
    "|".join(f"(?P<{event}>{one_of(words)})" for event, words in _SPOKEN.items())
).pattern
_EVENTS = re.compile(_EVENT.replace(r"(?!\w)", r"(?![^\W\d_])"))
"""Whole words; a date may follow without a blank ("sinh5/8")."""

_NO_BIRTH_BEFORE = before(
    one_of(
        "khai, chứng, giấy, học, thí, vệ, phát, hộ, tái, môn, dưỡng, dự, sắp, chuẩn bị, chưa, chờ, "
        "khu, hy, hi, bảo"
    )
)
_NO_BIRTH_AFTER = after(r"(?:sống|viên|hoạt|lý|kế|quán|nhật|trắc|lời|thái|sôi|mổ xong|đôi)")
_LOST_BEFORE = before("làm|bị|đánh|báo|lỡ|thất|tốn|quên|rơi|cớ|đơn|không|sẽ|cần|phải|thường")
_THING = one_of(
    "giấy, sổ, thẻ, cccd, cmnd, cmt, căn cước, hồ sơ, bản, bằng, hộ khẩu, tờ, gks, điện thoại, ví, "
    "sim, bìa, chứng, khai sinh, khai tử"
)
_THING_AFTER = after(
    rf"(?:{_THING}|tiền|phí|bao|mấy|công|thời gian|thì giờ|nhiều|khoảng|hết|khai|toi|toàn bộ"
    r"|mật khẩu|quyền|liên lạc|tích|tin|sức|trí|trắng|năng lực|khả năng|mùa)"
)
_THING_BEFORE = before(rf"{_THING}(?: (?!cho )[^\W_]+){{0,7}}")
_KIN_BEFORE = before(
    r"(?:bố|ba|cha|tía|mẹ|má|mệ|ông|bà|cụ|vợ|chồng|anh|chị|em|cô|dì|chú|bác|cậu|mợ|con|cháu|cố)"
    r"(?: (?:tôi|tui|em|mình|cháu|con|nội|ngoại|trai|gái|ấy|nhà|mới|vừa|cũng|đã|bị bệnh)){0,3}"
)
_SOMEBODYS = before(r"của(?: [^\W\d_]+){1,3}")
_NO_WEDDING_BEFORE = before("giấy|giấy đăng ký|trích lục|tờ|chứng nhận|tuổi|hồ sơ|gks|sổ|gcn")
_NO_ISSUE_AFTER = after(r"(?:xã|huyện|tỉnh|cứu|phường|trên|dưới|bách|độ|dưỡng|gạo|tiền)")
_PLAIN_BIRTH_AFTER = after(
    r"con|bé|cháu|em|hôm|ngày|tại|ở|được|tháng|năm|hqua|tuần|đêm|sáng|trưa|chiều|đầu|giữa|cuối|hồi|vào|lúc|thứ|chủ|[\d/]+"
    r"|$|[.,!?]"
)
"""Without diacritics "đẻ" is also "để", "đề" and "dễ": it needs such a word after it."""
_OTHER_DEED = pattern(
    one_of(
        "làm, lên, ra, về, ký, nhận, gửi, xin, khai, đăng ký, đăng kí, xong, @đổi, sửa, mua, @bán, "
        "chuyển, đi làm, @hỏi, giờ, bây giờ, nay, @mà, @còn"
    )
)
"""Between an event and a date: the date belongs to this."""
_SENTENCE_ENDS = re.compile(r"[;!?\n]|\.(?!\d)")
_CLAUSE_ENDS = re.compile(r"[,;:!?\n]|\.(?!\d)")


@dataclass(frozen=True, slots=True)
class _Event:
    start: int
    end: int
    event: Event


def events_of(low: Lowered, dates: Sequence[Mention]) -> list[Event]:
    """The event of each of ``dates`` (in order); each event is told of one date only."""
    left = list(_events(low.text))
    found: list[Event] = []
    for n, mention in enumerate(dates):
        since = dates[n - 1].end if n else 0
        until = dates[n + 1].start if n + 1 < len(dates) else None
        event = _before(low.text, left, since, mention) or _after(low.text, left, until, mention)
        if event is not None:
            left.remove(event)
        found.append(event.event if event else "unknown")
    return found


def _events(text: str) -> list[_Event]:
    found = []
    for match in _EVENTS.finditer(text):
        event: Event = match.lastgroup  # type: ignore[assignment]
        if _means_it(text, match, event):
            found.append(_Event(match.start(), match.end(), event))
    return found


def _means_it(text: str, match: re.Match[str], event: Event) -> bool:
    """Whether the word is not part of another ("khai sinh") nor about a thing ("mất giấy")."""
    before_it = max(0, match.start() - _REACH)
    if event == "born":
        unsure = match.group() == "de" and not _PLAIN_BIRTH_AFTER.match(text, match.end())
        other = _NO_BIRTH_BEFORE.search(text, before_it, match.start())
        return not (unsure or other or _NO_BIRTH_AFTER.match(text, match.end()))
    if event == "died" and match.group() in {"mất", "mat"}:
        lost = _LOST_BEFORE.search(text, before_it, match.start())
        return not (lost or _THING_AFTER.match(text, match.end()) or _is_thing(text, match))
    if event == "married":
        return not _NO_WEDDING_BEFORE.search(text, before_it, match.start())
    if event == "issued":
        return not _NO_ISSUE_AFTER.match(text, match.end())
    return True


def _is_thing(text: str, lost: re.Match[str]) -> bool:
    """Whether a thing was lost: "giấy khai sinh của em mất", not "làm giấy cho ông mất"."""
    since, at = max(0, lost.start() - _REACH), lost.start()
    if not _THING_BEFORE.search(text, since, at):
        return False
    somebody = _KIN_BEFORE.search(text, since, at) and not _SOMEBODYS.search(text, since, at)
    return not somebody


def _before(text: str, events: list[_Event], since: int, mention: Mention) -> _Event | None:
    """The last event before the date, if nothing else comes between."""
    for event in reversed(events):
        if event.end > mention.start:
            # "sinh 1998": the word may be where the date begins.
            continue
        between = text[event.end : mention.start]
        if event.end <= since or len(between) > _REACH or _SENTENCE_ENDS.search(between):
            return None
        few = len(between.split()) <= _WORDS_BEFORE
        return event if few and not _OTHER_DEED.search(between) else None
    return None


def _after(text: str, events: list[_Event], until: int | None, mention: Mention) -> _Event | None:
    """The first event after the date, in the same clause."""
    for event in events:
        if event.start < mention.end:
            continue
        between = text[mention.end : event.start]
        if _CLAUSE_ENDS.search(between) or _OTHER_DEED.search(between):
            return None
        # An event right before the next date is told of that one.
        theirs = until is not None and until - event.end <= 1
        return None if theirs or len(between.split()) > _WORDS_AFTER else event
    return None
