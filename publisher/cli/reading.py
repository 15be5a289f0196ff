"""How verbs get at a workspace: its files, its database as it is, or both while a daemon may be at work."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

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
    if not (directory / "schedules.yaml").is_file():
        raise Complaint(
            f"there is no schedules.yaml in {directory.resolve()} (name the workspace with --workspace DIR)"
        )
    try:
        return read_workspace(Folder(directory))
    except Mistakes as found:
        raise Complaint("\n".join(str(mistake) for mistake in found.mistakes)) from None


@contextmanager
def peeked(directory: Path) -> Iterator[Store | None]:
    """The database for reading; None where nothing has run yet."""
    try:
        store = Store.peek(directory / "var" / "publisher.db")
    except StoreError as error:
        raise Complaint(str(error)) from None
    try:
        yield store
    finally:
        if store:
            store.close()


@contextmanager
def in_force(directory: Path) -> Iterator[tuple[Store, Workspace]]:
    """The database, and the version of the files that is in force in it."""
    with peeked(directory) as store:
        last = Versions(store, MediaFolder(directory / "var" / "media")).last() if store else None
        if store is None or last is None:
            raise Complaint("nothing is planned yet on this workspace: start it with `publisher run`")
        yield store, last[1]
