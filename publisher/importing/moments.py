"""Days and times of day as cells hold them: Excel's own values, and what Vietnamese offices write."""

import re
from datetime import date, datetime, time, timedelta

from openpyxl.utils.datetime import from_excel

from content.vietnamese import fold
from publisher.importing.grid import CellError, Unreadable, Value

_YEARS = (1900, 2199)
_DAY_FIRST = re.compile(r"(\d{1,2})\s*[/.-]\s*(\d{1,2})\s*[/.-]\s*(\d{4})")
_YEAR_FIRST = re.compile(r"(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})(?: 00:00(?::00)?)?")
_IN_WORDS = re.compile(r"(\d{1,2}) thang (\d{1,2}) nam (\d{4})")
_SHORT_YEAR = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{2})")
_NO_YEAR = re.compile(r"(\d{1,2})[/.-](\d{1,2})")
_WEEKDAY = re.compile(
    r"\b(?:thu ?(hai|ba|tu|nam|sau|bay|[2-7])|t([2-7])|(chu nhat|cn)"
    r"|(mon|tue|wed|thu|fri|sat|sun)(?:day|sday|nesday|rsday|urday)?)\b"
)
_WEEKDAYS = {
    **{str(number + 2): number for number in range(6)},
    **{name: number for number, name in enumerate(("hai", "ba", "tu", "nam", "sau", "bay", "chu nhat"))},
    **{name: number for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))},
    "cn": 6,
}
_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CLOCK = re.compile(r"(\d{1,2}) ?(?::|gio|g|h) ?(\d{2})?(?::00)? ?(?:'|phut|ph|p)?")
_HALF_DAY = re.compile(r"\b(sang|trua|chieu|toi|dem|am|pm|a\.m|p\.m)\b")
_FORM = "write day/month/year, e.g. {}"
_TIME_FORM = "write hours and minutes, e.g. 07:30 or 7h30"

#: What a cell of times says where the stations' own sessions are meant; without marks.
SESSION_WORDS = ("buoi phat", "cac buoi phat", "theo buoi phat", "theo buoi", "buoi", "session", "sessions")


def read_day(value: Value, year: int | None) -> date:
    """The day in a cell; `year` is the one to suggest where it is missing. CellError."""
    if isinstance(value, datetime):
        if value.time() != time():
            raise CellError(f"a time stands here beside the day (write {value:%H:%M} in the column of times)")
        return _within(value.date())
    if isinstance(value, date):
        return _within(value)
    if isinstance(value, int | float):
        raise CellError(_number(value))
    if isinstance(value, Unreadable):
        raise CellError(value.text)
    if not isinstance(value, str):
        raise CellError(f"this is no day ({_FORM.format('14/02/2022')})")
    return _day_in(value, year)


def read_times(value: Value) -> tuple[time, ...]:
    """The times of day in a cell, in order; one, or several divided by commas, semicolons or lines. CellError."""
    if isinstance(value, Unreadable):
        raise CellError(value.text)
    if not isinstance(value, str):
        return (_time_of(value),)
    parts = [part for part in re.split(r"[,;\n]|\bvà\b|\band\b", value) if part.strip()]
    times = [_time_in(part) for part in parts]
    if not times:
        raise CellError(f"no time stands here ({_TIME_FORM})")
    return tuple(sorted(set(times)))


def _day_in(value: str, year: int | None) -> date:
    text = " ".join(fold(value).split())
    bare, weekday = _without_weekday(text)
    for pattern, order in ((_DAY_FIRST, (3, 2, 1)), (_YEAR_FIRST, (1, 2, 3)), (_IN_WORDS, (3, 2, 1))):
        found = pattern.fullmatch(bare)
        if found:
            day = _existing(*(int(found[number]) for number in order))
            if weekday is not None and weekday != day.weekday():
                raise CellError(f"{day:%d/%m/%Y} is a {_NAMES[day.weekday()]} (mend the date, or the day of the week)")
            return day
    raise CellError(_why_no_day(value, bare, year))


