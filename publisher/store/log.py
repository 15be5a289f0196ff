"""Appending to the compliance log, and reading it."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from publisher import ledger
from publisher.store import tables


@dataclass(frozen=True)
class Actor:
    """Who did something: a part of Publisher, or a person."""

    name: str
    role: str = "publisher"  # publisher, or person
    verified: bool = True  # False: a name that somebody typed


@dataclass(frozen=True)
class Witness:
    """The newest entry of a log: what it says of how far the log goes."""

    id: int
    at: datetime
    sha256: str  # its leaf hash, hex

    def as_json(self) -> dict[str, Any]:
        """As an entry cites it."""
        return {"id": self.id, "at": self.at.isoformat(), "sha256": self.sha256}


WORKER, PLANNER, DAEMON = Actor("worker"), Actor("planner"), Actor("daemon")


def append(
    tx: Connection, event: str, at: datetime, actor: Actor, *, delivery: int | None = None, **facts: Any
) -> None:
    """Append one entry within the transaction of what it tells; `facts` as for `row`."""
    append_all(tx, [row(event, at, actor, delivery=delivery, **facts)])


def append_all(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append entries that `row` made, in this order."""
    if rows:
        tx.execute(insert(tables.log), rows)


def row(event: str, at: datetime, actor: Actor, *, delivery: int | None = None, **facts: Any) -> dict[str, Any]:
    """An entry as it is kept. `facts` are JSON values; None is left out.

    What a server sent must never keep an entry from being written: see `ledger.plain`.
    """
    who = {"name": actor.name, "role": actor.role, **({} if actor.verified else {"verified": False})}
    entry: dict[str, Any] = {"event": event, "at": at.isoformat(), "who": who}
    if delivery is not None:
        entry["delivery"] = delivery
    entry.update({name: value for name, value in facts.items() if value is not None})
    body = ledger.canonical(entry).decode()
    return {"at": at, "event": event, "delivery": delivery, "body": body}


def entries(
    view: Connection, *, delivery: int | None = None, after: int = 0, limit: int | None = None
) -> Iterator[Mapping[str, Any]]:
    """The entries in order, oldest first, each with its `id`."""
    query = select(tables.log.c.id, tables.log.c.body).where(tables.log.c.id > after).order_by(tables.log.c.id)
    if delivery is not None:
        query = query.where(tables.log.c.delivery == delivery)
    if limit is not None:
        query = query.limit(limit)
    for number, body in view.execute(query):
        yield {"id": number, **json.loads(body)}


def about(view: Connection, events: Collection[str], campaign: str, message: str) -> Iterator[Mapping[str, Any]]:
    """The entries of these events that concern a whole message, oldest first."""
    query = select(tables.log.c.id, tables.log.c.body).where(tables.log.c.event.in_(list(events)))
    for number, body in view.execute(query.order_by(tables.log.c.id)):
        entry = json.loads(body)
        if (entry.get("campaign"), entry.get("message")) == (campaign, message):
            yield {"id": number, **entry}


def last(view: Connection, count: int) -> list[Mapping[str, Any]]:
    """The newest entries, oldest of them first."""
    newest = view.scalars(select(tables.log.c.id).order_by(tables.log.c.id.desc()).offset(count).limit(1)).first()
    return list(entries(view, after=newest or 0))


def witness(view: Connection) -> Witness | None:
    """The newest entry; None in an empty log."""
    row = view.execute(select(tables.log).order_by(tables.log.c.id.desc()).limit(1)).first()
    return Witness(row.id, row.at, ledger.leaf_hash(row.body.encode()).hex()) if row else None
