"""Decides what to do with one message. Order matters and is the same on every channel:

1. what the channel says (opened, picture); 2. buttons and numbers; 3. a form or checklist
question that waits for just this; 4. keywords; 5. free text by its understanding.
A checklist or form that waits is taken up again after another question was answered.
"""

from __future__ import annotations

from dataclasses import replace

from bot.dialogue import form, payloads, walk
from bot.dialogue.acts import (
    Act,
    AnswerAspect,
    AskConsent,
    AskErase,
    AskPhone,
    AskQuestion,
    AskReminderDate,
    Clarify,
    Erase,
    Greet,
    HandOver,
    MediaReceived,
    NextPage,
    OfferReminder,
    OpeningHours,
    Say,
    ShowMenu,
    StopReminders,
    TellHeld,
    Turn,
)
from bot.dialogue.heard import Heard, World
from bot.dialogue.payloads import Tap
from bot.dialogue.state import State
from bot.knowledge import checklist as checklists
from bot.messages import InboundKind
from bot.understanding.types import Understanding

CASE_ASPECTS = frozenset({"ho_so", "cach_lam", "dieu_kien"})
"""Aspects for which a case told in the question itself is answered with its papers."""
MAX_MISSES = 2
"""Not understood so often in a row: an officer takes over."""
MAX_OPTIONS = 3
SURE_FOLLOW_UP = 0.5
"""A follow-up names no procedure: below this it may not be a question at all."""
USUAL = ("khai_sinh", "chung_thuc", "tinh_trang_hon_nhan")
"""Asked about most often; offered when nothing tells which procedure is meant."""
WANTS_PERSON = "Người dân muốn gặp cán bộ"
ASKS_STATUS = "Hỏi hồ sơ đã nộp đến đâu"
_STOP_WALK = frozenset({"thoi", "dung", "dung lai", "thoi khong lam nua", "de sau", "thoi de sau"})
_ALL_THERE = frozenset({"du", "du roi", "du het", "du ca", "du het roi", "xong", "co du"})
_BACK = frozenset({"quay lai", "lui", "lui lai", "tro lai", "back"})
_YES_ERASE = frozenset({"co", "xoa", "xoa het", "dong y", "ok", "vang"})
_BARE = frozenset(
    {"co", "khong", "khong co", "khong biet", "khong ro", "chua", "chua ro", "chua biet", "da",
     "vang", "ok", "oke", "roi", "uh", "u", "dung", "dung roi", "khong phai", "duoc", "dong y"}
)  # fmt: skip
"""Answers without a question: they never start one of their own."""
_REMIND = frozenset({"nhac", "nhac toi", "nhac em", "nhac minh", "dat nhac"})


def decide(state: State, heard: Heard, world: World) -> Turn:
    """Return the next state and what to do now; never nothing."""
    if heard.kind is InboundKind.MEDIA:
        return Turn(state, (MediaReceived(heard.media or "media"),))
    for step in (_taps, _waiting, _number, _keyword, _free):
        turn = step(state, heard, world)
        if turn is not None:
            return turn
    return _not_understood(state)


# --- buttons ---------------------------------------------------------------------------


def _taps(state: State, heard: Heard, world: World) -> Turn | None:
    if heard.kind is InboundKind.START and not heard.taps:
        return _greet(state, None)
    if not heard.taps:
        return None
    state = state.model_copy(update={"misses": 0})
    if state.form is not None:
        turn = form.hear(state, world, heard)
        if turn is not None:
            return turn
        state = state.model_copy(update={"form": None})
    if state.confirming == "erase":
        state = state.model_copy(update={"confirming": None})
        if heard.taps[0].verb == payloads.ERASE_YES:
            return Turn(state, (Erase(),))
    if all(t.verb == payloads.TICK for t in heard.taps):
        if state.walk is not None and state.walk.done:
            return walk.tick(state, world, tuple(t.arg(0) for t in heard.taps))
        return _stale(state)
    return _tap(state, heard.taps[0], world) or _stale(state)


