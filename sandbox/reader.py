"""An agency's feed reader: polls an Atom feed and records each entry once, and again when it changes."""

import hashlib
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from xml.etree import ElementTree

from sandbox.record import Record

_ATOM = {"a": "http://www.w3.org/2005/Atom"}
_TIMEOUT = 5.0  # seconds


class Reader:
    """Polls one feed. `look` may be called at any time, by one thread at once."""

    kind = "inbox"

    def __init__(self, place: str, url: str, record: Record) -> None:
        self.place = place
        self.target = url
        self._record = record
        self._seen: dict[str, str] = {
            entry["id"]: entry["sha256"] for entry in record.entries(kind=self.kind, place=place)
        }
        self._etag: str | None = None

    def look(self) -> None:
        """Poll once. OSError if there is no answer; ValueError if it is no Atom feed whose entries have ids."""
        body = self._fetch()
        if body is None:
            return
        try:
            feed = ElementTree.fromstring(body)
        except ElementTree.ParseError as error:
            raise ValueError(f"the feed is no XML: {error}") from None
        for entry in reversed(feed.findall("a:entry", _ATOM)):  # the oldest first, as they were published
            self._read(entry)

    def _fetch(self) -> bytes | None:
        headers = {"If-None-Match": self._etag} if self._etag else {}
        try:
            with urlopen(Request(self.target, headers=headers), timeout=_TIMEOUT) as answer:
                self._etag = answer.headers["ETag"]
                return bytes(answer.read())
        except HTTPError as error:
            with error:
                if error.code == 304:
                    return None
            raise OSError(f"the feed answered {error.code}") from None

    def _read(self, entry: ElementTree.Element) -> None:
        name, title, text = (entry.findtext(f"a:{tag}", "", _ATOM) for tag in ("id", "title", "content"))
        if not name:
            raise ValueError(f"the entry {title!r} has no id")
        sha256 = hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()
        if self._seen.get(name) == sha256:
            return
        action = "update" if name in self._seen else "publish"
        self._record.add(self.kind, self.place, action, name, title=title, text=text, sha256=sha256)
        self._seen[name] = sha256
