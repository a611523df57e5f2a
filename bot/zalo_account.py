"""How a commune's Zalo accounts stand, and what may be done about them: for desk and commands.

The composition root implements it (bot.zalo_desk).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class ZaloFault(Exception):
    """It did not work; the message is a Vietnamese sentence for whoever tried."""


@dataclass(frozen=True, slots=True)
class OaState:
    """A commune's Official Account as the page shows it. Secrets are never shown."""

    app_id: str = ""
    oa_id: str = ""
    has_app_secret: bool = False
    has_oa_secret: bool = False
    connected: bool = False
    """There are tokens that live."""
    problem: str = ""
    """What a person has to mend."""
    warning: str = ""
    """What a person will have to mend soon."""
    notice: str = ""
    """What Zalo last said of the account (a template judged, a right withdrawn)."""
    name: str = ""
    package: str = ""
    package_until: str = ""
    access_until: datetime | None = None
    refresh_until: datetime | None = None
    quota: str = ""
    """What is left of the paid allowance, in words."""
    per_minute: int = 100
    officer_group: str = ""
    public_group: str = ""
    template: str = ""
    auto_replies: tuple[str, ...] = ()
    proof: bool = False
    """Calls carry appsecret_proof."""
    fixed_state: str = ""
    fixed_challenge: str = ""
    """To be copied into Zalo's console, where an app keeps them there."""
    webhook_at: datetime | None = None
    """When an event of Zalo's last came with a right signature."""
    unsigned_at: datetime | None = None
    """When one last came with a wrong signature: a wrong OA secret key, or a stranger."""
    webhook_url: str = ""
    callback_url: str = ""
    from_file: bool = False
    """Ids or secrets stand in hotro.toml; what is entered here goes over them."""


@dataclass(frozen=True, slots=True)
class BotState:
    """A commune's bot of the free platform."""

    has_token: bool = False
    problem: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class GroupLine:
    """A group that the OA made."""

    id: str
    name: str
    members: int
    link: str = ""


class ZaloDesk(Protocol):
    """Every method raises :class:`ZaloFault` when it cannot do what it says."""

    async def oa(self, commune: str) -> OaState:
        """How the commune's OA stands; never asks Zalo."""
        ...

    async def check(self, commune: str) -> OaState:
        """Ask Zalo whether the tokens work, and note name, package and quota."""
        ...

    async def save(self, commune: str, values: Mapping[str, str]) -> OaState:
        """Keep what was entered: app_id, oa_id, app_secret, oa_secret (empty: as it was),
        per_minute, officer_group, public_group, template, auto_replies (one a line), proof
        ("1"). Only the names that are given change.
        """
        ...

    async def connect(self, commune: str) -> str:
        """Begin a consent; returns the address to send the administrator's browser to."""
        ...

    async def returned(self, state: str, code: str, oa_id: str) -> str:
        """Zalo sent the browser back; returns the commune that is connected now."""
        ...

    async def paste(self, commune: str, access: str, refresh: str) -> OaState:
        """Take a pair of tokens from Zalo's API Explorer."""
        ...

    async def disconnect(self, commune: str) -> None:
        """Forget the OA's secrets and tokens."""
        ...

    async def groups(self, commune: str) -> Sequence[GroupLine]:
        """The groups that the OA made."""
        ...

    async def announce(self, commune: str, text: str, key: str) -> None:
        """Post to the commune's group; the same ``key`` posts once."""
        ...

    async def bot(self, commune: str) -> BotState:
        """How the commune's bot stands."""
        ...

    async def save_bot(self, commune: str, token: str) -> BotState:
        """Try a token at the platform and keep it; "" forgets it."""
        ...
