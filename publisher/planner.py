"""Planning: the deliveries that the schedules imply get their rows, fourteen days ahead.

Planning twice changes nothing. What an edit removes is cancelled and comes back when the edit is undone; what
it adds is planned from now on.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from channels.base import sessions_of
from content.post import Priority
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
) -> list[Outline]:
    """What every schedule implies in [start, end). Writes nothing. Without a view, what the files alone imply."""
    known = plans.known(view) if view else {}
    whole = _outlines(view, workspace, start, end, known)
    return [replace(one, planned=tuple(each for each in one.planned if each.occurrence >= start)) for one in whole]


def _outlines(
    view: Connection | None, workspace: Workspace, start: datetime, end: datetime, known: Mapping[str, Known]
) -> list[Outline]:
    """What every schedule implies up to `end`, from `start` or from where its plan has to be taken up."""
    schedules = workspace.schedules
    orders = layout.orders(schedules)
    begins = {
        one.id: _begin(view, one, known.get(one.id), start, end, schedules.timezone) for one in schedules.schedules
    }
    places = {one.id: layout.places(one, schedules, begins[one.id], end) for one in schedules.schedules}
    looked = min(start, _midnight(min(begins.values(), default=start), schedules.timezone)) if view else start
    out = deliveries.out_since(view, looked, end) if view else []
    taken = edits.taken(out, edits.candidates(workspace, places, looked), schedules.timezone)
    return [
        _outline(view, workspace, one, places[one.id], (begins[one.id], end), taken, known.get(one.id), orders[one.id])
        for one in schedules.schedules
    ]


def _begin(
    view: Connection | None, schedule: Schedule, known: Known | None, start: datetime, end: datetime, zone: ZoneInfo
) -> datetime:
    """Where to take up a schedule's plan: with what is still open, and with what has no rows yet.

    Before anything was planned, its turns start at its `from`.
    """
    first = schedule.cadence.first if (schedule.content or "").endswith("/") else None
    begins = [start]
    if first and (known is None or start < known.first_loaded_at):
        begins.append(instant_of(first, time(), zone))
    if known and known.removed_at is None:
        begins.append(known.planned_until)
    if view:
        begins += [row.occurrence for row in deliveries.of_schedule(view, schedule.id, end, end)]
    return min(begins)


def _outline(
    view: Connection | None,
    workspace: Workspace,
    schedule: Schedule,
    places: Sequence[Place],
    window: tuple[datetime, datetime],
    taken: Mapping[Identity, str],
    known: Known | None,
    order: int,
) -> Outline:
    begin, end = window
    rest = schedule.rest or timedelta(0)
    rows = deliveries.of_schedule(view, schedule.id, begin - rest, end) if view else []
    earlier = deliveries.last_turns(view, schedule.id, begin) if view else []

    def never(place: Place) -> bool:
        """Whether it lay behind when an edit brought it; those before the first plan count from `from` on."""
        since = known.first_loaded_at if known and schedule.cadence.first else place.occurrence
        return known is not None and since <= place.occurrence < known.planned_from

    planned = layout.lay_out(
        workspace, schedule, places,
        rows=list({row.id: row for row in (*earlier, *rows)}.values()),
        taken=taken, never=never, seed="", first_order=order,
    )  # fmt: skip
    return Outline(schedule, tuple(planned), tuple(rows))


def _midnight(at: datetime, zone: ZoneInfo) -> datetime:
    return instant_of(at.astimezone(zone).date(), time(), zone)


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
            for row in deliveries.unchosen(tx, now, schedules.keys()):
                if row.due <= now or _is_urgent(workspace, schedules[row.schedule], now):
                    _choose_latest(tx, workspace, schedules[row.schedule], row, now)


def _newest(workspace: Workspace, schedule: Schedule, now: datetime) -> tuple[str | None, list[str]]:
    """The newest message whose date has come, if any, and all that have not expired."""
    zone, messages = workspace.schedules.timezone, workspace.messages[schedule.campaign]
    fresh = [name for name in workspace.listing(schedule) if not messages[name].message.expired(now, zone)]
    dates = {name: messages[name].message.dated(zone) for name in fresh}
    _, newest = max(((date, name) for name, date in dates.items() if date and date <= now), default=(now, None))
    return newest, fresh


def _is_urgent(workspace: Workspace, schedule: Schedule, now: datetime) -> bool:
    newest, _ = _newest(workspace, schedule, now)
    written = workspace.written(schedule.campaign, newest) if newest else None
    return written is not None and written.message.priority is Priority.URGENT


def _choose_latest(tx: Connection, workspace: Workspace, schedule: Schedule, row: Delivery, now: datetime) -> None:
    newest, fresh = _newest(workspace, schedule, now)
    if newest is None:
        reason = "no message has a date that has come" if fresh else "its messages have expired"
        deliveries.move(tx, row, Step(State.SKIPPED, reason), now, PLANNER)
    elif newest in deliveries.went_out(tx, row.schedule, row.channel):
        reason = f"its newest message, {newest}, has been out on this channel"
        deliveries.move(tx, row, Step(State.SKIPPED, reason), now, PLANNER)
    else:
        columns: dict[str, Any] = {"message": newest, "post": None, "post_sha256": None, "revision": None}
        if _is_urgent(workspace, schedule, now):  # passes quiet hours and sessions
            columns |= {
                "priority": Priority.URGENT.rank,
                "session": None,
                "due": min(row.due, max(row.occurrence, now)),
            }
        deliveries.amend(tx, row, **columns)
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
        today = _midnight(now - _LOOK_BACK, self._zone)
        for one in _outlines(self._tx, self._workspace, today, end, remembered):
            self._reconcile(one, remembered[one.schedule.id])
        for name in known.keys() - current.keys():
            self._remove(known[name])
        self._cancel(row for row in deliveries.open_manual(self._tx) if not self._has_place(row))
        plans.remember(self._tx, [replace(one, planned_until=end) for one in remembered.values()])

    def _has_place(self, row: Delivery) -> bool:
        schedules = self._workspace.schedules
        return row.channel in schedules.channels and row.campaign in schedules.campaigns

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

    def _reconcile(self, one: Outline, known: Known) -> None:
        rows = {row.identity: row for row in one.rows}
        if one.schedule.feed:  # its rows come with its items
            implied = {(planned.occurrence, planned.channel) for planned in one.planned}
            self._cancel(row for row in one.rows if (row.occurrence, row.channel) not in implied)
            return
        new = []
        for planned in one.planned:
            row = rows.pop(planned.identity, None)
            if row is not None:
                self._keep(row, planned, one.schedule)
            elif self._is_new(planned, known):
                new.append(planned)
        self._add(new, list(rows.values()))
        self._cancel(rows.values())

    def _add(self, new: Iterable[Planned], gone: Iterable[Delivery]) -> None:
        """New rows; those on the channel and day of what a person held, and an edit moves, are held as well."""
        held = {(row.channel, row.day): row for row in gone if row.state is State.HELD and not row.ruled}
        for planned in new:
            number = deliveries.add(self._tx, planned, self._uuid, self._now, PLANNER)
            before = held.get((planned.channel, planned.day))
            row = deliveries.get(self._tx, number) if before and planned.state is State.PLANNED else None
            if row and before:
                self._move(row, Step(State.HELD, before.reason), held_from=State.PLANNED.value)

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
                deliveries.amend(self._tx, row, reason=planned.reason)
            return
        if not self._may_still_go(row, planned, schedule):
            return
        why = "its edit was undone" if row.state is State.CANCELLED else "the rule that excluded it no longer holds"
        columns = {name: getattr(planned, name) for name in _AMENDABLE}
        self._move(row, Step(State.PLANNED, why), post=None, post_sha256=None, revision=None, **columns)
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
            if row.state in OPEN and not row.may_be_out:
                self._take_out(row, Step(State.CANCELLED, "an edit took it out of the plan"))

    def _take_out(self, row: Delivery, step: Step) -> None:
        """By a rule or an edit, which may take it back; what a person holds is remembered as held."""
        by_person = row.state is State.HELD and not row.ruled
        self._move(row, step, ruled=True, held_from=row.held_from.value if by_person and row.held_from else None)

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
