"""An exercise: a copy of a workspace lives through a period in seconds, against the sandbox.

Nothing in it is simulated but the time and the servers: the planner, the composer, the worker and the log are the real
ones, and what is published stands in the sandbox's own record. Nothing of the workspace itself is touched.
"""

import random
import shutil
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from channels.base import SessionChannel, ready_of
from channels.registry import kind_of
from publisher import decisions
from publisher.app import App, is_running
from publisher.clock import VirtualClock
from publisher.decisions import person
from publisher.delivery import Delivery, State
from publisher.rehearsal import rehearse
from publisher.store import backups, deliveries, feeds, log
from publisher.store.database import Store
from publisher.store.log import Actor
from publisher.workspace import CAMPAIGNS, LEXICON, Folder, Workspace, read_workspace
from publisher.world import SandboxWorld
from sandbox.client import Sandbox

_EXERCISE = Actor("exercise")
_MARK = ".publisher-exercise"  # only a folder that an exercise made is ever removed
_LEAST_AHEAD = timedelta(days=1)
_STRIDE = timedelta(hours=6)
#: Faults that a server may have on any day; in every ten thousandth of an hour and channel.
_FAULTS = ("error", "unavailable", "gateway-timeout", "reset", "accept-then-504", "accept-then-reset")
_FAULT_EACH_HOUR = 200


class ExerciseError(Exception):
    """An exercise cannot be held here; the text says why."""


@dataclass(frozen=True)
class Period:
    """What is lived through: from midnight to midnight, in the workspace's zone."""

    opens: datetime
    ends: datetime

    def has(self, at: datetime) -> bool:
        """Whether an instant lies in it."""
        return self.opens <= at < self.ends


def fresh_folder(target: Path, source: Path) -> None:
    """Make an empty folder for an exercise of the workspace `source`, in place of an earlier one's."""
    out, workspace = target.resolve(), source.resolve()
    if out == workspace or out in workspace.parents:
        raise ExerciseError(f"the workspace lies in {target}, which the exercise replaces: name another folder")
    for kept in (workspace / CAMPAIGNS, workspace / "var"):
        if out == kept or kept in out.parents:
            raise ExerciseError(f"{target} lies among the files that the exercise copies: name another folder")
    if (target / _MARK).is_file():
        if any(is_running(path) for path in target.iterdir()):
            raise ExerciseError(f"another exercise is at work in {target}: stop it, or name another folder")
        shutil.rmtree(target)
    elif target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise ExerciseError(f"{target} is there and no exercise made it: name another folder")
    target.mkdir(parents=True, exist_ok=True)
    (target / _MARK).write_text("An exercise made this folder; the next one replaces it.\n", encoding="utf-8")


def copy_workspace(source: Path, target: Path) -> Workspace:
    """Copy the files of a workspace, without its database; what they say. Mistakes if they are not valid."""
    workspace = read_workspace(Folder(source))
    target.mkdir()
    for path in (*workspace.schedules.sources, *filter(workspace.files.get, [LEXICON])):
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source / path, target / path)
    if (source / CAMPAIGNS).is_dir():
        shutil.copytree(source / CAMPAIGNS, target / CAMPAIGNS)
    return workspace


def take_over(source: Path, target: Path, now: datetime) -> None:
    """Give the copy the life of the workspace so far: its turns, its approvals, and its keys."""
    database = source / "var" / "publisher.db"
    if database.exists():
        (target / "var").mkdir(mode=0o700)
        backups.duplicate(database, target / "var" / "publisher.db")
        media = source / "var" / "media"
        if media.is_dir():
            shutil.copytree(media, target / "var" / "media")
    Store.open(target / "var" / "publisher.db", now).close()


def take_name(source: Path, target: Path, now: datetime) -> None:
    """Give the copy the keys of the workspace, and none of its life: for a time that is over."""
    store = Store.peek(source / "var" / "publisher.db")
    if store is None:
        return
    uuid = store.uuid
    store.close()
    Store.open(target / "var" / "publisher.db", now, uuid=uuid).close()


