"""Where gateways reach us."""

from __future__ import annotations

from integrations.sms.gateway import GatewayConfig

PATH = "/webhooks/sms/{gateway}/{commune}"


def webhook_url(config: GatewayConfig, public_url: str) -> str:
    """The address that a gateway calls; ``public_url`` is that of this server."""
    path = PATH.format(gateway=config.name, commune=config.commune)
    return public_url.rstrip("/") + path
