"""The shape of ``faq/``: what a procedure, a fact, a paper and a checklist are.

These models are the schema that ``hotro content check`` enforces and ``faq/schema/``
publishes; unknown keys are errors, so that a typing mistake is found and not silently
ignored.

A fact or paper whose wording changes with the law is a list of versions, of which one at
most holds on a day. What a version leaves out is completed when the file is read
(:mod:`bot.knowledge.complete`): its dates from the sources that it cites, who checked it
and when from the head of its file.

Texts come in two lengths of the same fact: ``long`` for Zalo and web, ``short`` for SMS.
Both may hold placeholders in braces:

* ``{value}``: this fact's own ``value``, filled when rendered;
* ``{commune.name}``, ``{commune.office}``, ``{commune.address}``, ``{commune.phone}``,
  ``{commune.hours}``, and of the police ``{commune.police}``, ``{commune.police_address}``,
  ``{commune.police_phone}``, ``{commune.police_hours}``: the commune's (in ``short`` texts
  the short forms), filled when rendered;
* ``{other_fact.value}``: another fact's value on the day, filled by
  :meth:`bot.knowledge.library.Library.on`. Questions, papers and deadlines may hold this one
  too, and no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, time, timedelta
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
)

from bot.knowledge.dossier_words import DossierWords
from bot.reminders.rules import Kind, RuleChange

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]+$")]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]


class Model(BaseModel):
    """Immutable, and strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class InForce(Model):
    """From the first to the last day; an end that is left out is open."""

    holds_from: date | None = None
    holds_to: date | None = None


class Source(InForce):
    """A law, decree, circular or official page that facts cite by its key, and from when to
    when it is in force."""

    title: Text
    url: str | None = None


CITATION = r"^[A-Z][A-Z0-9]*( .+)?$"
Citation = Annotated[str, StringConstraints(pattern=CITATION, strip_whitespace=True)]
"""Where a fact is written: a key of ``faq/sources.yaml``, then the place in it
("LHT14 Điều 15")."""


def source_of(citation: str) -> str:
    """The key that a citation begins with."""
    return citation.partition(" ")[0]


RECHECK_DAYS = 365
"""So long is a check good, where nothing else is said."""


class Dated(Model):
    """What every statement of law must carry (DESIGN, rule 2)."""

    sources: tuple[Citation, ...] = Field(min_length=1)
    holds_from: date
    """The first day; when left out, that on which all of its sources are in force."""
    holds_to: date | None = None
    """The last day; when left out, the last one of the source that ends first."""
    checked_on: date
    checked_by: Text
    recheck_days: int = Field(default=RECHECK_DAYS, ge=1)
    """After so many days without a new check it is not told any more."""
    confidence: Literal["H", "M"] = "H"
    confirm: Slug | None = None
    """What an officer must still confirm, a key of ``faq/to_confirm.yaml``; the answer then
    says so gently."""

    def holds_on(self, day: date) -> bool:
        """Whether the statement is law on ``day`` (both ends included)."""
        return self.holds_from <= day and (self.holds_to is None or day <= self.holds_to)

    @property
    def good_until(self) -> date:
        """The last day of its check."""
        left = (date.max - self.checked_on).days
        return self.checked_on + timedelta(days=min(self.recheck_days, left))

    def usable_on(self, day: date) -> bool:
        """Whether it may be told on ``day``: it is law, and somebody looked lately."""
        return self.holds_on(day) and day <= self.good_until


class Fact(Dated):
    """One statement, in its long and short form, with its value when it has one."""

    long: Text
    short: Text
    value: int | str | None = None
    unit: str | None = None
    optional: bool = False
    """An answer may leave it out on days on which it does not hold (a waiver that ends); without
    any other fact on such a day there is no answer."""


PaperForm = Literal[
    "ban_chinh",
    "ban_sao",
    "ban_sao_chung_thuc",
    "ban_chinh_hoac_ban_sao",
    "mau_dien_san",
    "anh_chup",
    "thong_tin",
]
"""Original, copy, certified copy, original or copy, a form to fill in, a picture taken of it to be
sent online, or only information."""


class Paper(Dated):
    """One paper that a citizen brings."""

    name: Text
    short: Text
    how: Literal["nop", "xuat_trinh"]
    """``nop``: hand in and leave; ``xuat_trinh``: show and take home."""
    form: PaperForm
    copies: int = Field(default=1, ge=1)
    where: Text
    """Where the citizen gets it."""
    waived: str | None = None
    """When it need not be brought (data already in a state database)."""


DatedT = TypeVar("DatedT", bound=Dated)


