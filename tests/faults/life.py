"""A life: a process that works on a workspace as `publisher run` does, on a virtual clock, until it is struck dead."""

import logging
import multiprocessing
import os
import random
import signal
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from channels.base import Channel
from channels.telegram import Telegram
from channels.wordpress import WordPress
from publisher import decisions
from publisher.app import App, Occupied
from publisher.decisions import person
from publisher.fence import LEASE
from publisher.store import pauses
from publisher.store.database import BROKEN
from publisher.world import SandboxWorld
from tests.faults.blows import Blows
from tests.faults.board import Board
from tests.faults.points import Reached, watch_files, watch_transactions, watched_kind
from tests.faults.scenes import SCENES
from tests.faults.strikes import Strike

_PLAN, _MINUTE, _AGAIN = timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=5)
_STALL = LEASE + timedelta(minutes=1)
_NOBODY = "http://127.0.0.1:1"  # a port at which nobody listens
_PATIENCE = 60.0  # real seconds that a life may take without a word

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(
    ["tests.faults.life"]
)  # everything is imported once: a process starts in milliseconds
_starting = threading.Lock()


@dataclass(frozen=True)
class Order:
    """What a life is to be."""

    directory: Path
    board: Path
    url: str  # of the proxy before the sandbox
    mark: str  # in the names of its places there
    scene: str
    until: datetime
    strikes: tuple[Strike, ...] = ()
    deadline: float = 5.0  # real seconds that a server is given
    seed: int = 0
    resume: datetime | None = None  # when a person lets go on what was paused
    traces: bool = False  # tell the points that it passes


@dataclass(frozen=True)
class FaultyWorld:
    """The sandbox behind the proxy, with places of this case's own, and kinds that tell what they do."""

    sandbox: SandboxWorld
    mark: str
    reached: Reached
    board: Board

    @property
    def secrets(self) -> Any:
        return self.sandbox.secrets

    @property
    def allowed(self) -> Any:
        return self.sandbox.allowed

    def feed(self, url: str) -> str:
        return self.sandbox.feed(url)

    def channel(self, channel: Channel) -> Channel:
        url = _NOBODY if self.board.is_down else self.sandbox.url
        there = channel.rehearsed(url)
        if isinstance(there, WordPress):
            there = there.model_copy(update={"url": f"{url}/wordpress/{web_place(self.mark, channel.name)}"})
        elif isinstance(there, Telegram):
            there = there.model_copy(update={"chat": chat_place(self.mark, channel.name)})
        return watched_kind(there, self.reached)


def web_place(mark: str, channel: str) -> str:
    """A site's name in the sandbox."""
    return f"{mark}-{channel}"


def chat_place(mark: str, channel: str) -> str:
    """A chat's name in the sandbox."""
    return f"@{mark}_{channel}"


