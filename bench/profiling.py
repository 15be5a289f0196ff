"""Profiles of every thread of a process, by the processor's time, as text; beside them the statements' time."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import yappi

from bench.costs import Statements

_ROOT = Path(__file__).parents[1]
_OURS = tuple(f"{_ROOT / name}/" for name in ("publisher", "channels", "content"))
_MOST = 45  # functions shown


def profiled(path: Path, call: Callable[..., Any], values: Mapping[str, Any]) -> Any:
    """What the call gives; its profile is written to the path. It slows the process down severalfold."""
    yappi.set_clock_type("cpu")
    with Statements() as statements:
        yappi.start()
        try:
            found = call(**values)
        finally:
            yappi.stop()
    stats = list(yappi.get_func_stats())
    ours = [one for one in stats if one.module.startswith(_OURS)]
    parts = (
        _table("Publisher's own functions, by their time with all that they call", ours, "ttot"),
        _table("All functions, by their own time", stats, "tsub"),
        statements.as_text(),
    )
    path.write_text("\n".join(parts), encoding="utf-8")
    return found


def _table(title: str, stats: Iterable[Any], order: str) -> str:
    lines = [f"{title} (seconds of processor time)", f"{'calls':>10} {'own':>9} {'with all':>9}  function"]
    for one in sorted(stats, key=lambda one: -getattr(one, order))[:_MOST]:
        place = one.module.removeprefix(f"{_ROOT}/").rpartition("site-packages/")[2]
        lines.append(f"{one.ncall:>10} {one.tsub:>9.3f} {one.ttot:>9.3f}  {place}:{one.lineno} {one.name}")
    return "\n".join(lines) + "\n"
