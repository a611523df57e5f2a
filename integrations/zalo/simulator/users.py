"""Who the OA knows, what they may be sent, and the OA itself (fact sheet 4)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from aiohttp import web

from integrations.fields import scalar
from integrations.simulation.clock import LOCAL
from integrations.zalo.simulator.events import by_app
from integrations.zalo.simulator.gate import Gate
from integrations.zalo.simulator.lines import OA_NAME, name_of
from integrations.zalo.simulator.media import PICTURE
from integrations.zalo.simulator.policy import FREE_FOR, Contact
from integrations.zalo.simulator.shapes import (
    Given,
    RefusedError,
    body_of,
    key,
    only,
    page,
    query_of,
)
from integrations.zalo.simulator.world import World

MAX_USERS, MAX_OFFSET = 50, 9951
_GOVERNMENT = 4
_FILTERS = {"offset", "count", "tag_name", "last_interaction_period", "is_follower"}
_ASSET = {"quota_owner", "product_type", "quota_type"}


class Users:
    """Read-only calls about people and the OA."""

    def __init__(self, world: World, oa_id: str) -> None:
        self._world = world
        self._oa_id = oa_id

    def routes(self, gate: Gate) -> list[web.RouteDef]:
        """See the module."""
        return [
            web.get("/v3.0/oa/user/detail", gate.guard(self._detail, "user")),
            web.get("/v3.0/oa/user/getlist", gate.guard(self._list, "user")),
            web.post("/v3.0/oa/quota/message", gate.guard(self._quota, "message")),
            web.get("/v2.0/oa/getoa", gate.guard(self._getoa, "oa")),
        ]

    async def _detail(self, request: web.Request) -> object:
        user_id, contact = self._known(query_of(request))
        at, avatar = contact.last_interaction, f"{PICTURE}/avatar.jpg"
        return {
            "user_id": user_id,
            "user_id_by_app": by_app(user_id),
            "user_external_id": "",
            "display_name": name_of(user_id),
            "user_alias": "",
            "is_sensitive": False,
            "user_last_interaction_date": f"{at.astimezone(LOCAL):%d/%m/%Y}" if at else "",
            "user_is_follower": contact.follows,
            "avatar": avatar,
            "avatars": {"120": avatar, "240": avatar},
            "dynamic_param": "",
            "tags_and_notes_info": {"notes": [], "tag_names": []},
            "shared_info": dict(contact.shared),
        }

    async def _list(self, request: web.Request) -> object:
        query = query_of(request)
        only(query, _FILTERS, "data")
        offset, count = page(query, MAX_USERS)
        if offset > MAX_OFFSET:
            raise RefusedError(-210, "offset is over limit")
        found = [user for user, one in self._world.contacts().items() if self._asked(query, one)]
        shown = [{"user_id": user} for user in found[offset : offset + count]]
        return {"total": len(found), "count": len(shown), "offset": offset, "users": shown}

    def _asked(self, query: Given, contact: Contact) -> bool:
        follower = query.get("is_follower", contact.follows)
        if follower not in (True, False):
            raise RefusedError(-201, "is_follower is invalid")
        first, last = self._period(query.get("last_interaction_period"))
        at = contact.last_interaction
        on_time = at is not None and first <= at.astimezone(LOCAL).date() <= last
        # Nobody has a tag here: asking for one finds nobody.
        tagged = "tag_name" in query
        any_time = "last_interaction_period" not in query
        return contact.follows == follower and (any_time or on_time) and not tagged

    def _period(self, given: object) -> tuple[date, date]:
        today = self._world.clock.now().astimezone(LOCAL).date()
        back = {"TODAY": (0, 0), "YESTERDAY": (1, 1), "L7D": (7, 0), "L30D": (30, 0)}
        if given is None or given in back:
            first, last = back[str(given)] if given else (0, 0)
            return today - timedelta(days=first), today - timedelta(days=last)
        ends = scalar(given).split(":")
        try:
            first_day, last_day = (datetime.strptime(one, "%Y_%m_%d") for one in ends)  # noqa: DTZ007
        except ValueError as fault:
            raise RefusedError(-201, "last_interaction_period is invalid") from fault
        return first_day.date(), last_day.date()

    async def _quota(self, request: web.Request) -> object:
        body = await body_of(request)
        if "user_id" not in body:
            return self._assets(body)
        _, contact = self._known(body)
        at = contact.last_interaction
        return {
            "last_interaction": str(int(at.timestamp() * 1000)) if at else "0",
            "cs_reply": self._replies(contact),
            "promotion": {
                "daily_remain": 0,
                "daily_total": 1,
                "monthly_remain": 4,
                "monthly_total": 4,
            },
        }

    def _replies(self, contact: Contact) -> dict[str, object]:
        total = self._world.policy.free_replies
        if not contact.within(FREE_FOR, self._world.clock.now()):
            return {"remain": 0, "total": total or 0}
        if total is None:
            return {"remain": "unlimited", "total": "unlimited"}
        return {"remain": max(total - contact.replies_used, 0), "total": total}

    def _assets(self, body: Given) -> list[dict[str, str]]:
        """The other question of the same path: what the package and the purchases hold."""
        only(body, _ASSET, "body")
        policy, spent = self._world.policy, self._world.spent()
        until = f"{self._world.clock.now() + timedelta(days=30):%d/%m/%Y}"
        held = [
            ("sub_quota", policy.sub_quota, spent.package),
            ("purchase_quota", policy.purchased, spent.purchased),
        ]
        return [
            {
                "asset_id": f"cs-{kind}",
                "product_type": "cs",
                "quota_type": kind,
                "valid_through": until,
                "total": str(total),
                "remain": str(max(total - used, 0)),
            }
            for kind, total, used in held
            if body.get("quota_type", kind) == kind and total
        ]

    async def _getoa(self, request: web.Request) -> object:
        followers = sum(one.follows for one in self._world.contacts().values())
        return {
            "oaid": self._oa_id,
            "name": OA_NAME,
            "description": "",
            "oa_alias": "",
            "is_verified": True,
            "oa_type": _GOVERNMENT,
            "cate_name": "Cơ quan nhà nước",
            "num_follower": followers,
            "avatar": f"{PICTURE}/avatar.jpg",
            "cover": f"{PICTURE}/cover.jpg",
            "package_name": self._world.policy.package,
            "package_valid_through_date": "31/12/2099",
            "package_auto_renew_date": "",
            "linked_ZCA": "",
        }

    def _known(self, holder: Given) -> tuple[str, Contact]:
        user_id = key(holder, "user_id")
        contact = self._world.contact(user_id)
        if contact is None:
            raise RefusedError(-201, "user_id is invalid")
        return user_id, contact
