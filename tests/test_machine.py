"""A clock that is set, and a disk that fills: nothing goes out twice or too early, and all goes on by itself."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from publisher import decisions
from publisher.clock import SystemClock, VirtualClock
from publisher.decisions import person
from publisher.delivery import State
from publisher.machine import LOW, WELL, ClockWatch, DiskWatch, Reading, free_bytes, read
from publisher.store.pauses import Scope
from sandbox.client import Sandbox
from tests.second_lives import MARK, SecondLife

NOW = datetime(2022, 2, 14, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def life(tmp_path: Path, sandbox: Sandbox) -> Iterator[SecondLife]:
    made = SecondLife(tmp_path / "w", sandbox)
    made.message("a.md")
    made.channels("tg", "web", "hop", loa="sessions: [09:15, 17:00], ready: 6h")
    yield made
    made.stop()
    sandbox.clear_faults()


def hourly(life: SecondLife, when: str = "02-14 08:30", **more: str) -> None:
    times = ", ".join(f"{hour:02}:00" for hour in range(6, 21))
    life.began(f"s: {{content: a.md, at: [{times}], to: [tg, {life.site('web')}, hop]}}", when, **more)


def entries(life: SecondLife, event: str) -> list[str]:
    return [entry["reason"] for entry in life.log() if entry["event"] == event]


# The clock


@given(st.lists(st.tuples(st.floats(0, 90_000), st.floats(-0.004, 0.004)), max_size=30))
def test_time_that_passes_is_no_jump_however_long_and_however_it_is_disciplined(
    passing: list[tuple[float, float]],
) -> None:
    reading = Reading(NOW, 7.0)
    watch = ClockWatch(reading)
    for seconds, drift in passing:
        now = reading.now + timedelta(seconds=seconds + drift * min(seconds, 1000))
        reading = Reading(now, reading.elapsed + seconds)
        assert watch.jump(reading) is None
        watch.take(reading)


@given(st.floats(0, 90_000), st.one_of(st.floats(5.1, 10**6), st.floats(-(10**6), -5.1)))
def test_a_jump_is_told_with_its_size_until_it_is_taken_for_right(seconds: float, size: float) -> None:
    watch = ClockWatch(Reading(NOW, 7.0))
    reading = Reading(NOW + timedelta(seconds=seconds + size), 7.0 + seconds)
    for _ in range(2):
        jump = watch.jump(reading)
        assert jump
        assert abs(jump.size.total_seconds() - size) < 0.001
        assert jump.is_doubtful is (jump.size > HOUR)
    watch.take(reading)
    assert watch.jump(reading) is None


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (timedelta(hours=2, seconds=4), "forward by 2 h 0 min"),
        (timedelta(minutes=-61), "back by 1 h 1 min"),
        (timedelta(minutes=59, seconds=59), "forward by 59 min"),
        (timedelta(seconds=-7), "back by 7 s"),
    ],
)
def test_a_jump_is_said_in_words(size: timedelta, words: str) -> None:
    jump = ClockWatch(Reading(NOW, 0.0)).jump(Reading(NOW + size, 0.0))
    assert str(jump) == f"the machine's clock was set {words}"


class Stopped(VirtualClock):
    """A process that is stopped for an hour right after it has looked at the clock, once."""

    stops = 1

    def now(self) -> datetime:
        seen = super().now()
        if self.stops:
            self.stops = 0
            self.set(seen + HOUR)
        return seen


def test_a_process_that_is_stopped_between_two_readings_reads_them_again() -> None:
    clock = Stopped(NOW)
    watch = ClockWatch(Reading(NOW, 0.0))
    assert watch.jump(read(clock)) is None
    assert read(clock) == Reading(NOW + HOUR, 3600.0)


def test_the_machines_clocks_agree() -> None:
    clock = SystemClock()
    watch = ClockWatch(read(clock))
    clock.wait(0.01)
    assert watch.jump(read(clock)) is None


def test_a_clock_that_steps_back_sends_nothing_again_and_no_wait_grows(life: SecondLife) -> None:
    hourly(life)
    life.at("02-14 11:30")
    out = life.seen()
    assert len(out) == 9
    life.clock.step(-2 * HOUR)
    life.at("02-14 10:59")
    assert life.seen() == out
    assert entries(life, "clock_jumped") == ["the machine's clock was set back by 2 h 0 min"]
    life.at("02-14 13:30")
    assert life.twice() == []
    assert life.seen("hop") == [f"02-14 {hour:02}:00 a.md" for hour in (9, 10, 11, 12, 13)]
    assert len(life.seen()) == 15
    assert entries(life, "paused") == []


def test_what_was_loaded_by_a_clock_that_was_ahead_is_still_to_come_when_it_is_right(life: SecondLife) -> None:
    """As at a first start, or an edit, before somebody sets the clock."""
    feed = f"{{feed: 'https://bo.example.vn/{life.mark}.xml', at: '10:30', to: hop}}"
    life.news(life.mark)
    life.began(f"s: {{content: a.md, at: '10:00', to: hop}}\nf: {feed}", "02-14 16:00")
    life.clock.step(-7 * HOUR)
    life.news(life.mark, ("02-14 09:10", "Tin"))
    life.at("02-14 09:20")
    life.unmoved()
    life.at("02-14 11:00")
    assert life.seen() == ["02-14 10:00 a.md", "02-14 10:30 Tin"]
    life.clock.step(HOUR)
    life.changed(f"s: {{content: a.md, at: ['10:00', '11:30'], to: hop}}\nf: {feed}")
    life.clock.step(-HOUR)
    life.at("02-14 11:45")
    assert life.seen()[2:] == ["02-14 11:30 a.md"]


def test_after_a_step_back_what_waits_for_another_try_goes_out_in_minutes(life: SecondLife, sandbox: Sandbox) -> None:
    sandbox.fault("wordpress", "unavailable", place=life.site("web"), times=1)
    sandbox.fault("telegram", "too-many", place=f"@{life.mark}_tg", times=1)
    hourly(life)
    life.at("02-14 09:00")
    waiting = [row for row in life.rows() if row.not_before]
    assert {row.channel.split("-")[0] for row in waiting} == {"web", "tg"}
    life.clock.step(-2 * HOUR)
    life.at("02-14 07:10")
    for row in waiting:
        then = life.row("02-14 09:00", row.channel).not_before
        assert then is None or then < life.clock.now() + timedelta(minutes=20)
    life.at("02-14 09:01")
    assert life.twice() == []
    assert {row.state for row in life.rows() if life.local(row.occurrence) == "02-14 09:00"} == {State.PUBLISHED}


def test_after_a_step_back_a_channel_whose_rate_was_used_is_not_kept_for_hours(life: SecondLife) -> None:
    hourly(life, "02-14 07:30")
    life.at("02-14 09:00")
    life.clock.step(-HOUR)
    life.send("a.md", "tg")
    life.at("02-14 08:01")
    assert len(life.seen("tg")) == 3


def test_what_waits_for_the_end_of_quiet_hours_still_does_after_a_step_back(life: SecondLife) -> None:
    life.began(
        "s: {content: a.md, at: '05:00', to: hop, late: {grace: 4h, then: skip}, quiet: ['20:00-06:00']}", "02-14 04:00"
    )
    life.at("02-14 05:30")
    life.clock.step(-HOUR)
    life.at("02-14 05:59")
    assert life.seen() == []
    life.at("02-14 06:01")
    assert life.seen("hop") == ["02-14 06:00 a.md"]


def test_a_clock_that_jumps_forward_holds_everything_until_a_person_resumes(life: SecondLife) -> None:
    hourly(life)
    life.at("02-14 09:30")
    out = life.seen()
    life.clock.step(2 * HOUR)
    life.at("02-14 12:05")
    assert life.seen() == out
    (reason,) = entries(life, "paused")
    assert reason.startswith("the machine's clock was set forward by 2 h 0 min; if it is wrong, set it right;")
    assert {row.state for row in life.rows() if life.local(row.due) in ("02-14 10:00", "02-14 12:00")} == {State.HELD}
    life.clock.step(-2 * HOUR)  # it was wrong
    life.at("02-14 10:10")
    assert life.seen() == out
    with life.running.store.write() as tx:
        decisions.resume(tx, Scope.ALL, "", person("Lan"), "giờ đã đúng", life.clock.now())
    life.at("02-14 12:01")
    assert life.twice() == []
    assert life.seen("hop") == [f"02-14 {at} a.md" for at in ("09:00", "10:10", "11:00", "12:00")]


def test_a_clock_that_jumps_forward_decides_nothing(life: SecondLife) -> None:
    schedules = "l: {content: a.md, at: sessions, to: loa}\ns: {content: a.md, at: 08:00, to: [tg]}"
    life.began(schedules, "02-14 07:30", campaign="approval: once-per-text")
    assert life.approve()
    life.message("b.md")
    life.changed(f"{schedules}\nt: {{content: b.md, at: 09:00, to: [tg]}}", campaign="approval: once-per-text")
    before = {row.id: row.state for row in life.rows()}
    life.clock.step(48 * HOUR)
    life.at("02-16 07:50")
    after = {row.id: row.state for row in life.rows()}
    assert {(state, after[number]) for number, state in before.items()} == {
        (State.PUBLISHED, State.PUBLISHED), (State.PLANNED, State.HELD), (State.PLANNED, State.PLANNED),
        (State.AWAITING, State.AWAITING),
    }  # fmt: skip
    life.clock.step(-48 * HOUR)  # it was wrong
    life.at("02-14 07:55")
    with life.running.store.write() as tx:
        decisions.resume(tx, Scope.ALL, "", person("Lan"), "giờ đã đúng", life.clock.now())
    life.approve()
    life.at("02-14 18:00")
    assert {life.row(f"02-14 {at}", "loa").state for at in ("09:15", "17:00")} == {State.PUBLISHED}
    assert life.seen("tg") == ["02-14 08:00 a.md", "02-14 09:00 b.md"]


@pytest.mark.parametrize("size", [timedelta(minutes=59), timedelta(hours=1)])
def test_up_to_an_hour_forward_is_believed_and_told(life: SecondLife, size: timedelta) -> None:
    hourly(life, "02-14 08:01")
    life.clock.step(size)
    life.at(life.now)
    assert len(entries(life, "clock_jumped")) == 1
    assert entries(life, "paused") == []
    life.at("02-14 09:10")
    assert len(life.seen()) == 3


def test_a_restart_after_a_long_time_is_no_jump(life: SecondLife) -> None:
    hourly(life)
    life.down("02-14 09:30", "02-18 09:30")
    assert entries(life, "clock_jumped") == entries(life, "paused") == []


# The disk


def test_a_low_disk_is_well_only_when_it_has_some_more_room() -> None:
    disk = DiskWatch()
    assert not disk.look(LOW)
    assert disk.look(LOW - 1)
    disk.is_low = True
    assert disk.look(WELL - 1)
    assert not disk.look(WELL)


def test_the_room_is_what_the_system_says(tmp_path: Path) -> None:
    assert free_bytes(tmp_path) > 0


def test_nothing_is_started_while_the_disk_is_low(life: SecondLife) -> None:
    life.room = WELL
    hourly(life)
    life.at("02-14 09:00")
    out = life.seen()
    rows = life.rows()
    life.room = LOW - 1
    life.at("02-14 10:20")
    assert life.seen() == out
    assert life.rows() == rows
    assert entries(life, "disk_low") == ["the disk of var/ has only 63 MB left: nothing is sent until it has 72"]
    assert life.running.next_wake() == life.clock.now() + timedelta(seconds=5)
    life.room = WELL
    life.at("02-14 10:21")
    assert entries(life, "disk_well") == ["the disk has room again: what waited goes on"]
    assert len(life.seen()) == 6
    assert life.twice() == []


def test_a_full_database_sends_nothing_without_an_intent_and_goes_on(life: SecondLife) -> None:
    hourly(life)
    life.at("02-14 08:59")
    full(life, pages=1)
    life.clock.set(life.instant("02-14 09:00"))
    with pytest.raises(OperationalError, match="full"):
        use_up(life)
    full(life, pages=2**30)
    life.at("02-14 11:30")
    assert life.twice() == []
    done = [row for row in life.rows() if row.due <= life.instant("02-14 11:00")]
    assert {row.state for row in done} == {State.PUBLISHED}
    assert len(life.seen("hop")) == 3


def full(life: SecondLife, pages: int) -> None:
    """Let the database grow to so many pages and no further; it never shrinks."""
    with life.running.store.write() as tx:
        tx.exec_driver_sql(f"PRAGMA max_page_count = {pages}")


def use_up(life: SecondLife) -> None:
    """Work, and edit the message again and again, until its pages hold no more.

    An outcome that finds no room is kept until there is some; then the next edit finds none either.
    """
    for seconds in range(500):
        life.message("a.md", text=f"{MARK} {f'{seconds} ' * 500}")
        life.running.work()
        life.running.dispatcher.drain(10)
        life.running.reload()
        life.clock.set(life.clock.now() + timedelta(seconds=1))
