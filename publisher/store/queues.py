"""What is to be done next: the due rows of each channel in order, the doubtful ones to ask after, the next instant.

Asked at every round, and within a burst at every few deliveries: to build such a query takes longer than to run it,
so each is made once.
"""

import json
from collections.abc import Collection
from datetime import datetime
from itertools import takewhile

from sqlalchemy import Connection, Integer, String, and_, bindparam, func, or_, select

from publisher.delivery import Delivery, State
from publisher.store import tables
from publisher.store.deliveries import amends_what_is_out, bare, look_at, not_paused, not_withdrawn, read

_d = tables.deliveries
_NOW = bindparam("now", type_=tables.Instant())
_LIMIT = bindparam("limit", type_=Integer)
#: One parameter for them all: to write thousands of names into a statement takes longer than to carry it out.
_BUSY = func.json_each(bindparam("busy", type_=String)).table_valued("value")
_IDLE = _d.c.channel.not_in(select(_BUSY.c.value))
_ORDER = (_d.c.priority, _d.c.due, _d.c.place, _d.c.id)

_IS_READY = or_(_d.c.not_before.is_(None), _d.c.not_before <= _NOW)
#: Composed, its time has come, nothing is paused that it belongs to, its message is not withdrawn, and what it
#: amends is out.
_DUE = and_(
    _d.c.state == State.PLANNED.value,
    _d.c.due <= _NOW,
    _d.c.post_sha256.is_not(None),
    not_paused(),
    not_withdrawn(),
    amends_what_is_out(),
)
_ASKED = and_(
    or_(_d.c.state == State.IN_DOUBT.value, _d.c.state == State.ACCEPTED.value),
    _IS_READY,
    or_(_d.c.lease_until.is_(None), _d.c.lease_until <= _NOW),
)

_RANKED = (
    select(_d.c.id, func.row_number().over(partition_by=_d.c.channel, order_by=_ORDER).label("rank"))
    .where(_DUE, _IDLE, or_(bindparam("only", type_=Integer).is_(None), _d.c.id == bindparam("only", type_=Integer)))
    .subquery()
)
_HEADS = (
    select(_d)
    .where(_d.c.id.in_(select(_RANKED.c.id).where(_RANKED.c.rank == 1)), _IS_READY)
    .order_by(_d.c.priority, _d.c.due)
    .limit(_LIMIT)
)
_QUEUE = (
    select(_d, _IS_READY.label("is_ready"))
    .where(_DUE, _d.c.channel == bindparam("channel"))
    .order_by(*_ORDER)
    .limit(_LIMIT)
)
_FIRST = select(_d.c.id).where(_DUE, _d.c.channel == bindparam("channel")).order_by(*_ORDER).limit(1)
_NEXT = select(
    select(_d.c.id).where(_ASKED, _d.c.channel == bindparam("channel")).exists().label("is_to_ask"),
    _FIRST.scalar_subquery().label("first"),
)
_ANY = select(
    select(_d.c.id).where(_DUE, _IS_READY).exists().label("is_due"),
    select(_d.c.id).where(_ASKED).exists().label("is_to_ask"),
)
_FIRST_ASKED = (
    select(
        _d.c.id,
        func.row_number()
        .over(partition_by=_d.c.channel, order_by=(_d.c.not_before, _d.c.occurrence, _d.c.id))
        .label("rank"),
    )
    .where(_ASKED, _IDLE)
    .subquery()
)
_TO_ASK = (
    select(_d)
    .where(_d.c.id.in_(select(_FIRST_ASKED.c.id).where(_FIRST_ASKED.c.rank == 1)))
    .order_by(_d.c.occurrence, _d.c.due, _d.c.place, _d.c.id)
    .limit(_LIMIT)
)
_WAKES = (
    select(func.min(_d.c.due)).where(_d.c.state == State.PLANNED.value, _d.c.due > _NOW),
    select(func.min(_d.c.not_before)).where(_d.c.not_before > _NOW),
    select(func.min(_d.c.lease_until)).where(_d.c.lease_until > _NOW),
)
_CHOSEN = or_(_d.c.message.is_not(None), _d.c.item != "")
_PLANNED = and_(_d.c.state == State.PLANNED.value, _d.c.due <= _NOW)
_UNSETTLED = bare(_PLANNED, _d.c.revision.is_(None), _CHOSEN, order=(_d.c.occurrence, _d.c.due, _d.c.place))
_RESTORED = select(tables.restored_doubts.c.delivery).where(~tables.restored_doubts.c.ended)
_TO_COMPOSE = bare(_PLANNED, _d.c.post_sha256.is_(None), _d.c.revision.is_not(None), _d.c.id.not_in(_RESTORED))