def _versions(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else (value,)


FactVersions = Annotated[tuple[Fact, ...], BeforeValidator(_versions), Field(min_length=1)]
PaperVersions = Annotated[tuple[Paper, ...], BeforeValidator(_versions), Field(min_length=1)]
"""One version, or a list of them by time."""


def usable(versions: Sequence[DatedT], day: date) -> DatedT | None:
    """The version that may be told on ``day``, if there is one."""
    return next((version for version in versions if version.usable_on(day)), None)


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
    unsure: bool = False
    """The citizen does not know. Exactly one option of every question says so."""


class Question(Model):
    """One question of a checklist, in plain words."""

    id: Slug
    ask: Text
    short: Text
    why: str | None = None
    kind: bool = False
    """Its options are different matters, none of them the ordinary one: the first option, too,
    is taken from a citizen's own words, and not only the others."""
    when: When = ()
    options: tuple[Option, ...] = Field(min_length=2, max_length=5)

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
    prepare: bool = False
    """The papers that are certain in this case are named, to be made ready meanwhile."""


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
    event: Literal["born", "died"]
    """What it runs from."""
    late: Slug | None = None
    """The fact that says what is done when it is over."""
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


DeskName = Literal["tu_phap", "cong_an"]
"""The commune's public service centre, or its police."""


class Variant(Model):
    """One national procedure: birth registration alone has six. The case tells which it is."""

    id: Slug
    code: Annotated[str, StringConstraints(pattern=r"^[0-9]\.[0-9]{6}$")] | None = None
    """National procedure code; left out while it must not be told."""
    name: Text
    """Its official name."""
    when: When = ()
    """Answers of the checklist that lead to it; the first variant is the ordinary one and has
    none."""
    desk: DeskName | None = None
    """Who receives it, where that is not the procedure's desk."""
    result: Slug | None = None
    """The fact that says what the citizen gets."""
    takes: Slug | None = None
    """The fact whose ``value`` is the number of working days that it takes (0: the same day)."""
    answers: dict[AnswerAspect, Answer] = {}
    """Aspects that are answered otherwise for this variant (time, fee ...)."""


class Checked(Model):
    """The head of a file: who checked what does not say so itself, and when."""

    checked_on: date | None = None
    checked_by: Text | None = None
    recheck_days: int | None = None


class Procedure(Checked):
    """One procedure: its facts, answers and checklist.

    The answer to *ho_so* (which papers) is not written: it is the checklist.
    """

    id: Slug
    name: Text
    short: Text
    said: Text
    """What people call doing it: "làm khai sinh", "xin giấy độc thân"."""
    said_short: Text
    keyword: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,4}$")]
    desk: DeskName
    """Who receives it at the commune."""
    variants: tuple[Variant, ...] = Field(min_length=1)
    """The ordinary one first."""
    facts: dict[Slug, FactVersions]
    papers: dict[Slug, PaperVersions] = {}
    answers: dict[AnswerAspect, Answer]
    checklist: Checklist
    deadlines: tuple[Deadline, ...] = ()
    opening: str | None = None
    """Said before the first answer where the matter asks for it (condolence)."""
    opening_short: str | None = None
    meanwhile: Slug | None = None
    """A fact that is told where an answer has lapsed, with the word that the officer was
    asked."""


class Common(Checked):
    """Facts and papers shared by procedures (identity, proxy, online steps, safety)."""

    facts: dict[Slug, FactVersions]
    papers: dict[Slug, PaperVersions]


class ToConfirm(Model):
    """Something that an officer must confirm before what rests on it is told without a word of
    caution."""

    what: Text
    who: Text


class Confirmed(Model):
    """That somebody has confirmed it, for a province or a commune."""

    on: date
    by: Text


class MenuGroup(Model):
    """Procedures offered together."""

    name: Text
    short: Text
    procedures: tuple[Slug, ...] = Field(min_length=1, max_length=5)


class Menu(Model):
    """What is offered first, and behind which names the rest stands."""

    first: tuple[Slug, ...] = Field(min_length=1, max_length=4)
    groups: tuple[MenuGroup, ...] = Field(max_length=5)


class SpecialDay(Model):
    """A day that is off, or worked, against the calendar."""

    day: date
    why: Text
    source: Citation | None = None


class UncertainDay(Model):
    """A day of which it is not known yet whether it is worked."""

    day: date
    why: Text
    confirm: Slug


class Holidays(Model):
    """What the library's calendar of public holidays does not know."""

    days_off: tuple[SpecialDay, ...] = ()
    work_days: tuple[SpecialDay, ...] = ()
    """Saturdays and Sundays that are worked for a day off elsewhere."""
    uncertain: tuple[UncertainDay, ...] = ()


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


Hours = dict[Weekday, tuple[Period, ...]]


