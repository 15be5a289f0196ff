"""What a schedule implies between two instants: its deliveries, with message and due. Pure.

The plan on the screen, the rehearsal and the rows in the database all come from here.
"""

from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from itertools import groupby
from types import MappingProxyType
from zoneinfo import ZoneInfo

import holidays as calendars

from channels.base import Channel, ready_of, sessions_of
from content.post import Priority
from publisher.cadence import heard, occurrences
from publisher.delivery import OPEN, Delivery, Identity, Planned, State
from publisher.picking import Pick, Turn, Turns, choose
from publisher.schedules import Schedule, Schedules
from publisher.workspace import Workspace, Written

#: Why nothing is sent where all that could be chosen was withdrawn.
WITHDRAWN = "its message is withdrawn"
_NO_TURN = (State.CANCELLED, State.SKIPPED)


@dataclass(frozen=True, slots=True)
class Place:
    """One occurrence of a schedule on one channel, before it has a message."""

    occurrence: datetime
    channel: Channel
    heard: datetime  # when the public hears or sees it, quiet hours respected
    spread: timedelta
    order: int


def holidays_of(schedules: Schedules, first: int, last: int) -> Container[date]:
    """The public holidays of the workspace's calendar, in the years from the first to the last."""
    return _calendar(schedules.holidays, first, last) if schedules.holidays else ()


@cache
def _calendar(country: str, first: int, last: int) -> frozenset[date]:
    return frozenset(calendars.country_holidays(country, years=range(first, last + 1)))


def places(schedule: Schedule, schedules: Schedules, start: datetime, end: datetime) -> list[Place]:
    """The occurrences of a schedule in [start, end) on each of its channels, in order."""
    zone = schedules.timezone
    days = holidays_of(schedules, start.year - 2, end.year + 2)  # a day moves by a year at most
    found = []
    shared = None
    for index, name in enumerate(schedule.to):
        channel = schedules.channels[name]
        if schedule.cadence.at_sessions:
            times = sessions_of(channel)
            instants = occurrences(schedule.cadence, start, end, zone=zone, times=times, holidays=days)
        else:
            if shared is None:
                shared = occurrences(schedule.cadence, start, end, zone=zone, holidays=days)
            instants = shared
        spread = schedule.spread * index / len(schedule.to)
        found += [Place(at, channel, heard(at, schedule.quiet, zone), spread, index) for at in instants]
    return sorted(found, key=lambda place: (place.occurrence, place.order))


def lay_out(
    workspace: Workspace,
    schedule: Schedule,
    found: Sequence[Place],
    *,
    rows: Sequence[Delivery] = (),
    taken: Mapping[Identity, str] = MappingProxyType({}),
    never: Callable[[Place], bool] = lambda _: False,
    seed: str,
    first_order: int = 0,
) -> list[Planned]:
    """The deliveries that a schedule implies at the places found, in order of occurrence and `to`.

    `rows` are the schedule's rows near and before the places: what they chose is kept. `taken` are deliveries
    whose place another has, with the reason. `never` tells of places without a row that were not planned in their
    time: those take no turn. A feed implies one delivery a slot and channel, with no item yet.
    """
    return list(_Layout(workspace, schedule, found, rows, taken, never, seed, first_order).deliveries())


