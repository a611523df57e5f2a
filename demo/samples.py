"""Sentences and faults to try, shown on the demo page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Sample:
    """One sentence, on which phone it is tried, and what it shows."""

    phone: Literal["zalo", "sms"]
    text: str
    shows: str


SAMPLES = (
    Sample(
        "zalo", "vo e moi sinh be hom kia, di lam giay khai sinh can mang gi a", "Viết không dấu"
    ),
    Sample(
        "zalo",
        "Chị họ cháu sắp lấy chồng xa, cần giấy độc thân thì xin ở đâu ạ?",
        "Nói theo cách nói hằng ngày",
    ),
    Sample(
        "zalo", "Ba tôi mất trên bệnh viện tuần trước, giờ khai tử có muộn không?", "Hỏi về hạn"
    ),
    Sample("zalo", "Việc nhà tôi rắc rối lắm, cho tôi gặp cán bộ", "Chuyển cho cán bộ"),
    Sample("sms", "KS", "Từ khóa trên bảng thông báo"),
    Sample("sms", "HS", "Hồ sơ của tôi đến đâu"),
    Sample("sms", "DK thon Ben", "Nhận thông báo của thôn"),
    Sample("sms", "chung thuc ban sao bang cap 3 het bao nhieu tien", "Hỏi bằng điện thoại phím"),
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A switch of the simulated Zalo (integrations.simulation.faults), and what should be seen."""

    name: str
    title: str
    shows: str


FAULTS = (
    Fault(
        "duplicate_webhooks",
        "Zalo chuyển mỗi tin hai lần",
        "Bà con vẫn chỉ nhận một câu trả lời.",
    ),
    Fault(
        "reorder_webhooks",
        "Tin đến không đúng thứ tự",
        "Nhắn liền hai tin: tin sau tới trợ lý trước, tin nào cũng được trả lời.",
    ),
    Fault(
        "drop_answers",
        "Zalo nhận tin rồi mà không đáp",
        "Trợ lý hỏi lại Zalo, thấy tin đã đến thì không gửi lần hai.",
    ),
    Fault(
        "rate_limits",
        "Zalo kêu gửi nhanh quá",
        "Câu trả lời nằm chờ; tắt đi thì chừng một phút sau bà con nhận được.",
    ),
)
