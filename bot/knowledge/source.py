"""The content in use: read once, read again when a file changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from bot.knowledge.errors import ContentError
from bot.knowledge.library import Library
from bot.knowledge.loader import load

LOOK_EVERY = 3.0


class KnowledgeSource:
    """Gives the present content; a faulty edit leaves the last good one in use.

    Raises (on construction):
        ContentError: the content cannot be used at all.
    """

    def __init__(
        self,
        faq_dir: Path,
        on_fault: Callable[[ContentError], None] = lambda error: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._dir = faq_dir
        self._on_fault = on_fault
        self._monotonic = monotonic
        self._stamp = self._look()
        self._looked = monotonic()
        self._over: Mapping[str, str] = {}
        self._library = load(faq_dir)

    def lay_over(self, texts: Mapping[str, str]) -> None:
        """Use these files (path inside ``faq/`` -> text) in place of, and beside, those of the
        folder: what an installation says of its provinces and communes.

        Raises:
            ContentError: they do not go together; what was used before stays in use.
        """
        if texts != self._over:
            self._library = load(self._dir, texts)
            self._over = dict(texts)

    def __call__(self) -> Library:
        """The content as of a few seconds ago at most."""
        if self._monotonic() - self._looked >= LOOK_EVERY:
            self._looked = self._monotonic()
            stamp = self._look()
            if stamp != self._stamp:
                self._stamp = stamp
                self._reload()
        return self._library

    def _reload(self) -> None:
        try:
            self._library = load(self._dir, self._over)
        except ContentError as error:
            self._on_fault(error)

    def _look(self) -> tuple[tuple[str, int, int], ...]:
        files = sorted(self._dir.rglob("*.yaml"))
        stats = ((file, file.stat()) for file in files)
        return tuple((str(f), s.st_mtime_ns, s.st_size) for f, s in stats)
