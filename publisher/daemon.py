"""The daemon of one process: APScheduler gives the ticks, one loop does what is due.

Ticks only ask for a round of work; the loop alone decides what there is to do, from the rows. A tick that is
lost, late or doubled therefore changes nothing.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from publisher.app import App

_log = logging.getLogger(__name__)

_WATCH = 0.5  # seconds between two looks at the files and at the database
_STILL = 4  # looks for which edited files must stay as they are: editors and copies save in several steps
_MINUTE = 60.0
_PLAN = 3600.0
_LONGEST_SLEEP = 30.0
_AGAIN = timedelta(seconds=5)


class Daemon:
    """Runs an app until it is stopped. `tell` is called after each round, in the thread of `run`."""

    def __init__(self, app: App, tell: Callable[[], None]) -> None:
        self._app = app
        app.on_done = self.ring
        self._tell = tell
        self._is_stopping = False
        self._asked: SimpleQueue[str] = SimpleQueue()  # its `put` may interrupt itself: signal handlers call it
        self._seen = self._settled = app.fingerprint()
        self._still = 0
        self._failed: set[str] = set()
        self._changes = app.store.changes()
        executors = {"default": ThreadPoolExecutor(4)}
        self._ticks = BackgroundScheduler(
            executors=executors, job_defaults={"coalesce": True, "misfire_grace_time": None}
        )

    def ring(self) -> None:
        """Something has ended, or may be due: look."""
        self._asked.put("work")

    def run(self) -> None:
        """Work until `stop`; what is being sent then goes on, until the app is closed."""
        for task, seconds in (("plan", _PLAN), ("minute", _MINUTE)):
            self._ticks.add_job(self._asked.put, IntervalTrigger(seconds=seconds), args=[task])
        self._ticks.add_job(self._watch, IntervalTrigger(seconds=_WATCH))
        self._ticks.start()
        self._asked.put("minute")
        try:
            while not self._is_stopping:
                tasks = self._next()
                if not self._is_stopping:
                    self._do(tasks)
        finally:
            self._ticks.shutdown(wait=True)

    def stop(self) -> None:
        """End `run` soon. May be called by a signal handler."""
        self._is_stopping = True
        self._asked.put("stop")

    def _next(self) -> set[str]:
        """All that was asked for, as soon as there is something."""
        try:
            tasks = {self._asked.get(timeout=_LONGEST_SLEEP)}
        except Empty:  # no tick for so long: somebody has set the machine's clock back
            self._watch()
            tasks = {"work"}
        while not self._asked.empty():
            tasks.add(self._asked.get())
        return tasks

    def _do(self, tasks: set[str]) -> None:
        """Carry out what was asked for; an error in one round must not end the daemon."""
        try:
            if "reload" in tasks:
                self._app.reload()
            if "plan" in tasks:
                self._app.plan()
            if "minute" in tasks:
                self._app.look_after_secrets()
                self._poll_feeds()
            self._app.work()
            self._wake_at(self._app.next_wake())
            self._tell()
        except Exception:
            _log.exception("a round of work failed; it is tried again")
            self._failed |= tasks
            self._later("again", self._ask_again, self._app.clock.now() + _AGAIN)

    def _poll_feeds(self) -> None:
        """In a thread of its own: a slow feed delays nobody."""
        self._ticks.add_job(self._poll, id="poll", replace_existing=True)

    def _poll(self) -> None:
        self._app.poll_feeds()
        self.ring()

    def _wake_at(self, at: datetime | None) -> None:
        """Ring at the very next due time."""
        if at:
            self._later("wake", self.ring, at)

    def _later(self, what: str, act: Callable[[], object], at: datetime) -> None:
        self._ticks.add_job(act, DateTrigger(at), id=what, replace_existing=True)

    def _ask_again(self) -> None:
        failed, self._failed = self._failed, set()
        for task in failed:
            self._asked.put(task)

    def _watch(self) -> None:
        """Notice edits once they are whole, and what other processes have written."""
        found = self._app.fingerprint()
        self._still = self._still + 1 if found == self._seen else 0
        self._seen = found
        if found != self._settled and self._still >= _STILL:
            self._settled = found
            self._asked.put("reload")
        changes = self._app.store.changes()
        if changes != self._changes:
            self._changes = changes
            self.ring()
