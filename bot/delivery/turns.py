"""One turn: understand, decide, act, and commit all of it in one transaction.

Understanding happens before the transaction, so that a slow model holds no lock. What was
assumed meanwhile (who owns the conversation, whose lease it is, that the message is still
new) is checked again under the row lock; if it changed, nothing is written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from bot.clock import Clock, local_date
from bot.delivery import effects, flood, group, looking, oneturn
from bot.delivery.compose import Composed, compose
from bot.delivery.group import Groups
from bot.dialogue import policy, state
from bot.dialogue.acts import Act, SendProof, Turn
from bot.dialogue.heard import Heard, World
from bot.dialogue.outcome import Done, Effect, Env, Known, OpenHandOver
from bot.dialogue.state import State
from bot.knowledge.keywords import grammar_of
from bot.knowledge.library import Knowledge, Library
from bot.messages import InboundKind
from bot.store import conversations, handovers, inbox, outbox, phones
from bot.store.conversations import ConversationView
from bot.store.engine import Store
from bot.store.inbox import InboxView
from bot.understanding.facade import Understander
from bot.understanding.normalise import Lexicon

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=90)
OFFICER_IDLE = timedelta(hours=8)
"""An officer silent for so long gives the conversation back, so that nobody waits in vain."""


class LostLease(Exception):
    """Another worker took the conversation (ours was thought dead); nothing was written."""


class Changed(Exception):
    """What the turn assumed changed meanwhile; it is decided anew."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What is known before a turn."""

    conversation: ConversationView
    handover_open: bool
    phone: str | None
    """The number that is proved to be the citizen's."""


