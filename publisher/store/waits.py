"""Instants that were reckoned from a clock which has been set since: they keep their distance from now."""

from datetime import timedelta
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, type_coerce, update

from publisher.delivery import State
from publisher.store import tables

_d, _b = tables.deliveries, tables.breakers
_ASKED = (State.IN_DOUBT.value, State.ACCEPTED.value)


def shift(tx: Connection, by: timedelta) -> None:
    """Move leases, doubts, look-ups and probes with the clock; other waits only back.

    A wait of a planned delivery may be for the end of quiet hours, which is a time of day: set back, it is put off
    again by the quiet hours; set forward, it would be late.
    """
    _move(tx, _d.c.lease_until, by)
    _move(tx, _d.c.doubt_at, by)
    _move(tx, _b.c.probe_at, by)
    _move(tx, _d.c.not_before, by, *([] if by < timedelta() else [_d.c.state.in_(_ASKED)]))


def _move(tx: Connection, column: Any, by: timedelta, *conditions: ColumnElement[bool]) -> None:
    moved = type_coerce(column, BigInteger) + by // timedelta(microseconds=1)
    tx.execute(
        update(column.table).where(column.is_not(None), *conditions).values({column: type_coerce(moved, column.type)})
    )
