"""The first tables.

Written out, and never changed any more: what a later version needs is a later migration.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

from publisher.store import triggers

revision = "0001"
down_revision = None

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "workspace",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("uuid", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "texts",
        sa.Column("sha256", sa.Text(), primary_key=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "plans",
        sa.Column("id", _ROW_ID, primary_key=True),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("loaded_at", sa.BigInteger(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
    )
    op.create_table(
        "schedules",
        sa.Column("id", sa.Text(), primary_key=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("first_loaded_at", sa.BigInteger(), nullable=False),
        sa.Column("planned_from", sa.BigInteger(), nullable=False),
        sa.Column("planned_until", sa.BigInteger(), nullable=False),
        sa.Column("removed_at", sa.BigInteger()),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", _ROW_ID, primary_key=True),
        sa.Column("key", sa.Text(), nullable=False, unique=True),
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("occurrence", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("message", sa.Text()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("session", sa.BigInteger()),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.BigInteger()),
        sa.Column("free_of_grace", sa.Boolean(), nullable=False),
        sa.Column("held_from", sa.Text()),
        sa.Column("ruled", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lookups", sa.Integer(), nullable=False),
        sa.Column("may_be_out", sa.Boolean(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.BigInteger()),
        sa.Column("supplement", sa.Integer()),
        sa.Column("revision", sa.Text()),
        sa.Column("post", sa.JSON()),
        sa.Column("post_sha256", sa.Text()),
        sa.Column("plan", _ROW_ID),
        sa.Column("doubt_at", sa.BigInteger()),
        sa.Column("accepted", sa.Text()),
        sa.Column("receipt", sa.JSON()),
        sa.Column("published_at", sa.BigInteger()),
        sa.UniqueConstraint("schedule", "occurrence", "channel", "item"),
    )
    op.create_index("deliveries_by_channel", "deliveries", ["channel", "occurrence"])
    op.create_index("deliveries_by_occurrence", "deliveries", ["occurrence"])
    op.create_index("deliveries_by_state", "deliveries", ["state", "due"])
    op.create_table(
        "attempts",
        sa.Column("id", _ROW_ID, primary_key=True),
        sa.Column("delivery", _ROW_ID, sa.ForeignKey("deliveries.id"), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("intent_at", sa.BigInteger(), nullable=False),
        sa.Column("answer_at", sa.BigInteger()),
        sa.Column("outcome", sa.Text()),
    )
    op.create_index("attempts_by_delivery", "attempts", ["delivery"])
    op.create_table(
        "steps",
        sa.Column("delivery", _ROW_ID, sa.ForeignKey("deliveries.id"), primary_key=True),
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "revisions",
        sa.Column("sha256", sa.Text(), primary_key=True),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("author", sa.Text()),
        sa.Column("context", sa.JSON(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "approvals",
        sa.Column("id", _ROW_ID, primary_key=True),
        sa.Column("revision", sa.Text(), sa.ForeignKey("revisions.sha256"), nullable=False),
        sa.Column("delivery", _ROW_ID),
        sa.Column("approver", sa.Text(), nullable=False),
        sa.Column("verified", sa.Boolean(), nullable=False),
        sa.Column("document", sa.Text()),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn_at", sa.BigInteger()),
    )
    op.create_index("approvals_by_revision", "approvals", ["revision"])
    op.create_table(
        "feeds",
        sa.Column("url", sa.Text(), primary_key=True),
        sa.Column("etag", sa.Text()),
        sa.Column("modified", sa.Text()),
        sa.Column("polled_at", sa.BigInteger()),
        sa.Column("error", sa.Text()),
    )
    op.create_table(
        "feed_items",
        sa.Column("id", _ROW_ID, primary_key=True),
        sa.Column("schedule", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("old", sa.Boolean(), nullable=False),
        sa.Column("published", sa.BigInteger()),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.UniqueConstraint("schedule", "channel", "item"),
    )
    op.create_table(
        "feed_slots",
        sa.Column("schedule", sa.Text(), primary_key=True),
        sa.Column("channel", sa.Text(), primary_key=True),
        sa.Column("opened_until", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "pauses",
        sa.Column("channel", sa.Text(), primary_key=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("passing", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "inbox_links",
        sa.Column("id", _ROW_ID, primary_key=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger()),
    )
    op.create_table(
        "log",
        sa.Column("id", _ROW_ID, primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("delivery", _ROW_ID),
        sa.Column("body", sa.Text(), nullable=False),
    )
    op.create_index("log_by_delivery", "log", ["delivery"])
    triggers.create(op.get_bind())
