"""One delivery, in a straight line: claimed → intent → publish → finish; and asking after doubtful ones.

The fence: the intent is durable before the first byte leaves; every request checks that the rows are still in
the epoch that claimed them; only that epoch can finish them.
"""

import logging
import random
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from channels.base import (
    Accepted,
    Channel,
    ChannelError,
    Finds,
    Io,
    Receipt,
    SessionChannel,
    Settles,
    Slot,
    TryLater,
    Unauthorized,
)
from channels.http import Client
from content.media import MediaFolder
from publisher import ledger
from publisher.clock import Clock
from publisher.delivery import Delivery, State, Step, after, after_look_up, after_settling
from publisher.settings import SecretMissing, Secrets
from publisher.store import attempts, deliveries, log, pauses
from publisher.store.database import Store
from publisher.store.log import WORKER

_log = logging.getLogger(__name__)

#: For how long a worker holds a row without renewing; longer than any single exchange.
LEASE = timedelta(seconds=120)
#: Seconds that one exchange with a server may take in all.
DEADLINE = 30.0
#: Seconds that a wait for the rate lasts at most before the lease is looked after.
_NAP = 10.0

#: Takes the next turn at a channel's server: the seconds until it comes.
Pace = Callable[[], float]


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
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Let what is being sent come to its end soon: long waits for a rate are put off."""
        self._stopping.set()

    def publish(self, claimed: Sequence[Delivery], channel: Channel, plan: int, pace: Pace) -> None:
        """Publish one claimed delivery, or the claimed deliveries of one slot."""
        sending = self._intend(claimed, channel, plan)
        if not sending:
            return
        try:
            outcome = self._attempt(sending, channel, self._io(sending, channel, pace))
        except LeaseLost:
            _log.warning("delivery %s: lost its lease while sending; it is looked up", sending[0].id)
            return
        self._finish(sending, channel, outcome)

    def ask(self, claimed: Delivery, channel: Channel, pace: Pace) -> None:
        """Look for a doubtful delivery, or ask what became of an accepted one."""
        io = self._io([claimed], channel, pace)
        try:
            look = self._settled if claimed.state is State.ACCEPTED else self._looked_up
            outcome, step = look(claimed, channel, io)
        except LeaseLost:
            return  # a person settled it meanwhile
        now = self._tools.clock.now()
        columns: dict[str, Any] = {"lookups": claimed.lookups + 1}
        if step.state is State.IN_DOUBT:
            columns["doubt_at"] = claimed.doubt_at or now
        with self._store.write() as tx:
            try:
                deliveries.move(tx, claimed, self._clean(step, channel), now, WORKER, **columns)
            except deliveries.Overtaken:
                return
            if isinstance(outcome, Unauthorized):
                self._pause(tx, channel, outcome, now)

    def give_up(self, row: Delivery) -> None:
        """A doubtful or accepted delivery whose channel nobody knows any more: only a person can look."""
        now = self._tools.clock.now()
        with self._store.write() as tx, suppress(deliveries.Overtaken):
            if row.state is State.ACCEPTED:
                step = Step(State.IN_DOUBT, "accepted by a channel whose settings are not known any more", now)
            else:
                step = Step(State.NEEDS_PERSON, f"{row.reason}; the settings of its channel are not known any more")
            deliveries.move(tx, row, step, now, WORKER)

    def _intend(self, claimed: Sequence[Delivery], channel: Channel, plan: int) -> list[Delivery]:
        """Make the intent durable: from here on the rows may be published, as they are now.

        None of them if one was taken back, or lost its post, since they were claimed.
        """
        now = self._tools.clock.now()
        sending = []
        with self._store.write() as tx:
            rows = deliveries.as_claimed(tx, claimed)
            if not rows:
                deliveries.let_go(tx, claimed)
                return []
            first = rows[0]
            number = deliveries.supplements(tx, first.channel, first.session) if first.session else None
            for row in rows:
                columns: dict[str, Any] = {
                    "plan": plan, "attempts": row.attempts + 1, "lookups": 0,
                    "supplement": number, "lease_until": now + LEASE,
                }  # fmt: skip
                trying = replace(row, attempts=row.attempts + 1)
                facts = {"plan": plan, "agency": channel.agency}
                deliveries.move(tx, trying, Step(State.SENDING, "sending"), now, WORKER, facts=facts, **columns)
                attempts.begin(tx, row.id, row.epoch, now)
                sending.append(replace(trying, state=State.SENDING, supplement=number, lease_until=now + LEASE))
        return sending

    def _attempt(self, sending: Sequence[Delivery], channel: Channel, io: Io) -> Any:
        """What became of the attempt: what the kind gives, or the error that it raises."""
        first = sending[0]
        posts = tuple(row.post for row in sending if row.post)
        if not isinstance(channel, SessionChannel):
            return self._tried(first, lambda: channel.publish(posts[0], io))
        session = (first.session or first.occurrence).astimezone(posts[0].occurrence.tzinfo)
        return self._tried(first, lambda: channel.publish_slot(Slot(session, first.supplement or 0, posts), io))

    def _finish(self, sending: Sequence[Delivery], channel: Channel, outcome: Receipt | Accepted | Exception) -> None:
        now, chance = self._tools.clock.now(), self._tools.chance()
        with self._store.write() as tx:
            for row in sending:
                step = self._clean(after(row, outcome, now, chance), channel)
                columns: dict[str, Any] = {"doubt_at": now} if step.state is State.IN_DOUBT else {}
                if step.state is State.HELD:
                    columns = {"held_from": State.PLANNED.value, "ruled": True}
                attempts.end(tx, row.id, row.epoch, now, type(outcome).__name__)
                try:
                    deliveries.move(tx, row, step, now, WORKER, **columns)
                except deliveries.Overtaken:
                    receipt = asdict(step.receipt) if step.receipt else None
                    log.append(
                        tx, "late_answer", now, WORKER, delivery=row.id, epoch=row.epoch,
                        reason=step.reason, receipt=receipt,
                    )  # fmt: skip
            if isinstance(outcome, Unauthorized):
                self._pause(tx, channel, outcome, now)

    def _pause(self, tx: Connection, channel: Channel, error: Unauthorized, now: datetime) -> None:
        is_missing = isinstance(error, SecretMissing)
        reason = str(error) if is_missing else f"its credentials are not accepted: {error}"
        reason = self._tools.secrets.redact(reason, channel.secrets)
        if pauses.pause(tx, channel.name, reason, now, passing=is_missing):
            log.append(tx, "paused", now, WORKER, channel=channel.name, reason=reason)

    def _looked_up(self, claimed: Delivery, channel: Channel, io: Io) -> tuple[Any, Step]:
        post = claimed.post
        if not isinstance(channel, Finds) or post is None:
            return None, Step(State.NEEDS_PERSON, f"{claimed.reason}; this kind of channel cannot be asked")
        found = self._tried(claimed, lambda: channel.find(post, io))
        now, chance = self._tools.clock.now(), self._tools.chance()
        settled_at = None if channel.settling is None else (claimed.doubt_at or now) + channel.settling
        return found, after_look_up(found, now, settled_at=settled_at, lookups=claimed.lookups, chance=chance)

    def _settled(self, claimed: Delivery, channel: Channel, io: Io) -> tuple[Any, Step]:
        accepted = claimed.accepted
        if not isinstance(channel, Settles) or accepted is None:
            return None, Step(State.IN_DOUBT, "accepted, and this kind of channel cannot be asked what became of it")
        outcome = self._tried(claimed, lambda: channel.settle(accepted, io))
        now, chance = self._tools.clock.now(), self._tools.chance()
        return outcome, after_settling(outcome, now, asked=claimed.lookups, chance=chance)

    def _tried(self, row: Delivery, action: Callable[[], Any]) -> Any:
        """What a kind's method gives, or the error that it raises: whatever it is, it has a consequence.

        Only a lost lease passes: then nothing may be done for the row any more. A bug in a kind's code leaves its
        place, but none of its words, in the program's own log.
        """
        try:
            return action()
        except LeaseLost:
            raise
        except ChannelError as error:
            return error
        except Exception as error:
            place = error.__traceback__
            while place is not None and place.tb_next is not None:
                place = place.tb_next
            where = f"{place.tb_frame.f_code.co_qualname}, line {place.tb_lineno}" if place else "?"
            _log.error("delivery %s: %s in %s", row.id, type(error).__name__, where)
            return error

    def _io(self, rows: Sequence[Delivery], channel: Channel, pace: Pace) -> Io:
        tools, row = self._tools, rows[0]
        with self._store.read() as view:
            steps = attempts.steps_of(view, row.id)

        def step(name: str, value: Any) -> None:
            with self._store.write() as tx:
                at, is_public = tools.clock.now(), name.startswith(channel.public_steps)
                if not attempts.put_step(tx, row.id, row.epoch, name, value, at, is_public=is_public):
                    raise LeaseLost
            steps[name] = value

        return Io(
            http=tools.client.bound(self._before(pace, _Lease(tools, rows)), DEADLINE),
            now=tools.clock.now(),
            folder=tools.folder / channel.name,
            secret=tools.secrets.reveal,
            media=lambda media: tools.media.read(media.sha256),
            steps=steps,
            step=step,
        )

    def _before(self, pace: Pace, lease: "_Lease") -> Callable[[], None]:
        """What stands before each exchange: the channel's rate, and then the fence."""

        def before() -> None:
            left = pace()
            while left > 0:
                if self._stopping.is_set() and left > _NAP:
                    raise TryLater("Publisher was stopped while it waited for the channel's rate")
                self._tools.clock.wait(min(left, _NAP))
                left -= _NAP
                lease.check()
            lease.check()

        return before

    def _clean(self, step: Step, channel: Channel) -> Step:
        return replace(step, reason=ledger.plain(self._tools.secrets.redact(step.reason, channel.secrets)))


class _Lease:
    """The hold of a worker on the rows that it works on."""

    def __init__(self, tools: Tools, rows: Sequence[Delivery]) -> None:
        self._tools = tools
        self._rows = rows
        self._until = rows[0].lease_until or tools.clock.now()

    def check(self) -> None:
        """Right before each exchange: still ours, and for longer than the exchange may take, or LeaseLost."""
        now = self._tools.clock.now()
        if now >= self._until:
            raise LeaseLost
        if self._until - now < LEASE / 2:
            with self._tools.store.write() as tx:
                if not deliveries.renew(tx, self._rows, now + LEASE):
                    raise LeaseLost
            self._until = now + LEASE
            return
        with self._tools.store.read() as view:
            if not deliveries.holds(view, self._rows):
                raise LeaseLost
