"""When: which occurrences lie between two instants. Pure; time, zone and holidays are arguments.

Policy for daylight saving time: a local time that does not exist moves to the first valid instant after the
gap; one that exists twice happens once, the first time. Equal instants are one occurrence.

Instants come in and go out in UTC: two datetimes of one daylight-saving zone are compared and subtracted by
their wall clocks in Python, which is not what anybody wants here.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo

from cronsim import CronSim

_DAY = timedelta(days=1)
_FAR = 366  # days that a holiday may move, and that a first listed day may lie ahead


class Unit(StrEnum):
    """What `every: N …` counts."""

    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


class IfHoliday(StrEnum):
    """What becomes of a day that is a public holiday."""

    SEND = "send"
    BEFORE = "before"
    AFTER = "after"
    SKIP = "skip"


@dataclass(frozen=True)
class Nth:
    """The n-th such weekday of a month (1 to 5; -1 is the last); Monday is 0."""

    n: int
    weekday: int


@dataclass(frozen=True)
class DateRange:
    """Dates from first to last, both inclusive."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Days:
    """The listed days: a day that any of these names. Nothing at all means every day."""

    weekdays: frozenset[int] = frozenset()  # Monday is 0
    month_days: frozenset[int] = frozenset()  # 1 to 31
    last_of_month: bool = False
    nths: frozenset[Nth] = frozenset()
    dates: frozenset[date] = frozenset()


EVERY_DAY = Days()


@dataclass(frozen=True)
class Every:
    """Every so many days, weeks or months, counted from the cadence's `anchor`."""

    n: int
    unit: Unit


@dataclass(frozen=True)
class Quiet:
    """Hours in which nothing is heard or seen: half-open, and over midnight where end <= start."""

    start: time
    end: time


class Then(StrEnum):
    """What becomes of a delivery that is later than its grace."""

    SKIP = "skip"
    SEND = "send"
    ASK = "ask"


@dataclass(frozen=True)
class Late:
    """How late a delivery may be, measured from its due, and what then."""

    grace: timedelta = timedelta(minutes=30)
    then: Then = Then.SKIP


@dataclass(frozen=True)
class Cadence:
    """The days and times of one schedule, as grammar says them."""

    days: Days = EVERY_DAY
    every: Every | None = None
    anchor: date | None = None  # the `from` that `every` counts from
    first: date | None = None  # `from`, inclusive
    last: date | None = None  # `until`, inclusive
    excepted: tuple[DateRange, ...] = ()
    except_holidays: bool = False
    if_holiday: IfHoliday = IfHoliday.SEND
    times: tuple[time, ...] = ()  # of the day; empty with sessions and with cron
    at_sessions: bool = False
    cron: str | None = None  # instead of days, every and times


def occurrences(
    cadence: Cadence,
    start: datetime,
    end: datetime,
    *,
    zone: ZoneInfo,
    times: tuple[time, ...] | None = None,
    holidays: Container[date] = (),
) -> list[datetime]:
    """The nominal occurrences in [start, end), in UTC and in order.

    `times` replaces the cadence's own times of day: the sessions of a channel. Quiet hours move what the public
    hears, not the nominal occurrence: see `heard`.
    """
    if end <= start:
        return []
    first, last = start.astimezone(zone).date() - _DAY, end.astimezone(zone).date() + _DAY
    daily = cadence.times if times is None else times
    found: set[datetime] = set()
    for day, source in _nominal_days(cadence, first, last, holidays):
        for at in _cron_times(cadence.cron, source) if cadence.cron else daily:
            instant = instant_of(day, at, zone)
            if start <= instant < end:
                found.add(instant)
    return sorted(found)


