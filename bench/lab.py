"""The laboratory: sizes, repeats and places for benches, and processes of their own for what they measure."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from pathlib import Path
from typing import Any

#: Seconds that one measurement may take; beyond that the bench has hung.
_PATIENCE = 3600.0


class Scale(StrEnum):
    """How large the benches are."""

    FULL = "full"
    QUICK = "quick"  # all of them in two minutes
    TINY = "tiny"  # whether they work at all


class LabError(Exception):
    """A bench cannot run, or a measurement has failed; the text says why."""


@dataclass
class Lab:
    """Where a bench works. `tell` is told what is being done."""

    folder: Path  # temporary
    repeats: int
    exactly: bool = False  # so many repeats of what takes long, too
    scale: Scale = Scale.FULL
    profiles: Path | None = None  # where profiles of the measured processes go; None: they are not profiled
    tell: Callable[[str], None] = lambda _text: None
    _numbers: Iterator[int] = field(default_factory=count)

    def size(self, *, full: int, quick: int, tiny: int) -> int:
        """The size for this run."""
        return {Scale.FULL: full, Scale.QUICK: quick, Scale.TINY: tiny}[self.scale]

    @property
    def lead(self) -> float:
        """Seconds from the start of a daemon until its first rounds are done, and it has long been idle."""
        return 0.5 if self.scale is Scale.TINY else 3.0

    @contextmanager
    def place(self, source: Path | None = None) -> Iterator[Path]:
        """A fresh folder, or a copy of one, for as long as it is needed."""
        path = self.folder / f"{next(self._numbers)}"
        if source is None:
            path.mkdir()
        else:
            shutil.copytree(source, path)
        try:
            yield path
        finally:
            shutil.rmtree(path)

    def run(self, function: Callable[..., Any], **arguments: Any) -> Any:
        """Call a function of a module in a fresh process; arguments and result are plain JSON values."""
        name = f"{function.__module__}:{function.__qualname__}"
        command = [sys.executable, "-m", "bench.child", name]
        if self.profiles is not None:
            self.profiles.mkdir(parents=True, exist_ok=True)
            command.append(str(self.profiles / f"{name.removeprefix('bench.rooms.').replace(':', '-')}.txt"))
        said = json.dumps(arguments)
        done = subprocess.run(command, input=said, capture_output=True, text=True, timeout=_PATIENCE, check=False)
        if done.returncode:
            raise LabError(f"{name} ended with {done.returncode}:\n{done.stderr[-4000:]}")
        return json.loads(done.stdout.splitlines()[-1])

    def repeat(self, what: str, *sides: Callable[[], Any], most: int | None = None) -> list[list[Any]]:
        """What each side gave, repeat by repeat: the sides take turns, and who begins changes.

        `most`: repeats at most, for what takes long, unless somebody asked for more.
        """
        found: list[list[Any]] = [[] for _ in sides]
        repeats = self.repeats if self.exactly else min(self.repeats, most or self.repeats)
        for turn in range(repeats):
            order = list(enumerate(sides))
            for place, side in order if turn % 2 == 0 else reversed(order):
                self.tell(f"{what}, {turn + 1} of {repeats}")
                found[place].append(side())
        return found
