"""What a kind may touch while it works on a delivery, and the fence that stands before each of its requests.

Before every request: the channel's rate, and then whether the rows are still in the epoch that claimed them, for longer
than the request may take.
"""

import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from channels.base import Channel, Io, TryLater
from channels.http import Client
from channels.smtp import MailClient
from content.media import MediaFolder
from publisher.clock import Clock
from publisher.delivery import Delivery, State
from publisher.settings import Secrets
from publisher.store import attempts, leases
from publisher.store.database import Store

#: For how long a worker holds a row without renewing; longer than any single exchange.
LEASE = timedelta(seconds=120)
#: Seconds for which a claim that was just made, or looked at, needs no other look: its lease lasts far longer.
TRUST = 1.0
#: Seconds that one exchange with a server may take in all.
DEADLINE = 30.0
#: Seconds that a wait for the rate lasts at most before the lease is looked after.
_NAP = 10.0

#: Takes the next turn at a channel's server: the seconds until it comes.
Pace = Callable[[], float]


class PutOff(TryLater):
    """Nobody was asked: nothing is known of the channel."""


class LeaseLost(Exception):
    """Another hand has the rows: nothing more may be sent for them."""


@dataclass(frozen=True)
class Tools:
    """What a worker works with."""

    store: Store
    client: Client
    secrets: Secrets
    media: MediaFolder
    folder: Path  # below it every channel has its own
    clock: Clock
    chance: Callable[[], float] = random.random
    deadline: float = DEADLINE
    trust: float = TRUST
    mail: MailClient = field(default_factory=MailClient)


class Fence:
    """Makes what kinds get for their work. `stopping`: from then on nobody waits long for a rate."""

    def __init__(self, tools: Tools, stopping: threading.Event) -> None:
        self._tools = tools
        self._stopping = stopping
        self._folders: dict[str, Path] = {}

    def io(self, rows: Sequence[Delivery], channel: Channel, pace: Pace, *, are_claimed: bool = True) -> Io:
        """What a kind may touch for these rows. `are_claimed`: False where nothing is sent for them.

        Its requests, and its steps, raise LeaseLost when another hand has the rows.
        """
        tools, row = self._tools, rows[0]
        steps: dict[str, Any] = {}
        if row.attempts > 1 or row.state is not State.SENDING:  # a first attempt has none
            with tools.store.read() as view:
                steps = attempts.steps_of(view, row.id)

        def step(name: str, value: Any) -> None:
            with tools.store.write() as tx:
                at, is_public = tools.clock.now(), name.startswith(channel.public_steps)
                if not attempts.put_step(tx, row.id, row.epoch, name, value, at, is_public=is_public):
                    raise LeaseLost
            steps[name] = value

        fence = _Lease(tools, rows).check if are_claimed else _nothing
        before = self._before(pace, fence)
        return Io(
            http=tools.client.bound(before, tools.deadline),
            mail=tools.mail.bound(before, tools.deadline),
            now=tools.clock.now(),
            folder=self._folder(channel),
            secret=tools.secrets.reveal,
            media=lambda media: tools.media.read(media.sha256),
            steps=steps,
            step=step,
        )

    def _folder(self, channel: Channel) -> Path:
        known = self._folders.get(channel.name)
        if known is None:  # to join a path takes as long as all else that is made for an attempt
            known = self._folders[channel.name] = self._tools.folder / channel.name
        return known

    def _before(self, pace: Pace, fence: Callable[[], None]) -> Callable[[], None]:
        """What stands before each exchange: the channel's rate, and then the fence."""

        def before() -> None:
            left = pace()
            while left > 0:
                if self._stopping.is_set() and left > _NAP:
                    raise PutOff("Publisher was stopped while it waited for the channel's rate")
                self._tools.clock.wait(min(left, _NAP))
                left -= _NAP
                fence()
            fence()

        return before


def _nothing() -> None:
    """No rows are held."""


class _Lease:
    """The hold of a worker on the rows that it works on."""

    def __init__(self, tools: Tools, rows: Sequence[Delivery]) -> None:
        self._tools = tools
        self._rows = rows
        self._until = rows[0].lease_until or tools.clock.now()
        self._seen = time.monotonic()

    def check(self) -> None:
        """Right before each exchange: still ours, and for longer than the exchange may take, or LeaseLost."""
        now = self._tools.clock.now()
        if now >= self._until:
            raise LeaseLost
        if self._until - now < LEASE / 2:
            with self._tools.store.write() as tx:
                if not leases.renew(tx, self._rows, now + LEASE):
                    raise LeaseLost
            self._until = now + LEASE
        elif time.monotonic() - self._seen >= self._tools.trust:
            with self._tools.store.read() as view:
                if not leases.holds(view, self._rows):
                    raise LeaseLost
        else:
            return
        self._seen = time.monotonic()
