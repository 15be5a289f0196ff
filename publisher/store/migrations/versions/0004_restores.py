"""Backups that came back, and the deliveries that this left in doubt.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("feeds", sa.Column("read_at", sa.BigInteger()))
    op.create_table(
        "restores",
        sa.Column("id", _ROW_ID, primary_key=True),
        sa.Column("backup_at", sa.BigInteger(), nullable=False),
        sa.Column("restored_at", sa.BigInteger()),
    )
    op.create_table(
        "restored_doubts",
        sa.Column("delivery", _ROW_ID, sa.ForeignKey("deliveries.id"), primary_key=True),
        sa.Column("restore", _ROW_ID, sa.ForeignKey("restores.id"), nullable=False),
        sa.Column("was", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("held_from", sa.Text()),
        sa.Column("ended", sa.Boolean(), nullable=False),
    )
