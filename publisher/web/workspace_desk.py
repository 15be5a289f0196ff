"""The desk of one running workspace: answers the pages from its database and its folders."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from channels.inbox import Inbox, entries
from channels.registry import kind_of
from content.words import phrase, say, say_many
from publisher.alerts.news import is_current
from publisher.alerts.words import Writer, by_topic
from publisher.app import App
from publisher.delivery import Delivery, State
from publisher.health import Health, examine
from publisher.links import Links
from publisher.schedules import Topic
from publisher.store import alerts, deliveries, inboxes, pauses
from publisher.store.alerts import Known
from publisher.store.pauses import Pause, Scope
from publisher.web.desk import ChannelLine, Count, DeliveryLine, InboxView, Need, Overview

_LINES = 12


class WorkspaceDesk:
    """Reads; changes nothing."""

    def __init__(self, app: App, links: Links, contact: str) -> None:
        self._app = app
        self._links = links
        self.contact = contact
        self.address = ""  # set once the pages are served

    def inbox(self, token: str) -> InboxView | None:
        """What the token opens; None if it is unknown or revoked."""
        name = self._links.channel(token)
        schedules = self._app.workspace.schedules
        channel = schedules.channels.get(name) if name else None
        if not isinstance(channel, Inbox):
            return None
        with self._app.store.read() as view:
            opened = inboxes.opened(view, channel.name) or self._app.clock.now()
        agency = schedules.agencies[channel.agency].name
        zone = schedules.timezone
        return InboxView(channel.name, agency, opened.astimezone(zone), entries(self._app.outbox / channel.name))

    def overview(self) -> Overview:
        """The workspace now."""
        app = self._app
        now = app.clock.now()
        with app.store.read() as view:
            counts = deliveries.counts(view)
            coming = deliveries.coming(view, _LINES)
            published = deliveries.last_published(view, _LINES)
            waiting = deliveries.unfinished(view, (State.NEEDS_PERSON, State.HELD, State.AWAITING))
            paused = pauses.covering(view).standing
            channels = examine(view, app.workspace.schedules, now)
            known = [one for one in alerts.known(view) if is_current(one, now)]
        return Overview(
            workspace=app.directory.resolve().name,
            now=self._at(now),
            needs=(*map(_standing, paused), *_needs(waiting), *_alerts(known, app.workspace.schedules.timezone)),
            mistakes=tuple(str(mistake) for mistake in app.mistakes),
            counts=tuple(Count(state.value, counts[state]) for state in State if counts.get(state)),
            next=tuple(self._line(row, row.due) for row in coming),
            last=tuple(self._line(row, row.published_at or row.due) for row in published),
            channels=tuple(map(self._channel, channels)),
        )

    def _line(self, row: Delivery, at: datetime) -> DeliveryLine:
        title = row.post.title if row.post else (row.message or row.item or say("the newest, when its time comes"))
        url = row.receipt.url if row.receipt else None
        note = "" if row.state in (State.PLANNED, State.PUBLISHED) else row.reason
        return DeliveryLine(self._at(at), title, row.channel, row.state.value, note, url)

    def _channel(self, one: Health) -> ChannelLine:
        state, reason = say("works"), ""
        if one.pause:
            state, reason = say("paused"), one.pause.reason
        elif one.is_silent:
            since = (one.breaker.since or self._app.clock.now()).astimezone(self._app.workspace.schedules.timezone)
            state = say("does not answer since {since:%H:%M %d/%m/%Y}, and is tried again", since=since)
            reason = one.breaker.reason
        name, kind = one.channel.name, kind_of(one.channel)
        return ChannelLine(name, kind, one.agency, state, is_well=not one.pause and not one.is_silent, reason=reason)

    def _at(self, at: datetime) -> datetime:
        return at.astimezone(self._app.workspace.schedules.timezone)


_ACTIONS: tuple[tuple[State, str, str, str], ...] = (
    (
        State.NEEDS_PERSON, "publisher settle",
        phrase("of {number} delivery nobody knows whether it is out"),
        phrase("of {number} deliveries nobody knows whether they are out"),
    ),
    (
        State.AWAITING, "publisher approve",
        phrase("{number} delivery waits for the approval of its text"),
        phrase("{number} deliveries wait for the approval of their texts"),
    ),
    (State.HELD, "publisher release", phrase("{number} delivery is held"), phrase("{number} deliveries are held")),
)  # fmt: skip
_PAUSED = {
    Scope.ALL: phrase("everything is paused: {reason}"),
    Scope.CAMPAIGN: phrase("campaign {name} is paused: {reason}"),
    Scope.CHANNEL: phrase("channel {name} is paused: {reason}"),
}


def _standing(pause: Pause) -> Need:
    """A pause, which waits for somebody to end it."""
    option = f"--{pause.scope.value} {pause.name}".rstrip()
    what = _PAUSED[pause.scope].format(name=pause.name, reason=pause.reason)
    return Need(what, say("Let it go on with: {command}", command=f"publisher resume {option}"))


_SHOWN = frozenset({Topic.NEEDS_PERSON, Topic.HELD, Topic.CHANNEL, Topic.FILES})  # elsewhere on the page


def _alerts(known: Iterable[Known], zone: ZoneInfo) -> Iterator[Need]:
    """What else is wrong, by topic."""
    writer = Writer("en", zone)
    for topic, same in by_topic(known).items():
        if topic not in _SHOWN:
            hint, command = writer.advice(same)
            action = say("{hint}. The command: {command}", hint=hint, command=command)
            yield Need(writer.title(topic), action, len(same))


def _needs(rows: Iterable[Delivery]) -> tuple[Need, ...]:
    found = []
    decided = [row for row in rows if not (row.state is State.HELD and row.ruled)]  # the others go on by themselves
    for state, command, one, many in _ACTIONS:
        number = sum(row.state is state for row in decided)
        if number:
            found.append(Need(say_many(one, many, number), say("See to it with: {command}", command=command)))
    return tuple(found)
