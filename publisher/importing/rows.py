"""The rows of a plan's table, understood; or every mistake in its cells."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, time
from typing import TypeVar

from content.vietnamese import fold
from publisher.importing.grid import CellError, CellMistake, Grid, GridRow, TableError, Unreadable, Value
from publisher.importing.headings import Column, Header, missing, repeats
from publisher.importing.moments import SESSION_WORDS, read_day, read_times
from publisher.importing.recipients import Recipients
from publisher.importing.texts import LONGEST_TEXT, LONGEST_TITLE, cleaned, has_marks, title_of
from publisher.schedules import Campaign, Schedules

_EXAMPLE = ("vi du", "example")  # how the template's own rows are numbered
_YES = ("x", "v", "co", "yes", "1", "true", "✓", "✔", *SESSION_WORDS)
_NO = ("", "khong", "no", "0", "false", "-")

T = TypeVar("T")


@dataclass(frozen=True)
class PlanRow:
    """What a row of the signed plan says."""

    number: int  # of the row in the table's file
    day: date
    times: tuple[time, ...]  # none: the sessions of each station
    to: tuple[str, ...]  # channels and groups
    channels: tuple[str, ...]  # those that `to` means
    file: str = ""  # the message, below the campaign's folder; or else
    title: str = ""
    author: str = ""
    text: str = ""  # its lines are paragraphs


@dataclass
class Understood:
    """What became of a table."""

    rows: list[PlanRow] = field(default_factory=list)
    mistakes: list[CellMistake] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def understand(grid: Grid, header: Header, schedules: Schedules, campaign: Campaign) -> Understood:
    """Every row below the headings. TableError if there is none."""
    reader = _Reader(grid, header, Recipients(schedules), campaign)
    head = header.row.number
    for text in missing(header):
        reader.found.mistakes.append(CellMistake(head, 0, text))
    for index, column in header.twice:
        text = f"a second column {column} stands here (keep one, or give this one another heading)"
        reader.found.mistakes.append(CellMistake(head, index, text))
    if not reader.found.mistakes:
        reader.read()
        if not reader.found.rows and not reader.found.mistakes:
            text = "no row of a plan stands below the headings (write one row for each day and text)"
            raise TableError(" ".join([text, *reader.found.notes]))
    return reader.found


class _Reader:
    def __init__(self, grid: Grid, header: Header, recipients: Recipients, campaign: Campaign) -> None:
        self._grid = grid
        self._header = header
        self._recipients = recipients
        self._campaign = campaign
        self._failed = False
        self.found = Understood(notes=list(grid.notes))
        if header.unknown:
            names = ", ".join(repr(name) for _, name in header.unknown)
            self.found.notes.append(f"Columns that mean nothing here were not read: {names}.")

    def read(self) -> None:
        """All rows, from the one below the headings to the last with a day, a time or a place."""
        below = [row for row in self._grid.rows if row.number > self._header.row.number]
        table, rest = self._divided(below)
        for row in table:
            if self._is_blank(row) or repeats(row, self._header):
                continue
            if self._is_heading(row):
                self.found.notes.append(f"Row {row.number} is a heading over several columns and was not read.")
            elif fold(self._text(row, Column.NUMBER)).startswith(_EXAMPLE):
                self.found.notes.append(f"Row {row.number} is an example of the template and was not read.")
            else:
                self._row(row)
        numbers = [row.number for row in rest if any(_text_of(cell) for cell in row.cells)]
        if numbers:
            self.found.notes.append(f"What stands below the table, from row {numbers[0]} on, was not read.")

    def _divided(self, rows: list[GridRow]) -> tuple[list[GridRow], list[GridRow]]:
        """The table, and what stands below it: after an empty row, with no day and no time any more."""
        last = max((index for index, row in enumerate(rows) if self._is_timed(row)), default=-1)
        for index in range(last + 1, len(rows)):
            if not any(_text_of(cell) for cell in rows[index].cells):
                return rows[:index], rows[index:]
        return rows, []

    def _is_timed(self, row: GridRow) -> bool:
        columns = (Column.DATE, Column.TIME, Column.SESSIONS)
        return any(self._text(row, column) for column in columns) and not self._is_heading(row)

    def _is_blank(self, row: GridRow) -> bool:
        ignored = (Column.NUMBER, Column.NOTE)
        return not any(self._text(row, column) for column in self._header.columns if column not in ignored)

    def _is_heading(self, row: GridRow) -> bool:
        filled = {index for index in self._header.columns.values() if _text_of(row.cell(index))}
        return bool(filled) and filled <= row.wide

    def _row(self, row: GridRow) -> None:
        self._failed = False
        day = self._cell(row, Column.DATE, self._day)
        moment = self._times(row)
        title = self._cell(row, Column.TITLE, lambda value: _line(value, "a title"), "")
        author = self._cell(row, Column.AUTHOR, lambda value: _line(value, "an author"), "")
        text = self._cell(row, Column.TEXT, _body, "")
        file = self._cell(row, Column.FILE, _read_text, "")
        self._check_text(row, title, text, file)
        to = self._cell(row, Column.TO, lambda value: self._to(value, None if moment is None else not moment))
        if self._failed or day is None or moment is None or to is None:
            return
        channels = self._recipients.channels(to)
        said = {"file": file} if file else {"title": title or title_of(text or ""), "author": author, "text": text}
        self.found.rows.append(PlanRow(row.number, day, moment, to, channels, **{k: v or "" for k, v in said.items()}))

    def _to(self, value: Value, at_sessions: bool | None) -> tuple[str, ...]:
        return self._recipients.read(_read_text(value), at_sessions)

    def _day(self, value: Value) -> date:
        first, last = self._campaign.first, self._campaign.last
        if not _text_of(value):
            raise CellError("the day is missing (write e.g. 14/02/2022)")
        day = read_day(value, first.year if first else None)
        if (first and day < first) or (last and day > last):
            raise CellError(
                f"{day:%d/%m/%Y} lies outside of the campaign, which runs {_period(first, last)} (mend the day)"
            )
        return day

    def _times(self, row: GridRow) -> tuple[time, ...] | None:
        """The times of day; none of them for sessions; None if that is a mistake."""
        at_sessions = self._cell(row, Column.SESSIONS, _read_sessions, False)
        text = self._text(row, Column.TIME)
        column = Column.TIME if Column.TIME in self._header.columns else Column.SESSIONS
        if fold(text) in SESSION_WORDS or (at_sessions and not text):
            return ()
        if at_sessions:
            self._note(row, column, "a time stands beside the sessions (delete one of them)")
        elif text:
            return self._cell(row, Column.TIME, read_times)
        elif at_sessions is not None:
            hint = f"write e.g. 07:30, or {Column.SESSIONS.lower()!r} for loudspeakers"
            self._note(row, column, f"the time is missing ({hint})")
        return None

    def _check_text(self, row: GridRow, title: str | None, text: str | None, file: str | None) -> None:
        """One thing says the text; None stands for a cell that is a mistake already."""
        column = Column.TEXT if Column.TEXT in self._header.columns else Column.FILE
        if text and file:
            self._note(row, column, "a text and a file stand in one row (delete one of them)")
        elif text == "" and file == "":
            self._note(row, column, "the text is missing (write it here, or name a file of the campaign's folder)")
        elif text and title == "" and has_marks(title_of(text)):
            self._note(row, column, "the first words cannot be the title, as {{, {% or {# is in them (write a title)")

    def _cell(self, row: GridRow, column: Column, read: Callable[[Value], T], without: T | None = None) -> T | None:
        """What a cell says; None where it is a mistake; `without` where its column is not there."""
        if column not in self._header.columns:
            return without
        try:
            return read(row.cell(self._header.columns[column]))
        except CellError as error:
            self._note(row, column, str(error))
            return None

    def _note(self, row: GridRow, column: Column, text: str) -> None:
        self._failed = True
        self.found.mistakes.append(CellMistake(row.number, self._header.columns[column], text))

    def _text(self, row: GridRow, column: Column) -> str:
        return _text_of(row.cell(self._header.columns[column])) if column in self._header.columns else ""


def _period(first: date | None, last: date | None) -> str:
    if first and last:
        return f"from {first:%d/%m/%Y} to {last:%d/%m/%Y}"
    return f"from {first:%d/%m/%Y} on" if first else f"until {last:%d/%m/%Y}"


def _text_of(value: Value) -> str:
    return "" if value is None else cleaned(value)


def _read_text(value: Value) -> str:
    if isinstance(value, Unreadable):
        raise CellError(value.text)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, str | int | None):
        text = "this is a date, a time or a number, and only Excel knows how it looks (give the cell the format Text)"
        raise CellError(text)
    return _text_of(value)


def _body(value: Value) -> str:
    text = _read_text(value)
    if len(text) > LONGEST_TEXT:
        raise CellError(f"a text has at most {LONGEST_TEXT} characters here (write it as a file, and name that)")
    return text


def _line(value: Value, what: str) -> str:
    """Text in one line, which is published as it stands."""
    text = " ".join(_read_text(value).split())
    if has_marks(text):
        raise CellError(f"{{{{, {{% or {{# cannot stand in {what} (write it without)")
    if len(text) > LONGEST_TITLE:
        raise CellError(f"{what} has at most {LONGEST_TITLE} characters, this has {len(text)} (shorten it)")
    return text


def _read_sessions(value: Value) -> bool:
    text = fold(_read_text(value))
    if text in _YES or text in _NO:
        return text in _YES
    raise CellError(f"{_text_of(value)[:60]!r} is not understood (write x where the stations read it in each session)")


def places(rows: list[PlanRow]) -> Iterator[tuple[PlanRow, time | None, str]]:
    """Each row with every time, or None for sessions, and every channel of it."""
    for row in rows:
        for at in row.times or (None,):
            for channel in row.channels:
                yield row, at, channel
