"""What a round costs when twenty thousand deliveries are due and nothing is to be done about any of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, update
from sqlalchemy.engine import Engine

from publisher import overdue
from publisher.delivery import State
from publisher.store import deliveries, pauses, tables
from publisher.store.log import DAEMON
from publisher.store.pauses import Scope
from tests.benches import NOW, Bench, channel, in_state

MANY = 20_000


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """A bench with many due deliveries, on a hundred channels."""
    with Bench(tmp_path_factory.mktemp("crowded")) as bench:
        model = bench.row(item="model")
        with bench.store.write() as tx:
            first = tx.execute(tables.deliveries.select()).one()._asdict()
            rows = []
            for number in range(1, MANY):
                own = {"key": f"key-{number}", "item": str(number), "channel": f"k{number % 100}"}
                rows.append(first | own | {"id": model.id + number})
            tx.execute(insert(tables.deliveries), rows)
        yield bench


@dataclass
class Work:
    """What SQLite was asked to do, and the steps of its machine that it took, in hundreds."""

    statements: list[str] = field(default_factory=list)
    steps: int = 0

    def step(self) -> int:
        self.steps += 1
        return 0


@contextmanager
def watched() -> Iterator[Work]:
    """The work of all databases meanwhile."""
    work = Work()
    seen: list[Any] = []

    def begins(connection: Connection) -> None:
        raw: Any = connection.connection.dbapi_connection
        raw.set_trace_callback(work.statements.append)
        raw.set_progress_handler(work.step, 100)
        seen.append(raw)

    event.listen(Engine, "begin", begins)
    try:
        yield work
    finally:
        event.remove(Engine, "begin", begins)
        for raw in seen:
            raw.set_trace_callback(None)
            raw.set_progress_handler(None, 0)


def cost(bench: Bench) -> Work:
    """The work of one sweep."""
    with watched() as work:
        bench.sweep()
    return work


def assert_is_cheap(work: Work) -> None:
    assert len(work.statements) <= 12
    assert not [text for text in work.statements if text.startswith(("BEGIN IMMEDIATE", "UPDATE", "INSERT"))]
    assert work.steps < 100  # ten thousand steps; to look at each row would take more than a hundred thousand


def test_nothing_to_do_costs_nothing(crowded: Bench) -> None:
    assert_is_cheap(cost(crowded))


def test_the_measure_sees_what_looks_at_all_rows(crowded: Bench) -> None:
    with watched() as work, crowded.store.read() as view:
        deliveries.look_at(view, deliveries.bare(tables.deliveries.c.due <= NOW))
    assert work.steps > 1000


def test_a_pause_of_another_channel_costs_nothing_that_grows(crowded: Bench) -> None:
    with crowded.store.write() as tx:
        pauses.pause(tx, Scope.CHANNEL, "khac", "repairs", NOW)
    work = cost(crowded)
    with crowded.store.write() as tx:
        pauses.lift(tx, Scope.CHANNEL, "khac", "done", NOW, DAEMON)
    assert not [text for text in work.statements if text.startswith("BEGIN IMMEDIATE")]


def test_only_what_is_to_be_moved_is_written(crowded: Bench) -> None:
    """One late row among twenty thousand."""
    with crowded.store.write() as tx:
        early = NOW - timedelta(hours=12, seconds=1)
        tx.execute(update(tables.deliveries).where(tables.deliveries.c.id == 77).values(due=early))
    work = cost(crowded)
    assert crowded.now(77).state is State.MISSED
    assert len([text for text in work.statements if text.startswith("UPDATE")]) == 1
    assert_is_cheap(cost(crowded))


def test_a_pause_of_everything_holds_all_in_short_transactions(tmp_path: Path) -> None:
    with Bench(tmp_path) as bench:
        for number in range(450):
            bench.row(item=str(number))
        with bench.store.write() as tx:
            pauses.pause(tx, Scope.ALL, "", "a storm", NOW)
        work = cost(bench)
        assert len([text for text in work.statements if text.startswith("BEGIN IMMEDIATE")]) == 3
        with bench.store.read() as view:
            assert deliveries.counts(view) == {State.HELD: 450}


def test_what_an_earlier_process_was_sending_is_in_doubt_at_once(tmp_path: Path) -> None:
    with Bench(tmp_path, channel("kenh")) as bench:
        sent = in_state(bench, bench.claim(bench.row(item="1")), State.SENDING)
        claimed = bench.claim(bench.row(item="2"))
        asked = in_state(bench, bench.claim(bench.row(item="3")), State.IN_DOUBT)
        later = NOW + timedelta(seconds=3)
        overdue.orphaned(bench.store, later)
        found = bench.now(sent)
        assert (found.state, found.doubt_at, found.lease_until) == (State.IN_DOUBT, later, None)
        assert bench.entries(sent)[-1]["event"] == "in_doubt"
        for row in (claimed, asked):
            assert (bench.now(row).state, bench.now(row).lease_until) == (row.state, None)
