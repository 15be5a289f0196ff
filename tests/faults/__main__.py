"""`python -m tests.faults`: every case once, and random lives; a table, and each objection. 1 if there is any."""

import argparse
import random
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from functools import cache
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from tests.faults.cases import all_cases
from tests.faults.lab import Lab
from tests.faults.labs import verdicts
from tests.faults.quick import quick_cases
from tests.faults.random_lives import catalogue, random_case
from tests.faults.strikes import Case
from tests.faults.table import Table


def main(argv: Sequence[str] | None = None) -> int:
    """Run what was asked for; 0 if the judge objects to nothing."""
    args = _parser().parse_args(argv)
    table, objected = Table(), False
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with (
        tempfile.TemporaryDirectory(prefix="faults-") as folder,
        Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress,
    ):
        bar = progress.add_task("looking for points", total=None)
        cases = _chosen(args, Path(folder))
        progress.update(bar, description="faults", total=len(cases))
        try:
            with closing(verdicts(cases, Path(folder), args.jobs)) as found:
                for verdict in found:
                    table.add(verdict)
                    for text in verdict.objections:
                        objected = True
                        progress.console.print(
                            f"{verdict.case}\n    {text}", markup=False, highlight=False, soft_wrap=True
                        )
                    progress.advance(bar)
                    if objected and args.stop:
                        break
        except KeyboardInterrupt:
            progress.console.print(f"interrupted after {table.total.runs} of {len(cases)}")
    print(table.markdown() if args.markdown else table.plain())
    print(f"\n{table.struck:,} of {table.strikes:,} strikes hit")
    if not table.is_prompt:
        print(f"{table.late} of {table.total.settled} settled later than five minutes after the fault was over")
    return 1 if objected or not table.is_prompt else 0


def _chosen(args: argparse.Namespace, folder: Path) -> list[Case]:
    """The cases that were asked for."""
    if args.case:
        return [Case.read(text) for text in args.case]
    if args.quick and not args.runs:
        cases = quick_cases()
    else:
        with Lab(folder / "scout") as lab:
            points = cache(lab.points)
            cases = quick_cases() if args.quick else list(all_cases(points))
            if args.sample:
                cases = random.Random(args.seed).sample(cases, min(args.sample, len(cases)))
            if args.runs:
                where = catalogue(points)
                cases += [random_case(where, args.seed, number) for number in range(args.runs)]
    return [case for case in cases if args.only is None or args.only in str(case)]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make faults ARGS=…", description="Strike Publisher at every point.")
    parser.add_argument("--quick", action="store_true", help="a few cases for each property of the fence: a minute")
    parser.add_argument("--sample", type=int, metavar="N", help="so many of all cases, chosen by the seed")
    parser.add_argument("--runs", type=int, default=0, metavar="N", help="random lives as well (none)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="of all chance (1)")
    parser.add_argument("--only", metavar="TEXT", help="the cases whose description holds it")
    parser.add_argument("--case", action="append", metavar="TEXT", help="this case alone, as an objection names it")
    parser.add_argument("--stop", action="store_true", help="end with the first objection")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="how many labs work at once (2)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
