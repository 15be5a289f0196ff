"""How every channel does: it works, is paused, or does not answer; and what waits for it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from channels.base import Channel
from publisher.breaker import Breaker
from publisher.schedules import Schedules
from publisher.store import breakers, deliveries, pauses
from publisher.store.pauses import Pause, Scope


@dataclass(frozen=True)
class Health:
    """One channel at an instant."""

    channel: Channel
    agency: str  # its full name
    pause: Pause | None  # of the channel itself
    breaker: Breaker
    waiting: int  # deliveries that are due and have not ended

    @property
    def is_silent(self) -> bool:
        """Whether it does not answer, and is only tried from time to time."""
        return self.breaker.probe_at is not None


def examine(view: Connection, schedules: Schedules, now: datetime) -> tuple[Health, ...]:
    """Every channel of the plan, in the order of the files."""
    paused = {pause.name: pause for pause in pauses.covering(view).standing if pause.scope is Scope.CHANNEL}
    known, waiting = breakers.known(view), deliveries.waiting(view, now)
    return tuple(
        Health(
            channel,
            schedules.agencies[channel.agency].name,
            paused.get(channel.name),
            known.get(channel.name, Breaker()),
            waiting.get(channel.name, 0),
        )
        for channel in schedules.channels.values()
    )
