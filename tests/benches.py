"""A bench: store, worker and dispatcher over a clock set by hand, with channels that do what a test says."""

import dataclasses
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from pydantic import PrivateAttr

from channels.base import Absent, Accepted, CannotTell, Channel, Io, Receipt, SessionChannel, Slot
from channels.http import Client
from content.media import MediaFolder
from content.post import Format, Post
from content.values import Rate, Secret
from publisher import overdue
from publisher.clock import Clock, VirtualClock
from publisher.delivery import Delivery, Planned, State
from publisher.dispatcher import Dispatcher
from publisher.fence import LEASE, Tools
from publisher.schedules import load
from publisher.settings import Secrets
from publisher.store import deliveries, leases, log
from publisher.store.database import Store
from publisher.store.log import PLANNER
from publisher.worker import Batch, Worker
from tests import kinds

NOW = datetime(2022, 2, 14, 1, 0, tzinfo=UTC)
RECEIPT = Receipt("1", "https://so.example/1")
_PLAN = b"""
timezone: Asia/Ho_Chi_Minh
agencies: {so: {name: So}}
channels: {kenh: {kind: scripted, agency: so}}
defaults: {late: {grace: 12h}}
campaigns:
  thu: {title: Thu, schedules: {tin: {content: tin.md, at: 08:00, to: kenh}}}
"""

Act = Callable[[Post, Io], Any]


class Scripted(Channel):
    """Does what it is told, and cannot be asked afterwards."""

    format: ClassVar[Format] = Format.PLAIN
    default_rate: ClassVar[Rate] = Rate(1000, 1)
    password: Secret = Secret("PASSWORD")
    _act: Act = PrivateAttr()

    def publish(self, post: Post, io: Io) -> Receipt | Accepted:
        outcome: Receipt | Accepted = _given(self._act(post, io))
        return outcome


class Findable(Scripted):
    """Can be asked, and what it does not have is absent at once."""

    settling: ClassVar[timedelta | None] = timedelta(0)
    _find: Act = PrivateAttr()

    def find(self, post: Post, io: Io) -> Receipt | Absent | CannotTell:
        found: Receipt | Absent | CannotTell = _given(self._find(post, io))
        return found


class SlowlyFindable(Findable):
    """What it does not have may still appear for an hour."""

    settling: ClassVar[timedelta | None] = timedelta(hours=1)


class Uncertain(Findable):
    """What it does not have may appear at any time."""

    settling: ClassVar[timedelta | None] = None


class Settling(SlowlyFindable):
    """Takes a post first, and says later what became of it."""

    _settle: Callable[[Accepted, Io], Any] = PrivateAttr()

    def settle(self, accepted: Accepted, io: Io) -> Receipt | Accepted:
        outcome: Receipt | Accepted = _given(self._settle(accepted, io))
        return outcome


class Pinging(Scripted):
    """Cannot be asked after a post, but whether it answers."""

    _ping: Callable[[], Any] = PrivateAttr()

    def ping(self, io: Io) -> None:
        _given(self._ping())


class Collecting(SessionChannel):
    """Collects a session."""

    format: ClassVar[Format] = Format.PLAIN
    _act: Callable[[Slot, Io], Any] = PrivateAttr()

    def publish_slot(self, slot: Slot, io: Io) -> Receipt:
        receipt: Receipt = _given(self._act(slot, io))
        return receipt


def _given(outcome: Any) -> Any:
    """An error is raised, anything else is returned."""
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def channel(name: str, act: Act | None = None, *, find: Act | None = None, **more: Any) -> Scripted:
    """A channel that publishes so; with `find`, one that can be asked. `kind` chooses another class."""
    made = more.pop("kind", Findable if find else Scripted)(name=name, agency="so", **more)
    made._act = act or (lambda post, io: RECEIPT)
    if find:
        made._find = find
    return made  # type: ignore[no-any-return]