def _live(order: Order, pipe: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # meant for the harness, which ends its lives itself
    random.seed(order.seed)
    logging.getLogger().addHandler(logging.NullHandler())  # it is struck, and would say so a thousand times
    board = Board(order.board)
    speaking = threading.Lock()

    def tell(word: str, value: Any = None) -> None:
        with speaking:
            pipe.send((word, board.now() if value is None else value))

    blows = Blows(order.strikes, board, tell, order.directory, SCENES[order.scene])
    blows.trace = [] if order.traces else None
    watch_transactions(blows.reached)
    watch_files(f"{order.directory}/var/channels/", blows.reached)
    world = FaultyWorld(SandboxWorld(order.url), order.mark, blows.reached, board)
    try:
        with App(order.directory, board, world, lambda _: blows.free(), deadline=order.deadline, trust=0.0) as app:
            blows.begin()
            app.start()
            _Days(app, board, order).live()
    except Occupied:
        tell("occupied")
    except BROKEN:
        tell("broken")  # at its start: whoever looks after the service starts it again
    except Exception:
        tell("failed", traceback.format_exc())
    else:
        tell("trace", blows.trace or ())
        tell("ended")


@dataclass
class _Days:
    """What the daemon's loop does, by the virtual clock."""

    app: App
    board: Board
    order: Order
    planned: datetime | None = None
    minute: datetime | None = None
    failed: set[str] = field(default_factory=set)
    resumed: bool = False

    def live(self) -> None:
        while True:
            is_well = self._tried(self._round)
            now = self.board.now()
            if now >= self.order.until and is_well:
                return
            again = None if is_well else now + _AGAIN
            resume = None if self.resumed else self.order.resume
            wakes = (self.app.next_wake(), now + _PLAN, max(self.order.until, now), again, resume)
            self.board.set(max(now, min(filter(None, wakes))))

    def _tried(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except BROKEN:
            return False
        return True

    def _round(self) -> None:
        now = self.board.now()
        if self.board.is_asked_to_read:
            self.app.reload()
            self.board.has_read()
        if self.planned is None or not timedelta() <= now - self.planned < _PLAN:
            self.app.plan()
            self.planned = now
        if self.minute is None or not timedelta() <= now - self.minute < _MINUTE:
            self.app.look_after_secrets()
            self.app.poll_feeds()
            self.app.look_out()
            self.minute = now
        if self.order.resume and now >= self.order.resume and not self.resumed:
            self._resume(now)
        while self.app.work():
            self._drain()

    def _resume(self, now: datetime) -> None:
        """A person has seen that all is right again."""
        with self.app.store.write() as tx:
            for pause in pauses.covering(tx).standing:
                decisions.resume(tx, pause.scope, pause.name, person("Lan"), "đã kiểm tra", now)
        self.resumed = True

    def _drain(self) -> None:
        """Wait for what was started; meanwhile files may be read, and time pass."""
        while not self.app.dispatcher.drain(0.005):
            if self.board.is_asked_to_read:
                self._tried(self._read)
            if self.board.is_stalled:
                self._go_on_without()

    def _read(self) -> None:
        self.app.reload()
        self.board.has_read()

    def _go_on_without(self) -> None:
        """Rounds beyond the lease of a worker that stands still."""
        until = self.board.now() + _STALL
        while self.board.now() < until:
            self._tried(self.app.work)
            now = self.board.now()
            wakes = (self.app.next_wake(), now + timedelta(seconds=30), until)
            self.board.set(max(now, min(filter(None, wakes))))
        self._tried(self.app.work)
        self.board.is_stalled = False


@dataclass(frozen=True)
class End:
    """How a life ended."""

    how: str  # ended, killed, broken, failed, occupied, hung
    trace: tuple[str, ...] = ()
    error: str = ""
    struck_at: datetime | None = None  # the last strike that it survived


class Life:
    """Such a process. `wait` to its end."""

    def __init__(self, order: Order, stopped: Callable[["Life"], None] = lambda _: None) -> None:
        self._stopped = stopped
        with _starting:
            self._pipe, theirs = _processes.Pipe(duplex=False)
            self._process: ForkServerProcess = _processes.Process(target=_live, args=(order, theirs), daemon=True)
            self._process.start()
            theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._pipe.close()

    def wait(self) -> End:
        """How it ends."""
        trace: tuple[str, ...] = ()
        struck_at = None
        try:
            while self._pipe.poll(_PATIENCE):
                word, value = self._pipe.recv()
                match word:
                    case "struck":
                        struck_at = value
                    case "stop":
                        self._stopped(self)
                    case "trace":
                        trace = tuple(value or ())
                    case "failed":
                        self._process.join()
                        return End("failed", trace, value, struck_at)
                    case _:
                        self._process.join()
                        return End(word, trace, "", struck_at)
        except (EOFError, ConnectionResetError):
            self._process.join()
            return End("killed", trace, f"exit code {self._process.exitcode}", struck_at)
        self.kill()
        return End("hung", trace, "", struck_at)

    def kill(self) -> None:
        """SIGKILL: no handler, no farewell."""
        self._process.kill()
        self._process.join()

    def stop(self) -> None:
        """SIGSTOP; on return it stands still."""
        pid = self._process.pid
        assert pid
        os.kill(pid, signal.SIGSTOP)
        deadline = time.monotonic() + 10
        stat = Path(f"/proc/{pid}/stat")
        while stat.read_text().rpartition(")")[2].split()[0] not in "tT" and time.monotonic() < deadline:
            time.sleep(0.001)

    def go_on(self) -> None:
        """SIGCONT."""
        assert self._process.pid
        os.kill(self._process.pid, signal.SIGCONT)
