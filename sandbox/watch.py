"""`/_watch`: lets the sandbox watch what is not sent to it: a station's folder, an agency's feed.

    POST {"kind": "loudspeaker", "place": …, "folder": …}     watch a station's folder
    POST {"kind": "loudspeaker", "place": …, "closed": true}  nobody can write there until "closed": false
    POST {"kind": "inbox", "place": …, "url": …}              read an agency's feed
    POST {}                                                   look at all of them at once
    GET                                                       what is watched, and what went wrong

Each answer comes after a look, so that the record then shows what was there.
"""

import threading
from pathlib import Path
from typing import Any

from sandbox.exchange import Answer, Request, StandIn
from sandbox.reader import Reader
from sandbox.record import Record
from sandbox.station import Station

_EVERY = 0.5  # seconds between two looks


class Watch(StandIn):
    """All watchers, looking in turn from one thread."""

    kind = "_watch"

    def __init__(self, record: Record) -> None:
        super().__init__(record)
        self._watchers: dict[tuple[str, str], Station | Reader] = {}
        self._errors: dict[tuple[str, str], str] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def answer(self, request: Request) -> Answer:
        """Do as the order says, look, and list what is watched."""
        if request.method not in ("GET", "POST"):
            return Answer(405)
        try:
            with self._lock:
                if request.method == "POST":
                    self._obey(request.json())
                    self._look()
                return Answer.json([self._described(key) for key in self._watchers])
        except ValueError as mistake:
            return Answer.json({"error": str(mistake)}, 400)

    def _obey(self, order: Any) -> None:
        match order:
            case {"kind": "loudspeaker", "place": str(place), "folder": str(folder)}:
                self._add(Station(place, Path(folder), self.record))
            case {"kind": "inbox", "place": str(place), "url": str(url)}:
                self._add(Reader(place, url, self.record))
            case {"kind": "loudspeaker", "place": str(place), "closed": bool(closed)}:
                station = self._watchers.get(("loudspeaker", place))
                if not isinstance(station, Station):
                    raise ValueError(f"no station {place!r} is watched")
                (station.close if closed else station.open)()
            case {} if not order:
                pass
            case _:
                raise ValueError("an order names kind, place, and folder, url or closed")

    def _add(self, watcher: Station | Reader) -> None:
        self._watchers[watcher.kind, watcher.place] = watcher
        if self._thread is None:
            self._thread = threading.Thread(target=self._keep_looking, name="watch", daemon=True)
            self._thread.start()

    def _keep_looking(self) -> None:
        pause = threading.Event()
        while not pause.wait(_EVERY):
            with self._lock:
                self._look()

    def _look(self) -> None:
        for key, watcher in self._watchers.items():
            try:
                watcher.look()
                self._errors.pop(key, None)
            except (OSError, ValueError) as error:  # ValueError also when the record is closed, at the end
                self._errors[key] = str(error)

    def _described(self, key: tuple[str, str]) -> dict[str, Any]:
        watcher = self._watchers[key]
        return {"kind": key[0], "place": key[1], "target": watcher.target, "error": self._errors.get(key)}
