"""An intake that puts long messages together, for gateways that hand over parts."""

from __future__ import annotations

from bot.messages import Inbound, InboundKind, InboundPart
from bot.store.parts import joined
from integrations.testing import RecordingIntake


class JoiningIntake(RecordingIntake):
    """As the real one, in lists."""

    async def part(self, part: InboundPart) -> bool:
        new = await super().part(part)
        whole = [
            p for p in self.parts if (p.address, p.reference) == (part.address, part.reference)
        ]
        if new and len(whole) == part.total:
            text = joined({p.number: p.text for p in whole}, part.total)
            await self.receive(
                Inbound(
                    part.commune,
                    part.channel,
                    part.address,
                    whole[0].provider_id,
                    InboundKind.TEXT,
                    text,
                )
            )
        return new
