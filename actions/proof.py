"""Proves that a telephone number is the citizen's: a code goes there and is typed here."""

from __future__ import annotations

from actions import dossier
from actions.phrasing import label, phrase, readable
from bot.dialogue import payloads
from bot.dialogue.acts import AskProof, CheckProof, SendProof
from bot.dialogue.outcome import CountTry, Done, Env, LinkPhone, SendCode
from bot.messages import Choice
from bot.smstext import render

_WHERE = {"zalo": "Zalo", "zalobot": "Zalo", "web": "trang web"}


def ask(act: AskProof, env: Env) -> Done:
    """The number, and what for."""
    if not env.can_remind:
        return Done((phrase(env, "proof_unavailable", _person(env)),))
    name = "proof_ask_again" if act.again else "proof_ask"
    return Done((phrase(env, name, (label(env, "choice_refuse", payloads.tap(payloads.REFUSE)),)),))


def send(act: SendProof, env: Env) -> Done:
    """Send a code; there are only so many a day."""
    if not env.can_remind:
        return Done((phrase(env, "proof_unavailable", _person(env)),))
    if not env.known.code_may_go:
        return Done((phrase(env, "proof_too_many", _person(env)),))
    where = _WHERE.get(env.channel, env.channel)
    sms = phrase(env, "proof_sms", code=env.secret, where=where).short
    reply = phrase(env, "proof_sent", number=readable(act.phone))
    return Done((reply,), (SendCode(act.phone, env.secret, render(sms, env.accents)),))


def check(act: CheckProof, env: Env) -> Done:
    """The right code links; a wrong one is counted."""
    verdict = env.known.verdict
    if verdict == "right":
        replies = [phrase(env, "proof_done")]
        if act.dossier is not None:
            found = env.known.dossiers
            replies.append(
                dossier.told(found[0], env) if found else phrase(env, "dossier_not_found")
            )
        return Done(tuple(replies), (LinkPhone(),))
    if verdict == "wrong":
        return Done((phrase(env, "proof_wrong"),), (CountTry(),))
    again = (label(env, "choice_prove_again", payloads.tap(payloads.PROVE)),)
    return Done((phrase(env, f"proof_{verdict}", again),))


def _person(env: Env) -> tuple[Choice, ...]:
    return (label(env, "choice_person", payloads.tap(payloads.PERSON)),)
