"""One commune's Official Account: its ids, secrets and where its access token comes from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

OPENAPI = "https://openapi.zalo.me"


class TokenUnavailableError(Exception):
    """No usable access token; an administrator of the OA has to consent again."""


class AccessToken(Protocol):
    """Gives the current access token of one OA.

    Access tokens live 25 hours and die at once when a refresh succeeds, so nobody keeps
    one: the sender asks before each call. A source that refreshes (OAuth v4, single-use
    refresh tokens) takes ``refused`` as the sign to do so, under its own lock.
    """

    async def __call__(self, refused: str | None = None) -> str:
        """Return a token; ``refused`` is one that Zalo has just turned down.

        Raises:
            TokenUnavailableError: there is none.
        """
        ...


def static_token(token: str) -> AccessToken:
    """A source with one token that somebody pasted; it cannot be renewed."""

    async def current(refused: str | None = None) -> str:
        if not token or refused == token:
            raise TokenUnavailableError
        return token

    return current


@dataclass(frozen=True, slots=True)
class ZaloAccount:
    """What is needed to talk for one OA.

    ``oa_secret`` is the *OA secret key* of the console's webhook page, not the app secret.
    Empty means that the webhook is being set up: Zalo tests the address before it shows
    the key, so events are then answered with 200 and dropped.
    """

    app_id: str
    oa_id: str
    oa_secret: str = field(repr=False)
    access_token: AccessToken = field(repr=False)
    openapi: str = OPENAPI
