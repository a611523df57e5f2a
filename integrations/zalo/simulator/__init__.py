"""A strict local Zalo: there is no sandbox for Official Accounts (fact sheet 0.9)."""

from __future__ import annotations

from integrations.simulation.faults import Faults
from integrations.zalo.simulator.app import ZaloSimulator
from integrations.zalo.simulator.policy import Policy

__all__ = ["Faults", "Policy", "ZaloSimulator"]
