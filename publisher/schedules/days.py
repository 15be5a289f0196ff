"""The small language of days: `weekdays`, `2nd tue`, `last`, 14, 2022-02-14, and what is excepted."""

import calendar
import re
from collections.abc import Iterable
from datetime import date

from content import patterns
from content.patterns import MAY_SPACE, NOT_NOUGHT, SPACES, any_case, any_of, counted
from content.validation import nearest
from content.values import mistake
from content.vietnamese import fold
from publisher.cadence import DateRange, Days, Every, Nth, Unit

_SHORT = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FULL = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAYS = {name: number for names in (_SHORT, _FULL) for number, name in enumerate(names)}
_NAMED = {
    **{name: Days(weekdays=frozenset({number})) for name, number in _WEEKDAYS.items()},
    "weekdays": Days(weekdays=frozenset(range(5))),
    "weekend": Days(weekdays=frozenset({5, 6})),
    "last": Days(last_of_month=True),
}
_NTHS = {"1st": 1, "2nd": 2, "3rd": 3, "4th": 4, "5th": 5, "last": -1}
_NTH = re.compile(rf"({'|'.join(_NTHS)}) ({'|'.join(_WEEKDAYS)})")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_DAY_FIRST = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_EVERY = re.compile(r"([0-9]{1,4}) (day|week|month)s?")
_YEARS = (1900, 2199)
_VIETNAMESE = {  # never read, but understood well enough to say what to write; folded, without marks
    **{f"{prefix}{number + 2}": _SHORT[number] for number in range(6) for prefix in ("thu ", "t", "thu")},
    **dict(
        zip(
            ("thu hai", "thu ba", "thu tu", "thu nam", "thu sau", "thu bay", "chu nhat", "cn"),
            (*_SHORT, "sun"),
            strict=True,
        )
    ),
}
_FORMS = "write e.g. mon, weekdays, weekend, 14, last, 2nd tue or 2022-02-14"

HOLIDAYS = "holidays"

# The same languages for editors.
_ANY_WEEKDAY = any_of(map(any_case, _WEEKDAYS))
_DAY_HINT = (
    "write e.g. mon, weekdays, weekend, 14, last, 2nd tue or 2022-02-14 — "
    "viết ví dụ mon (thứ Hai), weekdays (ngày làm việc), weekend, 14, last (ngày cuối tháng), 2nd tue hoặc 2022-02-14"
)
_DAY_WORDS = any_of(
    (
        *map(any_case, _NAMED),
        any_of(map(any_case, _NTHS)) + SPACES + _ANY_WEEKDAY,
        NOT_NOUGHT + counted(3, 31),
        patterns.DATE,
    )
)
_RANGE = rf"{patterns.DATE}(?:{MAY_SPACE}\.\.{MAY_SPACE}{patterns.DATE})?"
DATE_SCHEMA = patterns.text(
    patterns.DATE, "write year-month-day, e.g. 2022-02-14 — viết năm-tháng-ngày, ví dụ 2022-02-14", "2022-02-14"
)
DAY_SCHEMA = {
    "anyOf": [
        patterns.words((name for name in _NAMED if name not in _FULL), _DAY_HINT),
        {"type": "integer", "minimum": 1, "maximum": 31},
        patterns.text(_DAY_WORDS, _DAY_HINT, "2nd tue", "last fri", "2022-02-14"),
    ]
}
_EXCEPTION_HINT = (
    "write holidays, 2022-04-30 or 2022-04-30..2022-05-03 — "
    "viết holidays (ngày nghỉ lễ), 2022-04-30 hoặc 2022-04-30..2022-05-03"
)
EXCEPTION_SCHEMA = {
    "anyOf": [
        patterns.words((HOLIDAYS,), _EXCEPTION_HINT),
        patterns.text(f"{HOLIDAYS}|{_RANGE}", _EXCEPTION_HINT, "2022-04-30..2022-05-03"),
    ]
}
STEP_SCHEMA = patterns.text(
    f"{NOT_NOUGHT}[0-9]{{1,4}}{SPACES}{any_of(any_case(word) + '[Ss]?' for word in ('day', 'week', 'month'))}",
    "write e.g. 3 days, 2 weeks or 1 month — viết ví dụ 3 days (ba ngày), 2 weeks (hai tuần) hoặc 1 month (một tháng)",
    "2 weeks",
)


def canonical(value: object) -> str:
    """A day as it is written, in its one normal form: `Monday` is `mon`, a run of spaces is one."""
    words = " ".join(str(value).lower().split()).split(" ")
    return " ".join(_SHORT[_WEEKDAYS[word]] if word in _WEEKDAYS else word for word in words)


