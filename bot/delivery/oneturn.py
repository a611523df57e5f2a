"""The pure parts of a turn: what was heard, what is said, what is remembered after it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.delivery.compose import Composed, compose, next_page
from bot.dialogue import state
from bot.dialogue.acts import AskConsent, Greet, Turn
from bot.dialogue.heard import Heard, taps_in
from bot.dialogue.outcome import Done, Env, LinkPhone
from bot.dialogue.state import State
from bot.knowledge.library import Knowledge, Library
from bot.messages import InboundKind, Reply
from bot.smstext import ANSWER_PARTS, KEYWORD_PARTS
from bot.understanding.entities import find_places
from bot.understanding.normalise import Lexicon, normal_words, raw_words
from bot.understanding.types import Understanding


def plainly_heard(kind: InboundKind, text: str, media: str | None, memory: State) -> Heard | None:
    """A message that needs no understanding: a picture, a button, a number; None for words."""
    if kind is InboundKind.MEDIA:
        return Heard(kind, media=media)
    if kind is InboundKind.CONTACT:
        return Heard(kind, text)
    taps = taps_in(text, memory)
    if taps or not text or kind is InboundKind.START:
        return Heard(kind, text, taps=taps)
    return None


def words_heard(
    kind: InboundKind, text: str, understood: Understanding, lexicon: Lexicon, message: int
) -> Heard:
    """Free text, with the places it names and the key that answers and cues are compared with."""
    words = normal_words(raw_words(text), lexicon, keep_dialect=False)
    return Heard(
        kind,
        text,
        " ".join(words),
        understanding=understood,
        entities=find_places(text),
        message=message,
    )


def fitting(memory: State, knowledge: Knowledge) -> State:
    """``memory`` without what is about content that is no longer there."""
    known = knowledge.procedures
    update: dict[str, object] = {}
    if memory.topic is not None and memory.topic not in known:
        update["topic"] = None
    if memory.walk is not None and memory.walk.procedure not in known:
        update["walk"] = None
    if memory.form is not None and memory.form.procedure not in known:
        update["form"] = None
    return memory.model_copy(update=update) if update else memory


def speak(
    turn: Turn, dones: Sequence[Done], env: Env, memory: State, *, officer_quiet: bool = False
) -> Composed:
    """The messages of this turn for its channel."""
    pages = next((done.pages for done in dones if done.pages), ())
    if pages:
        return next_page(pages)
    prefix = None
    if officer_quiet:
        prefix = said(env.knowledge, "officer_quiet")
    elif not memory.greeted and not any(isinstance(a, Greet) for a in turn.acts):
        # Luật 134/2025 Đ11: people are told that they talk to a machine.
        prefix = said(
            env.knowledge, "machine_notice", commune=(env.commune.name, env.commune.short)
        )
    replies = [reply for done in dones for reply in done.replies]
    parts = KEYWORD_PARTS if turn.brief else ANSWER_PARTS
    return compose(replies, env.channel, prefix, accents=env.accents, parts=parts)


def said(knowledge: Knowledge | Library, phrase: str, **params: tuple[str, str]) -> Reply:
    """A phrase as a reply; each parameter in its long and its short form."""
    return Reply(
        knowledge.phrase(phrase, short=False, **{name: long for name, (long, _) in params.items()}),
        knowledge.phrase(
            phrase, short=True, **{name: short for name, (_, short) in params.items()}
        ),
    )


def remember(turn: Turn, dones: Sequence[Done], composed: Composed) -> State:
    """The memory after the turn: what numbers mean now, and the words of a consent."""
    after = turn.state
    update: dict[str, object] = {"greeted": True, "pages": composed.pages[: state.MAX_REMEMBERED]}
    if composed.numbered or after.form is not None:
        # While a form waits for a date or a number, digits choose nothing.
        update["choices"] = composed.numbered[: state.MAX_REMEMBERED]
    if any(done.listed for done in dones):
        update["listed"] = next(done.listed for done in dones if done.listed)
    if any(isinstance(effect, LinkPhone) for done in dones for effect in done.effects):
        update["proof"] = None
    consent = next((done.consent_text for done in dones if done.consent_text), None)
    if after.form is not None and any(isinstance(a, AskConsent) for a in turn.acts):
        if consent is None:
            update["form"] = None  # too late to remind: nothing to agree to
        else:
            shown = _as_shown(consent, composed)
            update["form"] = after.form.model_copy(update={"consent_text": shown})
    return after.model_copy(update=update)


def _as_shown(words: str, composed: Composed) -> str:
    """What is agreed to are the words as they left: an SMS may have lost its diacritics."""
    if any(words in bubble.text for bubble in composed.bubbles) or not composed.bubbles:
        return words
    return composed.bubbles[0].text
