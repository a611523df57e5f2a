"""Which reminders a dossier gets, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.clock import LOCAL, local_date
from bot.knowledge.model import Holidays, SpecialDay
from bot.knowledge.workdays import Calendar
from bot.reminders.plan import moments, moments_on
from bot.reminders.planning import DossierFacts, Planned, permitted, plan, plan_own, why_not
from bot.reminders.quiet import allowed
from bot.reminders.rules import KINDS, STATES, ReminderRules, RuleChange
from tests.factories import library

CALENDAR = Calendar(Holidays())
DAY = timedelta(days=1)
MONDAY = date(2026, 7, 6)


def rules() -> ReminderRules:
    found = library().reminders
    assert found is not None
    return found


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), LOCAL).astimezone(UTC)


def facts(state: str = "received", **more: object) -> DossierFacts:
    values = {"id": 7, "state": state, "state_on": MONDAY, **more}
    return DossierFacts(**values)  # type: ignore[arg-type]


def told(planned: tuple[Planned, ...]) -> list[tuple[str, int, str]]:
    """Kind, offset and when, as people write it."""
    return [
        (one.kind, one.offset, f"{one.due_at.astimezone(LOCAL):%d/%m %H:%M}") for one in planned
    ]


def planned(given: DossierFacts, now: datetime, calendar: Calendar = CALENDAR) -> list:
    return told(plan(given, rules(), calendar, now))


# --- the kinds ----------------------------------------------------------------------------


def test_an_appointment_is_told_three_days_and_one_day_before() -> None:
    given = facts(appointment_at=at(MONDAY + 14 * DAY, 9))
    assert planned(given, at(MONDAY, 10)) == [
        ("hen", -3, "17/07 08:30"),
        ("hen", -1, "19/07 08:30"),
    ]


def test_an_appointment_ends_what_tells_of_it() -> None:
    appointment = at(MONDAY + 14 * DAY, 9)
    both = plan(facts(appointment_at=appointment), rules(), CALENDAR, at(MONDAY, 10))
    assert {one.expires_at for one in both} == {appointment}


def test_an_appointment_tomorrow_is_told_now() -> None:
    given = facts(appointment_at=at(MONDAY + DAY, 9))
    assert planned(given, at(MONDAY, 10)) == [("hen", -1, "06/07 10:10")]


def test_an_appointment_this_afternoon_is_told_now_and_one_that_is_over_never() -> None:
    given = facts(appointment_at=at(MONDAY, 14))
    assert planned(given, at(MONDAY, 10)) == [("hen", -1, "06/07 10:10")]
    assert planned(given, at(MONDAY, 13, 55)) == []
    assert planned(given, at(MONDAY, 15)) == []


def test_entered_late_in_the_evening_it_is_told_before_an_early_appointment() -> None:
    given = facts(appointment_at=at(MONDAY + DAY, 8))
    assert planned(given, at(MONDAY, 22)) == [("hen", -1, "07/07 07:00")]


def test_entered_two_days_before_it_is_told_tomorrow_and_not_today_as_well() -> None:
    given = facts(appointment_at=at(MONDAY + 2 * DAY, 9))
    assert planned(given, at(MONDAY, 10)) == [("hen", -1, "07/07 08:30")]


def test_before_tet_both_reminders_move_to_the_last_day_before_it_and_one_is_left() -> None:
    # 14-22 February 2026 were off; the calendar knows the public holidays among them.
    tet = [date(2026, 2, 14) + n * DAY for n in range(9)]
    calendar = Calendar(Holidays(days_off=tuple(SpecialDay(day=d, why="Tết") for d in tet)))
    given = facts(appointment_at=at(date(2026, 2, 23), 9))
    assert planned(given, at(date(2026, 2, 2), 10), calendar) == [("hen", -1, "13/02 08:30")]


def test_entered_in_tet_it_is_told_in_the_morning_of_the_appointment_or_not_at_all() -> None:
    tet = Calendar(
        Holidays(days_off=tuple(SpecialDay(day=date(2026, 2, d), why="Tết") for d in range(14, 23)))
    )
    now = at(date(2026, 2, 20), 10)
    late = facts(appointment_at=at(date(2026, 2, 23), 9))
    assert planned(late, now, tet) == [("hen", -1, "23/02 08:30")]
    early = facts(appointment_at=at(date(2026, 2, 23), 7))
    assert planned(early, now, tet) == []


def test_missing_papers_are_told_in_the_next_morning_and_after_five_days() -> None:
    given = facts("need_papers")
    assert planned(given, at(MONDAY, 10)) == [
        ("giay", 0, "07/07 08:30"),
        ("giay", 5, "13/07 08:30"),  # the 11th is a Saturday
    ]


def test_a_result_is_told_at_once_and_again_after_a_week() -> None:
    given = facts("ready")
    assert planned(given, at(MONDAY, 10)) == [
        ("ket_qua", 0, "06/07 10:10"),
        ("ket_qua", 7, "13/07 08:30"),
    ]


def test_a_result_that_is_ready_at_the_weekend_is_told_on_monday() -> None:
    saturday = MONDAY - 2 * DAY
    given = facts("ready", state_on=saturday)
    assert planned(given, at(saturday, 10))[0] == ("ket_qua", 0, "06/07 08:30")


def test_of_a_result_that_waits_for_weeks_only_the_second_reminder_is_left() -> None:
    given = facts("ready", state_on=MONDAY - 10 * DAY)
    assert planned(given, at(MONDAY, 10)) == [("ket_qua", 7, "06/07 10:10")]


def test_nobody_is_told_of_a_result_of_last_year() -> None:
    assert planned(facts("ready", state_on=MONDAY - 200 * DAY), at(MONDAY, 10)) == []


def test_a_legal_deadline_counts_as_its_procedure_says() -> None:
    last = MONDAY + 40 * DAY
    given = facts("need_papers", deadline_on=last, deadline_offsets=(-10, -3))
    kinds = [one for one in planned(given, at(MONDAY, 10)) if one[0] == "han"]
    assert kinds == [("han", -10, "05/08 08:30"), ("han", -3, "12/08 08:30")]


def test_a_paper_that_ceases_to_hold_is_told_after_it_was_given_out() -> None:
    until = date(2026, 12, 28)
    given = facts("returned", valid_until=until)
    assert planned(given, at(MONDAY, 10)) == [
        ("het_han", -30, "27/11 08:30"),  # the 28th is a Saturday
        ("het_han", -7, "21/12 08:30"),
    ]
    assert planned(replace(given, state="closed"), at(MONDAY, 10)) == []


def test_of_two_kinds_on_one_day_the_weightier_goes() -> None:
    given = facts("need_papers", appointment_at=at(MONDAY + 8 * DAY, 9))
    kinds = planned(given, at(MONDAY, 10))
    assert ("hen", -1, "13/07 08:30") in kinds
    assert not any(kind == "giay" and when.startswith("13/07") for kind, _, when in kinds)


def test_a_commune_may_say_other_days_and_hours() -> None:
    changed = rules().under({"hen": RuleChange(offsets=(-2,), hour=time(18, 0))})
    given = facts(appointment_at=at(MONDAY + 14 * DAY, 9))
    assert told(plan(given, changed, CALENDAR, at(MONDAY, 10))) == [("hen", -2, "18/07 18:00")]
    assert changed.giay == rules().giay


def test_on_the_day_itself_it_is_told_before_the_appointment() -> None:
    changed = rules().under({"hen": RuleChange(offsets=(0,))})
    early = facts(appointment_at=at(MONDAY + 7 * DAY, 8))
    assert told(plan(early, changed, CALENDAR, at(MONDAY, 10))) == [("hen", 0, "13/07 07:00")]


def test_another_number_or_another_hour_is_told_anew() -> None:
    given = facts(appointment_at=at(MONDAY + 14 * DAY, 9), subject="aa")
    now = at(MONDAY, 10)
    keys = {one.key for one in plan(given, rules(), CALENDAR, now)}
    again = {one.key for one in plan(given, rules(), CALENDAR, now + 2 * DAY)}
    other = plan(replace(given, subject="bb"), rules(), CALENDAR, now)
    later = plan(replace(given, appointment_at=at(MONDAY + 14 * DAY, 10)), rules(), CALENDAR, now)
    assert keys == again
    assert keys.isdisjoint(one.key for one in other)
    assert keys.isdisjoint(one.key for one in later)


# --- an officer's own ---------------------------------------------------------------------


def test_an_officers_own_reminder_goes_at_its_hour() -> None:
    now = at(MONDAY, 10)
    own = plan_own("x1", MONDAY + DAY, time(15, 0), rules(), CALENDAR, now)
    assert own is not None
    assert (own.key, own.thread, own.due_at) == ("own:x1", "own:x1", at(MONDAY + DAY, 15))


def test_an_officers_own_reminder_is_refused_at_night_on_holidays_and_in_the_past() -> None:
    now, holiday = at(MONDAY, 10), date(2026, 9, 2)
    wrong = {
        (MONDAY + DAY, time(22, 0)): "night",
        (holiday, time(9, 0)): "holiday",
        (MONDAY, time(9, 0)): "past",
    }
    for (day, hour), why in wrong.items():
        assert why_not(day, hour, CALENDAR, now) == why
        assert plan_own("x", day, hour, rules(), CALENDAR, now) is None
    assert why_not(MONDAY + DAY, time(9, 0), CALENDAR, now) == ""


# --- what always holds --------------------------------------------------------------------

days = st.dates(date(2025, 12, 1), date(2027, 3, 1))
hours = st.times(time(7, 0), time(20, 59))
instants = st.builds(
    lambda day, hour: datetime.combine(day, hour, LOCAL).astimezone(UTC), days, st.times()
)
calendars = st.builds(
    lambda off: Calendar(Holidays(days_off=tuple(SpecialDay(day=d, why="nghỉ") for d in off))),
    st.sets(days, max_size=20),
)
dossiers = st.builds(
    DossierFacts,
    id=st.integers(1, 9),
    state=st.sampled_from(STATES),
    state_on=days,
    appointment_at=st.none()
    | st.builds(lambda d, h: datetime.combine(d, h, LOCAL).astimezone(UTC), days, hours),
    deadline_on=st.none() | days,
    deadline_offsets=st.just((-10, -3)),
    valid_until=st.none() | days,
)
changes = st.dictionaries(
    st.sampled_from(KINDS),
    st.builds(
        RuleChange,
        offsets=st.lists(st.integers(-40, 40), min_size=1, max_size=5).map(tuple),
        hour=st.none() | hours,
    ),
    max_size=3,
)


@given(dossiers, changes, calendars, instants)
def test_no_plan_breaks_a_rule(
    given_facts: DossierFacts, changed: dict, calendar: Calendar, now: datetime
) -> None:
    found = plan(given_facts, rules().under(changed), calendar, now)
    for one in found:
        assert now < one.due_at < one.expires_at
        assert allowed(one.due_at, calendar)
        rule = rules().of(one.kind)
        assert given_facts.state in rule.states
        if rule.days == "office":
            assert calendar.is_working(local_date(one.due_at))
        if one.kind == "hen":
            assert given_facts.appointment_at is not None
            assert one.due_at < given_facts.appointment_at
    days_of_threads = [(one.thread, local_date(one.due_at)) for one in found]
    assert len(days_of_threads) == len(set(days_of_threads))
    assert len({one.key for one in found}) == len(found)
    assert plan(given_facts, rules().under(changed), calendar, now) == found


@given(days, st.integers(1, 60), calendars)
def test_moving_the_date_moves_all_of_it(day: date, by: int, calendar: Calendar) -> None:
    now = at(date(2025, 1, 1), 8)
    first = facts("returned", valid_until=day)
    moved = replace(first, valid_until=day + by * DAY)
    rule = rules().het_han

    def dues(given_facts: DossierFacts) -> dict[int, datetime]:
        return {one.offset: one.due_at for one in plan(given_facts, rules(), calendar, now)}

    for given_facts, base in ((first, day), (moved, day + by * DAY)):
        for offset, due in dues(given_facts).items():
            meant = permitted(base + offset * DAY, rule, calendar)
            assert meant is not None
            assert due == datetime.combine(meant, rule.hour, LOCAL)
            assert meant <= base + offset * DAY


@given(dossiers, instants, st.integers(1, 72))
def test_planning_anew_later_brings_nothing_that_was_over(
    given_facts: DossierFacts, now: datetime, hours_later: int
) -> None:
    """What was due meanwhile was sent; a new plan has the same keys or fewer, never new ones
    but of what was missed."""
    later = now + timedelta(hours=hours_later)
    before = {one.key for one in plan(given_facts, rules(), CALENDAR, now)}
    for one in plan(given_facts, rules(), CALENDAR, later):
        if one.due_at > later + DAY * 4:
            assert one.key in before


# --- what is agreed in a conversation -----------------------------------------------------


@given(days, st.sets(st.integers(0, 30), min_size=1, max_size=4), calendars, instants)
def test_what_is_agreed_in_a_conversation_keeps_clear_of_holidays(
    day: date, before: set[int], calendar: Calendar, now: datetime
) -> None:
    dues = moments_on(day, before, now, calendar)
    assert len({local_date(due.at) for due in dues}) == len(dues)
    for due in dues:
        assert now < due.at < due.expires_at
        assert not calendar.is_holiday(local_date(due.at))
        assert local_date(due.at) <= day - due.days_before * DAY
    if not any(calendar.is_holiday(day - n * DAY) for n in before):
        assert dues == moments(day, before, now)
