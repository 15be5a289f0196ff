"""The deliveries' rows: nobody else writes them, but for `leases`. Each move goes with its log entry."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import count
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    exists,
    func,
    insert,
    not_,
    null,
    or_,
    select,
    update,
)

from channels.base import Accepted, Receipt
from content.post import Post
from publisher.delivery import OPEN, OUT, UNFINISHED, Action, Delivery, Planned, State, Step, key_of
from publisher.store import log, plans, tables
from publisher.store.log import Actor
from publisher.store.moves import Move as Move
from publisher.store.moves import Overtaken as Overtaken
from publisher.store.moves import move_all

_d = tables.deliveries
_NAMES = tuple(_d.c.keys())
_PLANNED = tuple(field.name for field in fields(Planned))
_ALL = 2**31 - 1  # as a limit
_CHUNK = 500  # rows that are written by one statement


def add(tx: Connection, planned: Planned, workspace: str, at: datetime, actor: Actor, **more: Any) -> int:
    """A new row, and its entry; its id."""
    return add_all(tx, [planned], workspace, at, actor, **more)[0]


def add_all(
    tx: Connection, planned: Sequence[Planned], workspace: str, at: datetime, actor: Actor, **more: Any
) -> list[int]:
    """New rows, and their entries; their ids, in the same order."""
    numbers = []
    for chunk in (planned[start : start + _CHUNK] for start in range(0, len(planned), _CHUNK)):
        keys = _free_keys(tx, chunk, workspace)
        tx.execute(insert(_d), [_new(one, key, more) for one, key in zip(chunk, keys, strict=True)])
        ids = {row.key: row.id for row in tx.execute(select(_d.c.key, _d.c.id).where(_d.c.key.in_(keys)))}
        added = [ids[key] for key in keys]
        log.append_all(tx, [_planned_entry(one, number, at, actor) for one, number in zip(chunk, added, strict=True)])
        numbers += added
    return numbers


def _new(planned: Planned, key: str, more: Mapping[str, Any]) -> dict[str, Any]:
    return {name: getattr(planned, name) for name in _PLANNED} | {
        "key": key,
        "state": planned.state.value,
        "action": planned.action.value,
        "free_of_grace": False,
        "ruled": planned.state is not State.PLANNED,
        "attempts": 0,
        "lookups": 0,
        "may_be_out": False,
        "epoch": 0,
        **more,
    }


def _planned_entry(planned: Planned, number: int, at: datetime, actor: Actor) -> dict[str, Any]:
    return log.row(
        planned.state.value, at, actor, delivery=number,
        schedule=planned.name, occurrence=planned.occurrence.isoformat(), channel=planned.channel,
        message=planned.message, item=planned.item or None, due=planned.due.isoformat(), reason=planned.reason or None,
        **({"action": planned.action.value, "of": planned.of} if planned.of else {}),
    )  # fmt: skip


def _free_keys(tx: Connection, planned: Sequence[Planned], workspace: str) -> list[str]:
    """A key for each: its own or, where a renamed schedule's row holds that, the next of its keys."""
    origins = plans.origins(tx, {one.schedule for one in planned})
    keys = [key_of(workspace, one, origins.get(one.schedule, one.schedule)) for one in planned]
    used = set(tx.scalars(select(_d.c.key).where(_d.c.key.in_(keys))))
    return [
        _free_key(tx, one, workspace, origins.get(one.schedule, one.schedule)) if key in used else key
        for one, key in zip(planned, keys, strict=True)
    ]


def _free_key(tx: Connection, planned: Planned, workspace: str, origin: str) -> str:
    keys = (key_of(workspace, planned, origin, turn) for turn in count())
    return next(key for key in keys if not tx.scalar(select(_d.c.id).where(_d.c.key == key)))


def move(
    tx: Connection,
    delivery: Delivery,
    step: Step,
    at: datetime,
    actor: Actor,
    *,
    facts: Mapping[str, Any] = MappingProxyType({}),
    **columns: Any,
) -> None:
    """Carry out a step that the table allows: the row as it was read, in its epoch, or Overtaken; and its entry.

    Staying in a state is a step too, for what is tried again. See `Move`.
    """
    move_all(tx, [Move(delivery, step, at, actor, facts, columns)])


@dataclass(frozen=True)
class Amendment:
    """Columns of a row that change no state."""

    delivery: Delivery
    columns: Mapping[str, Any]


def amend(tx: Connection, delivery: Delivery, **columns: Any) -> None:
    """Set columns that change no state, on the row as it was read, or Overtaken."""
    same = and_(_d.c.id == delivery.id, _d.c.state == delivery.state.value, _d.c.epoch == delivery.epoch)
    if tx.execute(update(_d).where(same).values(columns)).rowcount != 1:
        raise Overtaken(f"delivery {delivery.id} is no longer {delivery.state.value} in epoch {delivery.epoch}")


