"""Which rows now: gives every idle channel to a thread that works through what is due there, and waits for no one."""

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from channels.base import Channel
from publisher.clock import Clock
from publisher.delivery import Delivery
from publisher.fence import LEASE
from publisher.store import breakers, deliveries, leases, pauses, queues
from publisher.store.database import Store
from publisher.worker import Batch, Worker

_log = logging.getLogger(__name__)

#: One thread a channel that is being spoken to; idle ones cost nothing.
MOST_THREADS = 4096
#: For how many seconds rows are taken for the next ones; how many are read at most, and how many more than went out
#: of those that were read before. A more urgent one that falls due meanwhile waits no longer than that.
_FRESH, _MOST_READ, _MORE = 1.0, 64, 4
#: Seconds of a channel's rate that a thread waits out rather than give the channel up.
_SHORT = 0.05
#: How long a channel rests after an error in a worker: a full disk is not to be tried a thousand times a second.
_REST = timedelta(seconds=5)

#: The settings of a row's channel, and the plan that they are from; None if nobody knows it any more.
Settings = Callable[[Delivery], tuple[Channel, int] | None]


class Pace:
    """A token bucket of burst 1: the requests to one channel's server."""

    def __init__(self, interval: float, clock: Clock) -> None:
        self._interval = timedelta(seconds=interval)
        self._clock = clock
        self._turn = threading.Lock()
        self.free_at: datetime | None = None

    def take(self) -> float:
        """Take the next turn: the seconds until the request may go out."""
        with self._turn:
            now = self._clock.now()
            # One thread speaks to a channel: what lies further ahead was reckoned before the clock was set back.
            start = min(max(now, self.free_at or now), now + self._interval)
            self.free_at = start + self._interval
        return (start - now).total_seconds()

    def shift(self, by: timedelta) -> None:
        """Keep the distance from now although the clock was set."""
        with self._turn:
            self.free_at = self.free_at + by if self.free_at else None

    def is_free(self, now: datetime) -> bool:
        """Whether a request may go out at once."""
        return self.free_at is None or self.free_at <= now


@dataclass
class _Turn:
    """What a thread was given: a channel to work through."""

    channel: str
    pace: Pace
    settings: "Settings"
    rows: deque[Delivery]  # the next ones, in order
    read_at: float  # when they were known to be the next ones
    count: int = 0  # how many have gone out since they were read


def _nothing() -> None:
    """No more than what was given."""


