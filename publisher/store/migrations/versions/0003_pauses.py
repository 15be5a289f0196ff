"""Pauses of everything, of a campaign or of a channel; breakers; an index for sessions that have begun.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    old = op.get_bind().execute(sa.text("SELECT channel, reason, since, passing FROM pauses")).all()
    op.drop_table("pauses")
    pauses = op.create_table(
        "pauses",
        sa.Column("scope", sa.Text(), primary_key=True),
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("cause", sa.Text(), primary_key=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
    )
    for channel, reason, since, passing in old:
        cause = "secret" if passing else "credentials"
        values = {"scope": "channel", "name": channel, "cause": cause, "reason": reason, "since": since}
        op.get_bind().execute(sa.insert(pauses).values(**values, who="publisher"))
    op.create_table(
        "breakers",
        sa.Column("channel", sa.Text(), primary_key=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("since", sa.BigInteger()),
        sa.Column("probe_at", sa.BigInteger()),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
    )
    op.create_index("deliveries_by_session", "deliveries", ["state", "session"])
