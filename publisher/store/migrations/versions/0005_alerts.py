"""Alerts, who was told of them, and how the receivers can be reached.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "alerts",
        sa.Column("id", _ROW_ID, primary_key=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("campaign", sa.Text()),
        sa.Column("agency", sa.Text()),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger()),
    )
    op.create_table(
        "tellings",
        sa.Column("alert", _ROW_ID, sa.ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("receiver", sa.Text(), primary_key=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("is_end_told", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "receivers",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.BigInteger()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("digest_day", sa.Text()),
    )
    cursors = op.create_table(
        "cursors",
        sa.Column("reader", sa.Text(), primary_key=True),
        sa.Column("entry", _ROW_ID, nullable=False),
    )
    newest = op.get_bind().scalar(sa.text("SELECT max(id) FROM log")) or 0  # what is past is no news
    op.get_bind().execute(sa.insert(cursors).values(reader="alerts", entry=newest))
