"""What was said in words while something waits for just this: an offer, a form, a question."""

from __future__ import annotations

from bot.dialogue import form, free, mine, moves, taps, walk, words
from bot.dialogue.acts import Act, AskStop, HandOver, Say, ShowMenu, ShowTicks, Turn
from bot.dialogue.heard import Heard, World
from bot.dialogue.state import Offer, State
from bot.knowledge import checklist as checklists

_ALL_THERE = frozenset({"du", "du roi", "du het", "du ca", "du het roi", "xong", "co du"})
_REMIND = frozenset({"nhac toi", "nhac em", "nhac minh", "dat nhac"})
_STOPS = frozenset({"dung", "dung lai", "thoi", "tc", "huy"})
"""Means yes where it was asked whether everything is to be stopped."""


def hear(state: State, heard: Heard, world: World) -> Turn | None:
    """Take the answer that was waited for; None when this is none."""
    if state.confirming == "erase":
        if words.erases(heard.key):
            return taps.erase()
        if words.declines(heard.text, heard.key):
            state = state.model_copy(update={"confirming": None})
            return Turn(state, (Say("erase_declined"),))
    if state.confirming == "stop":
        turn = _stop_or_not(state, heard)
        if turn is not None:
            return turn
    proved = mine.wait(state, heard, world)
    if proved is not None:
        return proved
    if words.plain(heard.key) in _REMIND:
        return form.offer(state, world) or Turn(state, (Say("remind_what"), ShowMenu()))
    if state.form is not None:
        return _form(state, heard, world)
    return _offered(state, heard, world) or _walk(state, heard, world)


def _stop_or_not(state: State, heard: Heard) -> Turn | None:
    """After DUNG was asked about, it is clear."""
    said = words.plain(heard.key)
    state = state.model_copy(update={"confirming": None})
    if said in _STOPS or words.agrees(heard.key) or words.is_yes(heard.text, heard.key):
        return taps.stop(state)
    if words.declines(heard.text, heard.key):
        return Turn(state, (Say("ack"),))
    return None


# --- an offer -----------------------------------------------------------------------------


def _offered(state: State, heard: Heard, world: World) -> Turn | None:
    said = words.small(heard.text, heard.key)
    offer = state.offer
    if offer is None or said not in {"yes", "no", "stop", "resume"}:
        return None
    state = state.model_copy(update={"misses": 0})
    if said in {"no", "stop"}:
        return Turn(state, (_REFUSED[offer],))
    if offer == "person":
        return Turn(state, (HandOver(moves.WANTS_PERSON),))
    if offer == "resume":
        return moves.take_up(state, world)
    return form.offer(state, world)


_REFUSED: dict[Offer, Act] = {
    "person": Say("ack"),
    "resume": ShowMenu(),
    "remind": Say("reminder_declined"),
}


# --- a form -------------------------------------------------------------------------------


def _form(state: State, heard: Heard, world: World) -> Turn | None:
    turn = form.declined(state, heard)
    if turn is None and heard.is_keyword:
        return None
    turn = turn or form.hear(state, world, heard)
    if turn is not None:
        return moves.after_form(turn, world)
    if free.is_clear(heard.understanding) and not words.is_bare(heard.text, heard.key):
        return free.hear(state, heard, world)  # another question in the middle
    return _form_miss(state, world)


def _form_miss(state: State, world: World) -> Turn:
    misses = state.misses + 1
    if misses >= moves.MAX_MISSES:
        state = state.model_copy(update={"form": None, "misses": 0})
        return moves.after_form(Turn(state, (Say("reminder_given_up"),)), world)
    state = state.model_copy(update={"misses": misses})
    return Turn(state, form.question(state, again=True))


# --- a checklist --------------------------------------------------------------------------


def _walk(state: State, heard: Heard, world: World) -> Turn | None:
    if state.walk is None or state.walk.procedure not in world.knowledge.procedures:
        return None
    said = words.small(heard.text, heard.key)
    if said == "resume" and not state.walk.done and (state.walk.paused or not state.pages):
        return moves.take_up(state, world)
    if heard.is_keyword or state.walk.paused:
        return None
    if said == "stop":
        return moves.leave(state)
    if said == "back":
        return walk.back(state, world)
    if state.walk.done:
        all_there = words.plain(heard.key) in _ALL_THERE
        return walk.tick(state, world, None) if all_there else None
    return _answer(state, heard, world)


def _answer(state: State, heard: Heard, world: World) -> Turn | None:
    question = walk.open_question(state, world)
    if question is None or state.walk is None:
        return None
    option = walk.match_option(question, heard.text, heard.key)
    if option is None:
        return None
    procedure = world.knowledge.procedures[state.walk.procedure]
    told = checklists.find_case(procedure.checklist, heard.key)
    return walk.answer(state, world, procedure.id, question.id, option.id, told)


# --- numbers and bare answers that answer nothing -----------------------------------------


def stray(state: State, heard: Heard, world: World) -> Turn | None:
    """A number or a bare "có" that answers nothing now is never guessed at."""
    waits = moves.where_we_are(state, world)
    if words.numbers(heard.text):
        return Turn(state, (Say("number_unknown"), *(waits or _listed(state))))
    if words.plain(heard.key) == "dung" and not waits and not words.is_yes(heard.text, heard.key):
        return Turn(state.model_copy(update={"confirming": "stop"}), (AskStop(),))
    if words.small(heard.text, heard.key) == "stop" and not waits:
        return Turn(state, (Say("ack"),))
    if not words.is_bare(heard.text, heard.key):
        return None
    if waits:
        return Turn(state, (Say("choose_one"), *waits))
    if words.is_nod(heard.key):
        return Turn(state, (Say("ack"),))
    return Turn(state, (Say("choose_one"), *_listed(state)))


def _listed(state: State) -> tuple[Act, ...]:
    """What there is to choose from, when nothing else waits."""
    done = state.walk if state.walk and state.walk.done else None
    if done is not None:
        return (ShowTicks(done.procedure, walk.pairs(done.answers), done.have),)
    return (ShowMenu(state.topic),)