def _tap(state: State, tap: Tap, world: World) -> Turn | None:
    if tap.verb in _SIMPLE:
        return Turn(state, (_SIMPLE[tap.verb],))
    if tap.verb == payloads.HELLO:
        return _greet(state, None)
    if tap.verb == payloads.ASK:
        return _asked(state, world, tap.arg(0), tap.arg(1))
    if tap.verb == payloads.WALK and tap.arg(0) in world.knowledge.procedures:
        known = _known_case(state, tap.arg(0), tap.args[1:], world)
        return walk.start(state, world, tap.arg(0), known)
    if tap.verb == payloads.REPLY:
        return walk.answer(state, world, tap.arg(0), tap.arg(1))
    if tap.verb == payloads.REMIND:
        if tap.arg(0) == "":
            return _offer_reminder(state, world)
        return form.begin(state, world, tap.arg(0))
    if tap.verb == payloads.REFUSE:
        return Turn(state, (Say("reminder_declined"),))
    if tap.verb == payloads.MORE:
        return _more(state)
    if tap.verb == payloads.ERASE:
        return Turn(state.model_copy(update={"confirming": "erase"}), (AskErase(),))
    return _tap_in_walk(state, tap, world)


_SIMPLE: dict[str, Act] = {
    payloads.PERSON: HandOver(WANTS_PERSON),
    payloads.MENU: ShowMenu(),
}


def _tap_in_walk(state: State, tap: Tap, world: World) -> Turn | None:
    if state.walk is None:
        return None
    if tap.verb == payloads.BACK:
        return walk.back(state, world)
    if tap.verb == payloads.RESUME:
        return walk.proceed(state, world, resumed=True)
    if tap.verb == payloads.LEAVE:
        return _leave(state)
    if tap.verb == payloads.TICK_ALL and state.walk.done:
        return walk.tick(state, world, None)
    return None


def _known_case(
    state: State, procedure: str, told: tuple[str, ...], world: World
) -> dict[str, str]:
    """Answers carried by the button ("question-option"), as far as they exist."""
    checklist = world.knowledge.procedures[procedure].checklist
    known: dict[str, str] = {}
    for pair in told:
        question_id, _, option_id = pair.partition("-")
        question = checklist.question(question_id)
        if question is not None and question.option(option_id) is not None:
            known[question_id] = option_id
    return known


def _stale(state: State) -> Turn:
    """A button of a question that is over."""
    return Turn(state, (Say("stale_button"), ShowMenu(state.topic)))


def _leave(state: State) -> Turn:
    return Turn(state.model_copy(update={"walk": None}), (Say("walk_left"),))


def _more(state: State) -> Turn:
    if not state.pages:
        return Turn(state, (Say("no_more_pages"),))
    return Turn(state.model_copy(update={"pages": ()}), (NextPage(state.pages),))


def _greet(state: State, procedure: str | None) -> Turn:
    unfinished = state.walk.procedure if state.walk and not state.walk.done else None
    state = state.model_copy(
        update={"greeted": True, "misses": 0, "topic": procedure or state.topic}
    )
    return Turn(state, (Greet(procedure, unfinished),))


def _asked(state: State, world: World, procedure: str, aspect: str) -> Turn | None:
    if procedure not in world.knowledge.procedures:
        return None
    state = state.model_copy(update={"topic": procedure, "misses": 0})
    aspect = aspect or state.asked_aspect or ""
    state = state.model_copy(update={"asked_aspect": None})
    if not aspect:
        if not state.greeted:
            return _greet(state, procedure)
        return Turn(state, (ShowMenu(procedure),))
    return Turn(state, (AnswerAspect(procedure, aspect),))


# --- something waits for just this ------------------------------------------------------


def _waiting(state: State, heard: Heard, world: World) -> Turn | None:
    if state.confirming == "erase":
        if heard.key in _YES_ERASE:
            return Turn(state.model_copy(update={"confirming": None}), (Erase(),))
        return _without_confirming(state, heard, world)
    if heard.key in _REMIND:
        return _offer_reminder(state, world) or Turn(state, (Say("remind_what"), ShowMenu()))
    if state.form is not None:
        return _form_waiting(state, heard, world)
    return _walk_waiting(state, heard, world)


