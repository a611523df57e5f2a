"""What the desk is given by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web

from bot.announcing.desk import AnnouncementDesk
from bot.channels import Standing
from bot.clock import Clock, SystemClock
from bot.knowledge.library import Knowledge
from bot.messages import Channel
from bot.sms_account import SmsDesk
from bot.smstext import Policy
from bot.store.conversations import ConversationView
from bot.store.engine import Store
from bot.zalo_account import ZaloDesk
from console.summary import Summary


@dataclass(frozen=True, slots=True)
class CommuneInfo:
    """What a printed board says about the commune."""

    name: str
    phone: str
    sms_number: str | None = None
    """E.164."""
    keywords: Mapping[str, str] = field(default_factory=dict)
    """Procedure -> what to send by SMS ("KS")."""


def remote_address(request: web.Request) -> str:
    """The peer's address, where no proxy stands in front."""
    return request.remote or "?"


@dataclass(frozen=True, slots=True)
class Desk:
    """The desk's surroundings.

    Attributes:
        notify: called after something was queued, so that the sender wakes up.
        procedure_names: procedure id -> name for people.
        checklist_summary: reads the dialogue's stored state, of a conversation with that commune;
            None when there is no checklist.
        named: reads from the same state, in one line, what the citizen named (dates, phone).
        farewell: what the citizen is told when the officer gives the conversation back.
        commune_info: for printed boards; None when nothing is known of that commune.
        base_url: the public address, to which boards' QR codes lead.
        secure_cookies: the console is reached by https.
        client_ip: who is asking, for the limit on logins; behind a proxy give one that
            reads its header.
        wall: by which logins end; the demo moves ``clock``, and nobody shall be thrown out.
        zalo: the communes' Zalo accounts; None where there is nothing to connect to.
        sms: the communes' SMS gateways; None where there can be none.
        standing: whether Zalo carries a message into that conversation now, and until when.
        phone_form: what Zalo's form for a telephone number says; "" when it cannot be sent.
        accents: whether a commune's SMS have diacritics.
        knowledge: what holds today in that commune; None when nothing is known of it.
        announcements: what the commune tells many at once; None where nothing can be sent so.
    """

    store: Store
    clock: Clock
    notify: Callable[[], None]
    procedure_names: Mapping[str, str]
    checklist_summary: Callable[[dict[str, Any], str], Summary | None]
    farewell: Callable[[Channel], str]
    commune_info: Callable[[str], CommuneInfo | None]
    base_url: str
    secure_cookies: bool
    client_ip: Callable[[web.Request], str] = remote_address
    named: Callable[[dict[str, Any]], str] = lambda stored: ""
    wall: Clock = field(default_factory=SystemClock)
    zalo: ZaloDesk | None = None
    sms: SmsDesk | None = None
    standing: Callable[[ConversationView], tuple[Standing, datetime | None]] = lambda view: (
        Standing.FREE,
        None,
    )
    phone_form: Callable[[], str] = lambda: ""
    knowledge: Callable[[str], Knowledge | None] = lambda commune: None
    accents: Callable[[str], Policy] = lambda commune: "never"
    announcements: AnnouncementDesk | None = None
