"""DK: to be told what the commune announces, to all or to one's village.

Whoever sends DK has agreed; it is confirmed once, with how to stop.
"""

from __future__ import annotations

from actions.phrasing import phrase
from bot.dialogue.acts import Subscribe
from bot.dialogue.outcome import AgreeNotices, Done, Env
from bot.smstext import render


def perform(act: Subscribe, env: Env) -> Done:
    """Subscribe, or say which villages there are."""
    if env.channel == "web" and env.phone is None:
        return Done((phrase(env, "subscribe_elsewhere", number=env.commune.sms_number or ""),))
    if act.unknown:
        names = ", ".join(village.name for village in env.commune.villages)
        if names:
            return Done((phrase(env, "subscribe_which", villages=names),))
    village = next((one for one in env.commune.villages if one.key == act.village), None)
    if village is not None:
        reply = phrase(env, "subscribed_village", village=village.name)
    elif env.commune.villages:
        reply = phrase(env, "subscribed", example=env.commune.villages[0].name)
    else:
        reply = phrase(env, "subscribed_all")
    shown = render(reply.short, env.accents) if env.channel == "sms" else reply.long
    return Done((reply,), (AgreeNotices(village.key if village else None, shown),))