def _without_confirming(state: State, heard: Heard, world: World) -> Turn:
    state = state.model_copy(update={"confirming": None})
    if heard.key in {"khong", "thoi", "khong xoa", "khong xoa nua"}:
        return Turn(state, (Say("erase_declined"),))
    return decide(state, heard, world)


def _form_waiting(state: State, heard: Heard, world: World) -> Turn | None:
    assert state.form is not None
    if _has_keyword(heard):
        return None
    turn = form.hear(state, world, heard)
    if turn is not None:
        return turn
    if _is_clear(heard.understanding):
        # Another question in the middle: answer it, then ask for the same thing again.
        other = _free(state, heard, world)
        assert other is not None
        again = form_question(other.state, again=False)
        return Turn(other.state, (*other.acts, *again)) if other.state.form else other
    return _form_miss(state)


def _form_miss(state: State) -> Turn:
    misses = state.misses + 1
    if misses >= MAX_MISSES:
        state = state.model_copy(update={"form": None, "misses": 0})
        return Turn(state, (Say("reminder_given_up"),))
    return Turn(state.model_copy(update={"misses": misses}), form_question(state, again=True))


def form_question(state: State, *, again: bool) -> tuple[Act, ...]:
    """What the open form is waiting for, as an act."""
    waiting = state.form
    if waiting is None:
        return ()
    if waiting.stage == "date":
        return (AskReminderDate(waiting.kind, waiting.procedure, again),)
    if waiting.stage == "phone":
        return (AskPhone(again),)
    assert waiting.day is not None
    assert waiting.phone is not None
    return (AskConsent(waiting.kind, waiting.procedure, waiting.day, waiting.phone),)


def _walk_waiting(state: State, heard: Heard, world: World) -> Turn | None:
    if state.walk is None or _has_keyword(heard):
        return None
    if heard.key in _STOP_WALK:
        return _leave(state)
    if heard.key in _BACK:
        return walk.back(state, world)
    if state.walk.done:
        return walk.tick(state, world, None) if heard.key in _ALL_THERE else None
    question = walk.open_question(state, world)
    if question is None:
        return None
    checklist = world.knowledge.procedures[state.walk.procedure].checklist
    option = walk.match_option(question, checklist, heard.key)
    return None if option is None else walk.answer(state, world, question.id, option.id)


def _offer_reminder(state: State, world: World) -> Turn | None:
    procedure = state.walk.procedure if state.walk else state.topic
    if procedure is None or procedure not in world.knowledge.procedures:
        return None
    return Turn(state, (OfferReminder(procedure),))


def _number(state: State, heard: Heard, world: World) -> Turn | None:
    """A number or a bare "có" that answers nothing now is never guessed at."""
    parts = heard.key.split()
    if parts and all(p.isdigit() and len(p) <= 2 for p in parts):
        lead = Say("number_unknown")
    elif heard.key in _BARE:
        lead = Say("choose_one")
    else:
        return None
    question = walk.open_question(state, world)
    if question is not None and state.walk is not None:
        again = AskQuestion(state.walk.procedure, question.id, can_go_back=bool(state.walk.asked))
        return Turn(state, (lead, again))
    if state.form is not None:
        return Turn(state, (lead, *form_question(state, again=False)))
    return Turn(state, (lead, ShowMenu(state.topic)))


# --- keywords ---------------------------------------------------------------------------


def _has_keyword(heard: Heard) -> bool:
    return heard.understanding is not None and heard.understanding.keyword is not None


