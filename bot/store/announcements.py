"""Announcements, from the draft to the end: who may do what, and who did it.

draft -> submitted -> approved -> done, with paused beside approved, and the exits rejected and
cancelled. What was rejected or submitted becomes a draft again when it is edited. Approval is
by somebody else than the author, and freezes what goes out; that rule is enforced here, and
looked at again when recipients are taken (bot.store.recipients).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.store import recipients
from bot.store.announcement_views import Draft, State, draft_of
from bot.store.models import Announcement, AnnouncementEvent, Officer

DRAFT: tuple[State, ...] = ("draft",)
SUBMITTED: tuple[State, ...] = ("submitted",)
APPROVED: tuple[State, ...] = ("approved",)
PAUSED: tuple[State, ...] = ("paused",)
EDITABLE: tuple[State, ...] = ("draft", "submitted", "rejected")


class NotAllowed(Exception):
    """It cannot be done, or not by this officer; the message says why, in Vietnamese."""


CHANGED = "thông báo này vừa được người khác sửa; anh/chị xem lại rồi làm tiếp"
GONE = "không có thông báo này, hoặc nó thuộc về xã khác"
OWN_TEXT = "người soạn không tự duyệt được; cần một cán bộ khác của xã xem và duyệt"


async def create(
    session: AsyncSession, commune: str, officer_id: int, draft: Draft, now: datetime
) -> int:
    """A new draft; its id."""
    await _officer(session, commune, officer_id)
    row = Announcement(
        commune=commune, state="draft", created_by=officer_id, created_at=now, **_columns(draft)
    )
    session.add(row)
    await session.flush()
    _log(session, row, "created", officer_id, now)
    return row.id


async def edit(
    session: AsyncSession,
    commune: str,
    announcement_id: int,
    officer_id: int,
    draft: Draft,
    now: datetime,
    seen: str | None = None,
) -> None:
    """Change what is not approved yet; it is a draft again, and its author who changed it.

    Args:
        seen: the digest of what the officer had before them; None: whatever there is.
    """
    row = await _locked(session, commune, announcement_id, officer_id, EDITABLE)
    if seen is not None and seen != draft_of(row).digest:
        raise NotAllowed(CHANGED)
    if draft.digest == draft_of(row).digest and row.state == "draft":
        return
    for name, value in _columns(draft).items():
        setattr(row, name, value)
    row.state, row.estimate, row.created_by = "draft", None, officer_id
    _log(session, row, "edited", officer_id, now)


async def submit(
    session: AsyncSession,
    commune: str,
    announcement_id: int,
    officer_id: int,
    estimate: Mapping[str, Any],
    now: datetime,
) -> None:
    """Ask for the approval of a draft."""
    row = await _locked(session, commune, announcement_id, officer_id, DRAFT)
    _still_useful(row, now)
    row.state, row.note, row.estimate = "submitted", None, json.dumps(estimate, ensure_ascii=False)
    _log(session, row, "submitted", officer_id, now)


async def approve(
    session: AsyncSession,
    commune: str,
    announcement_id: int,
    officer_id: int,
    seen: str,
    estimate: Mapping[str, Any],
    now: datetime,
) -> None:
    """Let it go out as it was ``seen``, to whom and at the price that ``estimate`` says."""
    row = await _locked(session, commune, announcement_id, officer_id, SUBMITTED)
    if row.created_by == officer_id:
        raise NotAllowed(OWN_TEXT)
    if seen != draft_of(row).digest:
        raise NotAllowed(CHANGED)
    _still_useful(row, now)
    row.state, row.approved_by, row.approved_at = "approved", officer_id, now
    row.estimate = json.dumps(estimate, ensure_ascii=False)
    _log(session, row, "approved", officer_id, now)


async def reject(
    session: AsyncSession,
    commune: str,
    announcement_id: int,
    officer_id: int,
    note: str,
    now: datetime,
) -> None:
    """Send it back to the author, who reads why."""
    if not note.strip():
        raise NotAllowed("anh/chị ghi lý do để người soạn biết cần sửa gì")
    row = await _locked(session, commune, announcement_id, officer_id, SUBMITTED)
    row.state, row.note = "rejected", note.strip()
    _log(session, row, "rejected", officer_id, now, note.strip())


async def pause(
    session: AsyncSession, commune: str, announcement_id: int, officer_id: int, now: datetime
) -> int:
    """Nothing more leaves from now on; how many were drawn back that were about to."""
    row = await _locked(session, commune, announcement_id, officer_id, APPROVED)
    row.state = "paused"
    _log(session, row, "paused", officer_id, now)
    await session.flush()
    return await recipients.withdraw(session, announcement_id, now)


async def resume(
    session: AsyncSession, commune: str, announcement_id: int, officer_id: int, now: datetime
) -> None:
    """Go on with exactly those who have not got it."""
    row = await _locked(session, commune, announcement_id, officer_id, PAUSED)
    _still_useful(row, now)
    await recipients.withdraw(session, announcement_id, now)
    row.state = "approved"
    _log(session, row, "resumed", officer_id, now)


async def cancel(
    session: AsyncSession, commune: str, announcement_id: int, officer_id: int, now: datetime
) -> int:
    """End it for good; how many were drawn back that were about to leave."""
    row = await _locked(
        session, commune, announcement_id, officer_id, (*EDITABLE, *APPROVED, *PAUSED)
    )
    row.state, row.ended_at = "cancelled", now
    _log(session, row, "cancelled", officer_id, now)
    await session.flush()
    back = await recipients.withdraw(session, announcement_id, now)
    await recipients.skip_waiting(session, announcement_id, "cancelled")
    return back


def finish(session: AsyncSession, row: Announcement, now: datetime) -> None:
    """Everybody has got it, or will not any more."""
    row.state, row.ended_at = "done", now
    _log(session, row, "done", None, now)


async def live(session: AsyncSession) -> list[int]:
    """What goes out now: urgent ones first, then the oldest."""
    rows = await session.scalars(
        select(Announcement.id)
        .where(Announcement.state == "approved")
        .order_by(Announcement.urgent.desc(), Announcement.id)
    )
    return list(rows)


async def take(session: AsyncSession, announcement_id: int) -> Announcement | None:
    """Lock what goes out for one batch; None when it stopped, or another process has it.

    Pausing waits for the lock, so that no batch is left over after it. What nobody else
    approved is not taken, whatever its state says.
    """
    return await session.scalar(
        select(Announcement)
        .where(
            Announcement.id == announcement_id,
            Announcement.state == "approved",
            Announcement.approved_by.is_not(None),
            Announcement.approved_by != Announcement.created_by,
        )
        .with_for_update(skip_locked=True)
    )


def _columns(draft: Draft) -> dict[str, Any]:
    return {
        "title": draft.title,
        "text": draft.text,
        "sms_text": draft.sms_text,
        "urgent": draft.urgent,
        "audience": draft.audience.dump(),
        "start_at": draft.start_at,
        "expires_at": draft.expires_at,
    }


def _still_useful(row: Announcement, now: datetime) -> None:
    if row.expires_at <= now:
        raise NotAllowed("thông báo đã quá hạn; anh/chị sửa lại hạn gửi rồi trình lại")


async def _officer(session: AsyncSession, commune: str, officer_id: int) -> None:
    row = await session.get(Officer, officer_id)
    if row is None or row.commune != commune or row.disabled_at is not None:
        raise NotAllowed("chỉ cán bộ của chính xã này làm được việc này")


async def _locked(
    session: AsyncSession,
    commune: str,
    announcement_id: int,
    officer_id: int,
    states: Collection[State],
) -> Announcement:
    """The row, nobody else's until the commit, in one of ``states``.

    Raises:
        NotAllowed: it is not there, not in such a state, or the officer is of another commune.
    """
    await _officer(session, commune, officer_id)
    row = await session.scalar(
        select(Announcement)
        .where(Announcement.id == announcement_id, Announcement.commune == commune)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotAllowed(GONE)
    if row.state not in states:
        raise NotAllowed(f"thông báo này {NOW[cast('State', row.state)]}")
    return row


NOW: dict[State, str] = {
    "draft": "đang là bản nháp",
    "submitted": "đang chờ duyệt",
    "rejected": "đã bị trả lại",
    "approved": "đã được duyệt và đang gửi",
    "paused": "đang tạm dừng",
    "done": "đã gửi xong",
    "cancelled": "đã huỷ",
}


def _log(
    session: AsyncSession,
    row: Announcement,
    what: str,
    officer_id: int | None,
    now: datetime,
    note: str | None = None,
) -> None:
    session.add(
        AnnouncementEvent(
            commune=row.commune,
            announcement_id=row.id,
            what=what,
            officer_id=officer_id,
            note=note,
            at=now,
        )
    )
