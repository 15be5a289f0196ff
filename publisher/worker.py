"""Deliveries, in a straight line: claim and intent → publish → finish; and asking after doubtful ones.

The fence: the intent is durable before the first byte leaves; every request checks that the rows are still in
the epoch that claimed them; only that epoch can finish them.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from channels.base import (
    Absent,
    Accepted,
    Channel,
    ChannelError,
    Finds,
    Io,
    Pings,
    Receipt,
    Refused,
    SessionChannel,
    Settles,
    Slot,
    Unauthorized,
    Updates,
    Withdraws,
)
from content.post import Post
from publisher import ledger
from publisher.delivery import Action, Delivery, State, Step, after, after_look_up, after_settling
from publisher.fence import LEASE, Fence, LeaseLost, Pace, PutOff, Tools
from publisher.settings import SecretMissing
from publisher.store import attempts, breakers, deliveries, log, mendings, pauses, queues, withdrawals
from publisher.store.breakers import Heard
from publisher.store.commits import Commits
from publisher.store.log import WORKER
from publisher.store.moves import Move, move_all
from publisher.store.pauses import Cause, Scope

_log = logging.getLogger(__name__)

#: Seconds between two tries to write an outcome that the disk does not take.
_AGAIN = 0.5


@dataclass(frozen=True)
class Batch:
    """Rows that are published by one hand, as they were read: one, or those of a slot; and what they go out with."""

    rows: Sequence[Delivery]
    channel: Channel
    plan: int


@dataclass(frozen=True)
class _Claim:
    """What makes rows ours, and the rows as they are then."""

    moves: Sequence[Move] = ()
    sending: Sequence[Delivery] = ()


_NOTHING = _Claim()
_LEFT_BEHIND = (
    "its message was withdrawn, and a draft of it lies there that nobody sees: delete it there, and settle this as "
    "absent"
)
_SENDING = Step(State.SENDING, "sending")


class Worker:
    """Works on claimed rows; safe for threads, as long as a row is given to one of them."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._store = tools.store
        self._commits = Commits(tools.store)
        self._stopping = threading.Event()
        self._fence = Fence(tools, self._stopping)

    def stop(self) -> None:
        """Let what is being sent come to its end soon: long waits for a rate are put off."""
        self._stopping.set()

    def publish(self, batch: Batch, pace: Pace, more: Callable[[], Batch | None] = lambda: None) -> None:
        """Publish due deliveries of one channel, and after each that is out the batch that `more` gives.

        Nothing is sent of a batch of which a row is no longer as it was read; and then no more either.
        """
        if not self._answers(batch, pace):
            return
        claim = self._claim(batch)
        sending = self._begin(claim)
        while sending:
            try:
                outcome = self._attempt(sending, batch.channel, self._fence.io(sending, batch.channel, pace))
            except LeaseLost:
                _log.warning("delivery %s: lost its lease while sending; it is looked up", sending[0].id)
                return
            try:
                following = more() if isinstance(outcome, Receipt) else None
                claim = self._claim(following) if following else _NOTHING
            except Exception:  # whatever befell the next, this outcome is known
                self._finish(sending, batch.channel, outcome, _NOTHING)
                raise
            sending = self._finish(sending, batch.channel, outcome, claim)
            batch = following or batch

    def ask(self, claimed: Delivery, channel: Channel, pace: Pace) -> None:
        """Look for a doubtful delivery, or ask what became of an accepted one."""
        io = self._fence.io([claimed], channel, pace)
        try:
            look = self._settled if claimed.state is State.ACCEPTED else self._looked_up
            outcome, step = look(claimed, channel, io)
        except LeaseLost:
            return  # a person settled it meanwhile
        now, step = self._tools.clock.now(), self._clean(step, channel)
        columns: dict[str, Any] = {"lookups": claimed.lookups + 1}
        if step.state is State.IN_DOUBT:
            columns["doubt_at"] = claimed.doubt_at or now
        may_come = isinstance(outcome, Absent) and outcome.may_come
        with self._store.write() as tx:
            if may_come and step.state is State.PLANNED and withdrawals.covers(tx, claimed):
                step = Step(State.NEEDS_PERSON, _LEFT_BEHIND)
            elif may_come:
                columns["may_be_out"] = True  # it keeps its place in the plan, whatever keeps it from being sent again
            try:
                deliveries.move(tx, claimed, step, now, WORKER, **columns)
            except deliveries.Overtaken:
                return
            breakers.note(tx, [self._heard(channel, outcome, step.reason, now)])
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

    def _answers(self, batch: Batch, pace: Pace) -> bool:
        """Whether a channel is worth trying: one that did not answer is asked for a sign of life, if it can be."""
        row, channel = batch.rows[0], batch.channel
        if not isinstance(channel, Pings) or not self._is_broken(channel):
            return True
        io = self._fence.io([row], channel, pace, are_claimed=False)
        outcome = self._tried(row, lambda: channel.ping(io))
        if not isinstance(outcome, ChannelError):
            return True  # it answered; or the question has a bug, which is no reason to send nothing
        now = self._tools.clock.now()
        with self._store.write() as tx:
            breakers.note(tx, [self._heard(channel, outcome, self._cleaned(str(outcome), channel), now)])
            if isinstance(outcome, Unauthorized):
                self._pause(tx, channel, outcome, now)
        return False

    def _is_broken(self, channel: Channel) -> bool:
        with self._store.read() as view:
            return breakers.is_broken(view, channel.name)

    def _claim(self, batch: Batch) -> _Claim:
        """What claims the rows and says the intent: from then on they may be published, as they were read."""
        now = self._tools.clock.now()
        number, first = None, batch.rows[0]
        if first.session:
            with self._store.read() as view:
                number = queues.supplements(view, first.channel, first.session)
        taken = {"plan": batch.plan, "lookups": 0, "supplement": number, "lease_until": now + LEASE}
        facts = {"plan": batch.plan, "agency": batch.channel.agency}
        moves = [
            Move(row, _SENDING, now, WORKER, facts, {**taken, "attempts": row.attempts + 1}, begins=True)
            for row in batch.rows
        ]
        sending = [
            replace(
                row, state=State.SENDING, epoch=row.epoch + 1, attempts=row.attempts + 1,
                supplement=number, lease_until=now + LEASE,
            )
            for row in batch.rows
        ]  # fmt: skip
        return _Claim(moves, sending)

    def _begin(self, claim: _Claim) -> Sequence[Delivery]:
        """Make the claim durable, before the first byte; nothing if it comes too late."""
        try:
            self._commits.carry_out(claim.moves)
        except deliveries.Overtaken:
            return ()
        return claim.sending

    def _attempt(self, sending: Sequence[Delivery], channel: Channel, io: Io) -> Any:
        """What became of the attempt: what the kind gives, or the error that it raises."""
        first = sending[0]
        posts = tuple(row.post for row in sending if row.post)
        if not isinstance(channel, SessionChannel):
            return self._tried(first, lambda: self._act(first, posts[0], channel, io))
        session = (first.session or first.occurrence).astimezone(posts[0].occurrence.tzinfo)
        return self._tried(first, lambda: channel.publish_slot(Slot(session, first.supplement or 0, posts), io))

    def _act(self, row: Delivery, post: Post, channel: Channel, io: Io) -> Receipt | Accepted:
        """What a row does on its channel; where what is out cannot be changed, its post is a notice of its own."""
        if not _repeats(row, channel):
            return channel.publish(post, io)
        with self._store.read() as view:
            receipt = mendings.receipt_of(view, row.of) if row.of else None
        if receipt is None:
            raise Refused(f"delivery {row.of} has no receipt: nobody knows where it is")
        if isinstance(channel, Updates) and row.action is Action.UPDATE:
            return channel.update(receipt, post, io)
        assert isinstance(channel, Withdraws)
        return channel.withdraw(receipt, io)

    def _finish(
        self, sending: Sequence[Delivery], channel: Channel, outcome: Receipt | Accepted | Exception, claim: _Claim
    ) -> Sequence[Delivery]:
        """Make the outcome durable, and with it the next claim, if there is one: what may be sent now.

        A full disk must not turn an outcome into a doubt: it is kept until it can be written.
        """
        now, chance = self._tools.clock.now(), self._tools.chance()
        moves = [self._ended(row, channel, outcome, now, chance) for row in sending]
        heard = self._heard(channel, outcome, moves[0].step.reason, now)
        if claim.moves:
            with suppress(deliveries.Overtaken, OperationalError):  # of the two, the outcome is still to be kept
                self._commits.carry_out([*moves, *claim.moves], heard)
                return claim.sending
        while True:
            try:
                self._write(moves, channel, heard)
                return ()
            except OperationalError as error:
                _log.warning("delivery %s: its outcome cannot be written yet: %s", sending[0].id, error.orig)
                if self._stopping.wait(_AGAIN):
                    return ()  # found again at the next start, in doubt

    def _ended(self, row: Delivery, channel: Channel, outcome: Any, now: datetime, chance: float) -> Move:
        step = self._clean(after(row, outcome, now, chance, repeats=_repeats(row, channel)), channel)
        columns: dict[str, Any] = {"doubt_at": now} if step.state is State.IN_DOUBT else {}
        if step.state is State.HELD:
            columns = {"held_from": State.PLANNED.value, "ruled": True}
        return Move(row, step, now, WORKER, columns=columns, outcome=type(outcome).__name__)

    def _write(self, moves: Sequence[Move], channel: Channel, heard: Heard) -> None:
        outcome = heard.outcome
        if not isinstance(outcome, Unauthorized):
            with suppress(deliveries.Overtaken):
                self._commits.carry_out(moves, heard)
                return
        with self._store.write() as tx:
            for move in moves:
                _finish_late(tx, move)
            breakers.note(tx, [heard])
            if isinstance(outcome, Unauthorized):
                self._pause(tx, channel, outcome, heard.at)

    def _heard(self, channel: Channel, outcome: Any, reason: str, now: datetime) -> Heard:
        """`reason`: free of secrets."""
        said = None if isinstance(outcome, PutOff) else outcome
        return Heard(channel.name, said, reason, now, self._tools.chance())

    def _pause(self, tx: Connection, channel: Channel, error: Unauthorized, now: datetime) -> None:
        is_missing = isinstance(error, SecretMissing)
        reason = str(error) if is_missing else f"its credentials are not accepted: {error}"
        reason = self._tools.secrets.redact(reason, channel.secrets)
        cause = Cause.SECRET if is_missing else Cause.CREDENTIALS
        pauses.pause(tx, Scope.CHANNEL, channel.name, reason, now, WORKER, cause=cause)

    def _looked_up(self, claimed: Delivery, channel: Channel, io: Io) -> tuple[Any, Step]:
        post = claimed.post
        if _repeats(claimed, channel):
            again = Step(State.PLANNED, "perhaps done, and done again, which changes nothing", self._tools.clock.now())
            return None, again
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

    def _clean(self, step: Step, channel: Channel) -> Step:
        return replace(step, reason=self._cleaned(step.reason, channel))

    def _cleaned(self, text: str, channel: Channel) -> str:
        clean: str = ledger.plain(self._tools.secrets.redact(text, channel.secrets))
        return clean


def _repeats(row: Delivery, channel: Channel) -> bool:
    """Whether a row changes, or takes away, what is out already: done twice it is as if done once."""
    power = {Action.UPDATE: Updates, Action.WITHDRAW: Withdraws}.get(row.action)
    return power is not None and isinstance(channel, power)


def _finish_late(tx: Connection, move: Move) -> None:
    """Carry out a move; if another hand has the row by now, what the channel answered is kept in the log alone."""
    row, step = move.delivery, move.step
    try:
        with tx.begin_nested():
            move_all(tx, [move])
    except deliveries.Overtaken:
        receipt = step.receipt.as_json() if step.receipt else None
        log.append(
            tx, "late_answer", move.at, WORKER, delivery=row.id, epoch=row.epoch, reason=step.reason, receipt=receipt
        )
        attempts.end_all(tx, [(row.id, row.epoch, move.at, move.outcome or "")])
