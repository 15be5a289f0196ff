"""`python -m bench`: run the benches, print a Markdown table, and keep it in bench/results/."""

import argparse
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from os import cpu_count
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bench.lab import Lab, LabError, Scale
from bench.results import Result, keep, table
from bench.rooms import burst, growth, lateness, many, memory, planning, start

ROOMS: Mapping[str, Callable[[Lab], list[Result]]] = {
    "start": start.run,
    "lateness": lateness.run,
    "burst": burst.run,
    "many": many.run,
    "planning": planning.run,
    "memory": memory.run,
    "growth": growth.run,
}
_RESULTS = Path(__file__).parent / "results"


def main(argv: Sequence[str] | None = None) -> int:
    """Run what was asked for; 0 if all of it could be measured, whatever it was."""
    args = _parser().parse_args(argv)
    scale = Scale.QUICK if args.quick else Scale.FULL
    repeats = args.repeats or (3 if args.quick else 7)
    profiles = _RESULTS / "profiles" if args.profile else None
    results: list[Result] = []
    failed = False
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        Progress(*columns, console=Console(stderr=True)) as progress,
        tempfile.TemporaryDirectory(prefix="bench-") as folder,
    ):
        names = args.only or list(ROOMS)
        bar = progress.add_task("", total=len(names))
        for name in names:
            progress.update(bar, description=name)
            lab = Lab(
                Path(folder), repeats, args.repeats is not None, scale, profiles,
                tell=lambda text: progress.update(bar, description=text),
            )  # fmt: skip
            try:
                results += ROOMS[name](lab)
            except LabError as error:
                failed = True
                progress.console.print(f"{name}: {error}", markup=False)
            progress.advance(bar)
    print(table(results))
    keep(results, _RESULTS, _about(repeats))
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description="Measure Publisher; nothing is asserted.")
    parser.add_argument("--only", action="append", choices=list(ROOMS), help="one bench (may be given several times)")
    parser.add_argument("--quick", action="store_true", help="three repeats of small sizes: two minutes in all")
    parser.add_argument(
        "--repeats", type=_positive, metavar="N", help="how often each is measured (7; less, what takes long)"
    )
    parser.add_argument(
        "--profile", action="store_true", help="also write profiles to bench/results/profiles/; the figures suffer"
    )
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _about(repeats: int) -> str:
    today = datetime.fromtimestamp(time.time(), UTC).date()
    machine = f"{cpu_count()} processors, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    return f"Measured on {today:%d %B %Y}: {machine}; medians of {repeats} repeats."


if __name__ == "__main__":
    sys.exit(main())
