"""The composition root: everything is wired here, once. Nothing below it asks for the time or the environment."""

import fcntl
import os
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from sqlalchemy import Connection

from channels.base import Channel
from channels.http import Client
from channels.inbox import Inbox
from channels.smtp import MailClient
from content.media import MediaFolder
from content.templates import Renderer
from content.yaml12 import Mistake, Mistakes
from publisher import overdue, wording
from publisher.aftermath import Aftermath
from publisher.alerts.conditions import Sight
from publisher.alerts.watch import Watch
from publisher.clock import Clock
from publisher.composer import Composer
from publisher.delivery import OUT, Delivery
from publisher.dispatcher import Dispatcher
from publisher.feeds import Feeds
from publisher.fence import DEADLINE, TRUST, Tools
from publisher.guard import Guard
from publisher.latest import choose_latest
from publisher.machine import free_bytes
from publisher.planner import Planner
from publisher.settings import missing
from publisher.store import inboxes, log, pauses, withdrawals
from publisher.store.database import Store
from publisher.store.log import DAEMON
from publisher.store.pauses import Cause, Scope
from publisher.versions import Versions
from publisher.worker import Worker
from publisher.workspace import Folder, Workspace, read_workspace
from publisher.world import World


class Occupied(Exception):
    """Another process works on the workspace; the text says which."""


class NoPlan(Exception):
    """There is no valid version of the files, now or earlier."""

    def __init__(self, mistakes: tuple[Mistake, ...]) -> None:
        super().__init__("\n".join(str(mistake) for mistake in mistakes))
        self.mistakes = mistakes


class Lock:
    """The right to plan and send for a workspace: one process at a time, freed even by a crash."""

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = path.open("a+")
        except OSError as error:
            raise Occupied(f"{path.parent} cannot be written: {error.strerror}") from None
        if not _taken(self._file):
            self._file.seek(0)
            owner = self._file.read().strip()
            self._file.close()
            raise Occupied(f"Publisher already runs on this workspace (process {owner or 'unknown'})")
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        """Give the right back."""
        self._file.close()


def is_running(directory: Path) -> bool:
    """Whether a process works on the workspace."""
    path = directory / "var" / "publisher.lock"
    if not path.exists():
        return False
    with path.open() as file:
        return not _locked(file, fcntl.LOCK_SH)


