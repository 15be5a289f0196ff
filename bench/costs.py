"""What the database costs, as seen where SQLAlchemy speaks to it: commits, and statements by what they do."""

import re
import threading
import time
from collections import defaultdict
from types import TracebackType
from typing import Any, Self

from sqlalchemy import Engine, event
from sqlalchemy.pool import Pool

_TABLE = re.compile(r"(?:FROM|INTO|UPDATE)\s+(\w+)")


class Commits:
    """Counts the commits of all engines and the seconds inside of them, while it is open."""

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0
        self._began = threading.local()

    def __enter__(self) -> Self:
        event.listen(Engine, "commit", self._begin)
        event.listen(Pool, "reset", self._end)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        event.remove(Engine, "commit", self._begin)
        event.remove(Pool, "reset", self._end)

    def _begin(self, _connection: Any) -> None:
        self._began.at = time.perf_counter()

    def _end(self, *_of_the_pool: Any) -> None:
        """The connection goes back to its pool, right after its commit: writers are alone on theirs."""
        began = getattr(self._began, "at", None)
        if began is not None:
            self.seconds += time.perf_counter() - began
            self.count += 1
            self._began.at = None


class Statements:
    """Counts statements and the seconds inside of them, by verb and table, while it is open."""

    def __init__(self) -> None:
        self.found: defaultdict[str, list[float]] = defaultdict(list)

    def __enter__(self) -> Self:
        event.listen(Engine, "before_cursor_execute", self._begin)
        event.listen(Engine, "after_cursor_execute", self._end)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        event.remove(Engine, "before_cursor_execute", self._begin)
        event.remove(Engine, "after_cursor_execute", self._end)

    def as_text(self) -> str:
        """A table of them, the dearest first."""
        lines = [f"{'count':>10} {'seconds':>9}  statement (without fetching its rows)"]
        for name, seconds in sorted(self.found.items(), key=lambda pair: -sum(pair[1])):
            lines.append(f"{len(seconds):>10} {sum(seconds):>9.3f}  {name}")
        return "\n".join(lines) + "\n"

    def _begin(self, _connection: Any, _cursor: Any, _statement: str, _values: Any, context: Any, _many: bool) -> None:
        if context is not None:
            context.bench_began = time.perf_counter()

    def _end(self, _connection: Any, _cursor: Any, statement: str, _values: Any, context: Any, _many: bool) -> None:
        if context is not None:
            self.found[_named(statement)].append(time.perf_counter() - context.bench_began)


def _named(statement: str) -> str:
    verb = statement.split(None, 1)[0]
    table = _TABLE.search(statement)
    return f"{verb} {table[1]}" if table else verb
