"""Nobody rewrites the log: triggers refuse UPDATE and DELETE, and the start asserts that they are there.

Alembic's batch mode drops SQLite's triggers in silence, so every migration that touches the table calls
`create` again.
"""

from sqlalchemy import Connection, text

NAMES = ("log_is_never_updated", "log_is_never_deleted")


def create(connection: Connection) -> None:
    """Create the triggers that are missing (SQLite)."""
    for name, verb in zip(NAMES, ("UPDATE", "DELETE"), strict=True):
        connection.execute(
            text(
                f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {verb} ON log "
                f"BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
            )
        )


def missing(connection: Connection) -> list[str]:
    """The triggers that should be there and are not."""
    found = set(connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")))
    return [name for name in NAMES if name not in found]