def change_all(tx: Connection, changes: Iterable[Move | Amendment | Mapping[str, Any]]) -> None:
    """Carry out moves, amendments and entries of the log, in this order, or Overtaken. The caller rolls back."""
    for change in changes:
        match change:
            case Move():
                move_all(tx, [change])
            case Amendment():
                amend(tx, change.delivery, **change.columns)
            case _:
                log.append_all(tx, [change])


def get(view: Connection, number: int) -> Delivery | None:
    """The delivery of that number."""
    return next(iter(select_where(view, _d.c.id == number)), None)


def select_where(view: Connection, *conditions: ColumnElement[bool], limit: int | None = None) -> list[Delivery]:
    """The deliveries that meet the conditions, in order of occurrence, due and place."""
    query = select(_d).where(*conditions).order_by(_d.c.occurrence, _d.c.due, _d.c.place, _d.c.id)
    return [read(row) for row in view.execute(query if limit is None else query.limit(limit))]


def of_schedule(view: Connection, schedule: str, since: datetime, before: datetime) -> list[Delivery]:
    """A schedule's rows whose occurrence lies in [since, before), and those earlier that are still open; bare."""
    return look_at(view, _OF_SCHEDULE, schedule=schedule, since=since, before=before)


def first_open(view: Connection, before: datetime) -> dict[str, datetime]:
    """By schedule the occurrence of its first delivery that is still open, of those that lie before an instant."""
    first = func.min(_d.c.occurrence).label("first")
    is_open = _d.c.state.in_([state.value for state in OPEN])
    query = select(_d.c.schedule, first).where(is_open, _d.c.occurrence < before)
    return {row.schedule: row.first for row in view.execute(query.group_by(_d.c.schedule))}


def last_turns(view: Connection, schedule: str, before: datetime) -> list[Delivery]:
    """The newest row with a turn on each channel before an occurrence."""
    rank = func.row_number().over(partition_by=_d.c.channel, order_by=_d.c.occurrence.desc()).label("rank")
    turns = select(_d.c.id, rank).where(
        _d.c.schedule == schedule,
        _d.c.occurrence < before,
        _d.c.message.is_not(None),
        or_(_d.c.state.not_in([State.CANCELLED.value, State.SKIPPED.value]), _d.c.may_be_out),
    )
    ranked = turns.subquery()
    return select_where(view, _d.c.id.in_(select(ranked.c.id).where(ranked.c.rank == 1)))


def unchosen(view: Connection, now: datetime, schedules: Collection[str]) -> list[Delivery]:
    """The planned deliveries of these schedules whose time has come, and that have no message yet."""
    has_come = or_(_d.c.due <= now, _d.c.occurrence <= now)
    planned = (_d.c.state == State.PLANNED.value, _d.c.message.is_(None), _d.c.schedule.in_(list(schedules)))
    return select_where(view, *planned, has_come)


def open_manual(view: Connection) -> list[Delivery]:
    """What people sent, corrected or withdrew outside of any schedule, and has not gone out."""
    states = _d.c.state.in_([state.value for state in OPEN])
    return select_where(view, states, _d.c.schedule.contains("/@", autoescape=True))


def dropped_manual(view: Connection) -> list[Delivery]:
    """What people sent, corrected or withdrew outside of any schedule, and an edit took out of the plan."""
    dropped = (_d.c.state == State.CANCELLED.value, _d.c.ruled)
    return select_where(view, *dropped, _d.c.schedule.contains("/@", autoescape=True))


def of_message(view: Connection, campaign: str, message: str, channel: str) -> list[Delivery]:
    """All deliveries of a message on a channel."""
    return select_where(view, _d.c.campaign == campaign, _d.c.message == message, _d.c.channel == channel)


def went_out(view: Connection, schedule: str, channel: str) -> set[str]:
    """The messages of a schedule that are, or may be, published on a channel, or are about to be."""
    ended = [State.CANCELLED.value, State.SKIPPED.value, State.MISSED.value, State.FAILED.value]
    counts = or_(_d.c.state.not_in(ended), _d.c.may_be_out)
    same = (_d.c.schedule == schedule, _d.c.channel == channel, counts)
    return set(view.scalars(select(_d.c.message).where(*same, _d.c.message.is_not(None))))


def out_since(view: Connection, since: datetime, before: datetime) -> Iterator[Delivery]:
    """The rows that are, or may be, published, or some of them, with an occurrence in [since, before).

    Schedule by schedule, without their posts, and never all in memory.
    """
    out = or_(_d.c.state.in_([state.value for state in OUT]), _d.c.may_be_out)
    query = bare(out, _d.c.occurrence >= since, _d.c.occurrence < before, order=(_d.c.schedule, _d.c.occurrence))
    rows = view.execute(query, {"limit": _ALL}, execution_options={"yield_per": _CHUNK})
    return map(read, rows)


