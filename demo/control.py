"""What the demo page needs of the running demo; the composition root provides it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol, TypedDict


class ModelState(TypedDict):
    """Whether the bot understands already; ``detail`` is a Vietnamese sentence or ""."""

    state: Literal["training", "loading", "ready", "missing", "failed"]
    detail: str


class BoardLink(TypedDict):
    """A notice board: where it hangs, what about, and what its QR code opens."""

    place: str
    title: str
    url: str


class Addresses(TypedDict):
    """Where everything is; paths or whole URLs."""

    commune: str
    """Name of the demo commune, as citizens see it."""
    console: str
    chat: str
    boards: list[BoardLink]


@dataclass(frozen=True, slots=True)
class Persona:
    """A simulated citizen's phone; ``id`` is the Zalo user id, or the number of a handset."""

    id: str
    name: str
    about: str = ""
    """One line on who this is, e.g. "Mẹ mới sinh bé, thôn 3"."""


@dataclass(frozen=True, slots=True)
class ZaloGroup:
    """The officers' group on Zalo; the page shows it on the phone of the first member."""

    id: str
    name: str
    members: Sequence[Persona]


class DemoControl(Protocol):
    """The running demo."""

    def now(self) -> datetime:
        """The demo's time, timezone-aware."""
        ...

    async def advance(self, by: timedelta) -> None:
        """Move the demo's clock forward; what falls due on the way happens."""
        ...

    async def reset_clock(self) -> None:
        """Bring the demo's clock back to the real time."""
        ...

    def model_state(self) -> ModelState:
        """Whether the model can answer yet."""
        ...

    def officer_login(self) -> tuple[str, str]:
        """User name and password of the demo officer."""
        ...

    def approver(self) -> str:
        """The second officer, who approves announcements; with the same password."""
        ...

    def addresses(self) -> Addresses:
        """Where console, chat and boards are."""
        ...

    def zalo_users(self) -> list[Persona]:
        """Simulated people with Zalo."""
        ...

    def handsets(self) -> list[Persona]:
        """Simulated people with a basic phone."""
        ...

    def bot_name(self) -> str:
        """The name of the commune's free Zalo bot."""
        ...

    def bot_users(self) -> list[Persona]:
        """Simulated people who write to the free bot."""
        ...

    def officers_group(self) -> ZaloGroup:
        """Where officers are told who waits, and answer by number."""
        ...
