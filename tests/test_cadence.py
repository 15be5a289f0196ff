"""Cadence: what the grammar says by example, and what must hold for every cadence in every zone."""

import itertools
import zoneinfo
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from publisher.cadence import (
    Cadence,
    DateRange,
    Days,
    Every,
    IfHoliday,
    Nth,
    Quiet,
    Unit,
    heard,
    instant_of,
    occurrences,
    quiet_between,
)

VN = ZoneInfo("Asia/Ho_Chi_Minh")
BERLIN = ZoneInfo("Europe/Berlin")
MON, TUE, WED, FRI, SUN = 0, 1, 2, 4, 6
AT_8 = (time(8),)


def local_days(cadence: Cadence, first: date, last: date, holidays: set[date] | None = None) -> list[date]:
    """The days on which a cadence at 08:00 happens, from first to last."""
    start, end = instant_of(first, time(), VN), instant_of(last + timedelta(days=1), time(), VN)
    found = occurrences(cadence, start, end, zone=VN, holidays=holidays or set())
    return [at.astimezone(VN).date() for at in found]


def feb(*days: int) -> list[date]:
    return [date(2022, 2, day) for day in days]


@pytest.mark.parametrize(
    ("cadence", "expected"),
    [
        (Cadence(days=Days(weekdays=frozenset({MON})), times=AT_8), feb(7, 14, 21, 28)),
        (Cadence(days=Days(month_days=frozenset({14, 31})), times=AT_8), feb(14)),
        (Cadence(days=Days(last_of_month=True), times=AT_8), feb(28)),
        (Cadence(days=Days(nths=frozenset({Nth(2, TUE)})), times=AT_8), feb(8)),
        (Cadence(days=Days(nths=frozenset({Nth(5, TUE)})), times=AT_8), []),
        (Cadence(days=Days(nths=frozenset({Nth(-1, FRI)})), times=AT_8), feb(25)),
        (Cadence(days=Days(dates=frozenset(feb(3)), weekdays=frozenset({SUN})), times=AT_8), feb(3, 6, 13, 20, 27)),
        (Cadence(times=AT_8, every=Every(10, Unit.DAYS), anchor=date(2022, 1, 31)), feb(10, 20)),
        (
            Cadence(
                days=Days(weekdays=frozenset({MON})), times=AT_8, every=Every(2, Unit.WEEKS), anchor=date(2022, 2, 14)
            ),
            feb(14, 28),
        ),
        (  # `from` on a Wednesday: the first Monday on or after it is in week 0
            Cadence(
                days=Days(weekdays=frozenset({MON})), times=AT_8, every=Every(2, Unit.WEEKS), anchor=date(2022, 2, 2)
            ),
            feb(7, 21),
        ),
        (  # week 0 is that of the first listed day, a Wednesday: its Monday has passed
            Cadence(
                days=Days(weekdays=frozenset({MON, WED})),
                times=AT_8,
                every=Every(2, Unit.WEEKS),
                anchor=date(2022, 2, 2),
            ),
            feb(2, 14, 16, 28),
        ),
        (Cadence(times=AT_8, first=date(2022, 2, 27), last=date(2022, 2, 28)), feb(27, 28)),
        (Cadence(times=AT_8, first=date(2022, 2, 24), excepted=(DateRange(*feb(25, 27)),)), feb(24, 28)),
    ],
)
def test_days_as_the_grammar_says(cadence: Cadence, expected: list[date]) -> None:
    assert local_days(cadence, date(2022, 2, 1), date(2022, 2, 28)) == expected


def test_every_second_month_counts_from_the_month_of_from() -> None:
    cadence = Cadence(
        days=Days(month_days=frozenset({1, 31})), times=AT_8, every=Every(2, Unit.MONTHS), anchor=date(2022, 1, 20)
    )
    found = local_days(cadence, date(2022, 1, 20), date(2022, 7, 31))
    assert [f"{day:%d/%m}" for day in found] == ["31/01", "01/03", "31/03", "01/05", "31/05", "01/07", "31/07"]


