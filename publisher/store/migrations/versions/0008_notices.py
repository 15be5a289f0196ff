"""Notices: e-mails to announcers and agencies.

Revision ID: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("id", _ROW_ID, primary_key=True),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("delivery", _ROW_ID),
        sa.Column("fate", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger()),
        sa.Column("ended_at", sa.BigInteger()),
        sa.UniqueConstraint("about", "channel", "name", "receiver"),
    )
    op.create_index("notices_by_fate", "notices", ["fate"])
    newest = op.get_bind().scalar(sa.text("SELECT max(id) FROM log")) or 0  # what is past is not told any more
    op.execute(sa.text("INSERT INTO cursors (reader, entry) VALUES ('notices', :newest)").bindparams(newest=newest))
