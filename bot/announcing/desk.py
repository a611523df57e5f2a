"""What officers do with announcements, from the console and from the command line alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from bot.announcing import wording
from bot.announcing.estimate import Estimate, estimate
from bot.channels import Plans, Reaches
from bot.clock import Clock
from bot.knowledge.library import Library
from bot.knowledge.model import Commune
from bot.knowledge.ready_texts import ReadyText
from bot.store import announcement_views, announcements, audience
from bot.store.announcement_views import AnnouncementView, Draft
from bot.store.announcements import GONE, NotAllowed
from bot.store.audience import NOT_SAID
from bot.store.engine import Store

LONGEST: Final = timedelta(days=30)
"""What is announced longer before is forgotten by then."""
NOBODY: Final = "Chưa có ai trong danh sách nhận này."
NO_WAY: Final = (
    "Hiện không gửi được cho ai: xã chưa có cổng SMS (trang “Tin nhắn SMS”) và không ai vừa nhắn "
    "Zalo cho xã."
)
Act = Literal["pause", "resume", "cancel"]


class Faulty(Exception):
    """The draft cannot be sent as it is; ``fields``: what to mend, by field, in Vietnamese."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = fields


@dataclass(frozen=True, slots=True)
class Office:
    """The surroundings: where rows are, what the communes say, what channels carry."""

    store: Store
    library: Callable[[], Library]
    reaches: Reaches
    plans: Plans
    clock: Clock


class AnnouncementDesk:
    """A commune's announcements. Sentences of its errors are for officers."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._store = office.store

    def commune(self, commune: str) -> Commune:
        """What the content says of a commune.

        Raises:
            NotAllowed: there is no such commune.
        """
        found = self._office.library().communes.get(commune)
        if found is None:
            raise NotAllowed("hệ thống chưa có xã này")
        return found

    def ready(self) -> Mapping[str, ReadyText]:
        """Announcements that need not be written anew."""
        return self._office.library().ready_texts

    # --- looking ----------------------------------------------------------------------------

    async def get(self, commune: str, announcement_id: int) -> AnnouncementView:
        """One announcement.

        Raises:
            NotAllowed: it is not there.
        """
        async with self._store.read() as session:
            found = await announcement_views.get(session, commune, announcement_id)
        if found is None:
            raise NotAllowed(GONE)
        return found

    async def counts(self, commune: str) -> dict[str, int]:
        """How many people each village has; also those without one, if it is in the file."""
        async with self._store.read() as session:
            found = await audience.counts(session, commune)
        known = {village.key: 0 for village in self.commune(commune).villages}
        return {**known, NOT_SAID: 0} | found

    async def estimate(self, commune: str, draft: Draft) -> Estimate:
        """Whom it would reach now, in how many parts, at what price."""
        where = self.commune(commune)
        words = wording.texts(where, draft.title, draft.text, draft.sms_text)
        at = max(draft.start_at or self.now, self.now)
        plans = self._office.plans(commune, "sms")
        async with self._store.read() as session:
            return await estimate(
                session, commune, draft.audience, words, self._office.reaches, plans, at
            )

    @property
    def now(self) -> datetime:
        """Business time."""
        return self._office.clock.now()

    # --- doing ------------------------------------------------------------------------------

    async def save(
        self,
        commune: str,
        officer_id: int,
        draft: Draft,
        announcement_id: int | None = None,
        seen: str | None = None,
    ) -> int:
        """Keep a draft, also an unfinished one; its id."""
        async with self._store.write() as session:
            if announcement_id is None:
                return await announcements.create(session, commune, officer_id, draft, self.now)
            await announcements.edit(
                session, commune, announcement_id, officer_id, draft, self.now, seen
            )
            return announcement_id

    async def submit(self, commune: str, announcement_id: int, officer_id: int) -> Estimate:
        """Ask for approval.

        Raises:
            Faulty, NotAllowed: it cannot be sent so, or not any more.
        """
        draft = (await self.get(commune, announcement_id)).draft
        found = await self._sound(commune, draft)
        async with self._store.write() as session:
            await announcements.submit(
                session, commune, announcement_id, officer_id, found.dump(), self.now
            )
        return found

    async def approve(
        self, commune: str, announcement_id: int, officer_id: int, seen: str, most: int, price: int
    ) -> Estimate:
        """Let it go out.

        Args:
            seen: the digest of what the officer was shown.
            most: how many people they were told it goes to.
            price: and for how much at the most.

        Raises:
            Faulty, NotAllowed: it cannot be sent so, or more people or money than was shown.
        """
        draft = (await self.get(commune, announcement_id)).draft
        found = await self._sound(commune, draft)
        if found.people > most or found.price_most > price:
            raise NotAllowed(
                "số người nhận hoặc số tiền vừa tăng so với lúc anh/chị xem; "
                "anh/chị xem lại rồi duyệt"
            )
        async with self._store.write() as session:
            await announcements.approve(
                session, commune, announcement_id, officer_id, seen, found.dump(), self.now
            )
        return found

    async def reject(self, commune: str, announcement_id: int, officer_id: int, note: str) -> None:
        """Send it back with a reason."""
        async with self._store.write() as session:
            await announcements.reject(
                session, commune, announcement_id, officer_id, note, self.now
            )

    async def act(self, act: Act, commune: str, announcement_id: int, officer_id: int) -> None:
        """Pause, go on, cancel."""
        does = {
            "pause": announcements.pause,
            "resume": announcements.resume,
            "cancel": announcements.cancel,
        }[act]
        async with self._store.write() as session:
            await does(session, commune, announcement_id, officer_id, self.now)

    async def _sound(self, commune: str, draft: Draft) -> Estimate:
        found = self.faults(commune, draft)
        if found:
            raise Faulty(found)
        told = await self.estimate(commune, draft)
        if told.people == 0:
            raise Faulty({"audience": NOBODY})
        if told.people == told.unreachable:
            raise Faulty({"audience": NO_WAY})
        return told

    def faults(self, commune: str, draft: Draft) -> dict[str, str]:
        """What keeps a draft from being sent, by field."""
        where = self.commune(commune)
        found = wording.faults(where, draft.title, draft.text, draft.sms_text)
        known = {NOT_SAID, *(village.key for village in where.villages)}
        if draft.audience.villages is not None:
            if not draft.audience.villages:
                found["audience"] = "Anh/chị chọn ít nhất một thôn, hoặc chọn tất cả."
            elif set(draft.audience.villages) - known:
                found["audience"] = "Có thôn không còn trong danh sách của xã; anh/chị chọn lại."
        return found | self._time_faults(draft)

    def _time_faults(self, draft: Draft) -> dict[str, str]:
        start = max(draft.start_at or self.now, self.now)
        if draft.expires_at <= start:
            return {"expires_at": "Hạn gửi phải sau lúc bắt đầu và sau bây giờ."}
        if draft.expires_at - start > LONGEST:
            return {"expires_at": f"Hạn gửi xa quá {LONGEST.days} ngày. Anh/chị đặt gần hơn."}
        return {}
