"""`publisher plan`: what goes out, when and where; past or future; writes nothing."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, time, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from publisher.cadence import instant_of
from publisher.cli.complaint import Misuse
from publisher.cli.reading import now, peeked, read_files
from publisher.delivery import State
from publisher.outlook import Line, outlook
from publisher.schedules import Schedules


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="first", type=a_date, metavar="DATE", help="the first day (today)")
    parser.add_argument("--to", dest="end", type=a_date, metavar="DATE", help="the day after the last (14 days on)")
    parser.add_argument("--json", action="store_true", help="print an array, in order of time")


def run(args: argparse.Namespace) -> int:
    workspace = read_files(args.workspace)
    zone = workspace.schedules.timezone
    first = args.first or now().astimezone(zone).date()
    end = args.end or first + timedelta(days=14)
    if end <= first:
        raise Misuse(f"--to {end} is not after --from {first} (the day of --to itself is not shown)")
    start, stop = (instant_of(day, time(), zone) for day in (first, end))
    with peeked(args.workspace) as store:
        lines = outlook(workspace, store, start, stop)
    if args.json:
        json.dump([_as_json(line, zone) for line in lines], sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        for text in _table(lines, workspace.schedules):
            print(text)
    for mistake in workspace.mistakes:
        print(mistake, file=sys.stderr)
    return 1 if workspace.mistakes else 0


def a_date(text: str) -> date:
    """A day that a person wrote as an argument."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date (write e.g. 2022-02-14)") from None
    if not 1900 <= day.year < 2200:
        raise argparse.ArgumentTypeError(f"{text} is too far away (write a year from 1900 to 2199)")
    return day


def _as_json(line: Line, zone: ZoneInfo) -> dict[str, str | None]:
    return {
        "schedule": line.schedule,
        "occurrence": line.occurrence.astimezone(zone).isoformat(),
        "due": line.due.astimezone(zone).isoformat(),
        "channel": line.channel,
        "message": line.message,
        "state": line.state.value,
    }


def _table(lines: Sequence[Line], schedules: Schedules) -> Iterator[str]:
    """The days, each with its deliveries in columns that are as wide in all days."""
    if not lines:
        yield "Nothing goes out in these days."
        return
    zone, single = schedules.timezone, len(schedules.campaigns) == 1
    if single:
        key, campaign = next(iter(schedules.campaigns.items()))
        yield f"{campaign.title} ({key})"
    rows = [(line, _cells(line, zone, single)) for line in lines]
    widths = [max(len(cells[column]) for _, cells in rows) for column in range(4)]
    for day, group in groupby(rows, key=lambda row: row[0].occurrence.astimezone(zone).date()):
        yield f"\n{day:%a %d/%m/%Y}"
        for _, cells in group:
            padded = (cell.ljust(width) for cell, width in zip(cells, (*widths, 0), strict=True))
            yield f"  {'  '.join(padded)}".rstrip()
    yield f"\n{_sum(lines)}, in the time of {zone.key}."


def _cells(line: Line, zone: ZoneInfo, single: bool) -> tuple[str, ...]:
    """Time, schedule, channel, message, and all that is worth saying of it."""
    at, due = line.occurrence.astimezone(zone), line.due.astimezone(zone)
    schedule = line.schedule.partition("/")[2] if single else line.schedule
    message = "(news)" if line.feed else line.message or "–"
    notes = [f"{line.state.value}: {line.reason}" if line.reason else line.state.value]
    if due != at and line.state is not State.SKIPPED:
        notes.append(f"due {due:{'' if due.date() == at.date() else '%d/%m '}%H:%M{':%S' if due.second else ''}}")
    if line.note:
        notes.append(line.note)
    return f"{at:%H:%M}", schedule, line.channel, message, ", ".join(notes)


def _sum(lines: Iterable[Line]) -> str:
    lines = list(lines)
    slots = sum(line.feed for line in lines)
    number = len(lines) - slots
    news = f" and {slots} slot{'s' if slots > 1 else ''} for the news of feeds" if slots else ""
    return f"{number} deliver{'ies' if number != 1 else 'y'}{news}"