def is_any(view: Connection, now: datetime) -> tuple[bool, bool]:
    """Whether anything at all is due, and is to be asked now, busy channels or not: most rounds find nothing."""
    row = view.execute(_ANY, {"now": now}).one()
    return bool(row.is_due), bool(row.is_to_ask)


def heads(
    view: Connection, now: datetime, busy: Collection[str], limit: int, only: int | None = None
) -> list[Delivery]:
    """The first due delivery of each channel that is not busy: by priority, then due, then place.

    A head that waits for a retry keeps its channel waiting: order within a channel is kept. `only`: that delivery.
    """
    given = {"now": now, "busy": json.dumps([*busy]), "limit": limit, "only": only}
    return [read(row) for row in view.execute(_HEADS, given)]


def queue(view: Connection, channel: str, now: datetime, limit: int) -> list[Delivery]:
    """The next due deliveries of a channel, in the order in which they go out; up to the first that has to wait."""
    rows = view.execute(_QUEUE, {"channel": channel, "now": now, "limit": limit})
    return [read(row) for row in takewhile(lambda row: row.is_ready, rows)]


def next_of(view: Connection, channel: str, now: datetime) -> tuple[bool, int | None]:
    """Whether a channel is to be asked now about a doubtful or accepted delivery; and the number of its due delivery
    that goes out next, whether it has to wait or not."""
    row = view.execute(_NEXT, {"channel": channel, "now": now}).one()
    return bool(row.is_to_ask), row.first


def of_slot(view: Connection, head: Delivery, now: datetime) -> list[Delivery]:
    """All due deliveries of the head's session, in the order in which they are read.

    None of them while something of it is being sent or in doubt: a slot is published by one hand.
    """
    same = (_d.c.channel == head.channel, _d.c.session == head.session)
    unclear = _d.c.state.in_([State.SENDING.value, State.IN_DOUBT.value])
    if view.scalar(select(func.count()).where(*same, unclear)):
        return []
    rows = view.execute(select(_d).where(*same, _DUE), {"now": now})
    return sorted(map(read, rows), key=lambda row: (row.priority, row.occurrence, row.place, row.id))


def supplements(view: Connection, channel: str, session: datetime) -> int:
    """How many slots were begun for a session of a station: the number of the next one."""
    last = view.scalar(select(func.max(_d.c.supplement)).where(_d.c.channel == channel, _d.c.session == session))
    return 0 if last is None else int(last) + 1


def to_ask(view: Connection, now: datetime, busy: Collection[str], limit: int) -> list[Delivery]:
    """Doubtful and accepted deliveries whose channel is to be asked now, at most one a channel."""
    return [read(row) for row in view.execute(_TO_ASK, {"now": now, "busy": json.dumps([*busy]), "limit": limit})]


def unsettled(view: Connection, now: datetime) -> list[Delivery]:
    """The due deliveries that have a message or an item, and no revision yet. Without their posts."""
    return look_at(view, _UNSETTLED, now=now)


def to_compose(view: Connection, until: datetime, limit: int) -> list[Delivery]:
    """The deliveries due until then that may go out and have no post yet, the first to be due first; in part."""
    return look_at(view, _TO_COMPOSE, now=until, limit=limit)


def next_wake(view: Connection, now: datetime) -> datetime | None:
    """The next instant after now at which a row may ask for something."""
    ahead = (view.scalar(query, {"now": now}) for query in _WAKES)
    return min((at for at in ahead if at is not None), default=None)
