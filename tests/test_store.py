"""The database: its schema, what protects the log, and who may hold a row."""

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pysqlite3 import dbapi2
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from publisher.delivery import State, Step
from publisher.fence import LEASE
from publisher.store import attempts, deliveries, leases, likeness, log, tables
from publisher.store.database import Store, StoreError
from publisher.store.log import DAEMON, WORKER
from tests.benches import NOW, Bench, in_state

TRIGGERS = ["log_is_never_updated", "log_is_never_deleted", "log_is_never_replaced"]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Bench(tmp_path) as made:
        yield made


def _raw(path: Path) -> dbapi2.Connection:
    return dbapi2.connect(str(path), isolation_level=None)


def _schema(path: Path) -> dict[str, str]:
    connection = _raw(path)
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE type IN ('table', 'index')").fetchall()
    connection.close()
    return {name: re.sub(r"\s+", " ", sql or "") for name, sql in rows if name != "alembic_version"}


def test_the_migrations_make_the_tables(bench: Bench, tmp_path: Path) -> None:
    with bench.store.read() as view:
        assert compare_metadata(MigrationContext.configure(view), tables.metadata) == []
    direct = create_engine(f"sqlite+pysqlite:///{tmp_path / 'direct.db'}", module=dbapi2)
    tables.metadata.create_all(direct)
    direct.dispose()
    assert {name for name in _schema(bench.path) if "alembic" not in name} == set(_schema(tmp_path / "direct.db"))
    migrated = _schema(bench.path)
    for name, sql in _schema(tmp_path / "direct.db").items():
        assert migrated[name] == sql


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE log SET body = '{}'",
        "UPDATE OR REPLACE log SET id = 9",
        "DELETE FROM log",
        "DELETE FROM log WHERE id = 1",
        "REPLACE INTO log (id, at, event, body) VALUES (1, 0, 'x', '{}')",
        "INSERT OR REPLACE INTO log (id, at, event, body) VALUES (2, 0, 'x', '{}')",
        "INSERT INTO log (id, at, event, body) VALUES (1, 0, 'x', '{}') ON CONFLICT (id) DO UPDATE SET body = 'x'",
    ],
)
def test_nobody_rewrites_the_log(bench: Bench, sql: str) -> None:
    with bench.store.write() as tx:
        for number in range(3):
            log.append(tx, "something", NOW, DAEMON, number=number)
    before = bench.entries()
    with pytest.raises(IntegrityError, match="append-only"), bench.store.write() as tx:
        tx.execute(text(sql))
    other = _raw(bench.path)
    with pytest.raises(dbapi2.IntegrityError, match="append-only"):
        other.execute(sql)
    other.close()
    assert bench.entries() == before


@pytest.mark.parametrize("name", TRIGGERS)
@pytest.mark.parametrize("instead", [None, "CREATE TRIGGER {} BEFORE UPDATE ON log BEGIN SELECT 1; END"])
def test_a_start_without_the_triggers_is_refused(tmp_path: Path, name: str, instead: str | None) -> None:
    path = tmp_path / "publisher.db"
    Store.open(path, NOW).close()
    raw = _raw(path)
    raw.execute(f"DROP TRIGGER {name}")
    if instead:
        raw.execute(instead.format(name))
    raw.close()
    with pytest.raises(StoreError, match=f"{name} are missing or altered"):
        Store.open(path, NOW)


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "publisher.db"
    Store.open(path, NOW).close()
    raw = _raw(path)
    raw.execute("UPDATE alembic_version SET version_num = '9999'")
    raw.close()
    with pytest.raises(StoreError, match="newer Publisher"):
        Store.open(path, NOW)


def test_opening_again_keeps_everything(bench: Bench) -> None:
    row = bench.row()
    again = Store.open(bench.path, NOW)
    with again.read() as view:
        assert deliveries.get(view, row.id) == row
    assert again.uuid == bench.store.uuid
    again.close()
    assert bench.path.stat().st_mode & 0o077 == 0


def test_a_row_is_held_by_one_hand(bench: Bench) -> None:
    """Many hands reach for one row at the same time, over connections of their own."""
    row = bench.row()
    hands = [Store.open(bench.path, NOW) for _ in range(4)]
    taken: list[int] = []
    together = threading.Barrier(len(hands))

    def reach(number: int) -> None:
        together.wait()
        try:
            with hands[number].write() as tx:
                leases.claim(tx, row, NOW, NOW + LEASE)
        except deliveries.Overtaken:
            return
        taken.append(number)

    threads = [threading.Thread(target=reach, args=(number,)) for number in range(len(hands))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for hand in hands:
        hand.close()
    assert len(taken) == 1
    assert bench.now(row).epoch == row.epoch + 1


def test_a_lease_that_runs_out_gives_the_row_to_the_next(bench: Bench) -> None:
    first = bench.claim(bench.row())
    with pytest.raises(deliveries.Overtaken):
        bench.claim(first)
    bench.virtual.set(NOW + LEASE)
    second = bench.claim(first)
    assert second.epoch == first.epoch + 1
    with bench.store.write() as tx:
        assert not leases.holds(tx, [first])
        assert not leases.renew(tx, [first], NOW + 2 * LEASE)
        assert not attempts.put_step(tx, first.id, first.epoch, "draft", 1, NOW)
        with pytest.raises(deliveries.Overtaken):
            deliveries.move(tx, first, Step(State.SENDING, "sending"), NOW, WORKER)
        assert leases.holds(tx, [second])
        assert attempts.put_step(tx, second.id, second.epoch, "draft", 2, NOW)
    with bench.store.read() as view:
        assert attempts.steps_of(view, first.id) == {"draft": 2}
    assert bench.now(second).lease_until == NOW + 2 * LEASE


def test_a_renewal_says_whether_all_are_still_ours(bench: Bench) -> None:
    rows = [bench.claim(bench.row(item=str(number))) for number in range(3)]
    with bench.store.write() as tx:
        assert leases.renew(tx, rows, NOW + 5 * LEASE)
        deliveries.amend(tx, rows[1], lease_until=None)
        assert not leases.renew(tx, rows, NOW + 6 * LEASE)
        assert leases.renew(tx, rows[:1], NOW + 7 * LEASE)


def test_instants_need_a_zone(bench: Bench) -> None:
    row = bench.row()
    with pytest.raises(Exception, match="time zone"), bench.store.write() as tx:
        deliveries.amend(tx, row, due=NOW.replace(tzinfo=None))
    assert bench.now(row).due == NOW


def test_a_row_exists_once(bench: Bench) -> None:
    bench.row()
    with pytest.raises(IntegrityError):
        bench.row()
    bench.row(occurrence=NOW + timedelta(days=1))
    assert len(bench.entries(event="planned")) == 2


def test_of_what_is_alike_there_is_one_on_each_of_very_many_channels(bench: Bench) -> None:
    names = [f"kenh-{number}" for number in range(150)]
    for day in (1, 2):
        for name in names:
            bench.row(name, occurrence=NOW + timedelta(days=day))
    out = bench.row("kenh-0", occurrence=NOW + timedelta(days=3))
    in_state(bench, out, State.PUBLISHED)
    with bench.store.read() as view:
        found = list(likeness.one_of_each(view, (State.PLANNED,), ()))
        every = list(likeness.one_of_each(view, (State.PLANNED,), ("thu",)))
    assert sorted(row.channel for row in found) == sorted(names)
    assert sorted(row.channel for row in every) == sorted(names * 2)
