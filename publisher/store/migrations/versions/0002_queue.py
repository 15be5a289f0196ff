"""Indexes for what is due on one channel, and for the next instant at which something is to be done.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_WAITS = ("not_before", "lease_until")


def upgrade() -> None:
    """Make them."""
    op.create_index("deliveries_by_queue", "deliveries", ["channel", "state", "due"])
    for column in _WAITS:
        are_set = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"deliveries_by_{column}", "deliveries", [column], sqlite_where=are_set, postgresql_where=are_set
        )


def downgrade() -> None:
    """Drop them."""
    for column in _WAITS:
        op.drop_index(f"deliveries_by_{column}", "deliveries")
    op.drop_index("deliveries_by_queue", "deliveries")
