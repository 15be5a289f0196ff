"""The plan as frozen values: what schedules.yaml and the files that it includes mean."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from channels.base import Channel
from channels.mail import Mail
from content.values import Secret
from content.yaml12 import Mistake
from publisher.cadence import Cadence, Late, Quiet
from publisher.picking import Pick

Place = tuple[str, int, int]  # file, line, column


class Approval(StrEnum):
    """Whose yes a campaign's posts need before they go out."""

    NONE = "none"
    ONCE_PER_TEXT = "once-per-text"
    EVERY_POST = "every-post"


@dataclass(frozen=True)
class Feed:
    """News of another site: each matching item once."""

    url: str
    match: tuple[str, ...]  # any of these in its title or summary; empty: every item
    limit: int  # items a slot


@dataclass(frozen=True)
class Schedule:
    """A line of the plan: what goes out, when, and to which channels."""

    id: str  # campaign/schedule; for a row of a table campaign/list[content|days]
    name: str  # campaign/schedule; for a row of a table campaign/list
    campaign: str
    content: str | None  # below the campaign's folder; a folder ends with /
    feed: Feed | None
    pick: Pick
    cadence: Cadence
    to: tuple[str, ...]  # channels, groups flattened, in the order of the first mention
    spread: timedelta
    rest: timedelta | None
    late: Late
    quiet: tuple[Quiet, ...]
    place: Place  # of its key, or of its row
    content_place: Place  # of the path or the address that it publishes


@dataclass(frozen=True)
class Campaign:
    """What it is about, how long it runs, and its schedules."""

    key: str
    title: str
    document: str | None
    first: date | None
    last: date | None
    approval: Approval
    facts: Mapping[str, Any]  # plain JSON values
    schedules: tuple[Schedule, ...]


@dataclass(frozen=True)
class Agency:
    """A body that publishes or is reported on."""

    key: str
    name: str
    parent: str | None
    contact: tuple[str, ...] = ()  # e-mail addresses: for its inboxes' links, and what is new in them


class Topic(StrEnum):
    """What people are told of."""

    FAILED = "failed"  # a delivery was refused for good, or cannot be composed
    NEEDS_PERSON = "needs_person"  # perhaps out, and the channel cannot be asked
    IN_DOUBT = "in_doubt"  # perhaps out, and looked up for a while in vain
    MISSED = "missed"  # too late
    HELD = "held"  # late, and a person decides
    APPROVAL = "approval"  # a text has to be approved before a time
    LATE = "late"  # a delivery that is due waits for too long
    CHANNEL = "channel"  # a channel is paused, or refuses its credentials
    FEED = "feed"  # a feed cannot be read
    FILES = "files"  # the files have mistakes, and an earlier version stays in force
    DISK = "disk"  # it is nearly full
    CLOCK = "clock"  # the machine's clock jumped
    NOTICE = "notice"  # an e-mail to an announcer or an agency did not arrive, or perhaps not
    RECEIVER = "receiver"  # somebody cannot be reached with alerts
    DIGEST = "digest"  # the day's summary


@dataclass(frozen=True)
class Receiver:
    """Somebody who is told: by e-mail, or through a service of Apprise."""

    email: str | None
    service: Secret | None  # an address of Apprise holds keys
    about: frozenset[Topic]
    campaigns: frozenset[str]  # empty: all, and what concerns none
    agencies: frozenset[str]  # they and those below them; empty: all

    @property
    def name(self) -> str:
        """How it is called in the log and on pages; no secret."""
        return self.email or str(self.service)


@dataclass(frozen=True)
class Alerts:
    """Who is told what goes wrong, and when. The default tells nobody."""

    to: tuple[Receiver, ...] = ()
    lang: str = "vi"
    approval_before: timedelta = timedelta(hours=24)
    oldest_due: timedelta = timedelta(minutes=15)
    in_doubt: timedelta = timedelta(minutes=15)
    disk_free: int = 500_000_000  # bytes
    remind: timedelta = timedelta(hours=24)
    digest: time | None = None
    ping: Secret | None = None

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The references that it holds."""
        return tuple(filter(None, (*(receiver.service for receiver in self.to), self.ping)))


@dataclass(frozen=True)
class Schedules:
    """The whole plan. Mappings keep the order of the files."""

    timezone: ZoneInfo
    holidays: str | None
    campaigns: Mapping[str, Campaign]
    agencies: Mapping[str, Agency]
    channels: Mapping[str, Channel]
    groups: Mapping[str, tuple[str, ...]]  # flattened: channels
    allow_hosts: frozenset[str]
    sources: Mapping[str, bytes]  # the files that were read, by path below the workspace
    warnings: tuple[Mistake, ...]
    channel_places: Mapping[str, Place]  # of their keys
    mail: Mail | None = None
    alerts: Alerts = Alerts()

    def place_of_channel(self, name: str) -> Place:
        """Where a channel's settings begin."""
        return self.channel_places[name]

    @cached_property
    def schedules(self) -> tuple[Schedule, ...]:
        """All schedules, in the order of the files."""
        return tuple(schedule for campaign in self.campaigns.values() for schedule in campaign.schedules)

    @cached_property
    def sha256(self) -> str:
        """The hash over the names and bytes of all sources, as lower-case hex."""
        total = hashlib.sha256()
        for path, data in sorted(self.sources.items()):
            total.update(hashlib.sha256(path.encode()).digest() + hashlib.sha256(data).digest())
        return total.hexdigest()
