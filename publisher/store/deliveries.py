"""The deliveries' rows: the only place that writes them. Each move goes with its log entry."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, replace
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, insert, or_, select, update

from channels.base import Accepted, Receipt
from content.post import Post
from publisher import ledger
from publisher.delivery import OPEN, OUT, UNFINISHED, Delivery, Planned, State, Step, allow, key_of
from publisher.store import log, tables
from publisher.store.log import Actor

_d = tables.deliveries


class Overtaken(Exception):
    """The row is no longer as it was read: another hand, or another epoch, has it."""


def add(tx: Connection, planned: Planned, workspace: str, at: datetime, actor: Actor, **more: Any) -> int:
    """A new row, and its entry; its id."""
    values = asdict(planned) | {
        "key": _free_key(tx, planned, workspace),
        "state": planned.state.value,
        "free_of_grace": False,
        "ruled": planned.state is not State.PLANNED,
        "attempts": 0,
        "lookups": 0,
        "may_be_out": False,
        "epoch": 0,
        **more,
    }
    number = tx.execute(insert(_d).values(values)).inserted_primary_key[0]  # type: ignore[index]
    log.append(
        tx, planned.state.value, at, actor, delivery=number,
        schedule=planned.name, occurrence=planned.occurrence.isoformat(), channel=planned.channel,
        message=planned.message, item=planned.item or None, due=planned.due.isoformat(), reason=planned.reason or None,
    )  # fmt: skip
    return int(number)


def _free_key(tx: Connection, planned: Planned, workspace: str) -> str:
    keys = (key_of(workspace, planned, turn) for turn in count())
    return next(key for key in keys if not tx.scalar(select(_d.c.id).where(_d.c.key == key)))


def move(
    tx: Connection,
    delivery: Delivery,
    step: Step,
    at: datetime,
    actor: Actor,
    *,
    facts: dict[str, Any] | None = None,
    **columns: Any,
) -> None:
    """Carry out a step that the table allows: the row as it was read, in its epoch, or Overtaken; and its entry.

    `columns` are further columns to set; `facts` go into the entry alone. Staying in a state is a step too,
    for what is tried again.
    """
    allow(delivery.state, step.state)
    receipt = ledger.plain(asdict(step.receipt)) if step.receipt else None
    values: dict[str, Any] = {
        "state": step.state.value,
        "reason": step.reason,
        "not_before": step.not_before,
        "ruled": False,
        "lease_until": None,
        **columns,
    }
    if step.state is State.PLANNED:
        values = {"supplement": None, "plan": None, "doubt_at": None, "held_from": None, "accepted": None} | values
    if receipt:
        values |= {"receipt": receipt, "published_at": at, "accepted": None}
    if step.accepted:
        values |= {"accepted": step.accepted.token}
    same = and_(_d.c.id == delivery.id, _d.c.state == delivery.state.value, _d.c.epoch == delivery.epoch)
    if tx.execute(update(_d).where(same).values(values)).rowcount != 1:
        raise Overtaken(f"delivery {delivery.id} is no longer {delivery.state.value} in epoch {delivery.epoch}")
    log.append(
        tx, step.state.value, at, actor, delivery=delivery.id,
        was=delivery.state.value, reason=step.reason or None, schedule=delivery.name, channel=delivery.channel,
        message=delivery.message, occurrence=delivery.occurrence.isoformat(), due=delivery.due.isoformat(),
        epoch=delivery.epoch, attempt=delivery.attempts or None,
        post=delivery.post.sha256 if delivery.post else None, revision=delivery.revision,
        receipt=receipt, **(facts or {}),
    )  # fmt: skip


def amend(tx: Connection, delivery: Delivery, **columns: Any) -> None:
    """Set columns that change no state, on the row as it was read."""
    same = and_(_d.c.id == delivery.id, _d.c.state == delivery.state.value, _d.c.epoch == delivery.epoch)
    if tx.execute(update(_d).where(same).values(columns)).rowcount != 1:
        raise Overtaken(f"delivery {delivery.id} is no longer {delivery.state.value} in epoch {delivery.epoch}")


def claim(tx: Connection, delivery: Delivery, now: datetime, until: datetime) -> Delivery:
    """Take a row for this worker until `until`: the row in its new epoch; Overtaken if another has it."""
    free = and_(
        _d.c.id == delivery.id,
        _d.c.state == delivery.state.value,
        _d.c.epoch == delivery.epoch,
        or_(_d.c.lease_until.is_(None), _d.c.lease_until <= now),
    )
    epoch = delivery.epoch + 1
    if tx.execute(update(_d).where(free).values(epoch=epoch, lease_until=until)).rowcount != 1:
        raise Overtaken(f"delivery {delivery.id} is held by another")
    return replace(delivery, epoch=epoch, lease_until=until)


def holds(view: Connection, claimed: Collection[Delivery]) -> bool:
    """Whether all rows are still held in the epoch in which they were claimed."""
    return view.scalar(select(func.count()).where(_held(claimed))) == len(claimed)


def renew(tx: Connection, claimed: Collection[Delivery], until: datetime) -> bool:
    """Prolong the leases; False if any of the rows is no longer held in its epoch."""
    return tx.execute(update(_d).where(_held(claimed)).values(lease_until=until)).rowcount == len(claimed)


def let_go(tx: Connection, claimed: Collection[Delivery]) -> None:
    """Give up those rows that are still held in their epoch, unsent."""
    tx.execute(update(_d).where(_held(claimed)).values(lease_until=None))


def as_claimed(view: Connection, claimed: Collection[Delivery]) -> list[Delivery]:
    """The claimed rows as they are now, if each of them is still held, planned and composed; else none."""
    ready = (_d.c.state == State.PLANNED.value, _d.c.post_sha256.is_not(None))
    rows = {row.id: row for row in select_where(view, _held(claimed), *ready)}
    return [rows[row.id] for row in claimed] if len(rows) == len(claimed) else []


def _held(claimed: Collection[Delivery]) -> ColumnElement[bool]:
    """The rows in their epochs, until their lease is taken from them."""
    ours = or_(*(and_(_d.c.id == row.id, _d.c.epoch == row.epoch) for row in claimed))
    return and_(ours, _d.c.lease_until.is_not(None))


def get(view: Connection, number: int) -> Delivery | None:
    """The delivery of that number."""
    return next(iter(select_where(view, _d.c.id == number)), None)


def select_where(view: Connection, *conditions: ColumnElement[bool], limit: int | None = None) -> list[Delivery]:
    """The deliveries that meet the conditions, in order of occurrence, due and place."""
    query = select(_d).where(*conditions).order_by(_d.c.occurrence, _d.c.due, _d.c.place, _d.c.id)
    return [_delivery(row) for row in view.execute(query if limit is None else query.limit(limit))]


def of_schedule(view: Connection, schedule: str, since: datetime, before: datetime) -> list[Delivery]:
    """A schedule's rows whose occurrence lies in [since, before), and those earlier that are still open."""
    pending = _d.c.state.in_([state.value for state in OPEN])
    recent = or_(_d.c.occurrence >= since, pending)
    return select_where(view, _d.c.schedule == schedule, _d.c.occurrence < before, recent)


