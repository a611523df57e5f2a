"""A citizen sees and erases their own data by a message (Luật 91/2025 Đ4, Đ14)."""

from __future__ import annotations

from dataclasses import replace

from actions.phrasing import day_short, label, phrase
from bot.dialogue import payloads
from bot.dialogue.acts import AskErase, Erase, TellHeld
from bot.dialogue.outcome import Done, Env, EraseConversation


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
    held = env.held
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
    if held is not None and held.phone:
        too = phrase(env, "held_phone")
        reply = replace(reply, long=f"{reply.long}\n{too.long}", short=f"{reply.short} {too.short}")
    return Done((reply,))
