"""Keeps bot tokens, which stand in the address of every call, out of logs and exceptions."""

from __future__ import annotations

import logging
import re

import httpx

from bot.messages import SendError

_IN_PATH = re.compile(r"(?<!/)(/bot)[^/\s\"'<>]+")


def hidden(text: str) -> str:
    """``text`` with the token of each bot address replaced."""
    return _IN_PATH.sub(r"\1***", text)


def unlinked(fault: SendError) -> SendError:
    """``fault`` without the exception it came from: that one holds the request's address."""
    fault.__cause__ = fault.__context__ = None
    return fault.with_traceback(None)


class _HideTokens(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _masked(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(_masked(value) for value in record.args)
        return True


def _masked(value: object) -> object:
    return hidden(str(value)) if isinstance(value, str | httpx.URL) else value


def protect_logs() -> None:
    """Mask tokens in httpx's own log, should somebody switch it on; may be called twice."""
    logger = logging.getLogger("httpx")
    if not any(isinstance(one, _HideTokens) for one in logger.filters):
        logger.addFilter(_HideTokens())
