"""The tables. Every row belongs to a commune; every instant is aware UTC.

Columns ending in ``_enc`` hold Vault tokens, ``_hash`` its pseudonyms.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

BOT = "bot"
"""Value of ``Conversation.owner`` while the bot may answer."""


def officer_owner(officer_id: int) -> str:
    """Value of ``Conversation.owner`` while that officer answers."""
    return f"officer:{officer_id}"


OUTSIDE_APP = 0
"""The "officer" who answered in the provider's own app (nobody of the console)."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant; SQLite keeps it without zone, so the zone is put back on reading."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime given to the store")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        instant: datetime = value
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)


Id = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """Names constraints, so that migrations can speak of them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar = {datetime: UtcDateTime, str: Text}


class Conversation(Base):
    """One citizen on one channel of one commune."""

    __tablename__ = "conversation"
    __table_args__ = (
        UniqueConstraint("commune", "channel", "address_hash"),
        Index("ix_conversation_lease", "lease_until"),
        Index("ix_conversation_linked_id", "linked_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    commune: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(8))
    address_hash: Mapped[str] = mapped_column(String(64))
    address_enc: Mapped[str]
    owner: Mapped[str] = mapped_column(String(32), default=BOT)
    """Who answers: ``bot`` or ``officer:<id>``. Checked in the transaction that queues."""
    state_enc: Mapped[str | None]
    created_at: Mapped[datetime]
    last_inbound_at: Mapped[datetime | None]
    last_officer_at: Mapped[datetime | None]
    phone_enc: Mapped[str | None]
    """A number that the citizen gave for being written to, E.164; by which consent: Consent."""
    linked_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id"))
    """The SMS conversation of the same person, proved by a code sent to that number."""
    stopped_at: Mapped[datetime | None]
    """The citizen unfollowed or blocked us: nothing may be sent."""
    last_seq: Mapped[int] = mapped_column(default=0)
    """Numbers the lines of both sides in the order of their commits."""
    lease_by: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]


class InboxRow(Base):
    """One thing that a citizen sent: the truth behind every acknowledged webhook."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("commune", "channel", "provider_id"),
        Index("ix_inbox_work", "state", "not_before"),
        Index("ix_inbox_conversation_id", "conversation_id", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    commune: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(8))
    provider_id: Mapped[str] = mapped_column(String(200))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(16))
    media: Mapped[str | None] = mapped_column(String(32))
    reply_to: Mapped[str | None] = mapped_column(String(200))
    """The provider's id of the message that this one quotes."""
    text_enc: Mapped[str | None]
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12), default="new")
    """new -> done | failed (gave up; an officer was told)."""
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    error: Mapped[str | None]
    done_at: Mapped[datetime | None]


