"""Conversations as ``/conversation`` shows them (fact sheet 4): ids are numbers there."""

from __future__ import annotations

from integrations.simulation.journal import Bubble
from integrations.zalo.simulator.drafts import LINE
from integrations.zalo.simulator.ground import FROM_OA
from integrations.zalo.simulator.media import PICTURE

Json = dict[str, object]
OA_NAME = "UBND xã (mô phỏng)"


def name_of(user_id: str) -> str:
    """The display name of a simulated person."""
    return f"Người dân {user_id[-4:]}"


def line(bubble: Bubble, oa_id: str) -> Json:
    """One line of a conversation between the OA and a person."""
    from_oa = bubble.author == FROM_OA
    ends = (oa_id, bubble.address) if from_oa else (bubble.address, oa_id)
    names = (OA_NAME, name_of(bubble.address))
    if not from_oa:
        names = (names[1], names[0])
    return _content(bubble, from_oa) | {
        "from_id": _number(ends[0]),
        "to_id": _number(ends[1]),
        "from_display_name": names[0],
        "to_display_name": names[1],
        "from_avatar": f"{PICTURE}/avatar.jpg",
        "to_avatar": f"{PICTURE}/avatar.jpg",
    }


def group_line(bubble: Bubble, oa_id: str, group_id: str) -> Json:
    """One line of a group; ``author`` of a member's bubble is the user id."""
    from_oa = bubble.author == FROM_OA
    return _content(bubble, from_oa) | {
        "group_id": group_id,
        "from_id": _number(oa_id if from_oa else bubble.author),
        "from_display_name": OA_NAME if from_oa else name_of(bubble.author),
        "from_avatar": f"{PICTURE}/avatar.jpg",
    }


def _content(bubble: Bubble, from_oa: bool) -> Json:
    kind = str(bubble.extra.get("kind", "text"))
    content: Json = {
        "src": 0 if from_oa else 1,
        "time": int(bubble.at.timestamp() * 1000),
        "type": LINE.get(kind, kind),
        "message": bubble.wire,
        "message_id": bubble.message_id,
    }
    payload = bubble.extra.get("payload")
    if isinstance(payload, dict) and "url" in payload:
        content |= {"url": payload["url"], "thumb": payload["url"]}
    return content


def _number(user_id: str) -> int | str:
    return int(user_id) if user_id.isascii() and user_id.isdigit() else user_id
