"""Rows of a plan as what will be written: message files, and rows of a schedule. Writes nothing.

The same text in several rows is one file, a file that is there already is used again, and none is ever overwritten.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, time

from publisher.importing.grid import CellMistake
from publisher.importing.headings import Column, Header
from publisher.importing.rows import PlanRow, places
from publisher.importing.texts import message_file, quoted, same_name, stem_of
from publisher.schedules import Campaign, Schedule
from publisher.workspace import CAMPAIGNS, Files

_Spot = tuple[date, time | None, str]  # day, time or sessions, channel


@dataclass(frozen=True)
class DraftRow:
    """A row of the plan and the message that it publishes."""

    row: PlanRow
    content: str  # below the campaign's folder

    @property
    def yaml(self) -> str:
        """As a row of a schedule."""
        times = [f"{at:%H:%M}" for at in self.row.times]
        at = "sessions" if not times else times[0] if len(times) == 1 else f"[{', '.join(times)}]"
        names = [quoted(name) for name in self.row.to]
        to = names[0] if len(names) == 1 else f"[{', '.join(names)}]"
        return f"{{days: {self.row.day.isoformat()}, at: {at}, content: {quoted(self.content)}, to: {to}}}"


@dataclass
class Draft:
    """What an import would write."""

    campaign: str
    schedule: str
    exists: bool  # the schedule is there, and gets more rows
    rows: list[DraftRow] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)  # new ones, below the workspace
    origins: dict[str, int] = field(default_factory=dict)  # the row that each new file came from
    known: list[PlanRow] = field(default_factory=list)  # rows that are in the schedule already
    mistakes: list[CellMistake] = field(default_factory=list)


def draft(rows: list[PlanRow], header: Header, name: str, campaign: Campaign, files: Files) -> Draft:
    """What the rows would become as the schedule `name` of the campaign; with every mistake that shows only now."""
    table = [schedule for schedule in campaign.schedules if schedule.name == f"{campaign.key}/{name}"]
    made = Draft(campaign.key, name, bool(table))
    made.mistakes += _clashes(rows, header)
    shelf = _Shelf(campaign, name, files, made)
    there = _occupied(table)
    for row in rows:
        content = row.file or shelf.content(row)
        if row.file and not (content := shelf.named(row.file)):
            made.mistakes.append(CellMistake(row.number, header.columns[Column.FILE], shelf.unknown(row.file)))
            continue
        met = [there.get((row.day, at, channel)) for _, at, channel in places([row])]
        if all(schedule is not None and schedule.content == content for schedule in met):
            made.known.append(row)
        elif first := next(filter(None, met), None):
            made.mistakes.append(CellMistake(row.number, _moment_column(header), _taken(first)))
        else:
            made.rows.append(DraftRow(row, content))
    needed = {f"{CAMPAIGNS}/{campaign.key}/{row.content}" for row in made.rows}
    made.files = {path: data for path, data in made.files.items() if path in needed}
    return made


class _Shelf:
    """The campaign's folder: which messages are there, and which are new."""

    def __init__(self, campaign: Campaign, name: str, files: Files, made: Draft) -> None:
        self._files = files
        self._made = made
        self._root = f"{CAMPAIGNS}/{campaign.key}"
        self._there = {path.removeprefix(f"{self._root}/") for path in files.below(self._root)}
        in_turn = {schedule.content for schedule in campaign.schedules}
        # A message that came into a folder whose messages take turns would change the plan of somebody else.
        names = (name, *(f"{name}-{number}" for number in range(2, len(in_turn) + 3)))
        self._folder = next(folder for folder in names if f"{folder}/" not in in_turn)

    def named(self, path: str) -> str:
        """The message that a cell names; empty if there is none."""
        plain = path.replace("\\", "/").removeprefix("./").removeprefix(f"{self._root}/")
        found = (there for there in self._there if there.endswith(".md") and same_name(there, plain))
        return next(found, "")

    def unknown(self, path: str) -> str:
        """What to say of a file that is not there."""
        messages = sorted(there for there in self._there if there.endswith(".md"))
        listed = ", ".join(messages[:8]) + (", …" if len(messages) > 8 else "")
        return f"{path[:100]!r} is no message in {self._root}/ (there are: {listed or 'none yet'})"

    def content(self, row: PlanRow) -> str:
        """The file that says the row's text: one that is there, one of an earlier row, or a new one."""
        data = message_file(row.title, row.author, row.text)
        for content in self._names(stem_of(row.title)):
            path = f"{self._root}/{content}"
            if self._made.files.get(path) == data or (content in self._there and self._files.read(path) == data):
                return content
            if content not in self._there and path not in self._made.files:
                self._made.files[path] = data
                self._made.origins[path] = row.number
                return content
        raise AssertionError("there is no end of numbers")

    def _names(self, stem: str) -> Iterator[str]:
        yield f"{self._folder}/{stem}.md"
        number = 2
        while True:
            yield f"{self._folder}/{stem}-{number}.md"
            number += 1


def _clashes(rows: list[PlanRow], header: Header) -> Iterator[CellMistake]:
    """Rows that would reach one channel at one time of one day."""
    seen: dict[_Spot, PlanRow] = {}
    clashing = set()
    for row, at, channel in places(rows):
        other = seen.setdefault((row.day, at, channel), row)
        if other is not row and row.number not in clashing:
            clashing.add(row.number)
            when = f"at {at:%H:%M}" if at else "in its sessions"
            text = (
                f"this row and row {other.number} both reach {channel!r} {when} on {row.day:%d/%m/%Y} (change the "
                "time or the place of one, or bring one in with another --schedule)"
            )
            yield CellMistake(row.number, _moment_column(header), text)


def _moment_column(header: Header) -> int:
    return header.columns.get(Column.TIME, header.columns.get(Column.SESSIONS, 0))


def _occupied(table: list[Schedule]) -> Mapping[_Spot, Schedule]:
    """What the rows of the schedule that is there already reach on dates."""
    found: dict[_Spot, Schedule] = {}
    for schedule in table:
        for day in schedule.cadence.days.dates:
            for at in (None,) if schedule.cadence.at_sessions else schedule.cadence.times:
                found |= {(day, at, channel): schedule for channel in schedule.to}
    return found


def _taken(schedule: Schedule) -> str:
    file, line, _ = schedule.place
    return (
        f"the row in {file}, line {line}, reaches the same place at this time already, with {schedule.content} "
        "(change one of them, or delete this row)"
    )
