"""The way out: none is needed, the citizen's page reads the transcript."""

from __future__ import annotations

from bot.messages import Outgoing, SendResult


class WebSender:
    """A :class:`bot.channels.Sender` whose messages are delivered once they are stored."""

    async def send(self, message: Outgoing) -> SendResult:
        """Take ``message``; the page's next poll shows it."""
        return SendResult(f"web-{message.id}")

    async def find_sent(self, message: Outgoing) -> SendResult | None:
        """An earlier attempt always arrived: there is nothing between us and the page."""
        return SendResult(f"web-{message.id}")

    async def close(self) -> None:
        """Nothing to release."""
