"""Memory and start of `publisher run` as a process of its own, with few and many planned rows."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench import offices
from bench.lab import Lab, LabError, Scale
from bench.results import Goal, Result

_PATIENCE = 3600.0
_MANY = 50_000  # rows: a start with more takes long
_GOAL = Goal(200)


def run(lab: Lab) -> list[Result]:
    """The most memory that it ever had, and what it has when it is idle, against a workspace without a row."""
    channels = lab.size(full=1000, quick=100, tiny=2)
    counts = [0, 7, 72] if lab.scale is Scale.FULL else [0, 7]  # schedules: 98,000 and 1,008,000 rows
    measured = [_measured(lab, channels, schedules) for schedules in counts]
    without = tuple(one["most"] for one in measured[0][1])
    results = []
    for size, found in measured:
        most, idle, start = (tuple(one[name] for one in found) for name in ("most", "idle", "start"))
        results += [
            Result("memory most", size, most, "MB", "without rows", without, _GOAL),
            Result("memory idle", size, idle, "MB"),
            Result("memory start of run", size, start, "s"),
        ]
    return results


def _measured(lab: Lab, channels: int, schedules: int) -> tuple[int, list[dict[str, Any]]]:
    """How many rows there were, and what each repeat found."""
    with lab.place() as office:
        size = lab.run(offices.prepare_planned, directory=str(office), channels=channels, schedules=schedules)
        most = 1 if size > _MANY else 3
        (found,) = lab.repeat(f"memory with {size:,} rows", lambda: running(office, settle=lab.lead), most=most)
        if offices.count(office) != size:
            raise LabError("the daemon planned other rows than those that were there")
        return size, found


def running(office: Path, settle: float) -> dict[str, Any]:
    """Start `publisher run`, let it come to rest, with `settle` seconds for its first rounds, and stop it."""
    command = [sys.executable, "-m", "publisher", "run", "--port", "0", "--workspace", str(office)]
    environment = {**os.environ, "PASSWORD": "bench"}
    began = time.perf_counter()
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            said = process.stdout.readline() if process.stdout else ""
            if "works on" not in said:
                raise LabError(f"publisher run does not start: {said}{process.stdout.read() if process.stdout else ''}")
            start = time.perf_counter() - began
            time.sleep(settle)
            while _is_working(process.pid):
                time.sleep(settle)
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
            return {"most": _megabytes(status, "VmHWM"), "idle": _megabytes(status, "VmRSS"), "start": start}
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=_PATIENCE)


def _is_working(pid: int) -> bool:
    """Whether it takes more than a fifth of a processor."""
    before, began = _ticks(pid), time.monotonic()
    time.sleep(1)
    used = (_ticks(pid) - before) / os.sysconf("SC_CLK_TCK")
    return used > 0.2 * (time.monotonic() - began)


def _ticks(pid: int) -> int:
    """The processor's time of a process, in ticks: fields 14 and 15 of proc(5)'s stat."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _megabytes(status: str, name: str) -> float:
    found = re.search(rf"^{name}:\s+(\d+) kB", status, re.MULTILINE)
    if not found:
        raise LabError(f"the system does not tell {name}: this bench needs Linux")
    return int(found[1]) / 1024
