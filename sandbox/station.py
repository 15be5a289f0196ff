"""A loudspeaker station's announcer: picks up each script folder that appears, once, as it is.

`python -m sandbox.station FOLDER --record FILE` watches one folder. What a station must never meet goes on record
as `violation`: a folder that is not whole when it appears, or that changes afterwards. A station can be closed:
then nobody can write into its folder.
"""

import argparse
import hashlib
import json
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from sandbox.record import Record

_MANIFEST = "programme.json"
_EVERY = 0.5  # seconds between two looks
Files = dict[str, str]  # name: SHA-256


class Station:
    """Watches the folder of one station. `look` may be called at any time, by one thread at once."""

    kind = "loudspeaker"

    def __init__(self, place: str, folder: Path, record: Record) -> None:
        self.place = place
        self.folder = folder
        self._record = record
        known = record.entries(kind=self.kind, place=place)
        self._seen: dict[str, Files] = {e["id"]: e["files"] for e in known if e["action"] == "publish"}
        self._noted = {(e["id"], e["text"]) for e in known if e["action"] == "violation"}

    @property
    def target(self) -> str:
        """What is watched."""
        return str(self.folder)

    def look(self) -> None:
        """Record each script folder that is new, and each violation that is."""
        for path in sorted(self.folder.glob("[!.]*/[!.]*")) if self.folder.is_dir() else ():
            name = path.relative_to(self.folder).as_posix()
            if name in self._seen:
                self._compare(name, path)
            else:
                self._pick_up(name, path)

    def close(self) -> None:
        """Put a file in the folder's place: unlike a read-only folder, it stops the system's administrator too."""
        if not self.folder.is_file():
            if self.folder.exists():
                self.folder.rename(self._aside)
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            self.folder.touch()

    def open(self) -> None:
        """Undo `close`."""
        if self.folder.is_file():
            self.folder.unlink()
            if self._aside.exists():
                self._aside.rename(self.folder)

    @property
    def _aside(self) -> Path:
        return self.folder.with_name(f"{self.folder.name}.closed")

    def _pick_up(self, name: str, path: Path) -> None:
        files = _files(path)
        fault = _incomplete(path, files)
        if fault:
            self._violation(name, fault)
            return
        text = (path / "script.txt").read_text("utf-8")
        programme = json.loads((path / _MANIFEST).read_bytes())
        titles = "; ".join(str(item["title"]) for item in programme["posts"])
        keys = [item["key"] for item in programme["posts"]]
        self._record.add(self.kind, self.place, "publish", name, title=titles, text=text, files=files, keys=keys)
        self._seen[name] = files

    def _compare(self, name: str, path: Path) -> None:
        if _files(path) != self._seen[name]:
            self._violation(name, "changed after it was picked up")

    def _violation(self, name: str, text: str) -> None:
        if (name, text) not in self._noted:
            self._noted.add((name, text))
            self._record.add(self.kind, self.place, "violation", name, public=False, text=text)


def _files(path: Path) -> Files:
    if not path.is_dir():
        return {}
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in sorted(path.iterdir())}


def _incomplete(path: Path, files: Files) -> str | None:
    if _MANIFEST not in files or "script.txt" not in files:
        return f"appeared without {_MANIFEST} or script.txt"
    try:
        promised = json.loads((path / _MANIFEST).read_bytes())["files"]
    except (ValueError, KeyError, TypeError):
        return f"appeared with a {_MANIFEST} that cannot be read"
    if promised != {name: sha256 for name, sha256 in files.items() if name != _MANIFEST}:
        return f"appeared with other files than its {_MANIFEST} says"
    return None


def main(arguments: list[str] | None = None) -> int:
    """Watch until interrupted."""
    parser = argparse.ArgumentParser(prog="sandbox.station", description="A stand-in for a loudspeaker station")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--record", type=Path, required=True, help="the file that gets a line for each script")
    options = parser.parse_args(arguments)
    record = Record(options.record, lambda: datetime.now(UTC))
    station = Station(options.folder.name, options.folder, record)
    try:
        while True:
            station.look()
            threading.Event().wait(_EVERY)
    except KeyboardInterrupt:
        return 0
    finally:
        record.close()


if __name__ == "__main__":
    sys.exit(main())
