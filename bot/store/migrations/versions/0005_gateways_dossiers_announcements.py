"""gateways, dossiers, announcements

Revision: 0005
Revises: 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "sms_gateway",
        sa.Column("commune", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("secrets_enc", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("commune", "name", name=op.f("pk_sms_gateway")),
    )
    op.create_table(
        "sms_gateway_health",
        sa.Column("commune", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("weight_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("standing", sa.Text(), nullable=True),
        sa.Column("lease_by", sa.String(length=64), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("commune", "name", name=op.f("pk_sms_gateway_health")),
    )
    op.create_table(
        "sms_part",
        sa.Column("id", ROW, autoincrement=True, nullable=False),
        sa.Column("commune", sa.String(length=40), nullable=False),
        sa.Column("gateway", sa.String(length=20), nullable=False),
        sa.Column("sender_hash", sa.String(length=64), nullable=False),
        sa.Column("sender_enc", sa.Text(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.String(length=200), nullable=False),
        sa.Column("text_enc", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sms_part")),
        sa.UniqueConstraint(
            "commune",
            "gateway",
            "sender_hash",
            "reference",
            "number",
            name=op.f("uq_sms_part_commune_gateway_sender_hash_reference_number"),
        ),
    )
    with op.batch_alter_table("sms_part") as batch_op:
        batch_op.create_index("ix_sms_part_received_at", ["received_at"], unique=False)

    op.create_table(
        "announcement",
        sa.Column("id", ROW, autoincrement=True, nullable=False),
        sa.Column("commune", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sms_text", sa.Text(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("estimate", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("created_by", ROW, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", ROW, nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("start_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["approved_by"], ["officer.id"], name=op.f("fk_announcement_approved_by")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["officer.id"], name=op.f("fk_announcement_created_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement")),
    )
    with op.batch_alter_table("announcement") as batch_op:
        batch_op.create_index("ix_announcement_list", ["commune", "state", "id"], unique=False)

    op.create_table(
        "phone_claim",
        sa.Column("conversation_id", ROW, nullable=False),
        sa.Column("commune", sa.String(length=40), nullable=False),
        sa.Column("phone_hash", sa.String(length=64), nullable=False),
        sa.Column("phone_enc", sa.Text(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_phone_claim_conversation_id")
        ),
        sa.PrimaryKeyConstraint("conversation_id", name=op.f("pk_phone_claim")),
    )
    op.create_table(
        "announcement_recipient",
        sa.Column("id", ROW, autoincrement=True, nullable=False),
        sa.Column("commune", sa.String(length=40), nullable=False),
        sa.Column("announcement_id", ROW, nullable=False),
        sa.Column("conversation_id", ROW, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("look_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outbox_id", ROW, nullable=True),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcement.id"],
            name=op.f("fk_announcement_recipient_announcement_id"),
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversation.id"],
            name=op.f("fk_announcement_recipient_conversation_id"),
        ),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_announcement_recipient_outbox_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_recipient")),
        sa.UniqueConstraint(
            "announcement_id",
            "conversation_id",
            name=op.f("uq_announcement_recipient_announcement_id_conversation_id"),
        ),
    )
    with op.batch_alter_table("announcement_recipient") as batch_op:
        batch_op.create_index("ix_announcement_recipient_look", ["state", "look_at"], unique=False)
        batch_op.create_index("ix_announcement_recipient_outbox_id", ["outbox_id"], unique=False)

    op.create_table(
        "announcement_event",
        sa.Column("id", ROW, autoincrement=True, nullable=False),
        sa.Column("commune", sa.String(length=40), nullable=False),
        sa.Column("announcement_id", ROW, nullable=False),
        sa.Column("what", sa.String(length=12), nullable=False),
        sa.Column("officer_id", ROW, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["announcement_id"],
            ["announcement.id"],
            name=op.f("fk_announcement_event_announcement_id"),
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name=op.f("fk_announcement_event_officer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_announcement_event")),
    )
    with op.batch_alter_table("announcement_event") as batch_op:
        batch_op.create_index(
            "ix_announcement_event_announcement_id", ["announcement_id", "id"], unique=False
        )

    op.create_table(
        "send_attempt",
        sa.Column("id", ROW, autoincrement=True, nullable=False),
        sa.Column("commune", sa.String(length=40), nullable=False),
        sa.Column("outbox_id", ROW, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("gateway", sa.String(length=20), nullable=False),
        sa.Column("bulk", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("provider_message_id", sa.String(length=200), nullable=True),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("price", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["outbox_id"], ["outbox.id"], name=op.f("fk_send_attempt_outbox_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_send_attempt")),
        sa.UniqueConstraint("outbox_id", "number", name=op.f("uq_send_attempt_outbox_id_number")),
    )
    with op.batch_alter_table("send_attempt") as batch_op:
        batch_op.create_index(
            "ix_send_attempt_pace", ["commune", "gateway", "started_at"], unique=False
        )
        batch_op.create_index(
            "ix_send_attempt_provider", ["channel", "provider_message_id"], unique=False
        )

    op.create_table(
        "dossier",
        sa.Column("id", ROW, autoincrement=True, nullable=False),
        sa.Column("commune", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("code_key", sa.String(length=60), nullable=False),
        sa.Column("procedure", sa.String(length=40), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("state_on", sa.Date(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("appointment_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("event_on", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("phone_hash", sa.String(length=64), nullable=True),
        sa.Column("phone_enc", sa.Text(), nullable=True),
        sa.Column("missing_enc", sa.Text(), nullable=True),
        sa.Column("consent_id", ROW, nullable=True),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", ROW, nullable=True),
        sa.ForeignKeyConstraint(["consent_id"], ["consent.id"], name=op.f("fk_dossier_consent_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["officer.id"], name=op.f("fk_dossier_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier")),
        sa.UniqueConstraint("commune", "code_key", name=op.f("uq_dossier_commune_code_key")),
    )
    with op.batch_alter_table("dossier") as batch_op:
        batch_op.create_index("ix_dossier_list", ["commune", "state", "updated_at"], unique=False)
        batch_op.create_index("ix_dossier_phone", ["commune", "phone_hash"], unique=False)

    op.create_table(
        "subscription",
        sa.Column("id", ROW, autoincrement=True, nullable=False),
        sa.Column("commune", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", ROW, nullable=False),
        sa.Column("village", sa.String(length=40), nullable=True),
        sa.Column("consent_id", ROW, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["consent.id"], name=op.f("fk_subscription_consent_id")
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_subscription_conversation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint("conversation_id", name=op.f("uq_subscription_conversation_id")),
    )
    with op.batch_alter_table("subscription") as batch_op:
        batch_op.create_index(
            "ix_subscription_audience", ["commune", "ended_at", "village"], unique=False
        )

    op.create_table(
        "dossier_event",
        sa.Column("id", ROW, autoincrement=True, nullable=False),
        sa.Column("commune", sa.String(length=40), nullable=False),
        sa.Column("dossier_id", ROW, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("state_on", sa.Date(), nullable=False),
        sa.Column("officer_id", ROW, nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_dossier_event_dossier_id")
        ),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["officer.id"], name=op.f("fk_dossier_event_officer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_event")),
    )
    with op.batch_alter_table("dossier_event") as batch_op:
        batch_op.create_index("ix_dossier_event_dossier_id", ["dossier_id", "id"], unique=False)

    with op.batch_alter_table("consent") as batch_op:
        batch_op.add_column(
            sa.Column("source", sa.String(length=12), nullable=False, server_default="message")
        )
        batch_op.add_column(sa.Column("officer_id", ROW, nullable=True))
        batch_op.alter_column("inbox_id", existing_type=sa.INTEGER(), nullable=True)
        batch_op.create_foreign_key(
            batch_op.f("fk_consent_officer_id"), "officer", ["officer_id"], ["id"]
        )

    with op.batch_alter_table("conversation") as batch_op:
        batch_op.add_column(sa.Column("linked_id", ROW, nullable=True))
        batch_op.create_index("ix_conversation_linked_id", ["linked_id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_conversation_linked_id"), "conversation", ["linked_id"], ["id"]
        )

    with op.batch_alter_table("outbox") as batch_op:
        batch_op.add_column(
            sa.Column("bulk", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("gateway", sa.String(length=20), nullable=True))
        batch_op.add_column(
            sa.Column("tried", sa.String(length=120), nullable=False, server_default="")
        )

    with op.batch_alter_table("reminder") as batch_op:
        batch_op.add_column(sa.Column("dossier_id", ROW, nullable=True))
        batch_op.add_column(sa.Column("officer_id", ROW, nullable=True))
        batch_op.add_column(
            sa.Column("thread", sa.String(length=80), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("base_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("look_at", sa.DateTime(timezone=True)))
        batch_op.drop_index(batch_op.f("ix_reminder_due"))
        batch_op.create_index("ix_reminder_dossier_id", ["dossier_id"], unique=False)
        batch_op.create_index("ix_reminder_look", ["state", "look_at"], unique=False)
        batch_op.create_index("ix_reminder_target_id", ["target_id", "state"], unique=False)
        batch_op.create_index("ix_reminder_thread", ["commune", "thread"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_reminder_officer_id"), "officer", ["officer_id"], ["id"]
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_reminder_dossier_id"), "dossier", ["dossier_id"], ["id"]
        )
    op.execute(
        "UPDATE reminder SET look_at = due_at, thread = "
        "'c' || conversation_id || ':' || kind || ':' || coalesce(procedure, '')"
    )
    with op.batch_alter_table("reminder") as batch_op:
        batch_op.alter_column("look_at", existing_type=sa.DateTime(timezone=True), nullable=False)
    # What was sent before counts neither for the pace nor for the price.
    op.execute("UPDATE outbox SET bulk = (author = 'reminder')")


def downgrade() -> None:
    with op.batch_alter_table("reminder") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_reminder_dossier_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_reminder_officer_id"), type_="foreignkey")
        batch_op.drop_index("ix_reminder_thread")
        batch_op.drop_index("ix_reminder_target_id")
        batch_op.drop_index("ix_reminder_look")
        batch_op.drop_index("ix_reminder_dossier_id")
        batch_op.create_index(batch_op.f("ix_reminder_due"), ["state", "due_at"], unique=False)
        batch_op.drop_column("look_at")
        batch_op.drop_column("base_on")
        batch_op.drop_column("thread")
        batch_op.drop_column("officer_id")
        batch_op.drop_column("dossier_id")

    with op.batch_alter_table("outbox") as batch_op:
        batch_op.drop_column("tried")
        batch_op.drop_column("gateway")
        batch_op.drop_column("bulk")

    with op.batch_alter_table("conversation") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_conversation_linked_id"), type_="foreignkey")
        batch_op.drop_index("ix_conversation_linked_id")
        batch_op.drop_column("linked_id")

    with op.batch_alter_table("consent") as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_consent_officer_id"), type_="foreignkey")
        batch_op.alter_column("inbox_id", existing_type=sa.INTEGER(), nullable=False)
        batch_op.drop_column("officer_id")
        batch_op.drop_column("source")

    with op.batch_alter_table("dossier_event") as batch_op:
        batch_op.drop_index("ix_dossier_event_dossier_id")

    op.drop_table("dossier_event")
    with op.batch_alter_table("subscription") as batch_op:
        batch_op.drop_index("ix_subscription_audience")

    op.drop_table("subscription")
    with op.batch_alter_table("dossier") as batch_op:
        batch_op.drop_index("ix_dossier_phone")
        batch_op.drop_index("ix_dossier_list")

    op.drop_table("dossier")
    with op.batch_alter_table("send_attempt") as batch_op:
        batch_op.drop_index("ix_send_attempt_provider")
        batch_op.drop_index("ix_send_attempt_pace")

    op.drop_table("send_attempt")
    with op.batch_alter_table("announcement_recipient") as batch_op:
        batch_op.drop_index("ix_announcement_recipient_outbox_id")
        batch_op.drop_index("ix_announcement_recipient_look")

    op.drop_table("announcement_recipient")
    with op.batch_alter_table("announcement_event") as batch_op:
        batch_op.drop_index("ix_announcement_event_announcement_id")

    op.drop_table("announcement_event")
    op.drop_table("phone_claim")
    with op.batch_alter_table("announcement") as batch_op:
        batch_op.drop_index("ix_announcement_list")

    op.drop_table("announcement")
    with op.batch_alter_table("sms_part") as batch_op:
        batch_op.drop_index("ix_sms_part_received_at")

    op.drop_table("sms_part")
    op.drop_table("sms_gateway_health")
    op.drop_table("sms_gateway")
