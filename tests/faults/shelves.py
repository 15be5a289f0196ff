"""Watches what is not sent to a server: stations' folders, by the sandbox's own announcer, and inboxes."""

import hashlib
import json
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.record import Record
from sandbox.station import Station
from tests.faults.scenes import CODE, Scene


class Shelves:
    """All of a workspace's. `look` after each life, and wherever one was struck, from whatever thread."""

    def __init__(self, directory: Path, scene: Scene) -> None:
        room = directory / "var" / "channels"
        self._record = Record(directory / "stations.jsonl", lambda: datetime.now(UTC))
        self._stations = [Station(name, room / name, self._record) for name in scene.stations]
        self._inboxes = [(name, room / name) for name, kind in scene.channels.items() if kind == "inbox"]
        self._seen: dict[tuple[str, str], dict[str, str]] = {}
        self.texts: list[tuple[str, str]] = []  # channel and code of all that stands in inboxes
        self._spoilt: list[str] = []
        self._turn = threading.Lock()  # who strikes and who waits for the life's end see its death at the same time

    def look(self) -> None:
        """See what is new, and whether what was there is as it was."""
        with self._turn:
            self._look()

    def _look(self) -> None:
        for station in self._stations:
            station.look()
        for name, room in self._inboxes:
            there = {path.name: _files(path) for path in room.glob("[!.]*")} if room.is_dir() else {}
            for key, files in there.items():
                if "post.json" not in files:
                    self._spoilt.append(f"{name}: {key} appeared without its post")
                    continue
                if (name, key) not in self._seen:
                    post = json.loads((room / key / "post.json").read_bytes())["post"]
                    self.texts += [(name, code) for code in CODE.findall(post["text"])]
                if self._seen.setdefault((name, key), files) != files:
                    self._spoilt.append(f"{name}: {key} changed after it was read")
            self._spoilt += [
                f"{name}: {key} vanished" for where, key in self._seen if where == name and key not in there
            ]

    @property
    def records(self) -> list[dict[str, Any]]:
        """What the stations picked up."""
        return self._record.entries()

    @property
    def keys(self) -> list[tuple[str, str]]:
        """Channel and key of all that stands in inboxes."""
        return list(self._seen)

    @property
    def spoilt(self) -> list[str]:
        """What was not whole, or changed."""
        violations = self._record.entries(action="violation")
        return [*self._spoilt, *(f"{one['place']}: {one['id']} {one['text']}" for one in violations)]

    def close(self) -> None:
        self._record.close()


def _files(path: Path) -> dict[str, str]:
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in path.iterdir()}
