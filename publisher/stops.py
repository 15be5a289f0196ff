"""What stands against sending now: pauses, and channels that do not answer; and what is tried on these all the same.

A channel that does not answer is tried by one thing at a time: by the look-up of a doubt, which publishes nothing,
or else by one delivery.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Connection, true

from publisher.breaker import Breaker, Circuit
from publisher.delivery import RETRY_MOST, Delivery
from publisher.store import agenda, breakers, pauses
from publisher.store.pauses import Pauses, Scope

#: How many deliveries are looked at for one that may go out now.
_LOOKED_AT = 1000


@dataclass(frozen=True)
class Stops:
    """All that stops deliveries at an instant."""

    now: datetime
    pauses: Pauses
    broken: Mapping[str, Breaker]  # channels that do not answer
    tried: frozenset[int] = field(default_factory=frozenset)  # deliveries that go on all the same

    @classmethod
    def at(
        cls, view: Connection, now: datetime, is_late: Callable[[Delivery], bool], is_quiet: Callable[[Delivery], bool]
    ) -> "Stops":
        """What stops deliveries now. If one went on: is it too late then, or would it wait for quiet hours to end?"""
        broken = breakers.broken(view)
        due = [name for name, breaker in broken.items() if breaker.circuit(now) is Circuit.HALF_OPEN]
        tried: set[int] = set()
        for name in due:
            candidates = [row for row in _candidates(view, name, now) if not is_quiet(row)]
            tried |= {row.id for row in _tried(candidates, is_late)}
        return cls(now, pauses.covering(view), broken, frozenset(tried))

    def __bool__(self) -> bool:
        return bool(self.pauses.standing or self.broken)

    @property
    def covered(self) -> ColumnElement[bool]:
        """The condition that something stops a row."""
        if self.pauses.is_all:
            return true()
        channels = self.pauses.names(Scope.CHANNEL) | self.broken.keys()
        return agenda.stopped(self.pauses.names(Scope.CAMPAIGN), channels, but=self.tried)

    def reason_for(self, row: Delivery, zone: ZoneInfo) -> str:
        """Why a row is held."""
        paused = self.pauses.reason_for(row.channel, row.campaign)
        if paused is not None:
            return paused
        since = self.broken[row.channel].since or self.now
        return (
            f"channel {row.channel} does not answer since {since.astimezone(zone):%Y-%m-%d %H:%M}; "
            "it is tried again at least every 2 minutes"
        )


def remaining_wait(row: Delivery, now: datetime) -> datetime | None:
    """What is left of a wait when a held delivery goes on: what the server asked for, but no retry's of ours."""
    return row.not_before if row.not_before and row.not_before > now + RETRY_MOST else None


def _candidates(view: Connection, channel: str, now: datetime) -> list[Delivery]:
    """What may be sent to a channel whose probe is due; nothing while it is spoken to, or a doubt can be looked up."""
    if agenda.is_spoken_to(view, channel, now):
        return []
    return agenda.to_try(view, channel, now, now + RETRY_MOST, _LOOKED_AT)


def _tried(candidates: Sequence[Delivery], is_late: Callable[[Delivery], bool]) -> list[Delivery]:
    """The first, with what shares its session; or all, if they are too late to go out: then they end."""
    first = next((row for row in candidates if not is_late(row)), None)
    if first is None:
        return list(candidates)
    return [row for row in candidates if row is first or (row.session is not None and row.session == first.session)]
