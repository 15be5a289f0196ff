"""Cadences in words: what a schedule's days and times say, as an officer would say it."""

from collections.abc import Iterator
from datetime import date, time

from content.words import Words, phrase
from publisher.cadence import EVERY_DAY, Cadence, DateRange, Days, Every, IfHoliday, Nth, Unit

_WEEKDAYS = (
    phrase("Monday"), phrase("Tuesday"), phrase("Wednesday"), phrase("Thursday"), phrase("Friday"),
    phrase("Saturday"), phrase("Sunday"),
)  # fmt: skip
_LONGEST_CRON = 80  # characters that are shown of a crontab line
_WORKING = frozenset(range(5))
_ENDS = frozenset({5, 6})
_NTHS = {
    1: phrase("the first {day} of the month"),
    2: phrase("the second {day} of the month"),
    3: phrase("the third {day} of the month"),
    4: phrase("the fourth {day} of the month"),
    5: phrase("the fifth {day} of the month"),
    -1: phrase("the last {day} of the month"),
}
_EVERY = {
    Unit.DAYS: phrase("every {number} days"),
    Unit.WEEKS: phrase("every {number} weeks"),
    Unit.MONTHS: phrase("every {number} months"),
}
_HOLIDAYS = {
    IfHoliday.BEFORE: phrase("on the working day before where that is a public holiday"),
    IfHoliday.AFTER: phrase("on the working day after where that is a public holiday"),
    IfHoliday.SKIP: phrase("not where that is a public holiday"),
}


def spelled(cadence: Cadence, words: Words) -> str:
    """`every Monday at 08:00, every 2 weeks`; in Vietnamese `mỗi thứ Hai lúc 08:00, 2 tuần một lần`."""
    return ", ".join(_parts(cadence, words))


def _parts(cadence: Cadence, words: Words) -> Iterator[str]:
    if cadence.cron:
        yield words.say("by crontab “{cron}”", cron=_cut(cadence.cron))
    else:
        days = _days(cadence.days, words, is_thinned=cadence.every is not None)
        times = _times(cadence, words)
        yield words.say("{days} {times}", days=days, times=times) if days else times
        if cadence.every and cadence.every.n > 1:
            yield _every(cadence.every, words)
    excepted = [words.say("public holidays")] if cadence.except_holidays else []
    excepted += [_range(one, words) for one in cadence.excepted]
    if excepted:
        yield words.say("except {days}", days=_listed(excepted, words))
    if cadence.if_holiday in _HOLIDAYS:
        yield words.say(_HOLIDAYS[cadence.if_holiday])


def _cut(cron: str) -> str:
    return cron if len(cron) <= _LONGEST_CRON else f"{cron[:_LONGEST_CRON]}…"


def _days(days: Days, words: Words, *, is_thinned: bool) -> str:
    """The days; nothing where only `every` says which."""
    if days == EVERY_DAY:
        return "" if is_thinned else words.say("every day")
    return _listed(list(_named(days, words)), words)


def _named(days: Days, words: Words) -> Iterator[str]:
    if days.weekdays == _WORKING:
        yield words.say("every working day (Monday to Friday)")
    elif days.weekdays == _ENDS:
        yield words.say("every Saturday and Sunday")
    elif days.weekdays:
        names = [words.say(_WEEKDAYS[day]) for day in sorted(days.weekdays)]
        yield words.say("every {days}", days=_listed(names, words))
    for number in sorted(days.month_days):
        yield words.say("on day {number} of the month", number=number)
    if days.last_of_month:
        yield words.say("on the last day of the month")
    for nth in sorted(days.nths, key=lambda one: (one.n, one.weekday)):
        yield _nth(nth, words)
    if days.dates:
        yield words.say("on {days}", days=_listed([_date(day) for day in sorted(days.dates)], words))


def _nth(nth: Nth, words: Words) -> str:
    return words.say(_NTHS[nth.n], day=words.say(_WEEKDAYS[nth.weekday]))


def _times(cadence: Cadence, words: Words) -> str:
    if cadence.at_sessions:
        return words.say("in every session of the station")
    return words.say("at {times}", times=_listed([_clock(at) for at in cadence.times], words))


def _every(every: Every, words: Words) -> str:
    return words.say(_EVERY[every.unit], number=every.n)


def _range(one: DateRange, words: Words) -> str:
    if one.first == one.last:
        return _date(one.first)
    return words.say("{first} to {last}", first=_date(one.first), last=_date(one.last))


def _listed(parts: list[str], words: Words) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(parts) < 2:
        return "".join(parts)
    return words.say("{most} and {last}", most=", ".join(parts[:-1]), last=parts[-1])


def _date(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _clock(at: time) -> str:
    return f"{at:%H:%M}"
