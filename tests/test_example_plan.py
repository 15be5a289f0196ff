"""The normative example, from 14 February to 14 March 2022, one by one as the grammar promises, worked out by hand.

14/02/2022 is a Monday. No Vietnamese holiday lies in these days.
"""

import itertools
import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from publisher.cli import main

EXAMPLE = Path(__file__).parent / "example"
NAME = "song-va-may-tinh"
FEB, MAR = 2, 3
WEEKDAYS = [
    *((FEB, day) for day in (14, 15, 16, 17, 18, 21, 22, 23, 24, 25, 28)),
    *((MAR, day) for day in (1, 2, 3, 4, 7, 8, 9, 10, 11, 14)),
]
EVERY_DAY = [*((FEB, day) for day in range(14, 29)), *((MAR, day) for day in range(1, 15))]

Line = tuple[str, str, str, str | None]  # occurrence, due, channel, message; local times as 02-14 08:00:00


def planned(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, str | None]]:
    assert main(["plan", "--workspace", str(EXAMPLE), "--json", *words]) == 0
    found: list[dict[str, str | None]] = json.loads(capsys.readouterr().out)
    return found


@pytest.fixture
def whole(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str | None]]:
    return planned(capsys, "--from", "2022-02-14", "--to", "2022-03-15")


@pytest.fixture
def by_schedule(whole: list[dict[str, str | None]]) -> dict[str, list[Line]]:
    lines = defaultdict(list)
    for one in whole:
        assert one["state"] == "planned"
        lines[str(one["schedule"])].append(
            (local(one["occurrence"]), local(one["due"]), str(one["channel"]), one["message"])
        )
    return lines


def local(text: str | None) -> str:
    """An RFC 3339 time with the zone's offset, without year and offset."""
    assert text is not None
    assert text.endswith("+07:00")
    assert text.startswith("2022-")
    return text.removesuffix("+07:00").removeprefix("2022-").replace("T", " ")


def test_nothing_else_is_planned(by_schedule: dict[str, list[Line]]) -> None:
    counts = {name.removeprefix(f"{NAME}/"): len(lines) for name, lines in by_schedule.items()}
    assert counts == {
        "loa": 63, "bai-tuan": 9, "guong": 10, "nhac-bao-cao": 4, "moc": 5, "tin-bo": 174, "nhac-loa": 2,
    }  # fmt: skip


def test_loudspeakers_on_working_days_each_with_its_own_turns(by_schedule: dict[str, list[Line]]) -> None:
    loa = ["loa/01.md", "loa/02.md", "loa/03.md"]
    expected: dict[str, list[Line]] = {"loa-dak-mil": [], "loa-cu-jut": []}
    for number, (month, day) in enumerate(WEEKDAYS):
        before = date(2022, month, day) - timedelta(days=1)
        today = f"{month:02}-{day:02}"
        expected["loa-dak-mil"] += [  # two sessions a day, twelve hours ahead of each
            (f"{today} 05:15:00", f"{before:%m-%d} 17:15:00", "loa-dak-mil", loa[2 * number % 3]),
            (f"{today} 17:00:00", f"{today} 05:00:00", "loa-dak-mil", loa[(2 * number + 1) % 3]),
        ]
        expected["loa-cu-jut"].append((f"{today} 05:30:00", f"{before:%m-%d} 17:30:00", "loa-cu-jut", loa[number % 3]))
    found = by_schedule[f"{NAME}/loa"]
    for channel, lines in expected.items():
        assert [line for line in found if line[2] == channel] == lines


def test_articles_every_second_monday_spread_over_ten_minutes(by_schedule: dict[str, list[Line]]) -> None:
    expected = [
        (f"{day} 08:00:00", f"{day} {due}", channel, message)
        for day, message in (("02-14", "bai-viet/01.md"), ("02-28", "bai-viet/02.md"), ("03-14", "bai-viet/03.md"))
        for due, channel in (("08:00:00", "cong-so"), ("08:03:20", "telegram-tinh"), ("08:06:40", "bao"))
    ]
    assert by_schedule[f"{NAME}/bai-tuan"] == expected


