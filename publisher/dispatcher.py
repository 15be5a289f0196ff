"""Which rows now: gives every idle channel its next delivery, and never waits for a slow one."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

from channels.base import Channel
from publisher.clock import Clock
from publisher.delivery import Delivery
from publisher.store import deliveries
from publisher.store.database import Store
from publisher.worker import LEASE, Worker

#: One thread a channel that is being spoken to; idle ones cost nothing.
MOST_THREADS = 1024
_BATCH = 500


class Pace:
    """A token bucket of burst 1: the requests to one channel's server."""

    def __init__(self, interval: float, clock: Clock) -> None:
        self._interval = timedelta(seconds=interval)
        self._clock = clock
        self._turn = threading.Lock()
        self.free_at: datetime | None = None

    def take(self) -> None:
        """Wait until the next request may go out."""
        with self._turn:
            now = self._clock.now()
            start = max(now, self.free_at) if self.free_at else now
            self.free_at = start + self._interval
        if start > now:
            self._clock.wait((start - now).total_seconds())


class Dispatcher:
    """Hands due rows to worker threads, one at a time a channel."""

    def __init__(self, store: Store, worker: Worker, clock: Clock, done: Callable[[], None]) -> None:
        self._store = store
        self._worker = worker
        self._clock = clock
        self._done = done
        self._threads = ThreadPoolExecutor(MOST_THREADS, thread_name_prefix="worker")
        self._busy: dict[str, Future[None]] = {}
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
            return self._publish(now, channel_of, plan, only) + self._ask(now, channel_of)

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
        """Wait for all that was started; False if the time ran out."""
        return not wait(list(self._busy.values()), timeout).not_done

    def close(self) -> None:
        """Wait for all that was started, and start nothing more."""
        self._threads.shutdown(wait=True)

    def _publish(
        self, now: datetime, channel_of: Callable[[Delivery], Channel | None], plan: int, only: int | None
    ) -> int:
        with self._store.read() as view:
            heads = deliveries.heads(view, now, self._unavailable(now), _BATCH, only)
        started = 0
        for head in heads:
            channel = channel_of(head)
            if channel is None:
                continue
            pace = self._pace(channel)
            if pace.free_at and pace.free_at > now:
                continue
            claimed = self._claim(head, now)
            if claimed:
                self._start(head.channel, self._worker.publish, claimed, channel, plan, pace.take)
                started += 1
        return started

    def _ask(self, now: datetime, channel_of: Callable[[Delivery], Channel | None]) -> int:
        with self._store.read() as view:
            rows = deliveries.to_ask(view, now, list(self._busy), _BATCH)
        started = 0
        for row in rows:
            channel = channel_of(row)
            if channel is None:
                continue
            try:
                with self._store.write() as tx:
                    deliveries.claim(tx, row, now, now + LEASE)
            except deliveries.Overtaken:
                continue
            claimed = _in_next_epoch(row, now)
            self._start(row.channel, self._worker.ask, claimed, channel, self._pace(channel).take)
            started += 1
        return started

    def _claim(self, head: Delivery, now: datetime) -> list[Delivery]:
        """The head, or all due rows of its session; empty if another hand has one of them."""
        try:
            with self._store.write() as tx:
                rows = [head]
                if head.session is not None:
                    rows = deliveries.of_slot(tx, head, now) if deliveries.is_slot_open(tx, head) else []
                for row in rows:
                    deliveries.claim(tx, row, now, now + LEASE)
        except deliveries.Overtaken:
            return []
        return [_in_next_epoch(row, now) for row in rows]

    def _start(self, channel: str, work: Callable[..., None], *args: object) -> None:
        future = self._threads.submit(work, *args)
        self._busy[channel] = future
        future.add_done_callback(lambda done: self._ended(channel, done))

    def _ended(self, channel: str, future: "Future[None]") -> None:
        if self._busy.get(channel) is future:
            del self._busy[channel]
        self._done()

    def _unavailable(self, now: datetime) -> list[str]:
        waiting = [name for (name, _), pace in self._paces.items() if pace.free_at and pace.free_at > now]
        return [*self._busy, *waiting]

    def _pace(self, channel: Channel) -> Pace:
        interval = channel.effective_rate.interval
        return self._paces.setdefault((channel.name, interval), Pace(interval, self._clock))


def _in_next_epoch(row: Delivery, now: datetime) -> Delivery:
    return Delivery(**{**vars(row), "epoch": row.epoch + 1, "lease_until": now + LEASE})
