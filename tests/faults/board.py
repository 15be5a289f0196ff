"""What the harness and a life share: a virtual clock, and a few numbers. It outlives the life.

So time can pass while a process is stopped, or dead, as it does in the world; and whoever strikes, in whichever
process, knows which strike is next.
"""

import mmap
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from pathlib import Path
from typing import Self

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class _Place(IntEnum):
    """Where a number is."""

    NOW = 0
    BEGIN = 1
    STRUCK = 2  # how many strikes have hit
    STALLED = 3  # 1: a worker stands still, and others are to go on until its lease is over
    ASKED = 4  # how often the life was asked to read its files again
    READ = 5  # how often it has
    DOWN = 6  # until when nobody listens at the servers' port
    FULL = 7  # until when the disk has no room


_SIZE = 8 * len(_Place)


class Board:
    """A `publisher.clock.Clock` kept in a file, with the numbers. Each is written at once."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _SIZE)
        self._numbers = memoryview(self._map).cast("q")

    @classmethod
    def make(cls, path: Path, now: datetime) -> Self:
        """A new one, at that time."""
        path.write_bytes(bytes(_SIZE))
        board = cls(path)
        board._put(_Place.BEGIN, (now - _EPOCH) // _MICROSECOND)
        board.set(now)
        return board

    # The clock

    def now(self) -> datetime:
        return _EPOCH + self._get(_Place.NOW) * _MICROSECOND

    def elapsed(self) -> float:
        """Seconds that have passed; those by which the clock was set do not count."""
        return (self._get(_Place.NOW) - self._get(_Place.BEGIN)) / 1e6

    def wait(self, seconds: float) -> None:
        """Nothing waits: who drives the clock moves it on."""

    def set(self, now: datetime) -> None:
        """Let time pass until then."""
        self._put(_Place.NOW, (now - _EPOCH) // _MICROSECOND)

    def step(self, by: timedelta) -> None:
        """Set the clock forward or back, as somebody does to a machine: no time passes."""
        self._put(_Place.BEGIN, self._get(_Place.BEGIN) + by // _MICROSECOND)
        self._put(_Place.NOW, self._get(_Place.NOW) + by // _MICROSECOND)

    # The numbers

    @property
    def is_down(self) -> bool:
        """Whether nobody listens at the servers' port."""
        return self._get(_Place.NOW) < self._get(_Place.DOWN)

    def be_down(self, length: timedelta) -> None:
        """Let nobody listen for so long."""
        self._put(_Place.DOWN, self._get(_Place.NOW) + length // _MICROSECOND)

    @property
    def struck(self) -> int:
        """How many strikes have hit: the number of the next one."""
        return self._get(_Place.STRUCK)

    @struck.setter
    def struck(self, count: int) -> None:
        self._put(_Place.STRUCK, count)

    @property
    def is_stalled(self) -> bool:
        """Whether a worker stands still, beyond its lease."""
        return bool(self._get(_Place.STALLED))

    @is_stalled.setter
    def is_stalled(self, value: bool) -> None:
        self._put(_Place.STALLED, int(value))

    @property
    def is_full(self) -> bool:
        """Whether the disk has no room."""
        return self._get(_Place.NOW) < self._get(_Place.FULL)

    def be_full(self, length: timedelta) -> None:
        """Let the disk have no room for so long."""
        self._put(_Place.FULL, self._get(_Place.NOW) + length // _MICROSECOND)

    def stall(self, seconds: float = 20.0) -> None:
        """Stand still until the life has gone on beyond the lease; at most so many real seconds."""
        self.is_stalled = True
        _wait_for(lambda: not self.is_stalled, seconds)
        self.is_stalled = False

    def ask_to_read(self, seconds: float = 20.0) -> None:
        """Let the life read its files again, and wait until it has."""
        wanted = self._get(_Place.ASKED) + 1
        self._put(_Place.ASKED, wanted)
        _wait_for(lambda: self._get(_Place.READ) >= wanted, seconds)

    @property
    def is_asked_to_read(self) -> bool:
        """Whether the files are to be read again."""
        return self._get(_Place.READ) < self._get(_Place.ASKED)

    def has_read(self) -> None:
        """The files were read."""
        self._put(_Place.READ, self._get(_Place.ASKED))

    def close(self) -> None:
        self._numbers.release()
        self._map.close()

    def _get(self, place: _Place) -> int:
        return int(self._numbers[place])

    def _put(self, place: _Place, value: int) -> None:
        self._numbers[place] = value


def _wait_for(what: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not what() and time.monotonic() < deadline:
        time.sleep(0.002)
