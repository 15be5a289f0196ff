"""Planning: the deliveries that the schedules imply get their rows, fourteen days ahead.

Planning twice changes nothing. What an edit removes is cancelled and comes back when the edit is undone; what
it adds is planned from now on.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime, time, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection

from channels.base import sessions_of
from publisher import edits, layout
from publisher.cadence import instant_of
from publisher.delivery import OPEN, Delivery, Identity, Planned, State, Step, lateness
from publisher.layout import Place
from publisher.picking import Pick
from publisher.schedules import Schedule
from publisher.store import deliveries, log, plans
from publisher.store.database import Store
from publisher.store.log import PLANNER
from publisher.store.plans import Known
from publisher.workspace import Workspace

HORIZON = timedelta(days=14)
#: How far back an edit looks for places that were taken: the whole of the day before, in any zone.
_LOOK_BACK = timedelta(days=2)
_AMENDABLE = ("message", "due", "session", "place", "priority", "name", "content")


@dataclass(frozen=True)
class Outline:
    """What one schedule implies in a window, beside the rows that it has there."""

    schedule: Schedule
    planned: tuple[Planned, ...]
    rows: tuple[Delivery, ...]


def outline(
    view: Connection | None,
    workspace: Workspace,
    start: datetime,
    end: datetime,
    starts: Mapping[str, datetime] = MappingProxyType({}),
) -> list[Outline]:
    """What every schedule implies from `start` (or its own earlier start in `starts`) to `end`. Writes nothing.

    Without a view, what the files alone imply.
    """
    schedules = workspace.schedules
    orders = layout.orders(schedules)
    places = {
        schedule.id: layout.places(schedule, schedules, starts.get(schedule.id, start), end)
        for schedule in schedules.schedules
    }
    out = deliveries.out_since(view, start, end) if view else []
    taken = edits.taken(out, edits.candidates(workspace, places, start), schedules.timezone)
    return [
        _outline(view, workspace, schedule, places[schedule.id], end, taken, orders[schedule.id])
        for schedule in schedules.schedules
    ]


def _outline(
    view: Connection | None,
    workspace: Workspace,
    schedule: Schedule,
    places: Sequence[Place],
    end: datetime,
    taken: Mapping[Identity, str],
    order: int,
) -> Outline:
    start = places[0].occurrence if places else end
    rest = schedule.rest or timedelta(0)
    rows = deliveries.of_schedule(view, schedule.id, start - rest, end) if view else []
    earlier = deliveries.last_turns(view, schedule.id, start) if view else []
    known = {row.id: row for row in (*earlier, *rows)}
    before = [] if earlier else _since_from(workspace, schedule, start)
    planned = layout.lay_out(
        workspace, schedule, [*before, *places],
        rows=list(known.values()), taken=taken, seed="", first_order=order,
    )  # fmt: skip
    return Outline(schedule, tuple(one for one in planned if one.occurrence >= start), tuple(rows))


def _since_from(workspace: Workspace, schedule: Schedule, before: datetime) -> list[Place]:
    """The places from the schedule's `from` on: without rows, turns start there."""
    if schedule.cadence.first is None:
        return []
    zone = workspace.schedules.timezone
    return layout.places(schedule, workspace.schedules, instant_of(schedule.cadence.first, time(), zone), before)


