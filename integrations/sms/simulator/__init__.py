"""A local SMS gateway and the basic phones behind it."""

from __future__ import annotations

from integrations.simulation.faults import Faults
from integrations.sms.simulator.app import SmsGatewaySimulator

__all__ = ["Faults", "SmsGatewaySimulator"]
