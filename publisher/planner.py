"""Planning: the deliveries that the schedules imply get their rows, fourteen days ahead.

Planning twice changes nothing. What an edit removes is cancelled and comes back when the edit is undone; what it
adds is planned from now on. A pass looks first, over a view that holds nobody up, and writes only what differs.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, count
from typing import Any

from sqlalchemy import Connection

from channels.base import sessions_of
from publisher import edits, layout
from publisher.cadence import Late
from publisher.delivery import OPEN, Action, Delivery, Planned, State, Step, lateness
from publisher.implied import Outline, midnight, outlines
from publisher.schedules import Schedule
from publisher.store import deliveries, log, plans
from publisher.store.database import Store
from publisher.store.deliveries import Amendment, Move, Overtaken
from publisher.store.log import PLANNER
from publisher.store.plans import Known
from publisher.workspace import Workspace

HORIZON = timedelta(days=14)
#: How far back an edit looks for places that were taken: the whole of the day before, in any zone.
_LOOK_BACK = timedelta(days=2)
_AMENDABLE = ("message", "due", "session", "place", "priority", "name", "content")
#: New rows that one look keeps in memory, and those that one transaction writes.
_MOST_NEW, _AT_ONCE = 20_000, 1_000
#: How often a pass that somebody overtook looks again before it keeps others from writing.
_LOOKS = 3
_Day = tuple[str, str, str]  # schedule, channel, day


@dataclass
class _Changes:
    """What a look found to be written. Rows that are there come first: what they leave, new ones may take."""

    rows: list[Move | Amendment | Mapping[str, Any]] = field(default_factory=list)  # with entries of the log
    schedules: list[Known] = field(default_factory=list)
    new: list[Planned] = field(default_factory=list)
    more: bool = False  # than `new` holds
    held: dict[_Day, str] = field(default_factory=dict)  # why they stay held


class Planner:
    """Keeps the rows of the deliveries in step with the workspace in force."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._uuid = store.uuid

    def plan(self, workspace: Workspace, now: datetime) -> None:
        """Bring the rows from now to the horizon in step with the workspace."""
        self._rename(workspace, now)
        changes = self._change(workspace, now)
        if changes.more:
            self._stream(workspace, now, changes)
        else:
            self._add([one for one in changes.new if _day_of(one) not in changes.held], {}, now)
        with self._store.write() as tx:
            plans.planned(tx, now + HORIZON)

    def _rename(self, workspace: Workspace, now: datetime) -> None:
        with self._store.read() as view:
            pairs = edits.renamed(plans.known(view), workspace.schedules.schedules)
        if not pairs:
            return
        with self._store.write() as tx:
            for old, new in pairs.items():
                plans.rename(tx, old, new.id, new.name)
                log.append(tx, "renamed", now, PLANNER, schedule=new.id, was=old)

    def _change(self, workspace: Workspace, now: datetime) -> _Changes:
        """Change the rows that are there; what else is to be written."""
        for _ in range(_LOOKS):
            with self._store.read() as view:
                changes = _Look(view, workspace, now).changes()
            if not changes.rows and not changes.schedules and not changes.held:
                return changes
            try:
                with self._store.write() as tx:
                    self._write(tx, changes, now)
                return changes
            except Overtaken:
                continue  # something was sent, or decided, meanwhile
        with self._store.write() as tx:
            changes = _Look(tx, workspace, now).changes()
            self._write(tx, changes, now)
        return changes

    def _write(self, tx: Connection, changes: _Changes, now: datetime) -> None:
        """What a person held must not come loose in between: what takes its place is written with what it leaves."""
        deliveries.change_all(tx, changes.rows)
        plans.remember(tx, changes.schedules)
        self._insert(tx, [one for one in changes.new if _day_of(one) in changes.held], changes.held, now)

    def _stream(self, workspace: Workspace, now: datetime, changes: _Changes) -> None:
        """Add more rows than memory should hold."""
        waiting: list[Planned] = []
        with self._store.read() as view:
            for new in _Look(view, workspace, now).new():
                waiting += new
                if len(waiting) >= _AT_ONCE:
                    self._add(waiting, changes.held, now)
                    waiting = []
        self._add(waiting, changes.held, now)

    def _add(self, new: Sequence[Planned], held: Mapping[_Day, str], now: datetime) -> None:
        """New rows, some at a time."""
        for start in range(0, len(new), _AT_ONCE):
            with self._store.write() as tx:
                self._insert(tx, new[start : start + _AT_ONCE], held, now)

    def _insert(self, tx: Connection, new: Sequence[Planned], held: Mapping[_Day, str], now: datetime) -> None:
        """New rows; those on the channel and day of what a person held, and an edit moves, are held as well."""
        numbers = deliveries.add_all(tx, new, self._uuid, now, PLANNER)
        for one, number in zip(new, numbers, strict=True):
            reason = held.get(_day_of(one))
            row = deliveries.get(tx, number) if reason and one.state is State.PLANNED else None
            if row and reason:
                planned = State.PLANNED.value
                deliveries.move(tx, row, Step(State.HELD, reason), now, PLANNER, held_from=planned)


