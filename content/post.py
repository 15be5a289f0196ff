"""What a channel is given to publish: a post, exact to the letter, and the shape that a kind wants it in.

A post is frozen and hashed on its delivery's row before the first byte of it leaves.
"""

import dataclasses
import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

import rfc8785


class Format(StrEnum):
    """How a kind wants the text of a post written."""

    HTML = "html"  # sanitised HTML, for websites
    TELEGRAM = "telegram"  # the HTML subset of Telegram's Bot API: b i u s a code pre blockquote
    PLAIN = "plain"  # text with blank lines between paragraphs, links written out
    SPOKEN = "spoken"  # plain text to be read aloud: no addresses, no marks of layout


class Priority(StrEnum):
    """The three classes of bulletin of Circular 39/2020/TT-BTTTT."""

    NORMAL = "normal"
    PRIORITY = "priority"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        """0 for urgent, 1 for priority, 2 for normal: the order in which due deliveries go out."""
        return (Priority.URGENT, Priority.PRIORITY, Priority.NORMAL).index(self)


@dataclass(frozen=True)
class Limits:
    """The longest texts that a kind takes; None where it has no limit of its own.

    A post that does not fit is never cut in silence: it is a failure to compose, which `check` finds.
    """

    title: int | None = None
    summary: int | None = None
    text: int | None = None  # in the units of the kind: see `count`
    count: Literal["characters", "utf16"] = "characters"


@dataclass(frozen=True)
class Media:
    """An image of a post. The bytes are kept apart, under their SHA-256 (lower-case hex)."""

    sha256: str
    name: str  # a file name without a folder
    mime: str  # image/jpeg, image/png, image/webp or image/gif
    alt: str
    size: int  # bytes


@dataclass(frozen=True)
class Post:
    """A revision shaped for one channel and occurrence."""

    key: str  # 16 characters of a-z and 2-7, stable for the delivery, unique in the workspace
    title: str
    text: str  # in the channel's `format`
    summary: str
    slug: str  # of the title, with the key: a-z, 0-9 and -, at most 100 characters
    occurrence: datetime  # in the workspace's time zone
    campaign: str  # the campaign's title
    agency: str  # the name of the body that publishes
    document: str | None = None  # the decision that the campaign carries out
    approver: str | None = None
    approval_document: str | None = None
    author: str | None = None
    link: str | None = None
    image: Media | None = None
    tags: tuple[str, ...] = ()
    lang: str = "vi"
    priority: Priority = Priority.NORMAL
    amends: str | None = None  # the key of the earlier post that this one corrects or takes back
    spoken_title: str | None = None  # as they are read aloud, where the text is
    spoken_summary: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The post as plain JSON values; `from_json` reads it back unchanged."""
        values = dataclasses.asdict(self)
        values["occurrence"] = self.occurrence.isoformat()
        values["tags"] = list(self.tags)
        values["priority"] = self.priority.value
        for later in ("amends", "spoken_title", "spoken_summary"):  # others are hashed as before there were these
            if values[later] is None:
                del values[later]
        return values

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Post":
        """The post that `as_json` wrote."""
        return cls(
            **{
                **values,
                "occurrence": datetime.fromisoformat(values["occurrence"]),
                "tags": tuple(values["tags"]),
                "priority": Priority(values["priority"]),
                "image": Media(**values["image"]) if values["image"] else None,
            }
        )

    @property
    def sha256(self) -> str:
        """The hash of the whole post, as lower-case hex: what was, or will be, published."""
        return hashlib.sha256(rfc8785.dumps(self.as_json())).hexdigest()
