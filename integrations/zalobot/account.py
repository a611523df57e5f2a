"""One bot: its token, and how its messages come in."""

from __future__ import annotations

from dataclasses import dataclass, field

BASE = "https://bot-api.zaloplatforms.com"


@dataclass(frozen=True, slots=True)
class BotAccount:
    """What is needed to talk for one bot; the same whichever commune it serves.

    With a ``webhook_secret`` (8-256 characters, chosen by us) updates are pushed to us;
    without one they are fetched by :class:`integrations.zalobot.polling.Poller`.
    """

    token: str = field(repr=False)
    webhook_secret: str = field(default="", repr=False)
    base: str = BASE

    @property
    def polls(self) -> bool:
        """Whether its updates are to be fetched."""
        return bool(self.token) and not self.webhook_secret
