"""Copies of the database's file: made while it is at work, verified, and put into its place again.

A copy is written under another name beside its own, made durable, verified, and renamed: whatever happens on the way,
what had the name before stays whole.
"""

import fcntl
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2
from sqlalchemy import Connection, NullPool, create_engine, inspect, select
from sqlalchemy.exc import DatabaseError

from publisher.store import log, restores, tables, triggers
from publisher.store.database import StoreError, for_the_owner, use_of, version_of
from publisher.store.log import Witness

#: Told how much of how much is done: pages, or bytes.
Progress = Callable[[int, int], None]

_PAGES = 1024  # copied at a time
_BYTES = 1 << 20
_PATIENCE, _NAP = 10.0, 0.1  # seconds for others to let go of the database
_LATER = ("-journal", "-wal", "-shm")  # what is to come into the file, or to leave it
_SIDES = (*_LATER, ".use")
_HEADER = b"SQLite format 3\x00"


@dataclass(frozen=True)
class Contents:
    """Whose database a file is, and how far it goes."""

    uuid: str
    backup_at: datetime | None  # None: not a backup, but a plain copy
    witness: Witness | None


def back_up(database: Path, target: Path, at: datetime, progress: Progress) -> Contents:
    """Copy a database that may be at work to `target`, in place of what is there. StoreError if it is not sound."""
    with _beside(target) as partial:
        _copy(database, partial, progress)
        with _opened(partial) as tx:
            if inspect(tx).has_table(tables.restores.name):  # not before the database is brought up to date
                restores.mark(tx, at)
        contents = examine(partial, database)
        _rename(partial, target)
    return contents


def duplicate(database: Path, target: Path) -> None:
    """Copy a database, at work or not, as it is at this moment: no backup, but a life of its own."""
    target.touch(mode=0o600)
    _copy(database, target, lambda _done, _all: None)


@contextmanager
def taken_over(file: Path, database: Path, progress: Progress) -> Iterator[tuple[Path, Contents]]:
    """A copy of `file` beside the database, and what it is; removed if the block fails."""
    with file.open("rb") as opened:
        if opened.read(len(_HEADER)) != _HEADER:
            raise StoreError(f"{file} is no database")
    with _beside(database) as partial:
        _copy_bytes(file, partial, progress)
        log_of_writes = _named(file, "-wal")  # of a plain copy that was not closed well
        if log_of_writes.exists():
            _copy_bytes(log_of_writes, _named(partial, "-wal"), progress)
        yield partial, examine(partial, file)


def examine(path: Path, called: Path) -> Contents:
    """What a file is, if it is a sound database of a version that is known. StoreError says what it is not."""
    try:
        with _opened(path) as view:
            damage = view.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
            if damage != "ok":
                raise StoreError(f"{called} is damaged: {damage}")
            return _contents(view, called)
    except DatabaseError as error:
        raise StoreError(f"{called} is damaged: {error.orig}") from None


def glance(path: Path) -> Contents | None:
    """Whose database a file is and how far it goes, of whatever version; None if that cannot be read."""
    if not path.exists():
        return None
    with suppress(DatabaseError), _opened(path) as view:
        return Contents(str(view.scalar(select(tables.workspace.c.uuid))), None, log.witness(view))
    return None


def _contents(view: Connection, called: Path) -> Contents:
    names = inspect(view).get_table_names()
    if tables.workspace.name not in names or version_of(view) is None:
        raise StoreError(f"{called} is no database of Publisher")
    if lacking := triggers.missing(view):
        raise StoreError(f"the log in {called} is not protected: {', '.join(lacking)} are missing or altered")
    uuid = str(view.scalar(select(tables.workspace.c.uuid)))
    return Contents(uuid, restores.pending(view) if tables.restores.name in names else None, log.witness(view))


def put_in_place(copy: Path, database: Path, aside: Path | None) -> None:
    """Make a copy the database; what was the database, if any, gets the name `aside`, and is whole under it.

    StoreError if somebody has it open. There is no moment without a database: a start would make a new one.
    """
    with closing(_connect(copy)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    with _alone(database):
        if aside:
            _make_one_file(database)
            os.link(database, aside)
            for ending in _LATER:  # of one that is too damaged to take them in
                if _named(database, ending).exists():
                    _named(database, ending).rename(_named(aside, ending))
        _remove(database, _LATER)  # of one that somebody took away: SQLite would write them into this one
        _rename(copy, database)


@contextmanager
def _alone(database: Path) -> Iterator[None]:
    """While nobody else has the database open, or opens it."""
    with use_of(database) as use:
        for _ in range(int(_PATIENCE / _NAP)):
            try:
                fcntl.flock(use, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(_NAP)
        else:
            raise StoreError("another command is at work on the database: try again when it has ended")
        yield


def _make_one_file(database: Path) -> None:
    """Bring what is in the write-ahead log into the file. A damaged database is left as it is."""
    with closing(_connect(database)) as connection, suppress(dbapi2.DatabaseError):
        connection.execute("PRAGMA journal_mode=DELETE")


def _copy(database: Path, target: Path, progress: Progress) -> None:
    """One consistent state, however much is written meanwhile: a transaction holds it still for the copy."""
    with closing(_connect(database)) as source, closing(_connect(target)) as copy:
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(copy, pages=_PAGES, progress=lambda _, left, pages: progress(pages - left, pages))
        source.execute("ROLLBACK")
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, whole in itself


def _copy_bytes(source: Path, target: Path, progress: Progress) -> None:
    size = source.stat().st_size
    with source.open("rb") as file, open(target, "wb", opener=for_the_owner) as copy:
        while block := file.read(_BYTES):
            copy.write(block)
            progress(copy.tell(), size)
        copy.flush()
        os.fsync(copy.fileno())


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """An empty file beside the target, for its owner alone; gone when the block ends, unless it was renamed."""
    partial = target.with_name(f".{target.name}.partial")
    with open(partial, "a", opener=for_the_owner) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StoreError(f"{target} is being written by another command") from None
        try:
            _remove(partial, _SIDES)  # what a crash has left
            file.truncate(0)
            yield partial
        except BaseException:
            _remove(partial, ("", *_SIDES))
            raise
        _remove(partial, _SIDES)


def _remove(path: Path, endings: Iterable[str]) -> None:
    for ending in endings:
        _named(path, ending).unlink(missing_ok=True)


def _named(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _rename(partial: Path, target: Path) -> None:
    """Durable before it gets its name, and then the name as well."""
    _sync(partial, os.O_RDONLY)
    partial.replace(target)
    _sync(target.parent, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _connect(path: Path) -> Any:
    """A connection to a file that is there."""
    return dbapi2.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=30)


@contextmanager
def _opened(path: Path) -> Iterator[Connection]:
    """A copy that nobody else has."""
    engine = create_engine("sqlite+pysqlite://", module=dbapi2, creator=lambda: _connect(path), poolclass=NullPool)
    with engine.begin() as connection:
        yield connection