def _keyword(state: State, heard: Heard, world: World) -> Turn | None:
    understood = heard.understanding
    if understood is None or understood.keyword is None:
        return None
    name = understood.keyword
    fresh = state.model_copy(update={"misses": 0, "form": None, "confirming": None})
    if name == "stop":
        return Turn(fresh.model_copy(update={"walk": None, "pages": ()}), (StopReminders(),))
    if name == "next":
        return _more(fresh)
    if name == "erase":
        return Turn(fresh.model_copy(update={"confirming": "erase"}), (AskErase(),))
    act = _KEYWORDS.get(name)
    if act is not None:
        return Turn(fresh, (act,))
    if understood.procedure not in world.knowledge.procedures:
        return None
    fresh = fresh.model_copy(update={"topic": understood.procedure})
    if understood.aspect == "trang_thai":
        return Turn(fresh, (HandOver(ASKS_STATUS, understood.procedure),))
    if understood.aspect == "gap_can_bo":
        return Turn(fresh, (HandOver(WANTS_PERSON, understood.procedure),))
    if understood.aspect == "gio_lam_viec":
        return Turn(fresh, (OpeningHours(),))
    if understood.aspect != "cach_lam":
        return Turn(fresh, (AnswerAspect(understood.procedure, understood.aspect),))
    # The bare name. An SMS is paid for: give the papers at once; elsewhere let them choose.
    if world.channel == "sms":
        return Turn(fresh, (AnswerAspect(understood.procedure, "ho_so"),))
    return Turn(fresh, (ShowMenu(understood.procedure),))


_KEYWORDS: dict[str, Act] = {
    "help": Say("help"),
    "hours": OpeningHours(),
    "person": HandOver(WANTS_PERSON),
    "my_data": TellHeld(),
}


# --- free text --------------------------------------------------------------------------


def _is_clear(understood: Understanding | None) -> bool:
    return understood is not None and understood.decision in {"answer", "smalltalk"}


def _free(state: State, heard: Heard, world: World) -> Turn | None:
    understood = heard.understanding
    if understood is None:
        return None
    understood = _with_topic(state, understood)
    if understood.decision == "smalltalk" or understood.aspect == "gap_can_bo":
        turn = _smalltalk(state, understood)
    elif understood.decision == "answer":
        turn = _answer(state, heard, understood, world)
    elif understood.decision == "clarify":
        turn = _clarify(state, understood, world)
    else:
        turn = _not_understood(state)
    return _resume(turn, world)


def _with_topic(state: State, understood: Understanding) -> Understanding:
    """A follow-up ("còn lệ phí?") is about what was spoken of last."""
    follows = (
        understood.procedure == "none"
        and state.topic is not None
        and understood.decision in {"answer", "clarify"}
        and understood.aspect in _FOLLOW_UPS
        and understood.confidence >= SURE_FOLLOW_UP
    )
    if not follows or state.topic is None:
        return understood
    return replace(understood, procedure=state.topic, decision="answer")


_FOLLOW_UPS = frozenset(
    {"ho_so", "thoi_gian", "le_phi", "noi_nop", "truc_tuyen", "dieu_kien", "cach_lam", "loi",
     "trang_thai"}
)  # fmt: skip


def _smalltalk(state: State, understood: Understanding) -> Turn:
    state = state.model_copy(update={"misses": 0})
    if understood.aspect == "chao":
        return _greet(state, None)
    if understood.aspect == "gap_can_bo":
        return Turn(state, (HandOver(WANTS_PERSON),))
    if understood.aspect == "khieu_nai":
        return Turn(state, (HandOver("Người dân phản ánh, khiếu nại"),))
    if understood.aspect == "gio_lam_viec":
        return Turn(state, (OpeningHours(),))
    phrase = "you_are_welcome" if understood.aspect == "cam_on" else "out_of_scope"
    return Turn(state, (Say(phrase),))


def _answer(state: State, heard: Heard, understood: Understanding, world: World) -> Turn:
    state = state.model_copy(update={"misses": 0})
    procedure = understood.procedure
    if procedure not in world.knowledge.procedures:
        name = world.knowledge.phrase(f"procedure_{procedure}")
        return Turn(state, (HandOver(f"Hỏi về việc trợ lý chưa được giao: {name}"),))
    state = state.model_copy(update={"topic": procedure, "asked_aspect": None})
    if understood.aspect == "trang_thai":
        return Turn(state, (HandOver(ASKS_STATUS, procedure),))
    aspect = understood.aspect
    case: dict[str, str] = {}
    if aspect in CASE_ASPECTS:
        checklist = world.knowledge.procedures[procedure].checklist
        case = checklists.find_case(checklist, heard.key)
    if checklists.notable(world.knowledge.procedures[procedure].checklist, case):
        return _case(state, procedure, case, world)
    return Turn(state, (AnswerAspect(procedure, aspect),))


