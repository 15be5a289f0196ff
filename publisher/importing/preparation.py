"""The whole way from a table's file to what would be written, with every mistake on it. Writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from content.yaml12 import Mistake, Mistakes
from publisher.importing.csv_files import read_csv
from publisher.importing.drafting import Draft, draft
from publisher.importing.grid import LARGEST_FILE, CellMistake, Grid, TableError
from publisher.importing.headings import Column, Header, find_table
from publisher.importing.insertion import Inserted, insert
from publisher.importing.putting import Overlay, file_of
from publisher.importing.rows import PlanRow, understand
from publisher.importing.sheets import read_sheets
from publisher.schedules import Campaign
from publisher.schedules.fields import NAME_RULE, is_name
from publisher.workspace import CAMPAIGNS, Files, Workspace, read_workspace

KINDS = (".xlsx", ".csv")


class TableMistakes(Exception):
    """Every mistake that was found in the table, each as one line with its place."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(lines))


@dataclass(frozen=True)
class Prepared:
    """What would be written, and what would follow from it."""

    grid: Grid
    header: Header
    rows: list[PlanRow]  # all of the table
    notes: list[str]
    draft: Draft
    plan: str  # the file of the campaign, below the workspace
    before: bytes  # what it says now
    inserted: Inserted
    workspace: Workspace  # as it would be

    @property
    def files(self) -> dict[str, bytes]:
        """Every file that changes, by its path below the workspace."""
        return {**self.draft.files, self.plan: self.inserted.data}

    def at_row(self, mistake: Mistake) -> str:
        """A mistake of the loader as a line; in what is new, at the cell that it comes from."""
        index = mistake.line - self.inserted.first_row
        number = self.draft.origins.get(mistake.file) if mistake.file in self.draft.files else None
        column = self.header.columns.get(Column.TEXT, 0)
        if mistake.file == self.plan and 0 <= index < len(self.draft.rows):
            number, column = self.draft.rows[index].row.number, self.header.columns[Column.TO]
        return f"{self.grid.where(number, column)}: {mistake.text}" if number else str(mistake)


def read_table(path: Path, sheet: str | None) -> tuple[Grid, Header]:
    """The table in a file. TableError, with the file's name."""
    try:
        kind = path.suffix.lower()
        if kind not in KINDS:
            raise TableError("it is neither .xlsx nor .csv (open it in Excel and save it as 'Excel Workbook (*.xlsx)')")
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            raise TableError("it is larger than 10 MB (copy the table alone into a new workbook)")
        if not data:
            raise TableError("it is empty")
        grids = read_sheets(data, path.name, sheet) if kind == ".xlsx" else read_csv(data, path.name)
        return find_table(grids)
    except TableError as error:
        raise TableError(f"{path.name}: {error}") from None


def prepare(
    path: Path, sheet: str | None, files: Files, workspace: Workspace, campaign: Campaign, schedule: str, *, add: bool
) -> Prepared | None:
    """What importing the table would write; None if all of it is there already. TableError, TableMistakes."""
    grid, header = read_table(path, sheet)
    _check_name(schedule, campaign, add)
    try:
        found = understand(grid, header, workspace.schedules, campaign)
    except TableError as error:
        raise TableError(f"{path.name}: {error}") from None
    made = draft(found.rows, header, schedule, campaign, files)
    _raise([*found.mistakes, *made.mistakes], grid)
    plan = file_of(workspace.schedules, campaign.key)
    before = workspace.schedules.sources[plan]
    if not made.rows:
        return None
    try:
        rows = [row.yaml for row in made.rows]
        inserted = insert(before, plan, campaign.key, schedule, rows, add=made.exists)
    except Mistakes as error:
        raise TableMistakes([str(mistake) for mistake in error.mistakes]) from None
    now = Prepared(grid, header, found.rows, found.notes, made, plan, before, inserted, workspace)
    return _with_workspace(now, files)


def _with_workspace(now: Prepared, files: Files) -> Prepared:
    """The same with the workspace as it would be; TableMistakes if the real loader finds any in what is new."""
    try:
        after = read_workspace(Overlay(files, now.files), previous=now.workspace)
    except Mistakes as error:
        raise TableMistakes([now.at_row(mistake) for mistake in error.mistakes]) from None
    used = {f"{CAMPAIGNS}/{now.draft.campaign}/{row.content}" for row in now.draft.rows}
    mine = [mistake for mistake in after.mistakes if mistake.file in used]
    if mine:
        raise TableMistakes([now.at_row(mistake) for mistake in mine])

    return replace(now, workspace=after)


def _check_name(schedule: str, campaign: Campaign, add: bool) -> None:
    if not is_name(schedule):
        raise TableError(f"{schedule!r} cannot be the name of a schedule ({NAME_RULE})")
    same = [one for one in campaign.schedules if one.name == f"{campaign.key}/{schedule}"]
    if not same:
        return
    file, line, _ = same[0].place
    if not add:
        raise TableError(
            f"the campaign has a schedule {schedule!r} already, in {file}, line {line} (write --add to add the rows "
            "that it lacks, or another name with --schedule)"
        )
    if same[0].id == same[0].name:
        raise TableError(
            f"the schedule {schedule!r} in {file}, line {line}, is no table of rows "
            "(write another name with --schedule)"
        )


def _raise(mistakes: list[CellMistake], grid: Grid) -> None:
    if mistakes:
        found = sorted(set(mistakes))
        raise TableMistakes([f"{grid.where(one.number, one.index)}: {one.text}" for one in found])
