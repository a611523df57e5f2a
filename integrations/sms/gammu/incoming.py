"""What gammu-smsd received: unprocessed rows of ``inbox``.

``TextDecoded`` is not read: in schema 17 the first part of a long message holds the whole there
and the others nothing. ``Text`` holds each part's own characters, as UTF-16 in hex.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import literal, select, update

from bot.messages import Inbound, InboundPart
from integrations.sms.gammu.database import Work
from integrations.sms.gammu.tables import INBOX_SINCE_18, Flag, inbox
from integrations.sms.gateway import GatewayConfig
from integrations.sms.long_sms import Place, arrival, place, wordless

AT_ONCE = 100


async def unprocessed(work: Work, config: GatewayConfig) -> list[Any]:
    """The oldest rows that nobody has taken yet."""
    columns = [c for c in inbox.c if work.version >= 18 or c.name not in INBOX_SINCE_18]
    query = select(*columns).where(inbox.c.Processed == literal(False, Flag))
    if config.option("phone_id"):
        query = query.where(inbox.c.RecipientID == config.option("phone_id"))
    rows = await work.connection.execute(query.order_by(inbox.c.ID).limit(AT_ONCE))
    return list(rows.all())


async def done(work: Work, numbers: Sequence[int]) -> None:
    """They are stored with us: the only thing that we write in this table."""
    await work.connection.execute(
        update(inbox).where(inbox.c.ID.in_(numbers)).values(Processed=True)
    )


def read(config: GatewayConfig, row: Any) -> Inbound | InboundPart:
    """One row. With its time in the id: a database that is made anew counts from 1 again."""
    provider_id = f"{row.ID}-{re.sub(r'[^0-9T]', '', str(row.ReceivingDateTime))}"
    if row.Coding == "8bit":  # settings of an operator, not words of a person
        return wordless(config, row.SenderNumber, provider_id, "data")
    return arrival(config, row.SenderNumber, provider_id, _text(row), _place(row))


def _text(row: Any) -> str:
    try:
        return bytes.fromhex(row.Text or "").decode("utf-16-be", "surrogatepass")
    except ValueError:
        return str(row.TextDecoded or "")


def _place(row: Any) -> Place | None:
    try:
        found = place(bytes.fromhex(row.UDH or ""))
    except ValueError:
        found = None
    if found is not None or not hasattr(row, "PartCount"):
        return found
    # Schema 18 counts the parts itself, also where the header is not kept.
    number, total = row.SequencePosition, row.PartCount
    return Place(f"id-{row.MessageID}", total, number) if 1 <= number <= total > 1 else None
