"""A citizen sees and erases their own data by a message (Luật 91/2025 Đ4, Đ14)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from actions.phrasing import day_short, label, phrase
from bot.dialogue import payloads
from bot.dialogue.acts import AskErase, Erase, TellHeld
from bot.dialogue.outcome import Done, Env, EraseConversation, HeldData


def ask_erase(_act: AskErase, env: Env) -> Done:
    """Once, before erasing."""
    choices = (
        label(env, "choice_erase_yes", payloads.tap(payloads.ERASE_YES)),
        label(env, "choice_erase_no", payloads.tap(payloads.MENU)),
    )
    return Done((phrase(env, "erase_ask", choices),))


def erase(_act: Erase, env: Env) -> Done:
    """Erases and says so."""
    return Done((phrase(env, "erased"),), (EraseConversation(),))


def tell(_act: TellHeld, env: Env) -> Done:
    """How much is held, since when, and how to erase it."""
    held = env.known.held
    since = day_short(held.since) if held and held.since else day_short(env.today)
    choices = (label(env, "choice_erase", payloads.tap(payloads.ERASE)),)
    reply = phrase(
        env,
        "held",
        choices,
        messages=held.messages if held else 0,
        since=since,
        reminders=held.reminders if held else 0,
    )
    for name in _also(held) if held else ():
        too = phrase(env, name, dossiers=held.dossiers if held else 0)
        reply = replace(reply, long=f"{reply.long}\n{too.long}", short=f"{reply.short} {too.short}")
    return Done((reply,))


def _also(held: HeldData) -> Iterator[str]:
    """What else is held, as the names of phrases."""
    if held.phone:
        yield "held_phone"
    if held.linked:
        yield "held_linked"
    if held.subscribed:
        yield "held_subscribed"
    if held.dossiers:
        yield "held_dossiers"
