"""What the clock does to deliveries that nobody has taken: missed, held, put off by quiet hours, abandoned;
and what somebody withdrew meanwhile.

Asked for at every round, so it looks first, by conditions that only those rows meet that are to be moved, and
opens no transaction for writing where there are none.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, islice
from typing import Any

from sqlalchemy import Connection

from channels.base import Finds
from publisher.cadence import Late, Quiet, Then, heard
from publisher.delivery import Delivery, State, Step, lateness, overdue
from publisher.layout import WITHDRAWN
from publisher.schedules import Schedule, Schedules
from publisher.stops import Stops, remaining_wait
from publisher.store import agenda, deliveries, leases, log
from publisher.store.database import Store
from publisher.store.log import Actor

CLOCK = Actor("clock")
#: How many rows one transaction moves: others who write wait no longer than that takes.
_BATCH = 200
_URGENT = 0


@dataclass(frozen=True)
class Change:
    """What is to become of a row: a step, or a wait where it stays in its state."""

    row: Delivery  # without its post
    step: Step
    columns: Mapping[str, Any] = field(default_factory=dict)


def taken_out(row: Delivery) -> Change:
    """What becomes of a delivery whose message is withdrawn. A schedule may choose another message for its row."""
    state = State.CANCELLED if "/@" in row.schedule else State.SKIPPED
    return Change(row, Step(state, WITHDRAWN), {"ruled": state is State.SKIPPED})


def sweep(store: Store, schedules: Schedules, now: datetime, *, is_sure: bool = True) -> None:
    """Carry out what is due because time has passed. `is_sure`: False where the clock may be wrong: then what seems
    to be too late is only held."""
    while _is_needed(store, schedules, now, is_sure):
        with store.write() as tx:
            _Sweep(tx, schedules, now, is_sure).carry_out()


def orphaned(store: Store, now: datetime) -> None:
    """What an earlier process left: a doubt of all that it was sending, and nobody's lease.

    Only for the one process that works on the workspace, before it begins.
    """
    with store.write() as tx:
        for row in agenda.sending(tx):
            _carry_out(tx, _doubt(row, now, since=now), now)
        leases.free_all(tx)


def _is_needed(store: Store, schedules: Schedules, now: datetime, is_sure: bool) -> bool:
    with store.read() as view:
        return next(_Sweep(view, schedules, now, is_sure).changes(), None) is not None


class _Sweep:
    def __init__(self, view: Connection, schedules: Schedules, now: datetime, is_sure: bool) -> None:
        self._view = view
        self._now = now
        self._is_sure = is_sure
        self._zone = schedules.timezone
        self._channels = schedules.channels
        self._schedules: Mapping[str, Schedule] = {schedule.id: schedule for schedule in schedules.schedules}
        self._opens: dict[tuple[Quiet, ...], datetime] = {}
        self._stops = Stops.at(view, now, self._is_late, self._is_quiet)

    def carry_out(self) -> None:
        """A batch of changes of each sort. What one makes possible is found after it."""
        for find in self._finders:
            for change in list(islice(find(), _BATCH)):
                _carry_out(self._view, change, self._now)

    def changes(self) -> Iterator[Change]:
        """All that is to be done now."""
        return chain.from_iterable(find() for find in self._finders)

    @property
    def _finders(self) -> tuple[Callable[[], Iterator[Change]], ...]:
        if not self._is_sure:
            return (self._abandoned, self._withdrawn, self._stopped)
        return (
            *(self._abandoned, self._withdrawn, self._stopped, self._moot),
            *(self._going_on, self._begun, self._late, self._quiet),
        )

    def _abandoned(self) -> Iterator[Change]:
        """A worker that died after its intent leaves a doubt."""
        for row in agenda.abandoned(self._view, self._now, _BATCH):
            yield _doubt(row, self._now, since=row.lease_until or self._now)

    def _withdrawn(self) -> Iterator[Change]:
        """What was withdrawn while it was being sent, and is not out after all, does not go out any more."""
        for row in agenda.withdrawn(self._view, _BATCH):
            yield taken_out(row)

    def _stopped(self) -> Iterator[Change]:
        """What falls due while something stops it is held."""
        if self._stops:
            for row in agenda.to_hold(self._view, self._now, self._stops.covered, _BATCH):
                step = Step(State.HELD, self._stops.reason_for(row, self._zone), row.not_before)
                yield Change(row, step, {"held_from": row.state.value, "ruled": True})

    def _moot(self) -> Iterator[Change]:
        """Nothing is to be mended where nothing is out: it will be composed anew."""
        for row in agenda.moot(self._view, _BATCH):
            yield Change(row, Step(State.CANCELLED, f"delivery {row.of} is not out: nothing is to be mended there"))

    def _going_on(self) -> Iterator[Change]:
        """What nothing stops any more goes on."""
        for row in agenda.to_let_go(self._view, self._stops.covered if self._stops else None, _BATCH):
            reason = f"goes on; it was held: {row.reason}"
            yield Change(row, Step(row.held_from or State.PLANNED, reason, remaining_wait(row, self._now)))

    def _begun(self) -> Iterator[Change]:
        """A bulletin whose session has begun is missed, held by a rule or not."""
        for row in agenda.begun(self._view, self._now, _BATCH):
            step = overdue(row, self._now, *self._policy(row), self._zone)
            if step is not None:
                yield self._ended(row, step)

    def _late(self) -> Iterator[Change]:
        """What is too late is missed, or a person decides."""
        rows = self._beyond_grace()
        superseded = self._superseded(rows)
        for row in rows:
            step = superseded.get(row.id) or overdue(row, self._now, *self._policy(row), self._zone)
            if step is not None:
                yield self._ended(row, step)

    def _quiet(self) -> Iterator[Change]:
        """What would be heard in quiet hours waits for their end."""
        names: dict[tuple[Quiet, ...], list[str]] = {}
        for schedule in self._schedules.values():
            names.setdefault(schedule.quiet, []).append(schedule.id)
        for quiet, schedules in names.items():
            opens = self._heard(quiet)
            if opens > self._now:
                reason = f"waits for the end of the quiet hours at {opens.astimezone(self._zone):%H:%M}"
                for row in agenda.to_put_off(self._view, self._now, opens, schedules, _BATCH):
                    yield Change(row, Step(row.state, reason, opens))

    def _ended(self, row: Delivery, step: Step) -> Change:
        if step.state is State.MISSED and row.may_be_out:
            if not isinstance(self._channels.get(row.channel), Finds):
                step = Step(State.HELD, f"part of it is out, and the rest is late ({step.reason}): a person decides")
            elif not self._was_asked_late(row):
                step = Step(State.IN_DOUBT, f"perhaps published by an earlier attempt; no other is made: {step.reason}")
                return Change(row, step, {"doubt_at": self._now})
        held_from = row.state.value if step.state is State.HELD else row.held_from
        return Change(row, step, {"held_from": held_from})

    def _was_asked_late(self, row: Delivery) -> bool:
        """Whether the last that was done about it was a look-up, when it was too late already."""
        return row.lookups > 0 and row.not_before is not None and self._is_late(row, row.not_before)

    def _beyond_grace(self) -> list[Delivery]:
        """The rows that are later than they may be, whatever that means for them."""
        graces = [schedule.late.grace for schedule in self._schedules.values()]
        earliest = self._now - min([Late().grace, *graces])
        return [row for row in agenda.perhaps_late(self._view, self._now, earliest) if self._is_late(row)]

    def _superseded(self, rows: list[Delivery]) -> dict[int, Step]:
        """Of several that are too late under `send`, only the newest of a schedule and channel goes out."""
        late_ones = [row for row in rows if row.state is State.PLANNED and self._policy(row)[0].then is Then.SEND]
        schedules = {row.schedule for row in late_ones}
        newest = agenda.newest_waiting(self._view, self._now, schedules) if schedules else {}
        step = Step(State.MISSED, "too late, and a newer one of its schedule goes out instead")
        return {row.id: step for row in late_ones if newest[row.schedule, row.channel] > row.occurrence}

    def _is_late(self, row: Delivery, at: datetime | None = None) -> bool:
        """Whether it is too late to send it: now, or then."""
        at = at or self._now
        if row.session is not None:
            return row.session <= at
        late, quiet = self._policy(row)
        return not row.free_of_grace and lateness(row, at, quiet, self._zone) > late.grace

    def _is_quiet(self, row: Delivery) -> bool:
        bound = row.session is None and row.priority != _URGENT
        return bound and self._heard(self._policy(row)[1]) > self._now

    def _heard(self, quiet: tuple[Quiet, ...]) -> datetime:
        """When the public would hear it: now, or at the end of the quiet hours."""
        if quiet not in self._opens:
            self._opens[quiet] = heard(self._now, quiet, self._zone)
        return self._opens[quiet]

    def _policy(self, row: Delivery) -> tuple[Late, tuple[Quiet, ...]]:
        schedule = self._schedules.get(row.schedule)
        return (schedule.late, schedule.quiet) if schedule else (Late(), ())


def _doubt(row: Delivery, now: datetime, since: datetime) -> Change:
    step = Step(State.IN_DOUBT, "perhaps published: the program stopped while it was being sent", now)
    return Change(row, step, {"doubt_at": since})


def _carry_out(tx: Connection, change: Change, now: datetime) -> None:
    row, step = deliveries.get(tx, change.row.id), change.step
    assert row is not None
    if step.state is row.state:
        deliveries.amend(tx, row, not_before=step.not_before, reason=step.reason)
        log.append(tx, "waits", now, CLOCK, delivery=row.id, reason=step.reason)
    else:
        deliveries.move(tx, row, step, now, CLOCK, **change.columns)
