"""How far each reader has read the log."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.store import tables

_c, _l = tables.cursors, tables.log


def place(view: Connection, reader: str) -> int:
    """The last entry that was read."""
    return int(view.scalar(select(_c.c.entry).where(_c.c.reader == reader)) or 0)


def move(tx: Connection, reader: str, entry: int) -> None:
    """All entries up to this one were read."""
    values = {"reader": reader, "entry": entry}
    tx.execute(upsert(_c).values(values).on_conflict_do_update(index_elements=["reader"], set_=values))


def entries(view: Connection, reader: str, events: Collection[str], limit: int) -> tuple[list[Mapping[str, Any]], int]:
    """The next entries of these events, and up to which entry they are all."""
    newest = int(view.scalar(select(func.max(_l.c.id))) or 0)
    after = place(view, reader)
    query = select(_l.c.id, _l.c.body).where(_l.c.id > after, _l.c.id <= newest, _l.c.event.in_(list(events)))
    rows = view.execute(query.order_by(_l.c.id).limit(limit))
    found: list[Mapping[str, Any]] = [{"id": number, **json.loads(body)} for number, body in rows]
    return found, int(found[-1]["id"]) if len(found) == limit else newest