class Turns:
    """Handles one inbox row after the other.

    Args:
        perform: carries out an act (``actions.registry.perform``).
        library: asked at each turn, so that edited content is used at once.
        can_remind: whether a commune has a gateway for reminders.
        groups: the officers' groups, where there are any.
        new_code: makes the code by which a number is proved.
        muted: counts why messages were stored and not answered, for /metrics.
        own_numbers: of this installation's gateways; a commune's own number is known besides.
    """

    def __init__(
        self,
        store: Store,
        library: Callable[[], Library],
        understander: Understander,
        perform: Callable[[Act, Env], Done],
        clock: Clock,
        wall: Clock,
        lexicon: Lexicon,
        officer_idle: timedelta = OFFICER_IDLE,
        lease: timedelta = LEASE,
        can_remind: Callable[[str], bool] = lambda commune: True,
        groups: Groups | None = None,
        new_code: Callable[[], str] = phones.new_code,
        muted: Counter[str] | None = None,
        own_numbers: Callable[[], Collection[str]] = tuple,
    ) -> None:
        self._own_numbers = own_numbers
        self.muted: Counter[str] = Counter() if muted is None else muted
        self._new_code = new_code
        self._store = store
        self._library = library
        self._understander = understander
        self._perform = perform
        self._clock = clock
        self._wall = wall
        self._lexicon = lexicon
        self._officer_idle = officer_idle
        self._lease = lease
        self._can_remind = can_remind
        self._groups = groups

    async def handle(self, row: InboxView, worker: str) -> None:
        """Answer ``row``; on return it is done (or was done by somebody else).

        Raises:
            NluUnavailable: there is no model now; try again later.
            LostLease: somebody else has the conversation.
        """
        for _ in range(3):
            look = await self._look(row)
            try:
                if row.kind is InboundKind.GROUP:
                    return await self._from_group(row, look, worker)
                if row.kind in (InboundKind.STOP, InboundKind.WITHDRAWN):
                    return await self._stopped(row, look, worker)
                if not look.conversation.bot_owns and not self._officer_gone(look.conversation):
                    return await self._leave_to_officer(row, look, worker)
                muted = await self._flood(row, look.conversation)
                if muted != "answer":
                    return await self._mute(row, look, worker, muted)
                return await self._answer(row, look, worker)
            except Changed:
                log.info("turn.again", inbox=row.id)
        raise LostLease

    # --- looking ------------------------------------------------------------------

    async def _look(self, row: InboxView) -> _Look:
        async with self._store.read() as session:
            conversation = await conversations.get(session, row.conversation_id)
            assert conversation is not None
            is_open = await handovers.is_open(session, conversation.id)
            phone = await phones.proven(session, conversation)
        return _Look(conversation, is_open, phone)

    def _officer_gone(self, conversation: ConversationView) -> bool:
        last = conversation.last_officer_at
        return last is None or self._clock.now() - last > self._officer_idle

    # --- turns without an answer --------------------------------------------------

    async def _stopped(self, row: InboxView, look: _Look, worker: str) -> None:
        async with self._store.write() as session:
            await self._check(session, row, look, worker)
            now = self._clock.now()
            await conversations.set_stopped(session, row.conversation_id, now)
            if row.kind is InboundKind.WITHDRAWN:
                await effects.erase_person(session, row.conversation_id, row.id, now)

    async def _from_group(self, row: InboxView, look: _Look, worker: str) -> None:
        async with self._store.write() as session:
            conversation = await self._check(session, row, look, worker)
            if self._groups is not None:
                await group.hear(session, row, conversation, self._groups, self._clock.now())

    async def _leave_to_officer(self, row: InboxView, look: _Look, worker: str) -> None:
        async with self._store.write() as session:
            conversation = await self._check(session, row, look, worker)
            await self._welcome_back(session, conversation)

    async def _flood(self, row: InboxView, conversation: ConversationView) -> flood.Verdict:
        """By SMS: whether the message is answered, or why it is not."""
        if conversation.channel != "sms" or row.kind is not InboundKind.TEXT:
            return "answer"
        communes = self._library().communes
        own = {one.sms_number for one in communes.values() if one.sms_number}
        own |= set(self._own_numbers())
        async with self._store.read() as session:
            seen = await flood.seen(
                session,
                conversation.id,
                row.id,
                row.text,
                conversation.address,
                self._clock.now(),
                own,
            )
        here = communes.get(conversation.commune)
        hit = grammar_of(here).match(row.text) if here else None
        urgent = hit is not None and hit.name in {"stop", "erase"}
        return flood.decide(seen, urgent=urgent)

    async def _mute(self, row: InboxView, look: _Look, worker: str, why: flood.Verdict) -> None:
        """Keep the message and say nothing; an officer is told once."""
        async with self._store.write() as session:
            conversation = await self._check(session, row, look, worker)
            now = self._clock.now()
            if why != "machine" and not await flood.told_lately(session, conversation.id, now):
                reason = OpenHandOver(flood.REASON)
                await effects.apply(session, reason, conversation, row.id, now)
        self.muted[why] += 1
        log.info("turn.muted", inbox=row.id, why=why)

    async def _welcome_back(self, session: AsyncSession, conversation: ConversationView) -> None:
        """Whoever writes again may be written to again."""
        if conversation.stopped_at is not None:
            await conversations.set_stopped(session, conversation.id, None)

    async def _check(
        self, session: AsyncSession, row: InboxView, look: _Look, worker: str
    ) -> ConversationView:
        """Lock the conversation, see that nothing changed, mark the row done."""
        conversation = await conversations.get(session, row.conversation_id, lock=True)
        assert conversation is not None
        until = self._wall.now() + self._lease
        if not await conversations.holds_lease(session, conversation.id, worker, until):
            raise LostLease
        if conversation.owner != look.conversation.owner:
            raise Changed
        if not await inbox.mark_done(session, row.id, self._clock.now()):
            raise LostLease
        return conversation

    # --- the answer ---------------------------------------------------------------

    async def _answer(self, row: InboxView, look: _Look, worker: str) -> None:
        today = local_date(self._clock.now())
        knowledge = self._library().on(today, look.conversation.commune)
        memory = oneturn.fitting(state.load(look.conversation.state), knowledge)
        world = self._world(look, knowledge)
        turn = policy.decide(memory, await self._hear(row, memory, knowledge), world)
        env = self._env(turn, look, knowledge, await self._known(turn, look))
        dones = [self._perform(act, env) for act in turn.acts]
        quiet = not look.conversation.bot_owns
        composed = oneturn.speak(turn, dones, env, memory, officer_quiet=quiet)
        after = oneturn.remember(turn, dones, composed)
        async with self._store.write() as session:
            conversation = await self._check(session, row, look, worker)
            if not conversation.bot_owns:
                await handovers.reclaim(session, conversation.id, self._clock.now())
            await self._welcome_back(session, conversation)
            await conversations.save_state(session, conversation.id, after.dump())
            decided = [*turn.lessons, *(effect for done in dones for effect in done.effects)]
            await self._commit(session, row, conversation, decided, composed, knowledge)

    async def _commit(
        self,
        session: AsyncSession,
        row: InboxView,
        conversation: ConversationView,
        decided: Sequence[Effect],
        composed: Composed,
        knowledge: Knowledge,
    ) -> None:
        now = self._clock.now()
        for effect in decided:
            await effects.apply(session, effect, conversation, row.id, now, knowledge)
        for n, bubble in enumerate(composed.bubbles):
            key = f"in:{row.id}:{n}"
            draft = outbox.Draft(key, "bot", bubble.text, bubble.choices, kind=bubble.kind)
            await outbox.queue(session, conversation.id, draft, now)

    def _world(self, look: _Look, knowledge: Knowledge) -> World:
        now, conversation = self._clock.now(), look.conversation
        phone = look.phone or conversation.phone
        proven = look.phone is not None
        return World(knowledge, local_date(now), conversation.channel, phone, proven, now)

    async def _hear(self, row: InboxView, memory: State, knowledge: Knowledge) -> Heard:
        heard = oneturn.plainly_heard(row.kind, row.text, row.media, memory)
        if heard is not None:
            return heard
        grammar = grammar_of(knowledge.here) if knowledge.here else None
        understood = await self._understander.understand(row.text, grammar)
        return oneturn.words_heard(row.kind, row.text, understood, self._lexicon, row.id)

    async def _known(self, turn: Turn, look: _Look) -> Known:
        """What the acts tell of this citizen."""
        if not looking.has_to_look(turn.acts):
            return Known()
        async with self._store.read() as session:
            return await looking.look(
                session, turn.acts, look.conversation, look.phone, self._clock.now()
            )

    def _env(self, turn: Turn, look: _Look, knowledge: Knowledge, known: Known) -> Env:
        now = self._clock.now()
        return Env(
            knowledge=knowledge,
            commune=knowledge.commune(look.conversation.commune),
            channel=look.conversation.channel,
            now=now,
            today=local_date(now),
            handover_open=look.handover_open,
            can_remind=self._can_remind(look.conversation.commune),
            phone=look.phone,
            known=known,
            secret=self._new_code() if any(isinstance(a, SendProof) for a in turn.acts) else "",
        )

    async def give_up(self, row: InboxView, worker: str, error: str) -> None:
        """The message cannot be handled: tell the citizen and put it on the officer's list."""
        look = await self._look(row)
        conversation = look.conversation
        library = self._library()
        commune = library.communes.get(conversation.commune)
        replies = []
        if commune is not None:  # it may have been taken away meanwhile
            phone = (commune.phone, commune.phone)
            replies.append(oneturn.said(library, "trouble", phone=phone))
        now = self._clock.now()
        async with self._store.write() as session:
            until = self._wall.now() + self._lease
            if not await conversations.holds_lease(session, conversation.id, worker, until):
                raise LostLease
            if not await inbox.give_up(session, row.id, now, error):
                return
            if row.kind is InboundKind.GROUP:
                return
            reason = OpenHandOver("Trợ lý gặp trục trặc, chưa trả lời được")
            await effects.apply(session, reason, conversation, row.id, now)
            if conversation.bot_owns:
                accents = commune.sms.accents if commune is not None else "never"
                composed = compose(replies, conversation.channel, accents=accents)
                for n, bubble in enumerate(composed.bubbles):
                    draft = outbox.Draft(f"in:{row.id}:{n}", "bot", bubble.text)
                    await outbox.queue(session, conversation.id, draft, now)