class OutboxRow(Base):
    """One message to a citizen, from the transaction that decided it to its receipt."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_outbox_work", "state", "not_before"),
        Index("ix_outbox_conversation_id", "conversation_id", "id"),
        Index("ix_outbox_provider", "channel", "provider_message_id"),
        Index("ix_outbox_reminder_id", "reminder_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(80))
    """Names the cause (``in:<inbox id>:<n>``, ``reminder:<id>:<way>``): a second one cannot be."""
    commune: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(8))
    """By which it leaves; a Zalo template may go to the number of an SMS conversation."""
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    seq: Mapped[int]
    author: Mapped[str] = mapped_column(String(12))
    """bot, officer, reminder or notice."""
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    reminder_id: Mapped[int | None] = mapped_column(Id)
    bulk: Mapped[bool] = mapped_column(default=False)
    """One of many (reminder, announcement): it leaves room for answers."""
    gateway: Mapped[str | None] = mapped_column(String(20))
    """Of a channel with several: by which the last attempt went."""
    tried: Mapped[str] = mapped_column(String(120), default="")
    """Gateways that certainly did not carry it, comma between them."""
    body_enc: Mapped[str | None]
    """Sealed {"text", "choices": [[label, payload, url], ...], "kind", "template"}."""
    state: Mapped[str] = mapped_column(String(12), default="queued")
    """queued -> sending -> sent -> delivered -> seen | unknown | failed | cancelled | expired."""
    attempts: Mapped[int] = mapped_column(default=0)
    not_before: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    lease_by: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]
    first_tried_at: Mapped[datetime | None]
    provider_message_id: Mapped[str | None] = mapped_column(String(200))
    error: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class SendAttempt(Base):
    """One try to send a message; what became of it is told by the answer and by receipts."""

    __tablename__ = "send_attempt"
    __table_args__ = (
        UniqueConstraint("outbox_id", "number"),
        Index("ix_send_attempt_pace", "commune", "gateway", "started_at"),
        Index("ix_send_attempt_provider", "channel", "provider_message_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    commune: Mapped[str] = mapped_column(String(40))
    outbox_id: Mapped[int] = mapped_column(ForeignKey("outbox.id"))
    number: Mapped[int]
    """1 for the first try."""
    channel: Mapped[str] = mapped_column(String(8))
    gateway: Mapped[str] = mapped_column(String(20), default="")
    bulk: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(12), default="started")
    """started -> accepted -> delivered -> seen | failed | refused | undelivered | unknown."""
    provider_message_id: Mapped[str | None] = mapped_column(String(200))
    parts: Mapped[int] = mapped_column(default=0)
    """SMS to pay for; 0 elsewhere."""
    price: Mapped[int] = mapped_column(default=0)
    """In đồng, of all parts."""
    error: Mapped[str | None]
    started_at: Mapped[datetime]
    """Machine time: by it the pace is kept."""
    ended_at: Mapped[datetime | None]


class HandOver(Base):
    """A conversation that waits for, or is with, an officer."""

    __tablename__ = "handover"
    __table_args__ = (
        Index("ix_handover_open", "commune", "closed_at", "opened_at"),
        Index(
            "uq_handover_one_open",
            "conversation_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    commune: Mapped[str] = mapped_column(String(40))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    inbox_id: Mapped[int | None] = mapped_column(ForeignKey("inbox.id"))
    reason: Mapped[str]
    """In Vietnamese, for the officer; names no person."""
    opened_at: Mapped[datetime]
    told_group_at: Mapped[datetime | None]
    """When the officers' group was told of it."""
    told_inbox_id: Mapped[int | None] = mapped_column(Id)
    """The citizen's last message that the group was shown."""
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    taken_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))


class UnclearQuestion(Base):
    """A question that was not understood, kept masked until an officer says what it meant."""

    __tablename__ = "unclear_question"
    __table_args__ = (
        UniqueConstraint("inbox_id"),
        Index("ix_unclear_question_list", "state", "commune", "id"),
        Index("ix_unclear_question_conversation_id", "conversation_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    commune: Mapped[str] = mapped_column(String(40))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id"))
    """None as soon as the words may outlive the conversation: nothing tells whose they are."""
    inbox_id: Mapped[int | None] = mapped_column(ForeignKey("inbox.id"))
    """One row a message; cut together with ``conversation_id``."""
    text_enc: Mapped[str]
    """Masked (bot.masking) before it was encrypted."""
    guess_procedure: Mapped[str] = mapped_column(String(40))
    guess_aspect: Mapped[str] = mapped_column(String(40))
    guess_confidence: Mapped[float] = mapped_column(Float)
    guess_decision: Mapped[str] = mapped_column(String(12))
    why: Mapped[str] = mapped_column(String(16))
    """handed_over, asked_back, not_understood or corrected (by the citizen)."""
    suggested_procedure: Mapped[str | None] = mapped_column(String(40))
    suggested_aspect: Mapped[str | None] = mapped_column(String(40))
    """What the citizen chose or said next."""
    label_procedure: Mapped[str | None] = mapped_column(String(40))
    label_aspect: Mapped[str | None] = mapped_column(String(40))
    decided_by: Mapped[str | None] = mapped_column(String(80))
    decided_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(12), default="open")
    """open -> labelled | skipped; labelled -> exported."""
    created_at: Mapped[datetime]
    """Only its month without the links."""


