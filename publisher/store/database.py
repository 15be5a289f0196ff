"""The embedded database: one file, opened, migrated and checked; short write transactions, one at a time."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO
from uuid import uuid4

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from pysqlite3 import dbapi2
from sqlalchemy import Connection, Engine, create_engine, event, insert, select
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.exc import OperationalError

from publisher.store import tables, triggers

#: SQLite's WAL-reset bug, which may corrupt a database that has two connections, is fixed from here on.
OLDEST_SQLITE = (3, 51, 3)

#: MB of pages that the one who writes keeps: in a burst it comes back to the same ones all the time.
_CACHE = 16

#: What a full disk, a broken one or a lasting lock raises: the machine's trouble, and no bug of ours.
BROKEN = (OperationalError, dbapi2.OperationalError, OSError)


class StoreError(Exception):
    """The database cannot be used; the text says why and what to do."""


class Store:
    """The database of one workspace. Safe for threads; other processes share it by its locks."""

    def __init__(self, path: Path) -> None:
        if dbapi2.sqlite_version_info < OLDEST_SQLITE:
            raise StoreError(
                f"SQLite {dbapi2.sqlite_version} may corrupt data; the wheel `pysqlite3` brings a newer one"
            )
        self.path = path
        self._use = use_of(path)
        fcntl.flock(self._use, fcntl.LOCK_SH)
        self._writer = _engine(path, "BEGIN IMMEDIATE", size=1, cache=_CACHE)
        self._reader = _engine(path, "BEGIN", size=32)
        self._turn = threading.Lock()
        self._watch = dbapi2.connect(str(path), isolation_level=None, check_same_thread=False)
        self._watching = threading.Lock()

    @classmethod
    def open(cls, path: Path, now: datetime, uuid: str | None = None) -> "Store":
        """The database at `path`, created or brought up to date, and checked. `uuid`: a new one's id."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600)
        store = cls(path)
        try:
            with store.write() as tx:
                _migrate(tx)
                _check(tx, path)
                if tx.scalar(select(tables.workspace.c.uuid)) is None:
                    tx.execute(insert(tables.workspace).values(id=1, uuid=uuid or str(uuid4()), created_at=now))
        except BaseException:
            store.close()
            raise
        return store

    @property
    def uuid(self) -> str:
        """The workspace's own id, which enters the key of every post."""
        with self.read() as view:
            return str(view.scalar(select(tables.workspace.c.uuid)))

    @classmethod
    def peek(cls, path: Path) -> "Store | None":
        """The database as it is, for work beside the daemon; None where there is none yet."""
        if not path.exists():
            return None
        store = cls(path)
        try:
            with store.read() as view:
                is_there = _is_current(view)
        except BaseException:
            store.close()
            raise
        if not is_there:
            store.close()
        return store if is_there else None

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A write transaction: committed, durably, when the block ends without an error. Keep it short."""
        with self._turn, self._writer.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view for reading."""
        with self._reader.connect() as connection:
            yield connection

    def changes(self) -> int:
        """A number that changes whenever this or another process has written."""
        with self._watching:
            return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        self._watch.close()
        self._writer.dispose()
        self._reader.dispose()
        self._use.close()


def use_of(path: Path) -> TextIO:
    """The file whose lock tells who uses a database: shared by all who have it open, and one's who replaces it."""
    return open(path.with_name(f"{path.name}.use"), "a", opener=for_the_owner)


def for_the_owner(path: str, flags: int) -> int:
    """How a file is opened that nobody else may read."""
    return os.open(path, flags, 0o600)


class BeginningDialect(SQLiteDialect_pysqlite):
    """SQLite whose transactions begin as told. A listener that said BEGIN would slow every statement down."""

    supports_statement_cache = True

    def __init__(self, begin: str = "BEGIN", **more: Any) -> None:
        super().__init__(**more)
        self._begin = begin

    def do_begin(self, dbapi_connection: Any) -> None:
        """Begin a transaction."""
        dbapi_connection.execute(self._begin)


registry.register("sqlite.beginning", __name__, BeginningDialect.__name__)


def _engine(path: Path, begin: str, size: int, cache: int = 2) -> Engine:
    engine = create_engine(
        f"sqlite+beginning:///{path}",
        begin=begin,
        module=dbapi2,
        pool_size=size,
        max_overflow=0,
        connect_args={"timeout": 30, "check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _connected(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # we say BEGIN ourselves
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"cache_size={-1024 * cache}"):
            raw.execute(f"PRAGMA {pragma}")

    return engine


def _check(connection: Connection, path: Path) -> None:
    lacking = triggers.missing(connection)
    if lacking:
        raise StoreError(
            f"the log of {path.name} is not protected: the triggers {', '.join(lacking)} are missing or altered; "
            "find out who did that, then restore a backup"
        )


def _migrate(connection: Connection) -> None:
    config = _alembic()
    config.attributes["connection"] = connection
    if version_of(connection) != ScriptDirectory.from_config(config).get_current_head():
        command.upgrade(config, "head")


def _is_current(connection: Connection) -> bool:
    """Whether the tables are this version's; False if there are none yet. StoreError if they are another's."""
    version = version_of(connection)
    if version not in (None, ScriptDirectory.from_config(_alembic()).get_current_head()):
        raise StoreError("the database was written by an older Publisher: `publisher run` brings it up to date")
    return version is not None


def version_of(connection: Connection) -> str | None:
    """The version of the tables; None if there are none. StoreError if a newer Publisher made them."""
    current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(_alembic()).walk_revisions()}
    if current is not None and current not in known:
        raise StoreError("the database was written by a newer Publisher: install that version, or restore a backup")
    return current


def _alembic() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
