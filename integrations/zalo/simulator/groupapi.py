"""HTTP around :class:`~integrations.zalo.simulator.groups.Groups`: ``/v3.0/oa/group/*``."""

from __future__ import annotations

from datetime import timedelta

from aiohttp import web

from integrations.zalo.oa.limits import PAGE
from integrations.zalo.simulator.checks import check_message
from integrations.zalo.simulator.events import Json
from integrations.zalo.simulator.gate import Gate
from integrations.zalo.simulator.groups import Group, Groups, info_of, size_of
from integrations.zalo.simulator.lines import OA_NAME, group_line, name_of
from integrations.zalo.simulator.media import PICTURE
from integrations.zalo.simulator.shapes import (
    body_of,
    key,
    keys,
    loose_query_of,
    only,
    optional_text,
    page,
    text,
)
from integrations.zalo.simulator.uploads import Uploads

MAX_FIRST, MAX_PAGE = 99, 50
_CREATE = {"group_name", "group_description", "asset_id", "member_user_ids"}
_PREFIX = "/v3.0/oa/group"


class GroupApi:
    """The calls of the OA."""

    def __init__(self, groups: Groups, uploads: Uploads, oa_id: str) -> None:
        self._groups = groups
        self._uploads = uploads
        self._oa_id = oa_id

    def routes(self, gate: Gate) -> list[web.RouteDef]:
        """See the module."""
        posts = {"creategroupwithoa": self._create, "invite": self._invite, "delete": self._delete}
        gets = {
            "getgroup": self._get,
            "getgroupsofoa": self._list,
            "listmember": self._members,
            "conversation": self._conversation,
        }
        return [
            web.post(f"{_PREFIX}/message", gate.guard(self._send, "group", sends=True)),
            web.post("/v3.0/oa/quota/group", gate.guard(self._quota, "group")),
            *(web.post(f"{_PREFIX}/{name}", gate.guard(f, "group")) for name, f in posts.items()),
            *(web.get(f"{_PREFIX}/{name}", gate.guard(f, "group")) for name, f in gets.items()),
        ]

    async def _send(self, request: web.Request) -> object:
        draft = check_message(await body_of(request), "group_id")
        return await self._groups.send(self._uploads.attach(draft))

    async def _create(self, request: web.Request) -> object:
        body = await body_of(request)
        only(body, _CREATE, "body")
        group = self._groups.create(
            text(body, "group_name", 100),
            keys(body, "member_user_ids", MAX_FIRST),
            description=optional_text(body, "group_description", 500),
            asset_id=key(body, "asset_id"),
        )
        return self._info(group) | {
            "group_id": group.group_id,
            "group_link": group.link,
            "status": group.status,
        }

    async def _invite(self, request: web.Request) -> object:
        body = await body_of(request)
        only(body, {"group_id", "member_user_ids"}, "body")
        members = keys(body, "member_user_ids", MAX_FIRST)
        return {"group_id": self._groups.invite(key(body, "group_id"), members).group_id}

    async def _delete(self, request: web.Request) -> object:
        body = await body_of(request)
        only(body, {"group_id"}, "body")
        self._groups.delete(key(body, "group_id"))
        return {}

    async def _get(self, request: web.Request) -> object:
        return self._info(self._groups.get(key(loose_query_of(request), "group_id")))

    async def _list(self, request: web.Request) -> object:
        offset, count = page(loose_query_of(request), MAX_PAGE)
        groups, now = self._groups.all(), self._groups.world.clock.now()
        shown = [info_of(group, now) for group in groups[offset : offset + count]]
        return {"offset": offset, "count": len(shown), "total": len(groups), "groups": shown}

    async def _members(self, request: web.Request) -> object:
        query = loose_query_of(request)
        offset, count = page(query, MAX_PAGE)
        group, avatar = self._groups.get(key(query, "group_id")), f"{PICTURE}/avatar.jpg"
        everybody: list[Json] = [{"oa_id": self._oa_id, "name": OA_NAME, "avatar": avatar}]
        for user_id in group.members:
            everybody.append({"user_id": user_id, "name": name_of(user_id), "avatar": avatar})
        shown = everybody[offset : offset + count]
        return {"offset": offset, "count": len(shown), "total": len(everybody), "members": shown}

    async def _conversation(self, request: web.Request) -> object:
        query = loose_query_of(request)
        offset, count = page(query, PAGE)
        group = self._groups.get(key(query, "group_id"))
        bubbles = self._groups.world.page(group.address, offset, count)
        return [group_line(bubble, self._oa_id, group.group_id) for bubble in bubbles]

    async def _quota(self, request: web.Request) -> object:
        body = await body_of(request)
        only(body, {"quota_owner", "product_type", "quota_type"}, "body")
        used = self._groups.used_assets()
        assets = self._groups.world.policy.group_assets
        found = {asset: f"gmf{size_of(asset)}" for asset in assets}
        return [
            self._asset(asset, product) | _use(used.get(asset))
            for asset, product in found.items()
            if body.get("product_type", product) == product
            and body.get("quota_type", "sub_quota") == "sub_quota"
        ]

    def _info(self, group: Group) -> Json:
        product = f"gmf{size_of(group.asset_id)}"
        asset = self._asset(group.asset_id, product)
        return {
            "group_info": info_of(group, self._groups.world.clock.now()),
            "asset_info": {"asset_type": product, **asset},
            "group_setting": {
                "lock_send_msg": False,
                "join_appr": False,
                "enable_msg_history": True,
                "enable_link_join": True,
            },
        }

    def _asset(self, asset_id: str, product: str) -> Json:
        until = f"{self._groups.world.clock.now() + timedelta(days=180):%d/%m/%Y}"
        return {
            "asset_id": asset_id,
            "product_type": product,
            "quota_type": "sub_quota",
            "valid_through": until,
            "auto_renew": False,
        }


def _use(group_id: str | None) -> Json:
    return {"status": "used", "used_id": group_id} if group_id else {"status": "available"}