class Planner:
    """Keeps the rows of the deliveries in step with the workspace in force."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._uuid = store.uuid

    def plan(self, workspace: Workspace, now: datetime) -> None:
        """Bring the rows from now to the horizon in step with the workspace."""
        with self._store.write() as tx:
            _Pass(tx, self._uuid, workspace, now).run()

    def choose_latest(self, workspace: Workspace, now: datetime) -> None:
        """What picks the latest message picks it when it is due, each message once a channel."""
        schedules = {one.id: one for one in workspace.schedules.schedules if one.pick is Pick.LATEST}
        if not schedules:
            return
        with self._store.write() as tx:
            for row in deliveries.overdue(tx, now):
                if row.schedule in schedules and row.message is None:
                    _choose_latest(tx, workspace, schedules[row.schedule], row, now)


def _choose_latest(tx: Connection, workspace: Workspace, schedule: Schedule, row: Delivery, now: datetime) -> None:
    zone, messages = workspace.schedules.timezone, workspace.messages[schedule.campaign]
    dates = {name: messages[name].message.dated(zone) for name in workspace.listing(schedule)}
    _, newest = max(((date, name) for name, date in dates.items() if date and date <= now), default=(now, None))
    if newest is None:
        deliveries.move(tx, row, Step(State.SKIPPED, "no message has a date"), now, PLANNER)
    elif newest in deliveries.went_out(tx, row.schedule, row.channel):
        reason = f"its newest message, {newest}, has been out on this channel"
        deliveries.move(tx, row, Step(State.SKIPPED, reason), now, PLANNER)
    else:
        deliveries.amend(tx, row, message=newest, post=None, post_sha256=None, revision=None)
        log.append(tx, "replanned", now, PLANNER, delivery=row.id, message=newest)


class _Pass:
    """One planning pass in one transaction."""

    def __init__(self, tx: Connection, uuid: str, workspace: Workspace, now: datetime) -> None:
        self._tx = tx
        self._uuid = uuid
        self._workspace = workspace
        self._now = now
        self._zone = workspace.schedules.timezone

    def run(self) -> None:
        known = self._rename(plans.known(self._tx))
        now, end = self._now, self._now + HORIZON
        current = {schedule.id: schedule for schedule in self._workspace.schedules.schedules}
        remembered = {name: self._remember(schedule, known.get(name)) for name, schedule in current.items()}
        today = instant_of((now - _LOOK_BACK).astimezone(self._zone).date(), time(), self._zone)
        starts = {name: min(today, one.planned_until, self._oldest_open(name)) for name, one in remembered.items()}
        for one in outline(self._tx, self._workspace, today, end, starts):
            self._reconcile(one, remembered[one.schedule.id].planned_from)
        for name in known.keys() - current.keys():
            self._remove(known[name])
        plans.remember(self._tx, [replace(one, planned_until=end) for one in remembered.values()])

    def _rename(self, known: dict[str, Known]) -> dict[str, Known]:
        for old, new in edits.renamed(known, self._workspace.schedules.schedules).items():
            plans.rename(self._tx, old, new.id, new.name)
            log.append(self._tx, "renamed", self._now, PLANNER, schedule=new.id, was=old)
            known[new.id] = replace(known.pop(old), id=new.id)
        return known

    def _remember(self, schedule: Schedule, known: Known | None) -> Known:
        definition = _definition(self._workspace, schedule)
        if known and known.definition == definition and known.removed_at is None:
            return known
        return Known(
            id=schedule.id,
            content=layout.content_of(schedule),
            definition=definition,
            first_loaded_at=known.first_loaded_at if known else self._now,
            planned_from=self._now,
            planned_until=self._now,
            removed_at=None,
        )

    def _oldest_open(self, schedule: str) -> datetime:
        rows = deliveries.of_schedule(self._tx, schedule, self._now, self._now + HORIZON)
        return min((row.occurrence for row in rows), default=self._now)

    def _reconcile(self, one: Outline, planned_from: datetime) -> None:
        rows = {row.identity: row for row in one.rows}
        if one.schedule.feed:  # its rows come with its items
            implied = {(planned.occurrence, planned.channel) for planned in one.planned}
            self._cancel(row for row in one.rows if (row.occurrence, row.channel) not in implied)
            return
        for planned in one.planned:
            row = rows.pop(planned.identity, None)
            if row is not None:
                self._keep(row, planned, one.schedule)
            elif (planned.session or planned.occurrence) >= planned_from:
                deliveries.add(self._tx, planned, self._uuid, self._now, PLANNER)
        self._cancel(rows.values())

    def _keep(self, row: Delivery, planned: Planned, schedule: Schedule) -> None:
        """Bring a row in step with what the plan says of it now."""
        if row.state in OPEN:
            if planned.state is State.SKIPPED:
                self._move(row, Step(State.SKIPPED, planned.reason), ruled=True)
            else:
                self._amend(row, planned)
        elif row.ruled and row.state in (State.SKIPPED, State.CANCELLED):
            self._bring_back(row, planned, schedule)

    def _bring_back(self, row: Delivery, planned: Planned, schedule: Schedule) -> None:
        if planned.state is State.SKIPPED:
            if row.state is State.SKIPPED and row.reason != planned.reason:
                deliveries.amend(self._tx, row, reason=planned.reason)
            return
        if not self._may_still_go(row, planned, schedule):
            return
        why = "its edit was undone" if row.state is State.CANCELLED else "the rule that excluded it no longer holds"
        columns = {name: getattr(planned, name) for name in _AMENDABLE}
        self._move(row, Step(State.PLANNED, why), post=None, post_sha256=None, revision=None, **columns)

    def _may_still_go(self, row: Delivery, planned: Planned, schedule: Schedule) -> bool:
        if planned.session is not None:
            return self._now < planned.session
        late = lateness(replace(row, due=planned.due), self._now, schedule.quiet, self._zone)
        return late <= schedule.late.grace

    def _amend(self, row: Delivery, planned: Planned) -> None:
        names = ("message", "place", "name", "content") if row.free_of_grace else _AMENDABLE
        changed = {name: getattr(planned, name) for name in names if getattr(row, name) != getattr(planned, name)}
        if planned.message is None and row.message is not None:
            changed.pop("message", None)  # `latest` chose at due
        if not changed:
            return
        if "message" in changed:
            changed |= {"post": None, "post_sha256": None, "revision": None}
        deliveries.amend(self._tx, row, **changed)
        if changed.keys() & {"message", "due", "session"}:
            due = changed.get("due", row.due)
            log.append(
                self._tx, "replanned", self._now, PLANNER, delivery=row.id,
                message=changed.get("message"), due=due.isoformat() if "due" in changed else None,
            )  # fmt: skip

    def _remove(self, known: Known) -> None:
        rows = deliveries.of_schedule(self._tx, known.id, self._now - _LOOK_BACK, self._now + HORIZON)
        self._cancel(rows)
        if known.removed_at is None:
            plans.remember(self._tx, [replace(known, removed_at=self._now)])
            log.append(self._tx, "removed", self._now, PLANNER, schedule=known.id)

    def _cancel(self, rows: Iterable[Delivery]) -> None:
        for row in rows:
            if row.state in OPEN:
                self._move(row, Step(State.CANCELLED, "an edit took it out of the plan"), ruled=True)

    def _move(self, row: Delivery, step: Step, **columns: Any) -> None:
        deliveries.move(self._tx, row, step, self._now, PLANNER, **columns)


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
