"""Moved to bot.zalo_account."""

from __future__ import annotations

from bot.zalo_account import BotState, GroupLine, OaState, ZaloDesk, ZaloFault

__all__ = ["BotState", "GroupLine", "OaState", "ZaloDesk", "ZaloFault"]
