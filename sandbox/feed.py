"""A stand-in of another site's news feed: RSS 2.0 at `/feed/NAME.xml`, its items set by PUT.

Items are a JSON list of objects with id, title, link, summary and published (RFC 3339; null: no date). A
reader that sends back the ETag or the date of the feed it has gets 304.
"""

import hashlib
from datetime import datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from xml.etree import ElementTree

from sandbox.exchange import Answer, Request, StandIn
from sandbox.feed_items import MINISTRY_NEWS
from sandbox.record import Record

_FIELDS = {"id", "title", "link", "summary", "published"}


class Feed(StandIn):
    """Any number of feeds; `bo.xml` has news from the start."""

    kind = "feed"

    def __init__(self, record: Record) -> None:
        super().__init__(record)
        self._feeds: dict[str, tuple[list[dict[str, Any]], datetime]] = {"bo.xml": (MINISTRY_NEWS, record.now())}

    def answer(self, request: Request) -> Answer:
        """GET reads a feed, PUT sets its items."""
        name = self.place(request)
        if request.method == "PUT":
            return self._set(name, request.json())
        if name not in self._feeds:
            return Answer.json({"error": f"no feed {name} (known: {', '.join(self._feeds)})"}, 404)
        items, changed = self._feeds[name]
        body = _rss(items, f"{request.base}/{name}")
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        headers = {"ETag": tag, "Last-Modified": format_datetime(changed, usegmt=True)}
        if _is_known(request, tag, changed):
            return Answer(304, b"", headers)
        return Answer(200, body, {"Content-Type": "application/rss+xml; charset=UTF-8", **headers})

    def _set(self, name: str, items: Any) -> Answer:
        if not isinstance(items, list) or not all(isinstance(item, dict) and set(item) == _FIELDS for item in items):
            return Answer.json({"error": f"send a list of items with {', '.join(sorted(_FIELDS))}"}, 400)
        try:
            for item in items:
                _dated(item)
        except (TypeError, ValueError):
            return Answer.json({"error": "published is not a moment as 2022-02-14T08:00:00+07:00"}, 400)
        self._feeds[name] = (items, self.record.now())
        return Answer(204)


def _is_known(request: Request, tag: str, changed: datetime) -> bool:
    """RFC 9110, 13.1.3: the date counts only where no tag was sent."""
    if "If-None-Match" in request.headers:
        return tag in request.headers["If-None-Match"]
    try:
        since = parsedate_to_datetime(request.headers.get("If-Modified-Since", ""))
    except ValueError:
        return False
    return since >= changed.replace(microsecond=0)


def _dated(item: dict[str, Any]) -> datetime | None:
    return None if item["published"] is None else datetime.fromisoformat(item["published"])


def _rss(items: list[dict[str, Any]], address: str) -> bytes:
    root = ElementTree.Element("rss", version="2.0")
    channel = ElementTree.SubElement(root, "channel")
    for name, text in (("title", "Tin tức"), ("link", address), ("description", "Tin tức thử nghiệm")):
        ElementTree.SubElement(channel, name).text = text
    for item in items:
        node = ElementTree.SubElement(channel, "item")
        ElementTree.SubElement(node, "guid", isPermaLink="false").text = item["id"]
        for name, key in (("title", "title"), ("link", "link"), ("description", "summary")):
            ElementTree.SubElement(node, name).text = item[key]
        if published := _dated(item):
            ElementTree.SubElement(node, "pubDate").text = format_datetime(published)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))
