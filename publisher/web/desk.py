"""What the pages need to know, asked of one desk, in English; the pages put it into the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from channels.inbox import Entry


@dataclass(frozen=True)
class InboxView:
    """What one private link opens."""

    channel: str  # its name in the plan, unique in the workspace
    agency: str  # the full name of the body that reads it
    opened: datetime  # when the link was made; the age of an empty feed
    entries: tuple[Entry, ...]  # newest first

    @property
    def amended(self) -> Mapping[str, Entry]:
        """The newest correction or withdrawal of earlier posts, by their keys."""
        return {one.post.amends: one for one in reversed(self.entries) if one.post.amends}


@dataclass(frozen=True)
class DeliveryLine:
    """A delivery to come, or one that was made."""

    when: datetime  # local
    title: str
    channel: str
    state: str
    note: str = ""
    url: str | None = None  # where the public sees it


@dataclass(frozen=True)
class ChannelLine:
    """A channel and how it does."""

    name: str
    kind: str
    agency: str
    state: str
    is_well: bool
    reason: str = ""


@dataclass(frozen=True)
class Need:
    """Something that waits for a person: what it is, what to do, and of how many such things it speaks."""

    what: str
    action: str
    number: int | None = None  # None: `what` says it


@dataclass(frozen=True)
class Count:
    """How many deliveries are in a state."""

    state: str
    number: int


@dataclass(frozen=True)
class Overview:
    """The workspace at one moment."""

    workspace: str
    now: datetime  # local
    needs: tuple[Need, ...] = ()
    mistakes: tuple[str, ...] = ()  # in the files: file:line:column: text
    counts: tuple[Count, ...] = ()
    next: tuple[DeliveryLine, ...] = ()
    last: tuple[DeliveryLine, ...] = ()
    channels: tuple[ChannelLine, ...] = ()


class Desk(Protocol):
    """Answers the pages. Called from several threads at once."""

    @property
    def address(self) -> str:
        """Where the public reaches the pages, without a slash at its end: https://publisher.example.gov.vn"""
        ...

    @property
    def contact(self) -> str:
        """Whom an agency asks for a new link, e.g. the name and telephone number of an office."""
        ...

    def inbox(self, token: str) -> InboxView | None:
        """What the token opens; None if it is unknown or revoked. Compares in constant time."""
        ...

    def overview(self) -> Overview:
        """The workspace now."""
        ...