def last_turns(view: Connection, schedule: str, before: datetime) -> list[Delivery]:
    """The newest row with a turn on each channel before an occurrence."""
    rank = func.row_number().over(partition_by=_d.c.channel, order_by=_d.c.occurrence.desc()).label("rank")
    turns = select(_d.c.id, rank).where(
        _d.c.schedule == schedule,
        _d.c.occurrence < before,
        _d.c.message.is_not(None),
        _d.c.state.not_in([State.CANCELLED.value, State.SKIPPED.value]),
    )
    ranked = turns.subquery()
    return select_where(view, _d.c.id.in_(select(ranked.c.id).where(ranked.c.rank == 1)))


def unchosen(view: Connection, now: datetime, schedules: Collection[str]) -> list[Delivery]:
    """The planned deliveries of these schedules whose time has come, and that have no message yet."""
    has_come = or_(_d.c.due <= now, _d.c.occurrence <= now)
    planned = (_d.c.state == State.PLANNED.value, _d.c.message.is_(None), _d.c.schedule.in_(list(schedules)))
    return select_where(view, *planned, has_come)


def open_manual(view: Connection) -> list[Delivery]:
    """What people sent outside of any schedule and has not gone out."""
    states = _d.c.state.in_([state.value for state in OPEN])
    return select_where(view, states, _d.c.schedule.endswith("/@send", autoescape=True))


