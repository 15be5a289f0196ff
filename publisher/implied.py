"""What every schedule implies in a window, beside the rows that it has there; one schedule at a time.

However many deliveries a plan implies, no more than those of one schedule are in memory at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from publisher import edits, layout
from publisher.cadence import instant_of
from publisher.delivery import Delivery, Identity, Planned
from publisher.edits import Candidate
from publisher.layout import Place
from publisher.schedules import Schedule
from publisher.store import deliveries, plans
from publisher.store.plans import Known
from publisher.workspace import Workspace


@dataclass(frozen=True)
class Outline:
    """What one schedule implies in a window, beside the rows that it has there. The rows come without posts."""

    schedule: Schedule
    planned: tuple[Planned, ...]
    rows: tuple[Delivery, ...]


def outline(view: Connection | None, workspace: Workspace, start: datetime, end: datetime) -> Iterator[Outline]:
    """What every schedule implies in [start, end). Writes nothing. Without a view, what the files alone imply."""
    known = plans.known(view) if view else {}
    for one in outlines(view, workspace, start, end, known):
        yield replace(one, planned=tuple(each for each in one.planned if each.occurrence >= start))


def outlines(
    view: Connection | None, workspace: Workspace, start: datetime, end: datetime, known: Mapping[str, Known]
) -> Iterator[Outline]:
    """What every schedule implies up to `end`, from `start` or from where its plan has to be taken up."""
    schedules = workspace.schedules
    orders = layout.orders(schedules)
    opened = deliveries.first_open(view, start) if view else {}
    windows = {
        one.id: (_begin(one, known.get(one.id), start, opened.get(one.id), schedules.timezone), end)
        for one in schedules.schedules
    }
    taken = _taken(view, workspace, start, windows) if view else {}
    for one in schedules.schedules:
        yield _outline(view, workspace, one, windows[one.id], taken, known.get(one.id), orders[one.id])


def _begin(
    schedule: Schedule, known: Known | None, start: datetime, first_open: datetime | None, zone: ZoneInfo
) -> datetime:
    """Where to take up a schedule's plan: with what is still open, and with what has no rows yet.

    Before anything was planned, its turns start at its `from`.
    """
    first = schedule.cadence.first if _takes_turns(schedule) else None
    begins = [start]
    if first and (known is None or start < known.first_loaded_at):
        begins.append(instant_of(first, time(), zone))
    if known and known.removed_at is None:
        begins.append(known.planned_until)
    if first_open:
        begins.append(first_open)
    return min(begins)


def _takes_turns(schedule: Schedule) -> bool:
    return (schedule.content or "").endswith("/")


def _outline(
    view: Connection | None,
    workspace: Workspace,
    schedule: Schedule,
    window: tuple[datetime, datetime],
    taken: Mapping[Identity, str],
    known: Known | None,
    order: int,
) -> Outline:
    begin, end = window
    rest = schedule.rest or timedelta(0)
    rows = deliveries.of_schedule(view, schedule.id, begin - rest, end) if view else []
    earlier = deliveries.last_turns(view, schedule.id, begin) if view and _takes_turns(schedule) else []

    def never(place: Place) -> bool:
        """Whether it lay behind when an edit brought it; those before the first plan count from `from` on."""
        since = known.first_loaded_at if known and schedule.cadence.first else place.occurrence
        return known is not None and since <= place.occurrence < known.planned_from

    planned = layout.lay_out(
        workspace, schedule, layout.places(schedule, workspace.schedules, begin, end),
        rows=list({row.id: row for row in (*earlier, *rows)}.values()),
        taken=taken, never=never, seed="", first_order=order,
    )  # fmt: skip
    return Outline(schedule, tuple(planned), tuple(rows))


def _taken(
    view: Connection, workspace: Workspace, start: datetime, windows: Mapping[str, tuple[datetime, datetime]]
) -> dict[Identity, str]:
    """The places that deliveries which went out, but which the plan no longer contains, take in it."""
    schedules = workspace.schedules
    zone = schedules.timezone
    looked = min(start, midnight(min((begin for begin, _ in windows.values()), default=start), zone))
    end = max((end for _, end in windows.values()), default=start)
    out = list(_displaced(view, workspace, looked, end, windows))
    if not out:
        return {}
    days = {(row.channel, row.day) for row in out}
    known = deliveries.out_since(view, looked, end)
    own = {row.identity for row in known if (row.channel, row.day) in days}
    free = [
        candidate
        for one in schedules.schedules
        for candidate in edits.candidates(workspace, one, layout.places(one, schedules, windows[one.id][0], end))
        if candidate.place.occurrence >= looked and candidate.key(zone) in days and candidate.identity not in own
    ]
    return edits.taken(out, free, zone)


def _displaced(
    view: Connection,
    workspace: Workspace,
    looked: datetime,
    end: datetime,
    windows: Mapping[str, tuple[datetime, datetime]],
) -> Iterator[Delivery]:
    """What is out, and is no longer in the plan: not there, or with another content. What a person sent never was."""
    schedules = {one.id: one for one in workspace.schedules.schedules}
    for name, rows in groupby(deliveries.out_since(view, looked, end), key=lambda row: row.schedule):
        schedule = schedules.get(name)
        if schedule is None:
            yield from (row for row in rows if not edits.is_manual(row))
            continue
        begin = midnight(windows[name][0], workspace.schedules.timezone)
        recent = [row for row in rows if row.occurrence >= begin]
        contained = _contained(workspace, schedule, recent, begin, end)
        for row in recent:
            place = contained.get(row.identity)
            if place is None or not place.suits(row):
                yield row


def _contained(
    workspace: Workspace, schedule: Schedule, rows: Sequence[Delivery], begin: datetime, end: datetime
) -> dict[Identity, Candidate]:
    """What a schedule implies up to the last of these rows."""
    last = min(max((row.occurrence for row in rows), default=begin) + timedelta(seconds=1), end)
    places = layout.places(schedule, workspace.schedules, begin, last)
    return {candidate.identity: candidate for candidate in edits.candidates(workspace, schedule, places)}


def midnight(at: datetime, zone: ZoneInfo) -> datetime:
    """The beginning of an instant's local day."""
    return instant_of(at.astimezone(zone).date(), time(), zone)
