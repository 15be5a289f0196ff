"""A process that lives through a part of a rehearsal, to be killed: at a point where it stands still, or anywhere."""

import dataclasses
import multiprocessing
import threading
from collections.abc import Callable
from datetime import datetime
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from channels.base import Channel, Io, Receipt, Slot
from content.post import Post
from publisher.app import App
from publisher.clock import VirtualClock
from publisher.rehearsal import rehearse
from publisher.world import SandboxWorld

BEFORE, AFTER = "before the first request", "after the answer"

_processes = multiprocessing.get_context("forkserver")
_processes.set_forkserver_preload(["tests.crashing"])  # everything is imported once: a process starts in milliseconds


@dataclasses.dataclass(frozen=True)
class HaltingWorld:
    """The sandbox; every publication stands still for good at `point`: BEFORE, AFTER, or the name of a step."""

    sandbox: SandboxWorld
    point: str | None
    tell: Callable[[str], None]

    @property
    def secrets(self) -> Any:
        return self.sandbox.secrets

    @property
    def allowed(self) -> Any:
        return self.sandbox.allowed

    def feed(self, url: str) -> str:
        return self.sandbox.feed(url)

    def channel(self, channel: Channel) -> Channel:
        copy = self.sandbox.channel(channel).model_copy()
        if self.point:
            object.__setattr__(copy, "__class__", _halting(type(copy), self._pass))
        return copy

    def _pass(self, point: str) -> None:
        if point == self.point:
            self.tell(point)
            threading.Event().wait()


def _halting(kind: Any, pass_: Callable[[str], None]) -> type[Channel]:
    """The same kind, which says what points it passes."""

    class Halting(kind):  # type: ignore[misc]
        def publish(self, post: Post, io: Io) -> Receipt:
            return passing(super().publish, post, io)

        def publish_slot(self, slot: Slot, io: Io) -> Receipt:
            return passing(super().publish_slot, slot, io)

    def passing(publish: Callable[[Any, Io], Receipt], what: Any, io: Io) -> Receipt:
        def step(name: str, value: Any) -> None:
            io.step(name, value)
            pass_(name)

        pass_(BEFORE)
        receipt = publish(what, dataclasses.replace(io, step=step))
        pass_(AFTER)
        return receipt

    return Halting


def _live(directory: Path, url: str, start: datetime, until: datetime, point: str | None, pipe: Connection) -> None:
    clock = VirtualClock(start)
    with App(directory, clock, HaltingWorld(SandboxWorld(url), point, pipe.send)) as app:
        app.start()
        pipe.send("started")
        rehearse(app, clock, until)
    pipe.send("ended")


class Life:
    """Such a process; use it as a context: it does not outlive it."""

    def __init__(self, directory: Path, url: str, start: datetime, until: datetime, point: str | None = None) -> None:
        self._pipe, theirs = _processes.Pipe()
        self._process: ForkServerProcess = _processes.Process(
            target=_live, args=(directory, url, start, until, point, theirs), daemon=True
        )
        self._process.start()
        theirs.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._pipe.close()

    def reaches(self, point: str, seconds: float = 20.0) -> bool:
        """Wait until it says that it is there; False if it ended, or the time ran out."""
        try:
            while self._pipe.poll(seconds):
                if self._pipe.recv() == point:
                    return True
        except (EOFError, ConnectionResetError):
            pass
        return False

    def kill(self) -> None:
        """SIGKILL: no handler, no farewell."""
        self._process.kill()
        self._process.join()
