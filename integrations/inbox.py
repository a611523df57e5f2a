"""Hands what a webhook brought to the intake, and turns its failure into "come again"."""

from __future__ import annotations

from collections.abc import Iterable

import structlog
from aiohttp import web

from bot.channels import Intake
from bot.messages import Echo, Inbound, InboundPart, Notice, Receipt

log = structlog.get_logger(__name__)


Arrival = Inbound | InboundPart | Receipt | Echo | Notice


async def hand_over(intake: Intake, arrivals: Iterable[Arrival]) -> None:
    """Give each arrival to the method of ``intake`` that takes its kind, in order."""
    for arrival in arrivals:
        match arrival:
            case Inbound():
                await intake.receive(arrival)
            case InboundPart():
                await intake.part(arrival)
            case Receipt():
                await intake.receipt(arrival)
            case Echo():
                await intake.echo(arrival)
            case Notice():
                await intake.notice(arrival)


async def answer_after(
    intake: Intake,
    arrivals: Iterable[Arrival],
    *,
    commune: str,
    answer: web.Response | None = None,
) -> web.Response:
    """200 once everything is committed (``answer``, where the provider wants to hear more).

    503 when the intake failed, so that it is redelivered.

    The provider repeats the whole body then: what was committed before the failure is
    recognised by its id.
    """
    try:
        await hand_over(intake, arrivals)
    except Exception as fault:
        # Only the kind: the message of a database error may quote the row.
        log.error("webhook.intake_failed", commune=commune, error=type(fault).__name__)
        return web.json_response({"ok": False}, status=503, headers={"Retry-After": "30"})
    return answer if answer is not None else web.json_response({"ok": True})


def refuse(status: int, reason: str, *, commune: str) -> web.Response:
    """Answer with ``status``; ``reason`` is a fixed word, in the log and in the answer."""
    log.warning("webhook.refused", commune=commune, status=status, reason=reason)
    return web.json_response({"ok": False, "error": reason}, status=status)
