"""Moves: steps of deliveries, each written with its log entry, many at once where many come at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Update, bindparam, update

from publisher import ledger
from publisher.delivery import Delivery, State, Step, allow
from publisher.store import attempts, log, tables
from publisher.store.log import Actor

_d = tables.deliveries


class Overtaken(Exception):
    """The row is no longer as it was read: another hand, or another epoch, has it."""


@dataclass(frozen=True)
class Move:
    """A step of one delivery, as it was read, with all that is written beside it.

    `columns` are further columns to set; `facts` go into the entry alone. `begins`: it claims the row for an
    attempt, in its next epoch, if text and time are still those that were read. `outcome`: what an attempt ended
    with.
    """

    delivery: Delivery
    step: Step
    at: datetime
    actor: Actor
    facts: Mapping[str, Any] = field(default_factory=dict)
    columns: Mapping[str, Any] = field(default_factory=dict)
    begins: bool = False
    outcome: str | None = None

    @property
    def epoch(self) -> int:
        """The epoch that the row has afterwards."""
        return self.delivery.epoch + self.begins

    def values(self) -> dict[str, Any]:
        """The columns to set."""
        step = self.step
        values: dict[str, Any] = {
            "state": step.state.value,
            "reason": step.reason,
            "not_before": step.not_before,
            "ruled": False,
            "lease_until": None,
            **self.columns,
        }
        if step.state is State.PLANNED:
            values = {"supplement": None, "plan": None, "doubt_at": None, "held_from": None, "accepted": None} | values
        if step.receipt:
            values |= {"receipt": ledger.plain(step.receipt.as_json()), "published_at": self.at, "accepted": None}
        if step.accepted:
            values |= {"accepted": step.accepted.token}
        return values | ({"epoch": self.epoch} if self.begins else {})

    def as_read(self) -> dict[str, Any]:
        """What the row must still be, by column."""
        row = self.delivery
        same = {"id": row.id, "state": row.state.value, "epoch": row.epoch}
        return same | {"post_sha256": row.post_sha256, "due": row.due, "session": row.session} if self.begins else same

    def entry(self) -> dict[str, Any]:
        """The row of the log that tells of it."""
        row, step = self.delivery, self.step
        return log.row(
            step.state.value, self.at, self.actor, delivery=row.id,
            was=row.state.value, reason=step.reason or None, schedule=row.name, channel=row.channel,
            message=row.message, occurrence=row.occurrence.isoformat(), due=row.due.isoformat(),
            epoch=self.epoch, attempt=self.columns.get("attempts", row.attempts) or None,
            post=row.post_sha256, revision=row.revision, receipt=step.receipt.as_json() if step.receipt else None,
            **({"action": row.action.value, "of": row.of} if row.of else {}), **self.facts,
        )  # fmt: skip


def move_all(tx: Connection, moves: Sequence[Move]) -> None:
    """Carry out many moves, or Overtaken if any of the rows is no longer as it was read. The caller rolls back."""
    alike: dict[tuple[tuple[str, ...], tuple[str, ...]], list[dict[str, Any]]] = {}
    for one in moves:
        allow(one.delivery.state, one.step.state)
        values, same = one.values(), one.as_read()
        given = {**values, **{f"was_{name}": value for name, value in same.items()}}
        alike.setdefault((tuple(values), tuple(same)), []).append(given)
    for (names, conditions), rows in alike.items():
        if tx.execute(_update(names, conditions), rows).rowcount != len(rows):
            raise Overtaken(f"one of the deliveries {[row['was_id'] for row in rows]} is no longer as it was read")
    attempts.begin_all(tx, [(one.delivery.id, one.epoch, one.at) for one in moves if one.begins])
    attempts.end_all(tx, [(one.delivery.id, one.epoch, one.at, one.outcome) for one in moves if one.outcome])
    log.append_all(tx, [one.entry() for one in moves])


@cache
def _update(names: tuple[str, ...], conditions: tuple[str, ...]) -> Update:
    """Set these columns where those are as they were read."""
    set_to = {name: bindparam(name, type_=_d.c[name].type) for name in names}
    return update(_d).where(*map(_is_as_read, conditions)).values(set_to)


def _is_as_read(name: str) -> ColumnElement[bool]:
    column, value = _d.c[name], bindparam(f"was_{name}", type_=_d.c[name].type)
    return column.is_not_distinct_from(value) if column.nullable else column == value
