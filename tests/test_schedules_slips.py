"""What a plan is warned of or refused for, and that no slip of a hand is read as something else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content.yaml12 import Mistakes
from publisher.schedules import load
from tests.plans import EXAMPLE, HEAD, PLACES, ZONE, plan, reader, table


def warnings(text: str) -> list[str]:
    return [str(warning) for warning in plan(text).warnings]


def refusals(text: str) -> list[str]:
    try:
        plan(text)
    except Mistakes as raised:
        return [str(mistake) for mistake in raised.mistakes]
    return []


@pytest.mark.parametrize(
    ("first", "second", "clash"),
    [
        ("days: mon, at: 08:00", "days: 2022-03-07, at: 08:00", "08:00 on 2022-03-07"),
        ("days: mon, at: 08:00", "days: 2022-03-08, at: 08:00", None),
        ("days: mon, at: 08:00", "days: 2022-03-07, at: 08:01", None),
        ("days: mon, every: 2 weeks, at: 08:00", "days: 2022-02-21, at: 08:00", None),
        ("days: mon, every: 2 weeks, at: 08:00", "days: 2022-02-28, at: 08:00", "08:00 on 2022-02-28"),
        ("days: mon, at: 08:00, until: 2022-03-06", "days: 2022-03-07, at: 08:00", None),
        ("days: mon, at: 08:00, except: 2022-03-07", "days: 2022-03-07, at: 08:00", None),
        # 11 April 2022, a Monday, stood in for the Hùng Kings' day: what moves to Friday meets what is there
        ("days: 2022-04-11, at: 08:00, if_holiday: before", "days: 2022-04-08, at: 08:00", "08:00 on 2022-04-08"),
        ("days: 2022-04-11, at: 08:00, except: holidays", "days: mon, at: 08:00, from: 2022-04-11", None),
        ("cron: 30 8 1 * *", "days: 2022-03-01, at: 08:30", "08:30 on 2022-03-01"),
        ("cron: 30 8 1 * *", "days: 2022-03-01, at: 08:00", None),
    ],
)
def test_two_rows_with_one_occurrence_and_channel(first: str, second: str, clash: str | None) -> None:
    text = table(f"{first}, content: a.md, to: trang", f"{second}, content: b.md, to: [hop, bao]")
    said = "\n".join(refusals(text))
    if clash is None:
        assert said == ""
    else:
        assert "schedules.yaml:22:11: this row and the row in line 21 both reach channel 'bao'" in said
        assert clash in said
    assert refusals(text.replace("[hop, bao]", "hop")) == []  # on another channel they may


def test_a_good_plan_has_no_warnings() -> None:
    assert warnings(f"{HEAD}      s: {{content: a.md, days: [14, 28, last, 2022-05-31], at: 08:00, to: web}}\n") == []


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ("31", "32: day 31 is skipped in 2022-02, 2022-04 (write"),
        ("[1, 30]", "36: day 30 is skipped in 2022-02 (write"),
        ("2022-06-01", "32: nothing goes out on 2022-06-01: it lies outside of 2022-02-14 to 2022-05-31"),
        ("[mon, 2022-02-13]", "38: nothing goes out on 2022-02-13: it lies outside of"),
    ],
)
def test_days_that_are_probably_not_meant(days: str, said: str) -> None:
    (warning,) = warnings(f"{HEAD}      s: {{content: a.md, days: {days}, at: 08:00, to: web}}\n")
    assert warning.startswith(f"schedules.yaml:{HEAD.count(chr(10)) + 1}:{said}")


def test_days_that_some_month_lacks_in_an_endless_plan() -> None:
    schedules = "schedules: {s: {content: a.md, days: 29, at: 08:00, to: web}}"
    text = f"{ZONE}{PLACES}campaigns:\n  song: {{title: Sóng, {schedules}}}\n"
    (warning,) = warnings(text)
    assert "day 29 is skipped in months that lack it" in warning
    assert warnings(text.replace("29", "28")) == []


def test_a_session_in_quiet_hours_is_warned_of_once() -> None:
    text = (
        f"{HEAD}      a: {{content: a.md, at: sessions, to: loa}}\n      b: {{content: b.md, at: sessions, to: loa}}\n"
        "defaults: {quiet: 21:00-05:30}\n"
    )
    assert warnings(text) == [
        "schedules.yaml:10:54: the session at 05:15 lies in the quiet hours 21:00-05:30, and nothing is read then "
        "(move one)"
    ]
    assert warnings(text.replace("05:30", "05:15")) == []  # the end of quiet hours is not quiet


def test_a_campaign_without_schedules_is_warned_of() -> None:
    (warning,) = warnings(f"{ZONE}campaigns:\n  song: {{title: Sóng}}\n")
    assert warning == "schedules.yaml:4:3: this campaign has no schedules: nothing goes out"


SLIPS = r"""
: | - | [ | ] | { | } | ' | " | # | &a | *a | !x | ~ | true | -1 | 1e999 | .nan | 2022-02-30 | 9999-12-31 |
0001-01-01 | 24:00 | sessions | holidays | so | << | 999999w | ٣ | \ | ..
"""
PIECES = st.sampled_from(["", " ", "\n", "\t", *(f"{slip.strip()} " for slip in SLIPS.split("|"))])


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_plan_with_a_slip_is_read_or_refused_at_a_place(data: st.DataObject) -> None:
    files = {path.name: path.read_text("utf-8") for path in EXAMPLE.glob("*.yaml")}
    for _ in range(data.draw(st.integers(1, 3))):
        name = data.draw(st.sampled_from(sorted(files)))
        start = data.draw(st.integers(0, len(files[name])))
        end = min(start + data.draw(st.integers(0, 12)), len(files[name]))
        files[name] = files[name][:start] + data.draw(PIECES) + files[name][end:]
    try:
        load(reader(files))
    except Mistakes as raised:
        found = raised.mistakes
        assert found
        for mistake in found:
            lines = [*files[mistake.file].split("\n"), ""]
            assert 1 <= mistake.line <= len(lines)
            assert 1 <= mistake.column <= len(lines[mistake.line - 1]) + 1