def instant_of(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The UTC instant of a local time: the first of two, the end of the gap for one that does not exist."""
    local = datetime.combine(day, at.replace(fold=0), zone)
    later = local.replace(fold=1)
    instant, alternative = local.astimezone(UTC), later.astimezone(UTC)
    if instant <= alternative:  # exists once, or twice and this is the first
        return instant
    before, after = alternative, instant  # in a gap: fold=1 lies before the change, fold=0 after it
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if middle <= before:
            break
        before, after = (middle, after) if middle.astimezone(zone).utcoffset() == offset else (before, middle)
    return after


@lru_cache(maxsize=1 << 14)  # the same instants are asked for again at every round
def heard(at: datetime, quiet: tuple[Quiet, ...], zone: ZoneInfo) -> datetime:
    """When the public hears what falls on `at`: then, or at the end of the quiet hours that it falls in."""
    if not quiet:
        return at
    for _ in range(len(quiet) + 1):  # the end of one may lie in another
        ends = [end for start, end in _quiet_spans(at, at, quiet, zone) if start <= at < end]
        if not ends:
            break
        at = max(ends)
    return at


def quiet_between(start: datetime, end: datetime, quiet: tuple[Quiet, ...], zone: ZoneInfo) -> timedelta:
    """How much of [start, end) lies in quiet hours."""
    total, reached = timedelta(0), start
    for opens, closes in sorted(_quiet_spans(start, end, quiet, zone)):
        opens, closes = max(opens, reached), min(closes, end)
        if opens < closes:
            total, reached = total + (closes - opens), closes
    return total


def _quiet_spans(
    start: datetime, end: datetime, quiet: tuple[Quiet, ...], zone: ZoneInfo
) -> Iterator[tuple[datetime, datetime]]:
    """The quiet spans that touch [start, end], and perhaps some beside it."""
    day, last = start.astimezone(zone).date() - _DAY, end.astimezone(zone).date()
    while day <= last:
        for hours in quiet:
            until = day if hours.start < hours.end else day + _DAY
            yield instant_of(day, hours.start, zone), instant_of(until, hours.end, zone)
        day += _DAY


def _nominal_days(cadence: Cadence, first: date, last: date, holidays: Container[date]) -> Iterator[tuple[date, date]]:
    """The days from first to last on which something happens, each with the day that it was moved from."""
    keeps = _Keeps(cadence, holidays)
    moves = {IfHoliday.BEFORE: -_DAY, IfHoliday.AFTER: _DAY}.get(cadence.if_holiday)
    start, stop = (first, last) if moves is None else (keeps.run(first, -_DAY), keeps.run(last, _DAY))
    if cadence.first:
        start = max(start, cadence.first)
    if cadence.last:
        stop = min(stop, cadence.last)
    for day in _days(start, stop):
        if not keeps.listed(day):
            continue
        if cadence.if_holiday is IfHoliday.SEND or day not in holidays:
            target: date | None = day
        else:
            target = None if moves is None else keeps.moved(day, moves)
        if target and first <= target <= last and _within(target, cadence):
            yield target, day


class _Keeps:
    """Which days a cadence keeps, before holidays move them."""

    def __init__(self, cadence: Cadence, holidays: Container[date]) -> None:
        self._cadence = cadence
        self._holidays = holidays
        self._week_0 = self._first_week() if cadence.every and cadence.every.unit is Unit.WEEKS else None

    def listed(self, day: date) -> bool:
        return _is_listed(self._cadence.days, day) and self._is_nth(day) and not self._is_excepted(day)

    def moved(self, day: date, step: timedelta) -> date | None:
        """The nearest working day that is neither holiday nor excepted; None if there is none for a year."""
        for _ in range(_FAR):
            day += step
            if not self._is_blocked(day):
                return day
        return None

    def run(self, day: date, step: timedelta) -> date:
        """The last day of the run of days next to `day` from which a holiday could move onto it."""
        for _ in range(_FAR):
            if not self._is_blocked(day + step):
                break
            day += step
        return day

    def _is_blocked(self, day: date) -> bool:
        return day.weekday() > 4 or day in self._holidays or self._in_ranges(day)

    def _in_ranges(self, day: date) -> bool:
        return any(day in dates for dates in self._cadence.excepted)

    def _is_excepted(self, day: date) -> bool:
        return self._in_ranges(day) or (self._cadence.except_holidays and day in self._holidays)

    def _first_week(self) -> date:
        anchor = self._anchor
        ahead = _days(anchor, anchor + _FAR * _DAY)
        return _monday(next((day for day in ahead if _is_listed(self._cadence.days, day)), anchor))

    @property
    def _anchor(self) -> date:
        if self._cadence.anchor is None:
            raise ValueError("`every` needs a `from` to count from")
        return self._cadence.anchor

    def _is_nth(self, day: date) -> bool:
        every = self._cadence.every
        if every is None:
            return True
        if every.unit is Unit.DAYS:
            count = (day - self._anchor).days
        elif self._week_0 is not None:
            count = (_monday(day) - self._week_0).days // 7
        else:
            count = (day.year - self._anchor.year) * 12 + day.month - self._anchor.month
        return count >= 0 and count % every.n == 0


def _is_listed(days: Days, day: date) -> bool:
    if days == EVERY_DAY or day.weekday() in days.weekdays or day.day in days.month_days or day in days.dates:
        return True
    is_last = (day + _DAY).month != day.month
    if days.last_of_month and is_last:
        return True
    nth = (day.day - 1) // 7 + 1
    is_last_such = (day + 7 * _DAY).month != day.month
    return Nth(nth, day.weekday()) in days.nths or (is_last_such and Nth(-1, day.weekday()) in days.nths)


def _cron_times(cron: str, day: date) -> list[time]:
    """The local times of one day that a cron expression names."""
    start = datetime.combine(day, time())
    found = []
    for at in CronSim(cron, start - timedelta(minutes=1)):
        if at.date() != day:
            break
        found.append(at.time())
    return found


def _within(day: date, cadence: Cadence) -> bool:
    return (cadence.first is None or day >= cadence.first) and (cadence.last is None or day <= cadence.last)


def _monday(day: date) -> date:
    return day - day.weekday() * _DAY


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _DAY
