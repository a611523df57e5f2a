"""Which module performs which act."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actions import (
    answer,
    checklist,
    clarify,
    contact,
    dossier,
    greet,
    hand_over,
    hours,
    media,
    more,
    planned,
    privacy,
    proof,
    remind,
    say,
    subscribe,
)
from bot.dialogue import acts
from bot.dialogue.acts import Act
from bot.dialogue.outcome import Done, Env

_PERFORMERS: dict[type[Any], Callable[[Any, Env], Done]] = {
    acts.Greet: greet.greet,
    acts.ShowMenu: greet.menu,
    acts.Say: say.perform,
    acts.AnswerAspect: answer.perform,
    acts.AskQuestion: checklist.ask,
    acts.ShowResult: checklist.result,
    acts.ShowTicks: checklist.ticks,
    acts.OfferReminder: remind.offer,
    acts.AskReminderDate: remind.ask_date,
    acts.DeadlinePassed: remind.passed,
    acts.AskPhone: remind.ask_phone,
    acts.AskConsent: remind.ask_consent,
    acts.ScheduleReminders: remind.schedule,
    acts.StopReminders: remind.stop,
    acts.AskStop: remind.ask_stop,
    acts.StopOne: planned.stop_one,
    acts.ListReminders: planned.perform,
    acts.RemindDossier: dossier.remind,
    acts.TellDossier: dossier.tell,
    acts.Subscribe: subscribe.perform,
    acts.AskProof: proof.ask,
    acts.SendProof: proof.send,
    acts.CheckProof: proof.check,
    acts.Quiet: say.quiet,
    acts.AskErase: privacy.ask_erase,
    acts.Erase: privacy.erase,
    acts.TellHeld: privacy.tell,
    acts.Clarify: clarify.perform,
    acts.HandOver: hand_over.perform,
    acts.OpeningHours: hours.perform,
    acts.MediaReceived: media.perform,
    acts.ContactGiven: contact.perform,
    acts.NextPage: more.perform,
}


def perform(act: Act, env: Env) -> Done:
    """Carry out ``act``: what to say and what to change."""
    return _PERFORMERS[type(act)](act, env)
