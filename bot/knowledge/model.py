"""The shape of ``faq/``: what a procedure, a fact, a paper and a checklist are.

These models are the schema that ``hotro content check`` enforces; unknown keys are
errors, so that a typing mistake is found and not silently ignored.

Texts come in two lengths of the same fact: ``long`` for Zalo and web, ``short`` for SMS.
Both may hold placeholders in braces:

* ``{value}``: this fact's own ``value``, filled when rendered;
* ``{commune.name}``, ``{commune.office}``, ``{commune.address}``, ``{commune.phone}``,
  ``{commune.hours}``: the commune's (in ``short`` texts its short forms), filled when
  rendered;
* ``{other_fact.value}``: another fact's value, filled when loaded. Questions, papers and
  deadlines may hold this one too, and no other.
"""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+$")]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Model(BaseModel):
    """Immutable, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Source(Model):
    """A law, decree, circular or official page that facts cite by its key."""

    title: Text
    url: str | None = None


class Citation(Model):
    """Where a fact is written: a key of ``faq/sources.yaml`` and the place in it."""

    source: Text
    at: str | None = None


class Dated(Model):
    """What every statement of law must carry (DESIGN, rule 2)."""

    sources: tuple[Citation, ...] = Field(min_length=1)
    holds_from: date
    holds_to: date | None = None
    checked_on: date
    checked_by: Text
    confidence: Literal["H", "M"]
    confirm: str | None = None
    """What an officer must still confirm, in Vietnamese; the answer then says so gently."""

    def holds_on(self, day: date) -> bool:
        """Whether the statement is law on ``day`` (both ends included)."""
        return self.holds_from <= day and (self.holds_to is None or day <= self.holds_to)


class Fact(Dated):
    """One statement, in its long and short form, with its value when it has one."""

    long: Text
    short: Text
    value: int | str | None = None
    unit: str | None = None


class Paper(Dated):
    """One paper that a citizen brings."""

    name: Text
    short: Text
    how: Literal["nop", "xuat_trinh"]
    """``nop``: hand in and leave; ``xuat_trinh``: show and take home."""
    form: Literal["ban_chinh", "ban_sao", "ban_chinh_hoac_ban_sao", "mau_dien_san", "thong_tin"]
    """Original, copy, either, a form to fill in, or only information to tell."""
    copies: int = 1
    where: Text
    """Where the citizen gets it."""
    waived: str | None = None
    """When it need not be brought (data already in a state database)."""


Condition = dict[Slug, tuple[Slug, ...]]
"""Question id -> accepted option ids; all questions named must match."""
When = tuple[Condition, ...]
"""Alternatives: any one condition suffices. Empty: always."""


Subject = Literal["born", "died", "man", "woman", "person"]
"""Whose time counts: since the birth, since the death, the age of the man, of the woman, of
somebody of whom neither was said."""
Limit = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
"""A number of days, months or years that a fact holds: ``"{deadline.value} ngày"``."""


class Bound(Model):
    """Between which limits a time lies; all that are given must hold."""

    over: Limit | None = None
    up_to: Limit | None = None
    at_least: Limit | None = None
    below: Limit | None = None


Told = dict[Subject, Bound]
"""Times that a citizen told; all of them must lie so."""


class Option(Model):
    """One answer to a checklist question."""

    id: Slug
    label: Text
    """On a button, at most 40 characters."""
    short: Text
    """In an SMS menu."""
    cues: tuple[str, ...] = ()
    """Phrases in a citizen's own words (any case, with or without diacritics) that give
    this answer by themselves: "sinh ở nhà", "không có giấy chứng sinh"."""
    told: tuple[Told, ...] = ()
    """Dates and ages that give this answer by themselves, as alternatives: "cháu sinh 5/8"
    answers whether the child is older than 60 days."""


class Question(Model):
    """One question of a checklist, in plain words."""

    id: Slug
    ask: Text
    short: Text
    why: str | None = None
    when: When = ()
    options: tuple[Option, ...] = Field(min_length=2, max_length=4)

    def option(self, option_id: str) -> Option | None:
        """The option of that id, if this question has it."""
        return next((o for o in self.options if o.id == option_id), None)

    @property
    def timed(self) -> bool:
        """Whether a date or an age can answer it."""
        return any(option.told for option in self.options)


class PaperUse(Model):
    """A paper that a checklist asks for, and in which cases."""

    paper: Slug
    when: When = ()
    case: str | None = None
    """The case in words ("nếu sinh ở nhà, không có Giấy chứng sinh"), shown while the
    citizen's answers do not tell yet; required when ``when`` is not empty."""
    case_short: str | None = None


