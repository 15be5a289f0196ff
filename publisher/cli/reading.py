"""How verbs get at a workspace: its files, its database as it is, or both while a daemon may be at work."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pysqlite3 import dbapi2
from sqlalchemy.exc import DatabaseError

from content.media import MediaFolder
from content.yaml12 import Mistakes
from publisher.cli.complaint import Complaint
from publisher.store.database import Store, StoreError
from publisher.versions import Versions
from publisher.workspace import Folder, Workspace, read_workspace


def now() -> datetime:
    """The instant, for verbs that work beside the daemon."""
    return datetime.now(UTC)


def read_files(directory: Path) -> Workspace:
    """The workspace in the files. Complaint, with every mistake, if they are not valid."""
    if not (directory / "schedules.yaml").exists():
        raise Complaint(no_workspace(directory))
    try:
        return read_workspace(Folder(directory))
    except Mistakes as found:
        raise Complaint("\n".join(str(mistake) for mistake in found.mistakes)) from None


def no_workspace(directory: Path) -> str:
    """What to tell somebody who looks for a workspace where none is."""
    return f"there is no schedules.yaml in {directory.resolve()} (name the workspace with --workspace DIR)"


@contextmanager
def usable_database() -> Iterator[None]:
    """What hinders the use of the database is a complaint."""
    try:
        yield
    except StoreError as error:
        raise Complaint(str(error)) from None
    except (DatabaseError, dbapi2.DatabaseError) as error:
        reason = error.orig if isinstance(error, DatabaseError) else error
        if isinstance(reason, dbapi2.IntegrityError | dbapi2.ProgrammingError):
            raise  # a bug of ours, not the state of the database
        raise Complaint(
            f"the database cannot be used: {reason} (may you write to the folder var/ of the workspace? "
            "a damaged database is replaced by the newest backup of var/)"
        ) from None


@contextmanager
def peeked(directory: Path) -> Iterator[Store | None]:
    """The database for reading; None where nothing has run yet."""
    with usable_database():
        store = Store.peek(directory / "var" / "publisher.db")
        try:
            yield store
        finally:
            if store:
                store.close()


@contextmanager
def started(directory: Path) -> Iterator[Store]:
    """The database for reading. Complaint where nothing has run yet."""
    with peeked(directory) as store:
        if store is None:
            where = directory.resolve()
            raise Complaint(f"nothing has run in {where} yet: start it with `publisher run` (or name --workspace DIR)")
        yield store


@contextmanager
def in_force(directory: Path) -> Iterator[tuple[Store, Workspace]]:
    """The database, and the version of the files that is in force in it."""
    with started(directory) as store:
        try:
            last = Versions(store, MediaFolder(directory / "var" / "media")).last()
        except Mistakes as found:
            mistakes = "\n".join(str(mistake) for mistake in found.mistakes)
            raise Complaint(f"this version of Publisher cannot read the plan that is in force:\n{mistakes}") from None
        if last is None:
            raise Complaint("no version of the files was ever valid: see `publisher check`")
        yield store, last[1]
