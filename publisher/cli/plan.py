"""`publisher plan`: what an edit changes, and what goes out, when and where; past or future; writes nothing."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from pathlib import Path
from zoneinfo import ZoneInfo

from content.media import MediaFolder
from content.templates import Renderer
from publisher.cadence import instant_of
from publisher.cli.complaint import Misuse
from publisher.cli.reading import now, peeked, read_files
from publisher.cli.speaking import said, said_many, show, spoken, tell
from publisher.comparison import Comparison, compare
from publisher.delivery import State
from publisher.foresight import Foreseen, warnings
from publisher.outlook import Line, outlook
from publisher.schedules import Schedules
from publisher.sheets.paper import Paper, write
from publisher.spelling import spelled
from publisher.store.database import Store
from publisher.versions import Versions
from publisher.workspace import Workspace

_SHOWN = 40  # changes of one sort that a terminal lists


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--from", dest="first", type=a_date, metavar="DATE", help="the first day (today)")
    parser.add_argument("--to", dest="end", type=a_date, metavar="DATE", help="the day after the last (14 days on)")
    parser.add_argument("--json", action="store_true", help="print an array, in order of time")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write it as a page to send or to print")


@dataclass(frozen=True)
class Shown:
    """All that is shown of a plan."""

    workspace: Workspace
    lines: Sequence[Line]
    changes: Comparison
    foreseen: Sequence[Foreseen]
    first: date
    end: date

    @property
    def zone(self) -> ZoneInfo:
        return self.workspace.schedules.timezone


def run(args: argparse.Namespace) -> int:
    workspace = read_files(args.workspace)
    zone = workspace.schedules.timezone
    first = args.first or now().astimezone(zone).date()
    end = args.end or first + timedelta(days=14)
    if end <= first:
        raise Misuse(f"--to {end} is not after --from {first} (the day of --to itself is not shown)")
    start, stop = (instant_of(day, time(), zone) for day in (first, end))
    with peeked(args.workspace) as store:
        changes, lines = _looked(args.workspace, store, workspace, start, stop)
    if args.json:
        json.dump([_as_json(line, zone) for line in lines], sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        with Renderer() as renderer:
            foreseen = warnings(workspace, lines, start, stop, now(), renderer.render)
        _show(Shown(workspace, lines, changes, foreseen, first, end), args)
    for mistake in workspace.mistakes:
        show(mistake, file=sys.stderr)
    return 1 if workspace.mistakes else 0


def _looked(
    directory: Path, store: Store | None, workspace: Workspace, start: datetime, stop: datetime
) -> tuple[Comparison, list[Line]]:
    """What the files change of the plan in force, and the lines as they will be."""
    in_force = Versions(store, MediaFolder(directory / "var" / "media")).last() if store else None
    if store is None or in_force is None or in_force[1].sha256 == workspace.sha256:
        return Comparison(), outlook(workspace, store, start, stop, _now_within(stop))
    return compare(store, in_force[1], workspace, now(), start, stop)


def _now_within(stop: datetime) -> datetime | None:
    """Now; None where the plan of days that are over is looked at as it was made."""
    return now() if now() < stop else None


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


def _show(shown: Shown, args: argparse.Namespace) -> None:
    if args.html is not None:
        write(args.html, _page(shown, Paper(args.lang, shown.zone)))
        tell("Written: {file}", file=args.html)
        return
    for text in (*_changes(shown), *_table(shown.lines, shown.workspace.schedules), *_rest(shown)):
        show(text)


def _changes(shown: Shown) -> Iterator[str]:
    """What the edit changes, a line each."""
    changes = shown.changes
    if not changes:
        return
    yield said("What the files change of the plan that is in force:")
    for old, new in changes.renamed:
        yield "  = " + said("{old} is now called {new}", old=old, new=new)
    for sign, lines in (("+", changes.added), ("-", changes.dropped)):
        yield from _some([f"  {sign} {_at(line.occurrence, shown.zone)}  {_what(line)}" for line in lines])
    moved = [
        f"  > {_at(one.before.occurrence, shown.zone)} → {_at(one.after.occurrence, shown.zone)}  {_what(one.after)}"
        for one in changes.moved
    ]
    yield from _some(moved)
    yield from _some(
        [
            f"  ~ {_at(one.after.occurrence, shown.zone)}  {one.before.message or '–'} → {_what(one.after)}"
            for one in changes.changed
        ]
    )
    again = said("with another text")
    yield from _some([f"  ~ {_at(one.occurrence, shown.zone)}  {_what(one)}: {again}" for one in changes.retexted])
    yield said(
        "{added} added, {dropped} dropped, {moved} moved, {changed} with another message, {texts} with another text.",
        added=len(changes.added), dropped=len(changes.dropped), moved=len(changes.moved),
        changed=len(changes.changed), texts=len(changes.retexted),
    )  # fmt: skip
    yield ""


def _some(lines: list[str]) -> Iterator[str]:
    yield from lines[:_SHOWN]
    if len(lines) > _SHOWN:
        yield "    " + said("… and {number} more (all of them: --html FILE)", number=len(lines) - _SHOWN)


def _what(line: Line) -> str:
    message = f"({said('news')})" if line.feed else line.message or "–"
    return f"{line.schedule}  {line.channel}  {message}"


def _at(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%d/%m/%Y %H:%M}"


def _table(lines: Sequence[Line], schedules: Schedules) -> Iterator[str]:
    """The days, each with its deliveries in columns that are as wide in all days."""
    if not lines:
        yield said("Nothing goes out in these days.")
        return
    zone, single = schedules.timezone, len(schedules.campaigns) == 1
    if single:
        key, campaign = next(iter(schedules.campaigns.items()))
        yield f"{campaign.title} ({key})"
    rows = [(line, _cells(line, zone, single)) for line in lines]
    widths = [max(len(cells[column]) for _, cells in rows) for column in range(4)]
    paper = Paper(spoken().language, zone)
    for day, group in groupby(rows, key=lambda row: row[0].occurrence.astimezone(zone).date()):
        yield f"\n{paper.day(day)}"
        for _, cells in group:
            padded = (cell.ljust(width) for cell, width in zip(cells, (*widths, 0), strict=True))
            yield f"  {'  '.join(padded)}".rstrip()
    yield "\n" + said("{sum}, in the time of {zone}.", sum=_sum(lines), zone=zone.key)


def _cells(line: Line, zone: ZoneInfo, single: bool) -> tuple[str, ...]:
    """Time, schedule, channel, message, and all that is worth saying of it."""
    at, due = line.occurrence.astimezone(zone), line.due.astimezone(zone)
    schedule = line.schedule.partition("/")[2] if single else line.schedule
    message = f"({said('news')})" if line.feed else line.message or "–"
    state, reason = said(line.state.value), spoken().of(line.reason)
    notes = [f"{state}: {reason}" if reason else state]
    if due != at and line.state is not State.SKIPPED:
        when = f"{due:{'' if due.date() == at.date() else '%d/%m '}%H:%M{':%S' if due.second else ''}}"
        notes.append(said("due {when}", when=when))
    if line.note:
        notes.append(spoken().of(line.note))
    return f"{at:%H:%M}", schedule, line.channel, message, ", ".join(notes)


def _sum(lines: Iterable[Line]) -> str:
    lines = list(lines)
    slots = sum(line.feed for line in lines)
    number = len(lines) - slots
    told = said_many("{number} delivery", "{number} deliveries", number)
    if not slots:
        return told
    news = said_many("{number} slot for the news of feeds", "{number} slots for the news of feeds", slots)
    return said("{most} and {last}", most=told, last=news)


def _rest(shown: Shown) -> Iterator[str]:
    """The schedules in words, and what can be foreseen."""
    busy = {line.schedule for line in shown.lines}
    schedules = [one for one in shown.workspace.schedules.schedules if one.name in busy]
    if schedules:
        yield "\n" + said("The schedules in words:")
        width = max(len(one.id) for one in schedules)
        yield from (f"  {one.id.ljust(width)}  {spelled(one.cadence, spoken())}" for one in schedules)
    if shown.foreseen:
        yield "\n" + said_many("{number} warning:", "{number} warnings:", len(shown.foreseen))
        yield from (f"  {spoken().of(one.text)}" for one in shown.foreseen)


@dataclass(frozen=True)
class Together:
    """The deliveries of one message of a schedule on one day, as a page shows them: in one row."""

    title: str
    line: Line  # the first of them
    times: str
    channels: str


def _together(lines: Sequence[Line], shown: Shown) -> Iterator[Together]:
    found: dict[tuple[object, ...], list[Line]] = {}
    for line in lines:
        found.setdefault((line.schedule, line.message, line.state, line.reason, line.note), []).append(line)
    for same in found.values():
        first = same[0]
        times = dict.fromkeys(f"{line.occurrence.astimezone(shown.zone):%H:%M}" for line in same)
        written = shown.workspace.written(first.schedule.split("/")[0], first.message or "")
        title = written.message.title if written else first.message or ""
        yield Together(title, first, ", ".join(times), ", ".join(dict.fromkeys(line.channel for line in same)))


def _page(shown: Shown, paper: Paper) -> str:
    """The plan as one page."""
    days = groupby(shown.lines, key=lambda line: line.occurrence.astimezone(shown.zone).date())
    busy = {line.schedule for line in shown.lines}
    schedules = [one for one in shown.workspace.schedules.schedules if one.name in busy]
    return paper.page(
        "plan.html",
        titles=[campaign.title for campaign in shown.workspace.schedules.campaigns.values()],
        first=shown.first, last=shown.end - timedelta(days=1),
        changes=shown.changes, foreseen=shown.foreseen,
        days=[(day, list(_together(list(lines), shown))) for day, lines in days],
        schedules=[(one.id, spelled(one.cadence, paper.words), ", ".join(one.to)) for one in schedules],
        waiting={State.AWAITING, State.HELD},
        sum=said_many("{number} delivery", "{number} deliveries", sum(not line.feed for line in shown.lines)),
    )  # fmt: skip
