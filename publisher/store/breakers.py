"""The breakers of channels that failed since they worked last: durable, so that a restart forgets none."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.breaker import Breaker, Circuit, Outcome
from publisher.store import log, tables
from publisher.store.log import WORKER

_b = tables.breakers
_ALL = select(_b)


@dataclass(frozen=True)
class Heard:
    """What an attempt or a look-up came to."""

    channel: str
    outcome: Outcome  # what the kind gave or raised; None if the channel was not asked
    reason: str  # of a failure, free of secrets
    at: datetime
    chance: float  # in [0, 1)


def note(tx: Connection, all_heard: Sequence[Heard]) -> None:
    """Feed the breakers, in the transaction of what the outcomes do to the rows, in their order.

    Once for each attempt or look-up, however many rows it was for. Where all works, it costs one question.
    """
    if not all_heard:
        return
    before = known(tx)
    after = dict(before)
    for heard in all_heard:
        was = after.get(heard.channel, Breaker())
        after[heard.channel] = now_is = was.after(heard.outcome, heard.reason, heard.at, heard.chance)
        if (was.probe_at is None) is not (now_is.probe_at is None):
            event, told = ("channel_up", None) if now_is.probe_at is None else ("channel_down", heard.reason)
            log.append(tx, event, heard.at, WORKER, channel=heard.channel, reason=told)
    for channel, breaker in after.items():
        if breaker != before.get(channel, Breaker()):
            _keep(tx, channel, breaker)


def try_now(tx: Connection, channel: str, now: datetime) -> bool:
    """Let a channel that does not answer be tried at once; False if it is not broken."""
    not_closed = (_b.c.channel == channel) & _b.c.probe_at.is_not(None)
    return tx.execute(update(_b).where(not_closed).values(probe_at=now)).rowcount == 1


def is_broken(view: Connection, channel: str) -> bool:
    """Whether a channel does not answer, as far as is known."""
    return get(view, channel).probe_at is not None


def get(view: Connection, channel: str) -> Breaker:
    """The breaker of a channel."""
    return known(view).get(channel, Breaker())


def known(view: Connection) -> Mapping[str, Breaker]:
    """The breakers of all channels that failed since they worked last."""
    rows = view.execute(_ALL)
    return {row.channel: Breaker(row.failures, row.since, row.probe_at, row.tries, row.reason) for row in rows}


def broken(view: Connection) -> Mapping[str, Breaker]:
    """The breakers that are not closed: open, or due to be tried."""
    return {name: breaker for name, breaker in known(view).items() if breaker.probe_at is not None}


def open_channels(view: Connection, now: datetime) -> set[str]:
    """The channels to which nothing is sent, and which are not asked, until their next probe."""
    return {name for name, one in broken(view).items() if one.circuit(now) is Circuit.OPEN}


def next_probe(view: Connection, now: datetime) -> datetime | None:
    """The next instant after now at which a channel may be tried."""
    soonest: datetime | None = view.scalar(select(func.min(_b.c.probe_at)).where(_b.c.probe_at > now))
    return soonest


def _keep(tx: Connection, channel: str, breaker: Breaker) -> None:
    if breaker == Breaker():
        tx.execute(delete(_b).where(_b.c.channel == channel))
        return
    values = asdict(breaker)
    query = upsert(_b).values(channel=channel, **values)
    tx.execute(query.on_conflict_do_update(index_elements=["channel"], set_=values))
