"""Which rows now: gives every idle channel its next delivery, and never waits for a slow one."""

import logging
import threading
from collections.abc import Callable, Collection
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta

from channels.base import Channel
from publisher.clock import Clock
from publisher.delivery import Delivery
from publisher.store import deliveries
from publisher.store.database import Store
from publisher.worker import LEASE, Worker

_log = logging.getLogger(__name__)

#: One thread a channel that is being spoken to; idle ones cost nothing.
MOST_THREADS = 1024


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
            start = max(now, self.free_at) if self.free_at else now
            self.free_at = start + self._interval
        return (start - now).total_seconds()


class Dispatcher:
    """Hands due rows to worker threads, one at a time a channel."""

    def __init__(self, store: Store, worker: Worker, clock: Clock, done: Callable[[], None]) -> None:
        self._store = store
        self._worker = worker
        self._clock = clock
        self._done = done
        self._threads = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="worker")
        self._busy: set[str] = set()
        self._idle = threading.Condition()  # guards `_busy`, and tells of its end
        self._asked: set[str] = set()  # channels that were asked last: the next turn is for a delivery
        self._paces: dict[tuple[str, float], Pace] = {}
        self._turn = threading.Lock()

    def dispatch(
        self,
        now: datetime,
        channel_of: Callable[[Delivery], Channel | None],
        plan: int,
        only: int | None = None,
    ) -> int:
        """Start all that can be started now, or one delivery; how many. `channel_of`: a row's channel's settings."""
        with self._turn:
            # Turn about on each channel, so that neither doubts nor deliveries wait for all of the others.
            asked = self._ask(now, channel_of, self._asked)
            published = self._publish(now, channel_of, plan, only)
            asked_again = self._ask(now, channel_of, asked | published)
            self._asked = (self._asked | asked | asked_again) - published
            return len(asked) + len(published) + len(asked_again)

    def next_wake(self, now: datetime) -> datetime | None:
        """When there may be something to start, as far as rows and rates tell."""
        with self._store.read() as view:
            row = deliveries.next_wake(view, now)
        rates = [pace.free_at for pace in self._paces.values() if pace.free_at and pace.free_at > now]
        return min([*rates, *([row] if row else [])], default=None)

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
        self._worker.stop()
        self._threads.shutdown(wait=True)

    def _publish(
        self, now: datetime, channel_of: Callable[[Delivery], Channel | None], plan: int, only: int | None
    ) -> set[str]:
        with self._store.read() as view:
            heads = deliveries.heads(view, now, self._unavailable(now), self._room(), only)
        started = set()
        for head in heads:
            channel = channel_of(head)
            if channel is None:
                continue
            claimed = self._claim(head, now)
            if claimed:
                self._start(head.channel, self._worker.publish, claimed, channel, plan, self._pace(channel).take)
                started.add(head.channel)
        return started

    def _ask(self, now: datetime, channel_of: Callable[[Delivery], Channel | None], later: Collection[str]) -> set[str]:
        with self._store.read() as view:
            rows = deliveries.to_ask(view, now, [*self._unavailable(now), *later], self._room())
        started = set()
        for row in rows:
            channel = channel_of(row)
            if channel is None:
                self._worker.give_up(row)
                continue
            try:
                with self._store.write() as tx:
                    claimed = deliveries.claim(tx, row, now, now + LEASE)
            except deliveries.Overtaken:
                continue
            self._start(row.channel, self._worker.ask, claimed, channel, self._pace(channel).take)
            started.add(row.channel)
        return started

    def _claim(self, head: Delivery, now: datetime) -> list[Delivery]:
        """The head, or all due rows of its session; empty if another hand has one of them."""
        try:
            with self._store.write() as tx:
                rows = [head]
                if head.session is not None:
                    rows = deliveries.of_slot(tx, head, now) if deliveries.is_slot_open(tx, head, now) else []
                return [deliveries.claim(tx, row, now, now + LEASE) for row in rows]
        except deliveries.Overtaken:
            return []

    def _start(self, channel: str, work: Callable[..., None], *args: object) -> None:
        with self._idle:
            self._busy.add(channel)
        future = self._threads.submit(work, *args)
        future.add_done_callback(lambda done: self._ended(channel, done))

    def _ended(self, channel: str, future: "Future[None]") -> None:
        if error := future.exception():  # its words may hold anything
            _log.error("channel %s: %s in a worker; what it sent is looked up", channel, type(error).__name__)
        with self._idle:
            self._busy.discard(channel)
            self._idle.notify_all()
        self._done()

    def _room(self) -> int:
        """How many more may be started: what is claimed is not to wait for a thread."""
        return MOST_THREADS - len(self._busy)

    def _unavailable(self, now: datetime) -> list[str]:
        waiting = [name for (name, _), pace in self._paces.items() if pace.free_at and pace.free_at > now]
        with self._idle:
            return [*self._busy, *waiting]

    def _pace(self, channel: Channel) -> Pace:
        interval = channel.effective_rate.interval
        return self._paces.setdefault((channel.name, interval), Pace(interval, self._clock))
