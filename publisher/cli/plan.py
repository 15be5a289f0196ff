"""`publisher plan`: what goes out, when and where; past or future; writes nothing."""

import argparse
import json
import sys
from collections.abc import Iterable
from datetime import date, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.table import Table

from publisher.cadence import instant_of
from publisher.cli.complaint import Complaint
from publisher.cli.reading import now, peeked, read_files
from publisher.outlook import Line, outlook


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="first", type=_date, metavar="DATE", help="the first day (today)")
    parser.add_argument("--to", dest="end", type=_date, metavar="DATE", help="the day after the last (14 days on)")
    parser.add_argument("--json", action="store_true", help="print an array, in order of time")


def run(args: argparse.Namespace) -> int:
    workspace = read_files(args.workspace)
    zone = workspace.schedules.timezone
    first = args.first or now().astimezone(zone).date()
    end = args.end or first + timedelta(days=14)
    if end <= first:
        raise Complaint(f"--to {end} is not after --from {first} (the day of --to itself is not shown)")
    start, stop = (instant_of(day, time(), zone) for day in (first, end))
    with peeked(args.workspace) as store:
        lines = outlook(workspace, store, start, stop)
    if args.json:
        json.dump([_as_json(line, zone) for line in lines], sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        _show(lines, zone)
    for mistake in workspace.mistakes:
        print(mistake, file=sys.stderr)
    return 1 if workspace.mistakes else 0


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date (write e.g. 2022-02-14)") from None


def _as_json(line: Line, zone: ZoneInfo) -> dict[str, str | None]:
    return {
        "schedule": line.schedule,
        "occurrence": line.occurrence.astimezone(zone).isoformat(),
        "due": line.due.astimezone(zone).isoformat(),
        "channel": line.channel,
        "message": line.message,
        "state": line.state.value,
    }


def _show(lines: Iterable[Line], zone: ZoneInfo) -> None:
    console = Console()
    lines = list(lines)
    for day, group in groupby(lines, key=lambda line: line.occurrence.astimezone(zone).date()):
        table = Table(title=f"{day:%a %d/%m/%Y}", title_justify="left", box=None, pad_edge=False)
        for heading in ("at", "due", "schedule", "channel", "message", "state"):
            table.add_column(heading, overflow="fold")
        for line in group:
            due = line.due.astimezone(zone)
            shown = f"{due:%H:%M:%S}" if due.date() == day else f"{due:%d/%m %H:%M:%S}"
            state = f"{line.state.value}: {line.reason}" if line.reason else line.state.value
            at = f"{line.occurrence.astimezone(zone):%H:%M}"
            table.add_row(
                at,
                shown,
                line.schedule,
                line.channel,
                line.message or ("(news of the feed)" if line.feed else "–"),
                state,
            )
        console.print(table)
        console.print()
    if not lines:
        console.print("Nothing goes out in these days.")
