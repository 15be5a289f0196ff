"""The machine below us: whether somebody set its clock, and whether its disk has room. Readings are passed in."""

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from publisher.clock import Clock

#: A clock that is disciplined gains or loses less than this between two looks.
_DRIFT = timedelta(seconds=5)
#: A clock that jumps forward by more than this is believed only when a person says so.
BELIEVED = timedelta(hours=1)
#: Bytes: with less room on the disk nothing is started, and with so much it goes on.
LOW, WELL = 64 << 20, 72 << 20
#: Seconds between the readings of two clocks, at most, for them to be of one moment.
_MOMENT = 0.5


@dataclass(frozen=True)
class Reading:
    """One moment by two clocks: the machine's, which can be set, and one that only counts."""

    now: datetime
    elapsed: float  # seconds since some fixed instant


@dataclass(frozen=True)
class Jump:
    """The clock was set."""

    was: datetime  # what it would show now, had it not been
    now: datetime

    @property
    def size(self) -> timedelta:
        """How far it was set: forward, or back (negative)."""
        return self.now - self.was

    @property
    def is_doubtful(self) -> bool:
        """Whether it went so far ahead that much would go out too early if it is wrong."""
        return self.size > BELIEVED

    def __str__(self) -> str:
        seconds = round(abs(self.size.total_seconds()))
        minutes = f"{seconds // 3600} h {seconds // 60 % 60} min" if seconds >= 3600 else f"{seconds // 60} min"
        size = minutes if seconds >= 60 else f"{seconds} s"
        return f"the machine's clock was set {'forward' if self.size > timedelta() else 'back'} by {size}"


def read(clock: Clock) -> Reading:
    """Both clocks at one moment: a process that is stopped between two readings reads them again."""
    while True:
        before = clock.elapsed()
        reading = Reading(clock.now(), clock.elapsed())
        if reading.elapsed - before < _MOMENT:
            return reading


class ClockWatch:
    """Compares the clock with one that cannot be set, from look to look."""

    def __init__(self, reading: Reading) -> None:
        self._last = reading

    def jump(self, reading: Reading) -> Jump | None:
        """The jump since the last reading that was taken for right, if there was one."""
        was = self._last.now + timedelta(seconds=reading.elapsed - self._last.elapsed)
        return Jump(was, reading.now) if abs(reading.now - was) > _DRIFT else None

    def take(self, reading: Reading) -> None:
        """Go on from this reading."""
        self._last = reading


class DiskWatch:
    """Remembers whether there was room, so that it does not change its mind at every byte."""

    def __init__(self) -> None:
        self.is_low = False

    def look(self, free: int) -> bool:
        """Whether there is too little room, with so many bytes free."""
        return free < (WELL if self.is_low else LOW)


def free_bytes(folder: Path) -> int:
    """The room that is left to us on a folder's disk."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize
