"""`publisher db`: back up the database while it is at work, and restore a backup."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pysqlite3 import dbapi2
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
from sqlalchemy.exc import DatabaseError

from publisher.app import Lock, Occupied
from publisher.cli.complaint import Complaint
from publisher.cli.deciding import add_who, check_reason, objections
from publisher.cli.reading import now, started
from publisher.cli.speaking import show
from publisher.decisions import person
from publisher.restoration import Restored, restore
from publisher.store import backups
from publisher.store.database import StoreError
from publisher.store.log import Witness
from publisher.versions import zone_of

#: A smaller database is copied before a bar would be seen.
_LARGE = 50_000_000


def configure(parser: argparse.ArgumentParser) -> None:
    acts = parser.add_subparsers(dest="act", metavar="ACT", required=True)
    back_up = acts.add_parser("backup", help="copy the database into a file, while Publisher runs or not")
    back_up.add_argument("file", metavar="FILE", type=Path, help="the file to write")
    back_up.add_argument("--force", action="store_true", help="in place of a file that is there")
    come_back = acts.add_parser("restore", help="make such a file the database, while Publisher does not run")
    come_back.add_argument("file", metavar="FILE", type=Path, help="the backup, or a copy of the database")
    add_who(come_back)
    come_back.add_argument("--because", required=True, metavar="TEXT", help="why; it goes into the log")
    come_back.add_argument(
        "--adopt", action="store_true", help="although it is of another workspace, which this one goes on as"
    )
    for sub in acts.choices.values():
        sub.add_argument("--workspace", type=Path, default=argparse.SUPPRESS, metavar="DIR", help=argparse.SUPPRESS)


def run(args: argparse.Namespace) -> int:
    database = args.workspace / "var" / "publisher.db"
    return _back_up(args, database) if args.act == "backup" else _restore(args, database)


def _back_up(args: argparse.Namespace, database: Path) -> int:
    if not database.is_file():
        raise Complaint(f"nothing has run in {args.workspace.resolve()} yet: there is no database to back up")
    _check_target(args.file, database, args.force)
    with _usable("no backup was made"), _bar(database) as progress:
        made = backups.back_up(database, args.file, now(), progress)
    size = f"{args.file.stat().st_size / 1e6:.1f} MB"
    show(f"Backed up to {args.file} ({size}). {_spelled(made.witness)}")
    show("It holds the database alone: var/keys, var/media and var/channels belong to a backup as well.")
    return 0


def _check_target(file: Path, database: Path, force: bool) -> None:
    if not file.parent.is_dir():
        raise Complaint(f"there is no folder {file.parent}")
    if file.exists() and not file.is_file():
        raise Complaint(f"{file} is no file: name the file that the backup is to be written to")
    if file.exists() and file.samefile(database):
        raise Complaint(f"{file} is the database itself: name another file")
    if file.exists() and not force:
        raise Complaint(f"{file} is there already: name another file, or replace it with --force")


def _restore(args: argparse.Namespace, database: Path) -> int:
    if not args.file.is_file():
        raise Complaint(f"there is no file {args.file}")
    if not args.workspace.is_dir():
        raise Complaint(f"there is no folder {args.workspace}")
    with objections():
        who = person(args.who)
        check_reason(args.because)
    with _usable("nothing was restored"), _lock(database.with_name("publisher.lock")), _bar(args.file) as progress:
        done = restore(args.workspace, args.file, who, args.because, now(), adopt=args.adopt, progress=progress)
    with started(args.workspace) as store, store.read() as view:
        zone = zone_of(view)
    show(f"Restored: the database is as it was at {done.restore.backup_at.astimezone(zone):%Y-%m-%d %H:%M}.")
    for line in _to_be_seen_to(done):
        show(line)
    return 0


def _to_be_seen_to(done: Restored) -> Iterator[str]:
    if done.replaced:
        yield f"What was there is kept in {done.replaced}. {_spelled(done.lost) if done.lost else ''}".rstrip()
    if done.doubts:
        yield (
            f"{done.doubts} deliveries fell due before now and may be out: `publisher run` looks for them before it "
            "sends anything, or asks a person."
        )
    yield (
        "What people decided since is lost: approvals, holds, cancellations, settled doubts, pauses; links that were "
        "revoked are valid again. Decide it again before you start `publisher run`."
    )
    if done.lacking_images:
        yield f"{done.lacking_images} images are not there: copy var/media from the backup as well."
    if done.lacks_key:
        yield "The key of the inboxes' links is not there: copy var/keys as well, or the links change."


def _spelled(witness: Witness | None) -> str:
    if witness is None:
        return "Its log is empty."
    at = witness.at.astimezone()
    return f"Its log goes to entry {witness.id} of {at:%Y-%m-%d %H:%M:%S %Z}, with the hash {witness.sha256}."


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """The right to work on the workspace, which a running Publisher has."""
    try:
        lock = Lock(path)
    except Occupied as error:
        raise Complaint(f"{error}: stop it first") from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _usable(otherwise: str) -> Iterator[None]:
    """What hinders it is a complaint that says how things stand."""
    try:
        yield
    except StoreError as error:
        raise Complaint(f"{error}; {otherwise}") from None
    except (DatabaseError, dbapi2.DatabaseError) as error:
        raise Complaint(f"{getattr(error, 'orig', error)}; {otherwise}") from None
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        raise Complaint(f"{where}{error.strerror}; {otherwise}") from None


@contextmanager
def _bar(file: Path) -> Iterator[backups.Progress]:
    """A bar for a large file, where somebody looks."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn())
    is_shown = console.is_terminal and file.stat().st_size >= _LARGE
    with Progress(*columns, console=console, transient=True, disable=not is_shown) as bar:
        task = bar.add_task("copying")
        yield lambda done, total: bar.update(
            task, completed=done, total=total, description="copying" if done < total else "checking"
        )
