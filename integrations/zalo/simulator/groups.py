"""Groups of the OA (GMF; fact sheet 6.5): made by the OA, messages free at any hour."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta

from integrations.fields import storable
from integrations.simulation.journal import Bubble
from integrations.zalo.simulator.drafts import Draft
from integrations.zalo.simulator.events import Json
from integrations.zalo.simulator.ground import FROM_OA, new_id, sent_time
from integrations.zalo.simulator.lines import name_of
from integrations.zalo.simulator.policy import OPEN_FOR
from integrations.zalo.simulator.shapes import RefusedError
from integrations.zalo.simulator.world import World

ENABLED, DISABLED = "enabled", "disabled"
_GROUP = "group"
_MENTION = re.compile(r"\[@([0-9A-Za-z]{1,64})\]")
_SIZE = re.compile(r"gmf(\d+)")


@dataclass(frozen=True, slots=True)
class Group:
    """One group; ``members`` are user ids, the OA itself is not among them."""

    group_id: str
    name: str
    description: str
    asset_id: str
    members: list[str] = field(default_factory=list)
    status: str = ENABLED
    link: str = ""

    @property
    def address(self) -> str:
        """Where its bubbles are kept."""
        return f"group:{self.group_id}"


class Groups:
    """All groups of one OA."""

    def __init__(self, world: World) -> None:
        self.world = world

    # --- managing ------------------------------------------------------------------

    def create(
        self,
        name: str,
        members: Sequence[str],
        *,
        description: str = "",
        asset_id: str = "",
        group_id: str = "",
    ) -> Group:
        """Open a group. Without ``asset_id`` the first free one is taken.

        Raises:
            RefusedError: -201 unknown asset or member, -230 a member the OA may not invite,
                -238 the asset is in use, -211 none is left, -210 too many members.
        """
        asset = self._free_asset(asset_id)
        self._check_members(members)
        if len(members) > size_of(asset):
            raise RefusedError(-210, "member_user_ids is over limit")
        key = group_id or new_id()
        link = f"https://zalo.me/g/{key[:8]}"
        group = Group(key, name, description, asset, list(dict.fromkeys(members)), link=link)
        self._save(group)
        self._tell("create_group", group, group.members)
        return group

    def get(self, group_id: str) -> Group:
        """The group.

        Raises:
            RefusedError: -403 the OA is in no such group.
        """
        record = self.world.journal.record(_GROUP, group_id)
        if record is None:
            raise RefusedError(-403, "OA is not in this group")
        return _group(record)

    def all(self) -> list[Group]:
        """All groups."""
        return [_group(record) for record in self.world.journal.records(_GROUP).values()]

    def invite(self, group_id: str, members: Sequence[str]) -> Group:
        """Add people; here they accept at once.

        Raises:
            RefusedError: as :meth:`create`; -237 the group is disabled.
        """
        group = self._live(group_id)
        self._check_members(members)
        new = [one for one in dict.fromkeys(members) if one not in group.members]
        if len(group.members) + len(new) > size_of(group.asset_id):
            raise RefusedError(-210, "member_user_ids is over limit")
        group = replace(group, members=[*group.members, *new])
        self._save(group)
        if new:
            self._tell("user_join_group", group, new)
        return group

    def delete(self, group_id: str) -> None:
        """End the group; its asset is free again."""
        group = self.get(group_id)
        self.world.journal.forget(_GROUP, group_id)
        self._tell("delete_group", group, group.members)

    def set_status(self, group_id: str, status: str) -> None:
        """Switch the group off or on, as the end of its package does."""
        self._save(replace(self.get(group_id), status=status))

    def used_assets(self) -> dict[str, str]:
        """Asset id -> id of the group that uses it."""
        return {group.asset_id: group.group_id for group in self.all()}

    # --- talking -------------------------------------------------------------------

    async def send(self, draft: Draft) -> Json:
        """The OA writes into a group; ``draft.to`` is the group's id.

        Raises:
            RefusedError: -403 no such group, -237 it is disabled, -201 quote of nothing.
        """
        group, now = self._live(draft.to), self.world.clock.now()
        if draft.quote:
            self.world.check_quote(group.address, draft.quote, now)
        shown = replace(draft, payload=draft.payload | self._mentions(group, draft.text))
        bubble = await self.world.send_from_oa(group.address, shown, now, group.group_id)
        return {
            "message_id": bubble.message_id,
            "group_id": group.group_id,
            "sent_time": sent_time(now),
        }

    def write(self, group_id: str, user_id: str, text: str, quote: str = "") -> Bubble:
        """A member writes; ``quote`` is the id of a message in the group.

        Raises:
            RefusedError: -403 no such group or no member, -237 disabled, -201 quote of nothing.
        """
        group, now = self._live(group_id), self.world.clock.now()
        if user_id not in group.members:
            raise RefusedError(-403, "user is not in this group")
        quoted = self._quoted(group, quote)
        text = storable(text)
        extra: Json = {"kind": "text", "quote": quoted}
        bubble = Bubble(group.address, user_id, text, now, new_id(), wire=text, extra=extra)
        kept = self.world.keep(bubble)
        event = self.world.events.group_text(group_id, user_id, kept.message_id, text, now, quoted)
        self.world.post(group.address, event, kept.message_id)
        return kept

    # --- inside --------------------------------------------------------------------

    def _quoted(self, group: Group, message_id: str) -> Json:
        if not message_id:
            return {}
        bubble = self.world.journal.find(message_id)
        if bubble is None or bubble.address != group.address:
            raise RefusedError(-201, "quote is invalid")
        author = self.world.events.oa_id if bubble.author == FROM_OA else bubble.author
        return {"text": bubble.wire, "msg_id": message_id, "sender": {"id": author}}

    def _mentions(self, group: Group, text: str) -> Json:
        """Whom ``[@id]`` in the text calls: a member, or everybody by the group's id."""
        called = [one for one in _MENTION.findall(text) if one in (*group.members, group.group_id)]
        return {"mentions": called} if called else {}

    def _live(self, group_id: str) -> Group:
        group = self.get(group_id)
        if group.status != ENABLED:
            raise RefusedError(-237, "The group is disabled")
        return group

    def _check_members(self, members: Sequence[str]) -> None:
        now = self.world.clock.now()
        for user_id in members:
            contact = self.world.contact(user_id)
            if contact is None:
                raise RefusedError(-201, "member_user_ids is invalid")
            if not contact.follows and not contact.within(OPEN_FOR, now):
                raise RefusedError(-230, "user has not interacted with the OA in the past 7 days")

    def _free_asset(self, wanted: str) -> str:
        assets, used = self.world.policy.group_assets, self.used_assets()
        if not wanted:
            free = [one for one in assets if one not in used]
            if not free:
                raise RefusedError(-211, "quota of groups is used up")
            return free[0]
        if wanted not in assets:
            raise RefusedError(-201, "asset_id is invalid")
        if wanted in used:
            raise RefusedError(-238, "asset is already in use")
        return wanted

    def _tell(self, event: str, group: Group, users: Sequence[str]) -> None:
        now = self.world.clock.now()
        change = self.world.events.group_change(event, group.group_id, users, now)
        self.world.post(group.address, change)

    def _save(self, group: Group) -> None:
        self.world.journal.save_record(_GROUP, group.group_id, asdict(group))


