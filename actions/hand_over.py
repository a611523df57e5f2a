"""Hands the conversation to the officer and says so, with when to expect an answer."""

from __future__ import annotations

from dataclasses import replace

from actions.phrasing import lower_first, phrase
from bot.clock import LOCAL
from bot.dialogue.acts import HandOver
from bot.dialogue.outcome import Done, Env, OpenHandOver
from bot.knowledge.render import opening, render_fact
from bot.knowledge.workdays import Calendar
from bot.messages import Reply

_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ Nhật")


def perform(act: HandOver, env: Env) -> Done:
    """The hand-over; a second request only reassures."""
    name = "handover_again" if env.handover_open else "handover"
    reply = phrase(env, name, when=_when(env))
    if act.fact is not None:
        fact = env.knowledge.find_fact(act.procedure, act.fact)
        if fact is not None:
            long = render_fact(fact, env.knowledge, env.commune, short=False)
            short = render_fact(fact, env.knowledge, env.commune, short=True)
            reply = Reply(f"{long}\n\n{reply.long}", f"{short} {reply.short}")
    papers = [env.knowledge.find_paper(act.procedure, paper) for paper in act.prepare]
    if names := [paper.name for paper in papers if paper is not None]:
        more = env.knowledge.phrase("handover_prepare", papers="; ".join(map(lower_first, names)))
        reply = replace(reply, long=f"{reply.long}\n\n{more}")
    return Done((reply,), (OpenHandOver(act.reason),))


def _when(env: Env) -> str:
    """ "trong giờ làm việc hôm nay", or from when the office is open again."""
    desk = opening(env.commune, env.now, Calendar(env.knowledge.holidays).is_holiday)
    if desk.open_now:
        return "sớm nhất có thể, trong giờ làm việc hôm nay"
    if desk.next_opening is None:
        return "khi cơ quan làm việc trở lại"
    at = desk.next_opening.astimezone(LOCAL)
    hour = f"{at.hour} giờ" + (f" {at.minute}" if at.minute else "")
    return f"từ {hour} {_WEEKDAYS[at.weekday()]} {at.day}/{at.month}"