def _day_of(one: Planned) -> _Day:
    return one.schedule, one.channel, one.day


class _Look:
    """One look at all schedules, beside their rows."""

    def __init__(self, view: Connection, workspace: Workspace, now: datetime) -> None:
        self._view = view
        self._workspace = workspace
        self._now = now
        self._zone = workspace.schedules.timezone
        self._changes = _Changes()

    def changes(self) -> _Changes:
        """All that differs."""
        changes = self._changes
        for new in self.new():
            changes.more = changes.more or len(changes.new) + len(new) > _MOST_NEW
            changes.new = [] if changes.more else changes.new + list(new)
        return changes

    def new(self) -> Iterator[Sequence[Planned]]:
        """The deliveries that have no rows yet, a schedule at a time; what else differs is noted."""
        known = plans.known(self._view)
        current = {schedule.id: schedule for schedule in self._workspace.schedules.schedules}
        origins = {one.origin for one in known.values()}
        remembered = {name: self._remember(schedule, known.get(name), origins) for name, schedule in current.items()}
        self._changes.schedules = [one for name, one in remembered.items() if one is not known.get(name)]
        today = midnight(self._now - _LOOK_BACK, self._zone)
        for one in outlines(self._view, self._workspace, today, self._now + HORIZON, remembered):
            yield self._reconcile(one, remembered[one.schedule.id])
            del one  # or it is in memory while the next is made
        for name in known.keys() - current.keys():
            self._remove(known[name])
        self._cancel(row for row in deliveries.open_manual(self._view) if not self._has_place(row))
        for row in deliveries.dropped_manual(self._view):
            if self._has_place(row) and self._may_come_back(row):
                self._undo(row)

    def _has_place(self, row: Delivery) -> bool:
        schedules = self._workspace.schedules
        return row.channel in schedules.channels and row.campaign in schedules.campaigns

    def _may_come_back(self, row: Delivery) -> bool:
        """Whether the row of a person is still wanted: what mends is, however late; what was sent is within a grace."""
        return row.of is not None or self._now - row.due <= Late().grace

    def _undo(self, row: Delivery) -> None:
        """Its channel, or its campaign, is there again. What a withdrawal says was settled when it was asked for."""
        anew: dict[str, Any] = (
            {} if row.action is Action.WITHDRAW else {"post": None, "post_sha256": None, "revision": None}
        )
        self._move(row, Step(State.PLANNED, "its edit was undone"), **anew)
        if row.held_from is not None:
            again = replace(row, state=State.PLANNED, **anew)
            self._move(again, Step(State.HELD, "it was held before"), held_from=State.PLANNED.value)

    def _remember(self, schedule: Schedule, known: Known | None, origins: Collection[str]) -> Known:
        definition = _definition(self._workspace, schedule)
        known = _not_ahead(known, self._now) if known else None
        if known and known.definition == definition and known.removed_at is None:
            return known
        return Known(
            id=schedule.id,
            origin=known.origin if known else _origin(schedule.id, origins),
            content=layout.content_of(schedule),
            definition=definition,
            first_loaded_at=known.first_loaded_at if known else self._now,
            planned_from=self._now,
            planned_until=self._now,
            removed_at=None,
        )

    def _reconcile(self, one: Outline, known: Known) -> Sequence[Planned]:
        """What has no row yet; what the rows need is noted."""
        rows = {row.identity: row for row in one.rows}
        if one.schedule.feed:  # its rows come with its items
            implied = {(planned.occurrence, planned.channel) for planned in one.planned}
            self._cancel(row for row in one.rows if (row.occurrence, row.channel) not in implied)
            return ()
        new = []
        for planned in one.planned:
            row = rows.pop(planned.identity, None)
            if row is not None:
                self._keep(row, planned, one.schedule)
            elif self._is_new(planned, known):
                new.append(planned)
        for row in rows.values():
            if row.state is State.HELD and not row.ruled:
                self._changes.held[one.schedule.id, row.channel, row.day] = row.reason
        self._cancel(rows.values())
        return new

    def _is_new(self, planned: Planned, known: Known) -> bool:
        """Whether it is still to come, or fell due while nobody was there to plan it."""
        at = planned.session or planned.occurrence
        had_begun = at <= known.planned_from if planned.session else at < known.planned_from
        return not had_begun and (at >= self._now or planned.occurrence >= known.planned_until)

    def _keep(self, row: Delivery, planned: Planned, schedule: Schedule) -> None:
        """Bring a row in step with what the plan says of it now."""
        if row.may_be_out:
            return  # it finishes as it began
        if row.state in OPEN:
            if planned.state is State.SKIPPED and not row.free_of_grace:  # what a person released stays so
                self._take_out(row, Step(State.SKIPPED, planned.reason))
            elif planned.state is not State.SKIPPED:
                self._amend(row, planned)
        elif row.ruled and row.state in (State.SKIPPED, State.CANCELLED):
            self._bring_back(row, planned, schedule)

    def _bring_back(self, row: Delivery, planned: Planned, schedule: Schedule) -> None:
        if planned.state is State.SKIPPED:
            if row.state is State.SKIPPED and row.reason != planned.reason:
                self._changes.rows.append(Amendment(row, {"reason": planned.reason}))
            return
        if not self._may_still_go(row, planned, schedule):
            return
        why = "its edit was undone" if row.state is State.CANCELLED else "the rule that excluded it no longer holds"
        if row.reason == layout.WITHDRAWN and planned.message != row.message:
            why = "another message takes the turn of the one that is withdrawn"
        columns = {name: getattr(planned, name) for name in _AMENDABLE}
        self._move(row, Step(State.PLANNED, why), post=None, post_sha256=None, revision=None, **columns)
        if planned.message != row.message:
            told = log.row("replanned", self._now, PLANNER, delivery=row.id, message=planned.message)
            self._changes.rows.append(told)
        if row.held_from is not None:  # a person had stopped it, and only a person lets it go
            now_planned = replace(row, state=State.PLANNED, post=None, revision=None, **columns)
            self._move(now_planned, Step(State.HELD, "it was held before"), held_from=State.PLANNED.value)

    def _may_still_go(self, row: Delivery, planned: Planned, schedule: Schedule) -> bool:
        if planned.session is not None:
            return self._now < planned.session
        late = lateness(replace(row, due=planned.due), self._now, schedule.quiet, self._zone)
        return late <= schedule.late.grace

    def _amend(self, row: Delivery, planned: Planned) -> None:
        names = ("message", "place", "name", "content") if row.free_of_grace else _AMENDABLE
        changed = {name: getattr(planned, name) for name in names if getattr(row, name) != getattr(planned, name)}
        if not changed:
            return
        if "message" in changed:
            changed |= {"post": None, "post_sha256": None, "revision": None}
        self._changes.rows.append(Amendment(row, changed))
        if changed.keys() & {"message", "due", "session"}:
            due = changed.get("due", row.due)
            entry = log.row(
                "replanned", self._now, PLANNER, delivery=row.id,
                message=changed.get("message"), due=due.isoformat() if "due" in changed else None,
            )  # fmt: skip
            self._changes.rows.append(entry)

    def _remove(self, known: Known) -> None:
        rows = deliveries.of_schedule(self._view, known.id, self._now - _LOOK_BACK, self._now + HORIZON)
        self._cancel(rows)
        if known.removed_at is None:
            self._changes.schedules.append(replace(known, removed_at=self._now))
            self._changes.rows.append(log.row("removed", self._now, PLANNER, schedule=known.id))

    def _cancel(self, rows: Iterable[Delivery]) -> None:
        for row in rows:
            if row.state in OPEN and not row.may_be_out:
                self._take_out(row, Step(State.CANCELLED, "an edit took it out of the plan"))

    def _take_out(self, row: Delivery, step: Step) -> None:
        """By a rule or an edit, which may take it back; what a person holds is remembered as held."""
        by_person = row.state is State.HELD and not row.ruled
        self._move(row, step, ruled=True, held_from=row.held_from.value if by_person and row.held_from else None)

    def _move(self, row: Delivery, step: Step, **columns: Any) -> None:
        self._changes.rows.append(Move(row, step, self._now, PLANNER, columns=columns))


