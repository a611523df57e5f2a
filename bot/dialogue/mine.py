"""What is the citizen's own: dossiers, reminders, announcements, and the proof of a number.

Nothing is looked up here: the acts are performed with what was looked up for them, and say the
same of a dossier that is not there and of one that is somebody else's.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.dialogue import form, moves, words
from bot.dialogue.acts import (
    AskProof,
    CheckProof,
    ListReminders,
    RemindDossier,
    Say,
    SendProof,
    StopOne,
    Subscribe,
    TellDossier,
    Turn,
)
from bot.dialogue.heard import Heard, World
from bot.dialogue.state import Proof, State
from bot.messages import InboundKind
from bot.understanding.arguments import secret
from bot.understanding.entities import read_phone

_SOME_DIGITS = 6
"""So many digits are a try at a phone number."""


# --- keywords ---------------------------------------------------------------------------


def hear(state: State, heard: Heard, world: World) -> Turn | None:
    """Obey a keyword about the citizen's own; None when it is none of these."""
    understood = heard.understanding
    if understood is None or understood.keyword is None:
        return None
    obey = _KEYWORDS.get(understood.keyword)
    turn = obey(state, world, understood.argument) if obey else None
    return turn and _informed(turn, world)


def _informed(turn: Turn, world: World) -> Turn:
    """What waited is asked again where that costs nobody a message."""
    return turn if world.channel == "sms" else moves.resume(turn, world)


def _dossier(state: State, world: World, code: str | None) -> Turn:
    return dossier(state, world, TellDossier(code))


def dossier(state: State, world: World, act: TellDossier) -> Turn:
    """Tell how far it is; to a number that nobody has proved, how to do that."""
    return Turn(_offering_proof(state, world, act.code), (act,))


def _offering_proof(state: State, world: World, code: str | None) -> State:
    if world.proven:
        return state
    known = state.proof.phone if state.proof else None
    proof = Proof(stage="offered", phone=known, dossier=code)
    return state.model_copy(update={"proof": proof})


def _remind(state: State, world: World, code: str | None) -> Turn:
    if code is None:
        return Turn(state, (ListReminders(form.subject(state, world)),))
    return Turn(_offering_proof(state, world, code), (RemindDossier(code),))


def _stop(state: State, _world: World, which: str | None) -> Turn | None:
    if which is None:
        return None
    return Turn(state, (stop_one(state, which),))


def stop_one(state: State, which: str) -> StopOne:
    """The reminder of that line of the last list, or about that dossier."""
    line = int(which) if which.isdecimal() and len(which) <= 2 else 0
    shown = state.listed[line - 1] if 0 < line <= len(state.listed) else ()
    return StopOne(which, shown)


def _subscribe(state: State, world: World, village: str | None) -> Turn:
    here = world.knowledge.here
    keys = {one.key for one in here.villages} if here else set()
    unknown = village is not None and village not in keys
    return Turn(state, (Subscribe(None if unknown else village, unknown),))


def _prove(state: State, world: World, code: str | None) -> Turn:
    return ask_proof(state, world) if code is None else _typed(state, world, code)


_KEYWORDS: dict[str, Callable[[State, World, str | None], Turn | None]] = {
    "dossier": _dossier,
    "remind": _remind,
    "stop": _stop,
    "subscribe": _subscribe,
    "prove": _prove,
}


# --- the proof of a number --------------------------------------------------------------


def ask_proof(state: State, world: World) -> Turn:
    """Begin: send a code to the number that was given before, or ask for one."""
    if world.channel == "sms":
        return Turn(state, (Say("proof_not_needed"),))
    if world.proven:
        return Turn(state, (Say("proof_done_before"),))
    before = state.proof or Proof(stage="phone")
    if before.phone is not None:
        return _send(state, before.phone)
    proof = before.model_copy(update={"stage": "phone"})
    return Turn(state.model_copy(update={"proof": proof}), (AskProof(),))


def wait(state: State, heard: Heard, world: World) -> Turn | None:
    """Take the number or the code that was waited for; None when this is neither."""
    proof = state.proof
    if proof is None or proof.stage == "offered" or heard.kind is not InboundKind.TEXT:
        return None
    code = secret(heard.text) if proof.stage == "code" and heard.text[:1].isdigit() else None
    if code is not None:
        return _typed(state, world, code)
    phone = read_phone(heard.text)
    if phone is not None:
        return _send(state, phone)
    if words.declines(heard.text, heard.key):
        return Turn(state.model_copy(update={"proof": None}), (Say("ack"),))
    tried = sum(c.isdigit() for c in heard.text) >= _SOME_DIGITS
    if proof.stage == "phone" and tried and not heard.is_keyword:
        return Turn(state, (AskProof(again=True),))
    return None


def _typed(state: State, world: World, code: str) -> Turn:
    if world.channel == "sms":
        # Whoever answers the code by SMS would give it to whoever claimed the number.
        return Turn(state, (Say("proof_elsewhere"),))
    wanted = state.proof.dossier if state.proof else None
    return Turn(state, (CheckProof(code, wanted),))


def _send(state: State, phone: str) -> Turn:
    wanted = state.proof.dossier if state.proof else None
    proof = Proof(stage="code", phone=phone, dossier=wanted)
    state = state.model_copy(update={"proof": proof, "misses": 0})
    return Turn(state, (SendProof(phone),))
