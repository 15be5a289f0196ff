"""How verbs have deliveries carried out at once: by the daemon if it runs, else by this command itself."""

import getpass
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from publisher.app import App, is_running
from publisher.cli.complaint import Complaint
from publisher.cli.counting import counted
from publisher.cli.reading import in_force
from publisher.cli.run import opened
from publisher.cli.speaking import show
from publisher.clock import SystemClock
from publisher.delivery import Delivery, State
from publisher.store import deliveries
from publisher.store.database import Store
from publisher.workspace import Workspace

_WAIT = 90.0  # seconds for deliveries to end
_NAP = 0.25
#: Seconds of a wait for a retry that are worth waiting for.
_PATIENCE = 10.0
_UNDER_WAY = (State.PLANNED, State.SENDING, State.IN_DOUBT)


@dataclass(frozen=True)
class Hands:
    """Who carries deliveries out, and what they work on."""

    store: Store
    workspace: Workspace
    clock: SystemClock
    push: Callable[[Sequence[int]], object]  # what this process itself does for these deliveries

    def carry_out(self, numbers: Sequence[int]) -> list[Delivery]:
        """Wait until these deliveries have ended, or will not for a while; as they are then."""
        if not numbers:
            return []
        with counted("") as advance:
            for _ in range(int(_WAIT / _NAP)):
                waiting = [row.id for row in self._rows(numbers) if self._is_under_way(row)]
                advance(len(numbers) - len(waiting), len(numbers))
                if not waiting:
                    break
                self.push(waiting)
                self.clock.wait(_NAP)
        return self._rows(numbers)

    def _rows(self, numbers: Sequence[int]) -> list[Delivery]:
        with self.store.read() as view:
            rows = [deliveries.get(view, number) for number in numbers]
        if None in rows:
            raise Complaint("a delivery is gone: look at `publisher status`")
        return [row for row in rows if row]

    def _is_under_way(self, row: Delivery) -> bool:
        now = self.clock.now()
        waits_long = row.not_before is not None and (row.not_before - now).total_seconds() > _PATIENCE
        return row.state in _UNDER_WAY and row.due <= now and not waits_long


@contextmanager
def hands(directory: Path) -> Iterator[Hands]:
    """The daemon's, if it runs; else this process's own, which sends nothing but what it is asked to."""
    clock = SystemClock()
    if is_running(directory):
        with in_force(directory) as (store, workspace):
            yield Hands(store, workspace, clock, lambda _: None)
        return
    with opened(directory, clock) as app:
        for mistake in app.mistakes:
            show(mistake, file=sys.stderr)
        yield Hands(app.store, app.workspace, clock, lambda numbers: _push(app, numbers))


def _push(app: App, numbers: Sequence[int]) -> None:
    for number in numbers:
        app.work(only=number)
    app.dispatcher.drain()


def user() -> str:
    """Who types this; empty for a user without an entry, as in containers."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return ""
