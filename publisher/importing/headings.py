"""Which row of a grid holds the headings, and which column is which: in Vietnamese or English, in any order."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from content.vietnamese import fold
from publisher.importing.grid import Grid, GridRow, TableError

_SEARCHED = 60  # rows at the top: titles and letterheads stand above the table
_ENOUGH = 3  # columns by which a table is known


class Column(StrEnum):
    """The columns that are read, by the heading that the template gives them."""

    NUMBER = "STT"
    DATE = "Ngày"
    TIME = "Giờ"
    SESSIONS = "Buổi phát"
    TITLE = "Tiêu đề"
    TEXT = "Nội dung"
    FILE = "Tệp"
    TO = "Nơi đăng"
    AUTHOR = "Tác giả"
    NOTE = "Ghi chú"


#: The headings by which each is known, without marks and in small letters.
_NAMES: Mapping[Column, tuple[str, ...]] = {
    Column.NUMBER: ("stt", "tt", "so tt", "so thu tu", "no", "number", "#"),
    Column.DATE: (
        "ngay", "ngay dang", "ngay phat", "ngay thang", "ngay thang nam", "ngay thuc hien", "ngay dang phat",
        "day", "date",
    ),
    Column.TIME: (
        "gio", "gio dang", "gio phat", "gio dang phat", "thoi gian", "thoi diem", "gio hoac buoi phat",
        "gio buoi phat", "hour", "time",
    ),
    Column.SESSIONS: ("buoi phat", "buoi", "cac buoi phat", "theo buoi phat", "session", "sessions"),
    Column.TITLE: ("tieu de", "ten tin", "ten bai", "ten tin bai", "chu de", "title", "headline", "subject"),
    Column.TEXT: ("noi dung", "noi dung tin", "noi dung tuyen truyen", "van ban", "content", "body", "text"),
    Column.FILE: ("tep", "tep tin", "tap tin", "tep noi dung", "message file", "file"),
    Column.TO: (
        "noi dang", "noi phat", "noi dang phat", "kenh", "kenh dang", "don vi", "don vi dang", "don vi phat",
        "don vi thuc hien", "co quan", "channel", "channels", "unit", "units", "agency", "agencies", "where", "to",
    ),
    Column.AUTHOR: ("tac gia", "nguoi viet", "nguoi soan", "don vi bien soan", "author", "writer"),
    Column.NOTE: ("ghi chu", "note", "notes", "remark", "remarks"),
}  # fmt: skip
_KNOWN = {name: column for column, names in _NAMES.items() for name in names}


@dataclass(frozen=True)
class Header:
    """The row of the headings."""

    row: GridRow
    columns: Mapping[Column, int]  # the index of each column that is there
    unknown: tuple[tuple[int, str], ...]  # headings that mean nothing here
    twice: tuple[tuple[int, Column], ...]  # columns whose heading stood in the row already


def find_table(grids: list[Grid], header_wanted: str = "a sheet") -> tuple[Grid, Header]:
    """The grid that holds the table, with its headings; of several readings of one CSV file the best.

    TableError if there is none, or if several sheets hold one.
    """
    found = [(grid, header) for grid in grids if (header := find_header(grid)) is not None]
    if not found:
        raise TableError(
            f"no row of headings was found in {header_wanted} (write a row with at least {Column.DATE} (date), "
            f"{Column.TIME} (time), {Column.TEXT} (text) and {Column.TO} (to), or begin with `publisher import "
            "--template FILE.xlsx`)"
        )
    sheets = [str(grid.sheet) for grid, _ in found if grid.sheet is not None]
    if len(sheets) > 1:
        names = ", ".join(repr(name) for name in sheets)
        raise TableError(f"several sheets hold a plan: {names} (say which with --sheet)")
    return max(found, key=lambda pair: len(pair[1].columns))


def find_header(grid: Grid) -> Header | None:
    """The row near the top with the most headings that are known, the upper one of equals."""
    rows = [_header(row) for row in grid.rows[:_SEARCHED]]
    best = max(rows, key=lambda header: len(header.columns), default=None)
    return best if best and len(best.columns) >= _ENOUGH else None


def column_of(heading: object) -> Column | None:
    """The column that a heading names; `Ngày (date)` and `Ngày / Date` are `Ngày`."""
    if not isinstance(heading, str):
        return None
    bare = re.sub(r"\([^)]*\)", " ", fold(heading))
    if _plain(bare) in _KNOWN:
        return _KNOWN[_plain(bare)]
    known = {_KNOWN.get(_plain(part)) for part in re.split(r"[/\n|]", bare)} - {None}
    return known.pop() if len(known) == 1 else None


def repeats(row: GridRow, header: Header) -> bool:
    """Whether a row repeats the headings, as merged headings and printed pages do, or only numbers the columns."""
    cells = [cell for cell in row.cells if cell not in (None, "")]
    if cells and all(re.fullmatch(r"\(?\d{1,2}\)?", str(cell).strip()) for cell in cells):
        return len(cells) >= _ENOUGH
    return column_of(row.cell(header.columns[Column.DATE])) is Column.DATE if Column.DATE in header.columns else False


def missing(header: Header) -> Iterator[str]:
    """What to say of each column that a plan cannot be without."""
    needed = ((Column.DATE,), (Column.TIME, Column.SESSIONS), (Column.TEXT, Column.FILE), (Column.TO,))
    for columns in needed:
        if not any(column in header.columns for column in columns):
            names = " or ".join(f"{column} ({_NAMES[column][-1]})" for column in columns)
            yield f"a column is missing whose heading is {names} (add it to this row)"


def _header(row: GridRow) -> Header:
    columns: dict[Column, int] = {}
    unknown, twice = [], []
    for index, cell in enumerate(row.cells):
        column = column_of(cell)
        if column is None:
            if isinstance(cell, str) and cell.strip():
                unknown.append((index, " ".join(cell.split())))
        elif column in columns:
            twice.append((index, column))
        else:
            columns[column] = index
    return Header(row, columns, tuple(unknown), tuple(twice))


def _plain(heading: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9#]+", " ", heading).split())
