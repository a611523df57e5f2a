"""What this process keeps in mind of a message centre: SMPP itself tells too little.

A report names one part by the centre's id; a message from a citizen has no id at all. All of
this is lost with the process, and each class says what that costs.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.messages import ReceiptState

MOST = 20_000
JUST_NOW = 5.0
"""Seconds within which an acknowledgement may not have arrived when the connection broke."""
COMES_AGAIN = 120.0
"""So long after that the centre may deliver the same once more."""


@dataclass(slots=True)
class Whole:
    """A message of ours, by the ids of the parts that were accepted so far."""

    own_id: str
    total: int
    ids: list[str] = field(default_factory=list)
    delivered: set[str] = field(default_factory=set)

    @property
    def is_taken(self) -> bool:
        """All parts were accepted."""
        return len(self.ids) == self.total

    @property
    def id(self) -> str:
        """The last part's: its report alone decides where the others are not remembered."""
        return self.ids[-1]


class Sent:
    """Which part belongs to which message.

    A message is delivered when all its parts are, and failed as soon as one is. A process that
    did not send it goes by the last part alone. One that was accepted in part only is gone on
    with by another attempt; without this memory the citizen's phone gets some parts twice, under
    the same reference.
    """

    def __init__(self) -> None:
        self._by_part: OrderedDict[str, Whole] = OrderedDict()
        self._own: OrderedDict[str, Whole] = OrderedDict()
        self._unanswered: OrderedDict[str, str] = OrderedDict()

    def begin(self, own_id: str, total: int) -> Whole:
        """A message that is about to be submitted, or to be gone on with."""
        known = self._own.get(own_id)
        if known is None or known.is_taken or known.total != total:
            known = self._own[own_id] = Whole(own_id, total)
            _shorten(self._own)
        return known

    def accepted(self, whole: Whole, part_id: str) -> None:
        """The next part was taken."""
        whole.ids.append(part_id)
        self._by_part[part_id] = whole
        _shorten(self._by_part)

    def find(self, own_id: str) -> Whole | None:
        """A message that was taken whole."""
        known = self._own.get(own_id)
        return known if known is not None and known.is_taken else None

    def asked(self, own_id: str, number: str) -> None:
        """The last part leaves for ``number``: its report may come before the answer, or
        instead of it."""
        self._unanswered[own_id] = number
        _shorten(self._unanswered)

    def answered(self, own_id: str) -> None:
        """The answer came: there is no doubt about it."""
        self._unanswered.pop(own_id, None)

    def told(
        self, part_id: str, state: ReceiptState, number: str
    ) -> tuple[str, str, ReceiptState] | None:
        """What a report on a part says of its message: id, our own id ("" when unknown), state.

        None: nothing yet. A report on an unknown part, about the number of the one message
        that was not answered, is about that.
        """
        whole = self._by_part.get(part_id)
        if whole is None:
            found = [own for own, to in self._unanswered.items() if to == number]
            return part_id, found[0] if len(found) == 1 else "", state
        if state is ReceiptState.DELIVERED:
            whole.delivered.add(part_id)
            if len(whole.delivered) < whole.total:
                return None
        elif state is ReceiptState.SENT and part_id != whole.id:
            return None
        return whole.id, whole.own_id, state


class Names:
    """Ids for what citizens write: one for each delivery, the same one for its repetition.

    A centre delivers again what it believes was not acknowledged: when the connection broke just
    then. Words alone do not tell: "1" and again "1" are two answers to two questions. A process
    that is killed between the store and the acknowledgement forgets, and the message comes twice.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._run = secrets.token_hex(4)
        self._count = 0
        self._open: _Named | None = None
        """Stored or about to be, not acknowledged yet."""
        self._recent: list[_Named] = []
        self._again: list[_Named] = []

    def name(self, body: bytes) -> str:
        """The id of a delivery with these bytes."""
        digest, now = hashlib.sha256(body).digest(), self._now()
        self._again = [one for one in self._again if one.at > now - COMES_AGAIN]
        known = next((one.name for one in self._again if one.digest == digest), None)
        if known is None:
            self._count += 1
            known = f"{digest.hex()[:12]}-{self._run}-{self._count}"
        self._open = _Named(digest, known, now)
        return known

    def acknowledged(self) -> None:
        """The answer to the last one was written; much later than it came, the centre may
        have given up waiting."""
        if self._open is None:
            return
        one, now, self._open = self._open, self._now(), None
        self._again = [other for other in self._again if other.name != one.name]
        kept = self._again if now - one.at > JUST_NOW else self._recent
        kept.append(_Named(one.digest, one.name, now))
        self._recent = [other for other in self._recent if other.at > now - JUST_NOW]

    def broken(self) -> None:
        """The connection is gone: what was acknowledged just now, or not yet, may come again."""
        now = self._now()
        doubtful = [one for one in self._recent if one.at > now - JUST_NOW]
        if self._open is not None:
            doubtful.append(self._open)
        self._again += [_Named(one.digest, one.name, now) for one in doubtful]
        self._recent, self._open = [], None


@dataclass(frozen=True, slots=True)
class _Named:
    digest: bytes
    name: str
    at: float


def _shorten(kept: OrderedDict[str, Any]) -> None:
    while len(kept) > MOST:
        kept.popitem(last=False)