COMMON: Final = "common"
"""Under this name stand the shared facts in a layer, where others have a procedure's id."""


class Layer(Checked):
    """What a province or a commune puts over the national content.

    ``id`` is the name of its file.

    A fact replaces the national one of the same name: of ``common``, or of the procedure under
    whose id it stands (a shared fact may be replaced for one procedure alone).
    """

    id: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{2,40}$")]
    sources: dict[str, Source] = {}
    facts: dict[Slug, dict[Slug, FactVersions]] = {}
    """``common`` or a procedure's id -> fact id -> fact."""
    confirmed: dict[Slug, Confirmed] = {}
    """Keys of ``to_confirm.yaml`` -> who confirmed it here."""
    holidays: Holidays = Holidays()
    reminders: dict[Kind, RuleChange] = {}
    """When reminders of dossiers go there, where that differs from ``faq/reminders.yaml``."""
    dossier_import: DossierWords = DossierWords()
    """How the provincial system names things, beside ``faq/dossier_import.yaml``."""


class Province(Layer):
    """A province's fees and whatever else its council decides."""

    name: Text
    """"thành phố Hà Nội", "tỉnh Ninh Bình"."""


class Desk(Model):
    """A place that receives citizens."""

    name: Text
    short: Text
    """For SMS."""
    address: Text
    address_short: Text
    phone: Text
    hours: Hours


class Person(Model):
    """Somebody whom citizens may ask for."""

    role: Text
    """"Cán bộ tư pháp - hộ tịch"."""
    name: Text
    phone: str | None = None


class PickUpPoint(Model):
    """A further place where dossiers are taken or results given out."""

    name: Text
    address: Text
    note: str | None = None
    """"sáng thứ Ba và thứ Năm"."""


class Village(Model):
    """A village or hamlet of the commune: announcements may go to it alone."""

    key: Slug
    """What rows say of it: it never changes, also when the village is renamed."""
    name: Text
    """"thôn Đình"."""
    aliases: tuple[Text, ...] = ()
    """As people still call it: "xóm Đình", the villages that were joined."""


class SmsPolicy(Model):
    """How the commune writes its SMS."""

    accents: Literal["never", "when_free", "always"] = "never"
    """With diacritics a part holds 70 letters in place of 160 (bot.smstext)."""


class OwnKeyword(Model):
    """Words by which the commune's citizens ask for something, beside those of
    ``nlu_data/lexicon/keywords.yml``."""

    words: Annotated[tuple[Text, ...], BeforeValidator(_versions), Field(min_length=1)]
    """One, or a list of them: "1022", [SO TAY, SOTAY]."""
    means: Annotated[str, StringConstraints(pattern=r"^[a-z_]+(\+[a-z_]+)?$")]
    """The name of a keyword ("hours"), or a procedure, or both halves: "khai_sinh+le_phi"."""


class Commune(Layer):
    """A commune as its citizens meet it, and what it puts over the content of its province."""

    name: Text
    """"xã Hoa Mai"."""
    short: Text
    """For SMS: "xa Hoa Mai"."""
    province: Text
    """Its name, or the id of a file of ``faq/provinces``."""
    office: Text
    """The desk's name on its sign ("Trung tâm Phục vụ hành chính công xã ...")."""
    office_short: Text
    address: Text
    address_short: Text
    phone: Text
    hours: Hours
    police: Desk | None = None
    """Where residence, identity cards and VNeID are done."""
    people: tuple[Person, ...] = ()
    points: tuple[PickUpPoint, ...] = ()
    zalo_oa_id: str | None = None
    sms_number: str | None = None
    """E.164, printed on boards and used in ``sms:`` links."""
    old_names: tuple[str, ...] = ()
    """Communes that became this one, as people still call them: "xã Song Phượng"."""
    villages: tuple[Village, ...] = ()
    sms: SmsPolicy = SmsPolicy()
    keywords: tuple[OwnKeyword, ...] = ()
    boards: tuple[Board, ...] = ()

    def desk(self, name: DeskName) -> Desk:
        """The place that receives such procedures. Of a police post that the file does not tell,
        people are told to ask by the commune's telephone."""
        if name == "tu_phap":
            return Desk(
                name=self.office,
                short=self.office_short,
                address=self.address,
                address_short=self.address_short,
                phone=self.phone,
                hours=self.hours,
            )
        return self.police or Desk(
            name=f"Công an {self.name}",
            short=f"Công an {self.short}",
            address="bà con gọi hỏi địa chỉ",
            address_short="gọi hỏi địa chỉ",
            phone=self.phone,
            hours={},
        )


class Phrase(Model):
    """A sentence of the bot itself (not law): greeting, question, confirmation."""

    long: Text
    short: Text
