"""Cases that do every kind of harm, so that the court is seen to convict; no part of the corpus."""

import logging
import os
import signal
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from tests.hostile.causes import PASSWORD, Bench, Case, Family, Seen

DEEDS: dict[bytes, Callable[[Bench], object]] = {
    b"nothing": lambda bench: (bench.folder / "a").write_text("x"),
    b"hangs": lambda bench: time.sleep(60),
    b"crashes": lambda bench: 1 / 0,
    b"dies": lambda bench: os.kill(os.getpid(), signal.SIGKILL),
    b"reads": lambda bench: (bench.outside / "entity.txt").read_text(),
    b"follows": lambda bench: _link(bench).read_text(),
    b"writes": lambda bench: (bench.folder.parents[3] / "escaped").write_text("x"),
    b"works": lambda bench: _work(0.7),
    b"hoards": lambda bench: len(b"x" * 500_000_000),
    b"logs": lambda bench: logging.getLogger("x").debug("with %s", PASSWORD),
    b"leaves": lambda bench: (bench.folder / "b").open("w").fileno(),
    b"shows": lambda bench: None,
    b"nothing more": lambda bench: None,
}


def judge(case: Case, bench: Bench) -> Seen:
    """Does it."""
    assert isinstance(case, bytes)
    if case == b"asks":
        urllib.request.urlopen(bench.trap, timeout=5).close()
    else:
        DEEDS[case](bench)
    return Seen(False, ("sent " + PASSWORD.replace(" ", "\n") if case == b"shows" else "",))


def _work(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def _link(bench: Bench) -> Path:
    (bench.folder / "link").symlink_to(bench.outside / "entity.txt")
    return bench.folder / "link"


TRAPS = Family("traps", judge)


@TRAPS.taken
def every_harm(chance: Random) -> Iterator[Case]:
    """A judge that convicts nobody is no judge."""
    yield from DEEDS


@TRAPS.taken
def what_asks(chance: Random) -> Iterator[Case]:
    """A case that speaks to a server."""
    yield b"asks"


@TRAPS.refused
def what_is_taken_where_it_should_not(chance: Random) -> Iterator[Case]:
    """A case that is read although it must be refused."""
    yield b"nothing"


@TRAPS.taken
def what_cannot_be_made(chance: Random) -> Iterator[Case]:
    """A cause with a mistake of its own."""
    yield b"nothing"
    raise ValueError
