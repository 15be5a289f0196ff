"""The fence around a write to somebody else's server, judged by the server's own record."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pysqlite3 import dbapi2

from channels.base import (
    Io,
    Receipt,
)
from content.post import Post
from publisher.clock import VirtualClock
from publisher.delivery import Delivery, State
from publisher.store import attempts, deliveries
from publisher.worker import LEASE
from tests import kinds
from tests.benches import NOW, RECEIPT, Bench, Collecting, channel
from tests.raw_server import Peer, RawServer, answer, answering


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Bench(tmp_path) as made:
        yield made


def _posting(url: str) -> Any:
    def act(post: Post, io: Io) -> Receipt:
        io.http.request("POST", url)
        return RECEIPT

    return act


def _take_away(bench: Bench) -> None:
    """The lease runs out, and the sweep notices."""
    bench.virtual.set(bench.clock.now() + LEASE)
    bench.sweep()


def _take_over(bench: Bench) -> None:
    """Somebody else has claimed the row, although our clock still grants us the lease."""
    with bench.store.write() as tx:
        for row in deliveries.unfinished(tx, (State.SENDING,)):
            deliveries.amend(tx, row, epoch=row.epoch + 1)


def test_the_intent_is_durable_before_the_first_byte(bench: Bench) -> None:
    seen = []

    def serve(peer: Peer) -> None:
        own = dbapi2.connect(str(bench.path))  # already when the connection comes, before any byte
        seen.append(own.execute("SELECT state, attempts, plan, doubt_at FROM deliveries").fetchall())
        seen.append(own.execute("SELECT epoch, outcome FROM attempts").fetchall())
        own.close()
        answering(answer())(peer)

    with RawServer(serve) as server:
        row = bench.publish(bench.row(), channel("kenh", _posting(server.url)))
    assert seen == [[("sending", 1, 1, None)], [(1, None)]]
    assert row.state is State.PUBLISHED
    assert row.published_at == NOW


@pytest.mark.parametrize("lose", [_take_away, _take_over])
@pytest.mark.parametrize("then", ["request", "step"])
def test_an_epoch_that_is_over_sends_and_writes_nothing_more(bench: Bench, lose: Any, then: str) -> None:
    reached: list[str] = []

    def act(post: Post, io: Io) -> Receipt:
        io.http.request("POST", server.url)
        io.step("first", 1)
        lose(bench)
        reached.append("lost")
        io.http.request("POST", server.url) if then == "request" else io.step("second", 2)
        reached.append("never")
        return RECEIPT

    with RawServer(answering(answer())) as server:
        row = bench.publish(bench.row(), channel("kenh", act))
        assert len(server.requests) == server.connections == 1
    assert reached == ["lost"]
    assert row.state is not State.PUBLISHED
    with bench.store.read() as view:
        assert attempts.steps_of(view, row.id) == {"first": 1}


def test_nothing_is_sent_for_a_lease_that_ran_out_before_the_first_byte(bench: Bench) -> None:
    def act(post: Post, io: Io) -> Receipt:
        _take_away(bench)
        io.http.request("POST", server.url)
        return RECEIPT

    with RawServer(answering(answer())) as server:
        row = bench.publish(bench.row(), channel("kenh", act))
        assert server.connections == 0
    assert row.state is State.IN_DOUBT


@pytest.mark.parametrize("lose", [_take_away, _take_over])
def test_a_late_answer_finishes_nothing_but_is_on_record(bench: Bench, lose: Any) -> None:
    def act(post: Post, io: Io) -> Receipt:
        lose(bench)
        return RECEIPT

    row = bench.publish(bench.row(), channel("kenh", act))
    assert row.state is not State.PUBLISHED
    late = bench.entries(row, "late_answer")
    assert [entry["receipt"]["url"] for entry in late] == [RECEIPT.url]


def test_a_long_publication_keeps_its_lease(bench: Bench) -> None:
    def act(post: Post, io: Io) -> Receipt:
        for _ in range(5):
            io.http.request("POST", server.url)
            bench.virtual.set(bench.clock.now() + LEASE * 0.9)
            bench.sweep()
        return RECEIPT

    with RawServer(answering(answer())) as server:
        assert bench.publish(bench.row(), channel("kenh", act)).state is State.PUBLISHED
        assert len(server.requests) == 5


class _Ticking(VirtualClock):
    """A clock whose waits take their time; at each `tick` others look at the rows."""

    tick: Callable[[], None]

    def __init__(self) -> None:
        super().__init__(NOW)

    def wait(self, seconds: float) -> None:
        self.set(self.now() + timedelta(seconds=seconds))
        self.tick()


def test_waiting_for_a_slow_rate_keeps_the_lease(tmp_path: Path) -> None:
    def act(post: Post, io: Io) -> Receipt:
        for _ in range(3):
            io.http.request("POST", server.url)
        return RECEIPT

    clock = _Ticking()
    with RawServer(answering(answer())) as server, Bench(tmp_path, clock=clock) as bench:
        clock.tick = bench.sweep
        slow = channel("kenh", act, rate="6/hour")
        row = bench.row()
        bench.dispatcher.dispatch(bench.clock.now(), lambda _: slow, 1)
        bench.dispatcher.drain()
        assert bench.now(row).state is State.PUBLISHED
        assert bench.clock.now() == NOW + timedelta(minutes=20)


def test_a_stop_puts_off_what_would_wait_long_for_its_rate(bench: Bench) -> None:
    turns = iter([0.0, 600.0])

    def act(post: Post, io: Io) -> Receipt:
        io.once("first", lambda: io.http.request("POST", server.url).status)
        bench.worker.stop()
        io.http.request("POST", server.url)
        return RECEIPT

    with RawServer(answering(answer())) as server:
        claimed = bench.claim(bench.row())
        bench.worker.publish([claimed], channel("kenh", act), 1, lambda: next(turns))
        assert bench.now(claimed).state is State.PLANNED
        assert len(server.requests) == 1
        done = channel("kenh", _posting(server.url))
        bench.worker.publish([bench.claim(claimed)], done, 1, lambda: 3.0)  # what ends soon is finished
        assert bench.now(claimed).state is State.PUBLISHED


def _recomposed(bench: Bench, row: Delivery, **columns: Any) -> None:
    with bench.store.write() as tx:
        deliveries.amend(tx, row, **columns)


def test_what_is_sent_is_what_stands_on_the_row_at_the_intent(bench: Bench) -> None:
    sent: list[Post] = []
    claimed = bench.claim(bench.row())
    newer = kinds.post(key=claimed.key, title="Bản sửa")
    _recomposed(bench, claimed, post=newer.as_json(), post_sha256=newer.sha256)
    bench.worker.publish([claimed], channel("kenh", lambda post, io: sent.append(post) or RECEIPT), 1, lambda: 0.0)  # type: ignore[func-returns-value]
    row = bench.now(claimed)
    assert sent == [newer]
    assert row.post == newer
    assert bench.entries(row, "published")[0]["post"] == newer.sha256


def test_a_row_that_lost_its_post_is_let_go(bench: Bench) -> None:
    claimed = bench.claim(bench.row())
    _recomposed(bench, claimed, post=None, post_sha256=None)
    bench.worker.publish([claimed], channel("kenh", lambda post, io: pytest.fail("sent")), 1, lambda: 0.0)
    row = bench.now(claimed)
    assert (row.state, row.lease_until, row.attempts) == (State.PLANNED, None, 0)


def test_a_slot_is_sent_whole_or_let_go(bench: Bench) -> None:
    session = NOW + timedelta(hours=2)
    rows = [bench.claim(bench.row(item=str(number), session=session)) for number in range(3)]
    _recomposed(bench, rows[1], state=State.HELD.value)
    station = Collecting(name="kenh", agency="so", sessions=("10:00",))
    station._act = lambda slot, io: pytest.fail("sent")
    bench.worker.publish(rows, station, 1, lambda: 0.0)
    assert [bench.now(row).lease_until for row in rows] == [None] * 3
    assert [bench.now(row).state for row in rows] == [State.PLANNED, State.HELD, State.PLANNED]


def test_a_slot_is_held_by_one_hand(bench: Bench) -> None:
    session = NOW + timedelta(hours=2)
    first, second = (bench.row(item=str(number), session=session) for number in range(2))

    def is_open() -> bool:
        with bench.store.read() as view:
            return deliveries.is_slot_open(view, bench.now(second), bench.clock.now())

    assert is_open()
    bench.claim(first)
    assert not is_open()
    bench.virtual.set(NOW + LEASE)
    assert is_open()
