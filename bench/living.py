"""The real daemon at work, here and now, until all that is due has gone out."""

import json
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pysqlite3 import dbapi2

from bench import offices
from bench.costs import Commits
from bench.hosts import resolve
from bench.sink import SinkWorld
from channels.http import Client
from publisher.app import App
from publisher.clock import SystemClock
from publisher.daemon import Daemon
from publisher.delivery import UNFINISHED, State
from publisher.fence import DEADLINE

#: By the index of states: to count what is published would take a processor.
_OPEN = ", ".join(f"'{state}'" for state in sorted(UNFINISHED - {State.NEEDS_PERSON}))
_OTHERS = "channel NOT IN (SELECT value FROM json_each(?))"
_IS_LEFT = f"SELECT EXISTS (SELECT 1 FROM deliveries WHERE state IN ({_OPEN}) AND {_OTHERS})"
_LOST = f"SELECT state, count(*) FROM deliveries WHERE state <> 'published' AND {_OTHERS} GROUP BY state"
_LOOK = 0.05  # seconds between two looks at how much is left
_HANGS = 1800.0  # seconds after which something must be wrong


def live(
    directory: Path,
    url: str,
    lead: float,
    *,
    ca: str | None = None,
    deadline: float = DEADLINE,
    hung: Sequence[str] = (),
) -> dict[str, Any]:
    """Send what the workspace's rows hold to the sinks at `url`; the first is due `lead` seconds from the start.

    `ca`: the certificates to trust, where `url` is that of `hosts`. `hung`: the channels that are not waited for.
    Gives `seconds` from the first due to the last commit, the processor's seconds (`cpu`), and the cost of commits.
    """
    offices.move_due(directory, datetime.now(UTC) + timedelta(hours=1))  # starting takes a while
    client = Client(verify=ca, resolve=resolve) if ca else None
    with App(directory, SystemClock(), SinkWorld(url), deadline=deadline, client=client) as app:
        app.start()
        due = datetime.now(UTC) + timedelta(seconds=lead)
        offices.move_due(directory, due)
        daemon = Daemon(app, lambda: None)
        thread = threading.Thread(target=daemon.run)
        thread.start()
        _sleep_until(due.timestamp() - 0.05)
        with Commits() as commits:
            began = time.process_time()
            ended = _when_done(app.store.path, thread.is_alive, hung)
            cpu = time.process_time() - began
        daemon.stop()
        thread.join()
    return {
        "seconds": ended - due.timestamp(),
        "cpu": cpu,
        "commits": commits.count,
        "commit_seconds": commits.seconds,
    }


def _sleep_until(at: float) -> None:
    time.sleep(max(0.0, at - time.time()))


def _when_done(path: Path, is_alive: Callable[[], bool], hung: Sequence[str]) -> float:
    """When the last row was committed as published, to within a look."""
    database = dbapi2.connect(str(path))
    end = time.time() + _HANGS
    while time.time() < end and is_alive():
        (is_left,) = database.execute(_IS_LEFT, [json.dumps(hung)]).fetchone()
        now = time.time()
        if not is_left:
            break
        time.sleep(_LOOK)
    lost = database.execute(_LOST, [json.dumps(hung)]).fetchall()
    database.close()
    if lost:
        raise RuntimeError(f"the daemon did not publish everything: {dict(lost)}")
    return now
