"""Zalo accounts as the desk sees them, without Zalo: everything asked for is written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.zalo_account import BotState, GroupLine, OaState, ZaloDesk, ZaloFault

EMPTY = OaState(
    webhook_url="https://hotro.example.vn/webhooks/zalo/hoa-mai",
    callback_url="https://hotro.example.vn/zalo/callback",
)


@dataclass
class RecordingZalo(ZaloDesk):
    """``faults``: name of a method -> the sentence that it refuses with."""

    state: OaState = EMPTY
    robot: BotState = field(default_factory=BotState)
    lines: tuple[GroupLine, ...] = ()
    consent: str = "https://oauth.zaloapp.com/v4/oa/permission?app_id=1&state=s"
    begun: dict[str, str] = field(default_factory=dict)
    """state -> commune of a consent that was begun."""
    faults: dict[str, str] = field(default_factory=dict)
    calls: list[tuple[object, ...]] = field(default_factory=list)

    def _called(self, name: str, *what: object) -> None:
        self.calls.append((name, *what))
        if name in self.faults:
            raise ZaloFault(self.faults[name])

    def named(self, name: str) -> list[tuple[object, ...]]:
        """The calls of one method."""
        return [call[1:] for call in self.calls if call[0] == name]

    async def oa(self, commune: str) -> OaState:
        if "oa" in self.faults:
            raise ZaloFault(self.faults["oa"])
        return self.state

    async def check(self, commune: str) -> OaState:
        self._called("check", commune)
        return self.state

    async def save(self, commune: str, values: Mapping[str, str]) -> OaState:
        self._called("save", commune, dict(values))
        return self.state

    async def connect(self, commune: str) -> str:
        self._called("connect", commune)
        return self.consent

    async def returned(self, state: str, code: str, oa_id: str) -> str:
        self._called("returned", state, code, oa_id)
        if state not in self.begun:
            raise ZaloFault("Lần kết nối này đã quá hạn.")
        return self.begun.pop(state)

    async def paste(self, commune: str, access: str, refresh: str) -> OaState:
        self._called("paste", commune, access, refresh)
        return self.state

    async def disconnect(self, commune: str) -> None:
        self._called("disconnect", commune)

    async def groups(self, commune: str) -> Sequence[GroupLine]:
        self._called("groups", commune)
        return self.lines

    async def announce(self, commune: str, text: str, key: str) -> None:
        self._called("announce", commune, text, key)

    async def bot(self, commune: str) -> BotState:
        return self.robot

    async def save_bot(self, commune: str, token: str) -> BotState:
        self._called("save_bot", commune, token)
        return self.robot