def parse_date(value: object) -> date:
    """`2022-02-14`."""
    text = str(value).strip()
    found = _DATE.fullmatch(text)
    if not found:
        turned = _DAY_FIRST.fullmatch(text)
        if turned:
            hint = parse_date(f"{turned[3]}-{turned[2]:0>2}-{turned[1]:0>2}").isoformat()
        else:
            hint = "year-month-day, e.g. 2022-02-14"
        raise mistake("date", f"{_shown(value)} is not a date (write {hint})")
    year, month, day = (int(part) for part in found.groups())
    if not _YEARS[0] <= year <= _YEARS[1]:  # a slip; and at the ends of the calendar sums of days overflow
        raise mistake("date", f"{text} is too far away (write a year from {_YEARS[0]} to {_YEARS[1]})")
    try:
        return date(year, month, day)
    except ValueError:
        raise mistake("date", f"{text} does not exist ({_why_not(year, month)})") from None


def parse_day(value: object) -> Days:
    """One entry of `days`."""
    if isinstance(value, int) and not isinstance(value, bool):
        return _month_day(value)
    text = " ".join(value.lower().split()) if isinstance(value, str) else ""
    if text in _NAMED:
        return _NAMED[text]
    if _DATE.fullmatch(text) or _DAY_FIRST.fullmatch(text):
        return Days(dates=frozenset({parse_date(text)}))
    if found := _NTH.fullmatch(text):
        return Days(nths=frozenset({Nth(_NTHS[found[1]], _WEEKDAYS[found[2]])}))
    if re.fullmatch(r"[0-9]{1,3}", text):
        return _month_day(int(text))
    if ".." in text:
        hint = "ranges stand in `except` only; for a time from one date to another write `from` and `until`"
    elif re.match(r"[0-9]", text):
        hint = _FORMS
    else:
        near = _VIETNAMESE.get(fold(text).replace("-", " ")) or nearest(text, [*_NAMED, HOLIDAYS])
        hint = f"did you mean {near!r}?" if near and near != HOLIDAYS else _FORMS
    raise mistake("day", f"{_shown(value)} is not a day ({hint})")


def merge(parts: Iterable[Days]) -> Days:
    """The days that any of the parts names."""
    found = list(parts)
    if len(found) == 1:
        return found[0]
    return Days(
        weekdays=frozenset().union(*(part.weekdays for part in found)),
        month_days=frozenset().union(*(part.month_days for part in found)),
        last_of_month=any(part.last_of_month for part in found),
        nths=frozenset().union(*(part.nths for part in found)),
        dates=frozenset().union(*(part.dates for part in found)),
    )


def parse_exception(value: object) -> DateRange | str:
    """One entry of `except`: a date, a range of dates, or HOLIDAYS."""
    text = str(value).strip()
    if text == HOLIDAYS:
        return HOLIDAYS
    first, dots, last = text.partition("..")
    if not dots and not re.match(r"[0-9]", text):
        near = nearest(text, [HOLIDAYS])
        hint = f"did you mean {near!r}?" if near else "write holidays, 2022-04-30 or 2022-04-30..2022-05-03"
        raise mistake("except", f"{_shown(value)} cannot be excepted ({hint})")
    if dots and not (first.strip() and last.strip()):
        raise mistake("except", f"the range {text!r} lacks a date (write both, e.g. 2022-04-30..2022-05-03)")
    start = parse_date(first)
    end = parse_date(last) if dots else start
    if end < start:
        raise mistake("except", f"the range {text} ends before it begins (write {end}..{start})")
    return DateRange(start, end)


def parse_every(value: object) -> Every:
    """`2 weeks`."""
    found = _EVERY.fullmatch(" ".join(str(value).lower().split()))
    if not found or int(found[1]) == 0:
        raise mistake("every", f"{_shown(value)} is not a step (write e.g. 3 days, 2 weeks or 1 month)")
    return Every(int(found[1]), Unit(f"{found[2]}s"))


def _month_day(number: int) -> Days:
    if not 1 <= number <= 31:
        raise mistake("day", f"there is no day {number} in a month (write 1 to 31, or last)")
    return Days(month_days=frozenset({number}))


def _why_not(year: int, month: int) -> str:
    if not 1 <= month <= 12:
        return "write year-month-day, e.g. 2022-02-14; months are 01 to 12"
    return f"{year}-{month:02} has {calendar.monthrange(year, month)[1]} days"


def _shown(value: object) -> str:
    return "this" if isinstance(value, dict | list) else repr(str(value)[:60])
