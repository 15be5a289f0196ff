"""Modules of ours run in a process of their own, because what they read may be hostile.

Such a process has an environment without secrets, no file or socket of its parent, and bounds on memory and time.
"""

import resource
import signal
import sys
from pathlib import Path
from typing import Any


def command(module: str, *arguments: str) -> list[str]:
    """How to run a module of this installation, and of no other that may lie about."""
    return [sys.executable, "-s", "-P", "-m", module, *arguments]


def surroundings() -> dict[str, Any]:
    """The arguments of `subprocess` that keep our environment, folder and terminal from the process."""
    environment = {"PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONUTF8": "1"}
    return {"env": environment, "cwd": "/", "start_new_session": True}


def confine(memory: int, files: int | None = None) -> None:
    """Bound this process from here on: `memory` bytes more than now, no new process, no writing to files.

    files: how many may be open, pipes included; None: as many as before. Elsewhere than on Linux memory is not
    bounded.
    """
    statistics = Path("/proc/self/statm")
    if statistics.exists():
        now = int(statistics.read_text().split()[0]) * resource.getpagesize()
        _limit(resource.RLIMIT_AS, now + memory)
    _limit(resource.RLIMIT_NPROC, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    if files is not None:
        _limit(resource.RLIMIT_NOFILE, files)


def end_after(seconds: float) -> None:
    """End this process in so many seconds, whatever it does, even if its parent is gone; 0: not any more."""
    signal.setitimer(signal.ITIMER_REAL, seconds)


def _limit(kind: int, most: int) -> None:
    resource.setrlimit(kind, (most, most))
