"""One SIM or aggregator account that serves a commune."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

MAX_SKEW = timedelta(minutes=5)
MAX_AGE = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class SmsGateway:
    """Where to send, how to recognise what comes, and the number that citizens see.

    ``name`` and ``commune`` are those of the webhook's path. ``secret`` signs webhooks,
    ``token`` goes out as ``Authorization: Bearer``; ``url`` is the gateway's messages
    address. A webhook may be stamped at most ``max_skew`` ahead of us and ``max_age`` ago:
    a phone gateway repeats for two days and may keep the first stamp, and a body seen
    before is recognised by its id, so a narrow window would only lose messages.
    """

    name: str
    commune: str
    url: str
    own_number: str
    secret: str = field(repr=False)
    token: str = field(repr=False)
    max_skew: timedelta = MAX_SKEW
    max_age: timedelta = MAX_AGE
