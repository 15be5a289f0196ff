"""Which rows when: order within a channel, independence between channels, and the rate that a server sees."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from channels.base import Io, Receipt, Slot, TryLater
from content.post import Post
from publisher.clock import SystemClock
from publisher.delivery import State
from publisher.dispatcher import Pace
from publisher.fence import LEASE
from publisher.store import pauses
from publisher.store.pauses import Scope
from tests.benches import NOW, RECEIPT, Bench, Collecting, channel, in_state
from tests.raw_server import Peer, RawServer, answer


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Bench(tmp_path) as made:
        yield made


class Record:
    """What a channel was given, in order."""

    def __init__(self, bench: Bench, name: str = "kenh") -> None:
        self.keys: list[str] = []
        bench.channels[name] = channel(name, self.act)

    def act(self, post: Post, io: Io) -> Receipt:
        self.keys.append(post.key)
        return RECEIPT


def test_priority_then_due_then_place(bench: Bench) -> None:
    record = Record(bench)
    before = NOW - timedelta(minutes=5)
    rows = [
        bench.row(item="late", place=0),
        bench.row(item="second place", due=before, place=2),
        bench.row(item="first place", due=before, place=1),
        bench.row(item="urgent", priority=0, place=9),
        bench.row(item="priority", priority=1, place=8),
        bench.row(item="not yet", priority=0, due=NOW + timedelta(minutes=1)),
    ]
    bench.work()
    assert record.keys == [rows[index].key for index in (3, 4, 2, 1, 0)]
    bench.later(minutes=1)
    assert record.keys[-1] == rows[5].key


def test_one_at_a_time_on_a_channel(bench: Bench) -> None:
    inside, most = [0], [0]

    def act(post: Post, io: Io) -> Receipt:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        time.sleep(0.005)
        inside[0] -= 1
        return RECEIPT

    bench.channels["kenh"] = channel("kenh", act, find=lambda post, io: act(post, io))
    rows = [bench.row(item=str(number)) for number in range(12)]
    for number in range(12, 16):
        in_state(bench, bench.row(item=str(number)), State.IN_DOUBT, doubt_at=NOW)
    stop = threading.Event()

    def hurry() -> None:
        while not stop.is_set():
            bench.dispatcher.dispatch(NOW, bench.settings)

    hurrying = [threading.Thread(target=hurry) for _ in range(2)]
    for thread in hurrying:
        thread.start()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and any(bench.now(row).state is not State.PUBLISHED for row in rows):
        time.sleep(0.01)
    stop.set()
    for thread in hurrying:
        thread.join()
    bench.dispatcher.drain()
    assert most == [1]
    assert all(bench.now(row).attempts == 1 for row in rows)


def test_a_head_that_is_tried_again_keeps_its_place(bench: Bench) -> None:
    tried: list[str] = []

    def act(post: Post, io: Io) -> Any:
        tried.append(post.key)
        return TryLater("busy", 60) if len(tried) < 3 else RECEIPT

    bench.channels["kenh"] = channel("kenh", act)
    first, second = (bench.row(item=str(number), place=number) for number in range(2))
    for _ in range(4):
        bench.later(seconds=90)
    assert tried == [first.key] * 3 + [second.key]


def test_an_urgent_one_passes_a_head_that_waits(bench: Bench) -> None:
    record = Record(bench)
    waiting = in_state(bench, bench.row(), State.PLANNED, not_before=NOW + timedelta(minutes=9))
    urgent = bench.row(item="u", priority=0)
    bench.work()
    assert record.keys == [urgent.key]
    bench.later(minutes=9)
    assert record.keys == [urgent.key, waiting.key]


def test_a_paused_channel_sends_nothing(bench: Bench) -> None:
    record, other = Record(bench), Record(bench, "khac")
    row = bench.row()
    bench.row("khac")
    with bench.store.write() as tx:
        pauses.pause(tx, Scope.CHANNEL, "kenh", "repairs", NOW)
    assert bench.dispatcher.dispatch(NOW, bench.settings) == 1
    bench.later(hours=1)
    assert (record.keys, len(other.keys)) == ([], 1)
    assert bench.now(row).reason == "channel kenh is paused: repairs"


def test_a_slot_goes_out_together_and_what_comes_later_is_a_supplement(bench: Bench) -> None:
    slots: list[Slot] = []
    station = Collecting(name="kenh", agency="so", sessions=("10:00",))
    station._act = lambda slot, io: slots.append(slot) or RECEIPT  # type: ignore[func-returns-value]
    bench.channels["kenh"] = station
    session = NOW + timedelta(hours=2)
    rows = [bench.row(item=str(number), session=session, place=-number) for number in range(3)]
    held = in_state(bench, bench.row(item="held", session=session), State.HELD)
    bench.work()
    assert [[post.key for post in slot.posts] for slot in slots] == [[row.key for row in reversed(rows)]]
    late = in_state(bench, held, State.PLANNED)
    bench.later(minutes=1)
    assert [(slot.number, len(slot.posts)) for slot in slots] == [(0, 3), (1, 1)]
    assert bench.now(late).supplement == 1


def test_doubts_and_deliveries_take_turns(bench: Bench) -> None:
    """Neither waits until all of the other are done."""
    done: list[str] = []
    bench.channels["kenh"] = channel(
        "kenh", lambda post, io: done.append("send") or RECEIPT, find=lambda post, io: done.append("ask") or RECEIPT  # type: ignore[func-returns-value]
    )  # fmt: skip
    for number in range(3):
        bench.row(item=str(number))
        in_state(bench, bench.row(item=f"doubt {number}"), State.IN_DOUBT, doubt_at=NOW)
    bench.work()
    assert done == ["ask", "send"] * 3


def test_a_channel_full_of_doubts_hides_no_other(bench: Bench) -> None:
    bench.channels["kenh"] = channel("kenh", find=lambda post, io: TryLater("busy"))
    bench.channels["khac"] = channel("khac", find=lambda post, io: RECEIPT)
    for number in range(20):
        in_state(bench, bench.row(item=str(number)), State.IN_DOUBT)
    other = in_state(bench, bench.row("khac", occurrence=NOW + timedelta(days=1)), State.IN_DOUBT)
    assert bench.dispatcher.dispatch(NOW, bench.settings) == 2
    bench.dispatcher.drain()
    assert bench.now(other).state is State.PUBLISHED


class _Slow:
    """A server that holds each answer for a second, for ever if its address says so; its record has the times."""

    def __init__(self) -> None:
        self.record: list[tuple[str, float]] = []
        self.held = 0
        self._most = threading.Lock()
        self.most = 0

    def serve(self, peer: Peer) -> None:
        while request := peer.read():
            path = request.split()[1].decode()
            with self._most:
                self.held += 1
                self.most = max(self.most, self.held)
            if "hang" in path:
                peer.hang()
            elif "slow" in path:
                peer.server.stop.wait(1.0)
            with self._most:
                self.held -= 1
                self.record.append((path, time.monotonic()))
            peer.sock.sendall(answer())


def _post_to(url: str) -> Any:
    def act(post: Post, io: Io) -> Receipt:
        io.http.request("POST", url)
        return RECEIPT

    return act


def _is_started(bench: Bench) -> int:
    return bench.dispatcher.dispatch(bench.clock.now(), bench.settings)


def test_three_hundred_slow_channels_take_as_long_as_one(tmp_path: Path) -> None:
    slow = _Slow()
    with RawServer(slow.serve) as server, Bench(tmp_path) as bench:
        names = [f"kenh-{number}" for number in range(300)]
        for name in names:
            bench.channels[name] = channel(name, _post_to(f"{server.url}/slow/{name}"))
            bench.row(name)
        started = time.monotonic()
        assert _is_started(bench) == 300
        bench.dispatcher.drain()
        took = time.monotonic() - started
        assert {path for path, _ in slow.record} == {f"/slow/{name}" for name in names}
        assert len(slow.record) == 300
        assert slow.most > 100
        assert took < 8


def test_hung_channels_delay_no_healthy_one(tmp_path: Path) -> None:
    slow = _Slow()
    with Bench(tmp_path) as bench, RawServer(slow.serve) as server:
        for number in range(299):
            bench.channels[f"treo-{number}"] = channel(f"treo-{number}", _post_to(f"{server.url}/hang"))
            bench.row(f"treo-{number}")
        _is_started(bench)
        deadline = time.monotonic() + 10
        while slow.held < 299 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert slow.held == 299
        bench.channels["khoe"] = channel("khoe", _post_to(f"{server.url}/well"))
        healthy = bench.row("khoe", place=999)
        began = time.monotonic()
        assert _is_started(bench) == 1
        while bench.now(healthy).state is not State.PUBLISHED and time.monotonic() < began + 5:
            time.sleep(0.01)
        assert time.monotonic() - began < 1
        assert [path for path, _ in slow.record] == ["/well"]
        server.stop.set()  # the hung ones get their answer; the bench waits for them


def test_the_server_sees_the_rate_and_the_urgent_one_first(tmp_path: Path) -> None:
    slow = _Slow()
    with RawServer(slow.serve) as server, Bench(tmp_path, clock=SystemClock()) as bench:

        def act(post: Post, io: Io) -> Receipt:
            for part in (1, 2):
                io.http.request("POST", f"{server.url}/{post.title}/{part}")
            return RECEIPT

        bench.channels["kenh"] = channel("kenh", act, rate="10/second")
        for title, priority in (("a", 2), ("b", 2), ("urgent", 0)):
            bench.row(item=title, priority=priority, post={"title": title})
        deadline = time.monotonic() + 10
        while len(slow.record) < 6 and time.monotonic() < deadline:
            bench.work()
            time.sleep(0.005)
    assert [path for path, _ in slow.record] == [
        f"/{title}/{part}" for title in ("urgent", "a", "b") for part in (1, 2)
    ]
    times = [at for _, at in slow.record]
    assert times[-1] - times[0] >= 0.5 - 0.02
    assert all(later - earlier >= 0.08 for earlier, later in pairwise(times))


def test_the_next_wake_is_the_rate_s(bench: Bench) -> None:
    bench.channels["kenh"] = channel("kenh", _post_to("http://127.0.0.1:9"), rate="1/minute")
    bench.row()
    bench.row(item="2", due=NOW + timedelta(hours=1))
    bench.work()
    retry = bench.dispatcher.next_wake(NOW)
    assert retry == NOW + timedelta(seconds=22.5)  # of the first, which nobody answered
    bench.virtual.set(retry)
    assert bench.work() == 0
    assert bench.dispatcher.next_wake(bench.clock.now()) == NOW + timedelta(minutes=1)


def test_a_turn_taken_right_after_a_step_back_waits_no_longer_than_the_rate(bench: Bench) -> None:
    """Between two requests of one publication: nobody has seen yet that the clock was set."""
    pace = Pace(60.0, bench.virtual)
    assert [pace.take(), pace.take()] == [0.0, 60.0]
    bench.virtual.step(-timedelta(hours=2))
    assert [pace.take(), pace.take()] == [60.0, 60.0]


def test_an_error_of_our_own_is_told_and_becomes_a_doubt(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def chance() -> float:
        raise ZeroDivisionError("its own words")

    with Bench(tmp_path, channel("kenh", find=lambda post, io: RECEIPT), chance=chance) as bench:
        row = bench.row()
        bench.work()
        assert "channel kenh: ZeroDivisionError in a worker" in caplog.text
        assert "its own words" not in caplog.text
        assert bench.now(row).state is State.SENDING
        bench.virtual.set(NOW + LEASE)
        bench.sweep()
        assert bench.now(row).state is State.IN_DOUBT
