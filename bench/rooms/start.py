"""Start: what a command costs before it does anything."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.lab import Lab
from bench.results import Goal, Result

_ROOT = Path(__file__).parents[2]
PUBLISHER = str(Path(sys.executable).with_name("publisher"))


def run(lab: Lab) -> list[Result]:
    """`--help`, and `check` on the sample workspace, against a Python that does nothing."""
    sides = (
        timed([PUBLISHER, "--help"]),
        timed([PUBLISHER, "check", "--workspace", str(_ROOT)]),
        timed([sys.executable, "-c", "pass"]),
    )
    shown, checked, bare = (tuple(found) for found in lab.repeat("start", *sides))
    return [
        Result("start --help", 1, shown, "s", "python -c pass", bare, Goal(0.4)),
        Result("start check", 1, checked, "s", "python -c pass", bare),
    ]


def timed(command: list[str]) -> Callable[[], float]:
    """The seconds that a command takes to its end."""

    def seconds() -> float:
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        return time.perf_counter() - began

    return seconds
