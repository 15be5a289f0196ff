"""The rows about which something is to be done because time has passed, and no others: asked for at every round.

What most rounds ask in vain is a search in an index, by a query that is made once. The rows come without their
posts.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Text,
    and_,
    bindparam,
    exists,
    func,
    not_,
    or_,
    select,
)

from publisher.delivery import OPEN, OUT, Delivery, State
from publisher.store import tables
from publisher.store.deliveries import amends_what_is_out, bare, look_at, not_paused, not_withdrawn

_d = tables.deliveries
_NOW = bindparam("now", type_=tables.Instant())
_THEN = bindparam("then", type_=tables.Instant())
_CHANNEL: BindParameter[str] = bindparam("channel", type_=Text())

_WAITING = (State.PLANNED.value, State.AWAITING.value)
_ASKED = (State.IN_DOUBT.value, State.ACCEPTED.value)
_PLANNED = _d.c.state == State.PLANNED.value
_HELD = and_(_d.c.state == State.HELD.value, _d.c.ruled, amends_what_is_out())
_BOUND = and_(_d.c.session.is_(None), not_(_d.c.free_of_grace))  # by a grace
_FREE = or_(_d.c.lease_until.is_(None), _d.c.lease_until <= _NOW)
_DUE = and_(_PLANNED, _d.c.due <= _NOW, _FREE)

_SENDING = bare(_d.c.state == State.SENDING.value)
_ABANDONED = _SENDING.where(_d.c.lease_until <= _NOW)
_LET_GO = bare(_HELD)
_BEGUN = bare(
    _d.c.state.in_([*_WAITING, State.HELD.value]),
    _d.c.session <= _NOW,
    or_(_d.c.state != State.HELD.value, and_(_d.c.ruled, not_(_d.c.may_be_out))),
    _FREE,
)
_AMENDED = _d.alias("amended")
_MOOT = bare(
    _d.c.of.is_not(None),
    _d.c.state.in_([state.value for state in OPEN]),
    exists().where(
        _AMENDED.c.id == _d.c.of,
        _AMENDED.c.state.not_in([state.value for state in OUT]),
        or_(not_(_AMENDED.c.may_be_out), _AMENDED.c.state == State.CANCELLED.value),
    ),
)
_NAMED = _d.alias("named")
_WITHDRAWN = bare(
    _d.c.id.in_(
        select(_NAMED.c.id)
        .join(
            tables.withdrawals,
            and_(
                tables.withdrawals.c.campaign == _NAMED.c.campaign,
                tables.withdrawals.c.message == _NAMED.c.message,
                tables.withdrawals.c.released_at.is_(None),
            ),
        )
        .where(_NAMED.c.state.in_([state.value for state in OPEN]))
    ),
    not_(not_withdrawn()),
)
_LATE = bare(_d.c.state.in_(_WAITING), _d.c.due <= _THEN, _BOUND, _FREE)
_TRY = bare(
    _d.c.channel == _CHANNEL,
    or_(_PLANNED, _HELD),
    _d.c.due <= _NOW,
    _FREE,
    or_(_d.c.not_before.is_(None), _d.c.not_before <= _THEN),
    not_paused(),
    order=(_HELD, _d.c.priority, _d.c.due, _d.c.place),
)


def abandoned(view: Connection, now: datetime, limit: int) -> list[Delivery]:
    """Deliveries whose intent is durable and whose worker's lease has run out; in part."""
    return look_at(view, _ABANDONED, now=now, limit=limit)


def sending(view: Connection) -> list[Delivery]:
    """Deliveries whose intent is durable and whose outcome is not."""
    return look_at(view, _SENDING)


def to_hold(view: Connection, now: datetime, stopped: ColumnElement[bool], limit: int) -> list[Delivery]:
    """Planned deliveries that fell due although they are stopped; in part."""
    return look_at(view, bare(_DUE, stopped), now=now, limit=limit)


def to_let_go(view: Connection, stopped: ColumnElement[bool] | None, limit: int) -> list[Delivery]:
    """Deliveries that a rule held, and that are not stopped any more; in part."""
    return look_at(view, _LET_GO if stopped is None else _LET_GO.where(not_(stopped)), limit=limit)


def stopped(campaigns: Collection[str], channels: Collection[str], but: Collection[int]) -> ColumnElement[bool]:
    """That a row is of one of these campaigns, or for one of these channels; `but` these numbers."""
    named = or_(_d.c.campaign.in_(list(campaigns)), _d.c.channel.in_(list(channels)))
    return and_(named, _d.c.id.not_in(list(but)))


def to_try(view: Connection, channel: str, now: datetime, patience: datetime, limit: int) -> list[Delivery]:
    """What may be sent to try a channel that does not answer: planned ones, then held ones, as they would go out.

    What the server itself has put off beyond `patience` is none of them.
    """
    return look_at(view, _TRY, channel=channel, now=now, then=patience, limit=limit)


def is_spoken_to(view: Connection, channel: str, now: datetime) -> bool:
    """Whether a worker has a row of the channel, or it is time to ask about a doubt or an acceptance."""
    is_time = or_(_d.c.not_before.is_(None), _d.c.not_before <= now)
    busy = or_(_d.c.lease_until > now, and_(_d.c.state.in_(_ASKED), is_time))
    open_ones = _d.c.state.in_([*_WAITING, *_ASKED, State.SENDING.value])
    return view.scalar(select(_d.c.id).where(open_ones, _d.c.channel == channel, busy).limit(1)) is not None


def begun(view: Connection, now: datetime, limit: int) -> list[Delivery]:
    """Deliveries whose session has begun, and that are planned, await approval, or are held by a rule; in part."""
    return look_at(view, _BEGUN, now=now, limit=limit)


def moot(view: Connection, limit: int) -> list[Delivery]:
    """Corrections and withdrawals of what is not out after all, or of which nobody knows it any more; in part."""
    return look_at(view, _MOOT, limit=limit)


def withdrawn(view: Connection, limit: int) -> list[Delivery]:
    """Open deliveries, whatever they do but withdraw, of messages that are withdrawn; in part."""
    return look_at(view, _WITHDRAWN, limit=limit)


def perhaps_late(view: Connection, now: datetime, due: datetime) -> list[Delivery]:
    """Deliveries that wait since `due` or longer, and are bound by a grace."""
    return look_at(view, _LATE, now=now, then=due)


def newest_waiting(view: Connection, now: datetime, schedules: Collection[str]) -> dict[tuple[str, str], datetime]:
    """By schedule and channel the newest due occurrence that waits, or is held by a rule, and is bound by a grace."""
    due = (or_(_PLANNED, _HELD), _d.c.due <= _NOW, _BOUND, _FREE, _d.c.schedule.in_(list(schedules)))
    query = select(_d.c.schedule, _d.c.channel, func.max(_d.c.occurrence)).where(*due)
    rows = view.execute(query.group_by(_d.c.schedule, _d.c.channel), {"now": now})
    return {(schedule, channel): newest for schedule, channel, newest in rows}


def to_put_off(
    view: Connection, now: datetime, until: datetime, schedules: Collection[str], limit: int
) -> list[Delivery]:
    """Due deliveries of these schedules that are to wait until then, and do not yet; never urgent ones; in part."""
    earlier = or_(_d.c.not_before.is_(None), _d.c.not_before < until)
    theirs = (_d.c.session.is_(None), _d.c.priority > 0, _d.c.schedule.in_(list(schedules)))
    return look_at(view, bare(_DUE, earlier, *theirs), now=now, limit=limit)
