"""A process that can die at any of its worker's writes: worker, dispatcher and guard over a store that outlives it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from channels.base import Channel
from content.media import MediaFolder
from publisher import overdue
from publisher.clock import VirtualClock
from publisher.delivery import Delivery
from publisher.dispatcher import Dispatcher
from publisher.fence import Tools
from publisher.guard import Guard
from publisher.machine import WELL
from publisher.planner import Planner
from publisher.settings import Secrets
from publisher.store import deliveries, queues
from publisher.store.database import Store
from publisher.worker import Worker
from publisher.workspace import Workspace
from tests import kinds
from tests.places import Died, Wire

_AHEAD = timedelta(hours=1)
_PLAN = timedelta(hours=12)
_MOST = 300  # rounds at one instant, or wakes in one stretch of time


@dataclass
class Doom:
    """When a process dies: at the write of its worker after so many others, before or after it is durable."""

    writes: int | None = None
    is_durable: bool = False
    is_dead: bool = False

    def die(self) -> None:
        """Here and now."""
        self.is_dead = True
        raise Died

    def strikes(self) -> bool:
        """Whether it does at this write."""
        if self.is_dead:
            raise Died
        if self.writes is not None:
            self.writes -= 1
        return self.writes == -1


class _MortalStore:
    """The store, as a worker sees it that may die."""

    def __init__(self, store: Store, doom: Doom) -> None:
        self.read = store.read
        self._store = store
        self._doom = doom

    @contextmanager
    def write(self) -> Iterator[Connection]:
        strikes = self._doom.strikes()
        with self._store.write() as tx:
            yield tx
            if strikes and not self._doom.is_durable:
                self._doom.die()  # rolls back
        if strikes:
            self._doom.die()


@dataclass
class Office:
    """What outlives a process: the database, the plan in force, the clock, and the way to the place."""

    store: Store
    workspace: Workspace
    clock: VirtualClock
    wire: Wire
    folder: Path

    def settings(self, row: Delivery) -> tuple[Channel, int] | None:
        """What the dispatcher asks for."""
        return self.workspace.schedules.channels[row.channel], 1


class Process:
    """One process on an office, from its start to its death; at work only when it is told."""

    def __init__(self, office: Office, doom: Doom) -> None:
        self.office = office
        self.doom = doom
        store: Any = _MortalStore(office.store, doom)
        client: Any = office.wire
        media = MediaFolder(office.folder / "media")
        tools = Tools(store, client, Secrets({}), media, office.folder, office.clock, lambda: 0.5)
        self._guard = Guard(office.store, office.clock, lambda: WELL)
        self._dispatcher = Dispatcher(office.store, Worker(tools), office.clock, lambda: None, self._guard.admits)
        self._planner = Planner(office.store)
        self._planned = office.clock.now()
        self._jumps = 0

    def start(self) -> None:
        """Find what an earlier process left."""
        overdue.orphaned(self.office.store, self.office.clock.now())

    def plan(self) -> None:
        """Bring the rows in step with the plan in force."""
        self._planned = self.office.clock.now()
        self._planner.plan(self.office.workspace, self._planned)

    def work(self) -> None:
        """All that is to be done at this instant, or until its death."""
        for _ in range(_MOST):
            if self.doom.is_dead or not self._round():
                return
        raise AssertionError("there is no end to what is started at one instant")

    def live(self, until: datetime) -> bool:
        """Work until then; False if it died before."""
        clock = self.office.clock
        for _ in range(_MOST):
            if clock.now() - self._planned >= _PLAN:
                self.plan()
            self.work()
            if self.doom.is_dead or clock.now() >= until:
                return not self.doom.is_dead
            wake = self._dispatcher.next_wake(clock.now())
            clock.set(min(filter(None, (wake, until, self._planned + _PLAN))))
        raise AssertionError(f"it wakes without end, lastly at {clock.now()}")

    def close(self) -> None:
        """Leave no thread behind."""
        self._dispatcher.close()

    def _round(self) -> int:
        """As the app's, with a composer of one line."""
        office, now = self.office, self.office.clock.now()
        self._guard.look(self._dispatcher.shift)
        if self._jumps != self._guard.jumps:
            self._jumps = self._guard.jumps
            self.plan()
        overdue.sweep(office.store, office.workspace.schedules, now)
        self._compose(now)
        started = self._dispatcher.dispatch(now, office.settings)
        self._dispatcher.drain()
        return started

    def _compose(self, now: datetime) -> None:
        with self.office.store.read() as view:
            rows = queues.unsettled(view, now)
        if not rows:
            return
        with self.office.store.write() as tx:
            for row in rows:
                post = kinds.post(key=row.key, occurrence=row.occurrence, title=row.message)
                deliveries.amend(tx, row, post=post.as_json(), post_sha256=post.sha256, revision="r")
