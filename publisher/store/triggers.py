"""Nobody rewrites the log: triggers refuse UPDATE, DELETE and REPLACE, and the start asserts that they are there.

Alembic's batch mode drops SQLite's triggers in silence, so every migration that touches the table calls
`create` again.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, text

_REFUSE = "BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
#: When each of them fires. REPLACE deletes without firing a DELETE trigger, hence the third.
_TRIGGERS: Mapping[str, str] = {
    "log_is_never_updated": "BEFORE UPDATE ON log",
    "log_is_never_deleted": "BEFORE DELETE ON log",
    "log_is_never_replaced": "BEFORE INSERT ON log WHEN EXISTS (SELECT 1 FROM log WHERE id = NEW.id)",
}


def create(connection: Connection) -> None:
    """Create the triggers that are missing (SQLite)."""
    for name in missing(connection):
        connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))  # one of that name that does something else
        connection.execute(text(_statement(name)))


def missing(connection: Connection) -> list[str]:
    """The triggers that should be there and are not, or do something else."""
    found = set(connection.scalars(text("SELECT sql FROM sqlite_master WHERE type = 'trigger'")))
    return [name for name in _TRIGGERS if _statement(name) not in found]


def _statement(name: str) -> str:
    return f"CREATE TRIGGER {name} {_TRIGGERS[name]} {_REFUSE}"