class _Layout:
    def __init__(
        self,
        workspace: Workspace,
        schedule: Schedule,
        found: Sequence[Place],
        rows: Sequence[Delivery],
        taken: Mapping[Identity, str],
        never: Callable[[Place], bool],
        seed: str,
        first_order: int,
    ) -> None:
        self._workspace = workspace
        self._schedule = schedule
        self._found = found
        self._taken = taken
        self._never = never
        self._seed = seed
        self._first_order = first_order
        self._messages = {
            name: workspace.messages[schedule.campaign][name].message for name in workspace.listing(schedule)
        }
        self._rows = {(row.occurrence, row.channel): row for row in rows if not row.item}
        places = {(place.occurrence, place.channel.name): place for place in found}
        kept = [row for row in rows if self._keeps_turn(row, places.get((row.occurrence, row.channel)))]
        self._turns = Turns(Turn(row.occurrence, row.channel, row.message) for row in kept if row.message)

    def deliveries(self) -> Iterator[Planned]:
        for _, group in groupby(self._found, key=lambda place: place.occurrence):
            together = list(group)
            if self._schedule.feed:
                yield from (self._planned(place, None) for place in together)
            elif self._schedule.cadence.at_sessions:  # each channel takes its own turns
                for place in together:
                    yield from self._chosen([place])
            else:
                yield from self._chosen(together)

    def _chosen(self, together: Sequence[Place]) -> Iterator[Planned]:
        """The deliveries of one occurrence on the channels that share its choice."""
        match self._schedule.pick:
            case Pick.ALL:
                for message in self._fresh(together[0]):
                    for place in together:
                        yield self._planned(place, message, item=message)
            case Pick.LATEST:
                yield from (self._planned(place, self._kept([place])) for place in together)
            case _:
                yield from self._turn(together)

    def _turn(self, together: Sequence[Place]) -> Iterator[Planned]:
        """The one choice of an occurrence; a place that is taken or cancelled takes no turn."""
        idle = [place for place in together if self._is_taken(place) or self._is_cancelled(place)]
        active = [place for place in together if place not in idle and not self._ended(place)]
        message = self._kept(together) or self._choose(active or together)
        for place in together:
            ended = self._ended(place)
            if ended:
                yield self._planned(place, ended)  # its turn is taken, whatever the other channels have now
            elif place in idle:
                yield self._planned(place, message)
            elif message is None:
                yield self._skipped(place, self._why_none(together[0]))
            else:
                if self._row(place) or not self._never(place):
                    self._turns.add(Turn(place.occurrence, place.channel.name, message))
                yield self._planned(place, message)

    def _row(self, place: Place) -> Delivery | None:
        return self._rows.get((place.occurrence, place.channel.name))

    def _ended(self, place: Place) -> str | None:
        """The message that a row of this place has once and for all: it is past its intent, failed or missed."""
        row = self._row(place)
        return row.message if row and row.state not in OPEN and row.state not in _NO_TURN else None

    def _keeps_turn(self, row: Delivery, place: Place | None) -> bool:
        """Whether a row's turn counts; not if this very plan takes the row away, or its message."""
        if row.message is None:
            return False
        if row.may_be_out:
            return True
        if row.state in _NO_TURN:
            return False
        if row.state not in OPEN:
            return True
        return place is not None and not self._is_taken(place) and row.message in self._fresh(place)

    def _is_taken(self, place: Place) -> bool:
        return (self._schedule.id, place.occurrence, place.channel.name, "") in self._taken

    def _is_cancelled(self, place: Place) -> bool:
        row = self._row(place)
        return row is not None and row.state is State.CANCELLED and not row.ruled

    def _kept(self, together: Sequence[Place]) -> str | None:
        """What a row of this occurrence has already chosen, if it may still go out."""
        rows = [row for row in map(self._row, together) if row and row.state not in _NO_TURN]
        fresh = self._fresh(together[0])
        return next((row.message for row in rows if row.message in fresh), None)

    def _choose(self, together: Sequence[Place]) -> str | None:
        schedule, occurrence = self._schedule, together[0].occurrence
        return choose(
            schedule.pick, self._fresh(together[0]), self._turns, occurrence,
            {place.channel.name for place in together}, rest=schedule.rest, seed=f"{self._seed}\n{schedule.id}",
        )  # fmt: skip

    def _fresh(self, place: Place) -> list[str]:
        """The messages that have not expired when the public hears them."""
        zone = self._workspace.schedules.timezone
        return [name for name, message in self._messages.items() if not message.expired(place.heard, zone)]

    def _why_none(self, place: Place) -> str:
        if self._workspace.is_all_withdrawn(self._schedule):
            return WITHDRAWN
        if not self._messages:
            return "there is no message to choose from"
        if not self._fresh(place):
            return "its messages have expired"
        return "no message is rested"

    def _written(self, name: str | None) -> Written | None:
        return self._workspace.written(self._schedule.campaign, name) if name else None

    def _planned(self, place: Place, message: str | None, item: str = "") -> Planned:
        written = self._written(message)
        priority = written.message.priority if written else Priority.NORMAL
        planned = time_of(self._schedule, place, priority, self._workspace.schedules)
        planned = replace(planned, message=message, item=item, place=self._first_order + place.order)
        reason = self._taken.get(planned.identity)
        return replace(planned, state=State.SKIPPED, reason=reason) if reason else planned

    def _skipped(self, place: Place, reason: str) -> Planned:
        planned = self._planned(place, None)
        return planned if planned.state is State.SKIPPED else replace(planned, state=State.SKIPPED, reason=reason)


def time_of(schedule: Schedule, place: Place, priority: Priority, schedules: Schedules) -> Planned:
    """When a delivery is due, and in which session it is read; no message yet.

    An urgent message passes quiet hours, sessions and `ready`.
    """
    urgent = priority is Priority.URGENT
    at = place.occurrence if urgent else place.heard
    session = at if sessions_of(place.channel) and not urgent else None
    due = at + place.spread - (timedelta(0) if urgent else ready_of(place.channel))
    if session is None and not urgent:
        due = heard(due, schedule.quiet, schedules.timezone)
    planned = Planned(
        schedule=schedule.id, name=schedule.name, campaign=schedule.campaign, occurrence=place.occurrence,
        day=local_day(place.occurrence, schedules.timezone),
        channel=place.channel.name, item="", content=content_of(schedule), message=None,
        due=due, session=session, place=place.order, priority=priority.rank,
    )  # fmt: skip
    last, shown = schedule.cadence.last, (session or due).astimezone(schedules.timezone).date()
    if last and shown > last:
        return replace(planned, state=State.SKIPPED, reason="quiet hours move it past its last day")
    return planned


def local_day(at: datetime, zone: ZoneInfo) -> str:
    """The local day of an instant, year-month-day."""
    return at.astimezone(zone).date().isoformat()


def content_of(schedule: Schedule) -> str:
    """What a schedule is about: its file or folder, or the address of its feed."""
    return schedule.content or (schedule.feed.url if schedule.feed else "")


def orders(schedules: Schedules) -> dict[str, int]:
    """Where the places of each schedule start in the order of the file."""
    starts, count = {}, 0
    for schedule in schedules.schedules:
        starts[schedule.id] = count
        count += len(schedule.to)
    return starts
