"""The valid versions of the workspace's files, and what is known of each schedule."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.store import tables

_p, _s = tables.plans, tables.schedules


@dataclass(frozen=True)
class Plan:
    """A version of the files: paths with the SHA-256 of their bytes."""

    id: int
    sha256: str
    loaded_at: datetime
    files: Mapping[str, str]
    timezone: str


@dataclass(frozen=True)
class Known:
    """What is known of a schedule from one plan to the next."""

    id: str
    origin: str  # in the keys of its posts
    content: str
    definition: str
    first_loaded_at: datetime
    planned_from: datetime
    planned_until: datetime
    removed_at: datetime | None


def keep_text(tx: Connection, body: bytes) -> str:
    """Keep a text for good; its SHA-256."""
    digest = sha256(body).hexdigest()
    tx.execute(upsert(tables.texts).values(sha256=digest, body=body).on_conflict_do_nothing())
    return digest


def text_of(view: Connection, digest: str) -> bytes | None:
    """The text with that SHA-256."""
    return view.scalar(select(tables.texts.c.body).where(tables.texts.c.sha256 == digest))


def put_in_force(tx: Connection, digest: str, files: Mapping[str, str], timezone: str, at: datetime) -> int:
    """Make a version of the files the one in force; its number."""
    values = {"sha256": digest, "loaded_at": at, "files": dict(files), "timezone": timezone}
    return int(tx.execute(insert(_p).values(values)).inserted_primary_key[0])  # type: ignore[index]


def in_force(view: Connection) -> Plan | None:
    """The newest valid version."""
    row = view.execute(select(_p).order_by(_p.c.id.desc()).limit(1)).first()
    return Plan(**row._asdict()) if row else None


def get(view: Connection, number: int) -> Plan | None:
    """The version of that number."""
    row = view.execute(select(_p).where(_p.c.id == number)).first()
    return Plan(**row._asdict()) if row else None


def known(view: Connection) -> dict[str, Known]:
    """All schedules that ever were, by id."""
    return {row.id: Known(**row._asdict()) for row in view.execute(select(_s))}


def remember(tx: Connection, schedules: Iterable[Known]) -> None:
    """Write what is known of schedules, in place of what was."""
    for schedule in schedules:
        values = vars(schedule)
        tx.execute(upsert(_s).values(values).on_conflict_do_update(index_elements=["id"], set_=values))


def origins(view: Connection, schedules: Collection[str]) -> dict[str, str]:
    """By id the names of these schedules in the keys of their posts."""
    query = select(_s.c.id, _s.c.origin).where(_s.c.id.in_(list(schedules)))
    return {row.id: row.origin for row in view.execute(query)}


def planned(tx: Connection, until: datetime) -> None:
    """Note that all occurrences up to then have rows, of every schedule that is in force."""
    tx.execute(update(_s).where(_s.c.removed_at.is_(None)).values(planned_until=until))


def rename(tx: Connection, old: str, new: str, name: str) -> None:
    """Give a schedule's rows, turns and items another id; the posts' keys stay as they are."""
    deliveries, items, slots = tables.deliveries, tables.feed_items, tables.feed_slots
    tx.execute(update(_s).where(_s.c.id == old).values(id=new))
    tx.execute(update(deliveries).where(deliveries.c.schedule == old).values(schedule=new, name=name))
    tx.execute(update(items).where(items.c.schedule == old).values(schedule=new))
    tx.execute(update(slots).where(slots.c.schedule == old).values(schedule=new))
