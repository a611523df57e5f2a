"""A strict local Zalo: there is no sandbox for Official Accounts (fact sheet 0.9).

It refuses what Zalo refuses and repeats as Zalo repeats; fact sheet section 9 is its list.
"""

from __future__ import annotations

from integrations.simulation.faults import Faults
from integrations.zalo.simulator.app import ZaloSimulator
from integrations.zalo.simulator.command import Options, run
from integrations.zalo.simulator.policy import Policy, Template

__all__ = ["Faults", "Options", "Policy", "Template", "ZaloSimulator", "run"]
