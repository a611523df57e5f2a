"""``hotro ask``: one turn in the terminal, through the code that answers webhooks.

It has a database of its own (``var/ask.db``), so that a question asked here can never be
sent to a citizen by a running ``hotro serve``.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import date, datetime, time

from bot.clock import LOCAL, Clock, FixedClock, SystemClock
from bot.core import StartError, open_core, stored_content
from bot.messages import Channel, Inbound, InboundKind
from bot.nlu import ready_nlu
from bot.settings import Settings
from bot.store import conversations, transcript
from bot.working import build_worker

NUMBER = "+84900000"
"""Numbers that stand for the citizen on SMS; nothing is ever sent to them from here."""


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked on the command line."""

    text: str
    channel: Channel
    conversation: str | None
    commune: str | None
    on: date | None
    as_json: bool


async def run(settings: Settings, question: Question) -> str:
    """Return the reply as it would leave.

    Raises:
        StartError: no model, or an unknown commune.
    """
    own = settings.model_copy(
        update={"database_url": f"sqlite:///{(settings.data_dir / 'ask.db').absolute()}",
                "redis_url": ""}
    )  # fmt: skip
    clock: Clock = FixedClock(_noon(question.on)) if question.on else SystemClock()
    over = await stored_content(settings)
    async with ready_nlu(own) as nlu, open_core(own, clock, over=over) as core:
        commune = question.commune or next(iter(core.library().communes))
        if commune not in core.library().communes:
            known = ", ".join(core.library().communes)
            raise StartError(f"không có xã {commune}; các xã đang có: {known}")
        address = _address(question)
        inbound = Inbound(
            commune=commune,
            channel=question.channel,
            address=address,
            provider_id=f"ask-{secrets.token_hex(12)}",
            kind=InboundKind.TEXT,
            text=question.text,
        )
        async with core.store.read() as session:
            known_id = await conversations.find(session, commune, question.channel, address)
            before = 0
            if known_id is not None:
                lines = await transcript.read(session, known_id)
                before = lines[-1].seq if lines else 0
        await core.intake.receive(inbound)
        await build_worker(core, nlu).drain()
        async with core.store.read() as session:
            conversation_id = await conversations.find(session, commune, question.channel, address)
            assert conversation_id is not None
            lines = await transcript.read(session, conversation_id)
    return _print([line for line in lines if line.seq > before], question.as_json)


def _address(question: Question) -> str:
    name = question.conversation or secrets.token_hex(8)
    if question.channel != "sms":
        return f"ask-{name}"
    digits = str(int.from_bytes(name.encode(), "big") % 10_000).zfill(4)
    return f"{NUMBER}{digits}" if question.conversation else f"{NUMBER}{secrets.randbelow(9999):04}"


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), LOCAL)


def _print(lines: list[transcript.Line], as_json: bool) -> str:
    replies = [line for line in lines if line.author != "citizen"]
    if as_json:
        values = [
            {
                "text": line.text,
                "choices": [
                    {"label": c.label, "payload": c.payload, "url": c.url} for c in line.choices
                ],
            }
            for line in replies
        ]
        return json.dumps({"replies": values}, ensure_ascii=False)
    return "\n\n".join(
        "\n".join([line.text, *(f"[{n}] {c.label}" for n, c in enumerate(line.choices, 1))])
        for line in replies
    )
