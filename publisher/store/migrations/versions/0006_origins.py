"""The name that the keys of a schedule's posts are made of, which stays when the schedule is renamed.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("schedules", sa.Column("origin", sa.Text(), nullable=False, server_default=""))
    op.execute("UPDATE schedules SET origin = id")
