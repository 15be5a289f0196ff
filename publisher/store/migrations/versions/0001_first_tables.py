"""The first tables.

Revision ID: 0001
"""

from alembic import op

from publisher.store import tables, triggers

revision = "0001"
down_revision = None


def upgrade() -> None:
    tables.metadata.create_all(op.get_bind())
    triggers.create(op.get_bind())
