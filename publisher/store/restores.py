"""Backups that came back, and the deliveries that may have gone out between backup and restore."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, insert, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.delivery import OPEN, Delivery, State
from publisher.store import deliveries, tables

_r, _q, _d, _i = tables.restores, tables.restored_doubts, tables.deliveries, tables.feed_items
EVENT = "restored"
#: What the life after the backup may have moved on without our knowing. What was accepted is settled by its token.
_UNCLEAR = OPEN | {State.SENDING, State.IN_DOUBT}


@dataclass(frozen=True)
class Restore:
    """A backup that came back: what it knows ends at `backup_at`, what it missed at `restored_at`."""

    id: int
    backup_at: datetime
    restored_at: datetime


@dataclass(frozen=True)
class Doubt:
    """That a restore put a delivery in doubt, and where it goes if it is not out."""

    delivery: Delivery
    was: State
    reason: str
    held_from: State | None


def mark(tx: Connection, at: datetime) -> None:
    """Say in a copy of the database that it is a backup of that moment."""
    if pending(tx) is None:  # else it is the copy of a backup: what it knows ends with that
        tx.execute(insert(_r).values(backup_at=at))


def pending(view: Connection) -> datetime | None:
    """When this database was copied, if it is a backup that has not come back yet."""
    query = select(_r.c.backup_at).where(_r.c.restored_at.is_(None)).order_by(_r.c.backup_at).limit(1)
    return view.scalar(query)


def complete(tx: Connection, backup_at: datetime, at: datetime) -> Restore:
    """Say that this database, a copy of `backup_at`, is the workspace's from now on."""
    if pending(tx) is None:
        tx.execute(insert(_r).values(backup_at=backup_at))
    tx.execute(update(_r).where(_r.c.restored_at.is_(None)).values(restored_at=at))
    found = last(tx)
    assert found is not None
    return found


def has_doubted(view: Connection, delivery: int) -> bool:
    """Whether a restore has ever put a delivery in doubt."""
    return view.scalar(select(_q.c.delivery).where(_q.c.delivery == delivery)) is not None


def entry(view: Connection) -> int:
    """The entry of the log that tells of the last restore; 0 without one."""
    return int(view.scalar(select(func.max(tables.log.c.id)).where(tables.log.c.event == EVENT)) or 0)


def last(view: Connection) -> Restore | None:
    """The newest restore of this database's life."""
    query = select(_r).where(_r.c.restored_at.is_not(None)).order_by(_r.c.id.desc()).limit(1)
    row = view.execute(query).first()
    return Restore(**row._asdict()) if row else None


def unclear(view: Connection, restore: Restore) -> list[Delivery]:
    """The deliveries that may have gone out before the restore, and were not yet put in doubt because of it.

    By what their rows say, they are not out, or not for certain. But what fell due may have gone out since the
    backup; so may what picks the newest message, which an urgent one makes due at its occurrence; and so may
    every item that its feed had by then, in whatever slot.
    """
    at = restore.restored_at
    is_unchosen = and_(_d.c.message.is_(None), _d.c.item == "", _d.c.occurrence <= at)
    is_item = and_(_d.c.message.is_(None), _d.c.item != "", _was_there(at))
    known = exists(select(_q.c.delivery).where(_q.c.delivery == _d.c.id, _q.c.restore >= restore.id))
    states = _d.c.state.in_([state.value for state in _UNCLEAR])
    return deliveries.select_where(view, states, or_(_d.c.due <= at, is_unchosen, is_item), ~known)


def _was_there(at: datetime) -> ColumnElement[bool]:
    """Whether a delivery's item was in its feed by then."""
    same = (_i.c.schedule == _d.c.schedule, _i.c.channel == _d.c.channel, _i.c.item == _d.c.item)
    return exists(select(_i.c.id).where(*same, _i.c.seen_at <= at))


def put_in_doubt(tx: Connection, doubt: Doubt, restore: Restore) -> None:
    """Remember that the restore put a delivery in doubt."""
    values = {
        "delivery": doubt.delivery.id,
        "restore": restore.id,
        "was": doubt.was.value,
        "reason": doubt.reason,
        "held_from": doubt.held_from.value if doubt.held_from else None,
        "ended": False,
    }
    tx.execute(upsert(_q).values(values).on_conflict_do_update(index_elements=["delivery"], set_=values))


def open_doubts(view: Connection) -> list[Delivery]:
    """The deliveries that a restore put in doubt and that are still being looked up."""
    return deliveries.select_where(view, _d.c.state == State.IN_DOUBT.value, _d.c.id.in_(_not_ended()))


def answered(view: Connection) -> list[Doubt]:
    """The doubts that have not ended although their deliveries are in doubt no more."""
    rows = deliveries.select_where(view, _d.c.state != State.IN_DOUBT.value, _d.c.id.in_(_not_ended()))
    if not rows:
        return []
    kept = {one.delivery: one for one in view.execute(select(_q).where(~_q.c.ended))}
    return [_doubt(row, kept[row.id]) for row in rows]


def _not_ended() -> Select[Any]:
    return select(_q.c.delivery).where(~_q.c.ended)


def _doubt(row: Delivery, kept: Row[Any]) -> Doubt:
    return Doubt(row, State(kept.was), kept.reason, State(kept.held_from) if kept.held_from else None)


def unclear_channels(view: Connection) -> set[str]:
    """The channels that are still being asked about such deliveries."""
    query = select(_d.c.channel).where(_d.c.state == State.IN_DOUBT.value, _d.c.id.in_(_not_ended()))
    return set(view.scalars(query.distinct()))


def end(tx: Connection, doubt: Doubt) -> None:
    """Remember that a doubt has ended: its delivery goes on like any other."""
    tx.execute(update(_q).where(_q.c.delivery == doubt.delivery.id).values(ended=True))
