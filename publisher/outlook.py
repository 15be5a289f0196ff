"""The plan between two instants, for people and programs: what is implied, and what its rows say. Writes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from publisher import edits, layout
from publisher.delivery import OPEN, Delivery, Planned, State
from publisher.implied import Outline, outline
from publisher.layout import local_day
from publisher.store import deliveries, plans, withdrawals
from publisher.store.database import Store
from publisher.workspace import Workspace

#: How far back what went out is looked at, to see whether an edit has moved it.
_MOVED = timedelta(days=31)


@dataclass(frozen=True)
class Line:
    """One delivery of the plan, or one slot of a feed on one channel."""

    schedule: str  # campaign/schedule
    occurrence: datetime
    due: datetime
    channel: str
    message: str | None
    state: State
    reason: str = ""
    note: str = ""
    feed: bool = False
    id: str = ""  # of its schedule: rows of a table have one each
    item: str = ""
    session: datetime | None = None
    day: str = ""  # the nominal local day


def outlook(
    workspace: Workspace, store: Store | None, start: datetime, end: datetime, now: datetime | None = None
) -> list[Line]:
    """What the workspace implies in [start, end), ordered by occurrence, due, and place in the file and in `to`.

    With `now` given, what is over by then and has no row is told as such: it never goes out.
    """
    over = _Over(now, {})
    if store is None:
        return _sorted(line for one in outline(None, workspace, start, end) for line in _lines(one, over))
    with store.read() as view:
        workspace = workspace.without(withdrawals.standing(view))
        over = _Over(now, {name: one.planned_until for name, one in plans.known(view).items()})
        found = _sorted(line for one in outline(view, workspace, start, end) for line in _lines(one, over))
        return _noted(found, _displaced(view, workspace, start, end), workspace)


def _sorted(found: Iterator[tuple[Planned, Line]]) -> list[Line]:
    def order(pair: tuple[Planned, Line]) -> tuple[datetime, datetime, int, str]:
        planned, line = pair
        return line.occurrence, line.due, planned.place, planned.item

    return [line for _, line in sorted(found, key=order)]


@dataclass(frozen=True)
class _Over:
    """What is over before anybody planned it. What fell due while nobody was there to plan it is planned yet."""

    now: datetime | None
    planned_until: Mapping[str, datetime]  # by schedule

    def __contains__(self, planned: Planned) -> bool:
        at = planned.session or planned.occurrence
        until = self.planned_until.get(planned.schedule)
        return self.now is not None and at < self.now and (until is None or planned.occurrence < until)


def _lines(one: Outline, over: _Over) -> Iterator[tuple[Planned, Line]]:
    rows = {row.identity: row for row in one.rows}
    for planned in one.planned:
        if one.schedule.feed:
            slot = [row for row in one.rows if (row.occurrence, row.channel) == (planned.occurrence, planned.channel)]
            yield planned, _slot_line(planned, slot)
        else:
            yield planned, _line(planned, rows.get(planned.identity), over)


def _line(planned: Planned, row: Delivery | None, over: _Over) -> Line:
    """What is planned, or what became of it: what a row has chosen and when it is due stands."""
    if row is None and planned.state is State.PLANNED and planned in over:
        return _of(planned, planned.due, planned.message, State.SKIPPED, "its time was over before it was planned")
    if row is None:
        return _of(planned, planned.due, planned.message, planned.state, planned.reason)
    waits = row.state in (State.PLANNED, State.AWAITING)
    return _of(planned, row.due, row.message, row.state, "" if waits else row.reason)


def _slot_line(planned: Planned, slot: list[Delivery]) -> Line:
    """A feed's slot once, whatever the number of its items: with the state in which most is still to do."""
    order = list(State)
    row = min(slot, key=lambda row: order.index(row.state), default=None)
    line = _of(planned, planned.due, None, row.state if row else planned.state, planned.reason)
    return replace(line, feed=True)


def _of(planned: Planned, due: datetime, message: str | None, state: State, reason: str) -> Line:
    return Line(
        planned.name, planned.occurrence, due, planned.channel, message, state, reason,
        id=planned.schedule, item=planned.item, session=planned.session, day=planned.day,
    )  # fmt: skip


def _displaced(view: Connection, workspace: Workspace, start: datetime, end: datetime) -> list[Delivery]:
    """What went out and has no place any more in the plan of its day: an edit has moved it to another, or away."""
    schedules = workspace.schedules
    since = start - _MOVED
    out = [row for row in deliveries.out_since(view, since, end) if row.message and not edits.is_manual(row)]
    if not out:
        return []
    days = {(row.channel, local_day(row.occurrence, schedules.timezone)) for row in out}
    implied: dict[tuple[str, str], list[edits.Candidate]] = {}
    for one in schedules.schedules:
        for candidate in edits.candidates(workspace, one, layout.places(one, schedules, since, end)):
            if (key := candidate.key(schedules.timezone)) in days:
                implied.setdefault(key, []).append(candidate)

    def has_place(row: Delivery) -> bool:
        day = local_day(row.occurrence, schedules.timezone)
        return any(candidate.suits(row) for candidate in implied.get((row.channel, day), ()))

    return [row for row in out if not has_place(row)]


def _noted(lines: Sequence[Line], displaced: Sequence[Delivery], workspace: Workspace) -> list[Line]:
    """The lines; the next one on which something displaced goes out again says so."""
    noted = list(lines)
    for row in displaced:
        again = [
            index
            for index, line in enumerate(noted)
            if line.state in OPEN
            and (line.channel, line.message) == (row.channel, row.message)
            and line.schedule.split("/")[0] == row.campaign
        ]
        if again:
            was = row.occurrence.astimezone(workspace.schedules.timezone)
            index = min(again, key=lambda index: abs(noted[index].occurrence - row.occurrence))
            note = f"goes out again: #{row.id} was out at {was:%H:%M} on {was:%d/%m/%Y}, before an edit moved it"
            noted[index] = replace(noted[index], note=note)
    return noted
