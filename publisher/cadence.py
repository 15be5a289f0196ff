"""When: which occurrences lie between two instants. Pure; time, zone and holidays are arguments.

Policy for daylight saving time: a local time that does not exist moves to the first valid instant after the
gap; one that exists twice happens once, the first time. Equal instants are one occurrence.
"""

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum


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


@dataclass(frozen=True)
class Cadence:
    """The days and times of one schedule, as grammar says them."""

    days: Days = Days()
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
