"""A demo that runs nowhere: a movable clock, and the two phone APIs with a small bot."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from bot.clock import LOCAL, FixedClock
from demo.control import Addresses, ModelState, Persona

START = datetime(2025, 11, 22, 2, 15, tzinfo=UTC)


class FakeControl:
    """A DemoControl without a demo."""

    def __init__(self) -> None:
        self.clock = FixedClock(START)
        self.model: ModelState = {"state": "ready", "detail": ""}

    def now(self) -> datetime:
        return self.clock.now()

    async def advance(self, by: timedelta) -> None:
        self.clock.advance(by)

    async def reset_clock(self) -> None:
        self.clock.set(START)

    def model_state(self) -> ModelState:
        return self.model

    def officer_login(self) -> tuple[str, str]:
        return "hanh.tuphap", "thu-<nghiem>-2025"

    def addresses(self) -> Addresses:
        return {
            "commune": "Xã Song Phượng",
            "console": "/console",
            "chat": "/chat/song-phuong",
            "boards": [
                {"place": "Nhà văn hóa thôn 3", "title": "Đăng ký khai sinh", "url": "/q/BT7K"},
                {"place": "Trạm y tế xã", "title": "Đăng ký khai tử", "url": "/q/KT2M"},
                {"place": "Cổng chợ", "title": "Chứng thực bản sao", "url": "/q/CT9P"},
            ],
        }

    def zalo_users(self) -> list[Persona]:
        return [
            Persona("8801", "Chị Lan", "Mới sinh bé, ở thôn 3"),
            Persona("8802", "Anh Tuấn", "Đi làm xa, hay nhắn không dấu"),
            Persona("8803", "Bà Sửu", "Nhờ cháu cài Zalo"),
        ]

    def handsets(self) -> list[Persona]:
        return [
            Persona("+84912000111", "Ông Bảy", "Điện thoại phím, thôn Đồi"),
            Persona("+84912000222", "Cô Mùi", "Tổ công nghệ số"),
        ]


Message = dict[str, Any]


class FakePhones:
    """The simulators' phone APIs, as the demo page uses them."""

    def __init__(self, control: FakeControl) -> None:
        self._control = control
        self.threads: dict[str, list[Message]] = {}
        self.followed: set[str] = set()

    def routes(self) -> list[web.RouteDef]:
        """Both APIs under /sim."""
        return [
            web.get("/sim/zalo/phone/{id}/messages", self._messages),
            web.post("/sim/zalo/phone/{id}/send", self._zalo_send),
            web.post("/sim/zalo/phone/{id}/follow", self._follow),
            web.get("/sim/sms/handset/{id}/messages", self._messages),
            web.post("/sim/sms/handset/{id}/send", self._sms_send),
        ]

    def add(self, who: str, author: str, text: str, **extra: Any) -> Message:
        """Put one message on a phone."""
        thread = self.threads.setdefault(who, [])
        at = self._control.now().astimezone(LOCAL).isoformat()
        message = {"seq": len(thread) + 1, "from": author, "text": text, "at": at, **extra}
        thread.append(message)
        return message

    async def _messages(self, request: web.Request) -> web.Response:
        after = int(request.query.get("after", "0"))
        end = asyncio.get_running_loop().time() + float(request.query.get("wait", "0"))
        thread = self.threads.setdefault(request.match_info["id"], [])
        while len(thread) <= after and asyncio.get_running_loop().time() < end:
            await asyncio.sleep(0.1)
        body: Message = {"messages": thread[after:], "next": max(after, len(thread))}
        if "zalo" in request.path:
            body["statuses"] = {str(m["seq"]): m["status"] for m in thread[-20:]}
        return web.json_response(body)

    async def _zalo_send(self, request: web.Request) -> web.Response:
        who, data = request.match_info["id"], await request.json()
        shown = data.get("title") or data.get("text") or f"[{data.get('media')}]"
        sent = self.add(who, "user", shown, status="sent", buttons=[])
        self._later(0.4, lambda: sent.update(status="received"))
        self._later(0.9, lambda: self._zalo_answer(who))
        self._later(0.9, lambda: sent.update(status="seen"))
        return web.json_response(sent)

    async def _follow(self, request: web.Request) -> web.Response:
        who = request.match_info["id"]
        self.followed.add(who)
        self._later(0.5, lambda: self._zalo_answer(who))
        return web.json_response({"ok": True})

    async def _sms_send(self, request: web.Request) -> web.Response:
        who, data = request.match_info["id"], await request.json()
        sent = self.add(who, "user", data["text"], parts=1, encoding="GSM-7")
        answer = (
            "XA SONG PHUONG: Khai sinh can 1) giay chung sinh 2) can cuoc cha me 3) giay ket hon "
            "neu co. Mien phi trong 60 ngay. Tra loi: 1 Nhac ngay hen 2 Chua ket hon 3 Gap can bo"
        )
        self._later(0.9, lambda: self.add(who, "office", answer, parts=2, encoding="GSM-7"))
        return web.json_response(sent)

    def _zalo_answer(self, who: str) -> None:
        buttons = [
            {"title": "Cha mẹ chưa đăng ký kết hôn", "kind": "payload", "value": "#ks.chua"},
            {"title": "Nhắc tôi trước hạn 60 ngày", "kind": "payload", "value": "#nhac"},
            {"title": "Cổng dịch vụ công", "kind": "url", "value": "https://dichvucong.gov.vn"},
        ]
        text = (
            "Đăng ký khai sinh cần mang:\n1. Giấy chứng sinh (bản chính)\n2. Căn cước của cha, mẹ\n"
            "3. Giấy chứng nhận kết hôn, nếu đã đăng ký\n\nKhông mất phí trong 60 ngày."
        )
        self.add(who, "oa", text, status="received", buttons=buttons)

    def _later(self, seconds: float, do: Callable[[], object]) -> None:
        asyncio.get_running_loop().call_later(seconds, do)
