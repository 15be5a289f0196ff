"""A database that an earlier version has written, brought up to date."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from pysqlite3 import dbapi2
from sqlalchemy import create_engine, text

import publisher.store
from publisher.notices.making import READER
from publisher.store import cursors, log, pauses
from publisher.store.database import Store
from publisher.store.log import DAEMON
from publisher.store.pauses import Cause, Pause, Scope
from tests.benches import NOW


def written_by(revision: str, path: Path, *statements: str) -> None:
    """A database as a version wrote it, with rows of its own."""
    config = Config()
    config.set_main_option("script_location", str(Path(publisher.store.__file__).parent / "migrations"))
    engine = create_engine(f"sqlite+pysqlite:///{path}", module=dbapi2)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def test_pauses_of_channels_stay_with_what_ends_them(tmp_path: Path) -> None:
    path = tmp_path / "publisher.db"
    at = 1_644_800_400_000_000  # NOW, in microseconds
    written_by(
        "0001",
        path,
        f"INSERT INTO pauses (channel, reason, since, passing) VALUES ('tg', 'not set', {at}, 1)",
        f"INSERT INTO pauses (channel, reason, since, passing) VALUES ('web', 'not accepted', {at}, 0)",
        f"INSERT INTO log (at, event, body) VALUES ({at}, 'paused', '{{}}')",
    )
    store = Store.open(path, NOW)  # which refuses a log without its triggers
    with store.write() as tx:
        assert pauses.covering(tx).standing == (
            Pause(Scope.CHANNEL, "tg", Cause.SECRET, "not set", NOW, "publisher"),
            Pause(Scope.CHANNEL, "web", Cause.CREDENTIALS, "not accepted", NOW, "publisher"),
        )
        assert pauses.lift(tx, Scope.CHANNEL, "tg", "it is set", NOW, DAEMON, cause=Cause.SECRET)
        assert len(list(log.entries(tx))) == 2
    store.close()


def test_what_an_older_version_logged_is_told_nobody_by_email(tmp_path: Path) -> None:
    path = tmp_path / "publisher.db"
    entries = [f"INSERT INTO log (at, event, body) VALUES ({number}, 'published', '{{}}')" for number in range(3)]
    written_by("0006", path, *entries)
    store = Store.open(path, NOW)
    with store.read() as view:
        assert cursors.entries(view, READER, ["published"], 10) == ([], 3)
    store.close()
