"""An Excel workbook as grids, one a visible sheet. What is hidden is left out, and said."""

import unicodedata
import warnings
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils import get_column_letter

from publisher.importing.archives import ArchiveError, check_archive
from publisher.importing.grid import Grid, GridRow, TableError, Unreadable, Value
from publisher.importing.shapes import Shape, shape_of

_WIDE = 3  # columns: a cell that lies over so many is a title, or the head of a part of the table
_UNCOMPUTED = "the formula here has no value yet (open the file in Excel and save it, or write the value itself)"


def read_sheets(data: bytes, file: str, wanted: str | None) -> list[Grid]:
    """The visible sheets, or the one that is wanted. TableError, without the file's name."""
    try:
        check_archive(data)
    except ArchiveError as error:
        raise TableError(str(error)) from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what only matters to those who write the workbook back
        try:
            return list(_grids(data, file, wanted))
        except TableError:
            raise
        except Exception as error:  # openpyxl fails in every possible way on a part that is not as it should be
            text = f"it is damaged: {type(error).__name__} (open it in Excel and save it again as .xlsx)"
            raise TableError(text) from error


def _grids(data: bytes, file: str, wanted: str | None) -> Iterator[Grid]:
    reader = ExcelReader(BytesIO(data), read_only=True, data_only=True, keep_links=False)
    reader.read()
    paths = {sheet.name: relation.target for sheet, relation in reader.parser.find_sheets()}
    sheets = {_normal(sheet.title): sheet for sheet in reader.wb.worksheets}
    if wanted is not None and _normal(wanted) not in sheets:
        raise TableError(f"it has no sheet {wanted!r} (there are: {', '.join(sheets)})")
    hidden = [title for title, sheet in sheets.items() if sheet.sheet_state != "visible"]
    notes = tuple(f"The sheet {title!r} is hidden and was not read." for title in hidden)
    for title, sheet in sheets.items():
        if title == _normal(wanted) if wanted is not None else title not in hidden:
            with reader.archive.open(paths[sheet.title]) as source:
                shape = shape_of(source)
            found = sheet.iter_rows(1, max(shape.rows, 1), 1, max(shape.columns, 1), values_only=True)
            rows = _merged([list(row) for row in found], shape)
            yield Grid(file, title, tuple(_visible(rows, shape)), (*notes, *_left_out(title, shape)))


def _merged(rows: list[list[Any]], shape: Shape) -> list[GridRow]:
    """The rows, where each merged cell counts in its first column for every row that it spans."""
    for row, column in shape.uncomputed:
        rows[row - 1][column - 1] = Unreadable(_UNCOMPUTED)
    for row, column in shape.errors:
        shown = rows[row - 1][column - 1]
        rows[row - 1][column - 1] = Unreadable(f"the formula here shows {shown} (mend it, or write the value itself)")
    wide: dict[int, set[int]] = {}
    for top, left, bottom, right in shape.merged:
        if top > len(rows) or left > len(rows[top - 1]):
            continue
        for number in range(top, min(bottom, len(rows)) + 1):
            rows[number - 1][left - 1] = rows[top - 1][left - 1]
            if right - left + 1 >= _WIDE:
                wide.setdefault(number, set()).add(left - 1)
    return [
        GridRow(number, tuple(_value(cell) for cell in row), frozenset(wide.get(number, ())))
        for number, row in enumerate(rows, 1)
    ]


def _value(cell: Any) -> Value:
    return str(cell) if isinstance(cell, bool) else cell


def _visible(rows: list[GridRow], shape: Shape) -> Iterator[GridRow]:
    for row in rows:
        if row.number not in shape.hidden_rows:
            cells = (None if index in shape.hidden_columns else cell for index, cell in enumerate(row.cells, start=1))
            yield GridRow(row.number, tuple(cells), row.wide)


def _left_out(title: str, shape: Shape) -> Iterator[str]:
    rows = sorted(number for number in shape.hidden_rows if number <= shape.rows)
    columns = sorted(number for number in shape.hidden_columns if number <= shape.columns)
    if rows:
        yield f"Hidden rows of the sheet {title!r} were not read: {_listed([str(number) for number in rows])}."
    if columns:
        yield (
            f"Hidden columns of the sheet {title!r} were not read: "
            f"{_listed([get_column_letter(number) for number in columns])}."
        )


def _listed(names: list[str]) -> str:
    return ", ".join(names[:20]) + (", …" if len(names) > 20 else "")


def _normal(title: str) -> str:
    return unicodedata.normalize("NFC", title).strip()
