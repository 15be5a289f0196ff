"""Corrections and withdrawals of what went out, and the messages that are chosen no more.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("action", sa.Text(), nullable=False, server_default="publish"))
    op.add_column("deliveries", sa.Column("of", _ROW_ID))
    op.add_column("deliveries", sa.Column("number", sa.Integer()))
    amends = sa.text('"of" IS NOT NULL')
    op.create_index(
        "deliveries_by_of", "deliveries", ["of", "number"], unique=True, sqlite_where=amends, postgresql_where=amends
    )
    op.create_index(
        "deliveries_by_mending", "deliveries", ["state", "due"], sqlite_where=amends, postgresql_where=amends
    )
    op.create_index("deliveries_by_message", "deliveries", ["campaign", "message"])
    op.create_table(
        "withdrawals",
        sa.Column("id", _ROW_ID, primary_key=True),
        sa.Column("campaign", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("released_at", sa.BigInteger()),
    )