@pytest.mark.parametrize(
    ("if_holiday", "expected"),
    [
        (IfHoliday.SEND, [date(2022, 4, 30)]),
        (IfHoliday.BEFORE, [date(2022, 4, 29)]),  # Saturday the 30th is a holiday
        (IfHoliday.AFTER, [date(2022, 5, 4)]),  # over a Sunday, a holiday Monday and an excepted Tuesday
        (IfHoliday.SKIP, []),
    ],
)
def test_a_holiday_moves_to_the_nearest_working_day(if_holiday: IfHoliday, expected: list[date]) -> None:
    cadence = Cadence(
        days=Days(month_days=frozenset({30})),
        times=AT_8,
        if_holiday=if_holiday,
        excepted=(DateRange(date(2022, 5, 3), date(2022, 5, 3)),),
    )
    holidays = {date(2022, 4, 30), date(2022, 5, 2)}
    assert local_days(cadence, date(2022, 4, 25), date(2022, 5, 10), holidays) == expected


def test_a_day_that_moves_outside_of_the_campaign_is_left_out() -> None:
    cadence = Cadence(
        days=Days(month_days=frozenset({30})), times=AT_8, if_holiday=IfHoliday.AFTER, last=date(2022, 4, 30)
    )
    assert local_days(cadence, date(2022, 4, 1), date(2022, 5, 31), {date(2022, 4, 30)}) == []


def test_equal_instants_merge() -> None:
    cadence = Cadence(days=Days(dates=frozenset({date(2022, 4, 29), date(2022, 4, 30)})), times=AT_8)
    moved = Cadence(days=cadence.days, times=AT_8, if_holiday=IfHoliday.BEFORE)
    assert local_days(moved, date(2022, 4, 1), date(2022, 5, 31), {date(2022, 4, 30)}) == [date(2022, 4, 29)]


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("30 6 1 * *", ["2022-02-01 06:30"]),
        ("0 8 * * 0", ["2022-02-06 08:00", "2022-02-13 08:00"]),
        ("0 8 * * 7", ["2022-02-06 08:00", "2022-02-13 08:00"]),
        ("0 8 10 * 1", ["2022-02-07 08:00", "2022-02-10 08:00", "2022-02-14 08:00"]),  # either
        ("*/30 23 14 2 *", ["2022-02-14 23:00", "2022-02-14 23:30"]),
    ],
)
def test_cron_as_crontab_5(cron: str, expected: list[str]) -> None:
    start, end = instant_of(date(2022, 2, 1), time(), VN), instant_of(date(2022, 2, 15), time(), VN)
    found = occurrences(Cadence(cron=cron), start, end, zone=VN)
    assert [f"{at.astimezone(VN):%Y-%m-%d %H:%M}" for at in found] == expected


def test_a_gap_gives_the_first_valid_instant_and_a_fold_happens_once() -> None:
    cadence = Cadence(times=(time(2, 30),))
    spring = occurrences(
        cadence, datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 23, tzinfo=UTC), zone=BERLIN
    )
    autumn = occurrences(
        cadence, datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 23, tzinfo=UTC), zone=BERLIN
    )
    assert [at.astimezone(BERLIN).isoformat() for at in spring] == ["2026-03-29T03:00:00+02:00"]
    assert [at.astimezone(BERLIN).isoformat() for at in autumn] == ["2026-10-25T02:30:00+02:00"]


NIGHT = (Quiet(time(21), time(5)),)


@pytest.mark.parametrize(
    ("at", "expected"),
    [("20:59", "14 20:59"), ("21:00", "15 05:00"), ("23:30", "15 05:00"), ("04:59", "14 05:00"), ("05:00", "14 05:00")],
)
def test_quiet_hours_are_half_open_and_reach_over_midnight(at: str, expected: str) -> None:
    instant = instant_of(date(2022, 2, 14), time.fromisoformat(at), VN)
    assert f"{heard(instant, NIGHT, VN).astimezone(VN):%d %H:%M}" == expected


def test_the_wait_in_quiet_hours_is_counted_once() -> None:
    start = instant_of(date(2022, 2, 14), time(20), VN)
    overlapping = (*NIGHT, Quiet(time(22), time(6)))
    assert quiet_between(start, start + timedelta(hours=12), overlapping, VN) == timedelta(hours=9)


