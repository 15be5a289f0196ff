"""News of other sites: the items of an RSS or Atom feed, as plain text, and when two of them are the same.

The feed is read in a process of its own and never fetches anything: whatever it holds, reading ends in time.
"""

import json
import subprocess
from dataclasses import dataclass
from datetime import datetime

from content.characters import normal
from content.confinement import command, surroundings

LARGEST = 5 * 1024 * 1024  # bytes


class FeedError(Exception):
    """A feed cannot be read. The text says why."""


@dataclass(frozen=True)
class Item:
    """One piece of news. All text is plain and NFC."""

    id: str  # never empty
    title: str  # never empty
    summary: str  # at most 2,000 characters
    link: str | None  # http or https
    published: datetime | None  # aware
    image_url: str | None  # http or https


@dataclass(frozen=True)
class Feed:
    """What a feed holds now, in its order."""

    items: tuple[Item, ...]
    dropped: int  # items that have neither title nor link, or come after the first 1,000


def parse(body: bytes, content_type: str | None, url: str) -> list[Item]:
    """The items of a feed. Raises FeedError."""
    return list(read(body, content_type, url).items)


def read(body: bytes, content_type: str | None, url: str, timeout: float = 20.0) -> Feed:
    """What a server sent for `url`, with its Content-Type; `timeout` in seconds. Raises FeedError."""
    if len(body) > LARGEST:
        raise FeedError(f"the feed is larger than {LARGEST // 1024 // 1024} MiB")
    request = {"content_type": content_type, "url": url, "seconds": timeout + 1}
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and module
            command("content.feed_process"),
            input=json.dumps(request).encode() + b"\n" + body,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=timeout,
            check=False,
            **surroundings(),
        )
    except subprocess.TimeoutExpired:
        raise FeedError(f"reading the feed takes longer than {timeout:g} seconds") from None
    if done.returncode:
        raise FeedError("the feed cannot be read (it needs too much memory, or its form is broken)")
    answer = json.loads(done.stdout)
    if "error" in answer:
        raise FeedError(answer["error"])
    return Feed(tuple(_item(values) for values in answer["items"]), answer["dropped"])


def same(one: Item, other: Item) -> bool:
    """Whether two items are the same news: id, link, or title with text agrees."""
    if one.id == other.id or (one.link is not None and one.link == other.link):
        return True
    return bool(one.summary) and (one.title, one.summary) == (other.title, other.summary)


def matches(item: Item, words: tuple[str, ...]) -> bool:
    """Whether any of the words, or groups of words, occurs in the title or summary, in small or capital letters."""
    text = _comparable(f"{item.title}\n{item.summary}")
    return any(_comparable(word) in text for word in words)


def _comparable(text: str) -> str:
    return normal(normal(text).casefold())


def _item(values: dict[str, str | None]) -> Item:
    published = values["published"]
    return Item(
        id=values["id"] or "",
        title=values["title"] or "",
        summary=values["summary"] or "",
        link=values["link"],
        published=datetime.fromisoformat(published) if published else None,
        image_url=values["image_url"],
    )
