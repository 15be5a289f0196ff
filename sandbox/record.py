"""The record: what the stand-ins accepted, in order, as lines of JSON that are only ever appended.

An entry is `{"n", "at", "kind", "place", "action", "id", "public", …content}`. `public` says whether the public
sees the change; drafts and uploaded files are not public. Content that people want to read goes under `title` (plain
text), `text` and `url`. An entry is on file before the answer to its request leaves.
"""

import json
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

Entry = dict[str, Any]


class Record:
    """The record in one file; what an earlier process wrote there stays and is counted on."""

    def __init__(self, path: Path, now: Callable[[], datetime]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.now = now  # the sandbox's clock
        self._lock = threading.Lock()
        self._entries = [json.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []
        self._file = path.open("ab")

    def add(self, kind: str, place: str, action: str, id: str, public: bool = True, **content: Any) -> Entry:
        """Append one accepted change and return its entry."""
        with self._lock:
            entry = {
                "n": len(self._entries) + 1, "at": self.now().isoformat(), "kind": kind, "place": place,
                "action": action, "id": id, "public": public, **content,
            }  # fmt: skip
            self._file.write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
            self._file.flush()
            self._entries.append(entry)
        return entry

    def entries(self, **wanted: str) -> list[Entry]:
        """The entries in order; `wanted` keeps those with these values, e.g. `kind="wordpress"`."""
        with self._lock:
            found = list(self._entries)
        return [entry for entry in found if all(str(entry.get(name)) == value for name, value in wanted.items())]

    def close(self) -> None:
        """Close the file; nothing may be added afterwards."""
        self._file.close()
