"""The plan between two instants, for people and programs: what is implied, and what its rows say. Writes nothing."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime

from publisher.delivery import Delivery, Planned, State
from publisher.planner import Outline, outline
from publisher.store.database import Store
from publisher.workspace import Workspace


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
    feed: bool = False


def outlook(workspace: Workspace, store: Store | None, start: datetime, end: datetime) -> list[Line]:
    """What the workspace implies in [start, end), ordered by occurrence, due, and place in the file and in `to`."""
    with store.read() if store else nullcontext() as view:
        implied = outline(view, workspace, start, end)
    found = [(planned, line) for one in implied for planned, line in _lines(one)]
    found.sort(key=lambda pair: (pair[1].occurrence, pair[1].due, pair[0].place, pair[0].item))
    return [line for _, line in found]


def _lines(one: Outline) -> Iterator[tuple[Planned, Line]]:
    rows = {row.identity: row for row in one.rows}
    for planned in one.planned:
        if one.schedule.feed:
            slot = [row for row in one.rows if (row.occurrence, row.channel) == (planned.occurrence, planned.channel)]
            yield planned, _slot_line(planned, slot)
        else:
            yield planned, _line(planned, rows.get(planned.identity))


def _line(planned: Planned, row: Delivery | None) -> Line:
    """What is planned, or what became of it: what a row has chosen and when it is due stands."""
    if row is None:
        return _of(planned, planned.due, planned.message, planned.state, planned.reason)
    waits = row.state in (State.PLANNED, State.AWAITING)
    return _of(planned, row.due, row.message, row.state, "" if waits else row.reason)


def _slot_line(planned: Planned, slot: list[Delivery]) -> Line:
    """A feed's slot once, whatever the number of its items: with the state in which most is still to do."""
    order = list(State)
    row = min(slot, key=lambda row: order.index(row.state), default=None)
    line = _of(planned, planned.due, None, row.state if row else planned.state, planned.reason)
    return Line(**{**vars(line), "feed": True})


def _of(planned: Planned, due: datetime, message: str | None, state: State, reason: str) -> Line:
    return Line(planned.name, planned.occurrence, due, planned.channel, message, state, reason)
