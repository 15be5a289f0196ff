"""The fence around a write to somebody else's server, judged by the server's own record."""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
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
from publisher.fence import LEASE
from publisher.store import attempts, deliveries, queues
from publisher.worker import Batch
from tests import kinds
from tests.benches import NOW, RECEIPT, Bench, Collecting, channel, in_state
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
        bench.dispatcher.dispatch(bench.clock.now(), lambda _: (slow, 1))
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
        row = bench.row()
        bench.worker.publish(Batch([row], channel("kenh", act), 1), lambda: next(turns))
        assert bench.now(row).state is State.PLANNED
        assert len(server.requests) == 1
        done = channel("kenh", _posting(server.url))
        bench.worker.publish(Batch([bench.now(row)], done, 1), lambda: 3.0)  # what ends soon is finished
        assert bench.now(row).state is State.PUBLISHED


def _recomposed(bench: Bench, row: Delivery, **columns: Any) -> None:
    with bench.store.write() as tx:
        deliveries.amend(tx, row, **columns)


def _newer(row: Delivery) -> dict[str, Any]:
    post = kinds.post(key=row.key, title="Bản sửa")
    return {"post": post.as_json(), "post_sha256": post.sha256}


@pytest.mark.parametrize(
    "change",
    [
        _newer,
        lambda row: {"post": None, "post_sha256": None},
        lambda row: {"due": row.due + timedelta(days=1)},
        lambda row: {"state": State.HELD.value},
        lambda row: {"epoch": row.epoch + 1},
    ],
    ids=["another text", "no text", "another time", "held", "another hand"],
)
def test_a_row_that_changed_since_it_was_read_is_not_sent(bench: Bench, change: Any) -> None:
    row = bench.row()
    _recomposed(bench, row, **change(row))
    before = bench.now(row)
    bench.worker.publish(Batch([row], channel("kenh", lambda post, io: pytest.fail("sent")), 1), lambda: 0.0)
    assert bench.now(row) == before


def test_an_outcome_and_the_next_intent_are_written_together(bench: Bench) -> None:
    first, second, third = (bench.row(item=str(number)) for number in range(3))
    seen: list[list[State]] = []

    def act(post: Post, io: Io) -> Receipt:
        seen.append([bench.now(row).state for row in (first, second, third)])
        return RECEIPT

    place = channel("kenh", act)
    more = [Batch([second], place, 1), Batch([third], place, 1), None]
    bench.worker.publish(Batch([first], place, 1), lambda: 0.0, lambda: more.pop(0))
    sending, published, planned = State.SENDING, State.PUBLISHED, State.PLANNED
    assert seen == [[sending, planned, planned], [published, sending, planned], [published, published, sending]]
    assert bench.now(third).state is published


@pytest.mark.parametrize("trouble", ["changed", "broken"])
def test_an_outcome_is_kept_whatever_befalls_the_next(bench: Bench, trouble: str) -> None:
    first, second = (bench.row(item=str(number)) for number in range(2))
    place = channel("kenh", lambda post, io: RECEIPT)

    def more() -> Batch:
        if trouble == "broken":
            raise OSError("the disk")
        in_state(bench, second, State.HELD)
        return Batch([second], place, 1)

    with pytest.raises(OSError, match="the disk") if trouble == "broken" else nullcontext():
        bench.worker.publish(Batch([first], place, 1), lambda: 0.0, more)
    assert (bench.now(first).state, bench.now(second).attempts) == (State.PUBLISHED, 0)


def test_a_slot_is_sent_whole_or_not_at_all(bench: Bench) -> None:
    session = NOW + timedelta(hours=2)
    rows = [bench.row(item=str(number), session=session) for number in range(3)]
    _recomposed(bench, rows[1], state=State.HELD.value)
    before = [bench.now(row) for row in rows]
    station = Collecting(name="kenh", agency="so", sessions=("10:00",))
    station._act = lambda slot, io: pytest.fail("sent")
    bench.worker.publish(Batch(rows, station, 1), lambda: 0.0)
    assert [bench.now(row) for row in rows] == before


def test_a_slot_is_held_by_one_hand(bench: Bench) -> None:
    session = NOW + timedelta(hours=2)
    first, second = (bench.row(item=str(number), session=session) for number in range(2))

    def slot() -> list[int]:
        with bench.store.read() as view:
            return [row.id for row in queues.of_slot(view, bench.now(second), bench.clock.now())]

    assert slot() == [first.id, second.id]
    in_state(bench, first, State.SENDING)
    assert slot() == []
    in_state(bench, bench.now(first), State.PUBLISHED)
    assert slot() == [second.id]