def _locked(file: TextIO, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _taken(file: TextIO) -> bool:
    for _ in range(5):  # somebody may just be looking whether we run
        if _locked(file, fcntl.LOCK_EX):
            return True
        time.sleep(0.05)
    return False


class App:
    """One workspace with all that works on it. Use it as a context.

    `deadline` and `trust`: real seconds, as for the worker's `Tools`. `client`: for another way to the servers, such as
    names or certificates of one's own; it is closed with the app. `mail`: the same for mail servers.
    """

    def __init__(
        self,
        directory: Path,
        clock: Clock,
        world: World,
        free: Callable[[Path], int] = free_bytes,
        *,
        deadline: float = DEADLINE,
        trust: float = TRUST,
        client: Client | None = None,
        mail: MailClient | None = None,
    ) -> None:
        var = directory / "var"
        self.directory = directory
        self.clock = clock
        self.lock = Lock(var / "publisher.lock")
        try:
            self.store = Store.open(var / "publisher.db", clock.now())
        except BaseException:
            self.lock.release()
            raise
        self.secrets = world.secrets
        self.media = MediaFolder(var / "media")
        self.outbox = var / "channels"
        self.renderer = Renderer()
        self.mistakes: tuple[Mistake, ...] = ()
        self._client = client or Client()
        self._mail = mail or MailClient()
        self._world = world
        self._deadline, self._trust = deadline, trust
        self.on_done: Callable[[], None] = lambda: None  # rung when something that was started has ended
        self._files = Folder(directory)
        self._versions = Versions(self.store, self.media)
        self._planner = Planner(self.store)
        self._composer = Composer(self.store, self.renderer)
        self._watch = Watch(self.store)
        self._aftermath = Aftermath(self.store, self.renderer.render)
        self._free: Callable[[], int] = lambda: free(var)
        self.guard = Guard(self.store, clock, self._free)
        self._in_force: tuple[int, Workspace] | None = None  # swapped as one: threads read it
        self._is_planned = False  # whether the rows are in step with it
        self._dispatcher: Dispatcher | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def workspace(self) -> Workspace:
        """The version of the files in force."""
        return self._plan_in_force[1]

    @property
    def _plan_in_force(self) -> tuple[int, Workspace]:
        """The plan in force: its number, and the files that it is."""
        if self._in_force is None:
            raise NoPlan(self.mistakes)
        return self._in_force

    def start(self) -> None:
        """Take up the last plan where it was left, then the files as they are now. NoPlan if there is neither."""
        self._aftermath.begin(self.clock.now())
        overdue.orphaned(self.store, self.clock.now())
        try:
            last = self._versions.last()
        except Mistakes as found:
            last = None
            self._note(found.mistakes, self.clock.now())
        if last is not None:
            self._in_force = last[0], self._without_withdrawn(last[1])
            self._client.allow(self._allowed())
            self._bring_in_step(self.clock.now())
            self._aftermath.doubt(self.clock.now())
            # What fell due while nothing ran counts by the plan that was in force, not by an edit made meanwhile.
            overdue.sweep(self.store, self.workspace.schedules, self.clock.now())
        if not self.reload():
            self._look_after(self.clock.now())
        tools = Tools(
            self.store, self._client, self.secrets, self.media, self.outbox, self.clock,
            deadline=self._deadline, trust=self._trust, mail=self._mail,
        )  # fmt: skip
        self._dispatcher = Dispatcher(self.store, Worker(tools), self.clock, lambda: self.on_done(), self.guard.admits)
        self._feeds = Feeds(self.store, self._client.fetch, self._world.feed)

    def reload(self) -> bool:
        """Read the files again; True if they are in force now. Mistakes change nothing and are kept in the log."""
        now = self.clock.now()
        before = self._in_force[1] if self._in_force else None
        try:
            workspace = read_workspace(self._files, before)
        except Mistakes as found:
            self._note(found.mistakes, now)
            if before is None:
                raise NoPlan(found.mistakes) from None
            return False
        self._note(workspace.mistakes, now)
        if before is None or workspace.sha256 != before.sha256:
            number = self._versions.put_in_force(workspace, self._files, now)
            self._in_force = number, self._without_withdrawn(workspace)
            self._client.allow(self._allowed())
            self._is_planned = False
        if not self._is_planned:
            self._bring_in_step(now)
        self._look_after(now)
        return True

    def plan(self) -> None:
        """Plan to the horizon, settle revisions and approvals, and look after secrets and inboxes."""
        now = self.clock.now()
        self._bring_in_step(now)
        self._look_after(now)

    def _bring_in_step(self, now: datetime) -> None:
        self._planner.plan(self.workspace, now)
        self._is_planned = True

    def _heed_withdrawals(self) -> None:
        """What somebody withdrew, or released, meanwhile changes what the schedules choose from."""
        plan, workspace = self._plan_in_force
        heeding = self._without_withdrawn(workspace)
        if heeding is not workspace:
            self._in_force = plan, heeding
            self._is_planned = False

    def _without_withdrawn(self, workspace: Workspace) -> Workspace:
        with self.store.read() as view:
            return workspace.without(withdrawals.standing(view))

    def _look_after(self, now: datetime) -> None:
        """What an edit, or the hour, may have changed beside the plan."""
        wording.bring_in_step(self.store, self.workspace, now)
        with self.store.write() as tx:
            self._issue_links(tx, now)
        self.look_after_secrets()

    def look_after_secrets(self) -> None:
        """A channel whose secret is not set is paused, with an alert, until it is."""
        now = self.clock.now()
        with self.store.write() as tx:
            self._check_secrets(tx, now)

    def fingerprint(self) -> tuple[tuple[str, int, int], ...]:
        """Changes when a file of the workspace does."""
        return self._files.fingerprint()

    def poll_feeds(self) -> None:
        """Ask the feeds whose time has come."""
        if self.guard.has_room:
            self._feeds.poll(self.workspace, self.clock.now())

    def look_out(self) -> None:
        """Look for what is worth an alert."""
        self._watch.look(self.workspace.schedules, Sight(self.mistakes, self._free()), self.clock.now())

    def work(self, only: int | None = None) -> int:
        """Start all that is due now, or one delivery only; how many were started."""
        now = self.clock.now()  # before the guard looks: what it has not seen yet is not acted on
        if not self.guard.look(self.dispatcher.shift):
            return 0
        if self.guard.doubts_the_clock:
            overdue.sweep(self.store, self.workspace.schedules, now, is_sure=False)
            return self.dispatcher.dispatch(now, self._settings, only)
        self._heed_withdrawals()
        if self._aftermath.end(self.workspace, now) or not self._is_planned:
            self.plan()
        self._aftermath.doubt(now)
        overdue.sweep(self.store, self.workspace.schedules, now)
        self._feeds.open_slots(self.workspace, now)
        choose_latest(self.store, self.workspace, now)
        wording.bring_new_in_step(self.store, self.workspace, now)
        self._aftermath.doubt(now)
        self._aftermath.make_posts(self.workspace, now)
        started = self.dispatcher.dispatch(now, self._settings, only)
        if self._composer.compose(self.workspace, now):
            self.on_done()  # more is to be rendered, and nothing due shall wait for it
        return started + self.dispatcher.dispatch(now, self._settings, only)

    def next_wake(self) -> datetime | None:
        """When there will be something to do, as far as one can tell."""
        now = self.clock.now()
        wakes = (self.dispatcher.next_wake(now), self._feeds.next_slot(self.workspace, now), self.guard.next_look())
        return min(filter(None, wakes), default=None)

    @property
    def dispatcher(self) -> Dispatcher:
        """Who hands rows to threads; there after `start`."""
        if self._dispatcher is None:
            raise RuntimeError("the app is not started")
        return self._dispatcher

    def _settings(self, row: Delivery) -> tuple[Channel, int] | None:
        """A delivery's channel and its plan: those it was claimed with, once it is past its intent."""
        plan, workspace = self._plan_in_force
        if row.plan is not None and row.state in OUT and row.plan != plan:
            plan, workspace = row.plan, self._versions.get(row.plan) or workspace
        channel = workspace.schedules.channels.get(row.channel)
        return (self._world.channel(channel), plan) if channel else None

    def close(self) -> None:
        """Finish what is being sent, and let go of everything."""
        if self._dispatcher:
            self._dispatcher.close()
        self._client.close()
        self.renderer.close()
        self.store.close()
        self.lock.release()

    def _allowed(self) -> set[str]:
        """The hosts inside a network that feeds may be fetched from."""
        return {*self.workspace.schedules.allow_hosts, *self._world.allowed}

    def _note(self, mistakes: tuple[Mistake, ...], now: datetime) -> None:
        if mistakes and mistakes != self.mistakes:
            with self.store.write() as tx:
                texts = [str(mistake) for mistake in mistakes]
                log.append(tx, "mistakes", now, DAEMON, mistakes=texts)
        elif self.mistakes and not mistakes:
            with self.store.write() as tx:
                log.append(tx, "mended", now, DAEMON, reason="the files have no mistakes any more")
        self.mistakes = mistakes

    def _issue_links(self, tx: Connection, now: datetime) -> None:
        """A private link for every inbox that never had one."""
        ever = inboxes.ever(tx)
        for channel in self.workspace.schedules.channels.values():
            if isinstance(channel, Inbox) and channel.name not in ever:
                inboxes.issue(tx, channel.name, now)
                log.append(tx, "link_made", now, DAEMON, channel=channel.name)

    def _check_secrets(self, tx: Connection, now: datetime) -> None:
        waiting = pauses.covering(tx).names(Scope.CHANNEL, (Cause.SECRET,))
        for channel in self.workspace.schedules.channels.values():
            lacking = [secret for secret in channel.secrets if not self.secrets.is_set(secret)]
            if lacking:
                pauses.pause(tx, Scope.CHANNEL, channel.name, missing(lacking[0]), now, cause=Cause.SECRET)
            elif channel.name in waiting:
                reason = "its secret is set now"
                pauses.lift(tx, Scope.CHANNEL, channel.name, reason, now, DAEMON, cause=Cause.SECRET)
