"""The process in which a feed is read, apart from everything that a hostile one must not reach or use up.

From standard input: a line of JSON {"content_type", "url", "seconds"}, then the body. To standard output: JSON,
{"items": [{…}], "dropped": 0} or {"error": "…"}. `content.feeds` is its other end.
"""

import hashlib
import html
import io
import json
import re
import sys
from calendar import timegm
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

import feedparser

from content.characters import HIDING
from content.confinement import confine, end_after
from content.markdown import is_good_address, normalise
from content.sanitiser import sanitised

_MEMORY = 1024 * 1024 * 1024
_MOST = 1000  # items
_LONGEST_SUMMARY = 2000
_LONGEST_TITLE = 300
_LONGEST_HTML = 64 * 1024  # of which a summary is made
_BOUNDARY = re.compile(r"<(?=/?(?:p|br|div|li|ul|ol|h[1-6]|tr|td|th|table|blockquote|hr)\b)", re.IGNORECASE)
_IMAGE = re.compile(r"""<img\b[^<>]{0,1000}?\ssrc\s*=\s*["']([^"'<>]{1,2000})["']""", re.IGNORECASE)


def main() -> None:
    """Answer one request."""
    request = json.loads(sys.stdin.buffer.readline())
    confine(_MEMORY)
    end_after(request["seconds"])
    answer = read(sys.stdin.buffer.read(), request["content_type"], request["url"])
    sys.stdout.buffer.write(json.dumps(answer).encode())


def read(body: bytes, content_type: str | None, url: str) -> dict[str, Any]:
    """The answer for a feed, here and now."""
    headers = {"content-type": content_type or "application/xml"}
    found = feedparser.parse(  # a stream, never a text that could be taken for an address to fetch
        io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    if not found.get("version") and not found.entries:
        return {"error": "this is no RSS or Atom feed (is it the address of a web page?)"}
    items = [item for entry in found.entries[:_MOST] if (item := _item(entry, url))]
    return {"items": items, "dropped": len(found.entries) - len(items)}


def _item(entry: Mapping[str, Any], url: str) -> dict[str, str | None] | None:
    link = _address(entry.get("link"), url)
    summary_html = _summary(entry)
    summary = _shortened(_text(summary_html), _LONGEST_SUMMARY)
    title = _shortened(_text(str(entry.get("title") or "")), _LONGEST_TITLE)
    if not title and not link:
        return None
    title = title or _shortened(summary, 100) or str(link)
    name = normalise(str(entry.get("id") or "")).strip() or link
    return {
        "id": name or "text:" + hashlib.sha256(f"{title}\n{summary}".encode()).hexdigest(),
        "title": title,
        "summary": summary,
        "link": link,
        "published": _published(entry),
        "image_url": next(filter(None, (_address(image, url) for image in _images(entry, summary_html))), None),
    }


def _summary(entry: Mapping[str, Any]) -> str:
    """As HTML."""
    contents = [part.get("value") for part in entry.get("content") or ()]
    return str(next(filter(None, [entry.get("summary"), *contents]), ""))[:_LONGEST_HTML]


def _text(markup: str) -> str:
    """Plain text in one line: what a reader of the HTML would see, without scripts and styles."""
    spaced = _BOUNDARY.sub(" <", markup[:_LONGEST_HTML])
    return " ".join(HIDING.sub(" ", normalise(html.unescape(sanitised(spaced, tags=set())))).split())


def _shortened(text: str, most: int) -> str:
    """At most so many characters, cut between words and marked with an ellipsis."""
    if len(text) <= most:
        return text
    cut = text[:most]
    return (cut.rpartition(" ")[0] or cut[:-1]) + "…"


def _address(value: Any, url: str) -> str | None:
    try:
        address = urljoin(url, str(value).strip()) if value else ""
    except ValueError:
        return None
    whole = is_good_address(address) and address.lower().startswith("http") and not re.search(r"\s", address)
    return normalise(address) if whole else None


def _published(entry: Mapping[str, Any]) -> str | None:
    """In UTC; the first of the dates that can be understood."""
    for name in ("published_parsed", "updated_parsed"):
        try:
            if entry.get(name):
                return datetime.fromtimestamp(timegm(entry[name]), UTC).isoformat()
        except (ValueError, OverflowError, OSError):
            continue
    return None


def _images(entry: Mapping[str, Any], summary_html: str) -> Iterator[Any]:
    for image in (*entry.get("media_thumbnail", ()), *entry.get("media_content", ())):
        if image.get("medium", "image") == "image" and str(image.get("type", "image/")).startswith("image/"):
            yield image.get("url")
    for enclosure in entry.get("enclosures", ()):
        if str(enclosure.get("type", "")).startswith("image/"):
            yield enclosure.get("href")
    yield from _IMAGE.findall(summary_html)


if __name__ == "__main__":
    main()
