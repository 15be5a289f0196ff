"""Servers that tests start: each in a session of its own, waited for, and stopped with all its workers."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

START_LIMIT = 60.0  # seconds that a server may take until it answers, on a busy machine
STOP_LIMIT = 10.0  # seconds that it may take to end by itself


@contextmanager
def running(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """The started command; what it prints goes to `log`. Its whole session has ended when this returns."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment, start_new_session=True
        )
    try:
        yield process
    finally:
        _stop(process)


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    """Ask until it is ready. RuntimeError with the end of its log if it ends first or takes too long."""
    deadline = time.monotonic() + START_LIMIT
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            tail = log.read_text(errors="replace")[-2000:]
            raise RuntimeError(f"{process.args!r} does not answer (exit code {process.returncode}): {tail}")
        time.sleep(0.05)


class Restartable:
    """A server that can be struck and started again; `ready` says whether it answers. Stop it at the end."""

    def __init__(
        self, command: Sequence[str], log: Path, environment: Mapping[str, str], ready: Callable[[], bool]
    ) -> None:
        self._start = lambda: running(command, log, environment)
        self._ready = ready
        self._log = log
        self._life = ExitStack()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process = self._life.enter_context(self._start())
        wait_until(self._ready, self._process, self._log)

    def kill(self) -> None:
        """No handler, no farewell; none of its workers is left."""
        _signal(self.process, signal.SIGKILL)
        self.close()

    @property
    def process(self) -> "subprocess.Popen[bytes]":
        """The started process."""
        assert self._process is not None
        return self._process

    def close(self) -> None:
        """End it."""
        self._life.close()


@contextmanager
def stopped(process: "subprocess.Popen[bytes]") -> Iterator[None]:
    """It and its workers neither answer nor close their connections; afterwards they go on as if nothing was."""
    _signal(process, signal.SIGSTOP)
    try:
        yield
    finally:
        _signal(process, signal.SIGCONT)


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _stop(process: subprocess.Popen[bytes]) -> None:
    _signal(process, signal.SIGCONT)  # a paused one could not end
    _signal(process, signal.SIGTERM)
    try:
        process.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        pass
    finally:
        _signal(process, signal.SIGKILL)  # also the workers that outlived it
        process.wait(STOP_LIMIT)


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return
