"""Attempts, and the durable steps between two requests of a publication."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.store import tables

_a, _s, _d = tables.attempts, tables.steps, tables.deliveries


def begin_all(tx: Connection, begun: Sequence[tuple[int, int, datetime]]) -> None:
    """Record that attempts begin (delivery, epoch, when): their intents are durable with this transaction."""
    if begun:
        rows = [{"delivery": delivery, "epoch": epoch, "intent_at": at} for delivery, epoch, at in begun]
        tx.execute(insert(_a), rows)


def end_all(tx: Connection, ended: Sequence[tuple[int, int, datetime, str]]) -> None:
    """Record how attempts ended (delivery, epoch, when, outcome)."""
    if ended:
        rows = [
            {"one": delivery, "in_epoch": epoch, "answer_at": at, "outcome": outcome}
            for delivery, epoch, at, outcome in ended
        ]
        tx.execute(_END, rows)


_END = (
    update(_a)
    .where(_a.c.delivery == bindparam("one"), _a.c.epoch == bindparam("in_epoch"))
    .values(answer_at=bindparam("answer_at", type_=tables.Instant()), outcome=bindparam("outcome"))
)


def steps_of(view: Connection, delivery: int) -> dict[str, Any]:
    """What earlier attempts made durable, by name."""
    query = select(_s.c.name, _s.c.value).where(_s.c.delivery == delivery)
    return {row.name: row.value for row in view.execute(query)}


def put_step(
    tx: Connection, delivery: int, epoch: int, name: str, value: Any, at: datetime, *, is_public: bool = False
) -> bool:
    """Make a step durable; False, and nothing written, if this epoch no longer has the row.

    After a public step part of the post is out, whatever becomes of the rest.
    """
    ours = (_d.c.id == delivery) & (_d.c.epoch == epoch) & _d.c.lease_until.is_not(None)
    if tx.scalar(select(_d.c.id).where(ours)) is None:
        return False
    values = {"delivery": delivery, "name": name, "value": value, "epoch": epoch, "at": at}
    tx.execute(upsert(_s).values(values).on_conflict_do_update(index_elements=["delivery", "name"], set_=values))
    if is_public:
        tx.execute(update(_d).where(_d.c.id == delivery).values(may_be_out=True))
    return True
