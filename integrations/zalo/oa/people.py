"""People, conversations, and the account itself (fact sheet 4)."""

from __future__ import annotations

from integrations.fields import part
from integrations.zalo.oa.answers import Line, MessageQuota, OaInfo, UserDetail, UserPage
from integrations.zalo.oa.caller import Caller, listed
from integrations.zalo.oa.limits import PAGE


class People(Caller):
    """Questions; asking twice does no harm."""

    async def user_detail(self, user_id: str) -> UserDetail:
        """What the OA may know of a person."""
        answer = await self.ask("/v3.0/oa/user/detail", {"user_id": user_id})
        return UserDetail.parse(part(answer, "data"))

    async def users(
        self,
        offset: int = 0,
        count: int = 50,
        *,
        tag: str = "",
        last_interaction: str = "",
        follows: bool | None = None,
    ) -> UserPage:
        """A page of at most 50 people; ``last_interaction`` is Zalo's name of a period."""
        query: dict[str, object] = {"offset": offset, "count": count}
        if tag:
            query["tag_name"] = tag
        if last_interaction:
            query["last_interaction_period"] = last_interaction
        if follows is not None:
            query["is_follower"] = follows
        answer = await self.ask("/v3.0/oa/user/getlist", query)
        return UserPage.parse(part(answer, "data"))

    async def conversation(self, user_id: str, offset: int = 0, count: int = PAGE) -> list[Line]:
        """A page of at most 10 lines with one person, newest first."""
        query = {"user_id": user_id, "offset": offset, "count": count}
        answer = await self.ask("/v2.0/oa/conversation", query)
        return [Line.parse(one) for one in listed(answer)]

    async def recent_chats(self, offset: int = 0, count: int = PAGE) -> list[Line]:
        """The last line with each of the people who wrote last, at most 10."""
        answer = await self.ask("/v2.0/oa/listrecentchat", {"offset": offset, "count": count})
        return [Line.parse(one) for one in listed(answer)]

    async def message_quota(self, user_id: str) -> MessageQuota:
        """What may still be sent to a person, and when they were last heard of."""
        answer = await self.post("/v3.0/oa/quota/message", {"user_id": user_id})
        return MessageQuota.parse(part(answer, "data"))

    async def oa_info(self) -> OaInfo:
        """The account: also the cheapest proof that the token works."""
        return OaInfo.parse(part(await self.ask("/v2.0/oa/getoa"), "data"))
