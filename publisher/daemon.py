"""The daemon of one process: APScheduler gives the ticks, one loop does what is due.

Ticks only ask for a round of work; the loop alone decides what there is to do, from the rows. A tick that is
lost, late or doubled therefore changes nothing.
"""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from queue import Empty, SimpleQueue

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from publisher.app import App
from publisher.store.database import BROKEN

_log = logging.getLogger(__name__)

_WATCH = 0.5  # seconds between two looks at the files and at the database
_STILL = 4  # looks for which edited files must stay as they are: editors and copies save in several steps
_MINUTE = 60.0
_PLAN = 3600.0
_LOOK = 2.0  # seconds between two looks at the clock while nothing is asked for
_AGAIN = timedelta(seconds=5)
_EVENTS = frozenset({"ended", "changed"})
#: Seconds between the beginnings of two rounds that nothing but such an event asked for: at least, at most, and as a
#: multiple of what the last round took. Rounds must not take from those who send.
_BREATH, _LONG_BREATH, _SHARE = 0.1, 2.0, 20


class Daemon:
    """Runs an app until it is stopped.

    `tell` is called after each round, in the thread of `run`; `alert` each minute, in a thread of its own, with
    whether the last round went well.
    """

    def __init__(self, app: App, tell: Callable[[], None], alert: Callable[[bool], None] = lambda _: None) -> None:
        self._app = app
        app.on_done = self._ended
        self._tell = tell
        self._alert = alert
        self._is_well = True  # the last round
        self._is_stopping = False
        self._asked: SimpleQueue[str] = SimpleQueue()  # its `put` may interrupt itself: signal handlers call it
        self._seen = self._settled = app.fingerprint()
        self._still = 0
        self._rests_until = 0.0  # from rounds that nothing but an event asks for
        self._failed: set[str] = set()
        self._trouble = ""  # why the last round failed
        self._jumps = app.guard.jumps
        self._changes = app.store.changes()
        executors = {"default": ThreadPoolExecutor(4)}
        self._ticks = BackgroundScheduler(
            executors=executors, job_defaults={"coalesce": True, "misfire_grace_time": None}
        )

    def ring(self) -> None:
        """Something has ended, or may be due: look."""
        self._asked.put("work")

    def _ended(self) -> None:
        """Something that was started has ended."""
        self._asked.put("ended")

    def run(self) -> None:
        """Work until `stop`; what is being sent then goes on, until the app is closed."""
        self._set_ticks()
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

    def _set_ticks(self) -> None:
        """Let the ticks count from now."""
        for task, seconds in (("plan", _PLAN), ("minute", _MINUTE)):
            trigger = IntervalTrigger(seconds=seconds)
            self._ticks.add_job(self._asked.put, trigger, args=[task], id=task, replace_existing=True)
        self._ticks.add_job(self._watch, IntervalTrigger(seconds=_WATCH), id="watch", replace_existing=True)

    def _next(self) -> set[str]:
        """All that was asked for, as soon as there is something."""
        tasks: set[str] = set()
        while not tasks:
            try:
                tasks.add(self._asked.get(timeout=_LOOK))
            except Empty:
                if self._app.guard.clock_was_set:  # back: no tick comes until it has caught up
                    tasks.add("work")
        while not self._asked.empty():
            tasks.add(self._asked.get())
        return self._gathered(tasks)

    def _gathered(self, tasks: set[str]) -> set[str]:
        """With what ends and changes in the next moment: hundreds of channels are not to cause hundreds of rounds."""
        while tasks <= _EVENTS and (left := self._rests_until - time.monotonic()) > 0:
            with suppress(Empty):
                tasks.add(self._asked.get(timeout=left))
        return tasks

    def _do(self, tasks: set[str]) -> None:
        """Carry out what was asked for; an error in one round must not end the daemon."""
        began = time.monotonic()
        try:
            if "reload" in tasks:
                self._app.reload()
            if "plan" in tasks:
                self._app.plan()
            if "minute" in tasks:
                self._app.look_after_secrets()
                self._poll_feeds()
                self._raise_alerts()
            self._app.work()
            self._count_anew()
            self._wake_at(self._app.next_wake())
            self._tell()
            self._trouble, self._is_well = "", True
        except BROKEN as error:
            self._say(str(getattr(error, "orig", error)))
            self._try_again(tasks)
        except Exception:
            _log.exception("a round of work failed; it is tried again")
            self._try_again(tasks)
        took = time.monotonic() - began
        self._rests_until = began + min(max(_BREATH, _SHARE * took), _LONG_BREATH)

    def _count_anew(self) -> None:
        """After the clock was set, ticks that were reckoned from it come too late, or too soon."""
        if self._jumps != self._app.guard.jumps:
            self._jumps = self._app.guard.jumps
            self._set_ticks()
            for task in ("plan", "minute", *self._failed):
                self._asked.put(task)

    def _say(self, trouble: str) -> None:
        """Of what lasts, once."""
        if trouble != self._trouble:
            _log.error("a round of work failed, and is tried again every %s seconds: %s", _AGAIN.seconds, trouble)
        self._trouble = trouble

    def _try_again(self, tasks: set[str]) -> None:
        self._is_well = False
        self._failed |= tasks
        self._later("again", self._ask_again, self._app.clock.now() + _AGAIN)

    def _poll_feeds(self) -> None:
        """In a thread of its own: a slow feed delays nobody."""
        self._ticks.add_job(self._poll, id="poll", replace_existing=True)

    def _poll(self) -> None:
        try:
            self._app.poll_feeds()
        except BROKEN as error:
            self._say(str(getattr(error, "orig", error)))
        self.ring()

    def _raise_alerts(self) -> None:
        """In a thread of its own, too: nobody waits for a mail server."""
        self._ticks.add_job(self._look_out, id="alerts", replace_existing=True, max_instances=2)

    def _look_out(self) -> None:
        try:
            self._app.look_out()
            self._alert(self._is_well)
        except BROKEN as error:
            self._say(str(getattr(error, "orig", error)))
        except Exception:
            _log.exception("looking for alerts failed; it is tried again in a minute")

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
            self._asked.put("changed")
