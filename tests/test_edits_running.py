"""Edits while Publisher runs: what went out never goes out again, and every row says why it is where it is."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import Connection

from publisher.delivery import State
from publisher.planner import Planner
from publisher.store.database import Store
from publisher.workspace import Folder, read_workspace
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


# Times


def test_a_time_moved_later_before_it_went_out(life: Life) -> None:
    life.began(ONE)
    life.changed("s: {content: a.md, at: 10:00, to: tg}")
    life.at("02-14 12:00")
    assert life.seen() == ["02-14 10:00 a.md"]
    assert life.ended()[:3] == [
        "02-14 08:00 tg cancelled",
        "02-14 10:00 tg published",
        "02-15 08:00 tg cancelled",
    ]
    assert life.reasons("02-14 08:00")[-1] == "cancelled: an edit took it out of the plan"
    life.unmoved()


def test_a_time_moved_later_after_it_went_out(life: Life) -> None:
    life.began(ONE)
    life.at("02-14 09:00")
    life.changed("s: {content: a.md, at: 10:00, to: tg}")
    life.at("02-15 12:00")
    assert life.seen() == [FIRST, "02-15 10:00 a.md"]
    (reason,) = life.reasons("02-14 10:00")
    number = life.row("02-14 08:00").id
    assert (
        reason == f"skipped: delivery {number} of 2022-02-14 08:00 takes its place: an edit moved it after it went out"
    )
    life.unmoved()


def test_a_time_moved_into_the_past_is_not_made_up_for(life: Life) -> None:
    life.began(ONE)
    life.changed("s: {content: a.md, at: 06:00, to: tg}")
    life.at("02-15 12:00")
    assert life.seen() == ["02-15 06:00 a.md"]
    assert "02-14 06:00" not in " ".join(life.story())


def test_a_time_moved_to_and_fro_all_day(life: Life) -> None:
    life.began(ONE)
    for hour in range(8, 20):
        life.at(f"02-14 {hour:02}:30")
        life.changed(f"s: {{content: a.md, at: '{hour + 1:02}:00', to: tg}}")
        life.unmoved()
    life.at("02-15 07:00")
    assert life.seen() == [FIRST]


def test_a_second_time_is_added_after_the_first_went_out(life: Life) -> None:
    life.began(ONE)
    life.at("02-14 09:00")
    life.changed("s: {content: a.md, at: [08:00, 10:00], to: tg}")
    life.at("02-14 12:00")
    assert life.seen() == [FIRST, "02-14 10:00 a.md"]


def test_two_times_become_two_others_and_one_went_out(life: Life) -> None:
    life.began("s: {content: a.md, at: [08:00, 12:00], to: tg}")
    life.at("02-14 09:00")
    life.changed("s: {content: a.md, at: [10:00, 14:00], to: tg}")
    life.at("02-14 20:00")
    assert life.seen() == [FIRST, "02-14 14:00 a.md"]  # the nearest place is taken
    life.unmoved()


def test_a_moved_day_after_it_went_out_goes_out_again(life: Life) -> None:
    life.began("s: {content: a.md, days: mon, at: 08:00, to: tg}")
    life.at("02-14 09:00")
    life.changed("s: {content: a.md, days: tue, at: 08:00, to: tg}")
    life.at("02-16 09:00")
    assert life.seen() == [FIRST, "02-15 08:00 a.md"]
    assert life.row("02-14 08:00").state.value == "published"


def test_a_moved_day_before_it_went_out(life: Life) -> None:
    life.began("s: {content: a.md, days: mon, at: 08:00, to: tg}")
    life.changed("s: {content: a.md, days: tue, at: 08:00, to: tg}")
    life.at("02-16 09:00")
    assert life.seen() == ["02-15 08:00 a.md"]
    assert life.row("02-14 08:00").reason == "an edit took it out of the plan"


def test_an_edit_undone_brings_back_what_it_removed(life: Life) -> None:
    life.began(ONE)
    life.changed("s: {content: a.md, at: 10:00, to: tg}")
    life.changed(ONE)
    life.at("02-14 12:00")
    assert life.seen() == [FIRST]
    assert "planned: its edit was undone" in life.reasons("02-14 08:00")
    assert life.row("02-14 10:00").state.value == "cancelled"


def test_an_edit_undone_after_it_went_out(life: Life) -> None:
    life.began(ONE)
    life.changed("s: {content: a.md, at: 07:30, to: tg}")
    life.at("02-14 07:45")
    life.changed(ONE)
    life.at("02-14 12:00")
    assert life.seen() == ["02-14 07:30 a.md"]
    row = life.row("02-14 08:00")
    assert row.state.value in ("skipped", "cancelled")
    assert row.reason


def test_what_the_edit_removed_does_not_come_back_when_it_is_too_late(life: Life) -> None:
    life.began(ONE)
    life.changed("s: {content: a.md, at: 10:00, to: tg}")
    life.at("02-14 08:31")
    life.changed(ONE)
    life.at("02-14 12:00")
    assert life.seen() == []
    assert life.row("02-14 08:00").state.value == "cancelled"


def test_the_time_zone_is_changed_after_it_went_out(life: Life) -> None:
    life.began(ONE)
    life.at("02-14 09:00")
    text = (life.directory / "schedules.yaml").read_text(encoding="utf-8")
    life.file("schedules.yaml", text.replace("Asia/Ho_Chi_Minh", "Asia/Karachi"))  # two hours behind
    assert life.edit()
    life.at("02-15 12:00")
    assert life.seen() == [FIRST, "02-15 10:00 a.md"]  # 08:00 there
    life.unmoved()


# Schedules


def test_a_renamed_schedule_goes_on(life: Life) -> None:
    life.began("s: {content: f/, at: 08:00, to: tg}")
    life.at("02-15 09:00")
    life.running.plan()
    before = [row.id for row in life.rows()]
    life.changed("t: {content: f/, at: 08:00, to: tg}")
    assert [row.id for row in life.rows()] == before
    life.at("02-16 09:00")
    assert life.seen() == ["02-14 08:00 f/1.md", "02-15 08:00 f/2.md", "02-16 08:00 f/3.md"]
    assert life.ended("cancelled") == []
    assert [entry["event"] for entry in life.log()].count("renamed") == 1
    assert {row.name for row in life.rows()} == {"c/t"}


def test_renamed_and_moved_in_one_edit_after_it_went_out(life: Life) -> None:
    life.began(ONE)
    life.at("02-14 09:00")
    life.changed("t: {content: a.md, at: 10:00, to: tg}")
    life.at("02-14 12:00")
    assert life.seen() == [FIRST]
    assert life.row("02-14 10:00").state.value == "skipped"


def test_a_name_that_was_renamed_away_is_used_again(life: Life) -> None:
    life.began(ONE)
    life.changed("t: {content: a.md, at: 08:00, to: tg}")
    life.changed("t: {content: a.md, at: 08:00, to: tg}\ns: {content: b.md, at: 08:00, to: tg}")
    life.at("02-14 09:00")
    assert sorted(life.seen()) == [FIRST, "02-14 08:00 b.md"]
    assert len({row.key for row in life.rows()}) == len(life.rows())


def test_a_removed_schedule_is_cancelled_and_comes_back(life: Life) -> None:
    both = ONE + "\nt: {content: b.md, at: 09:00, to: tg}"
    life.began(both)
    life.changed(ONE)
    life.at("02-14 12:00")
    assert life.seen() == [FIRST]
    assert life.row("02-14 09:00").reason == "an edit took it out of the plan"
    life.changed(both)
    life.at("02-15 12:00")
    assert life.seen() == [FIRST, "02-15 08:00 a.md", "02-15 09:00 b.md"]
    assert life.row("02-14 09:00").state.value == "cancelled"


def test_a_schedule_split_by_channels_after_it_went_out(life: Life) -> None:
    life.began("s: {content: a.md, at: 08:00, to: [tg, tg2]}")
    life.at("02-14 09:00")
    life.changed("s: {content: a.md, at: 10:00, to: tg}\nt: {content: a.md, at: 11:00, to: tg2}")
    life.at("02-14 20:00")
    assert life.seen() == [FIRST, FIRST]
    assert life.row("02-14 10:00").state.value == life.row("02-14 11:00", "tg2").state.value == "skipped"


def test_a_schedule_split_by_times_in_the_middle_of_its_day(life: Life) -> None:
    life.began("s: {content: a.md, at: [08:00, 10:00], to: tg}")
    life.at("02-14 09:00")
    life.changed("s: {content: a.md, at: 08:00, to: tg}\nt: {content: a.md, at: 10:00, to: tg}")
    life.at("02-15 20:00")
    assert life.seen() == [FIRST, "02-14 10:00 a.md", "02-15 08:00 a.md", "02-15 10:00 a.md"]


def test_two_schedules_merged_after_one_went_out(life: Life) -> None:
    life.began("s: {content: a.md, at: 08:00, to: tg}\nt: {content: a.md, at: 10:00, to: tg2}")
    life.at("02-14 09:00")
    life.changed("s: {content: a.md, at: 11:00, to: [tg, tg2]}")
    life.at("02-14 20:00")
    assert life.seen() == [FIRST, "02-14 11:00 a.md"]
    assert life.seen("tg2") == ["02-14 11:00 a.md"]


def test_rows_of_a_table_change_their_order(life: Life) -> None:
    rows = [
        "- {days: 2022-02-14, at: 08:00, content: a.md, to: [tg, tg2]}",
        "- {days: 2022-02-15, at: 08:00, content: b.md, to: tg}",
        "- {days: 2022-02-16, at: 08:00, content: a.md, to: tg}",
    ]
    life.began("s:\n" + "\n".join(f"  {row}" for row in rows))
    life.at("02-14 09:00")
    numbers = {row.id for row in life.rows()}
    life.changed("s:\n" + "\n".join(f"  {row}" for row in reversed(rows)))
    life.at("02-17 09:00")
    assert {row.id for row in life.rows()} == numbers
    assert life.seen("tg") == [FIRST, "02-15 08:00 b.md", "02-16 08:00 a.md"]


def test_a_row_of_a_table_is_moved_to_another_day(life: Life) -> None:
    life.began("s:\n  - {days: 2022-02-15, at: 08:00, content: a.md, to: tg}\n"
                "  - {days: 2022-02-16, at: 08:00, content: b.md, to: tg}")  # fmt: skip
    life.changed("s:\n  - {days: 2022-02-17, at: 08:00, content: a.md, to: tg}\n"
                  "  - {days: 2022-02-16, at: 08:00, content: b.md, to: tg}")  # fmt: skip
    life.at("02-18 09:00")
    assert life.seen() == ["02-16 08:00 b.md", "02-17 08:00 a.md"]


def test_a_text_that_is_out_and_goes_over_to_another_schedule(life: Life) -> None:
    life.began(ONE)
    life.at("02-14 08:30")
    life.changed("s: {content: b.md, at: 08:00, to: tg}\nt: {content: a.md, at: 09:00, to: tg}")
    life.at("02-15 12:00")
    assert life.seen("tg") == [FIRST, "02-15 08:00 b.md", "02-15 09:00 a.md"]
    assert life.row("02-14 09:00").state is State.SKIPPED


# An edit that is interrupted


@dataclass
class Torn:
    """A database that takes so many transactions, and then none."""

    store: Store
    writes: int

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        self.writes -= 1
        if self.writes < 0:
            raise OSError
        with self.store.write() as tx:
            yield tx


@pytest.mark.parametrize("writes", range(4))
def test_what_a_person_holds_stays_held_wherever_its_edit_is_interrupted(life: Life, writes: int) -> None:
    life.began("s: {content: a.md, at: 09:00, to: tg}")
    life.hold(life.row("02-14 09:00"))
    life.schedules("s: {content: a.md, at: 10:00, to: tg}")
    edited = read_workspace(Folder(life.directory))
    with suppress(OSError):
        Planner(Torn(life.running.store, writes)).plan(edited, life.clock.now())  # type: ignore[arg-type]
    assert life.edit()
    assert life.row("02-14 10:00").state is State.HELD
    life.at("02-14 11:00")
    assert life.seen() == []
