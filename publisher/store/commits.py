"""Group commit: what many threads write at the same moment shares one durable transaction.

A transaction costs a sync of the disk. One thread carries out what all others wait to have written. Where many came
together the last time, it lets a moment pass since then, so that they do again; a single delivery waits for nobody.
"""

import threading
import time
from collections import deque
from collections.abc import Sequence

from publisher.delivery import Forbidden
from publisher.store import breakers
from publisher.store.breakers import Heard
from publisher.store.database import Store
from publisher.store.moves import Move, Overtaken, move_all

#: Seconds from the beginning of one group to that of the next, for each that was in it; and at most.
_GAP_EACH, _GAP_MOST = 0.002, 0.025


class _Ticket:
    """The moves of one thread: all of them or none."""

    def __init__(self, moves: Sequence[Move], heard: Heard | None) -> None:
        self.moves = moves
        self.heard = heard
        self.is_done = False
        self.error: Exception | None = None


class Commits:
    """Carries out moves for any number of threads at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: deque[_Ticket] = deque()
        self._lead = threading.Lock()
        self._next = 0.0

    def carry_out(self, moves: Sequence[Move], heard: Heard | None = None) -> None:
        """Write these moves, all or none, and what was heard of their channel; durable on return.

        Overtaken if a row is no longer as it was read. What the database itself raises befell the whole group:
        then nothing of it is written.
        """
        ticket = _Ticket(moves, heard)
        self._waiting.append(ticket)
        with self._lead:
            if not ticket.is_done:
                time.sleep(max(self._next - time.monotonic(), 0))
                began = time.monotonic()
                size = self._write()
                self._next = began + min(size * _GAP_EACH, _GAP_MOST) if size > 1 else began
        if ticket.error:
            raise ticket.error
        if not ticket.is_done:  # the thread that carried it was torn away: nothing may be believed
            raise RuntimeError("a group was not written to its end")

    def _write(self) -> int:
        """Write all that waits; how many they were."""
        group = [self._waiting.popleft() for _ in range(len(self._waiting))]
        error = self._tried(group)
        for ticket in group:
            alone = len(group) > 1 and isinstance(error, Overtaken | Forbidden)
            ticket.error = self._tried([ticket]) if alone else error
            ticket.is_done = True
        return len(group)

    def _tried(self, group: Sequence[_Ticket]) -> Exception | None:
        """Write a group whole, or nothing of it."""
        try:
            with self._store.write() as tx:
                move_all(tx, [move for ticket in group for move in ticket.moves])
                breakers.note(tx, [ticket.heard for ticket in group if ticket.heard])
        except Exception as error:
            return error
        return None
