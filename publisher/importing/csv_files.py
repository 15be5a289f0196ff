"""A CSV file as grids: one for each separator that it may be written with, in an encoding that is recognised."""

import csv
import re
import unicodedata
from collections.abc import Iterator
from io import StringIO

from content.characters import normal
from publisher.importing.grid import MOST_COLUMNS, MOST_ROWS, Grid, GridRow, TableError

_SEPARATORS = ",;\t"
_SAVE = "in Excel choose 'Save As', then 'CSV UTF-8'"
_HINT = re.compile(r"sep=.\r?\n")  # Excel's own first line
_TYPOGRAPHY = "–—‘’“”…«»•·°©®±×₫€§\u00a0"


def read_csv(data: bytes, file: str) -> list[Grid]:
    """The file as each separator divides it. TableError, without the file's name."""
    text = _HINT.sub("\n", decoded(data), count=1) if data[:8] else ""
    if "\0" in text:
        raise TableError(f"it is no text ({_SAVE})")
    grids, problem = [], ""
    for separator in _SEPARATORS:
        try:
            grids.append(Grid(file, None, tuple(_records(text, separator))))
        except csv.Error as error:
            problem = problem or f"it is no CSV file: {error} (check the quotation marks; {_SAVE})"
    divided = [grid for grid in grids if any(len(row.cells) > 1 for row in grid.rows)]
    if problem and not divided:
        raise TableError(problem)
    return divided or grids


def _records(text: str, separator: str) -> Iterator[GridRow]:
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 1
    for count, record in enumerate(reader, 1):
        if count > MOST_ROWS:
            raise TableError(f"it has more than {MOST_ROWS} rows (divide the plan)")
        if any(cell.strip() for cell in record[MOST_COLUMNS:]):
            raise TableError(f"line {number} has more than {MOST_COLUMNS} columns (delete what is not needed)")
        yield GridRow(number, tuple(record[:MOST_COLUMNS]))
        number = reader.line_num + 1


def decoded(data: bytes) -> str:
    """The text in UTF-8, UTF-16 or windows-1258; TableError if it is none of them."""
    if data.startswith(b"PK\x03\x04") or data.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableError("it is an Excel workbook, not a CSV file (let its name end in .xlsx)")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strictly(data, "utf-16")
    if b"\0" in data[:200]:  # UTF-16 without its mark: every second byte of the headings is zero
        return _strictly(data, "utf-16-le" if data[1:2] == b"\0" else "utf-16-be")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _windows(data)


def _strictly(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise TableError(f"its letters cannot be read ({_SAVE})") from None


def _windows(data: bytes) -> str:
    """Windows-1258 only if it makes Vietnamese: TCVN3 and VNI would make other letters of the same bytes."""
    try:
        text = normal(data.decode("cp1258"))
    except UnicodeDecodeError:
        text = "\ufffd"
    if all(letter.isascii() or letter in _TYPOGRAPHY or _is_vietnamese(letter) for letter in set(text)):
        return text
    raise TableError(f"its letters are in an encoding that is not recognised ({_SAVE})")


def _is_vietnamese(letter: str) -> bool:
    base, *marks = list(unicodedata.normalize("NFD", letter.lower()))
    if base == "đ":
        return not marks
    allowed = "\u0302\u0306\u031b\u0300\u0309\u0303\u0301\u0323"
    return base in "aeiouy" and bool(marks) and all(mark in allowed for mark in marks)
