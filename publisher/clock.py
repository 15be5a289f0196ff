"""Time as an argument: the system's clock for real work, a virtual one for rehearsals and tests."""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

#: Where there is none that counts a machine's sleep too, a sleep looks like a clock that was set forward.
_COUNTING = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Clock(Protocol):
    """Tells the time, and waits."""

    def now(self) -> datetime:
        """The instant, in UTC."""
        ...

    def elapsed(self) -> float:
        """Seconds since some fixed instant, whatever the clock is set to; those of a machine that sleeps count."""
        ...

    def wait(self, seconds: float) -> None:
        """Let so many seconds pass."""
        ...


class SystemClock:
    """The machine's clock. `stop` ends every wait."""

    def __init__(self) -> None:
        self._stopped = threading.Event()

    def now(self) -> datetime:
        return datetime.now(UTC)

    def elapsed(self) -> float:
        return time.clock_gettime(_COUNTING)

    def wait(self, seconds: float) -> None:
        self._stopped.wait(seconds)

    def stop(self) -> None:
        self._stopped.set()


class VirtualClock:
    """A clock that is set by hand: waiting costs no time."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._begin = now

    def now(self) -> datetime:
        return self._now

    def elapsed(self) -> float:
        return (self._now - self._begin).total_seconds()

    def wait(self, seconds: float) -> None:
        """Nothing waits: who drives the clock moves it on."""

    def set(self, now: datetime) -> None:
        """Move the clock to an instant."""
        self._now = now

    def step(self, by: timedelta) -> None:
        """Set the clock forward or back, as somebody does to a machine: no time passes."""
        self._now += by
        self._begin += by
