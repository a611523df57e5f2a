"""A telephone number, asked for by the channel's own form and kept with consent."""

from __future__ import annotations

from actions.phrasing import phrase, readable
from bot.dialogue.acts import ContactGiven
from bot.dialogue.outcome import Done, Env, KeepPhone
from bot.messages import Reply

PURPOSE = "liên lạc qua số điện thoại"


def form(env: Env) -> Reply:
    """The form itself; its words are what whoever fills it in agrees to."""
    asked = phrase(env, "phone_form")
    return Reply(asked.long, asked.short, asks_phone=True)


def perform(act: ContactGiven, env: Env) -> Done:
    """Thanks, and what the number is for."""
    shown = form(env).long
    reply = phrase(env, "contact_kept", number=readable(act.phone))
    return Done((reply,), (KeepPhone(act.phone, PURPOSE, shown),))