def _case(state: State, procedure: str, case: dict[str, str], world: World) -> Turn:
    """The question tells its own case: answer for that case, or hand it over."""
    known = world.knowledge.procedures[procedure]
    outcome = checklists.outcome(known, world.knowledge, case, world.today)
    if outcome.handover is not None:
        rule = outcome.handover
        return Turn(state, (HandOver(rule.reason, procedure, rule.fact),))
    return Turn(state, (AnswerAspect(procedure, "ho_so", walk.pairs(case)),))


def _clarify(state: State, understood: Understanding, world: World) -> Turn:
    known = understood.procedure in world.knowledge.procedures
    if known and state.asked_aspect is not None:
        # "Lệ phí bao nhiêu?" - "Bà con hỏi cho việc nào ạ?" - "khai tử".
        return _asked_named(state, world, understood.procedure, state.asked_aspect)
    misses = state.misses + 1
    if misses >= MAX_MISSES:
        if known:
            state = state.model_copy(update={"misses": 0, "topic": understood.procedure})
            return Turn(state, (ShowMenu(understood.procedure),))
        return _not_understood(state)
    if understood.procedure == "none":
        return _which_procedure(state, understood, world)
    pairs = [(understood.procedure, understood.aspect)]
    pairs += [(a.procedure, a.aspect) for a in understood.alternatives]
    options = _options(pairs, world)
    if not options:
        return _not_understood(state)
    update: dict[str, object] = {"misses": misses}
    if known:
        update["topic"] = understood.procedure
    return Turn(state.model_copy(update=update), (Clarify(options),))


def _options(pairs: list[tuple[str, str]], world: World) -> tuple[tuple[str, str], ...]:
    """What may be offered: at most three, each answerable, none twice."""
    answerable = [
        (procedure, aspect)
        for procedure, aspect in pairs
        if procedure in world.knowledge.procedures
        and aspect in _FOLLOW_UPS
        and aspect != "trang_thai"
    ]
    return tuple(dict.fromkeys(answerable))[:MAX_OPTIONS]


def _which_procedure(state: State, understood: Understanding, world: World) -> Turn:
    """The aspect is clear, the procedure is not: "Lệ phí bao nhiêu?" with no topic."""
    aspect = understood.aspect
    if aspect not in _FOLLOW_UPS or understood.confidence < SURE_FOLLOW_UP:
        return _not_understood(state)
    if aspect == "trang_thai":
        return Turn(state, (HandOver(ASKS_STATUS),))
    likely = [a.procedure for a in understood.alternatives]
    options = _options([(procedure, aspect) for procedure in (*likely, *USUAL)], world)
    update = {"misses": state.misses + 1, "asked_aspect": aspect}
    return Turn(state.model_copy(update=update), (Clarify(options, which=True),))


def _asked_named(state: State, world: World, procedure: str, aspect: str) -> Turn:
    state = state.model_copy(update={"misses": 0, "topic": procedure, "asked_aspect": None})
    return Turn(state, (AnswerAspect(procedure, aspect),))


def _not_understood(state: State) -> Turn:
    misses = state.misses + 1
    if misses >= MAX_MISSES:
        state = state.model_copy(update={"misses": 0})
        return Turn(state, (HandOver("Trợ lý hai lần chưa hiểu câu hỏi"),))
    return Turn(state.model_copy(update={"misses": misses}), (Say("not_understood"), ShowMenu()))


def _resume(turn: Turn, world: World) -> Turn:
    """After another question in the middle, the checklist's question is asked again."""
    question = walk.open_question(turn.state, world)
    interrupting = any(isinstance(a, AnswerAspect | OpeningHours | Say) for a in turn.acts)
    missed = turn.state.misses > 0
    if question is None or turn.state.walk is None or not interrupting or missed:
        return turn
    again = AskQuestion(
        turn.state.walk.procedure,
        question.id,
        resumed=True,
        can_go_back=bool(turn.state.walk.asked),
    )
    return Turn(turn.state, (*turn.acts, again))
