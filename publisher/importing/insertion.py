"""Puts a schedule, or more rows of one, into a YAML file, and leaves every other byte of it as it is.

Only lines are added, below the last line of what they follow. Afterwards the file is read again: it must say what it
said before, and the new rows; else nothing is done.
"""

import copy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from content.yaml12 import SIZE_LIMIT, Document, Mistake, Mistakes, Path, read
from publisher.importing.texts import quoted

_BOM = b"\xef\xbb\xbf"
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_STEP = "  "
_SCHEDULES = "schedules"


@dataclass(frozen=True)
class Inserted:
    """A file with its new lines."""

    data: bytes
    piece: str  # the new lines, with line feeds
    first_row: int  # the line on which the first new row stands; each has one line


def insert(data: bytes, file: str, campaign: str, schedule: str, rows: Sequence[str], *, add: bool) -> Inserted:
    """The file with these rows, each a mapping in YAML's flow style, as the schedule or at its end.

    Raises Mistakes, with what to change by hand, where the file is not laid out in lines.
    """
    document = read(data, file)
    place = ("campaigns", campaign)
    if add:
        lines, number = _more_rows(document, data, (*place, _SCHEDULES, schedule), rows)
    else:
        lines, number = _new_schedule(document, data, place, schedule, rows)
    made = _with_lines(data, number, lines)
    _check(document, made, (*place, _SCHEDULES), schedule, [read(row.encode(), file).value for row in rows])
    return Inserted(made, "".join(f"{line}\n" for line in lines), number + len(lines) - len(rows) + 1)


def _more_rows(document: Document, data: bytes, place: Path, rows: Sequence[str]) -> tuple[list[str], int]:
    block = _block_at(document, data, place)
    if block is None or not block.is_list:
        text = "the rows of this schedule stand in brackets [ ] (write each in a line of its own that begins with '- ')"
        raise Mistakes([document.mistake(place, text)])
    return [f"{' ' * block.column}- {row}" for row in rows], block.line_after(block.column)


def _new_schedule(
    document: Document, data: bytes, place: tuple[str, str], schedule: str, rows: Sequence[str]
) -> tuple[list[str], int]:
    given: dict[str, Any] = document.value
    for step in place:
        given = given[step]
    within = (*place, _SCHEDULES)
    if given.get(_SCHEDULES):
        block = _block_at(document, data, within)
        if block is None:
            text = "these schedules stand in braces { } (write each in lines of its own below 'schedules:')"
            raise Mistakes([document.mistake(within, text)])
        number = block.line_after(block.column + 1)
        gap = [""] if number and block.lines[number - 1].strip() else []
        return [*gap, *_schedule_lines(" " * block.column, schedule, rows)], number
    block = _block_at(document, data, place)
    if block is None:
        text = "this campaign stands in braces { } (write its keys in lines of their own below its name)"
        raise Mistakes([document.mistake(place, text, key=True)])
    indent = " " * block.column
    if _SCHEDULES not in given:
        lines = [f"{indent}{_SCHEDULES}:", *_schedule_lines(indent + _STEP, schedule, rows)]
        return lines, block.line_after(block.column + 1)
    line, column = document.mark(within, key=True)
    written = block.lines[line - 1][column - 1 :]
    if not re.match(rf"{_SCHEDULES}\s*:\s*(#.*)?$", written):
        text = "nothing can be added to what stands here (delete it, and leave 'schedules:' alone in its line)"
        raise Mistakes([document.mistake(within, text)])
    return _schedule_lines(indent + _STEP, schedule, rows), line


def _schedule_lines(indent: str, schedule: str, rows: Sequence[str]) -> list[str]:
    return [f"{indent}{quoted(schedule)}:", *(f"{indent}{_STEP}- {row}" for row in rows)]


@dataclass(frozen=True)
class _Block:
    """A mapping or list in lines: the column of its keys or dashes (from 0), and its last line (from 0)."""

    column: int
    last: int
    is_list: bool
    lines: list[str]

    def line_after(self, column: int) -> int:
        """How many lines stand above what is added: comments that follow, from a column on, belong to the block."""
        number = self.last + 1
        while number < len(self.lines) and self._is_comment(self.lines[number], column):
            number += 1
        return number

    def _is_comment(self, line: str, column: int) -> bool:
        bare = line.lstrip(" ")
        return bare.startswith("#") and len(line) - len(bare) >= column


def _block_at(document: Document, data: bytes, path: Path) -> _Block | None:
    """The block that begins where the value at a path stands; None if it is written in braces or brackets."""
    line, column = document.mark(path)
    events = _events(data)
    start = None
    for event in events:
        mark = event.start_mark
        is_collection = isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent)
        if is_collection and (mark.line + 1, mark.column + 1) == (line, column) and not event.flow_style:
            start = event
            break
    if start is None:
        return None
    lines = _lines(data)
    last = _last_line(events, mark.line)
    indent = lines[mark.line][: mark.column]
    if indent.strip(" "):  # it begins in the middle of a line, as after `- `
        return None
    return _Block(mark.column, min(last, len(lines) - 1), isinstance(start, yaml.SequenceStartEvent), lines)


def _last_line(events: Iterator[Any], line: int) -> int:
    """The last line (from 0) of the block whose beginning was the event before these."""
    flows: list[bool] = [False]
    for event in events:
        if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
            flows.append(bool(event.flow_style))
        is_end = isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent)
        is_flow = flows.pop() if is_end else False
        if not flows:
            break
        if isinstance(event, yaml.ScalarEvent | yaml.AliasEvent) or (is_end and is_flow):
            end = event.end_mark
            line = max(line, end.line - 1 if end.column == 0 and end.line > event.start_mark.line else end.line)
    return line


def _events(data: bytes) -> Iterator[Any]:
    return iter(yaml.parse(data.removeprefix(_BOM).decode(), Loader=yaml.CBaseLoader))


def _lines(data: bytes) -> list[str]:
    return _LINE.findall(data.removeprefix(_BOM).decode())


def _with_lines(data: bytes, number: int, added: Sequence[str]) -> bytes:
    """The file with lines added below its first `number` lines, with line ends like those above."""
    lines = _lines(data)
    above, below = lines[:number], lines[number:]
    ends = re.findall(r"\r\n|\r|\n", "".join(above))
    end = ends[-1] if ends else "\n"
    if above and not re.search(r"[\r\n]$", above[-1]):
        above.append(end)
    bom = _BOM if data.startswith(_BOM) else b""
    return bom + "".join([*above, *(f"{line}{end}" for line in added), *below]).encode()


def _check(document: Document, made: bytes, place: Path, schedule: str, rows: list[Any]) -> None:
    """Mistakes unless the file now says what it said, and the rows."""
    expected = copy.deepcopy(document.value)
    parent = expected
    for step in place[:-1]:
        parent = parent[step]
    schedules = parent[place[-1]] = parent.get(place[-1]) or {}
    schedules[schedule] = [*schedules.get(schedule, ()), *rows]
    if len(made) > SIZE_LIMIT:
        text = "the rows would make this file larger than 2 MiB (move campaigns into files of their own by `include`)"
        raise Mistakes([Mistake(document.file, *document.mark(place, key=True), text)])
    try:
        fits = read(made, document.file).value == expected
    except Mistakes:
        fits = False
    if not fits:
        text = "rows cannot be added to a file that is laid out like this (write plain lines, and end its last line)"
        raise Mistakes([Mistake(document.file, *document.mark(place, key=True), text)])