class Dispatcher:
    """Hands due rows to worker threads, one thread at a time a channel."""

    def __init__(
        self,
        store: Store,
        worker: Worker,
        clock: Clock,
        done: Callable[[], None],
        admits: Callable[[], bool] = lambda: True,  # whether threads may go on by themselves
    ) -> None:
        self._store = store
        self._worker = worker
        self._clock = clock
        self._done = done
        self._admits = admits
        self._threads = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="worker")
        self._busy: set[str] = set()
        self._idle = threading.Condition()  # guards `_busy`, and tells of its end
        self._asked: set[str] = set()  # channels that were asked last: the next turn is for a delivery
        self._paces: dict[tuple[str, float], Pace] = {}
        self._resting: dict[str, datetime] = {}
        self._turn = threading.Lock()
        self._is_closing = False

    def dispatch(self, now: datetime, settings: Settings, only: int | None = None) -> int:
        """Start all that can be started now, or one delivery; how many channels were started."""
        with self._turn:
            with self._store.read() as view:
                is_due, is_to_ask = queues.is_any(view, now)
            # Turn about on each channel, so that neither doubts nor deliveries wait for all of the others.
            asked = self._ask(now, settings, self._asked) if is_to_ask else set()
            published = self._publish(now, settings, only) if is_due else set()
            asked_again = self._ask(now, settings, asked | published) if is_to_ask else set()
            self._asked = (self._asked | asked | asked_again) - published
            return len(asked) + len(published) + len(asked_again)

    def next_wake(self, now: datetime) -> datetime | None:
        """When there may be something to start, as far as rows and rates tell."""
        with self._store.read() as view:
            wakes = (queues.next_wake(view, now), breakers.next_probe(view, now))
        rates = [pace.free_at for pace in self._paces.values() if pace.free_at and pace.free_at > now]
        rests = [until for until in list(self._resting.values()) if until > now]
        return min([*rates, *rests, *filter(None, wakes)], default=None)

    def shift(self, by: timedelta) -> None:
        """Keep the rates' and rests' distance from now although the clock was set."""
        for pace in self._paces.values():
            pace.shift(by)
        self._resting = {channel: until + by for channel, until in self._resting.items()}

    @property
    def is_busy(self) -> bool:
        """Whether something is being sent or asked."""
        return bool(self._busy)

    def drain(self, timeout: float | None = None) -> bool:
        """Wait until nothing is being sent or asked; False if the time ran out."""
        with self._idle:
            return self._idle.wait_for(lambda: not self._busy, timeout)

    def close(self) -> None:
        """Wait for all that was started, and start nothing more."""
        self._is_closing = True
        self._worker.stop()
        self._threads.shutdown(wait=True)

    def _publish(self, now: datetime, settings: Settings, only: int | None) -> set[str]:
        with self._store.read() as view:
            resting = breakers.open_channels(view, now)
            heads = queues.heads(view, now, [*self._unavailable(now), *resting], self._room(), only)
        started = set()
        for head in heads:
            found = settings(head)
            if found is None:
                continue
            channel, plan = found
            pace = self._pace(channel)
            rows = [head] if head.session is None else self._of_slot(head, now)
            if not rows:
                continue
            turn = _Turn(head.channel, pace, settings, deque(), -math.inf)
            more = partial(self._next, turn) if head.session is None and only is None else _nothing
            self._start(head.channel, self._worker.publish, Batch(rows, channel, plan), pace.take, more)
            started.add(head.channel)
        return started

    def _of_slot(self, head: Delivery, now: datetime) -> list[Delivery]:
        """All due rows of the head's session."""
        with self._store.read() as view:
            return queues.of_slot(view, head, now)

    def _next(self, turn: _Turn) -> Batch | None:
        """The next row of a channel, after one that is out; None where there is none, or something is in the way."""
        turn.count += 1
        if not self._is_free(turn.pace):
            return None
        self._refresh(turn)
        row = turn.rows.popleft() if turn.rows else None
        found = turn.settings(row) if row else None
        return Batch([row], *found) if row and found and row.session is None else None

    def _refresh(self, turn: _Turn) -> None:
        """See to it that the rows are those that are next, as of a moment ago."""
        read_at = time.monotonic()
        if turn.rows and read_at - turn.read_at < _FRESH:
            return
        now = self._clock.now()
        with self._store.read() as view:
            is_to_ask, first = queues.next_of(view, turn.channel, now)
            if is_to_ask:
                turn.rows.clear()
            elif not turn.rows or first != turn.rows[0].id:
                most = min(turn.count + _MORE, _MOST_READ)
                turn.rows, turn.count = deque(queues.queue(view, turn.channel, now, most)), 0
        turn.read_at = read_at

    def _is_free(self, pace: Pace) -> bool:
        """Whether the rate allows the next request, now or in a moment."""
        if self._is_closing or not self._admits():
            return False
        left = (pace.free_at - self._clock.now()).total_seconds() if pace.free_at else 0.0
        if 0 < left <= _SHORT:
            self._clock.wait(left)
        return pace.is_free(self._clock.now())

    def _ask(self, now: datetime, settings: Settings, later: Collection[str]) -> set[str]:
        with self._store.read() as view:
            resting = breakers.open_channels(view, now) | pauses.covering(view).mute
            rows = queues.to_ask(view, now, [*self._unavailable(now), *resting, *later], self._room())
        started = set()
        for row in rows:
            found = settings(row)
            if found is None:
                self._worker.give_up(row)
                continue
            try:
                with self._store.write() as tx:
                    claimed = leases.claim(tx, row, now, now + LEASE)
            except deliveries.Overtaken:
                continue
            self._start(row.channel, self._worker.ask, claimed, found[0], self._pace(found[0]).take)
            started.add(row.channel)
        return started

    def _start(self, channel: str, work: Callable[..., object], *args: object) -> None:
        with self._idle:
            self._busy.add(channel)
        future = self._threads.submit(work, *args)
        future.add_done_callback(lambda done: self._ended(channel, done))

    def _ended(self, channel: str, future: "Future[object]") -> None:
        if error := future.exception():  # its words may hold anything
            _log.error("channel %s: %s in a worker; what it sent is looked up", channel, type(error).__name__)
            self._resting[channel] = self._clock.now() + _REST
        with self._idle:
            self._busy.discard(channel)
            self._idle.notify_all()
        self._done()

    def _room(self) -> int:
        """How many more may be started: what is claimed is not to wait for a thread."""
        return MOST_THREADS - len(self._busy)

    def _unavailable(self, now: datetime) -> list[str]:
        waiting = [name for (name, _), pace in self._paces.items() if not pace.is_free(now)]
        resting = [name for name, until in list(self._resting.items()) if until > now]
        with self._idle:
            return [*self._busy, *waiting, *resting]

    def _pace(self, channel: Channel) -> Pace:
        interval = channel.effective_rate.interval
        return self._paces.setdefault((channel.name, interval), Pace(interval, self._clock))
