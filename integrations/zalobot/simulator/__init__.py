"""A strict local Zalo Bot Platform with its phones; what is a guess is said in ``api``."""

from __future__ import annotations

from integrations.simulation.faults import Faults
from integrations.zalobot.simulator.app import BotSimulator

__all__ = ["BotSimulator", "Faults"]
