"""Planning: a month of many schedules, and the composing of what is due soon."""

import resource
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench import offices
from bench.lab import Lab
from bench.results import Result
from publisher.implied import outline
from publisher.planner import HORIZON, Planner
from publisher.workspace import Folder, read_workspace

_CHANNELS = 100
_START = datetime(2022, 2, 14, tzinfo=UTC)
_DAYS = 30
_MEGABYTE = 1024  # of the kilobytes that the system counts in


def run(lab: Lab) -> list[Result]:
    """Each schedule goes daily to one channel. Outlining writes nothing; planning makes the rows."""
    size = lab.size(full=10_000, quick=500, tiny=20)
    with lab.place() as office:
        write(office, size)
        outlines, plans = lab.repeat(
            "planning",
            lambda: lab.run(outlined, directory=str(office)),
            lambda: _planned(lab, office),
            most=1,
        )  # fmt: skip

    def each(found: list[dict[str, float]], name: str) -> tuple[float, ...]:
        return tuple(one[name] for one in found)

    rows = int(plans[0]["rows"])
    return [
        Result("planning read files", size, each(outlines, "read"), "s"),
        Result(f"planning outline of {_DAYS} days", size, each(outlines, "seconds"), "s"),
        Result("planning outline memory", size, each(outlines, "memory"), "MB"),
        Result(f"planning {_DAYS} days into rows", size, each(plans, "seconds"), "s"),
        Result("planning into rows", rows, tuple(1000 * one["seconds"] / one["rows"] for one in plans), "ms/row"),
        Result("planning again", size, each(plans, "again"), "s"),
        Result("planning memory", size, each(plans, "memory"), "MB"),
    ]


def write(office: Path, size: int) -> None:
    """The files of so many schedules."""
    at = [f"{number % 24:02}:{number // 24 % 60:02}" for number in range(size)]
    to = [offices.channel(number % _CHANNELS) for number in range(size)]
    keys = [f'at: "{when}", to: {where}' for when, where in zip(at, to, strict=True)]
    offices.write_files(office, _CHANNELS, keys)


def _planned(lab: Lab, office: Path) -> Any:
    with lab.place(office) as copy:
        return lab.run(planned, directory=str(copy))


def outlined(directory: str) -> dict[str, float]:
    """What the files alone imply."""
    began = time.perf_counter()
    workspace = read_workspace(Folder(Path(directory)))
    read = time.perf_counter()
    found = sum(len(one.planned) for one in outline(None, workspace, _START, _START + timedelta(days=_DAYS)))
    seconds = time.perf_counter() - read
    expected = _DAYS * len(workspace.schedules.schedules)
    if found != expected:
        raise RuntimeError(f"the outline should have {expected} deliveries")
    return {"read": read - began, "seconds": seconds, "memory": _peak()}


def planned(directory: str) -> dict[str, float]:
    """The rows of a month, in as many passes as the horizon asks for; and a pass that has nothing to do."""
    workspace = read_workspace(Folder(Path(directory)))
    with offices.opened(Path(directory) / offices.DATABASE) as store:
        planner = Planner(store)
        last = _START + timedelta(days=_DAYS) - HORIZON
        moments = [_START + timedelta(days=days) for days in range(0, _DAYS, HORIZON.days)]
        began = time.perf_counter()
        for now in moments:
            planner.plan(workspace, min(now, last))
        seconds = time.perf_counter() - began
        rows = offices.count(Path(directory))
        began = time.perf_counter()
        planner.plan(workspace, last)
        again = time.perf_counter() - began
    if rows != _DAYS * len(workspace.schedules.schedules):
        raise RuntimeError(f"{rows} rows are not those of {_DAYS} days")
    return {"seconds": seconds, "again": again, "rows": rows, "memory": _peak()}


def _peak() -> float:
    """The most memory that this process has had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _MEGABYTE
