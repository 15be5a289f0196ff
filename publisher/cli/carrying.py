"""How verbs have deliveries carried out at once: by the daemon if it runs, else by this command itself."""

import getpass
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

from content.yaml12 import Mistake, Mistakes
from publisher.app import App, is_running
from publisher.cli.complaint import Complaint
from publisher.cli.counting import counted
from publisher.cli.reading import in_force
from publisher.cli.run import opened
from publisher.cli.speaking import show
from publisher.clock import SystemClock
from publisher.delivery import Delivery, State
from publisher.store import deliveries, plans
from publisher.store.database import Store
from publisher.workspace import CAMPAIGNS, Folder, Workspace, read_workspace

_WAIT = 90.0  # seconds for deliveries to end
_NAP = 0.25
_TAKES_UP = 30.0  # seconds until the daemon has noticed that files changed
#: Seconds of a wait for a retry that are worth waiting for.
_PATIENCE = 10.0
_UNDER_WAY = (State.PLANNED, State.SENDING, State.IN_DOUBT)


class Wanted(Enum):
    """Which version of the files a verb works on."""

    NEWEST = auto()  # as the files are now; a complaint where they have mistakes
    NEWEST_VALID = auto()  # as they are now, or with mistakes the one in force
    IN_FORCE = auto()


@dataclass(frozen=True)
class Hands:
    """Who carries deliveries out, and what they work on."""

    store: Store
    workspace: Workspace
    clock: SystemClock
    push: Callable[[Sequence[int]], object]  # what this process itself does for these deliveries
    mistakes: tuple[Mistake, ...] = ()  # in messages, whose earlier text is in force

    def check(self, campaign: str, message: str) -> None:
        """Complaint where the message's file has mistakes."""
        file = f"{CAMPAIGNS}/{campaign}/{message}"
        own = [str(mistake) for mistake in self.mistakes if mistake.file == file]
        if own:
            what = "the message has mistakes, and so its earlier text is in force: mend them first"
            raise Complaint("\n".join([what, *own]))

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
def hands(directory: Path, wanted: Wanted) -> Iterator[Hands]:
    """The daemon's, if it runs; else this process's own, which sends nothing but what it is asked to.

    Complaint where the daemon does not take up the version that is wanted.
    """
    clock = SystemClock()
    if is_running(directory):
        with in_force(directory) as (store, workspace):
            files = _files(directory, workspace, wanted)
            _wait_for(files, store, clock)
            yield Hands(store, files, clock, lambda _: None, files.mistakes)
        return
    with opened(directory, clock) as app:
        files = _files(directory, app.workspace, wanted)
        for mistake in files.mistakes:
            show(mistake, file=sys.stderr)
        yield Hands(app.store, app.workspace, clock, lambda numbers: _push(app, numbers), files.mistakes)


def _files(directory: Path, workspace: Workspace, wanted: Wanted) -> Workspace:
    """The version to work on, `workspace` being in force."""
    if wanted is Wanted.IN_FORCE:
        return workspace
    try:
        return read_workspace(Folder(directory), workspace)
    except Mistakes as found:
        mistakes = "\n".join(map(str, found.mistakes))
    if wanted is Wanted.NEWEST:
        what = "the files have mistakes, and so an earlier version is in force: mend them first"
        raise Complaint(f"{what}\n{mistakes}")
    show(mistakes, file=sys.stderr)
    return workspace


def _wait_for(files: Workspace, store: Store, clock: SystemClock) -> None:
    """Wait until the daemon works on that version."""
    for _ in range(int(_TAKES_UP / _NAP)):
        with store.read() as view:
            plan = plans.in_force(view)
        if plan is not None and plan.sha256 == files.sha256:
            return
        clock.wait(_NAP)
    raise Complaint(
        "`publisher run` has not taken up the files as they are now: look at `publisher status`, and try again"
    )


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
