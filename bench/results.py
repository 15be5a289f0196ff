"""What a bench found: figures with their spread, beside a baseline and a goal; as JSON and as a Markdown table."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from statistics import median
from typing import Any


@dataclass(frozen=True)
class Goal:
    """What a figure should reach: its value, or its ratio to the baseline, at most or at least so much."""

    limit: float
    of: str = "value"  # or "ratio"
    at_least: bool = False

    def is_met(self, value: float, ratio: float | None) -> bool:
        """Whether the figure reaches it."""
        found = value if self.of == "value" else ratio
        if found is None:
            return False
        return found >= self.limit if self.at_least else found <= self.limit

    def __str__(self) -> str:
        sign = "≥" if self.at_least else "≤"
        return f"{sign} {_short(self.limit)}" + (" of the baseline" if self.of == "ratio" else "")


@dataclass(frozen=True)
class Result:
    """One figure: the median of all repeats. The first word of its name is that of its bench."""

    name: str
    size: int
    values: tuple[float, ...]
    unit: str
    baseline: str | None = None
    baseline_values: tuple[float, ...] = ()
    goal: Goal | None = None

    @property
    def value(self) -> float:
        return median(self.values)

    @property
    def baseline_value(self) -> float | None:
        return median(self.baseline_values) if self.baseline_values else None

    @property
    def ratio(self) -> float | None:
        """Ours by the baseline's."""
        base = self.baseline_value
        return self.value / base if base else None

    def as_json(self) -> dict[str, Any]:
        """Its row in latest.json."""
        base, ratio = self.baseline_value, self.ratio
        return {
            "name": self.name,
            "size": self.size,
            "value": _rounded(self.value),
            "unit": self.unit,
            "baseline": self.baseline,
            "baseline_value": None if base is None else _rounded(base),
            "ratio": None if ratio is None else round(ratio, 3),
        }

    def as_line(self) -> str:
        """Its line in the table."""
        base, ratio = self.baseline_value, self.ratio
        cells = [
            self.name,
            f"{self.size:,}",
            f"{_with_spread(self.values)} {self.unit}",
            "" if base is None else f"{self.baseline}: {_with_spread(self.baseline_values)} {self.unit}",
            "" if ratio is None else f"{ratio:.2f}",
            "" if self.goal is None else f"{self.goal} – {'met' if self.goal.is_met(self.value, ratio) else 'missed'}",
        ]
        return "| " + " | ".join(cells) + " |"


HEAD = "| bench | size | value (least – most) | baseline | ratio | goal |\n|---|---|---|---|---|---|"


def table(results: Iterable[Result]) -> str:
    """The results as a Markdown table."""
    return "\n".join([HEAD, *(result.as_line() for result in results)])


def keep(results: Sequence[Result], folder: Path, about: str) -> None:
    """Write latest.json and latest.md. The rows of benches that did not run now stay as they were."""
    folder.mkdir(parents=True, exist_ok=True)
    ran = {_bench(result.name) for result in results}
    rows, lines = folder / "latest.json", folder / "latest.md"
    old_rows = json.loads(rows.read_text(encoding="utf-8")) if rows.exists() else []
    old_lines = lines.read_text(encoding="utf-8").splitlines() if lines.exists() else []
    kept = [row for row in old_rows if _bench(row["name"]) not in ran]
    kept_lines = [
        line for line in old_lines if line.startswith("| ") and line not in HEAD and _bench(line[2:]) not in ran
    ]
    found = [*kept, *(result.as_json() for result in results)]
    rows.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    body = [HEAD, *kept_lines, *(result.as_line() for result in results)]
    lines.write_text(about + "\n\n" + "\n".join(body) + "\n", encoding="utf-8")


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that so large a share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def _bench(name: str) -> str:
    return name.split()[0]


def _rounded(value: float) -> float:
    return float(f"{value:.4g}")


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _with_spread(values: Sequence[float]) -> str:
    middle = _short(median(values))
    return middle if len(values) == 1 else f"{middle} ({_short(min(values))} – {_short(max(values))})"
