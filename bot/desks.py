"""What officers act through, from the console and from the command line.

A part of the composition root: it knows the console.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from aiohttp import web

from bot.announcing.desk import AnnouncementDesk, Office
from bot.channels import Standing
from bot.clock import local_date
from bot.core import Core
from bot.messages import Channel
from bot.reminders.ways import Person, standing
from bot.sms_desk import Gateways
from bot.store.conversations import ConversationView
from bot.zalo_desk import Accounts
from console.checklist_view import named, summarise
from console.desk import Desk


def console_desk(core: Core, client_ip: Callable[[web.Request], str]) -> Desk:
    """What the console acts through; ``client_ip``: from where a request comes."""

    def farewell(channel: Channel) -> str:
        return core.library().phrase("given_back", short=channel == "sms")

    def standing_of(view: ConversationView) -> tuple[Standing, datetime | None]:
        stopped = view.stopped_at is not None
        person = Person(view.commune, view.channel, view.last_inbound_at, stopped)
        return standing(core.outside.reaches, person, core.clock.now())

    return Desk(
        store=core.store,
        clock=core.clock,
        notify=lambda: core.wakeups.notify("outbox"),
        procedure_names={p.id: p.name for p in core.library().procedures.values()},
        checklist_summary=lambda stored, commune: summarise(
            stored, core.library().on(local_date(core.clock.now()), commune)
        ),
        farewell=farewell,
        accents=core.accents,
        commune_info=core.commune_info,
        base_url=core.settings.base_url,
        secure_cookies=core.settings.base_url.startswith("https:"),
        client_ip=client_ip,
        named=named,
        zalo=Accounts(core.settings, core.store, core.outside, core.clock, core.wall),
        sms=Gateways(core.store, core.outside, core.clock, core.wall, core.accents),
        standing=standing_of,
        phone_form=lambda: core.library().phrase("phone_form"),
        knowledge=core.knowledge,
        announcements=announcement_desk(core),
    )


def announcement_desk(core: Core) -> AnnouncementDesk:
    """What officers do with announcements, from the console and from the command line."""
    outside = core.outside
    return AnnouncementDesk(
        Office(core.store, core.library, outside.reaches, outside.plans, core.clock)
    )
