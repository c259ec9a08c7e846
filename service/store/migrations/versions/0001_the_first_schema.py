"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from service.store.models.base import Document, Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The first schema."""
    op.create_table(
        "connections",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("crm", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("account_name", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("state_before_reconnect", sa.String(length=20), nullable=True),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("auth", sa.String(length=40), nullable=False),
        sa.Column("credentials", sa.Text(), nullable=True),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("token_leased_until", Instant(), nullable=True),
        sa.Column("sync_leased_until", Instant(), nullable=True),
        sa.Column("sync_leased_by", sa.String(length=200), nullable=True),
        sa.Column("fields", Document, nullable=False),
        sa.Column("scope", Document, nullable=False),
        sa.Column("options", Document, nullable=False),
        sa.Column("described", Document, nullable=False),
        sa.Column("health", Document, nullable=False),
        sa.Column("notes", sa.String(length=10), nullable=False),
        sa.Column("retention_days", sa.Integer(), nullable=True),
        sa.Column("one_task_per_account", sa.Boolean(), nullable=False),
        sa.Column("account_sense", sa.Boolean(), nullable=False),
        sa.Column("write_ahead_days", sa.Integer(), nullable=True),
        sa.Column("fallback_owner_id", sa.String(length=64), nullable=True),
        sa.Column("lost_since", sa.Date(), nullable=True),
        sa.Column("live_owner_ids", Document, nullable=True),
        sa.Column("live_limit", sa.Integer(), nullable=True),
        sa.Column("live_since", Instant(), nullable=True),
        sa.Column("last_sync_at", Instant(), nullable=True),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connections")),
        sa.UniqueConstraint("crm", "account_id", name=op.f("uq_connections_crm_account_id")),
        sa.UniqueConstraint("name", name=op.f("uq_connections_name")),
    )
    op.create_table(
        "mapping_sets",
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("published_at", Instant(), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mapping_sets")),
    )
    with op.batch_alter_table("mapping_sets", schema=None) as batch_op:
        batch_op.create_index(
            "uq_mapping_sets_current",
            ["is_current"],
            unique=True,
            sqlite_where=sa.text("is_current"),
            postgresql_where=sa.text("is_current"),
        )

    op.create_table(
        "policies",
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("author", sa.String(length=100), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("published_at", Instant(), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_policies")),
    )
    with op.batch_alter_table("policies", schema=None) as batch_op:
        batch_op.create_index(
            "uq_policies_current",
            ["is_current"],
            unique=True,
            sqlite_where=sa.text("is_current"),
            postgresql_where=sa.text("is_current"),
        )

    op.create_table(
        "deals",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("crm_deal_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=500), nullable=False),
        sa.Column("account_key", sa.String(length=64), nullable=True),
        sa.Column("account_name", sa.String(length=500), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=True),
        sa.Column("amount", sa.Numeric(precision=20, scale=4), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("lost_on", sa.Date(), nullable=True),
        sa.Column("stated_follow_up", sa.Date(), nullable=True),
        sa.Column("close_month", sa.String(length=7), nullable=False),
        sa.Column("excluded_by", sa.String(length=200), nullable=True),
        sa.Column("merged_into", sa.String(length=64), nullable=True),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("record", Document, nullable=False),
        sa.Column("modified_at", Instant(), nullable=True),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("seen_in_run", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.CheckConstraint("state IN ('lost','open','won','gone')", name=op.f("ck_deals_state")),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_deals_connection_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deals")),
        sa.UniqueConstraint("connection_id", "crm_deal_id", name=op.f("uq_deals_connection_id_crm_deal_id")),
    )
    with op.batch_alter_table("deals", schema=None) as batch_op:
        batch_op.create_index("ix_deals_account", ["connection_id", "account_key"], unique=False)
        batch_op.create_index("ix_deals_close_month", ["connection_id", "close_month", "state"], unique=False)

    op.create_table(
        "events",
        sa.Column("at", Instant(), nullable=False),
        sa.Column("who", sa.String(length=100), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=True),
        sa.Column("entity", sa.String(length=20), nullable=False),
        sa.Column("entity_id", sa.Integer(), nullable=False),
        sa.Column("from_state", sa.String(length=20), nullable=True),
        sa.Column("to_state", sa.String(length=20), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_events_connection_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.create_index("ix_events_entity", ["entity", "entity_id"], unique=False)

    op.create_table(
        "owners",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("manager_id", sa.String(length=64), nullable=True),
        sa.Column("zone", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_owners_connection_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("connection_id", "owner_id", name=op.f("pk_owners")),
    )
    op.create_table(
        "runs",
        sa.Column("connection_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("counts", Document, nullable=False),
        sa.Column("calls", Document, nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_runs_connection_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_runs_connection_id"), ["connection_id"], unique=False)

    op.create_table(
        "streams",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("stream", sa.String(length=40), nullable=False),
        sa.Column("watermark_at", Instant(), nullable=True),
        sa.Column("watermark_id", sa.String(length=64), nullable=False),
        sa.Column("checkpoint", sa.Text(), nullable=True),
        sa.Column("full_run_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_streams_connection_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("connection_id", "stream", name=op.f("pk_streams")),
    )
    op.create_table(
        "deal_contacts",
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.String(length=64), nullable=False),
        sa.Column("has_opted_out", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_deal_contacts_deal_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("deal_id", "contact_id", name=op.f("pk_deal_contacts")),
    )
    with op.batch_alter_table("deal_contacts", schema=None) as batch_op:
        batch_op.create_index("ix_deal_contacts_contact", ["contact_id"], unique=False)

    op.create_table(
        "episodes",
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("lost_on", sa.Date(), nullable=False),
        sa.Column("ended_as", sa.String(length=20), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_episodes_deal_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_episodes")),
        sa.UniqueConstraint("deal_id", "number", name=op.f("uq_episodes_deal_id_number")),
    )
    op.create_table(
        "field_writes",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=255), nullable=False),
        sa.Column("former", sa.Text(), nullable=True),
        sa.Column("written", sa.Text(), nullable=True),
        sa.Column("in_flight", sa.Text(), nullable=True),
        sa.Column("is_in_flight", sa.Boolean(), nullable=False),
        sa.Column("first_written_at", Instant(), nullable=False),
        sa.Column("written_at", Instant(), nullable=False),
        sa.Column("undone_at", Instant(), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_field_writes_connection_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_field_writes_deal_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_writes")),
        sa.UniqueConstraint("deal_id", "field", name=op.f("uq_field_writes_deal_id_field")),
    )
    with op.batch_alter_table("field_writes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_field_writes_connection_id"), ["connection_id"], unique=False)

    op.create_table(
        "classifications",
        sa.Column("episode_id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("sub_reason", sa.String(length=60), nullable=True),
        sa.Column("stated_category", sa.String(length=20), nullable=False),
        sa.Column("stated_sub_reason", sa.String(length=60), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("finality", sa.String(length=10), nullable=False),
        sa.Column("needs_review", sa.Boolean(), nullable=False),
        sa.Column("mapping_version", sa.String(length=64), nullable=False),
        sa.Column("record", Document, nullable=False),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episodes.id"], name=op.f("fk_classifications_episode_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("episode_id", name=op.f("pk_classifications")),
    )
    with op.batch_alter_table("classifications", schema=None) as batch_op:
        batch_op.create_index("ix_classifications_category", ["category", "sub_reason"], unique=False)

    op.create_table(
        "plans",
        sa.Column("episode_id", sa.Integer(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("policy_version", sa.String(length=64), nullable=False),
        sa.Column("why_none", sa.Text(), nullable=True),
        sa.Column("record", Document, nullable=False),
        sa.ForeignKeyConstraint(["episode_id"], ["episodes.id"], name=op.f("fk_plans_episode_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("episode_id", name=op.f("pk_plans")),
    )
    op.create_table(
        "reminders",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("episode_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=30), nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("computed_on", sa.Date(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("deadline_on", sa.Date(), nullable=True),
        sa.Column("anchor", sa.String(length=20), nullable=False),
        sa.Column("provisional", sa.Boolean(), nullable=False),
        sa.Column("is_placed", sa.Boolean(), nullable=False),
        sa.Column("placed_at", Instant(), nullable=True),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.Column("is_backlog", sa.Boolean(), nullable=False),
        sa.Column("owner_id", sa.String(length=64), nullable=True),
        sa.Column("rule", sa.String(length=100), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("act_on", sa.Date(), nullable=True),
        sa.Column("updated_at", Instant(), nullable=False),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.CheckConstraint(
            "state IN ('held','scheduled','due','done','snoozed','cancelled','skipped','failed')",
            name=op.f("ck_reminders_state"),
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_reminders_connection_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_reminders_deal_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episodes.id"], name=op.f("fk_reminders_episode_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
        sa.UniqueConstraint("episode_id", "purpose", "ordinal", name=op.f("uq_reminders_episode_id_purpose_ordinal")),
        sa.UniqueConstraint("key", name=op.f("uq_reminders_key")),
    )
    with op.batch_alter_table("reminders", schema=None) as batch_op:
        batch_op.create_index(
            "ix_reminders_act",
            ["connection_id", "act_on"],
            unique=False,
            sqlite_where=sa.text("act_on IS NOT NULL"),
            postgresql_where=sa.text("act_on IS NOT NULL"),
        )
        batch_op.create_index(batch_op.f("ix_reminders_deal_id"), ["deal_id"], unique=False)
        batch_op.create_index("ix_reminders_due", ["connection_id", "state", "due_on"], unique=False)
        batch_op.create_index("ix_reminders_owner_day", ["connection_id", "owner_id", "due_on"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reminder_id", sa.Integer(), nullable=True),
        sa.Column("deal_id", sa.Integer(), nullable=True),
        sa.Column("payload", Document, nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", Instant(), nullable=False),
        sa.Column("attempted_at", Instant(), nullable=True),
        sa.Column("lease_until", Instant(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("error_reason", sa.String(length=40), nullable=True),
        sa.Column("is_planned", sa.Boolean(), nullable=False),
        sa.Column("is_undo", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("done_at", Instant(), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.CheckConstraint(
            "state IN ('ready','writing','unclear','done','dead','discarded')", name=op.f("ck_outbox_state")
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_outbox_connection_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_outbox_deal_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["reminder_id"], ["reminders.id"], name=op.f("fk_outbox_reminder_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_brake", ["connection_id", "created_at"], unique=False)
        batch_op.create_index("ix_outbox_claim", ["connection_id", "state", "next_try_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_deal_id"), ["deal_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_outbox_reminder_id"), ["reminder_id"], unique=False)
        batch_op.create_index(
            "uq_outbox_pending_create",
            ["reminder_id"],
            unique=True,
            sqlite_where=sa.text("kind = 'create_task' AND state IN ('ready','writing','unclear','dead')"),
            postgresql_where=sa.text("kind = 'create_task' AND state IN ('ready','writing','unclear','dead')"),
        )

    op.create_table(
        "task_refs",
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("reminder_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("crm_task_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("written", Document, nullable=False),
        sa.Column("in_flight", Document, nullable=True),
        sa.Column("touched", Document, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"], ["connections.id"], name=op.f("fk_task_refs_connection_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["reminder_id"], ["reminders.id"], name=op.f("fk_task_refs_reminder_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_refs")),
        sa.UniqueConstraint("connection_id", "crm_task_id", name=op.f("uq_task_refs_connection_id_crm_task_id")),
    )
    with op.batch_alter_table("task_refs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_task_refs_key"), ["key"], unique=False)
        batch_op.create_index(batch_op.f("ix_task_refs_reminder_id"), ["reminder_id"], unique=False)
        batch_op.create_index(
            "uq_task_refs_live",
            ["reminder_id"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )


def downgrade() -> None:
    """Take it back."""
    with op.batch_alter_table("task_refs", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_task_refs_live", sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'")
        )
        batch_op.drop_index(batch_op.f("ix_task_refs_reminder_id"))
        batch_op.drop_index(batch_op.f("ix_task_refs_key"))

    op.drop_table("task_refs")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_outbox_pending_create",
            sqlite_where=sa.text("kind = 'create_task' AND state IN ('ready','writing','unclear','dead')"),
            postgresql_where=sa.text("kind = 'create_task' AND state IN ('ready','writing','unclear','dead')"),
        )
        batch_op.drop_index(batch_op.f("ix_outbox_reminder_id"))
        batch_op.drop_index(batch_op.f("ix_outbox_deal_id"))
        batch_op.drop_index("ix_outbox_claim")
        batch_op.drop_index("ix_outbox_brake")

    op.drop_table("outbox")
    with op.batch_alter_table("reminders", schema=None) as batch_op:
        batch_op.drop_index("ix_reminders_owner_day")
        batch_op.drop_index("ix_reminders_due")
        batch_op.drop_index(batch_op.f("ix_reminders_deal_id"))
        batch_op.drop_index(
            "ix_reminders_act",
            sqlite_where=sa.text("act_on IS NOT NULL"),
            postgresql_where=sa.text("act_on IS NOT NULL"),
        )

    op.drop_table("reminders")
    op.drop_table("plans")
    with op.batch_alter_table("classifications", schema=None) as batch_op:
        batch_op.drop_index("ix_classifications_category")

    op.drop_table("classifications")
    with op.batch_alter_table("field_writes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_field_writes_connection_id"))

    op.drop_table("field_writes")
    op.drop_table("episodes")
    with op.batch_alter_table("deal_contacts", schema=None) as batch_op:
        batch_op.drop_index("ix_deal_contacts_contact")

    op.drop_table("deal_contacts")
    op.drop_table("streams")
    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_runs_connection_id"))

    op.drop_table("runs")
    op.drop_table("owners")
    with op.batch_alter_table("events", schema=None) as batch_op:
        batch_op.drop_index("ix_events_entity")

    op.drop_table("events")
    with op.batch_alter_table("deals", schema=None) as batch_op:
        batch_op.drop_index("ix_deals_close_month")
        batch_op.drop_index("ix_deals_account")

    op.drop_table("deals")
    with op.batch_alter_table("policies", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_policies_current", sqlite_where=sa.text("is_current"), postgresql_where=sa.text("is_current")
        )

    op.drop_table("policies")
    with op.batch_alter_table("mapping_sets", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_mapping_sets_current", sqlite_where=sa.text("is_current"), postgresql_where=sa.text("is_current")
        )

    op.drop_table("mapping_sets")
    op.drop_table("connections")
