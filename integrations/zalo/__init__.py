"""Zalo Official Account: webhooks in, consultation messages out, and a strict simulator.

Protocol facts: the project's Zalo fact sheet (docs of the OA OpenAPI v3, September 2026).
"""

from __future__ import annotations

from integrations.zalo.account import AccessToken, TokenUnavailableError, ZaloAccount, static_token
from integrations.zalo.client import ZaloSender
from integrations.zalo.webhook import routes

__all__ = [
    "AccessToken",
    "TokenUnavailableError",
    "ZaloAccount",
    "ZaloSender",
    "routes",
    "static_token",
]