class Consent(Base):
    """Proof of a consent: who, when, to what, by which message (NĐ 356/2025 Đ6)."""

    __tablename__ = "consent"
    __table_args__ = (Index("ix_consent_subject", "commune", "subject_hash"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    commune: Mapped[str] = mapped_column(String(40))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    subject_hash: Mapped[str] = mapped_column(String(64))
    purpose: Mapped[str] = mapped_column(String(40))
    text_shown: Mapped[str]
    source: Mapped[str] = mapped_column(String(12), default="message")
    """message (``inbox_id``), paper (signed at the desk, ``officer_id``) or import."""
    inbox_id: Mapped[int | None] = mapped_column(ForeignKey("inbox.id"))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Reminder(Base):
    """One reminder: due once, sent once."""

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("key"),
        Index("ix_reminder_look", "state", "look_at"),
        Index("ix_reminder_conversation_id", "conversation_id"),
        Index("ix_reminder_target_id", "target_id", "state"),
        Index("ix_reminder_thread", "commune", "thread"),
        Index("ix_reminder_dossier_id", "dossier_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    key: Mapped[str] = mapped_column(String(120))
    commune: Mapped[str] = mapped_column(String(40))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    """Where it was agreed; of a dossier, the chat of the person with that number."""
    target_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    """The SMS conversation to which it goes."""
    consent_id: Mapped[int] = mapped_column(ForeignKey("consent.id"))
    dossier_id: Mapped[int | None] = mapped_column(ForeignKey("dossier.id"))
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    """Who wrote it, of an officer's own."""
    thread: Mapped[str] = mapped_column(String(80))
    """What it is about: of one thread only the newest that is due goes out."""
    kind: Mapped[str] = mapped_column(String(16))
    procedure: Mapped[str | None] = mapped_column(String(40))
    base_on: Mapped[date | None]
    """The day that it is counted from; None: it was set for an instant."""
    body_enc: Mapped[str | None]
    due_at: Mapped[datetime]
    look_at: Mapped[datetime]
    """When it is looked at next: ``due_at``, or later (night, holiday, no room in the pace)."""
    expires_at: Mapped[datetime]
    """After this it is pointless and is dropped."""
    state: Mapped[str] = mapped_column(String(12), default="scheduled")
    """scheduled -> queued -> to_call -> called, with the exits cancelled, expired and replaced."""
    tried: Mapped[str] = mapped_column(String(80), default="")
    """The ways by which it was sent, comma between them (bot.delivery.ways)."""
    created_at: Mapped[datetime]


class OptOut(Base):
    """A number that said stop: no reminder goes there until it agrees anew."""

    __tablename__ = "optout"
    __table_args__ = (Index("ix_optout_subject", "commune", "subject_hash"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    commune: Mapped[str] = mapped_column(String(40))
    subject_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]


class Dossier(Base):
    """A dossier that was handed in, as far as a citizen may ask for it and is reminded of it."""

    __tablename__ = "dossier"
    __table_args__ = (
        UniqueConstraint("commune", "code_key"),
        Index("ix_dossier_phone", "commune", "phone_hash"),
        Index("ix_dossier_list", "commune", "state", "updated_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    commune: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(60))
    """As printed on the receipt."""
    code_key: Mapped[str] = mapped_column(String(60))
    """Capital letters and digits of it alone: by this it is found."""
    procedure: Mapped[str | None] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12))
    """received, processing, need_papers, ready, returned or closed (withdrawn, refused)."""
    state_on: Mapped[date]
    """Since when it is so."""
    received_on: Mapped[date | None]
    due_on: Mapped[date | None]
    """When the result is promised."""
    appointment_at: Mapped[datetime | None]
    """When the citizen is asked to come."""
    event_on: Mapped[date | None]
    """The birth or death from which a legal deadline runs."""
    valid_until: Mapped[date | None]
    """Last day on which the paper that was given out holds."""
    phone_hash: Mapped[str | None] = mapped_column(String(64))
    phone_enc: Mapped[str | None]
    missing_enc: Mapped[str | None]
    """Which papers are missing, in the officer's words."""
    consent_id: Mapped[int | None] = mapped_column(ForeignKey("consent.id"))
    """By which its person is written to; without it nobody is."""
    source: Mapped[str] = mapped_column(String(12))
    """desk or import."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    updated_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))


class DossierEvent(Base):
    """What became of a dossier, and who said so."""

    __tablename__ = "dossier_event"
    __table_args__ = (Index("ix_dossier_event_dossier_id", "dossier_id", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    commune: Mapped[str] = mapped_column(String(40))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    state: Mapped[str] = mapped_column(String(12))
    state_on: Mapped[date]
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    at: Mapped[datetime]


class PhoneClaim(Base):
    """Somebody says that a number is theirs: the code that was sent there proves it."""

    __tablename__ = "phone_claim"

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), primary_key=True)
    commune: Mapped[str] = mapped_column(String(40))
    phone_hash: Mapped[str] = mapped_column(String(64))
    phone_enc: Mapped[str]
    code_hash: Mapped[str] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class Subscription(Base):
    """Somebody agreed to be told what the commune announces."""

    __tablename__ = "subscription"
    __table_args__ = (
        UniqueConstraint("conversation_id"),
        Index("ix_subscription_audience", "commune", "ended_at", "village"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    commune: Mapped[str] = mapped_column(String(40))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    village: Mapped[str | None] = mapped_column(String(40))
    """Its key in the commune's file; None: not said."""
    consent_id: Mapped[int] = mapped_column(ForeignKey("consent.id"))
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Announcement(Base):
    """What the commune tells many people at once."""

    __tablename__ = "announcement"
    __table_args__ = (Index("ix_announcement_list", "commune", "state", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    commune: Mapped[str] = mapped_column(String(40))
    title: Mapped[str] = mapped_column(String(120))
    text: Mapped[str]
    """With diacritics, as chats show it."""
    sms_text: Mapped[str]
    """What goes out by SMS, composed for it; "" while it is a draft of ``text`` alone."""
    urgent: Mapped[bool] = mapped_column(default=False)
    """Storm, fire: may leave at night and on holidays."""
    audience: Mapped[str]
    """JSON {"villages": [key, ...] | null}; null: all who agreed."""
    estimate: Mapped[str | None]
    """JSON: texts as they leave, people, parts and price as they were shown to who approved."""
    state: Mapped[str] = mapped_column(String(12), default="draft")
    """draft -> submitted -> approved -> done, with paused, and the exits rejected, cancelled."""
    created_by: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    """Who wrote what stands there now: who edits it last. Somebody else approves."""
    created_at: Mapped[datetime]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    approved_at: Mapped[datetime | None]
    start_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    """Whoever has not got it by then is not told any more."""
    ended_at: Mapped[datetime | None]
    note: Mapped[str | None]
    """Why it was rejected."""


class AnnouncementRecipient(Base):
    """One person whom an announcement is for."""

    __tablename__ = "announcement_recipient"
    __table_args__ = (
        UniqueConstraint("announcement_id", "conversation_id"),
        Index("ix_announcement_recipient_look", "state", "look_at"),
        Index("ix_announcement_recipient_outbox_id", "outbox_id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    commune: Mapped[str] = mapped_column(String(40))
    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcement.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"))
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    """waiting -> queued (then its outbox row tells) | skipped."""
    reason: Mapped[str | None]
    """Why it was skipped: a word of bot.store.recipients.Reason."""
    look_at: Mapped[datetime]
    outbox_id: Mapped[int | None] = mapped_column(ForeignKey("outbox.id"))


class AnnouncementEvent(Base):
    """Who did what to an announcement, and when."""

    __tablename__ = "announcement_event"
    __table_args__ = (Index("ix_announcement_event_announcement_id", "announcement_id", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    commune: Mapped[str] = mapped_column(String(40))
    announcement_id: Mapped[int] = mapped_column(ForeignKey("announcement.id"))
    what: Mapped[str] = mapped_column(String(12))
    """created, edited, submitted, rejected, approved, paused, resumed, cancelled or done."""
    officer_id: Mapped[int | None] = mapped_column(ForeignKey("officer.id"))
    """None: it came to its end by itself."""
    note: Mapped[str | None]
    at: Mapped[datetime]


class SmsGatewayRow(Base):
    """One SIM, modem or aggregator account of a commune."""

    __tablename__ = "sms_gateway"

    commune: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    settings: Mapped[str]
    """JSON: addresses, own number, caps, price."""
    secrets_enc: Mapped[str | None]
    changed_at: Mapped[datetime]


class SmsGatewayHealth(Base):
    """How a gateway does, as all processes saw it; also of one that stands in ``hotro.toml``."""

    __tablename__ = "sms_gateway_health"

    commune: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    weight: Mapped[int] = mapped_column(default=100)
    """Per cent of its share that it gets now."""
    weight_at: Mapped[datetime | None]
    """When the weight last moved."""
    problem: Mapped[str | None]
    """What a person has to mend, in Vietnamese."""
    standing: Mapped[str | None]
    """JSON: what the gateway last told of itself (signal, battery, credit)."""
    lease_by: Mapped[str | None] = mapped_column(String(64))
    """Who listens to it (a modem's database, a connection)."""
    lease_until: Mapped[datetime | None]


class SmsPart(Base):
    """A part of a long SMS whose other parts have not come yet."""

    __tablename__ = "sms_part"
    __table_args__ = (
        UniqueConstraint("commune", "gateway", "sender_hash", "reference", "number"),
        Index("ix_sms_part_received_at", "received_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    commune: Mapped[str] = mapped_column(String(40))
    gateway: Mapped[str] = mapped_column(String(20))
    sender_hash: Mapped[str] = mapped_column(String(64))
    sender_enc: Mapped[str]
    reference: Mapped[str] = mapped_column(String(40))
    total: Mapped[int]
    number: Mapped[int]
    provider_id: Mapped[str] = mapped_column(String(200))
    text_enc: Mapped[str]
    received_at: Mapped[datetime]


class ContentVersion(Base):
    """One state of what is said of a commune or a province; never changed afterwards."""

    __tablename__ = "content_version"
    __table_args__ = (UniqueConstraint("scope", "commune", "number"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    scope: Mapped[str] = mapped_column(String(12))
    """commune or province."""
    commune: Mapped[str] = mapped_column(String(40))
    """Its id; of the province where the scope says so."""
    number: Mapped[int]
    text: Mapped[str | None]
    """A file as in ``faq/communes``; None: removed."""
    author: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]


class Officer(Base):
    """Somebody who may open the console."""

    __tablename__ = "officer"
    __table_args__ = (UniqueConstraint("username"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    commune: Mapped[str] = mapped_column(String(40))
    username: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(80))
    password_hash: Mapped[str]
    """Argon2id."""
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class OfficerSession(Base):
    """A login; the cookie's token is kept only as a hash."""

    __tablename__ = "officer_session"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    commune: Mapped[str] = mapped_column(String(40))
    officer_id: Mapped[int] = mapped_column(ForeignKey("officer.id"))
    csrf: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class BoardRow(Base):
    """A notice board with a QR code."""

    __tablename__ = "board"

    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    commune: Mapped[str] = mapped_column(String(40))
    place: Mapped[str] = mapped_column(String(200))
    procedure: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime]


class Scan(Base):
    """One scan of a board; nothing about who scanned."""

    __tablename__ = "scan"
    __table_args__ = (Index("ix_scan_board", "board_code", "at"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=True)
    commune: Mapped[str] = mapped_column(String(40))
    board_code: Mapped[str] = mapped_column(ForeignKey("board.code"))
    at: Mapped[datetime]


class Note(Base):
    """A small setting of the installation itself (the demo clock's offset)."""

    __tablename__ = "note"

    commune: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str]


class ChannelAccount(Base):
    """A commune's account at an outside system, with its tokens."""

    __tablename__ = "channel_account"

    commune: Mapped[str] = mapped_column(String(40), primary_key=True)
    channel: Mapped[str] = mapped_column(String(8), primary_key=True)
    settings: Mapped[str]
    """JSON that names nobody: ids, group ids, template ids, limits."""
    secrets_enc: Mapped[str | None]
    tokens_enc: Mapped[str | None]
    """Sealed {"access", "refresh"}."""
    tokens_version: Mapped[int] = mapped_column(default=0)
    """Grows with each pair: of two that refresh at once only one can save."""
    access_expires_at: Mapped[datetime | None]
    refresh_expires_at: Mapped[datetime | None]
    problem: Mapped[str | None]
    """What a person has to mend, in Vietnamese."""
    standing: Mapped[str | None]
    """JSON: name, package and quota, as the provider last told them."""
    lease_by: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    """When settings or secrets last changed: running processes look at it."""


class ChannelConnect(Base):
    """A consent that was begun in a browser and has not come back yet."""

    __tablename__ = "channel_connect"

    state_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    commune: Mapped[str] = mapped_column(String(40))
    channel: Mapped[str] = mapped_column(String(8))
    verifier_enc: Mapped[str]
    expires_at: Mapped[datetime]


class EarlyReceipt(Base):
    """A report on a message whose own answer has not come yet."""

    __tablename__ = "early_receipt"

    commune: Mapped[str] = mapped_column(String(40), primary_key=True)
    channel: Mapped[str] = mapped_column(String(8), primary_key=True)
    provider_message_id: Mapped[str] = mapped_column(String(200), primary_key=True)
    state: Mapped[str] = mapped_column(String(12))
    detail: Mapped[str]
    at: Mapped[datetime]
