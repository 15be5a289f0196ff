"""The table of a run: for each class of faults how many runs, and what the judge found."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.faults.judge import SOON, Verdict

_HEAD = ("fault", "runs", "accepted twice", "lost", "needs a person", "settled by itself", "slowest settling")


@dataclass
class Row:
    """One class of faults."""

    runs: int = 0
    twice: int = 0
    lost: int = 0
    needs_person: int = 0
    settled: int = 0
    slowest: float = 0.0

    def add(self, verdict: Verdict) -> None:
        self.runs += 1
        self.twice += len(verdict.twice)
        self.lost += len(verdict.lost)
        self.needs_person += verdict.needs_person
        self.settled += len(verdict.settled)
        self.slowest = max(self.slowest, *verdict.settled, 0.0)


@dataclass
class Table:
    """Grows with each verdict."""

    rows: dict[str, Row] = field(default_factory=dict)
    total: Row = field(default_factory=Row)
    late: int = 0  # settled later than soon
    struck: int = 0
    strikes: int = 0

    def add(self, verdict: Verdict) -> None:
        self.rows.setdefault(verdict.fault, Row()).add(verdict)
        self.total.add(verdict)
        self.struck += verdict.struck
        self.strikes += verdict.strikes
        self.late += sum(seconds > SOON.total_seconds() for seconds in verdict.settled)

    @property
    def is_prompt(self) -> bool:
        """Whether 99 of 100 deliveries settled soon."""
        return self.late * 100 <= self.total.settled

    def lines(self) -> list[tuple[str, ...]]:
        """Its cells, the head first and the sum last."""
        rows = [_cells(name, row) for name, row in sorted(self.rows.items())]
        return [_HEAD, *rows, _cells("all", self.total)]

    def markdown(self) -> str:
        """As Markdown."""
        head, *rows = self.lines()
        rule = ["---", *["---:"] * (len(head) - 1)]
        return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *rows))

    def plain(self) -> str:
        """For a screen."""
        lines = self.lines()
        widths = [max(len(cells[place]) for cells in lines) for place in range(len(_HEAD))]
        return "\n".join(_aligned(cells, widths) for cells in lines)


def _aligned(cells: Iterable[str], widths: list[int]) -> str:
    return "  ".join(
        cell.ljust(width) if place == 0 else cell.rjust(width)
        for place, (cell, width) in enumerate(zip(cells, widths, strict=True))
    )


def _cells(name: str, row: Row) -> tuple[str, ...]:
    numbers = (row.runs, row.twice, row.lost, row.needs_person, row.settled)
    return (name, *(f"{number:,}" for number in numbers), f"{row.slowest:.0f} s")
