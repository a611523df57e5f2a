"""A phone with the SMSGate application, and the basic phones that write to it."""

from __future__ import annotations

from integrations.simulation.faults import Faults
from integrations.sms.smsgate.simulator.app import SmsGatePhone

__all__ = ["Faults", "SmsGatePhone"]
