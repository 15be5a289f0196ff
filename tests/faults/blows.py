"""What befalls a process at a point of its own: the strikes that it deals to itself."""

import errno
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

from pysqlite3 import dbapi2
from sqlalchemy.exc import OperationalError

from publisher.store import backups
from tests.faults.board import Board
from tests.faults.edits import EDITS
from tests.faults.scenes import Scene
from tests.faults.strikes import Strike

#: The faults that a process deals to itself; all others are the proxy's.
OWN = frozenset({
    "kill", "kill-any", "restore", "backup", "stop", "io-error", "io-error-after", "disk-full", "no-room", "down",
    "stall", "stall-set-back", "set-back", "set-on", "set-ahead", *EDITS,
})  # fmt: skip
SET = {"set-back": timedelta(hours=-2), "set-on": timedelta(minutes=40), "set-ahead": timedelta(hours=2)}
#: How the names of points at files begin.
FILES = ("open", "mkdir", "rename", "listdir")
#: The file that a backup makes, beside the database.
BACKUP = "backup.db"
#: The point that each life passes first.
BEGIN = "life begins"
_ROOM = 1 << 40


class Blows:
    """Waits for the point of the next strike, and strikes. `tell` is told before it hurts."""

    def __init__(
        self, strikes: Sequence[Strike], board: Board, tell: Callable[[str], None], directory: Path, scene: Scene
    ) -> None:
        self._directory = directory
        self._database = directory / "var" / "publisher.db"
        self._scene = scene
        self._strikes = strikes
        self._board = board
        self._tell = tell
        self._lock = threading.Lock()
        self._passed = (0, 0)  # the strike that is armed, and how often its point was passed
        self.trace: list[str] | None = None

    def reached(self, point: str, commit: Callable[[], None] | None) -> None:
        """A point was reached; `commit` carries out the transaction that is about to be committed."""
        if self.trace is not None:
            self.trace.append(point)
        strike = self._taken(point)
        if strike:
            self._hit(strike, commit)

    def free(self) -> int:
        """How many bytes the disk has left."""
        return 0 if self._board.is_full else _ROOM

    def begin(self) -> None:
        """A life begins: if it is to be killed anywhere, a timer runs from now on."""
        number = self._board.struck
        strike = self._strikes[number] if number < len(self._strikes) else None
        if strike and strike.fault == "kill-any":
            delay = random.Random(f"{strike.point} {strike.nth}").uniform(0.01, 0.5)

            def act() -> None:
                self._board.struck = number + 1
                self._kill()

            timer = threading.Timer(delay, act)
            timer.daemon = True
            timer.start()
        self.reached(BEGIN, None)

    def _taken(self, point: str) -> Strike | None:
        """The armed strike, if this is its point and its turn."""
        with self._lock:
            number = self._board.struck
            if number >= len(self._strikes) or self._strikes[number].fault not in OWN:
                return None
            strike = self._strikes[number]
            if strike.point != point:
                return None
            passed = self._passed[1] + 1 if self._passed[0] == number else 1
            self._passed = number, passed
            if passed < strike.nth:
                return None
            self._board.struck = number + 1
            return strike

    def _hit(self, strike: Strike, commit: Callable[[], None] | None) -> None:
        is_file = strike.point.split()[0] in FILES
        match strike.fault:
            case "kill" | "restore":
                self._kill()
            case "backup":
                backups.back_up(self._database, self._database.with_name(BACKUP), self._board.now(), _silent)
            case "io-error":
                _fail(is_file, errno.EIO, "disk I/O error")
            case "io-error-after":
                assert commit is not None
                commit()
                _fail(False, errno.EIO, "disk I/O error")
            case "disk-full":
                _fail(is_file, errno.ENOSPC, "database or disk is full")
            case "no-room":
                self._board.be_full(timedelta(seconds=strike.seconds))
            case "down":
                self._board.be_down(timedelta(seconds=strike.seconds))
            case "stall":
                self._board.stall()
            case "stall-set-back":
                self._board.step(SET["set-back"])
                self._board.stall()
            case "stop":
                self._stop()
            case fault if fault in EDITS:
                for edit in EDITS[fault]:
                    edit(self._directory, self._scene)
                    self._board.ask_to_read()
            case fault:
                self._board.step(SET[fault])
        self._tell("struck")

    def _kill(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)
        threading.Event().wait()  # the signal takes a moment

    def _stop(self) -> None:
        """Ask to be stopped, and go on once that has been, and time has passed."""
        before = self._board.now()
        self._tell("stop")
        while self._board.now() == before:
            time.sleep(0.002)


def _fail(is_file: bool, number: int, text: str) -> NoReturn:
    if is_file:
        raise OSError(number, os.strerror(number))
    raise OperationalError("COMMIT", None, dbapi2.OperationalError(text))


def _silent(_done: int, _total: int) -> None:
    """No bar."""
