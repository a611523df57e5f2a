"""``python -m integrations.zalo.simulator``."""

from __future__ import annotations

from integrations.zalo.simulator.command import main

raise SystemExit(main())
