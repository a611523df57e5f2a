"""SMS: numbers, part counting, a plain HTTP gateway adapter and a simulator of both sides."""

from __future__ import annotations

from integrations.sms.gateway import SmsGateway
from integrations.sms.generic_http import GenericHttpSender, routes
from integrations.sms.numbers import is_answerable, normalise
from integrations.sms.segments import Segments, count, split

__all__ = [
    "GenericHttpSender",
    "Segments",
    "SmsGateway",
    "count",
    "is_answerable",
    "normalise",
    "routes",
    "split",
]
