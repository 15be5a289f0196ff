"""What an import would make, for people: the plan by day, the files, the lines of YAML, and what was left out."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from itertools import groupby

from publisher.cadence import instant_of
from publisher.cli.tabling import columns
from publisher.delivery import State
from publisher.importing.drafting import DraftRow
from publisher.importing.preparation import Prepared
from publisher.outlook import Line, outlook

_TITLE = 60  # characters that are shown


def preview(found: Prepared, now: datetime) -> Iterator[str]:
    """The lines to print; `now` tells which days are over."""
    campaign = found.workspace.schedules.campaigns[found.draft.campaign]
    yield f"{campaign.title} ({campaign.key}), schedule {found.draft.schedule!r}"
    yield from _days(found)
    yield "\nNew messages:" if found.draft.files else "\nNo new messages."
    yield from (f"  {path}" for path in found.draft.files)
    yield f"\nNew lines in {found.plan}:\n\n{found.inserted.piece.strip(chr(10))}\n"
    yield from said(found, now)


def counted(found: Prepared) -> str:
    """The sum in one sentence."""
    rows, files = len(found.draft.rows), len(found.draft.files)
    return f"{rows} row{'s' * (rows != 1)} and {files} new message{'s' * (files != 1)}."


def _days(found: Prepared) -> Iterator[str]:
    rows = sorted(found.draft.rows, key=lambda one: (one.row.day, one.row.times, one.row.number))
    lines = [(one.row.day, cells) for one in rows for cells in _cells(one, found)]
    for day, group in groupby(lines, key=lambda line: line[0]):
        yield f"\n{day:%a %d/%m/%Y}"
        yield columns([cells for _, cells in group])


def _cells(one: DraftRow, found: Prepared) -> Iterator[tuple[str, str, str]]:
    """Time, places and title of a row, a line for each of its times."""
    written = found.workspace.written(found.draft.campaign, one.content)
    title = written.message.title if written else one.content
    shown = title if len(title) <= _TITLE else f"{title[: _TITLE - 1]}…"
    for at in one.row.times or (None,):
        yield f"{at:%H:%M}" if at else "sessions", ", ".join(one.row.to), shown


def said(found: Prepared, now: datetime) -> Iterator[str]:
    """What an officer may not expect: what was not read, days that are over, quiet hours, and what is skipped."""
    yield from found.notes
    if found.draft.known:
        numbers = ", ".join(str(row.number) for row in found.draft.known)
        yield f"These rows stand in the schedule already and are left as they are: {numbers}."
    lines = list(_lines(found))
    past = [line for line in lines if line.occurrence <= now]
    if past:
        yield f"{_deliveries(past)} in the past: nothing goes out for what is over."
    waiting = [line for line in lines if line.due > line.occurrence and line.state is not State.SKIPPED]
    if waiting:
        yield f"{_deliveries(waiting)} in quiet hours, to wait for their end (see `publisher plan`)."
    skipped = {line.reason: line for line in lines if line.state is State.SKIPPED}
    for reason in skipped:
        yield f"Some deliveries will be skipped: {reason} (see `publisher plan`)."


def _deliveries(lines: list[Line]) -> str:
    return f"{len(lines)} deliver{'ies lie' if len(lines) != 1 else 'y lies'}"


def _lines(found: Prepared) -> Iterator[Line]:
    """The deliveries of the new rows alone."""
    schedules = found.workspace.schedules
    campaign = schedules.campaigns[found.draft.campaign]
    new = {(one.row.day, one.content) for one in found.draft.rows}
    rows = tuple(one for one in campaign.schedules if new & {(day, one.content) for day in one.cadence.days.dates})
    name = f"{campaign.key}/{found.draft.schedule}"
    alone = replace(campaign, schedules=tuple(row for row in rows if row.name == name))
    workspace = replace(found.workspace, schedules=replace(schedules, campaigns={campaign.key: alone}))
    days = [one.row.day for one in found.draft.rows]
    start = instant_of(min(days), time(), schedules.timezone)
    yield from outlook(workspace, None, start, start + (max(days) - min(days)) + timedelta(days=2))
