"""Plays a conversation through the real dialogue, actions and composing, without a store.

What is understood is scripted: keywords by the real grammar, free text by a small book of
meanings (:data:`MEANINGS` and what a test adds), anything else as "not understood". A message
is taken apart as in real life; its clauses, and what a correction leaves, are looked up in the
book like messages of their own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from actions.registry import perform
from bot.clock import local_date
from bot.delivery import oneturn
from bot.delivery.compose import Bubble
from bot.dialogue import policy, state
from bot.dialogue.acts import Act
from bot.dialogue.heard import World
from bot.dialogue.outcome import (
    AgreeReminders,
    CancelReminders,
    Done,
    Effect,
    Env,
    EraseConversation,
    HeldData,
    Known,
    Lesson,
    OpenHandOver,
)
from bot.dialogue.state import State
from bot.knowledge.keywords import grammar_of
from bot.knowledge.library import Knowledge, Library
from bot.knowledge.loader import load
from bot.knowledge.model import Commune, SmsPolicy
from bot.messages import Channel, Choice, InboundKind
from bot.smstext import Policy
from bot.text import clean, key, mask_ids
from bot.understanding.facade import Reader
from bot.understanding.normalise import Lexicon, default_lexicon_dir, load_lexicon
from bot.understanding.types import NONE, Label, Understanding

FAQ = Path(__file__).resolve().parents[2] / "faq"
MORNING = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
"""A Tuesday, 9:00 in Vietnam."""
PHONE = "+84912345678"
COMMUNE = "hoa-mai"
SECRET = "042137"
"""The code that would be sent to prove a number."""

Meaning = tuple[str, str] | tuple[str, str, float] | Understanding
Understand = Callable[[str], Understanding]

MEANINGS: dict[str, Meaning] = {
    "làm khai sinh cần giấy gì": ("khai_sinh", "ho_so"),
    "khai sinh mất tiền không": ("khai_sinh", "le_phi"),
    "chứng thực hết bao nhiêu tiền": ("chung_thuc", "le_phi"),
    "chào": (NONE, "chao"),
    "cảm ơn": (NONE, "cam_on"),
    "tôi muốn gặp cán bộ": (NONE, "gap_can_bo"),
    "mấy giờ xã làm việc": (NONE, "gio_lam_viec"),
    "giá vàng hôm nay": (NONE, "ngoai_pham_vi"),
}


@cache
def library() -> Library:
    """All that ``faq/`` ships."""
    return load(FAQ)


def shipped(day: date | None = None) -> Knowledge:
    """What of it may be told in the demo commune, on the day of :data:`MORNING` unless said."""
    return library().on(day or local_date(MORNING), COMMUNE)


def without(known: Knowledge, lacking: Collection[str]) -> Knowledge:
    """``known`` as if some procedures had not been written yet."""
    left = {name: one for name, one in known.procedures.items() if name not in lacking}
    return replace(known, procedures=left) if lacking else known


@cache
def lexicon() -> Lexicon:
    """The shipped lexicon."""
    return load_lexicon(default_lexicon_dir())


@cache
def reader() -> Reader:
    """What takes messages apart and puts their meaning together."""
    return Reader()


def scripted(more: Mapping[str, Meaning]) -> Understand:
    """Understands keywords and the texts of the book; nothing else."""
    book = {key(text): meaning for text, meaning in {**MEANINGS, **more}.items()}

    def understand(text: str) -> Understanding:
        found = reader().read(text, grammar_of(shipped().commune(COMMUNE)))
        if isinstance(found, Understanding):
            return found
        whole, *clauses = (book.get(key(piece)) for piece in found.texts)
        meant = whole or book.get(key(text))
        if isinstance(meant, Understanding):
            return replace(meant, text=text, correction=found.correction)
        return reader().settle(found, [_ranked(meant), *map(_ranked, clauses)])

    return understand


def _ranked(meaning: Meaning | None) -> list[Label]:
    """What the model would have said."""
    if meaning is None or isinstance(meaning, Understanding):
        return []
    procedure, aspect, *told = meaning
    confidence = told[0] if told else 0.9
    rest = Label(NONE, "ngoai_pham_vi", 1 - confidence)
    return sorted([Label(procedure, aspect, confidence), rest], key=lambda one: -one.confidence)


def torn(procedure: str, aspect: str, *others: tuple[str, str]) -> Understanding:
    """An understanding that wavers between several meanings."""
    labels = tuple(Label(p, a, 0.2) for p, a in others)
    return Understanding("", procedure, aspect, 0.4, "clarify", labels)


@dataclass
class Talk:
    """One citizen's conversation with the bot on one channel."""

    channel: Channel = "zalo"
    meanings: Mapping[str, Meaning] = field(default_factory=dict)
    understand: Understand | None = None
    now: datetime = MORNING
    state: State = field(default_factory=State)
    bubbles: tuple[Bubble, ...] = ()
    offered: tuple[str, ...] = ()
    """What the numbers under the last answer mean."""
    acts: tuple[Act, ...] = ()
    effects: list[Effect] = field(default_factory=list)
    handover_open: bool = False
    lacking: Collection[str] = ()
    """Procedures that the bot was not given."""
    messages: int = 0
    """How many the citizen has sent; the last one's number."""
    lessons: tuple[Lesson, ...] = ()
    """What the last turn taught."""
    proven: str | None = None
    """A number that is proved to be the citizen's, on another channel than SMS."""
    accents: Policy = "never"
    """Whether the commune's SMS have their diacritics."""
    known: Known = field(default_factory=Known)
    """What would be looked up about the citizen."""

    def say(self, text: str) -> str:
        """The citizen types (or taps) ``text``; returns what the bot answers."""
        return self._turn(InboundKind.TEXT, text)

    def send(self, media: str) -> str:
        """The citizen sends a picture, a voice message ..."""
        return self._turn(InboundKind.MEDIA, "", media)

    def give(self, phone: str) -> str:
        """The citizen fills in the channel's form for a telephone number."""
        return self._turn(InboundKind.CONTACT, phone)

    def open(self, payload: str = "") -> str:
        """The citizen opens the chat, or scans a board."""
        return self._turn(InboundKind.START, payload)

    def tap(self, label: str) -> str:
        """The citizen taps the button that says ``label``."""
        payload = next(c.payload for c in self.choices if c.label == label)
        return self.say(payload)

    def play(self, *lines: str) -> str:
        """Several messages one after the other; returns the last answer."""
        return [self.say(line) for line in lines][-1]

    def days_later(self, days: int) -> None:
        """The conversation lies in the database for some days."""
        self.now += timedelta(days=days)
        self.state = state.load(json.loads(json.dumps(self.state.dump())))

    @property
    def text(self) -> str:
        """What the bot said last."""
        return "\n\n".join(bubble.text for bubble in self.bubbles)

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The buttons under it (a form for a number stands below them)."""
        return next((b.choices for b in reversed(self.bubbles) if b.choices), ())

    @property
    def labels(self) -> list[str]:
        """What the buttons say."""
        return [choice.label for choice in self.choices]

    @property
    def reasons(self) -> list[str]:
        """Why the officer was called, each time."""
        return [e.reason for e in self.effects if isinstance(e, OpenHandOver)]

    @property
    def agreed(self) -> list[AgreeReminders]:
        """The reminders that were agreed."""
        return [e for e in self.effects if isinstance(e, AgreeReminders)]

    @property
    def stopped(self) -> bool:
        """Whether reminders were stopped."""
        return any(isinstance(e, CancelReminders) for e in self.effects)

    @property
    def erased(self) -> bool:
        """Whether the conversation was erased."""
        return any(isinstance(e, EraseConversation) for e in self.effects)

    def _turn(self, kind: InboundKind, text: str, media: str | None = None) -> str:
        text = mask_ids(clean(text))
        self.messages += 1
        memory = oneturn.fitting(self.state, self._knowledge)
        heard = oneturn.plainly_heard(kind, text, media, memory)
        if heard is None:
            understand = self.understand or scripted(self.meanings)
            heard = oneturn.words_heard(kind, text, understand(text), lexicon(), self.messages)
        own = PHONE if self.channel == "sms" else None
        phone = own or self.proven
        world = World(
            self._knowledge, local_date(self.now), self.channel, phone, phone is not None, self.now
        )
        turn = policy.decide(memory, heard, world)
        env = self._env()
        dones = [perform(act, env) for act in turn.acts]
        composed = oneturn.speak(turn, dones, env, memory)
        self.state = oneturn.remember(turn, dones, composed)
        self.acts, self.bubbles, self.offered = turn.acts, composed.bubbles, composed.numbered
        self.lessons = turn.lessons
        self._apply(dones)
        return self.text

    @property
    def _knowledge(self) -> Knowledge:
        """What may be told on the day of the talk."""
        return without(shipped(local_date(self.now)), self.lacking)

    def _env(self) -> Env:
        return Env(
            knowledge=self._knowledge,
            commune=self._commune,
            channel=self.channel,
            now=self.now,
            today=local_date(self.now),
            handover_open=self.handover_open,
            phone=PHONE if self.channel == "sms" else self.proven,
            known=replace(self.known, held=HeldData(3, local_date(MORNING), 1)),
            secret=SECRET,
        )

    @property
    def _commune(self) -> Commune:
        commune = self._knowledge.commune(COMMUNE)
        return commune.model_copy(update={"sms": SmsPolicy(accents=self.accents)})

    def _apply(self, dones: list[Done]) -> None:
        for done in dones:
            self.effects += done.effects
        self.handover_open = bool(self.reasons)
