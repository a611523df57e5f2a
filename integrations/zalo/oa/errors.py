"""What can go wrong between us and Zalo, sorted by what the caller should do next.

ZaloError
├── NotSentError           the request never left us: try again after ``wait``
├── UnknownOutcomeError    it left, no readable answer came: look before sending again
├── ThrottledError         too many requests, ours or Zalo's limit: try again after ``wait``
├── TokenUnavailableError  no usable access token: an administrator of the OA has to consent
└── RefusedError           Zalo said no: ``rule`` tells whether and when to try again
    └── OAuthRefusedError  the same from the token endpoint
        └── GrantDeadError     the refresh token is used up or expired: never try it again

Application errors come under HTTP 200 as ``{"error": code}`` (fact sheet 0.1); the tables of
codes stand in :mod:`integrations.zalo.oa.rules`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MINUTE, HOUR = 60.0, 3600.0
SETTINGS_WAIT = 5 * MINUTE
"""Seconds before another try after a fault that only a person can mend."""


class Action(StrEnum):
    """What to do about a code."""

    RETRY = "retry"
    """Nothing is wrong for good: try again after ``Rule.wait``."""
    REFRESH = "refresh"
    """The access token: renew it once and try again once."""
    GIVE_UP = "give_up"
    """This message will never be taken."""
    TELL_OFFICER = "tell_officer"
    """A person has to mend the account (package, right, money); tried again each hour."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One code. ``wait`` in seconds; ``sentence`` is Vietnamese, for the officer's desk.

    ``tell_officer``: somebody must act, or the citizen will not get this message.
    ``other_way``: this person cannot be reached so; another channel may.
    ``upload_again``: the attachment is too old; upload it anew and send once more.
    """

    code: int
    action: Action
    sentence: str
    wait: float = 5 * MINUTE
    tell_officer: bool = True
    other_way: bool = False
    upload_again: bool = False

    @property
    def reason(self) -> str:
        """The code and the sentence, nothing that Zalo quoted."""
        return f"Zalo {self.code}: {self.sentence}"


class ZaloError(Exception):
    """A call that did not succeed; ``reason`` is Vietnamese and names no person and no secret."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotSentError(ZaloError):
    """No connection, or an address or token that cannot be sent; retry, nothing was done.

    ``wait`` in seconds; None: as the caller likes.
    """

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class UnknownOutcomeError(ZaloError):
    """A time-out, a 5xx, or a 200 that is not Zalo's JSON; Zalo may have acted upon it.

    A question may be asked again at once. A message only after looking: the ``oa_send_*``
    echo, the conversation, or for a template the delivery report.
    """


class ThrottledError(ZaloError):
    """Our own limiter's patience ended, or HTTP 429 or 503; retry after ``wait`` seconds."""

    def __init__(self, reason: str, wait: float) -> None:
        super().__init__(reason)
        self.wait = wait


class TokenUnavailableError(ZaloError):
    """There is no token to call with; retry after ``wait`` seconds, a person may have to act."""

    def __init__(self, reason: str = "", wait: float = SETTINGS_WAIT) -> None:
        super().__init__(reason or NO_TOKEN)
        self.wait = wait


class RefusedError(ZaloError):
    """Zalo's own no; whether to retry says ``rule``.

    ``detail`` is Zalo's English, for branching only: it may quote what was sent.
    """

    def __init__(self, rule: Rule, detail: str = "") -> None:
        super().__init__(rule.reason)
        self.rule = rule
        self.detail = detail


class OAuthRefusedError(RefusedError):
    """The token endpoint said no (wrong app, wrong address, ...); retry as ``rule`` says."""


class GrantDeadError(OAuthRefusedError):
    """The refresh token was used before or is too old; only a new consent helps, never retry."""


NO_TOKEN = "Mã truy cập OA không còn dùng được; cần quản trị viên OA cấp quyền lại."
