"""Edits and restarts: made while it is stopped, broken while it is stopped, and a stop in the middle."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from publisher.app import NoPlan
from sandbox.client import Sandbox
from tests.lives import Life, living

ONE = "s: {content: a.md, at: 08:00, to: tg}"
FIRST = "02-14 08:00 a.md"


@pytest.fixture
def life(tmp_path: Path, sandbox: Sandbox) -> Iterator[Life]:
    with living(tmp_path, sandbox) as life:
        for name in ("a.md", "b.md", "f/1.md", "f/2.md", "f/3.md"):
            life.message(name)
        yield life


def stopped(life: Life, when: str, schedules: str = ONE) -> None:
    life.schedules(schedules)
    life.start("02-14 07:00")
    life.at(when)
    life.stop()


def test_a_time_moved_while_it_was_stopped_after_it_went_out(life: Life) -> None:
    stopped(life, "02-14 09:00")
    life.schedules("s: {content: a.md, at: 10:00, to: tg}")
    life.start("02-14 09:30")
    life.at("02-15 12:00")
    assert life.seen() == [FIRST, "02-15 10:00 a.md"]
    assert life.row("02-14 10:00").state.value == "skipped"


def test_a_time_moved_while_it_was_stopped_before_it_went_out(life: Life) -> None:
    stopped(life, "02-14 07:30")
    life.schedules("s: {content: a.md, at: 10:00, to: tg}")
    life.start("02-14 09:30")
    life.at("02-14 12:00")
    assert life.seen() == ["02-14 10:00 a.md"]
    assert life.row("02-14 08:00").state.value == "missed"  # by the plan that was in force at its time


def test_a_schedule_renamed_while_it_was_stopped(life: Life) -> None:
    stopped(life, "02-15 09:00", "s: {content: f/, at: 08:00, to: tg}")
    life.schedules("t: {content: f/, at: 08:00, to: tg}")
    life.start("02-18 07:00")
    life.at("02-18 09:00")
    assert life.seen() == ["02-14 08:00 f/1.md", "02-15 08:00 f/2.md", "02-18 08:00 f/2.md"]  # after two were missed
    assert len(life.ended("missed")) == 2


def test_what_was_missed_beyond_the_horizon_is_told_by_the_plan_of_that_time(life: Life) -> None:
    stopped(life, "02-14 09:00")
    life.schedules("s: {content: b.md, at: 10:00, to: tg}")
    life.start("03-10 07:00")
    life.at("03-10 12:00")
    assert life.seen() == [FIRST, "03-10 10:00 b.md"]
    assert not [line for line in life.story() if line.split()[1] == "10:00" and line < "03-10"]
    before = [line for line in life.story() if line.split()[1] == "08:00"]
    assert [line[:5] for line in before][:24] == [f"02-{day}" for day in range(14, 29)] + [
        f"03-0{day}" for day in range(1, 10)
    ]
    assert all(life.row(line[:11]).reason for line in before)


def test_broken_files_at_a_restart_leave_the_last_valid_plan_in_force(life: Life) -> None:
    stopped(life, "02-14 09:00")
    life.file("schedules.yaml", "campaigns: {c: {titel: x")
    life.start("02-14 20:00")
    life.at("02-15 09:00")
    assert life.seen() == [FIRST, "02-15 08:00 a.md"]
    assert life.running.mistakes
    assert [entry["event"] for entry in life.log()].count("mistakes") == 1
    life.schedules("s: {content: a.md, at: 10:00, to: tg}")
    assert life.edit()
    life.at("02-16 12:00")
    assert life.seen()[2:] == ["02-16 10:00 a.md"]
    assert not life.running.mistakes


def test_all_files_gone_at_a_restart_leave_the_last_valid_plan_in_force(life: Life) -> None:
    stopped(life, "02-14 09:00")
    for name in ("schedules.yaml", "channels.yaml", "content/campaigns/c/a.md"):
        (life.directory / name).unlink()
    life.start("02-14 20:00")
    life.at("02-15 09:00")
    assert life.seen() == [FIRST, "02-15 08:00 a.md"]


def test_a_message_broken_at_a_restart_keeps_its_last_text(life: Life) -> None:
    stopped(life, "02-14 09:00")
    life.file("content/campaigns/c/a.md", "kein Kopf")
    life.start("02-14 20:00")
    life.at("02-15 09:00")
    assert life.seen() == [FIRST, "02-15 08:00 a.md"]


def test_broken_files_at_the_first_start_are_said(life: Life) -> None:
    life.file("schedules.yaml", "campaigns: {c: {titel: x")
    with pytest.raises(NoPlan, match=r"schedules\.yaml:"):
        life.start("02-14 07:00")


def test_a_restart_between_two_channels_of_one_occurrence(life: Life) -> None:
    stopped(life, "02-14 08:05", "s: {content: a.md, at: 08:00, to: [tg, tg2], spread: 20m}")
    assert life.seen() == [FIRST]
    life.start("02-14 08:20")
    life.at("02-14 12:00")
    assert life.seen("tg") == [FIRST]
    assert life.seen("tg2") == ["02-14 08:20 a.md"]


def test_a_restart_right_after_each_edit_changes_nothing(life: Life) -> None:
    life.schedules(ONE)
    life.start("02-14 07:00")
    life.at("02-14 08:30")
    for hour in (10, 9, 12, 8, 13):
        life.schedules(f"s: {{content: a.md, at: '{hour:02}:00', to: tg}}")
        life.edit()
        life.running.plan()
        rows, entries = life.rows(), life.log()
        life.stop()
        life.start("02-14 08:30")
        assert (life.rows(), life.log()) == (rows, entries)
    life.at("02-14 20:00")
    assert life.seen() == [FIRST]
