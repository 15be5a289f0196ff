"""Stopped for ten minutes, two hours, three days, twenty days: what is sent, missed and held, and what the log says.

The daily message is due at 08:00; Publisher stops at 07:50 of the 15th and starts again so much later.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.client import Sandbox
from tests.lives import Life, living

STOPPED = "02-15 07:50"
GRACE = "late: {grace: 30m, then: %s}"


@pytest.fixture
def life(tmp_path: Path, sandbox: Sandbox) -> Iterator[Life]:
    with living(tmp_path, sandbox) as life:
        life.message("a.md")
        yield life


def daily(life: Life, then: str, quiet: str = "[]", at: str = "08:00", **more: str) -> None:
    late = GRACE % then
    life.schedules(f"s: {{content: a.md, at: {at}, to: tg, {late}, quiet: {quiet}}}", **more)
    life.start("02-14 07:00")


QUIET = {"without quiet hours": "[]", "with quiet hours": '["21:00-05:00"]'}
DOWN = [  # until, under skip, under send, under ask
    ("02-15 08:00", ["sent"], ["sent"], ["sent"]),
    ("02-15 08:10", ["sent"], ["sent"], ["sent"]),
    ("02-15 08:30", ["sent"], ["sent"], ["sent"]),
    ("02-15 08:31", ["missed"], ["sent"], ["held"]),
    ("02-15 10:00", ["missed"], ["sent"], ["held"]),
    ("02-18 09:50", ["missed"] * 4, ["missed"] * 3 + ["sent"], ["held"] * 4),
    ("02-18 07:50", ["missed"] * 3, ["missed"] * 2 + ["sent"], ["held"] * 3),
    ("03-07 09:00", ["missed"] * 21, ["missed"] * 20 + ["sent"], ["held"] * 21),
]


@pytest.mark.parametrize("quiet", QUIET.values(), ids=QUIET.keys())
@pytest.mark.parametrize(("until", "skip", "send", "ask"), DOWN, ids=[down[0] for down in DOWN])
def test_what_fell_due_meanwhile(
    life: Life, until: str, skip: list[str], send: list[str], ask: list[str], quiet: str
) -> None:
    life.channels("tg", "tg2", "tg3")
    rows = [
        f"{name}: {{content: a.md, at: 08:00, to: {channel}, {GRACE % name}, quiet: {quiet}}}"
        for name, channel in (("skip", "tg"), ("send", "tg2"), ("ask", "tg3"))
    ]
    life.schedules("\n".join(rows))
    life.start("02-14 07:00")
    life.down(STOPPED, until)
    for name, channel, expected in (("skip", "tg", skip), ("send", "tg2", send), ("ask", "tg3", ask)):
        states = [line.split()[-1].replace("published", "sent") for line in life.ended() if channel in line.split()]
        assert states == ["sent", *expected], name
        out = [line for line in life.seen(channel) if line != "02-14 08:00 a.md"]
        assert out == [f"{until} a.md"] * expected.count("sent"), name
    life.stop()
    life.start(until)  # once more at the same instant: nothing is new
    assert [line for line in life.seen() if line.startswith(until)] == [
        f"{until} a.md" for states in (skip, send, ask) if "sent" in states
    ]


def test_the_log_says_by_how_much_it_was_missed(life: Life) -> None:
    daily(life, "skip")
    life.down(STOPPED, "02-15 10:00")
    assert life.reasons("02-15 08:00") == ["planned: ", "missed: 2 h 00 min late, and at most 30 min are allowed"]


def test_the_log_says_that_a_person_is_asked(life: Life) -> None:
    daily(life, "ask")
    life.down(STOPPED, "02-18 07:50")
    assert life.reasons("02-15 08:00")[1:] == [
        "held: 2 days 23 h late, and at most 30 min are allowed: a person decides"
    ]


def test_the_log_says_that_a_newer_one_goes_out_instead(life: Life) -> None:
    daily(life, "send")
    life.down(STOPPED, "02-18 09:50")
    assert life.reasons("02-17 08:00")[1:] == ["missed: too late, and a newer one of its schedule goes out instead"]
    assert [event.split(":")[0] for event in life.reasons("02-18 08:00")] == ["planned", "sending", "published"]


def test_only_the_newest_of_each_schedule_and_channel_is_sent_late(life: Life) -> None:
    life.message("b.md")
    life.schedules(f"""
      one: {{content: a.md, at: 08:00, to: [tg, tg2], {GRACE % "send"}}}
      two: {{content: b.md, at: 09:00, to: tg, {GRACE % "send"}}}
    """)
    life.start("02-14 20:00")
    life.stop()
    life.start("02-17 12:00")
    life.at("02-17 12:01")  # the channel's rate
    assert life.seen("tg") == ["02-17 12:00 a.md", "02-17 12:00 b.md"]
    assert life.seen("tg2") == ["02-17 12:00 a.md"]


def test_what_fell_beyond_the_horizon_is_there_as_missed(life: Life) -> None:
    daily(life, "skip")
    life.down("02-14 12:00", "03-20 12:00")
    days = [line[:5] for line in life.ended("missed")]
    assert days == [f"02-{day:02}" for day in range(15, 29)] + [f"03-{day:02}" for day in range(1, 21)]
    assert all("late" in life.reasons(f"{day} 08:00")[-1] for day in days)


def test_turns_go_on_through_what_was_missed(life: Life) -> None:
    for name in ("f/1.md", "f/2.md", "f/3.md"):
        life.message(name)
    life.schedules("s: {content: f/, at: 08:00, to: tg}")
    life.start("02-14 07:00")
    life.down("02-14 12:00", "03-06 07:00")
    life.at("03-07 12:00")
    found = [row.message for row in life.rows()]
    assert found == [f"f/{number % 3 + 1}.md" for number in range(len(found))]
    assert life.seen() == ["02-14 08:00 f/1.md", "03-06 08:00 f/3.md", "03-07 08:00 f/1.md"]


def test_occurrences_before_the_first_load_never_were(life: Life) -> None:
    life.schedules("s: {content: a.md, at: [08:00, 10:00], to: tg}", campaign="from: 2022-02-01")
    life.start("02-15 08:01")
    life.at("02-15 12:00")
    assert life.story()[0] == "02-15 10:00 tg published"
    assert life.ended() == ["02-15 10:00 tg published"]


def test_the_wait_for_the_end_of_quiet_hours_is_no_lateness(life: Life) -> None:
    daily(life, "skip", '["20:00-06:00"]', at="19:50")
    life.down("02-14 12:00", "02-14 20:10")  # 20 minutes late, 10 of them in the quiet hours
    assert life.seen() == []
    assert life.row("02-14 19:50").state.value == "planned"
    assert "quiet hours" in life.row("02-14 19:50").reason
    life.at("02-15 12:00")
    assert life.seen() == ["02-15 06:00 a.md"]
    assert "waits: waits for the end of the quiet hours at 06:00" in life.reasons("02-14 19:50")


def test_lateness_before_the_quiet_hours_counts(life: Life) -> None:
    daily(life, "skip", '["20:00-06:00"]', at="19:20")
    life.down("02-14 12:00", "02-15 06:00")  # 40 minutes before the quiet hours
    assert life.ended() == ["02-14 19:20 tg missed"]


def test_lateness_after_the_quiet_hours_counts(life: Life) -> None:
    daily(life, "skip", '["20:00-06:00"]', at="19:50")
    life.down("02-14 12:00", "02-15 06:25")  # 10 minutes before, 25 after
    assert life.ended() == ["02-14 19:50 tg missed"]


def test_what_is_asked_for_in_quiet_hours_and_released_waits_for_their_end(life: Life) -> None:
    daily(life, "ask", '["20:00-06:00"]')
    life.down("02-14 07:30", "02-14 22:00")
    assert life.ended() == ["02-14 08:00 tg held"]
    life.release(life.row("02-14 08:00"))
    life.at("02-15 07:00")
    assert life.seen() == ["02-15 06:00 a.md"]


# What a person releases


@pytest.mark.parametrize("then", ["skip", "ask"])
def test_what_a_person_releases_is_due_now_and_free_of_grace(life: Life, then: str) -> None:
    daily(life, then)
    life.down(STOPPED, "02-18 07:30")
    life.release(life.row("02-15 08:00"), "vẫn cần")
    assert life.seen() == ["02-14 08:00 a.md", "02-18 07:30 a.md"]
    row = life.row("02-15 08:00")
    assert (row.state.value, life.local(row.due)) == ("published", "02-18 07:30")
    (entry,) = [entry for entry in life.log(row) if entry.get("reason") == "vẫn cần"]
    assert entry["who"] == {"name": "Lan", "role": "person", "verified": False}


def test_what_was_released_and_then_delayed_by_a_stop_still_goes_out(life: Life) -> None:
    daily(life, "skip")
    life.down(STOPPED, "02-15 10:00")
    life.sandbox.fault("telegram", "too-many", place=f"@{life.mark}_tg", seconds=600)
    life.release(life.row("02-15 08:00"))
    assert life.seen() == ["02-14 08:00 a.md"]
    life.down("02-15 10:01", "02-15 20:00")
    assert life.seen() == ["02-14 08:00 a.md", "02-15 20:00 a.md"]


def test_what_is_held_and_released_in_time_keeps_its_time(life: Life) -> None:
    daily(life, "skip")
    life.at("02-14 20:00")
    life.hold(life.row("02-15 08:00"))
    life.release(life.row("02-15 08:00"))
    life.at("02-15 07:59")
    assert life.seen() == ["02-14 08:00 a.md"]
    life.at("02-15 08:00")
    assert life.seen() == ["02-14 08:00 a.md", "02-15 08:00 a.md"]
