"""Growth: how the cost of each thing grows with its size, as the exponent of the power that fits three sizes best."""

import resource
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from math import log
from pathlib import Path
from statistics import linear_regression, median
from typing import Any

from bench import offices
from bench.lab import Lab
from bench.nginx import Nginx
from bench.results import Goal, Result
from bench.rooms import burst, planning, start
from bench.sink import SinkWorld
from publisher.app import App
from publisher.clock import SystemClock

_GOAL = Goal(1.1)
_MOST = 3  # repeats
_CHANNELS = 100
_TO = 4  # channels that each message is tried out for by `check`
_ROUNDS = 20
_MEGABYTE = 1024  # of the kilobytes that the system counts in


def run(lab: Lab) -> list[Result]:
    """1 is what grows as its size does, 2 what grows as its square; what has a fixed part shows less."""
    return [*_burst(lab), *_planning(lab), *_resting(lab), *_check(lab)]


def _burst(lab: Lab) -> list[Result]:
    """From due to the last commit."""
    sizes = _sizes(lab.size(full=2_700, quick=900, tiny=18))
    with lab.place() as folder, Nginx(folder) as sink, _places(lab) as made:
        for office, size in zip(made, sizes, strict=True):
            offices.prepare_due(str(office), _CHANNELS, [0.0] * size)

        def measured(office: Path) -> dict[str, float]:
            with lab.place(office) as copy:
                found = lab.run(burst.ours, directory=str(copy), url=sink.url, lead=lab.lead)
            return {"burst": found["seconds"]}

        found = lab.repeat("growth of burst", *(partial(measured, office) for office in made), most=_MOST)
    return _results(sizes, found)


def _planning(lab: Lab) -> list[Result]:
    """A month of schedules into rows; and a pass that has nothing to do."""
    sizes = _sizes(lab.size(full=900, quick=180, tiny=18))
    with _places(lab) as made:
        for office, size in zip(made, sizes, strict=True):
            planning.write(office, size)

        def measured(office: Path) -> dict[str, float]:
            with lab.place(office) as copy:
                found = lab.run(planning.planned, directory=str(copy))
            return {"planning": found["seconds"], "planning again": found["again"]}

        found = lab.repeat("growth of planning", *(partial(measured, office) for office in made), most=_MOST)
    return _results(sizes, found)


def _resting(lab: Lab) -> list[Result]:
    """A round that finds nothing to do, and the most memory that a start takes beyond that without rows."""
    channels = lab.size(full=250, quick=50, tiny=2)
    with lab.place() as bare, _places(lab) as made:
        offices.prepare_planned(str(bare), channels, 0)
        schedules = zip(made, _sizes(18), strict=True)
        sizes = [offices.prepare_planned(str(office), channels, count) for office, count in schedules]
        sides = [partial(lab.run, resting, directory=str(office)) for office in (bare, *made)]
        without, *found = lab.repeat("growth of an idle round", *sides, most=_MOST)
    base = median(one["memory"] for one in without)
    for side in found:
        for one in side:
            one["memory"] = max(one["memory"] - base, 1.0)  # less than a megabyte is noise
    return _results(sizes, found)


def resting(directory: str) -> dict[str, float]:
    """Start on a workspace where nothing is due; the seconds of a round, and the most memory."""
    rounds = []
    with App(Path(directory), SystemClock(), SinkWorld("http://127.0.0.1:9")) as app:
        app.start()
        app.work()
        for _ in range(_ROUNDS):
            began = time.perf_counter()
            app.work()
            app.next_wake()
            rounds.append(time.perf_counter() - began)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEGABYTE
    return {"idle round": median(rounds), "memory": most}


def _check(lab: Lab) -> list[Result]:
    """`publisher check` where each schedule has a message of its own."""
    sizes = _sizes(lab.size(full=900, quick=180, tiny=18))
    with _places(lab) as made:
        for office, size in zip(made, sizes, strict=True):
            offices.write_files(office, _TO, ["at: 08:00, to: tat-ca"] * size, messages=size)
        sides = [partial(_checked, office) for office in made]
        found = lab.repeat("growth of check", *sides, most=_MOST)
    return _results(sizes, found)


def _checked(office: Path) -> dict[str, float]:
    return {"check": start.timed([start.PUBLISHER, "check", "--workspace", str(office)])()}


def _sizes(largest: int) -> list[int]:
    """Three, each thrice the one before."""
    return [largest // 9, largest // 3, largest]


@contextmanager
def _places(lab: Lab) -> Iterator[list[Path]]:
    with ExitStack() as stack:
        yield [stack.enter_context(lab.place()) for _ in _sizes(9)]


def _results(sizes: Sequence[int], found: Sequence[Sequence[Mapping[str, Any]]]) -> list[Result]:
    """What each size cost, repeat by repeat."""
    return [
        Result(
            f"growth: {name}", sizes[-1],
            tuple(exponent(sizes, [one[name] for one in repeat]) for repeat in zip(*found, strict=True)),
            "exponent", goal=_GOAL,
        )
        for name in found[0][0]
    ]  # fmt: skip


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """The slope of the line that fits the logarithms best, by least squares."""
    return linear_regression([log(size) for size in sizes], [log(cost) for cost in costs]).slope