class Exercise:
    """A copy of a workspace that lives through a period. Use it as a context."""

    def __init__(self, directory: Path, sandbox: Sandbox, period: Period, clock: VirtualClock) -> None:
        self.directory = directory
        self.period = period
        self.clock = clock
        self.sandbox = sandbox
        self.app = App(directory, clock, SandboxWorld(sandbox.url))
        self.approved = 0
        self._seen = (0, 0)  # deliveries that wait for approval, and items of feeds, when it was looked last
        with self.app.store.write() as tx:
            log.append(tx, "exercise", clock.now(), _EXERCISE, reason="nothing of what follows was published")
        self.app.start()
        self._watch_stations()

    def close(self) -> None:
        """Let go of the workspace."""
        self.app.close()

    @property
    def workspace(self) -> Workspace:
        """The files that are in force."""
        return self.app.workspace

    def live(
        self,
        act: Callable[[datetime], None] = lambda _: None,
        progress: Callable[[datetime], None] = lambda _: None,
        stride: timedelta = _STRIDE,
    ) -> None:
        """Let the period pass. `act` is what people do; `progress` is told the time."""
        rehearse(self.app, self.clock, self.period.ends, stride=stride, act=act, progress=progress)

    def approve(self, who: str, document: str | None) -> int:
        """Somebody approves all that waits; how many texts."""
        with self.app.store.read() as view:
            sign = (deliveries.counts(view).get(State.AWAITING, 0), feeds.count(view))
            if sign == self._seen:  # to look for what waits takes longer than all else
                return 0
            waiting = decisions.drafts(view, self.workspace)
        if waiting:
            with self.app.store.write() as tx:
                decisions.approve(tx, waiting, person(who), self.clock.now(), document=document)
            self.app.plan()
        with self.app.store.read() as view:
            self._seen = (deliveries.counts(view).get(State.AWAITING, 0), feeds.count(view))
        self.approved += len(waiting)
        return len(waiting)

    def rows(self) -> list[Delivery]:
        """The deliveries of the period, in order."""
        with self.app.store.read() as view:
            rows = deliveries.select_where(view)
        return [row for row in rows if self.period.has(row.occurrence)]

    def counts(self) -> dict[State, int]:
        """How many deliveries of the period are in each state."""
        return dict(Counter(row.state for row in self.rows()))

    def _watch_stations(self) -> None:
        """Let the sandbox look into the stations' folders."""
        for name, channel in self.workspace.schedules.channels.items():
            if isinstance(channel, SessionChannel):
                folder = str((self.app.outbox / name).resolve())
                self.sandbox.call("POST", "/_watch", {"kind": kind_of(channel), "place": name, "folder": folder})


class Trouble:
    """Faults of servers, as they happen on any day; the same for the same seed."""

    def __init__(self, exercise: Exercise, seed: int) -> None:
        self._sandbox = exercise.sandbox
        self._chance = random.Random(seed)  # noqa: S311 - no secret
        channels = exercise.workspace.schedules.channels.values()
        self._places: Sequence[tuple[str, str]] = [
            (kind_of(channel), channel.name) for channel in channels if channel.rehearsed("http://x") != channel
        ]
        self.count = 0

    def stir(self, _now: datetime) -> None:
        """Let something go wrong, now and then."""
        for kind, _ in self._places:
            if self._chance.randrange(10_000) < _FAULT_EACH_HOUR:
                self._sandbox.fault(kind, self._chance.choice(_FAULTS), times=self._chance.randint(1, 3))
                self.count += 1


def begins(workspace: Workspace, period: Period) -> datetime:
    """When an exercise starts: before the first script of the period is to be out."""
    ahead = max((ready_of(channel) for channel in workspace.schedules.channels.values()), default=_LEAST_AHEAD)
    return period.opens - max(ahead, _LEAST_AHEAD) - _LEAST_AHEAD
