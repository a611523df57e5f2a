"""Who may be written to, and on whose bill: 48 hours free, 7 days paid, then -230."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

FREE_FOR = timedelta(hours=48)
OPEN_FOR = timedelta(days=7)
APP_PER_MINUTE = 4000


@dataclass(frozen=True, slots=True)
class Template:
    """An approved template: ``params`` maps each name to its greatest length."""

    name: str
    params: Mapping[str, int] = field(default_factory=dict)
    status: str = "ENABLE"
    by_user: bool = True


DEFAULT_TEMPLATES: Mapping[str, Template] = {
    "300001": Template("Nhắc việc", {"ten": 30, "viec": 100, "ngay": 30}),
    "300002": Template("Hồ sơ đã xong", {"ten": 30, "ma_ho_so": 30}, by_user=False),
    "300003": Template("Chưa được duyệt", {"ten": 30}, status="PENDING_REVIEW"),
}
UNREACHABLE: Mapping[str, int] = {"84900000114": -114, "84900000118": -118, "84900000119": -119}
"""Phones that refuse templates: cannot receive, has no Zalo account, account is blocked."""
ADMINS = frozenset({"84900000001"})


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules of the OA's package and what it was granted.

    ``free_replies`` per interaction (None: unlimited; sources disagree, fact sheet 6.1),
    ``sub_quota`` messages beyond that, then ``purchased`` ones; ``per_minute`` calls of the OA
    and ``app_per_minute`` of the app (None: 4,000, or the OA's own when that is more).
    ``missing_rights`` out of :data:`RIGHTS` answer -223.
    Templates: ``template_quota`` a day, none at night when ``night_rule``, ``development`` mode
    only to ``admins``, delivered after ``template_delay`` seconds. ``group_assets`` are bought
    places for a group; the number in an id is the size.
    """

    free_replies: int | None = 8
    sub_quota: int = 500
    purchased: int = 0
    per_minute: int = 100
    app_per_minute: int | None = None
    openapi_in_package: bool = True
    missing_rights: frozenset[str] = frozenset()
    require_proof: bool = False
    package: str = "Tăng trưởng"
    uploads_per_month: int = 5000
    template_quota: int = 500
    template_delay: float = 0.0
    night_rule: bool = True
    templates: Mapping[str, Template] = field(default_factory=lambda: DEFAULT_TEMPLATES)
    unreachable: Mapping[str, int] = field(default_factory=lambda: UNREACHABLE)
    admins: frozenset[str] = ADMINS
    group_assets: tuple[str, ...] = ("gmf10-a", "gmf50-a", "gmf100-a")

    @property
    def app_limit(self) -> int:
        """Calls of the app in a minute."""
        if self.app_per_minute is not None:
            return self.app_per_minute
        return max(APP_PER_MINUTE, self.per_minute)


RIGHTS = frozenset({"oa", "message", "user", "upload", "template", "group"})


@dataclass(frozen=True, slots=True)
class Contact:
    """One person as the OA knows them. ``gone``: unfollowed and silent since."""

    last_interaction: datetime | None = None
    follows: bool = False
    gone: bool = False
    replies_used: int = 0
    shared: Mapping[str, object] = field(default_factory=dict)
    """What the person filled into the form: name, phone, address, city, district."""

    def interacted(self, at: datetime) -> Contact:
        """Wrote, tapped, followed or opened the chat: the windows start again."""
        return replace(self, last_interaction=at, gone=False, replies_used=0)

    def within(self, span: timedelta, now: datetime) -> bool:
        """Whether the person interacted at most ``span`` ago."""
        return self.last_interaction is not None and now - self.last_interaction <= span

    def to_json(self) -> dict[str, object]:
        """For the journal."""
        at = self.last_interaction
        return {
            "last_interaction": at.isoformat() if at else None,
            "follows": self.follows,
            "gone": self.gone,
            "replies_used": self.replies_used,
            "shared": dict(self.shared),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Contact:
        """From the journal."""
        at, used = data.get("last_interaction"), data.get("replies_used")
        shared = data.get("shared")
        return cls(
            last_interaction=datetime.fromisoformat(at) if isinstance(at, str) else None,
            follows=bool(data.get("follows")),
            gone=bool(data.get("gone")),
            replies_used=used if isinstance(used, int) else 0,
            shared=shared if isinstance(shared, dict) else {},
        )


@dataclass(frozen=True, slots=True)
class Spent:
    """Paid messages that the OA has sent so far."""

    package: int = 0
    purchased: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """``code`` 0: may be sent, counted as ``quota`` (the answer's object, strings).

    ``spent``: the OA's counters afterwards; None when the message costs one free reply.
    """

    code: int
    quota: Mapping[str, str]
    spent: Spent | None = None


def judge(policy: Policy, contact: Contact, spent: Spent, now: datetime) -> Verdict:
    """Whether a consultation message may go to ``contact`` at ``now``.

    Codes: -213 unfollowed, -230 outside 7 days, -211 allowance and purchases are used up.
    """
    if contact.gone:
        return Verdict(-213, {})
    if not contact.within(OPEN_FOR, now):
        return Verdict(-230, {})
    if contact.within(FREE_FOR, now):
        if policy.free_replies is None:
            return Verdict(0, _quota("reply", "unlimited", "unlimited"))
        if contact.replies_used < policy.free_replies:
            left = policy.free_replies - contact.replies_used - 1
            return Verdict(0, _quota("reply", left, policy.free_replies))
    return _paid(policy, spent, now)


def _paid(policy: Policy, spent: Spent, now: datetime) -> Verdict:
    if spent.package < policy.sub_quota:
        after = replace(spent, package=spent.package + 1)
        quota = _quota("sub_quota", policy.sub_quota - after.package, policy.sub_quota)
        return Verdict(0, quota | {"expired_date": f"{now + timedelta(days=30):%d/%m/%Y}"}, after)
    if spent.purchased < policy.purchased:
        after = replace(spent, purchased=spent.purchased + 1)
        quota = _quota("purchase_quota", policy.purchased - after.purchased, policy.purchased)
        return Verdict(0, quota | {"owner_type": "OA", "owner_id": "1"}, after)
    return Verdict(-211, {})


def _quota(kind: str, remain: int | str, total: int | str) -> dict[str, str]:
    return {"quota_type": kind, "remain": str(remain), "total": str(total)}
