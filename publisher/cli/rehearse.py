"""`publisher rehearse`: a period in seconds, against the sandbox, as a folder that opens in a browser."""

import argparse
import signal
from contextlib import ExitStack
from datetime import date, datetime, time, timedelta
from pathlib import Path

from publisher.album import Album
from publisher.cadence import instant_of
from publisher.cli.complaint import Complaint, Misuse
from publisher.cli.counting import counted
from publisher.cli.plan import a_date
from publisher.cli.reading import now, read_files, usable_database
from publisher.cli.speaking import said, tell
from publisher.clock import VirtualClock
from publisher.delivery import State
from publisher.exercise import (
    Exercise,
    ExerciseError,
    Period,
    Trouble,
    begins,
    copy_workspace,
    fresh_folder,
    take_name,
    take_over,
)
from publisher.sheets.paper import Paper
from sandbox.client import Sandbox


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="first", type=a_date, metavar="DATE", help="the first day (today)")
    parser.add_argument("--to", dest="end", type=a_date, metavar="DATE", help="the day after the last (14 days on)")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder to make")
    parser.add_argument("--approver", default="", metavar="NAME", help="who approves what waits (somebody)")
    parser.add_argument("--document", metavar="NO", help="the number of the document that approves it")
    parser.add_argument("--unapproved", action="store_true", help="nobody approves anything")
    parser.add_argument("--faults", type=int, metavar="SEED", help="servers fail now and then; a number chooses how")


def run(args: argparse.Namespace) -> int:
    signal.signal(signal.SIGTERM, _interrupt)  # so that the sandbox ends, too
    read_files(args.workspace)
    try:
        fresh_folder(args.out, args.workspace)
        workspace = copy_workspace(args.workspace, args.out / "workspace")
    except ExerciseError as error:
        raise Complaint(str(error)) from None
    zone = workspace.schedules.timezone
    first = args.first or now().astimezone(zone).date()
    end = args.end or first + timedelta(days=14)
    if end <= first:
        raise Misuse(f"--to {end} is not after --from {first} (the day of --to itself is not rehearsed)")
    period = Period(*(instant_of(day, time(), zone) for day in (first, end)))
    with usable_database():
        clock = _clock(args, period, begins(workspace, period))
    with ExitStack() as stack, usable_database():
        sandbox = stack.enter_context(Sandbox(args.out / "sandbox"))
        exercise = Exercise(args.out / "workspace", sandbox, period, clock)
        stack.callback(exercise.close)
        _live(exercise, args, first, end)
        index = _write(exercise, args)
        counts = exercise.counts()
    _tell(counts, index)
    return 0


def _clock(args: argparse.Namespace, period: Period, ahead: datetime) -> VirtualClock:
    """The life so far goes on, if the period is still to come; a time that is over is lived through anew."""
    is_ahead = period.opens >= now() - timedelta(days=1)
    began = min(now(), period.opens) if is_ahead else ahead
    take = take_over if is_ahead else take_name
    take(args.workspace, args.out / "workspace", began)
    return VirtualClock(began)


def _live(exercise: Exercise, args: argparse.Namespace, first: date, end: date) -> None:
    days = (end - first).days
    trouble = Trouble(exercise, args.faults) if args.faults is not None else None
    approver = args.approver or said("Approver")

    def act(at: datetime) -> None:
        if not args.unapproved:
            exercise.approve(approver, args.document)
        if trouble:
            trouble.stir(at)

    with counted(said("days lived through")) as advance:
        exercise.live(act, lambda at: advance(max(0, min((at - exercise.period.opens).days, days)), days))
    if trouble:
        tell("{number} faults of servers were in the way.", number=trouble.count)


def _write(exercise: Exercise, args: argparse.Namespace) -> Path:
    paper = Paper(args.lang, exercise.workspace.schedules.timezone)
    with counted(said("pages of days")) as advance:
        return Album(exercise, args.out, paper).write(advance)


def _tell(counts: dict[State, int], index: Path) -> None:
    parts = [f"{number} {said(state.value)}" for state, number in sorted(counts.items())]
    tell("An exercise: nothing was published. In it: {parts}.", parts=", ".join(parts) or said("nothing"))
    tell("Open {page} in a browser.", page=index)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