def has_item(view: Connection, schedule: str, channel: str, item: str) -> bool:
    """Whether an item of a feed has, or had, a delivery on a channel."""
    same = (_d.c.schedule == schedule, _d.c.channel == channel, _d.c.item == item)
    return bool(view.scalar(select(func.count()).where(*same)))


def of_message(view: Connection, campaign: str, message: str, channel: str) -> list[Delivery]:
    """All deliveries of a message on a channel."""
    return select_where(view, _d.c.campaign == campaign, _d.c.message == message, _d.c.channel == channel)


def went_out(view: Connection, schedule: str, channel: str) -> set[str]:
    """The messages of a schedule that are, or may be, published on a channel, or are about to be."""
    ended = [State.CANCELLED.value, State.SKIPPED.value, State.MISSED.value, State.FAILED.value]
    same = (_d.c.schedule == schedule, _d.c.channel == channel, _d.c.state.not_in(ended))
    return set(view.scalars(select(_d.c.message).where(*same, _d.c.message.is_not(None))))


def out_since(view: Connection, since: datetime, before: datetime) -> list[Delivery]:
    """The rows that are, or may be, published, or some of them, with an occurrence in [since, before)."""
    out = or_(_d.c.state.in_([state.value for state in OUT]), _d.c.may_be_out)
    return select_where(view, out, _d.c.occurrence >= since, _d.c.occurrence < before)


def unsettled(view: Connection, now: datetime) -> list[Delivery]:
    """The due deliveries that have a message or an item, and no revision yet."""
    chosen = or_(_d.c.message.is_not(None), _d.c.item != "")
    return select_where(view, _d.c.state == State.PLANNED.value, _d.c.due <= now, _d.c.revision.is_(None), chosen)


def to_compose(view: Connection, until: datetime) -> list[Delivery]:
    """The deliveries due until then that may go out and have no post yet."""
    return select_where(
        view,
        _d.c.state == State.PLANNED.value,
        _d.c.due <= until,
        _d.c.post_sha256.is_(None),
        _d.c.revision.is_not(None),
    )


def heads(
    view: Connection, now: datetime, busy: Collection[str], limit: int, only: int | None = None
) -> list[Delivery]:
    """The first due delivery of each channel that is not busy: by priority, then due, then place.

    A head that waits for a retry keeps its channel waiting: order within a channel is kept.
    """
    composed = _d.c.post_sha256.is_not(None)
    waiting = and_(_d.c.state == State.PLANNED.value, _d.c.due <= now, composed, _d.c.channel.not_in(list(busy)))
    if only is not None:
        waiting = and_(waiting, _d.c.id == only)
    paused = select(tables.pauses.c.channel)
    rank = func.row_number().over(partition_by=_d.c.channel, order_by=(_d.c.priority, _d.c.due, _d.c.place, _d.c.id))
    ranked = select(_d.c.id, rank.label("rank")).where(waiting, _d.c.channel.not_in(paused)).subquery()
    firsts = select(ranked.c.id).where(ranked.c.rank == 1)
    free = or_(_d.c.lease_until.is_(None), _d.c.lease_until <= now)
    ready = or_(_d.c.not_before.is_(None), _d.c.not_before <= now)
    query = select(_d).where(_d.c.id.in_(firsts), free, ready).order_by(_d.c.priority, _d.c.due).limit(limit)
    return [_delivery(row) for row in view.execute(query)]


def of_slot(view: Connection, head: Delivery, now: datetime) -> list[Delivery]:
    """All due deliveries of the head's session, in the order in which they are read."""
    rows = select_where(
        view,
        _d.c.channel == head.channel,
        _d.c.session == head.session,
        _d.c.state == State.PLANNED.value,
        _d.c.due <= now,
        _d.c.post_sha256.is_not(None),
        or_(_d.c.lease_until.is_(None), _d.c.lease_until <= now),
    )
    return sorted(rows, key=lambda row: (row.priority, row.occurrence, row.place, row.id))


def is_slot_open(view: Connection, head: Delivery, now: datetime) -> bool:
    """Whether nothing of the head's session is held, being sent or in doubt: a slot is published by one hand."""
    unclear = or_(_d.c.state.in_([State.SENDING.value, State.IN_DOUBT.value]), _d.c.lease_until > now)
    same = (_d.c.channel == head.channel, _d.c.session == head.session, unclear)
    return not view.scalar(select(func.count()).where(*same))


