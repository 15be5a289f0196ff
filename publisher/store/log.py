"""Appending to the compliance log, and reading it."""

import json
from collections.abc import Iterator, Mapping
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


WORKER, PLANNER, DAEMON = Actor("worker"), Actor("planner"), Actor("daemon")


def append(
    tx: Connection, event: str, at: datetime, actor: Actor, *, delivery: int | None = None, **facts: Any
) -> None:
    """Append one entry within the transaction of what it tells. `facts` are JSON values; None is left out.

    What a server sent must never keep an entry from being written: see `ledger.plain`.
    """
    who = {"name": actor.name, "role": actor.role, **({} if actor.verified else {"verified": False})}
    entry: dict[str, Any] = {"event": event, "at": at.isoformat(), "who": who}
    if delivery is not None:
        entry["delivery"] = delivery
    entry.update({name: value for name, value in facts.items() if value is not None})
    body = ledger.canonical(ledger.plain(entry)).decode()
    tx.execute(insert(tables.log).values(at=at, event=event, delivery=delivery, body=body))


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


def last(view: Connection, count: int) -> list[Mapping[str, Any]]:
    """The newest entries, oldest of them first."""
    newest = view.scalars(select(tables.log.c.id).order_by(tables.log.c.id.desc()).offset(count).limit(1)).first()
    return list(entries(view, after=newest or 0))
