"""The settings of one Kannel, checked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from integrations.sms.address import webhook_url
from integrations.sms.gateway import GatewayConfig
from integrations.sms.options import address, needed, url_word

SENDSMS = "/cgi-bin/sendsms"
SECRET, REPORT, OWN_ID, REPLY = "k", "dlr", "own", "reply"
"""Names in the query of calls back."""
DLR_MASK = 31
"""Report everything: delivered, not delivered, queued, taken and refused by the centre."""
_WORD = re.compile(r"[!#-\[\]-~]{1,64}", re.ASCII)
"""What may stand between quotation marks in Kannel's file."""
_SAFE_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Settings:
    """See :data:`integrations.sms.kannel.KIND`."""

    url: str
    user: str
    password: str
    hook_secret: str
    smsc: str
    callback: str
    """The webhook as Kannel calls it; "" when it cannot."""

    def report_url(self, message_id: str) -> str:
        """Where Kannel reports on a message; %-words are for Kannel to fill in."""
        # An id that needed %-escapes would be filled in as well.
        if not self.callback or not self.hook_secret or not _SAFE_ID.fullmatch(message_id):
            return ""
        return f"{self.callback}?{SECRET}={self.hook_secret}&{OWN_ID}={message_id}" + (
            f"&{REPORT}=%d&{REPLY}=%A"
        )

    def message_url(self) -> str:
        """Where Kannel hands in what citizens write."""
        return (
            f"{self.callback}?{SECRET}={self.hook_secret}"
            "&id=%I&from=%p&to=%P&text=%b&coding=%c&charset=%C&ts=%T"
        )


def settings(config: GatewayConfig, public_url: str) -> Settings:
    """Read them.

    Raises:
        ValueError: they cannot be used.
    """
    url = address(config, "url", "http://127.0.0.1:13013")
    callback = address(config, "callback", public_url) if _has_callback(config, public_url) else ""
    return Settings(
        url=url if urlsplit(url).path else f"{url}{SENDSMS}",
        user=_word(needed(config, "user", "tên đăng nhập")),
        password=_word(needed(config, "password", "mật khẩu")),
        hook_secret=url_word(config, "hook_secret"),
        smsc=_word(config.option("smsc", "-")),
        callback=webhook_url(config, callback) if callback else "",
    )


def _has_callback(config: GatewayConfig, public_url: str) -> bool:
    return bool(config.option("callback") or public_url)


def _word(text: str) -> str:
    if not _WORD.fullmatch(text):
        raise ValueError("tên và mật khẩu của Kannel chỉ gồm chữ không dấu, số và dấu thường")
    return "" if text == "-" else text
