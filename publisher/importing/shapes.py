"""What a sheet's XML says beside its values: merged cells, what is hidden, formulas, and how far the values go.

It is read once in a stream, so that a sheet of a million rows is refused before it takes memory.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any
from xml.parsers import expat

from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import coordinate_to_tuple, range_boundaries

from publisher.importing.grid import MOST_COLUMNS, MOST_ROWS, TableError

_MOST_MERGED = 5000
_CHUNK = 64 * 1024

Merged = tuple[int, int, int, int]  # first row, first column, last row, last column; from 1


@dataclass
class Shape:
    """The shape of a sheet; rows and columns are counted from 1."""

    rows: int = 0  # up to the last value
    columns: int = 0
    merged: list[Merged] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    uncomputed: set[tuple[int, int]] = field(default_factory=set)  # formulas without a value
    errors: set[tuple[int, int]] = field(default_factory=set)  # `#REF!` and the like


def shape_of(source: IO[bytes]) -> Shape:
    """The shape of the sheet in this XML. TableError if it is too large."""
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    while chunk := source.read(_CHUNK):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)
    return reader.shape


class _Reader:
    def __init__(self) -> None:
        self.shape = Shape()
        self._row = self._column = 0
        self._kind = ""
        self._within = ""  # `v` or `t`, of which the text is the value
        self._has_formula = self._has_value = False

    def start(self, tag: str, attributes: dict[str, Any]) -> None:
        name = tag.rpartition(" ")[2]
        if name == "row":
            self._begin_row(attributes)
        elif name == "c":
            self._begin_cell(attributes)
        elif name == "f":
            self._has_formula = True
        elif name in ("v", "t"):
            self._within = name
        elif name == "col" and _is_on(attributes, "hidden"):
            last = min(int(attributes["max"]), MOST_COLUMNS)
            self.shape.hidden_columns.update(range(int(attributes["min"]), last + 1))
        elif name == "mergeCell":
            self._merge(attributes["ref"])

    def text(self, text: str) -> None:
        if self._within and text.strip():
            self._has_value = True

    def end(self, tag: str) -> None:
        name = tag.rpartition(" ")[2]
        if name in ("v", "t"):
            self._within = ""
        elif name == "c":
            self._end_cell()

    def _begin_row(self, attributes: Mapping[str, str]) -> None:
        self._row = int(attributes.get("r", self._row + 1))
        self._column = 0
        if _is_on(attributes, "hidden"):
            self.shape.hidden_rows.add(self._row)

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        self._column += 1
        if "r" in attributes:
            self._column = coordinate_to_tuple(attributes["r"])[1]
        self._kind = attributes.get("t", "n")
        self._has_formula = self._has_value = False

    def _end_cell(self) -> None:
        place = (self._row, self._column)
        if self._has_formula and not self._has_value and self._kind != "str":
            self.shape.uncomputed.add(place)
        elif self._kind == "e":
            self.shape.errors.add(place)
        elif not self._has_value:
            return
        if self._row > MOST_ROWS or self._column > MOST_COLUMNS:
            raise TableError(
                f"something stands in cell {get_column_letter(self._column)}{self._row}, beyond {MOST_ROWS} rows or "
                f"{MOST_COLUMNS} columns (delete it, or divide the plan)"
            )
        self.shape.rows = max(self.shape.rows, self._row)
        self.shape.columns = max(self.shape.columns, self._column)

    def _merge(self, ref: str) -> None:
        if len(self.shape.merged) == _MOST_MERGED:
            raise TableError("this sheet has too many merged cells (copy the table alone into a new workbook)")
        left, top, right, bottom = range_boundaries(ref)
        if left and top and right and bottom:
            self.shape.merged.append((top, left, min(bottom, MOST_ROWS), min(right, MOST_COLUMNS)))


def _is_on(attributes: Mapping[str, str], name: str) -> bool:
    return attributes.get(name) in ("1", "true")