ZONES = [ZoneInfo(name) for name in sorted(zoneinfo.available_timezones()) if name.startswith(("E", "A", "P"))]
days = st.builds(
    Days,
    weekdays=st.frozensets(st.integers(0, 6), max_size=3),
    month_days=st.frozensets(st.integers(1, 31), max_size=3),
    last_of_month=st.booleans(),
    nths=st.frozensets(st.builds(Nth, st.sampled_from([1, 2, 3, 4, 5, -1]), st.integers(0, 6)), max_size=2),
)
some_dates = st.dates(date(2021, 1, 1), date(2027, 12, 31))
cadences = st.builds(
    Cadence,
    days=days,
    every=st.none() | st.builds(Every, st.integers(1, 5), st.sampled_from(Unit)),
    anchor=st.just(date(2022, 2, 14)),
    first=st.none() | st.just(date(2022, 2, 14)),
    last=st.none() | some_dates,
    excepted=st.lists(
        st.builds(lambda day, n: DateRange(day, day + timedelta(days=n)), some_dates, st.integers(0, 20))
    ).map(tuple),
    except_holidays=st.booleans(),
    if_holiday=st.sampled_from(IfHoliday),
    times=st.lists(st.times().map(lambda at: at.replace(second=0, microsecond=0)), min_size=1, max_size=4).map(tuple),
)
holiday_sets = st.frozensets(some_dates, max_size=30)
instants = st.datetimes(datetime(2021, 6, 1), datetime(2027, 6, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001


@settings(max_examples=150, deadline=None)
@given(cadences, holiday_sets, st.sampled_from(ZONES), instants, st.lists(st.integers(0, 90 * 24), max_size=4))
def test_however_a_period_is_cut_nothing_is_lost_and_nothing_doubled(
    cadence: Cadence, holidays: frozenset[date], zone: ZoneInfo, start: datetime, cuts: list[int]
) -> None:
    edges = sorted({start, start + timedelta(days=90), *(start + timedelta(hours=cut) for cut in cuts)})
    whole = occurrences(cadence, edges[0], edges[-1], zone=zone, holidays=holidays)
    pieces = [
        at for a, b in itertools.pairwise(edges) for at in occurrences(cadence, a, b, zone=zone, holidays=holidays)
    ]
    assert pieces == whole
    assert whole == sorted(set(whole))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(ZONES), st.times(), st.integers(2022, 2026))
def test_a_daily_time_happens_once_on_every_local_day(zone: ZoneInfo, at: time, year: int) -> None:
    at = at.replace(second=0, microsecond=0)
    found = occurrences(
        Cadence(times=(at,)), datetime(year, 1, 2, tzinfo=UTC), datetime(year, 12, 30, tzinfo=UTC), zone=zone
    )
    local = [one.astimezone(zone) for one in found]
    assert len({one.date() for one in local}) == len(local)
    assert len(local) in (361, 362, 363)
    moved = [one for one in local if one.time().replace(tzinfo=None) != at]
    assert len(moved) <= 2  # the days on which the clocks are put forward at that very time


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(ZONES), instants, st.lists(st.builds(Quiet, st.times(), st.times()), max_size=3).map(tuple))
def test_what_is_heard_is_never_in_quiet_hours_and_never_early(
    zone: ZoneInfo, at: datetime, quiet: tuple[Quiet, ...]
) -> None:
    hours = sum((_length(one) for one in quiet), timedelta())
    if hours >= timedelta(hours=23):
        return  # may cover the whole day: a mistake in schedules.yaml
    shown = heard(at, quiet, zone)
    assert shown >= at
    assert heard(shown, quiet, zone) == shown
    assert quiet_between(at, shown, quiet, zone) == shown - at


def _length(quiet: Quiet) -> timedelta:
    start, end = (timedelta(hours=at.hour, minutes=at.minute, seconds=at.second + 1) for at in (quiet.start, quiet.end))
    return end - start if start < end else end - start + timedelta(days=1)
