"""The limit of requests a minute, as a call that comes back when one may be made.

Zalo allows 100 or 2,000 requests a minute for an OA, by its package (fact sheet 1.5). Who
shares the OA between processes gives a throttle that shares its count.
"""

from __future__ import annotations

from typing import Protocol


class Throttle(Protocol):
    """Awaited before each request to the OpenAPI; templates by phone do not count."""

    async def __call__(self) -> None:
        """Return when a request may be made.

        Raises:
            ThrottledError: not soon enough; ``wait`` says when.
        """
        ...


async def unlimited() -> None:
    """A throttle that never waits."""
