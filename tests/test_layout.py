"""What the plan shows is what happens: choices, rests, expiry, spread, urgency; before and after rows exist."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publisher.delivery import State
from publisher.outlook import Line, outlook
from publisher.workspace import Folder, read_workspace
from sandbox.client import Sandbox
from tests.lives import Life, living

NAMES = ("f/1.md", "f/2.md", "f/3.md")


@pytest.fixture
def life(tmp_path: Path, sandbox: Sandbox) -> Iterator[Life]:
    with living(tmp_path, sandbox) as life:
        for name in NAMES:
            life.message(name)
        yield life


def told(life: Life, lines: list[Line], only: str = "planned") -> list[str]:
    return [f"{life.local(line.due)} {line.message}" for line in lines if line.state.value == only]


def from_files(life: Life, first: str, end: str) -> list[Line]:
    """The plan without a database."""
    workspace = read_workspace(Folder(life.directory))
    return outlook(workspace, None, life.instant(f"{first} 00:00"), life.instant(f"{end} 00:00"))


def test_all_messages_go_out_at_each_occurrence(life: Life) -> None:
    life.schedules("s: {content: f/, pick: all, at: 08:00, to: [tg, tg2]}")
    life.start("02-14 07:00")
    life.at("02-14 09:00")
    assert life.seen("tg") == life.seen("tg2") == [f"02-14 08:00 {name}" for name in NAMES]


def test_the_latest_is_chosen_when_it_is_due_and_once_a_channel(life: Life) -> None:
    life.message("f/1.md", date="2022-02-10")
    life.message("f/2.md", date="2022-02-16")
    life.schedules("s: {content: f/, pick: latest, at: 08:00, to: tg}")
    life.start("02-14 07:00")
    assert life.row("02-14 08:00").message is None
    life.at("02-17 09:00")
    assert life.seen() == ["02-14 08:00 f/1.md", "02-16 08:00 f/2.md"]
    assert life.row("02-15 08:00").reason == "its newest message, f/1.md, has been out on this channel"
    life.message("f/9.md", date="2022-02-18 07:59")
    life.at("02-18 07:58")
    life.edit()
    life.at("02-18 09:00")
    assert life.seen()[2:] == ["02-18 08:00 f/9.md"]


def test_the_latest_that_may_be_out_is_not_sent_again(life: Life) -> None:
    life.message("f/1.md", date="2022-02-10")
    life.schedules("s: {content: f/, pick: latest, at: 08:00, to: tg}")
    life.start("02-14 07:00")
    chat = f"@{life.mark}_tg"
    life.sandbox.fault("telegram", "accept-then-504", place=chat)
    life.at("02-14 09:00")
    doubtful = life.row("02-14 08:00")
    assert doubtful.state is State.NEEDS_PERSON
    life.cancel(doubtful)
    life.at("02-16 09:00")
    assert len(life.sandbox.record(kind="telegram", place=chat)) == 1
    assert {life.row(f"02-{day} 08:00").state for day in (15, 16)} == {State.SKIPPED}


def test_the_latest_that_has_expired_is_not_chosen(life: Life) -> None:
    life.message("f/1.md", date="2022-02-10")
    life.message("f/2.md", date="2022-02-12", expires="2022-02-13")
    life.schedules("s: {content: f/, pick: latest, at: 08:00, to: tg}")
    life.start("02-14 07:00")
    life.at("02-14 09:00")
    assert life.seen() == ["02-14 08:00 f/1.md"]


def test_the_latest_that_was_chosen_and_deleted_before_it_went_out_is_chosen_again(life: Life) -> None:
    life.message("f/1.md", date="2022-02-10")
    life.message("f/2.md", date="2022-02-12")
    life.schedules("s: {content: f/, pick: latest, at: 08:00, to: tg}")
    life.start("02-14 07:00")
    life.sandbox.fault("telegram", "too-many", place=f"@{life.mark}_tg", seconds=300)
    life.at("02-14 08:01")
    life.remove("f/2.md")
    life.edit()
    life.at("02-14 09:00")
    assert [line[12:] for line in life.seen()] == ["f/1.md"]


def test_a_message_rests(life: Life) -> None:
    life.schedules("s: {content: f/, at: 08:00, to: tg, rest: 4 days}")
    life.start("02-14 07:00")
    life.at("02-21 09:00")
    assert [line[12:] for line in life.seen()] == [*NAMES, *NAMES]
    assert life.ended("skipped")[:2] == ["02-17 08:00 tg skipped", "02-21 08:00 tg skipped"]
    assert life.reasons("02-17 08:00") == ["skipped: no message is rested"]


def test_an_expired_message_takes_no_turn(life: Life) -> None:
    life.message("f/2.md", expires="2022-02-14")
    life.schedules("s: {content: f/, at: [08:00, 09:00], to: tg}")
    life.start("02-14 07:00")
    life.at("02-16 07:00")
    assert [line[12:] for line in life.seen()] == ["f/1.md", "f/2.md", "f/3.md", "f/1.md"]


def test_channels_follow_one_another_over_the_spread(life: Life) -> None:
    life.schedules("s: {content: f/, at: 08:00, to: [tg2, tg, tg3], spread: 30m}")
    life.start("02-14 07:00")
    life.at("02-14 09:00")
    assert life.seen() == ["02-14 08:00 f/1.md", "02-14 08:10 f/1.md", "02-14 08:20 f/1.md"]
    assert [where for _, where, _ in life.journal] == ["tg2", "tg", "tg3"]


def test_what_spread_brings_into_quiet_hours_waits_for_their_end(life: Life) -> None:
    life.schedules('s: {content: f/, at: 20:50, to: [tg, tg2], spread: 30m, quiet: ["21:00-06:00"]}')
    life.start("02-14 07:00")
    life.at("02-15 09:00")
    assert life.seen("tg2") == ["02-15 06:00 f/1.md"]


def test_what_quiet_hours_move_past_the_end_is_skipped(life: Life) -> None:
    life.schedules('s: {content: f/, at: 22:00, to: tg, quiet: ["21:00-05:00"], until: 2022-02-15}')
    life.start("02-14 07:00")
    life.at("02-17 09:00")
    assert life.seen() == ["02-15 05:00 f/1.md"]
    assert life.reasons("02-15 22:00") == ["skipped: quiet hours move it past its last day"]


def test_urgent_passes_quiet_hours_and_comes_first(life: Life) -> None:
    life.message("u.md", priority="urgent")
    life.message("p.md", priority="priority")
    quiet = 'quiet: ["07:30-09:00"]'
    life.schedules(f"""
      s: {{content: f/, at: 08:00, to: tg, {quiet}}}
      p: {{content: p.md, at: 08:00, to: tg, {quiet}}}
      u: {{content: u.md, at: 08:00, to: tg, {quiet}}}
    """)
    life.start("02-14 07:00")
    life.at("02-14 08:30")
    assert life.seen() == ["02-14 08:00 u.md"]
    life.at("02-14 10:00")
    assert life.seen()[1:] == ["02-14 09:00 p.md", "02-14 09:00 f/1.md"]


def test_each_station_takes_its_own_turns(life: Life) -> None:
    life.channels("tg", loa="sessions: [05:15, 17:00], ready: 1h", loa2="sessions: [05:30], ready: 1h")
    life.schedules("s: {content: f/, at: sessions, to: [loa, loa2]}")
    life.start("02-14 04:00")
    life.at("02-15 20:00")
    assert [line.rsplit(" ", 1)[1] for line in life.seen("loa")] == ["f/1.md", "f/2.md", "f/3.md", "f/1.md"]
    assert [line.rsplit(" ", 1)[1] for line in life.seen("loa2")] == ["f/1.md", "f/2.md"]


def test_turns_start_at_from_without_rows_and_go_on_from_the_rows(life: Life) -> None:
    life.schedules("s: {content: f/, at: 08:00, to: tg, from: 2022-02-10}")
    shown = told(life, from_files(life, "02-16", "02-19"))
    assert shown == ["02-16 08:00 f/1.md", "02-17 08:00 f/2.md", "02-18 08:00 f/3.md"]
    life.start("02-16 07:00")
    life.at("02-18 09:00")
    assert life.seen() == shown


@pytest.mark.parametrize("pick", ["next", "random"])
def test_the_plan_beyond_the_rows_goes_on_where_they_end(life: Life, pick: str) -> None:
    life.schedules(f"s: {{content: f/, pick: {pick}, at: 08:00, to: tg, rest: 2 days}}")
    life.start("02-14 07:00")
    shown = told(life, life.outlook("03-20", "03-30"))
    at_once = told(life, life.outlook("02-14", "03-30"))
    assert shown == at_once[-10:]
    life.at("03-30 00:00")
    assert life.seen()[-10:] == shown


def test_a_holiday_moves_and_the_plan_says_so(life: Life) -> None:
    life.schedules("s: {content: f/, days: 2022-04-30, at: 08:00, to: tg, if_holiday: before}", top="holidays: VN")
    assert told(life, from_files(life, "04-01", "05-10")) == ["04-29 08:00 f/1.md"]


def test_a_holiday_of_the_next_year_moves_into_this_one(life: Life) -> None:
    life.schedules("s: {content: f/, days: 2023-01-01, at: 08:00, to: tg, if_holiday: before}", top="holidays: VN")
    assert told(life, from_files(life, "12-20", "12-31")) == ["12-30 08:00 f/1.md"]


def test_the_plan_writes_nothing(life: Life) -> None:
    life.schedules("s: {content: f/, at: 08:00, to: tg}")
    life.start("02-14 07:00")
    rows, entries = life.rows(), life.log()
    life.outlook("02-01", "04-01")
    assert (life.rows(), life.log()) == (rows, entries)


# Any plan

TIMES = st.lists(st.sampled_from(["05:00", "08:00", "12:30", "20:50", "22:00"]), min_size=1, max_size=2, unique=True)
SCHEDULES = st.fixed_dictionaries(
    {"content": st.sampled_from(["f/", "f/1.md"]), "at": TIMES},
    optional={
        "days": st.sampled_from(["weekdays", "tue", "last", "14", "2nd tue"]),
        "spread": st.sampled_from(["10m", "2h"]),
        "quiet": st.sampled_from([["21:00-05:30"], ["12:00-13:00", "20:00-06:00"]]),
        "from": st.sampled_from(["2022-02-10", "2022-02-16"]),
        "until": st.sampled_from(["2022-02-20", "2022-03-10"]),
    },
)
FOLDERS = st.fixed_dictionaries(
    {}, optional={"pick": st.sampled_from(["next", "random", "all"]), "rest": st.sampled_from(["30h", "3 days"])}
)
CHANNELS = st.sampled_from([["tg"], ["tg", "tg2"], ["tg3", "tg"]])
PRIORITY = st.sampled_from(["normal", "priority", "urgent"])


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(SCHEDULES, FOLDERS, CHANNELS), min_size=1, max_size=2), PRIORITY, st.integers(1, 4))
def test_what_the_plan_shows_is_what_is_sent(
    tmp_path_factory: pytest.TempPathFactory,
    sandbox: Sandbox,
    schedules: list[tuple[dict[str, object], dict[str, object], list[str]]],
    priority: str,
    days: int,
) -> None:
    texts = [
        f"s{number}: " + json.dumps({**given, **(folder if given["content"] == "f/" else {}), "to": channels})
        for number, (given, folder, channels) in enumerate(schedules)
    ]
    with living(tmp_path_factory.mktemp("life"), sandbox) as life:
        for name in NAMES:
            life.message(name, priority=priority if name == "f/2.md" else "normal")
        life.channels("tg", "tg2", "tg3")
        life.schedules("\n".join(texts))
        end = f"02-{14 + days}"
        shown = from_files(life, "02-14", end)
        life.start("02-14 00:00")
        assert life.outlook("02-14", end) == shown  # rows or none
        life.at(f"{end} 00:00")
        assert told(life, life.outlook("02-14", end), "published") == told(life, [
            line for line in shown if line.due <= life.clock.now()
        ])  # fmt: skip
        for channel in ("tg", "tg2", "tg3"):
            due = [line for line in shown if line.channel == channel and line.due < life.clock.now()]
            assert sorted(life.seen(channel)) == sorted(told(life, due)), channel
