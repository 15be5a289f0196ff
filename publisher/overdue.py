"""What the clock does to deliveries that nobody has taken: missed, held, put off by quiet hours, abandoned."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from publisher.cadence import Late, Quiet, Then, heard
from publisher.delivery import Delivery, State, Step, lateness, overdue
from publisher.schedules import Schedule, Schedules
from publisher.store import deliveries, log, pauses
from publisher.store.database import Store
from publisher.store.log import Actor

CLOCK = Actor("clock")
_URGENT = 0


def sweep(store: Store, schedules: Schedules, now: datetime) -> None:
    """Carry out what is due because time has passed."""
    with store.write() as tx:
        sweeper = _Sweep(tx, schedules, now)
        sweeper.abandoned()
        sweeper.paused()
        sweeper.overdue()


class _Sweep:
    def __init__(self, tx: Connection, schedules: Schedules, now: datetime) -> None:
        self._tx = tx
        self._now = now
        self._zone = schedules.timezone
        self._schedules: Mapping[str, Schedule] = {schedule.id: schedule for schedule in schedules.schedules}
        self._paused = pauses.paused(tx)

    def abandoned(self) -> None:
        """A worker that died after its intent leaves a doubt."""
        for row in deliveries.abandoned(self._tx, self._now):
            reason = "perhaps published: the program stopped while it was being sent"
            self._move(row, Step(State.IN_DOUBT, reason, self._now), doubt_at=row.lease_until)

    def paused(self) -> None:
        """What falls due on a paused channel is held; it goes on when the pause is lifted."""
        for row in deliveries.overdue(self._tx, self._now):
            if row.channel in self._paused and row.state is State.PLANNED:
                reason = f"channel {row.channel} is paused: {self._paused[row.channel]}"
                self._move(row, Step(State.HELD, reason), held_from=State.PLANNED.value, ruled=True)
        for row in deliveries.unfinished(self._tx, (State.HELD,)):
            if row.ruled and row.channel not in self._paused:
                self._move(row, Step(row.held_from or State.PLANNED, f"channel {row.channel} is no longer paused"))

    def overdue(self) -> None:
        """What is too late is missed or held; what would fall into quiet hours waits for their end."""
        rows = deliveries.overdue(self._tx, self._now)
        superseded = self._superseded(rows)
        for row in rows:
            late, quiet = self._policy(row)
            step = superseded.get(row.id) or overdue(row, self._now, late, quiet, self._zone)
            if step is not None and step.state is State.MISSED and row.may_be_out:
                step = Step(State.HELD, f"part of it is out, and the rest is late ({step.reason}): a person decides")
            if step is not None:
                held_from = row.state.value if step.state is State.HELD else row.held_from
                self._move(row, step, held_from=held_from)
            elif row.state is State.PLANNED and row.session is None and row.priority != _URGENT:
                self._respect_quiet(row)

    def _respect_quiet(self, row: Delivery) -> None:
        opens = heard(self._now, self._policy(row)[1], self._zone)
        if opens > self._now and (row.not_before is None or row.not_before < opens):
            reason = f"waits for the end of the quiet hours at {opens.astimezone(self._zone):%H:%M}"
            deliveries.amend(self._tx, row, not_before=opens, reason=reason)
            log.append(self._tx, "waits", self._now, CLOCK, delivery=row.id, reason=reason)

    def _superseded(self, rows: Iterable[Delivery]) -> dict[int, Step]:
        """Of several that are too late under `send`, only the newest of a schedule and channel goes out."""
        newest: dict[tuple[str, str], Delivery] = {}
        late_ones = []
        for row in rows:
            late, quiet = self._policy(row)
            is_candidate = row.session is None and not row.free_of_grace and row.state is State.PLANNED
            if not is_candidate or late.then is not Then.SEND:
                continue
            if lateness(row, self._now, quiet, self._zone) > late.grace:
                late_ones.append(row)
            place = (row.schedule, row.channel)
            if place not in newest or newest[place].occurrence < row.occurrence:
                newest[place] = row
        step = Step(State.MISSED, "too late, and a newer one of its schedule goes out instead")
        return {row.id: step for row in late_ones if newest[row.schedule, row.channel].occurrence > row.occurrence}

    def _policy(self, row: Delivery) -> tuple[Late, tuple[Quiet, ...]]:
        schedule = self._schedules.get(row.schedule)
        return (schedule.late, schedule.quiet) if schedule else (Late(), ())

    def _move(self, row: Delivery, step: Step, **columns: Any) -> None:
        deliveries.move(self._tx, replace(row, lease_until=None), step, self._now, CLOCK, **columns)
