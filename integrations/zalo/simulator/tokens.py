"""Tokens and codes of the simulated OAuth v4 (fact sheet 2), kept over a restart.

A pair lives 25 hours and 3 months; a refresh ends both old tokens at once; a code lives
10 minutes and is good for one exchange.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from integrations.fields import storable
from integrations.simulation.clock import Clock
from integrations.simulation.journal import Journal
from integrations.zalo.simulator.shapes import RefusedError

ACCESS_FOR = timedelta(seconds=90_000)
REFRESH_FOR = timedelta(days=90)
CODE_FOR = timedelta(minutes=10)
_PAIR, _CODE = "token", "code"


class GrantRefusedError(Exception):
    """A refusal of the token endpoint; ``reason`` in plain English."""

    def __init__(self, code: int, name: str, reason: str) -> None:
        super().__init__(reason)
        self.code, self.name, self.reason = code, name, reason


@dataclass(frozen=True, slots=True)
class Pair:
    """An access token and the refresh token that came with it."""

    access: str
    refresh: str


class Tokens:
    """All tokens of one OA. ``dead_code``: what a used refresh token is answered with."""

    def __init__(self, clock: Clock, journal: Journal, dead_code: int = -14014) -> None:
        self.dead_code = dead_code
        self._clock = clock
        self._journal = journal

    def seed(self, pair: Pair) -> None:
        """Take over a first pair, unless an earlier run knew it.

        Without a refresh token the access token never ends: nobody could replace it.
        """
        if self._journal.record(_PAIR, pair.access) is None:
            self._keep(pair, for_ever=not pair.refresh)

    def issue(self) -> Pair:
        """A new pair; earlier ones go on until they end by themselves."""
        return self._keep(Pair(secrets.token_urlsafe(96), secrets.token_urlsafe(96)))

    def check(self, access: str) -> None:
        """Whether a call may be made with this token.

        Raises:
            RefusedError: -216 unknown or replaced, -220 older than 25 hours.
        """
        record = self._journal.record(_PAIR, storable(access)) if access else None
        if record is None or record.get("dead"):
            raise RefusedError(-216, "Access token is invalid")
        if self._over(record, "access_until"):
            raise RefusedError(-220, "Access token is expired or removed")

    def rotate(self, refresh: str) -> Pair:
        """Give a new pair for a refresh token and end the old pair.

        Raises:
            GrantRefusedError: ``dead_code`` unknown, used or older than 3 months.
        """
        found = [
            (access, record)
            for access, record in self._journal.records(_PAIR).items()
            if refresh and record.get("refresh") == refresh
        ]
        if not found or found[0][1].get("dead") or self._over(found[0][1], "refresh_until"):
            raise GrantRefusedError(
                self.dead_code, "Invalid refresh token", "refresh token is used, expired or unknown"
            )
        access, record = found[0]
        self._journal.save_record(_PAIR, access, record | {"dead": True})
        return self.issue()

    def revoke(self) -> None:
        """End every pair, as an administrator does in the OA's settings."""
        for access, record in self._journal.records(_PAIR).items():
            self._journal.save_record(_PAIR, access, record | {"dead": True})

    def expire(self) -> None:
        """25 hours pass for every access token; refresh tokens are as good as before."""
        over = {"access_until": self._clock.now().isoformat()}
        for access, record in self._journal.records(_PAIR).items():
            self._journal.save_record(_PAIR, access, record | over)

    def new_code(self, challenge: str) -> str:
        """A code for the redirect after consent."""
        code = secrets.token_urlsafe(48)
        until = self._clock.now() + CODE_FOR
        self._journal.save_record(_CODE, code, {"challenge": challenge, "until": until.isoformat()})
        return code

    def exchange(self, code: str, verifier: str) -> Pair:
        """Give a pair for a code.

        Raises:
            GrantRefusedError: the code is unknown, used or old, or the verifier is not its own.
                No source gives numbers of their own to these: they are invalid grants as well.
        """
        code = storable(code)
        record = self._journal.record(_CODE, code)
        self._journal.forget(_CODE, code)
        if record is None or self._over(record, "until"):
            raise GrantRefusedError(
                self.dead_code, "Invalid code", "authorization code is used or expired"
            )
        challenge = record.get("challenge")
        if challenge and challenge != challenge_of(verifier):
            raise GrantRefusedError(
                self.dead_code, "Invalid code verifier", "code verifier does not match"
            )
        return self.issue()

    def _keep(self, pair: Pair, *, for_ever: bool = False) -> Pair:
        now = self._clock.now()
        ends = None if for_ever else (now + ACCESS_FOR).isoformat()
        record = {
            "refresh": pair.refresh,
            "access_until": ends,
            "refresh_until": (now + REFRESH_FOR).isoformat(),
        }
        self._journal.save_record(_PAIR, pair.access, record)
        return pair

    def _over(self, record: Mapping[str, object], name: str) -> bool:
        until = record.get(name)
        return isinstance(until, str) and self._clock.now() >= datetime.fromisoformat(until)


def challenge_of(verifier: str) -> str:
    """PKCE S256: base64url of the SHA-256, without padding."""
    digest = hashlib.sha256(verifier.encode("utf-8", "replace")).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
