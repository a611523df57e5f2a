"""A local eSMS.vn with one account, one brand name, one short code, and the phones behind it."""

from __future__ import annotations

from integrations.simulation.faults import Faults
from integrations.sms.esms.simulator.app import EsmsSimulator

__all__ = ["EsmsSimulator", "Faults"]
