"""Lets nothing begin while the machine cannot be relied on: its clock was set far ahead, or its disk is full.

Looked after at the beginning of each round, before anything is done; threads that go on by themselves ask it too.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from publisher.clock import Clock
from publisher.machine import WELL, ClockWatch, DiskWatch, Jump, Reading, read
from publisher.store import log, pauses, waits
from publisher.store.database import BROKEN, Store
from publisher.store.log import Actor
from publisher.store.pauses import Cause, Scope

_log = logging.getLogger(__name__)

MACHINE = Actor("machine")
_AGAIN = timedelta(seconds=5)
_HELD = "if it is wrong, set it right; everything is paused until `publisher resume --all`"


class Guard:
    """Watches the clock and the disk. `free` tells how many bytes the disk has left."""

    def __init__(self, store: Store, clock: Clock, free: Callable[[], int]) -> None:
        self._store = store
        self._clock = clock
        self._free = free
        self._clocks = ClockWatch(read(clock))
        self._disk = DiskWatch()
        self._untold: list[tuple[str, datetime, str]] = []  # entries that a full disk did not take
        self.jumps = 0  # how often the clock was set

    @property
    def clock_was_set(self) -> bool:
        """Whether the clock was set since the last look."""
        return self._clocks.jump(read(self._clock)) is not None

    @property
    def has_room(self) -> bool:
        """Whether the disk has room for what is to be recorded."""
        return not self._disk.look(self._free())

    def admits(self) -> bool:
        """Whether more may begin, as far as is known without a look."""
        return self.has_room and not self.clock_was_set

    def look(self, shift: Callable[[timedelta], None]) -> bool:
        """Whether anything may begin. A clock that was set is taken for right, or all is paused; `shift` waits."""
        reading = read(self._clock)
        jump = self._clocks.jump(reading)
        has_room = self._note_room(reading.now)
        if jump is not None:
            self._note_jump(jump, reading)
            shift(jump.size)
        return has_room

    @property
    def doubts_the_clock(self) -> bool:
        """Whether the clock was set far ahead, and nobody has said yet that it is right."""
        with self._store.read() as view:
            return pauses.is_clock_in_doubt(view)

    def next_look(self) -> datetime | None:
        """When to look again; None while there is no need."""
        return self._clock.now() + _AGAIN if self._disk.is_low else None

    def _note_jump(self, jump: Jump, reading: Reading) -> None:
        """Nothing is taken for right before it is on record."""
        reason = f"{jump}; {_HELD}" if jump.is_doubtful else str(jump)
        with self._store.write() as tx:
            log.append(
                tx, "clock_jumped", jump.now, MACHINE,
                reason=reason, was=jump.was.isoformat(), seconds=round(jump.size.total_seconds()),
            )  # fmt: skip
            waits.shift(tx, jump.size)
            if jump.is_doubtful:
                pauses.pause(tx, Scope.ALL, "", reason, jump.now, MACHINE, cause=Cause.CLOCK)
        self._clocks.take(reading)
        self.jumps += 1

    def _note_room(self, now: datetime) -> bool:
        free = self._free()
        is_low = self._disk.look(free)
        if is_low and not self._disk.is_low:
            reason = f"the disk of var/ has only {free >> 20} MB left: nothing is sent until it has {WELL >> 20}"
            _log.warning("%s", reason)
            self._untold.append(("disk_low", now, reason))
        elif self._disk.is_low and not is_low:
            self._untold.append(("disk_well", now, "the disk has room again: what waited goes on"))
        self._disk.is_low = is_low
        with suppress(*BROKEN):  # the next look tells it
            self._tell()
        return not is_low

    def _tell(self) -> None:
        if self._untold:
            with self._store.write() as tx:
                for event, at, reason in self._untold:
                    log.append(tx, event, at, MACHINE, reason=reason)
            self._untold.clear()
