"""Downtime and loudspeakers: no grace; delivered until the session starts, then missed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.client import Sandbox
from tests.lives import Life, living


@pytest.fixture
def life(tmp_path: Path, sandbox: Sandbox) -> Iterator[Life]:
    with living(tmp_path, sandbox) as life:
        for name in ("a.md", "b.md"):
            life.message(name)
        life.channels("tg", loa="sessions: [17:00], ready: 12h", defaults="late: {grace: 30m, then: skip}")
        yield life


def one(life: Life, *, then: str = "skip", quiet: str = "[]") -> None:
    late = f"late: {{grace: 30m, then: {then}}}"
    life.schedules(f"s: {{content: a.md, at: sessions, to: loa, {late}, quiet: {quiet}}}")
    life.start("02-14 04:00")


@pytest.mark.parametrize("quiet", ["[]", '["04:00-06:00"]'], ids=["always heard", "quiet when the script is due"])
@pytest.mark.parametrize("then", ["skip", "send", "ask"])
@pytest.mark.parametrize("until", ["02-15 05:10", "02-15 07:00", "02-15 16:59"])
def test_until_the_session_starts_its_script_is_delivered(life: Life, until: str, then: str, quiet: str) -> None:
    one(life, then=then, quiet=quiet)
    life.down("02-15 04:50", until)  # the script is due at 05:00
    assert life.seen("loa") == ["02-14 05:00 2022-02-14/1700: a.md", f"{until} 2022-02-15/1700: a.md"]


@pytest.mark.parametrize("then", ["skip", "send", "ask"])
def test_when_the_session_has_begun_it_is_missed(life: Life, then: str) -> None:
    one(life, then=then)
    life.down("02-15 04:50", "02-15 17:00")
    assert life.ended() == ["02-14 17:00 loa published", "02-15 17:00 loa missed"]
    assert life.reasons("02-15 17:00", "loa")[-1] == "missed: its session had begun"


def test_three_days_of_sessions_are_missed_and_the_next_script_goes_out(life: Life) -> None:
    one(life)
    life.down("02-15 04:50", "02-18 06:50")
    assert life.ended() == ["02-14 17:00 loa published", *(f"02-{day} 17:00 loa missed" for day in (15, 16, 17)),
                            "02-18 17:00 loa published"]  # fmt: skip
    assert life.seen()[1:] == ["02-18 06:50 2022-02-18/1700: a.md"]


def test_twenty_days_of_sessions_are_missed(life: Life) -> None:
    one(life)
    life.down("02-15 04:50", "03-07 18:00")
    assert len(life.ended("missed")) == 21
    assert life.ended("planned") == [] or life.seen()[1:] == []


def test_what_comes_when_the_script_is_out_is_a_numbered_supplement(life: Life) -> None:
    rows = ["s: {content: a.md, at: sessions, to: loa}"]
    life.schedules("\n".join(rows))
    life.start("02-14 04:00")
    life.at("02-14 06:00")
    for number in (1, 2):
        life.message(f"x{number}.md")
        rows.append(f"x{number}: {{content: x{number}.md, at: sessions, to: loa}}")
        life.schedules("\n".join(rows))
        life.edit()
    assert life.seen() == [
        "02-14 05:00 2022-02-14/1700: a.md",
        "02-14 06:00 2022-02-14/1700-bo-sung-1: x1.md",
        "02-14 06:00 2022-02-14/1700-bo-sung-2: x2.md",
    ]


def test_a_bulletin_added_when_its_session_has_begun_waits_for_the_next(life: Life) -> None:
    one(life)
    life.at("02-14 17:00")
    life.schedules("""
      s: {content: a.md, at: sessions, to: loa}
      t: {content: b.md, at: sessions, to: loa}
    """)
    life.edit()
    life.at("02-15 06:00")
    assert life.seen() == ["02-14 05:00 2022-02-14/1700: a.md", "02-15 05:00 2022-02-15/1700: a.md; b.md"]
    assert not [line for line in life.story("t") if line.startswith("02-14")]


def test_a_released_bulletin_whose_session_has_begun_joins_the_next_one(life: Life) -> None:
    one(life)
    life.down("02-15 04:50", "02-15 17:30")
    life.release(life.row("02-15 17:00", "loa"))
    assert life.seen()[1:] == ["02-15 17:30 2022-02-16/1700: a.md"]  # due now: ahead of that session's script
    life.at("02-16 06:00")
    assert life.seen()[2:] == ["02-16 05:00 2022-02-16/1700-bo-sung-1: a.md"]
    assert life.row("02-15 17:00", "loa").state.value == "published"


def test_a_bulletin_held_into_its_session_joins_the_next_one_when_released(life: Life) -> None:
    one(life)
    life.hold(life.row("02-14 17:00", "loa"))
    life.at("02-14 18:00")
    assert life.seen() == []
    assert life.ended() == ["02-14 17:00 loa held"]
    life.release(life.row("02-14 17:00", "loa"))
    assert life.seen() == ["02-14 18:00 2022-02-15/1700: a.md"]


def test_urgent_on_a_loudspeaker_passes_its_sessions_and_quiet_hours(life: Life) -> None:
    life.message("a.md", priority="urgent")
    one(life, quiet='["16:00-18:00"]')
    life.at("02-14 16:59")
    assert life.seen() == []
    life.at("02-14 17:00")
    assert [line[:11] for line in life.seen()] == ["02-14 17:00"]


def test_a_station_without_ready_gets_its_script_before_the_session(life: Life) -> None:
    life.channels("tg", loa="sessions: [17:00]")
    one(life)
    life.at("02-14 20:00")
    assert [line[12:] for line in life.seen()] == ["2022-02-14/1700: a.md"]
