"""Group chats of the OA, GMF (fact sheet 6.5).

Unlike the other OA calls these take ordinary query parameters (``group_id``, ``offset``,
``count``), in every working program that was found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from integrations.fields import Payload, identifier, part, string
from integrations.zalo.oa import messages
from integrations.zalo.oa.answers import Line, Sent, day, whole
from integrations.zalo.oa.caller import listed
from integrations.zalo.oa.limits import PAGE
from integrations.zalo.oa.messages import InvalidMessageError, Message
from integrations.zalo.oa.messaging import Messaging

BASE = "/v3.0/oa/group/"
MAX_FIRST_MEMBERS = 99


@dataclass(frozen=True, slots=True)
class Group:
    """A group of the OA; ``closes`` is the day on which Zalo dissolves it without renewal."""

    group_id: str
    name: str
    link: str
    enabled: bool
    members: int | None
    max_members: int | None
    closes: date | None

    @classmethod
    def parse(cls, data: Payload) -> Group:
        """From ``data``, or the ``group_info`` in it."""
        info = part(data, "group_info") or data
        return cls(
            group_id=identifier(info.get("group_id")),
            name=string(info, "name") or string(info, "group_name"),
            link=string(info, "group_link"),
            enabled=string(info, "status") == "enabled",
            members=whole(info.get("total_member")),
            max_members=whole(info.get("max_member")),
            closes=day(info.get("auto_delete_date")),
        )


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a group; the OA itself is one."""

    user_id: str
    name: str
    is_oa: bool

    @classmethod
    def parse(cls, one: Payload) -> Member:
        """From one element of the members."""
        user_id = identifier(one.get("user_id"))
        return cls(user_id or identifier(one.get("oa_id")), string(one, "name"), not user_id)


class Groups(Messaging):
    """Words of other people go through :func:`messages.escape_mentions` first."""

    async def send_to_group(self, group_id: str, message: Message) -> Sent:
        """Send to everybody in a group; at any hour, without a window."""
        return await self._send(f"{BASE}message", {"group_id": group_id}, message)

    async def send_group_text(self, group_id: str, text: str) -> Sent:
        """Send a text that mentions nobody."""
        message = messages.text_message(messages.escape_mentions(text))
        return await self.send_to_group(group_id, message)

    async def create_group(
        self, name: str, asset_id: str, member_ids: Sequence[str], description: str = ""
    ) -> Group:
        """Open a group on a bought package; members must follow, or have written in 7 days.

        Raises:
            InvalidMessageError: none or more than 99 members.
        """
        if not 0 < len(member_ids) <= MAX_FIRST_MEMBERS:
            raise InvalidMessageError("a new group takes 1 to 99 members")
        body: dict[str, object] = {
            "group_name": name,
            "asset_id": asset_id,
            "member_user_ids": list(member_ids),
        }
        if description:
            body["group_description"] = description
        answer = await self.post(f"{BASE}creategroupwithoa", body)
        return Group.parse(part(answer, "data"))

    async def group(self, group_id: str) -> Group:
        """One group."""
        answer = await self.ask_plain(f"{BASE}getgroup", {"group_id": group_id})
        return Group.parse(part(answer, "data"))

    async def groups(self, offset: int = 0, count: int = PAGE) -> list[Group]:
        """A page of the OA's groups."""
        answer = await self.ask_plain(f"{BASE}getgroupsofoa", _page(offset, count))
        return [Group.parse(one) for one in listed(answer, "groups")]

    async def group_members(
        self, group_id: str, offset: int = 0, count: int = PAGE
    ) -> list[Member]:
        """A page of a group's members, the OA among them."""
        query = {"group_id": group_id} | _page(offset, count)
        answer = await self.ask_plain(f"{BASE}listmember", query)
        return [Member.parse(one) for one in listed(answer, "members")]

    async def invite_to_group(self, group_id: str, user_ids: Sequence[str]) -> None:
        """Invite people of the OA."""
        body = {"group_id": group_id, "member_user_ids": list(user_ids)}
        await self.post(f"{BASE}invite", body)

    async def group_conversation(
        self, group_id: str, offset: int = 0, count: int = PAGE
    ) -> list[Line]:
        """A page of a group's lines, newest first."""
        query = {"group_id": group_id} | _page(offset, count)
        answer = await self.ask_plain(f"{BASE}conversation", query)
        return [Line.parse(one) for one in listed(answer)]


def _page(offset: int, count: int) -> dict[str, str]:
    return {"offset": str(offset), "count": str(count)}
