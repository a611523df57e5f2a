"""The working part: understands and answers, sends, reminds, listens to gateways and bots.

A part of the composition root: it knows the actions and the integrations.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from actions.registry import perform
from bot.channels import Sender
from bot.chores import chores
from bot.core import Core
from bot.delivery.schedule import Scheduler
from bot.delivery.sender import Outbound
from bot.delivery.turns import Turns
from bot.delivery.worker import Worker
from bot.loops import kept_running
from bot.messages import Channel
from bot.nlu import new_nlu
from bot.outside_bots import SqlPollLease
from bot.sms_watch import SmsWatch
from bot.store import outbox
from bot.understanding.client import NluClient
from bot.understanding.facade import Understander
from bot.understanding.normalise import load_lexicon
from integrations.sms.listening import Listeners
from integrations.sms.sender import SmsSender
from integrations.webchat.sender import WebSender
from integrations.zalo.bucket import SharedBucket
from integrations.zalo.sender import ZaloSender
from integrations.zalobot.lease import LEASE_SECONDS
from integrations.zalobot.polling import Poller
from integrations.zalobot.sender import BotSender

POLL_SECONDS = 15.0
LAST_POLL = POLL_SECONDS + 3
FORM_IMAGE = "xin-so.png"
"""The picture on Zalo's form for a telephone number."""


@dataclass
class Hands:
    """The working part: model, worker, sender, scheduler."""

    nlu: NluClient
    worker: Worker
    tasks: list[asyncio.Task[None]]


def senders(core: Core) -> dict[Channel, Sender]:
    """One sender for each channel that is set up."""

    async def is_known(provider_message_id: str) -> bool:
        async with core.store.read() as session:
            return await outbox.knows(session, "zalo", provider_message_id)

    outside = core.outside
    zalo = ZaloSender(
        outside.zalo,
        is_known=is_known,
        bucket=SharedBucket(core.settings.redis_url),
        on_quota=outside.note_quota,
        form_image=f"{core.settings.base_url}/static/{FORM_IMAGE}",
    )
    return {
        "web": WebSender(),
        "zalo": zalo,
        "zalobot": BotSender(outside.bots),
        "sms": SmsSender(outside.sms.pool),
    }


def build_worker(
    core: Core, nlu: NluClient, can_remind: Callable[[str], bool] = lambda commune: True
) -> Worker:
    """The worker with all that a turn needs; ``can_remind``: a commune has an SMS gateway."""
    lease = timedelta(seconds=core.settings.lease_seconds)
    turns = Turns(
        core.store,
        core.library,
        Understander(nlu),
        perform,
        core.clock,
        core.wall,
        load_lexicon(core.settings.nlu_dir / "lexicon"),
        officer_idle=timedelta(hours=core.settings.officer_idle_hours),
        lease=lease,
        can_remind=can_remind,
        groups=core.outside.groups(core.library),
        muted=core.muted,
        own_numbers=core.own_numbers,
    )
    concurrency = core.settings.worker_concurrency
    return Worker(core.store, turns, core.wakeups, core.wall, concurrency, lease)


@asynccontextmanager
async def working(core: Core) -> AsyncIterator[Hands]:
    """Answer, send and remind until the block ends."""
    nlu = new_nlu(core.settings)
    nlu.start()
    outside = core.outside
    worker = build_worker(core, nlu, outside.can_remind)
    outgoing = senders(core)
    sender = Outbound(
        core.store,
        outgoing,
        core.wakeups,
        core.clock,
        core.wall,
        unsure_wait=timedelta(seconds=core.settings.unsure_seconds),
        lease=timedelta(seconds=core.settings.lease_seconds),
        reaches=outside.reaches,
        troubled=outside.troubled,
        plans=outside.plans,
        days=core.days,
    )
    life = timedelta(days=core.settings.text_life_days)
    groups = outside.groups(core.library)
    scheduler = Scheduler(
        core.store,
        core.wakeups,
        core.clock,
        life,
        outside.reaches,
        groups,
        plans=outside.plans,
        days=core.days,
        office=core.calling_in,
        chores=chores(core),
        wall=core.wall,
    )
    poller = Poller(
        core.intake,
        outside.bots,
        SqlPollLease(core.store, core.wall, LEASE_SECONDS),
        outside.bot_problem,
        poll_seconds=POLL_SECONDS,
    )
    sms = outside.sms
    listeners = Listeners(core.intake, sms.pool, sms.lease, sms.listening)
    loops = {
        "worker": worker.run,
        "sender": sender.run,
        "scheduler": scheduler.run,
        "tokens": outside.keep_fresh,
        "poller": poller.run,
        "gateways": listeners.run,
        "gateway watch": SmsWatch(sms, core.wall).run,
    }
    tasks = [
        asyncio.create_task(kept_running(name, loop), name=name) for name, loop in loops.items()
    ]
    try:
        yield Hands(nlu, worker, tasks)
    finally:
        # Polls under way may end, as far as a stop may take: what they bring is stored.
        poller.stop()
        await asyncio.wait(
            [task for task in tasks if task.get_name() == "poller"], timeout=LAST_POLL
        )
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await nlu.stop()
        for one in outgoing.values():
            await one.close()
