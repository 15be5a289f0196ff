"""Tables: lists of schedules, like the table of a signed plan. Their rows' keys, and rows that clash."""

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import takewhile
from typing import Any
from zoneinfo import ZoneInfo

from cronsim import CronSim

from channels.base import Channel, sessions_of
from content.yaml12 import Mistake
from publisher.cadence import Cadence, Days, IfHoliday, occurrences
from publisher.schedules.days import canonical
from publisher.schedules.findings import Node
from publisher.schedules.model import Schedule

_DAY = timedelta(days=1)
_NOON = time(12)
_YEAR = timedelta(days=366)
_SOME_DAY = date(2024, 1, 1)  # where comparing begins if no row says when
_FARTHEST = timedelta(days=3660)  # and how far it goes at most


def row_ids(rows: Sequence[Any]) -> Iterator[str]:
    """The key of each row: its content and days. Of two rows with the same, the second adds times and channels."""
    seen: Counter[str] = Counter()
    for row in rows:
        key = _key(row, ("days", "cron")) if isinstance(row, dict) else ""
        if seen[key] and isinstance(row, dict):
            key = f"{key}|{_key(row, ('at', 'to'))}"
        seen[key] += 1
        yield key if seen[key] == 1 else f"{key}#{seen[key]}"


def _key(row: dict[str, Any], keys: tuple[str, str]) -> str:
    values = [row[key] if isinstance(row[key], list) else [row[key]] for key in keys if key in row]
    parts = [",".join(canonical(part) for part in value) for value in values]
    content = [str(row.get("content", row.get("feed", "")))] if "days" in keys else []
    return "|".join([*content, *(parts or [""])])


class Clashes:
    """Finds rows of one table that reach one channel at one time of one day.

    Rows without an end are compared for a year beyond the last date that the table names.
    """

    def __init__(self, channels: Mapping[str, Channel], zone: ZoneInfo, holidays: Container[date]) -> None:
        self._channels = channels
        self._zone = zone
        self._holidays = holidays

    def find(self, rows: Sequence[tuple[Node, Schedule]]) -> Iterator[Mistake]:
        """A mistake for each row that clashes with one above it."""
        listing = _Listing(self._zone, self._holidays, _window([schedule.cadence for _, schedule in rows]))
        seen: dict[tuple[str, datetime], Node] = {}
        for node, schedule in rows:
            clash = None
            for place in self._places(schedule, listing):
                other = seen.setdefault(place, node)
                if other is not node and clash is None:
                    clash = _mistake(node, other, *place)
            if clash:
                yield clash

    def _places(self, schedule: Schedule, listing: "_Listing") -> Iterator[tuple[str, datetime]]:
        cadence = schedule.cadence
        shared = None if cadence.at_sessions else listing.local_times(cadence, cadence.times)
        for name in schedule.to:
            channel = self._channels.get(name)
            sessions = sessions_of(channel) if channel else ()
            for at in listing.local_times(cadence, sessions) if shared is None else shared:
                yield name, at


class _Listing:
    """The local times at which cadences happen within a window of days."""

    def __init__(self, zone: ZoneInfo, holidays: Container[date], window: tuple[date, date]) -> None:
        self._zone = zone
        self._holidays = holidays
        self._window = window
        self._days: dict[Cadence, list[date]] = {}

    def local_times(self, cadence: Cadence, times: tuple[time, ...]) -> list[datetime]:
        """In the wall clock's terms: converting each to an instant would take most of the time."""
        if cadence.cron:
            minute, hour, *days = cadence.cron.split()
            times = _times_of(minute, hour)
            cadence = replace(cadence, cron=" ".join(("0", "0", *days)))
        return [datetime.combine(day, at) for day in self._days_of(cadence) for at in times]

    def _days_of(self, cadence: Cadence) -> Iterable[date]:
        if _names_only_dates(cadence):
            return [day for day in cadence.days.dates if _within(day, cadence)]
        key = replace(cadence, times=(), at_sessions=False)
        if key not in self._days:
            first, last = (datetime.combine(day, time(), UTC) for day in self._window)
            found = occurrences(key, first, last, zone=self._zone, times=(_NOON,), holidays=self._holidays)
            self._days[key] = [instant.astimezone(self._zone).date() for instant in found]
        return self._days[key]


def _times_of(minute: str, hour: str) -> tuple[time, ...]:
    """The times of day of a cron expression."""
    before = datetime.combine(_SOME_DAY, time()) - timedelta(minutes=1)
    found = takewhile(lambda at: at.date() == _SOME_DAY, CronSim(f"{minute} {hour} * * *", before))
    return tuple(at.time() for at in found)


def _mistake(node: Node, other: Node, channel: str, at: datetime) -> Mistake:
    return node.mistake(
        f"this row and the row in line {other.place()[1]} both reach channel {channel!r} at {at:%H:%M} on "
        f"{at:%Y-%m-%d} (change the time or the channels of one)"
    )


def _window(cadences: Sequence[Cadence]) -> tuple[date, date]:
    named = [day for cadence in cadences for day in (*cadence.days.dates, cadence.first, cadence.last) if day]
    first, last = min(named, default=_SOME_DAY), max(named, default=_SOME_DAY)
    open_ended = any(cadence.last is None for cadence in cadences)
    return first - _DAY, min(last + (_YEAR if open_ended else 2 * _DAY), first + _FARTHEST)


def _names_only_dates(cadence: Cadence) -> bool:
    """A table's usual row, for which nothing need be searched."""
    plain = cadence.every is None and cadence.cron is None and cadence.if_holiday is IfHoliday.SEND
    only = Days(dates=cadence.days.dates) == cadence.days and bool(cadence.days.dates)
    return plain and only and not cadence.excepted and not cadence.except_holidays


def _within(day: date, cadence: Cadence) -> bool:
    return (cadence.first is None or day >= cadence.first) and (cadence.last is None or day <= cadence.last)