class NoteUse(Model):
    """A fact that belongs to some cases (a warning, a special rule)."""

    fact: Slug
    when: When = ()
    sms: bool = True
    """An SMS carries it always; otherwise only while there is room, first come first."""


class HandOverRule(Model):
    """A case that only the officer can decide."""

    when: When = Field(min_length=1)
    reason: Text
    """For the officer's list."""
    fact: Slug | None = None
    """What may be said to the citizen meanwhile."""


class Checklist(Model):
    """Questions -> the papers of one citizen's own case."""

    questions: tuple[Question, ...]
    papers: tuple[PaperUse, ...] = Field(min_length=1)
    notes: tuple[NoteUse, ...] = ()
    handovers: tuple[HandOverRule, ...] = ()

    def question(self, question_id: str) -> Question | None:
        """The question of that id, if there is one."""
        return next((q for q in self.questions if q.id == question_id), None)


class Answer(Model):
    """What is said for one aspect: facts in order, and fewer of them for SMS."""

    facts: tuple[Slug, ...] = Field(min_length=1)
    short: tuple[Slug, ...] = Field(min_length=1)


class Deadline(Model):
    """A legal deadline that the bot can compute and remind of."""

    id: Slug
    fact: Slug
    """The fact whose ``value`` is the number of days."""
    label: Text
    """What is due, after "nhắc ... ": "hạn 60 ngày đăng ký khai sinh cho cháu"."""
    label_short: Text
    ask: Text
    """Asks for the date from which it runs ("Cháu sinh ngày nào ạ?")."""
    ask_short: Text
    remind_days_before: tuple[int, ...] = Field(min_length=1)


AnswerAspect = Literal[
    "thoi_gian", "le_phi", "noi_nop", "truc_tuyen", "dieu_kien", "cach_lam", "loi"
]


class Procedure(Model):
    """One procedure: its facts, answers and checklist.

    The answer to *ho_so* (which papers) is not written: it is the checklist.
    """

    id: Slug
    name: Text
    short: Text
    keyword: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,4}$")]
    codes: tuple[tuple[str, str], ...]
    """National procedure code and its official name, the main one first."""
    facts: dict[Slug, Fact]
    papers: dict[Slug, Paper]
    answers: dict[AnswerAspect, Answer]
    checklist: Checklist
    deadlines: tuple[Deadline, ...] = ()
    opening: str | None = None
    """Said before the first answer where the matter asks for it (condolence)."""
    opening_short: str | None = None


class Common(Model):
    """Facts and papers shared by procedures (identity, proxy, online steps, safety)."""

    facts: dict[Slug, Fact]
    papers: dict[Slug, Paper]


class Period(Model):
    """One opening period of a day."""

    opens: time
    closes: time


Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Board(Model):
    """A notice board with a QR code."""

    code: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{2,32}$")]
    place: Text
    procedure: Slug | None = None


class Commune(Model):
    """A commune as its citizens meet it. Nothing here is law."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{2,40}$")]
    name: Text
    """"xã Hoa Mai"."""
    short: Text
    """For SMS: "xa Hoa Mai"."""
    province: Text
    office: Text
    """The desk's name on its sign ("Trung tâm Phục vụ hành chính công xã ...")."""
    office_short: Text
    address: Text
    address_short: Text
    phone: Text
    hours: dict[Weekday, tuple[Period, ...]]
    zalo_oa_id: str | None = None
    sms_number: str | None = None
    """E.164, printed on boards and used in ``sms:`` links."""
    old_names: tuple[str, ...] = ()
    boards: tuple[Board, ...] = ()


class Phrase(Model):
    """A sentence of the bot itself (not law): greeting, question, confirmation."""

    long: Text
    short: Text
