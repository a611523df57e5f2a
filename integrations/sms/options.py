"""Settings of a gateway as texts, read and judged; what is wrong is told in Vietnamese."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from integrations.sms.gateway import GatewayConfig

_URL_WORD = re.compile(r"[A-Za-z0-9_-]{16,128}", re.ASCII)


def needed(config: GatewayConfig, name: str, label: str) -> str:
    """A setting that must be there.

    Raises:
        ValueError: it is empty.
    """
    value = config.option(name)
    if not value:
        raise ValueError(f"còn thiếu {label}")
    return value


def address(config: GatewayConfig, name: str, default: str = "") -> str:
    """A web address without a slash at its end.

    Raises:
        ValueError: it is none.
    """
    text = config.option(name, default).strip()
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"địa chỉ ({name}) phải bắt đầu bằng http:// hoặc https://")
    return text.rstrip("/")


def url_word(config: GatewayConfig, name: str) -> str:
    """A secret that stands in an address that a gateway calls; "" when there is none.

    Raises:
        ValueError: too short to be a secret, or not to be written in an address as it is.
    """
    word = config.option(name)
    if word and not _URL_WORD.fullmatch(word):
        raise ValueError(f"khóa ({name}) phải có 16 đến 128 chữ cái không dấu, chữ số, - hoặc _")
    return word


def is_on(config: GatewayConfig, name: str) -> bool:
    """Whether a yes/no setting is yes."""
    return config.option(name).strip().lower() in {"yes", "true", "1", "on", "có", "co"}
