"""Open connections that wait for their next exchange: taken by one thread at a time, and never when stale.

A connection that its server closes in the moment of a POST leaves a doubt. So an idle one is not kept beyond
`idle` seconds, nor beyond what the server said it keeps it, nor when the server has already closed it.
"""

import re
import threading
from collections import defaultdict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from urllib3.connection import HTTPConnection

from channels.sockets import MeteredSocket


@dataclass(eq=False)
class Line:
    """A connection and the socket below it."""

    connection: HTTPConnection
    sock: MeteredSocket
    good_until: float = 0.0

    def close(self) -> None:
        """Close both; closing twice does no harm."""
        self.connection.close()
        self.sock.close()


class Pool:
    """Idle lines by key, the last used first. Safe to use from any thread."""

    def __init__(self, idle: float, clock: Callable[[], float]) -> None:
        self._idle = idle
        self._clock = clock
        self._lines: defaultdict[Hashable, list[Line]] = defaultdict(list)
        self._lock = threading.Lock()
        self._next_sweep = clock() + idle
        self._closed = False

    def take(self, key: Hashable) -> Line | None:
        """A line that is still good, or None."""
        while True:
            with self._lock:
                lines = self._lines.get(key)
                if not lines:
                    return None
                line = lines.pop()
            if self._clock() < line.good_until and line.connection.is_connected:
                return line
            line.close()

    def give(self, key: Hashable, line: Line, keep_alive: str) -> None:
        """Keep a line whose exchange is complete; `keep_alive` is the server's header of that name, or ''."""
        line.good_until = self._clock() + self._idle_seconds(keep_alive)
        with self._lock:
            if self._closed:
                dead = [line]
            else:
                self._lines[key].append(line)
                dead = self._sweep()
        for one in dead:
            one.close()

    def close(self) -> None:
        """Close what is idle now, and what comes back later."""
        with self._lock:
            self._closed = True
            dead = [line for lines in self._lines.values() for line in lines]
            self._lines.clear()
        for line in dead:
            line.close()

    def _idle_seconds(self, keep_alive: str) -> float:
        named = re.search(r"timeout\s*=\s*(\d{1,6})", keep_alive, re.IGNORECASE)
        # A second less than the server's own, because it counts from before we do.
        return min(self._idle, float(named[1]) - 1) if named else self._idle

    def _sweep(self) -> list[Line]:
        """Take out what is too old; called with the lock held. Returns the lines to close."""
        now = self._clock()
        if now < self._next_sweep:
            return []
        self._next_sweep = now + self._idle
        dead = [line for lines in self._lines.values() for line in lines if line.good_until <= now]
        for key in list(self._lines):
            self._lines[key] = [line for line in self._lines[key] if line.good_until > now]
            if not self._lines[key]:
                del self._lines[key]
        return dead
