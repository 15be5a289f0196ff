"""The daemon of one process: APScheduler gives the ticks, one loop does what is due.

Ticks only ring a bell; the loop alone decides what there is to do, from the rows. A tick that is lost, late or
doubled therefore changes nothing.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from publisher.app import App
from publisher.workspace import Folder

_log = logging.getLogger(__name__)

_WATCH = 1.0  # seconds between two looks at the files and at the database
_FEEDS = 60.0
_PLAN = 3600.0
_LONGEST_SLEEP = timedelta(seconds=30)


class Daemon:
    """Runs an app until it is stopped."""

    def __init__(self, app: App, tell: Callable[[str], None]) -> None:
        self._app = app
        self._tell = tell
        self._bell = threading.Event()
        self._stopping = threading.Event()
        self._tasks = {"work"}
        self._turn = threading.Lock()
        self._files = Folder(app.directory)
        self._seen = self._settled = self._files.fingerprint()
        self._changes = app.store.changes()
        executors = {"default": ThreadPoolExecutor(4)}
        self._ticks = BackgroundScheduler(
            executors=executors, job_defaults={"coalesce": True, "misfire_grace_time": None}
        )

    def ring(self) -> None:
        """Something has ended, or may be due: look."""
        self._ask("work")

    def run(self) -> None:
        """Work until `stop`; then finish what is being sent."""
        for task, seconds in (("plan", _PLAN), ("feeds", _FEEDS)):
            self._ticks.add_job(self._ask, IntervalTrigger(seconds=seconds), args=[task])
        self._ticks.add_job(self._watch, IntervalTrigger(seconds=_WATCH))
        self._ticks.start()
        self._ask("feeds")
        try:
            while not self._stopping.is_set():
                self._bell.wait()
                self._bell.clear()
                if not self._stopping.is_set():
                    self._do(self._taken())
        finally:
            self._ticks.shutdown(wait=True)

    def stop(self) -> None:
        """End `run` soon. May be called by a signal handler."""
        self._stopping.set()
        self._bell.set()

    def _do(self, tasks: set[str]) -> None:
        """Carry out what was asked for; an error in one round must not end the daemon."""
        try:
            if "reload" in tasks:
                self._tell("reloaded" if self._app.reload() else "mistakes")
            if "plan" in tasks:
                self._app.plan()
            if "feeds" in tasks:
                self._poll_feeds()
            self._app.work()
            self._wake_at(self._app.next_wake())
        except Exception:
            _log.exception("a round of work failed; it is tried again")
            self._wake_at(self._app.clock.now() + timedelta(seconds=5))

    def _poll_feeds(self) -> None:
        """In a thread of its own: a slow feed delays nobody."""
        self._ticks.add_job(self._poll, id="poll", replace_existing=True)

    def _poll(self) -> None:
        self._app.poll_feeds()
        self.ring()

    def _wake_at(self, at: datetime | None) -> None:
        """Ring at the very next due time."""
        latest = self._app.clock.now() + _LONGEST_SLEEP
        wake = min(at, latest) if at else latest
        self._ticks.add_job(self.ring, DateTrigger(wake), id="wake", replace_existing=True)

    def _watch(self) -> None:
        """Notice edits once they are whole, and what other processes have written."""
        found = self._files.fingerprint()
        if found == self._seen and found != self._settled:  # unchanged for a second: saved for good
            self._settled = found
            self._ask("reload")
        self._seen = found
        changes = self._app.store.changes()
        if changes != self._changes:
            self._changes = changes
            self._ask("work")

    def _ask(self, task: str) -> None:
        with self._turn:
            self._tasks.add(task)
        self._bell.set()

    def _taken(self) -> set[str]:
        with self._turn:
            tasks, self._tasks = self._tasks, set()
        return tasks
