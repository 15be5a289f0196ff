"""Publisher at work in a process of its own, by a clock that runs faster than the real one, until it is killed.

    python -m tests.real.hurried WORKSPACE EPOCH SPEED DEADLINE

So what waits for minutes, as retries do, goes on in seconds, while real servers take their real time. `EPOCH` is the
real instant, in seconds since 1970, at which the clock showed `BEGIN`: the next process goes on by the same clock.
"""

import os
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from publisher.app import App
from publisher.world import RealWorld

BEGIN = datetime(2022, 2, 14, 0, 59, tzinfo=UTC)
_NAP = 0.5  # real seconds after which it looks anyway


class HurriedClock:
    """So many seconds pass in each real one."""

    def __init__(self, epoch: float, speed: float) -> None:
        self._epoch = epoch
        self._speed = speed

    def now(self) -> datetime:
        return BEGIN + timedelta(seconds=(time.time() - self._epoch) * self._speed)

    def elapsed(self) -> float:
        return time.time() * self._speed

    def wait(self, seconds: float) -> None:
        time.sleep(seconds / self._speed)


def main(directory: str, epoch: str, speed: str, deadline: str) -> None:
    """Do what is due, and whatever becomes due, without end."""
    clock = HurriedClock(float(epoch), float(speed))
    more = threading.Event()
    with App(Path(directory), clock, RealWorld(os.environ), deadline=float(deadline)) as app:
        app.on_done = more.set
        app.start()
        while True:
            more.clear()
            app.work()
            wake = app.next_wake()
            left = (wake - clock.now()).total_seconds() / float(speed) if wake else _NAP
            more.wait(min(max(left, 0.0), _NAP))


if __name__ == "__main__":
    main(*sys.argv[1:])