def _origin(name: str, others: Collection[str]) -> str:
    """The name of a new schedule in its posts' keys: its own, unless one that was renamed since has it."""
    names = chain([name], (f"{name}#{number}" for number in count(2)))
    return next(one for one in names if one not in others)


def _not_ahead(known: Known, now: datetime) -> Known:
    """What is known where the clock was set back since: what lies ahead by it now is still to come."""
    if max(known.first_loaded_at, known.planned_from) <= now:
        return known
    return replace(known, first_loaded_at=min(known.first_loaded_at, now), planned_from=min(known.planned_from, now))


def _definition(workspace: Workspace, schedule: Schedule) -> str:
    """A hash over all that implies a schedule's occurrences and dues."""
    schedules = workspace.schedules
    sessions = {name: sessions_of(schedules.channels[name]) for name in schedule.to}
    parts = {
        "cadence": schedule.cadence, "to": schedule.to, "sessions": sessions, "spread": schedule.spread,
        "quiet": schedule.quiet, "timezone": schedules.timezone, "holidays": schedules.holidays,
        "content": layout.content_of(schedule), "pick": schedule.pick,
    }  # fmt: skip
    return hashlib.sha256(json.dumps(_plain(parts), sort_keys=True).encode()).hexdigest()


def _plain(value: object) -> object:
    """A value as JSON, the same in every process: sets in order, everything else as its text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, frozenset):
        return sorted((_plain(item) for item in value), key=repr)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return str(value)