def size_of(asset_id: str) -> int:
    """How many members the asset ``gmf<size>...`` allows."""
    found = _SIZE.match(asset_id)
    return int(found[1]) if found else 10


def info_of(group: Group, now: datetime) -> Json:
    """``group_info`` of the answers; a group that is not paid for ends after 45 days."""
    info: Json = {
        "group_id": group.group_id,
        "name": group.name,
        "avatar": "",
        "group_link": group.link,
        "group_description": group.description,
        "status": group.status,
        "total_member": len(group.members) + 1,
        "max_member": size_of(group.asset_id),
    }
    if group.status == DISABLED:
        info["auto_delete_date"] = f"{now + timedelta(days=45):%d/%m/%Y}"
    return info


def shown_text(bubble: Bubble, group: Group) -> str:
    """The words of a bubble with mentions as names."""

    def name(found: re.Match[str]) -> str:
        if found[1] == group.group_id:
            return "@Cả nhóm"
        return f"@{name_of(found[1])}" if found[1] in group.members else found[0]

    return _MENTION.sub(name, bubble.text)


def _group(record: Mapping[str, object]) -> Group:
    members = record.get("members")
    words = {name: str(record.get(name, "")) for name in record if name != "members"}
    return Group(**words, members=list(members) if isinstance(members, list) else [])