class Bench:
    """Use it as a context; `channels` are those that its rows may name."""

    def __init__(
        self,
        directory: Path,
        *channels: Channel,
        clock: Clock | None = None,
        environment: Mapping[str, str] = kinds.SECRETS,
        chance: Callable[[], float] = lambda: 0.5,
        trust: float = 0.0,  # every request looks at its claim
    ) -> None:
        self.virtual = VirtualClock(NOW)
        self.clock = clock or self.virtual
        self.path = directory / "var" / "publisher.db"
        self.store = Store.open(self.path, self.clock.now())
        self.client = Client()
        self.schedules = load(lambda path: _PLAN, kinds={"scripted": Scripted})
        media, folder = MediaFolder(directory / "media"), directory / "channels"
        tools = Tools(self.store, self.client, Secrets(environment), media, folder, self.clock, chance, trust=trust)
        self.worker = Worker(tools)
        self.dispatcher = Dispatcher(self.store, self.worker, self.clock, lambda: None)
        self.channels = {channel.name: channel for channel in channels}
        self._uuid = self.store.uuid

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.dispatcher.close()
        self.client.close()
        self.store.close()

    def row(self, channel: str = "kenh", post: Mapping[str, Any] | None = None, **values: Any) -> Delivery:
        """A planned delivery, due now, with its post; `values` replaces any field of its `Planned`."""
        now = self.clock.now()
        defaults: dict[str, Any] = {
            "schedule": "thu/tin", "name": "thu/tin", "campaign": "thu", "occurrence": now,
            "day": f"{now:%Y-%m-%d}", "channel": channel, "item": "", "content": "tin.md", "message": "tin.md",
            "due": now, "session": None, "place": 0, "priority": 2,
        }  # fmt: skip
        planned = Planned(**{**defaults, **values})
        with self.store.write() as tx:
            number = deliveries.add(tx, planned, self._uuid, now, PLANNER)
            row = deliveries.get(tx, number)
            assert row
            made = kinds.post(key=row.key, **(post or {}))
            deliveries.amend(tx, row, post=made.as_json(), post_sha256=made.sha256, revision="r")
        return self.now(row)

    def now(self, row: Delivery | int) -> Delivery:
        """The row as it is in the database now."""
        with self.store.read() as view:
            found = deliveries.get(view, row if isinstance(row, int) else row.id)
        assert found
        return found

    def claim(self, row: Delivery) -> Delivery:
        """The row, claimed."""
        with self.store.write() as tx:
            return leases.claim(tx, self.now(row), self.clock.now(), self.clock.now() + LEASE)

    def publish(self, row: Delivery, channel: Channel | None = None) -> Delivery:
        """Claim and publish a row; what became of it."""
        self.worker.publish(Batch([self.now(row)], channel or self.channels[row.channel], 1), lambda: 0.0)
        return self.now(row)

    def ask(self, row: Delivery, channel: Channel | None = None) -> Delivery:
        """Claim and look up a row; what became of it."""
        self.worker.ask(self.claim(row), channel or self.channels[row.channel], lambda: 0.0)
        return self.now(row)

    def settings(self, row: Delivery) -> tuple[Channel, int] | None:
        """What the dispatcher asks for."""
        channel = self.channels.get(row.channel)
        return (channel, 1) if channel else None

    def sweep(self) -> None:
        """What the clock does."""
        overdue.sweep(self.store, dataclasses.replace(self.schedules, channels=self.channels), self.clock.now())

    def work(self) -> int:
        """Start all that is to be done at this instant, and wait for it; how many were started."""
        total = 0
        for _ in range(500):
            self.sweep()
            started = self.dispatcher.dispatch(self.clock.now(), self.settings)
            self.dispatcher.drain()
            total += started
            if not started:
                return total
        raise AssertionError("there is no end to what is started at one instant")

    def later(self, **length: float) -> None:
        """Let time pass, and do what is to be done then."""
        self.virtual.set(self.virtual.now() + timedelta(**length))
        self.work()

    def entries(self, row: Delivery | None = None, event: str | None = None) -> list[Mapping[str, Any]]:
        """The log's entries: of a row, or of one event."""
        with self.store.read() as view:
            found = list(log.entries(view, delivery=row.id if row else None))
        return [entry for entry in found if event in (None, entry["event"])]


def in_state(bench: Bench, row: Delivery, state: State, **columns: Any) -> Delivery:
    """The row put into a state without asking the table: where a test begins."""
    with bench.store.write() as tx:
        deliveries.amend(tx, row, state=state.value, **columns)
    return dataclasses.replace(bench.now(row), state=state)