def counts(view: Connection) -> dict[State, int]:
    """How many deliveries are in each state."""
    query = select(_d.c.state, func.count()).group_by(_d.c.state)
    return {State(state): number for state, number in view.execute(query)}


def coming(view: Connection, count: int) -> list[Delivery]:
    """The next deliveries that are planned or wait for approval."""
    waiting = _d.c.state.in_([State.PLANNED.value, State.AWAITING.value])
    query = select(_d).where(waiting).order_by(_d.c.due, _d.c.place).limit(count)
    return [read(row) for row in view.execute(query)]


def last_published(view: Connection, count: int) -> list[Delivery]:
    """What went out last, the newest first."""
    query = select(_d).where(_d.c.state == State.PUBLISHED.value).order_by(_d.c.published_at.desc()).limit(count)
    return [read(row) for row in view.execute(query)]


def unfinished(view: Connection, states: Iterable[State] = UNFINISHED) -> list[Delivery]:
    """All deliveries that have not ended, or those in the given states."""
    return select_where(view, _d.c.state.in_([state.value for state in states]))


def read(row: Row[Any]) -> Delivery:
    """The delivery of a row that begins with all columns, in their order."""
    values: dict[str, Any] = dict(zip(_NAMES, row, strict=False))
    post, receipt, accepted = values["post"], values["receipt"], values["accepted"]
    return Delivery(
        **values
        | {
            "state": State(values["state"]),
            "held_from": State(values["held_from"]) if values["held_from"] else None,
            "post": Post.from_json(post) if post else None,
            "receipt": Receipt(**receipt) if receipt else None,
            "accepted": None if accepted is None else Accepted(accepted),
            "action": Action(values["action"]),
        }
    )


def bare(*conditions: ColumnElement[bool], order: Sequence[Any] = ()) -> Select[Any]:
    """A query for deliveries without their posts and receipts: for many that are only looked at, by `look_at`."""
    texts = ("post", "receipt")
    columns = (null().label(column.name) if column.name in texts else column for column in _d.c)
    query = select(*columns).where(*conditions).order_by(*(order or (_d.c.due, _d.c.priority, _d.c.place)), _d.c.id)
    return query.limit(bindparam("limit", type_=Integer))


def look_at(view: Connection, query: Select[Any], *, limit: int = _ALL, **values: Any) -> list[Delivery]:
    """The deliveries of a `bare` query; `values` are its parameters."""
    return [read(row) for row in view.execute(query, {"limit": limit, **values})]


def waiting(view: Connection, now: datetime) -> dict[str, int]:
    """By channel how many deliveries are due and have not ended."""
    states = [state.value for state in UNFINISHED]
    query = select(_d.c.channel, func.count().label("number")).where(_d.c.state.in_(states), _d.c.due <= now)
    return {row.channel: row.number for row in view.execute(query.group_by(_d.c.channel))}


_OF_SCHEDULE = bare(
    _d.c.schedule == bindparam("schedule"),
    _d.c.occurrence < bindparam("before", type_=tables.Instant()),
    or_(
        _d.c.occurrence >= bindparam("since", type_=tables.Instant()),
        _d.c.state.in_([state.value for state in OPEN]),
    ),
    order=(_d.c.occurrence, _d.c.due, _d.c.place),
)


def amends_what_is_out() -> ColumnElement[bool]:
    """That a row amends no other delivery, or one that is published."""
    amended = _d.alias("amended")
    is_out = exists().where(amended.c.id == _d.c.of, amended.c.state == State.PUBLISHED.value)
    return or_(_d.c.of.is_(None), is_out)


def not_withdrawn() -> ColumnElement[bool]:
    """That a row's message is not withdrawn; of what is partly out, the rest goes on: only so can all be taken away."""
    withdrawal = tables.withdrawals.c
    same = (withdrawal.campaign == _d.c.campaign, withdrawal.message == _d.c.message)
    stands = exists().where(*same, withdrawal.released_at.is_(None))
    return or_(_d.c.action == Action.WITHDRAW.value, _d.c.may_be_out, not_(stands))


def not_paused() -> ColumnElement[bool]:
    """That no pause covers a row."""
    pause = tables.pauses.c
    covers = or_(
        pause.scope == "all",
        and_(pause.scope == "campaign", pause.name == _d.c.campaign),
        and_(pause.scope == "channel", pause.name == _d.c.channel),
    )
    return not_(exists().where(covers))
