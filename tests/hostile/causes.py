"""Causes and families: what a hostile case is, and what its family's judge is given and gives back."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

#: What nobody may see: both are set in the environment of the process that reads the cases. Neither looks like a key
#: to a pattern, so that only knowing them masks them.
PASSWORD = "chim hoàng yến hót"
TOKEN = "777:chim_vang_hot"
#: What stands in the files outside of the workspace.
PRISONER = "con-chim-trong-long"
SECRETS = {"CANARY_PASSWORD": PASSWORD, "CANARY_TOKEN": TOKEN}

Case = bytes | Callable[[Path], object]
"""The bytes of a file, or what lays out a folder."""


class Harm(Exception):
    """A case did something that it must not be able to do. The text says what."""


@dataclass(frozen=True)
class Bench:
    """What a judge works with: a folder for this case alone, and what the case may not reach."""

    folder: Path
    shared: Path  # a folder that the next cases find again
    outside: Path
    trap: str  # the address of a server that nobody has a reason to ask
    slowest: float  # seconds of the processor that a case may take


@dataclass(frozen=True)
class Seen:
    """What came of a case: whether it was refused in order, and all that anybody could read of it."""

    refused: bool
    shown: tuple[str, ...] = ()


Judge = Callable[[Case, Bench], Seen]
Make = Callable[[Random], Iterator[Case]]


@dataclass(frozen=True)
class Cause:
    """One named way to do harm."""

    family: str
    name: str
    why: str
    make: Make
    refused: bool | None  # whether its cases must be refused, must be taken, or may be either

    def cases(self) -> Iterator[Case]:
        """The cases, the same ones every time."""
        return self.make(Random(f"{self.family}: {self.name}"))

    def __str__(self) -> str:
        return f"{self.family}: {self.name}"


class Family:
    """One way in, with its judge and its causes. A cause is a function; its docstring says why."""

    def __init__(self, name: str, judge: Judge) -> None:
        self.name = name
        self.judge = judge
        self.causes: dict[str, Cause] = {}

    def refused(self, make: Make) -> Make:
        """Every case is refused, in words."""
        return self._add(make, True)

    def taken(self, make: Make) -> Make:
        """Every case is read, and does no harm."""
        return self._add(make, False)

    def endured(self, make: Make) -> Make:
        """A case may be refused or read; it does no harm."""
        return self._add(make, None)

    def _add(self, make: Make, refused: bool | None) -> Make:
        name = make.__name__.replace("_", " ")
        assert name not in self.causes, name
        assert make.__doc__, name
        self.causes[name] = Cause(self.name, name, make.__doc__, make, refused)
        return make


def write(case: Case, path: Path) -> Path:
    """Put a case where its judge wants it: a file, or a folder that lays itself out."""
    if callable(case):
        path.mkdir(parents=True, exist_ok=True)
        case(path)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(case)
    return path
