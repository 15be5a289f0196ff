"""A table as it stands in a file, before anybody asks what its columns mean."""

from dataclasses import dataclass
from datetime import date, time, timedelta

from openpyxl.utils import get_column_letter

LARGEST_FILE = 10 * 1024 * 1024  # bytes
MOST_ROWS = 5000  # of a sheet; a plan of years has fewer
MOST_COLUMNS = 64


class TableError(Exception):
    """The file cannot be taken as a table; the text says why, and what to do."""


class CellError(Exception):
    """What stands in a cell cannot be taken; the text says why, and what to write."""


@dataclass(frozen=True)
class Unreadable:
    """The value of a cell that has none that could be taken; the text says why, and what to do."""

    text: str


Value = str | int | float | date | time | timedelta | Unreadable | None


@dataclass(frozen=True)
class GridRow:
    """A row of a sheet, or a record of a CSV file."""

    number: int  # of the row, or of the line in which the record begins; from 1
    cells: tuple[Value, ...]
    wide: frozenset[int] = frozenset()  # the indices of cells that lie over three columns or more

    def cell(self, index: int) -> Value:
        """The value at an index; None beyond the end."""
        return self.cells[index] if index < len(self.cells) else None


@dataclass(frozen=True)
class Grid:
    """The cells of one sheet, or of one CSV file."""

    file: str
    sheet: str | None  # None: a CSV file
    rows: tuple[GridRow, ...]
    notes: tuple[str, ...] = ()  # what was left out

    def where(self, number: int, index: int) -> str:
        """The place of a cell, in words: the number of its row, and its index in it."""
        if self.sheet is None:
            return f"{self.file}, line {number}, column {index + 1}"
        return f'{self.file}, sheet "{self.sheet}", cell {get_column_letter(index + 1)}{number}'


@dataclass(frozen=True, order=True)
class CellMistake:
    """What is wrong in a cell, and what to write there instead."""

    number: int  # of its row
    index: int
    text: str
