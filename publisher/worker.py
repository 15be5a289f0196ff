"""One delivery, in a straight line: claimed → intent → publish → finish; and asking after doubtful ones.

The fence: the intent is durable before the first byte leaves; every request checks that the rows are still in
the epoch that claimed them; only that epoch can finish them.
"""

import logging
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from channels.base import (
    Accepted,
    Channel,
    Finds,
    Io,
    Receipt,
    SessionChannel,
    Settles,
    Slot,
    Unauthorized,
)
from channels.http import Client
from content.media import MediaFolder
from publisher.clock import Clock
from publisher.delivery import Delivery, State, Step, after, after_look_up, after_settling
from publisher.settings import Secrets
from publisher.store import attempts, deliveries, log, pauses
from publisher.store.database import Store
from publisher.store.log import WORKER

_log = logging.getLogger(__name__)

#: For how long a worker holds a row without renewing; longer than any single exchange.
LEASE = timedelta(seconds=120)
#: Seconds that one exchange with a server may take in all.
DEADLINE = 30.0


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


class Worker:
    """Works on claimed rows; safe for threads, as long as a row is given to one of them."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._store = tools.store

    def publish(self, claimed: Sequence[Delivery], channel: Channel, plan: int, pace: Callable[[], None]) -> None:
        """Publish one claimed delivery, or the claimed deliveries of one slot. `pace` waits for the rate."""
        try:
            sending = self._intend(claimed, plan)
        except deliveries.Overtaken:
            return
        lease = _Lease(self._tools, sending)
        outcome = self._attempt(sending, channel, lease, pace)
        if outcome is not None:
            self._finish(sending, channel, outcome)

    def ask(self, claimed: Delivery, channel: Channel, pace: Callable[[], None]) -> None:
        """Look for a doubtful delivery, or ask what became of an accepted one."""
        step = self._settled(claimed, channel, pace) if claimed.accepted else self._looked_up(claimed, channel, pace)
        now = self._tools.clock.now()
        with self._store.write() as tx:
            try:
                deliveries.move(tx, claimed, self._clean(step, channel), now, WORKER, lookups=claimed.lookups + 1)
            except deliveries.Overtaken:
                return  # a person settled it meanwhile

    def _intend(self, claimed: Sequence[Delivery], plan: int) -> list[Delivery]:
        """Make the intent durable: from here on the rows may be published."""
        now = self._tools.clock.now()
        sending = []
        with self._store.write() as tx:
            first = claimed[0]
            number = deliveries.supplements(tx, first.channel, first.session) if first.session else None
            for row in claimed:
                columns: dict[str, Any] = {
                    "plan": plan, "attempts": row.attempts + 1, "lookups": 0,
                    "supplement": number, "lease_until": now + LEASE,
                }  # fmt: skip
                trying = replace(row, attempts=row.attempts + 1)
                deliveries.move(tx, trying, Step(State.SENDING, "sending"), now, WORKER, **columns)
                attempts.begin(tx, row.id, row.epoch, now)
                sending.append(replace(trying, state=State.SENDING, supplement=number, lease_until=now + LEASE))
        return sending

    def _attempt(
        self, sending: Sequence[Delivery], channel: Channel, lease: "_Lease", pace: Callable[[], None]
    ) -> Receipt | Accepted | Exception | None:
        """What became of the attempt; None if the rows were lost on the way."""
        first = sending[0]
        io = self._io(first, channel, _in_turn(pace, lease.check))
        posts = tuple(row.post for row in sending if row.post)
        try:
            if isinstance(channel, SessionChannel):
                session = (first.session or first.occurrence).astimezone(posts[0].occurrence.tzinfo)
                return channel.publish_slot(Slot(session, first.supplement or 0, posts), io)
            return channel.publish(posts[0], io)
        except LeaseLost:
            _log.warning("delivery %s: lost its lease while sending; it is looked up", first.id)
            return None
        except Exception as error:  # whatever a kind raises has a consequence
            return self._noted(error, first)

    def _finish(self, sending: Sequence[Delivery], channel: Channel, outcome: Receipt | Accepted | Exception) -> None:
        now = self._tools.clock.now()
        with self._store.write() as tx:
            for row in sending:
                step = self._clean(after(row, outcome, now, self._tools.chance()), channel)
                columns: dict[str, Any] = {"doubt_at": now} if step.state is State.IN_DOUBT else {}
                if step.state is State.HELD:
                    columns = {"held_from": State.PLANNED.value, "ruled": True}
                attempts.end(tx, row.id, row.epoch, now, type(outcome).__name__)
                try:
                    deliveries.move(tx, row, step, now, WORKER, **columns)
                except deliveries.Overtaken:
                    log.append(tx, "late_answer", now, WORKER, delivery=row.id, epoch=row.epoch, reason=step.reason)
            if isinstance(outcome, Unauthorized):
                self._pause(tx, channel, str(outcome), now)

    def _pause(self, tx: Any, channel: Channel, reason: str, now: datetime) -> None:
        reason = self._tools.secrets.redact(f"its credentials are not accepted: {reason}", channel.secrets)
        if pauses.pause(tx, channel.name, reason, now):
            log.append(tx, "paused", now, WORKER, channel=channel.name, reason=reason)

    def _looked_up(self, claimed: Delivery, channel: Channel, pace: Callable[[], None]) -> Step:
        if not isinstance(channel, Finds) or claimed.post is None:
            return Step(State.NEEDS_PERSON, f"{claimed.reason}; this kind of channel cannot be asked")
        try:
            found: Any = channel.find(claimed.post, self._io(claimed, channel, pace))
        except Exception as error:  # a look-up that fails proves nothing
            found = self._noted(error, claimed)
        now = self._tools.clock.now()
        doubt_at = claimed.doubt_at or now
        settled_at = None if channel.settling is None else doubt_at + channel.settling
        return after_look_up(found, now, settled_at=settled_at, lookups=claimed.lookups, chance=self._tools.chance())

    def _settled(self, claimed: Delivery, channel: Channel, pace: Callable[[], None]) -> Step:
        if not isinstance(channel, Settles) or claimed.accepted is None:
            return Step(State.IN_DOUBT, "accepted, and this kind of channel cannot be asked what became of it")
        try:
            outcome: Any = channel.settle(claimed.accepted, self._io(claimed, channel, pace))
        except Exception as error:  # asked again later
            outcome = self._noted(error, claimed)
        now = self._tools.clock.now()
        return after_settling(outcome, now, asked=claimed.lookups, chance=self._tools.chance())

    def _io(self, row: Delivery, channel: Channel, before: Callable[[], None]) -> Io:
        tools = self._tools
        with self._store.read() as view:
            steps = attempts.steps_of(view, row.id)

        def step(name: str, value: Any) -> None:
            with self._store.write() as tx:
                if not attempts.put_step(tx, row.id, row.epoch, name, value, tools.clock.now()):
                    raise LeaseLost
            steps[name] = value

        return Io(
            http=tools.client.bound(before, DEADLINE),
            now=tools.clock.now(),
            folder=tools.folder / channel.name,
            secret=tools.secrets.reveal,
            media=lambda media: tools.media.read(media.sha256),
            steps=steps,
            step=step,
        )

    def _noted(self, error: Exception, row: Delivery) -> Exception:
        """The error; a bug in a kind's code also leaves its place in the program's own log."""
        place = error.__traceback__
        while place is not None and place.tb_next is not None:
            place = place.tb_next
        if place is not None and not isinstance(error, (OSError, ValueError)):
            _log.debug("delivery %s: %s in %s", row.id, type(error).__name__, place.tb_frame.f_code.co_qualname)
        return error

    def _clean(self, step: Step, channel: Channel) -> Step:
        return replace(step, reason=self._tools.secrets.redact(step.reason, channel.secrets))


class _Lease:
    """The hold of a worker on the rows that it sends."""

    def __init__(self, tools: Tools, sending: Sequence[Delivery]) -> None:
        self._tools = tools
        self._sending = sending
        self._until = tools.clock.now() + LEASE

    def check(self) -> None:
        """Right before each exchange: still ours, and for longer than the exchange may take, or LeaseLost."""
        now = self._tools.clock.now()
        if now >= self._until:
            raise LeaseLost
        if self._until - now < LEASE / 2:
            with self._tools.store.write() as tx:
                if not deliveries.renew(tx, self._sending, now + LEASE):
                    raise LeaseLost
            self._until = now + LEASE
            return
        with self._tools.store.read() as view:
            if not deliveries.holds(view, self._sending):
                raise LeaseLost


def _in_turn(first: Callable[[], None], second: Callable[[], None]) -> Callable[[], None]:
    def both() -> None:
        first()
        second()

    return both