def overdue(view: Connection, now: datetime) -> list[Delivery]:
    """Deliveries whose due has come, or whose session has begun, and that nobody has taken."""
    waiting = _d.c.state.in_([State.PLANNED.value, State.AWAITING.value])
    free = or_(_d.c.lease_until.is_(None), _d.c.lease_until <= now)
    return select_where(view, waiting, free, or_(_d.c.due <= now, _d.c.session <= now))


def to_ask(view: Connection, now: datetime, busy: Collection[str], limit: int) -> list[Delivery]:
    """Doubtful and accepted deliveries whose channel is to be asked now, at most one a channel."""
    rank = func.row_number().over(partition_by=_d.c.channel, order_by=(_d.c.not_before, _d.c.occurrence, _d.c.id))
    ranked = select(_d.c.id, rank.label("rank")).where(
        _d.c.state.in_([State.IN_DOUBT.value, State.ACCEPTED.value]),
        or_(_d.c.not_before.is_(None), _d.c.not_before <= now),
        or_(_d.c.lease_until.is_(None), _d.c.lease_until <= now),
        _d.c.channel.not_in(list(busy)),
    )
    firsts = ranked.subquery()
    return select_where(view, _d.c.id.in_(select(firsts.c.id).where(firsts.c.rank == 1)), limit=limit)


def abandoned(view: Connection, now: datetime) -> list[Delivery]:
    """Deliveries whose intent is durable and whose worker's lease has run out."""
    return select_where(view, _d.c.state == State.SENDING.value, _d.c.lease_until <= now)


def supplements(view: Connection, channel: str, session: datetime) -> int:
    """How many slots were begun for a session of a station: the number of the next one."""
    last = view.scalar(select(func.max(_d.c.supplement)).where(_d.c.channel == channel, _d.c.session == session))
    return 0 if last is None else int(last) + 1


def next_wake(view: Connection, now: datetime) -> datetime | None:
    """The next instant after now at which a row may ask for something."""
    waiting = [State.PLANNED.value, State.IN_DOUBT.value, State.ACCEPTED.value]
    ahead = (
        select(func.min(_d.c.due)).where(_d.c.state == State.PLANNED.value, _d.c.due > now),
        select(func.min(_d.c.not_before)).where(_d.c.state.in_(waiting), _d.c.not_before > now),
        select(func.min(_d.c.lease_until)).where(_d.c.lease_until > now),
    )
    return min((at for query in ahead if (at := view.scalar(query)) is not None), default=None)


def counts(view: Connection) -> dict[State, int]:
    """How many deliveries are in each state."""
    query = select(_d.c.state, func.count()).group_by(_d.c.state)
    return {State(state): number for state, number in view.execute(query)}


def coming(view: Connection, count: int) -> list[Delivery]:
    """The next deliveries that are planned or wait for approval."""
    waiting = _d.c.state.in_([State.PLANNED.value, State.AWAITING.value])
    query = select(_d).where(waiting).order_by(_d.c.due, _d.c.place).limit(count)
    return [_delivery(row) for row in view.execute(query)]


def last_published(view: Connection, count: int) -> list[Delivery]:
    """What went out last, the newest first."""
    query = select(_d).where(_d.c.state == State.PUBLISHED.value).order_by(_d.c.published_at.desc()).limit(count)
    return [_delivery(row) for row in view.execute(query)]


def unfinished(view: Connection, states: Iterable[State] = UNFINISHED) -> list[Delivery]:
    """All deliveries that have not ended, or those in the given states."""
    return select_where(view, _d.c.state.in_([state.value for state in states]))


def _delivery(row: Row[Any]) -> Delivery:
    values = row._asdict()
    post, receipt, accepted = values["post"], values["receipt"], values["accepted"]
    return Delivery(
        **{name: value for name, value in values.items() if name not in ("post_sha256",)}
        | {
            "state": State(values["state"]),
            "held_from": State(values["held_from"]) if values["held_from"] else None,
            "post": Post.from_json(post) if post else None,
            "receipt": Receipt(**receipt) if receipt else None,
            "accepted": None if accepted is None else Accepted(accepted),
        }
    )
