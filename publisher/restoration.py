"""Restoring: a backup takes the place of the database, which is kept aside. Its aftermath begins here."""

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, count
from pathlib import Path

from sqlalchemy import Connection

from content.media import MediaFolder
from publisher.aftermath import come_back
from publisher.store import backups, inboxes, plans, restores
from publisher.store.backups import Progress
from publisher.store.database import Store, StoreError
from publisher.store.log import Actor, Witness
from publisher.store.restores import Restore


@dataclass(frozen=True)
class Restored:
    """What a restore did, and what is still to be seen to."""

    restore: Restore
    doubts: int  # deliveries that are looked for before anything is sent
    replaced: Path | None  # where the database that was there is now
    lost: Witness | None  # how far its log went, if it can be read
    lacking_images: int
    lacks_key: bool  # that opens the links of the inboxes


def restore(
    directory: Path, file: Path, who: Actor, because: str, now: datetime, *, adopt: bool, progress: Progress
) -> Restored:
    """Make a backup the database of a workspace on which nobody works. StoreError says why it cannot be."""
    var = directory / "var"
    database = var / "publisher.db"
    if database.exists() and file.samefile(database):
        raise StoreError(f"{file} is the database itself: name a backup of it")
    before = backups.glance(database)
    with backups.taken_over(file, database, progress) as (copy, found):
        if before and before.uuid != found.uuid and not adopt:
            raise StoreError(
                f"{file} is of another workspace: its posts would not be found again. If this workspace is to go on "
                "as that one, say so with --adopt"
            )
        aside = _free_name(var, now) if database.exists() else None
        lost = before.witness if before and before.uuid == found.uuid else None
        with closing(Store.open(copy, now)) as store:
            with store.write() as tx:
                names = {"file": file.name, "replaced": aside.name if aside else None}
                made = come_back(tx, now, who, because, **names, lost=lost.as_json() if lost else None)
            with store.read() as view:
                doubts = len(restores.open_doubts(view))
                images, links = _lacking_images(view, var / "media"), bool(inboxes.in_force(view))
        backups.put_in_place(copy, database, aside)
    return Restored(made, doubts, aside, lost, images, links and not (var / "keys" / "inbox.key").is_file())


def _free_name(var: Path, now: datetime) -> Path:
    """A name that tells when the database was replaced, in the machine's own time; no other file has it."""
    name = f"publisher.replaced-{now.astimezone():%Y-%m-%d-%H%M%S}"
    endings = chain([""], (f"-{number}" for number in count(2)))
    return next(path for ending in endings if not (path := var / f"{name}{ending}.db").exists())


def _lacking_images(view: Connection, folder: Path) -> int:
    """How many images of the plan in force are not kept beside the database."""
    plan, media = plans.in_force(view), MediaFolder(folder)
    hashes = set(plan.files.values()) if plan else ()
    return sum(plans.text_of(view, digest) is None and not media.has(digest) for digest in hashes)
