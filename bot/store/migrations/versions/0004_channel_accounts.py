"""channel accounts

Revision: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "channel_account",
        sa.Column("commune", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("secrets_enc", sa.Text(), nullable=True),
        sa.Column("tokens_enc", sa.Text(), nullable=True),
        sa.Column("tokens_version", sa.Integer(), nullable=False),
        sa.Column("access_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refresh_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("standing", sa.Text(), nullable=True),
        sa.Column("lease_by", sa.String(length=64), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("commune", "channel", name=op.f("pk_channel_account")),
    )
    op.create_table(
        "channel_connect",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("commune", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("verifier_enc", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_channel_connect")),
    )
    op.create_table(
        "early_receipt",
        sa.Column("commune", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("provider_message_id", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "commune", "channel", "provider_message_id", name=op.f("pk_early_receipt")
        ),
    )
    op.add_column("conversation", sa.Column("phone_enc", sa.Text(), nullable=True))
    op.add_column("handover", sa.Column("told_group_at", sa.DateTime(timezone=True)))
    op.add_column("handover", sa.Column("told_inbox_id", ROW))
    op.add_column("inbox", sa.Column("reply_to", sa.String(length=200)))
    op.add_column("outbox", sa.Column("reminder_id", ROW))
    op.create_index("ix_outbox_reminder_id", "outbox", ["reminder_id"])
    op.add_column(
        "reminder", sa.Column("tried", sa.String(length=80), nullable=False, server_default="")
    )
    # The rows of reminders were known by their key alone.
    op.execute(
        "UPDATE outbox SET reminder_id = CAST(substr(key, 10) AS INTEGER) "
        "WHERE key LIKE 'reminder:%'"
    )


def downgrade() -> None:
    op.drop_column("reminder", "tried")
    op.drop_index("ix_outbox_reminder_id", "outbox")
    op.drop_column("outbox", "reminder_id")
    op.drop_column("inbox", "reply_to")
    op.drop_column("handover", "told_inbox_id")
    op.drop_column("handover", "told_group_at")
    op.drop_column("conversation", "phone_enc")
    op.drop_table("early_receipt")
    op.drop_table("channel_connect")
    op.drop_table("channel_account")