def _without_weekday(text: str) -> tuple[str, int | None]:
    """The text without a day of the week and the word `ngày`, and the number of that day; Monday is 0."""
    found = _WEEKDAY.search(text)
    weekday = _WEEKDAYS[next(filter(None, found.groups()))] if found else None
    bare = text.replace(found[0], " ", 1) if found else text
    return " ".join(re.sub(r"\bngay\b", " ", bare).split()).strip(" ,;:()-"), weekday


def _why_no_day(value: str, bare: str, year: int | None) -> str:
    shown = repr(" ".join(value.split())[:60])
    if found := _SHORT_YEAR.fullmatch(bare):
        return f"{shown} has a year of two digits (write {found[1]:0>2}/{found[2]:0>2}/20{found[3]})"
    if found := _NO_YEAR.fullmatch(bare):
        return f"{shown} lacks its year (write {found[1]:0>2}/{found[2]:0>2}/{year or '2022'})"
    if len(re.findall(r"\d{1,2}\s*[/.-]\s*\d{1,2}|\bden\b|\bto\b", bare)) > 1:
        return f"{shown} names more than one day (write one row for each day)"
    return f"{shown} is not a day ({_FORM.format('14/02/2022')})"


def _existing(year: int, month: int, day: int) -> date:
    try:
        return _within(date(year, month, day))
    except ValueError:
        text = f"{day:02}/{month:02}/{year} does not exist (the day comes first, then the month, then the year)"
        raise CellError(text) from None


def _within(day: date) -> date:
    if not _YEARS[0] <= day.year <= _YEARS[1]:
        raise CellError(f"{day:%d/%m}/{day.year} is too far away (write a year from {_YEARS[0]} to {_YEARS[1]})")
    return day


def _number(value: float) -> str:
    """What to say of a number where a day is expected: Excel keeps days as numbers."""
    if 30_000 <= value < 75_000:
        meant = from_excel(int(value))
        if isinstance(meant, date):
            return f"this is the number {value}, perhaps {meant:%d/%m/%Y} (give the cell the format of a date)"
    return f"this is the number {value}, and no day ({_FORM.format('14/02/2022')})"


def _time_of(value: Value) -> time:
    if isinstance(value, datetime) and value.date() <= date(1900, 1, 1):  # Excel's day zero
        value = value.time()
    if isinstance(value, timedelta) and timedelta(0) <= value < timedelta(days=1):
        value = _clock(value)
    if isinstance(value, time):
        return _whole(value)
    if isinstance(value, float) and 0 <= value < 1:
        meant = _whole(_clock(timedelta(days=value)))
        raise CellError(f"this is the number {value:.4g}, perhaps {meant:%H:%M} (give the cell the format of a time)")
    raise CellError(f"{str(value)!r} is no time of day ({_TIME_FORM})")


def _clock(since_midnight: timedelta) -> time:
    seconds = min(round(since_midnight.total_seconds()), 24 * 3600 - 1)
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60)


def _whole(value: time) -> time:
    """The time in whole minutes: Excel keeps it as a part of a day, which may miss by a little."""
    seconds = value.hour * 3600 + value.minute * 60 + value.second + round(value.microsecond / 1_000_000)
    near = round(seconds / 60)
    if abs(seconds - near * 60) > 1 or near == 24 * 60:
        raise CellError(f"{value:%H:%M:%S} has seconds (write hours and minutes only, e.g. {value:%H:%M})")
    return time(near // 60, near % 60)


def _time_in(value: str) -> time:
    text = " ".join(fold(value).split())
    shown = repr(" ".join(value.split())[:60])
    if _HALF_DAY.search(text):
        raise CellError(f"{shown} names a part of the day (write the hour from 0 to 23, e.g. 17:00 for 5 p.m.)")
    found = _CLOCK.fullmatch(text)
    if not found or (":" in text and found[2] is None):
        raise CellError(f"{shown} is no time of day ({_TIME_FORM})")
    hour, minute = int(found[1]), int(found[2] or 0)
    if hour > 23 or minute > 59:
        raise CellError(f"{shown} does not exist (hours go from 0 to 23, minutes from 0 to 59)")
    return time(hour, minute)
