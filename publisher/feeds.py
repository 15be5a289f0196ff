"""Feeds: polled in the background; what is new waits for the next slot.

A poll is no delivery; only items are, each once for a schedule and channel.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from channels.base import ChannelError, Response, ready_of
from content.feeds import FeedError, Item, matches, parse, same
from content.post import Priority
from publisher import layout
from publisher import revision as revisions
from publisher.delivery import Planned, State, lateness_of
from publisher.schedules import Approval as Policy
from publisher.schedules import Schedule, Schedules
from publisher.store import approvals, deliveries, feeds, plans, restores
from publisher.store.database import Store
from publisher.store.feeds import KnownItem, Polled
from publisher.store.log import Actor, append
from publisher.workspace import Workspace

FEEDS = Actor("feeds")
EVERY = timedelta(minutes=15)
_DEADLINE = 30.0
_DAY = timedelta(days=1)
_REACH = timedelta(days=2)  # quiet hours and spread put a slot's due after its occurrence, at most so far


class Fetch(Protocol):
    """A guarded GET."""

    def __call__(self, url: str, *, headers: Mapping[str, str], deadline: float) -> Response: ...


class Feeds:
    """Polls the feeds of the workspace in force, and opens their slots."""

    def __init__(self, store: Store, fetch: Fetch, locate: Callable[[str], str] = str) -> None:
        self._store = store
        self._fetch = fetch
        self._locate = locate  # where a feed really is: a rehearsal asks the sandbox
        self._uuid = store.uuid
        self._calm: _Calm | None = None

    def poll(self, workspace: Workspace, now: datetime) -> None:
        """Fetch the feeds whose time has come, and keep what is new."""
        by_url: dict[str, list[Schedule]] = {}
        for schedule in workspace.schedules.schedules:
            if schedule.feed:
                by_url.setdefault(schedule.feed.url, []).append(schedule)
        for url, schedules in by_url.items():
            with self._store.read() as view:
                last = feeds.polled(view, url)
                if not all(_has_been_asked_for(view, schedule) for schedule in schedules):
                    last = replace(last, etag=None, modified=None, polled_at=None)  # "nothing new" would not do
            if last.polled_at is None or not timedelta(0) <= now - last.polled_at < EVERY:
                self._poll(last, schedules, workspace, now)

    def open_slots(self, workspace: Workspace, now: datetime) -> None:
        """Give the oldest items that may go out a delivery each, at the slots that have fallen due."""
        if self._calm and self._calm.lasts(workspace, now):
            return
        self._calm = None
        by_feeds = [schedule for schedule in workspace.schedules.schedules if schedule.feed]
        for schedule in by_feeds:
            if self._has_due(workspace, schedule, now):
                with self._store.write() as tx:
                    _Slots(tx, self._uuid, workspace, schedule, now).open()
        with self._store.read() as view:
            are_known = all(_has_been_asked_for(view, schedule) for schedule in by_feeds)
        if are_known:  # a first poll that is under way opens from its own beginning on, which is over already
            self._calm = _Calm(workspace, now, self.next_slot(workspace, now))

    def _has_due(self, workspace: Workspace, schedule: Schedule, now: datetime) -> bool:
        """Whether something is to be written: most rounds find nothing, and shall hold nobody up."""
        with self._store.read() as view:
            slots = _Slots(view, self._uuid, workspace, schedule, now)
            return any(slots.due(channel) is not None for channel in schedule.to)

    def next_slot(self, workspace: Workspace, now: datetime) -> datetime | None:
        """The next instant within a day at which a slot of a feed falls due."""
        if self._calm and self._calm.ends and self._calm.lasts(workspace, now):
            return self._calm.ends
        schedules = workspace.schedules
        dues = (
            layout.time_of(schedule, place, Priority.NORMAL, schedules).due
            for schedule in schedules.schedules
            if schedule.feed
            for place in layout.places(schedule, schedules, now - _REACH, now + _ahead(schedule, schedules) + _DAY)
        )
        return min((due for due in dues if due > now), default=None)

    def _poll(self, last: Polled, schedules: Iterable[Schedule], workspace: Workspace, now: datetime) -> None:
        poll, items = self._fetched(last, now)
        with self._store.write() as tx:
            feeds.remember_poll(tx, poll)
            if poll.error and poll.error != last.error:
                append(tx, "feed_failed", now, FEEDS, feed=poll.url, reason=poll.error)
            if items is None:
                return
            restore = restores.last(tx)
            is_read = restore is None or (last.read_at is not None and last.read_at >= restore.restored_at)
            missed = None if restore is None or is_read else restore.restored_at
            for schedule in schedules:
                for channel in schedule.to:
                    _learn(tx, workspace, schedule, channel, items, now, missed)

    def _fetched(self, last: Polled, now: datetime) -> tuple[Polled, list[Item] | None]:
        """What the poll says, and the items; None if there is nothing new, or nothing to be had."""
        headers = {"If-None-Match": last.etag, "If-Modified-Since": last.modified}
        given = {name: value for name, value in headers.items() if value}
        kept = replace(last, polled_at=now, error=None, read_at=now)
        try:
            answer = self._fetch(self._locate(last.url), headers=given, deadline=_DEADLINE)
            if answer.status == 304:
                return kept, None
            items = parse(answer.body, answer.headers.get("Content-Type"), last.url)
        except (ChannelError, FeedError) as error:
            return replace(last, polled_at=now, error=str(error)), None
        etag, modified = (answer.headers.get(name) for name in ("ETag", "Last-Modified"))
        return replace(kept, etag=etag, modified=modified), items


def _has_been_asked_for(view: Connection, schedule: Schedule) -> bool:
    return all(feeds.opened_until(view, schedule.id, channel) is not None for channel in schedule.to)


def _ahead(schedule: Schedule, schedules: Schedules) -> timedelta:
    """How long before its occurrence a slot may fall due."""
    return max(ready_of(schedules.channels[name]) for name in schedule.to)


def _seen_at(item: Item, now: datetime, missed: datetime | None) -> datetime:
    """When an item was first there to be seen.

    `missed` is the restore since which its feed was not read: what it held by then may be out. A date after now is
    a mistake, and tells nothing.
    """
    if missed is None or (item.published and missed < item.published <= now):
        return now
    return missed


def _learn(
    tx: Connection,
    workspace: Workspace,
    schedule: Schedule,
    channel: str,
    items: Iterable[Item],
    now: datetime,
    missed: datetime | None,
) -> None:
    """Keep the matching items that are new for a schedule and channel."""
    if schedule.feed is None:
        return
    since = plans.known(tx)[schedule.id].first_loaded_at
    is_first = feeds.opened_until(tx, schedule.id, channel) is None
    if is_first:
        feeds.open_until(tx, schedule.id, channel, now)
    known = [one.content for one in feeds.items(tx, schedule.id, channel)]
    campaign = workspace.schedules.campaigns[schedule.campaign]
    for item in items:
        if schedule.feed.match and not matches(item, schedule.feed.match):
            continue
        if any(same(item, other) for other in known):
            continue
        old = item.published < since if item.published else is_first
        number = hashlib.sha256("\n".join((item.id, item.link or "", item.title)).encode()).hexdigest()[:16]
        seen = _seen_at(item, now, missed)
        feeds.add_item(tx, KnownItem(schedule.id, channel, number, item, old, item.published, seen))
        known.append(item)
        if not old:
            approvals.keep(tx, revisions.of_item(item, number, campaign), now)
            append(
                tx, "item", now, FEEDS, schedule=schedule.name, channel=channel, item=number,
                title=item.title, link=item.link,
            )  # fmt: skip


@dataclass(frozen=True)
class _Calm:
    """A time in which no slot of any feed falls due: all that were due at its beginning have been opened."""

    workspace: Workspace
    begins: datetime
    ends: datetime | None  # when the next slot falls due; None: not within a day

    def lasts(self, workspace: Workspace, now: datetime) -> bool:
        """Whether it does still, for the same files; a clock that was set back ends it."""
        return workspace is self.workspace and self.begins <= now < (self.ends or self.begins + _DAY)


class _Slots:
    """The slots of one feed's schedule that have fallen due."""

    def __init__(self, tx: Connection, uuid: str, workspace: Workspace, schedule: Schedule, now: datetime) -> None:
        self._tx = tx
        self._uuid = uuid
        self._workspace = workspace
        self._schedule = schedule
        self._campaign = workspace.schedules.campaigns[schedule.campaign]
        self._now = now
        self._since: dict[datetime, list[Planned]] = {}  # of all channels: most were opened up to the same instant

    def open(self) -> None:
        """A slot is opened once, and only in time: what it does not take waits for the next."""
        for channel in self._schedule.to:
            due = self.due(channel)
            if due is not None:
                for planned in due:
                    self._open(planned)
                feeds.open_until(self._tx, self._schedule.id, channel, self._now)

    def due(self, channel: str) -> list[Planned] | None:
        """The slots of a channel that have fallen due; None where nothing is to be written."""
        stored = feeds.opened_until(self._tx, self._schedule.id, channel)
        if stored is None:
            return None
        reached = min(stored, self._now)  # later than now: the clock was ahead for a while
        due = [planned for planned in self._slots(channel, reached) if reached < planned.due <= self._now]
        return due if due or stored > self._now or self._now - stored > _REACH else None

    def _slots(self, channel: str, reached: datetime) -> Iterator[Planned]:
        if reached not in self._since:
            schedule, schedules = self._schedule, self._workspace.schedules
            start, end = reached - _REACH, self._now + _ahead(schedule, schedules) + timedelta(seconds=1)
            places = layout.places(schedule, schedules, start, end)
            self._since[reached] = [layout.time_of(schedule, place, Priority.NORMAL, schedules) for place in places]
        return (planned for planned in self._since[reached] if planned.channel == channel)

    def _open(self, planned: Planned) -> None:
        schedule, schedules = self._schedule, self._workspace.schedules
        if schedule.feed is None or planned.state is State.SKIPPED or not self._is_in_time(planned):
            return
        waiting = [item for item in feeds.waiting(self._tx, schedule.id, planned.channel) if self._may_go(item)]
        order = layout.orders(schedules)[schedule.id] + planned.place
        for known in waiting[: schedule.feed.limit]:
            deliveries.add(self._tx, replace(planned, item=known.item, place=order), self._uuid, self._now, FEEDS)

    def _is_in_time(self, planned: Planned) -> bool:
        if planned.session is not None:
            return self._now < planned.session
        zone = self._workspace.schedules.timezone
        return lateness_of(planned.due, self._now, self._schedule.quiet, zone) <= self._schedule.late.grace

    def _may_go(self, known: KnownItem) -> bool:
        if self._campaign.approval is Policy.NONE:
            return True
        revision = revisions.of_item(known.content, known.item, self._campaign)
        return approvals.of_text(self._tx, revision.sha256) is not None