def test_stories_every_third_day_none_before_it_has_rested(by_schedule: dict[str, list[Line]]) -> None:
    found = by_schedule[f"{NAME}/guong"]
    days = ["02-14", "02-17", "02-20", "02-23", "02-26", "03-01", "03-04", "03-07", "03-10", "03-13"]
    assert [line[:3] for line in found] == [(f"{day} 19:30:00", f"{day} 19:30:00", "telegram-tinh") for day in days]
    messages = [line[3] for line in found]
    assert set(messages) == {"guong/01.md", "guong/02.md", "guong/03.md"}
    # three days are less than the five that a story rests
    assert all(one != other for one, other in itertools.pairwise(messages))


def test_reminders_on_the_14th_and_by_cron_on_the_first(by_schedule: dict[str, list[Line]]) -> None:
    for name, days, at in (("nhac-bao-cao", ("02-14", "03-14"), "09:00:00"), ("nhac-loa", ("03-01",), "06:30:00")):
        assert by_schedule[f"{NAME}/{name}"] == [
            (f"{day} {at}", f"{day} {at}", channel, f"{name}.md")
            for day in days
            for channel in ("hop-dak-mil", "hop-cu-jut")
        ]


def test_the_table_of_milestones_carries_the_name_of_its_list(by_schedule: dict[str, list[Line]]) -> None:
    assert by_schedule[f"{NAME}/moc"] == [
        *(
            ("02-14 07:00:00", "02-14 07:00:00", channel, "khai-mac.md")
            for channel in ("cong-so", "telegram-tinh", "bao")
        ),
        *(("03-08 08:00:00", "03-08 08:00:00", channel, "tri-an.md") for channel in ("cong-so", "telegram-tinh")),
    ]


def test_the_feeds_slots_once_a_slot_and_channel_without_a_message(by_schedule: dict[str, list[Line]]) -> None:
    expected = [
        (f"{month:02}-{day:02} {at}:00", f"{month:02}-{day:02} {at}:00", channel, None)
        for month, day in EVERY_DAY
        for at in ("06:30", "11:30", "16:30")
        for channel in ("cong-so", "telegram-tinh")
    ]
    assert by_schedule[f"{NAME}/tin-bo"] == expected


def test_the_array_is_in_order_of_occurrence_then_due_then_place(whole: list[dict[str, str | None]]) -> None:
    names = ["loa", "bai-tuan", "guong", "nhac-bao-cao", "moc", "tin-bo", "nhac-loa"]
    channels = {
        "loa": ["loa-dak-mil", "loa-cu-jut"],
        "bai-tuan": ["cong-so", "telegram-tinh", "bao"],
        "guong": ["telegram-tinh"],
        "nhac-bao-cao": ["hop-dak-mil", "hop-cu-jut"],
        "moc": ["cong-so", "telegram-tinh", "bao"],
        "tin-bo": ["cong-so", "telegram-tinh"],
        "nhac-loa": ["hop-dak-mil", "hop-cu-jut"],
    }

    def place(one: dict[str, str | None]) -> tuple[datetime, datetime, int, int]:
        name = str(one["schedule"]).removeprefix(f"{NAME}/")
        at, due = (datetime.fromisoformat(str(one[key])) for key in ("occurrence", "due"))
        return at, due, names.index(name), channels[name].index(str(one["channel"]))

    assert whole == sorted(whole, key=place)
    assert set(whole[0]) == {"schedule", "occurrence", "due", "channel", "message", "state"}


def test_from_is_inclusive_and_to_exclusive_and_a_part_agrees_with_the_whole(
    whole: list[dict[str, str | None]], capsys: pytest.CaptureFixture[str]
) -> None:
    part = planned(capsys, "--from", "2022-02-28", "--to", "2022-03-02")
    days = ("2022-02-28", "2022-03-01")
    assert part == [one for one in whole if str(one["occurrence"]).startswith(days)]


def test_planning_writes_nothing(whole: list[dict[str, str | None]]) -> None:
    assert whole
    assert not (EXAMPLE / "var").exists()


def test_the_example_has_no_mistakes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--workspace", str(EXAMPLE)]) == 0
    shown = capsys.readouterr().out
    assert "No mistakes: 1 campaign, 8 schedules, 7 channels, 13 messages." in shown
    assert "warning: the secret CONG_SO_PASSWORD is not set" in shown
