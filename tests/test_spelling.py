"""Cadences in words, in both languages."""

from datetime import date, time

import pytest
from hypothesis import given

from content.words import words
from publisher.cadence import Cadence, DateRange, Days, Every, IfHoliday, Nth, Unit
from publisher.spelling import spelled
from tests.test_cadence import cadences

EIGHT = (time(8),)


@pytest.mark.parametrize(
    ("cadence", "english", "vietnamese"),
    [
        (Cadence(times=EIGHT), "every day at 08:00", "hằng ngày lúc 08:00"),
        (
            Cadence(Days(weekdays=frozenset({0})), Every(2, Unit.WEEKS), times=EIGHT),
            "every Monday at 08:00, every 2 weeks",
            "mỗi thứ Hai lúc 08:00, 2 tuần một lần",
        ),
        (
            Cadence(Days(weekdays=frozenset({0, 3})), times=(time(8), time(17, 30))),
            "every Monday and Thursday at 08:00 and 17:30",
            "mỗi thứ Hai và thứ Năm lúc 08:00 và 17:30",
        ),
        (
            Cadence(Days(weekdays=frozenset(range(5))), at_sessions=True, except_holidays=True),
            "every working day (Monday to Friday) in every session of the station, except public holidays",
            "các ngày làm việc (thứ Hai đến thứ Sáu) trong mọi buổi phát của đài, trừ ngày lễ",
        ),
        (
            Cadence(Days(month_days=frozenset({14}), last_of_month=True), times=EIGHT, if_holiday=IfHoliday.BEFORE),
            "on day 14 of the month and on the last day of the month at 08:00, on the working day before where that is "
            "a public holiday",
            "ngày 14 hằng tháng và ngày cuối tháng lúc 08:00, nếu trùng ngày lễ thì vào ngày làm việc liền trước",
        ),
        (
            Cadence(Days(nths=frozenset({Nth(2, 1), Nth(-1, 4)})), times=EIGHT),
            "the last Friday of the month and the second Tuesday of the month at 08:00",
            "thứ Sáu cuối cùng của tháng và thứ Ba thứ hai của tháng lúc 08:00",
        ),
        (Cadence(every=Every(3, Unit.DAYS), times=EIGHT), "at 08:00, every 3 days", "lúc 08:00, 3 ngày một lần"),
        (
            Cadence(times=EIGHT, excepted=(DateRange(date(2022, 4, 30), date(2022, 5, 3)),)),
            "every day at 08:00, except 30/04/2022 to 03/05/2022",
            "hằng ngày lúc 08:00, trừ 30/04/2022 đến 03/05/2022",
        ),
        (
            Cadence(Days(dates=frozenset({date(2022, 2, 14)})), times=EIGHT),
            "on 14/02/2022 at 08:00",
            "ngày 14/02/2022 lúc 08:00",
        ),
        (Cadence(cron="30 6 1 * *"), "by crontab “30 6 1 * *”", "theo crontab “30 6 1 * *”"),
    ],
)
def test_as_an_officer_would_say_it(cadence: Cadence, english: str, vietnamese: str) -> None:
    assert spelled(cadence, words("en")) == english
    assert spelled(cadence, words("vi")) == vietnamese


@given(cadences.filter(lambda one: one.times or one.at_sessions or one.cron))
def test_every_cadence_has_words(cadence: Cadence) -> None:
    for language in ("vi", "en"):
        said = spelled(cadence, words(language))
        assert said.strip(" ,") == said != ""
        assert "{" not in said
