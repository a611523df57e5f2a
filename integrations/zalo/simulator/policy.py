"""Who may be written to, and on whose bill: 48 hours free, 7 days paid, then -230."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

FREE_FOR = timedelta(hours=48)
OPEN_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules of the OA's package.

    ``free_replies`` per interaction (None: unlimited; sources disagree, fact sheet 6.1),
    ``sub_quota`` messages beyond that, ``per_minute`` calls to the OpenAPI.
    """

    free_replies: int | None = 8
    sub_quota: int = 500
    per_minute: int = 100
    openapi_in_package: bool = True


@dataclass(frozen=True, slots=True)
class Contact:
    """One person as the OA knows them. ``gone``: unfollowed and silent since."""

    last_interaction: datetime | None = None
    follows: bool = False
    gone: bool = False
    replies_used: int = 0

    def interacted(self, at: datetime) -> Contact:
        """Wrote, tapped, followed or opened the chat: the windows start again."""
        return replace(self, last_interaction=at, gone=False, replies_used=0)

    def to_json(self) -> dict[str, object]:
        """For the journal."""
        at = self.last_interaction
        return {
            "last_interaction": at.isoformat() if at else None,
            "follows": self.follows,
            "gone": self.gone,
            "replies_used": self.replies_used,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Contact:
        """From the journal."""
        at, used = data.get("last_interaction"), data.get("replies_used")
        return cls(
            last_interaction=datetime.fromisoformat(at) if isinstance(at, str) else None,
            follows=bool(data.get("follows")),
            gone=bool(data.get("gone")),
            replies_used=used if isinstance(used, int) else 0,
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """``code`` 0: may be sent, counted as ``quota`` (the answer's object, strings)."""

    code: int
    quota: Mapping[str, str]
    paid: bool = False


def judge(policy: Policy, contact: Contact, paid_used: int, now: datetime) -> Verdict:
    """Whether a consultation message may go to ``contact`` at ``now``.

    Codes: -213 unfollowed, -230 outside 7 days, -211 the package's allowance is used up.
    """
    if contact.gone:
        return Verdict(-213, {})
    if contact.last_interaction is None or now - contact.last_interaction > OPEN_FOR:
        return Verdict(-230, {})
    fresh = now - contact.last_interaction <= FREE_FOR
    if fresh and policy.free_replies is None:
        return Verdict(0, {"quota_type": "reply", "remain": "unlimited", "total": "unlimited"})
    if fresh and contact.replies_used < (policy.free_replies or 0):
        return Verdict(0, _reply_quota(policy.free_replies or 0, contact.replies_used + 1))
    if paid_used >= policy.sub_quota:
        return Verdict(-211, {})
    return Verdict(0, _sub_quota(policy.sub_quota, paid_used + 1, now), paid=True)


def _reply_quota(total: int, used: int) -> dict[str, str]:
    return {"quota_type": "reply", "remain": str(total - used), "total": str(total)}


def _sub_quota(total: int, used: int, now: datetime) -> dict[str, str]:
    expires = now + timedelta(days=30)
    return {
        "quota_type": "sub_quota",
        "remain": str(total - used),
        "total": str(total),
        "expired_date": f"{expires:%d/%m/%Y}",
    }
