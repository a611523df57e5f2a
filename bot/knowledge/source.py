"""The content in use: read once, read again when a file changed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from bot.knowledge.errors import ContentError
from bot.knowledge.library import Library
from bot.knowledge.loader import load

LOOK_EVERY = 3.0

Over = Mapping[str, str | None]


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
        self._over: Over = {}
        self._good: Over = {}
        self._library = load(faq_dir)

    def lay_over(self, texts: Over) -> None:
        """Use these files (path inside ``faq/`` -> text; None: no such file) in place of, and
        beside, those of the folder: what an installation says of its provinces and communes.

        A faulty one is told and left out, or its last good text stays; the others are used.
        """
        if texts != self._over:
            self._over = dict(texts)
            self._reload()

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
        texts = dict(self._over)
        try:
            self._library = self._sound(texts)
        except ContentError as error:
            self._on_fault(error)
            return
        self._good = texts

    def _sound(self, texts: dict[str, str | None]) -> Library:
        """The content under ``texts``, of which the faulty ones are exchanged or taken out."""
        while True:
            try:
                return load(self._dir, texts)
            except ContentError as error:
                files = {fault.file for fault in error.faults}
                faulty = [name for name in texts if f"faq/{name}" in files]
                if not faulty:
                    raise
                self._on_fault(error)
                for name in faulty:
                    if name in self._good and self._good[name] != texts[name]:
                        texts[name] = self._good[name]
                    else:
                        del texts[name]

    def _look(self) -> tuple[tuple[str, int, int], ...]:
        files = sorted(self._dir.rglob("*.yaml"))
        stats = ((file, file.stat()) for file in files)
        return tuple((str(f), s.st_mtime_ns, s.st_size) for f, s in stats)
