"""What a plan lets one foresee: warnings about what is allowed, and probably not meant. Changes nothing.

Each is about one thing in the period that is looked at, names it, and says what to do.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import holidays as calendars

from channels.base import Channel, SessionChannel, Slot
from content.post import Post
from content.words import say, say_many
from publisher import revision as revisions
from publisher.cadence import IfHoliday, instant_of
from publisher.composer import ComposeError, Moment, compose
from publisher.delivery import OPEN, State
from publisher.outlook import Line
from publisher.schedules import Campaign, Schedule
from publisher.workspace import Workspace

#: More than so many on one channel within an hour, or a day, is more than anybody reads.
MOST_AN_HOUR, MOST_A_DAY = 5, 12
_TWICE = timedelta(hours=24)
_LONG = timedelta(days=7)
_KEY = "a" * 16

Render = Callable[[str, dict[str, Any]], str]


@dataclass(frozen=True)
class Foreseen:
    """Something that is probably not meant: where it shows first, and what it is."""

    at: datetime | None
    text: str


def warnings(
    workspace: Workspace, lines: Sequence[Line], start: datetime, end: datetime, now: datetime, render: Render
) -> list[Foreseen]:
    """All that can be foreseen of these lines, which are those of [start, end)."""
    look = _Look(workspace, [line for line in lines if line.state in OPEN], start, end, now, render)
    found = [
        *look.idle_campaigns(), *look.gaps(), *look.flooded(), *look.twice(), *look.holidays(), *look.late_approvals(),
        *_dry(lines), *look.unfit(), *look.overfull(),
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.at or start, one.text))


class _Look:
    """One look at what is to go out in a period."""

    def __init__(
        self, workspace: Workspace, lines: Sequence[Line], start: datetime, end: datetime, now: datetime, render: Render
    ) -> None:
        self._workspace = workspace
        self._schedules = workspace.schedules
        self._zone = workspace.schedules.timezone
        self._lines = lines
        self._start, self._end, self._now = start, end, now
        self._render = render
        self._posts: dict[tuple[str, str, str], Post | str] = {}

    def idle_campaigns(self) -> Iterator[Foreseen]:
        """A campaign that reaches nobody in the whole period, although it runs."""
        busy = {line.schedule.split("/")[0] for line in self._lines}
        for key, campaign in self._schedules.campaigns.items():
            if key not in busy and self._runs(campaign):
                text = say("campaign {campaign} reaches nobody in this time: nothing of it goes out", campaign=key)
                yield Foreseen(None, text)

    def gaps(self) -> Iterator[Foreseen]:
        """A week, or more, in which a running campaign says nothing."""
        for key, campaign in self._schedules.campaigns.items():
            opens, closes = self._span(campaign)
            mine = sorted(line.occurrence for line in self._lines if line.schedule.startswith(f"{key}/"))
            if not mine:
                continue
            for before, after in pairwise([opens, *mine, closes]):
                if after - before > _LONG:
                    first, last = (self._day(at) for at in (before, after))
                    days = (after - before).days
                    text = say(
                        "nothing of campaign {campaign} goes out for {days} days, from {first} to {last}",
                        campaign=key, days=days, first=first, last=last,
                    )  # fmt: skip
                    yield Foreseen(before, text)

    def flooded(self) -> Iterator[Foreseen]:
        """More on one channel than anybody reads. A station's sessions have a length of their own."""
        by_channel: dict[str, list[Line]] = defaultdict(list)
        for line in self._lines:
            if line.session is None and not line.feed:
                by_channel[line.channel].append(line)
        for channel, mine in by_channel.items():
            days = Counter(self._local(line.occurrence).date() for line in mine)
            for day, number in days.items():
                most = self._in_an_hour([line for line in mine if self._local(line.occurrence).date() == day])
                if number > MOST_A_DAY or most > MOST_AN_HOUR:
                    text = say(
                        "channel {channel} gets {number} posts on {day}, {most} of them within an hour: spread them "
                        "over more days", channel=channel, number=number, day=_written(day), most=most,
                    )  # fmt: skip
                    yield Foreseen(instant_of(day, time(), self._zone), text)

    @staticmethod
    def _in_an_hour(mine: Sequence[Line]) -> int:
        dues = sorted(line.due for line in mine)
        return max((sum(at <= due < at + timedelta(hours=1) for due in dues) for at in dues), default=0)

    def twice(self) -> Iterator[Foreseen]:
        """The same message on one channel within a day; in two sessions of a day it is meant."""
        last: dict[tuple[str, str, str], Line] = {}
        for line in self._lines:
            if line.message is None:
                continue
            place = (line.schedule.split("/")[0], line.message, line.channel)
            before = last.get(place)
            if before and self._is_twice(before, line):
                at, then = (self._moment(one.occurrence) for one in (before, line))
                text = say(
                    "{message} goes to {channel} twice within a day: at {at} and at {then}",
                    message=line.message, channel=line.channel, at=at, then=then,
                )  # fmt: skip
                yield Foreseen(line.occurrence, text)
            last[place] = line

    @staticmethod
    def _is_twice(before: Line, line: Line) -> bool:
        if line.session is not None and before.session is not None:
            return line.session == before.session
        return line.occurrence - before.occurrence < _TWICE

    def holidays(self) -> Iterator[Foreseen]:
        """What goes out on a public holiday although nobody said that it should."""
        if not self._schedules.holidays:
            return
        calendar = calendars.country_holidays(self._schedules.holidays)
        asked = {one.id: one for one in self._schedules.schedules}
        hit: Counter[tuple[date, str]] = Counter()
        for line in self._lines:
            schedule = asked.get(line.id)
            day = self._local(line.occurrence).date()
            if schedule and _says_nothing(schedule) and day in calendar and not line.feed:
                hit[day, line.schedule] += 1
        for (day, name), number in hit.items():
            text = say(
                "{day} is a public holiday, and {number} of {schedule} go out (write `if_holiday` or "
                "`except: holidays` if that is not meant)",
                day=_written(day), number=number, schedule=name,
            )  # fmt: skip
            yield Foreseen(instant_of(day, time(), self._zone), text)

    def late_approvals(self) -> Iterator[Foreseen]:
        """What is due soon and waits for an approval that may come too late."""
        before = self._schedules.alerts.approval_before if self._schedules.alerts else timedelta(hours=24)
        soon: dict[tuple[str, str | None], list[Line]] = defaultdict(list)
        for line in self._lines:
            if line.state is State.AWAITING and line.due - self._now <= before:
                soon[line.schedule, line.message].append(line)
        for (schedule, message), mine in soon.items():
            due = min(line.due for line in mine)
            text = say(
                "{message} of {schedule} is due at {due} and its text is not approved: approve it before",
                message=message or say("a message"), schedule=schedule, due=self._moment(due),
            )  # fmt: skip
            yield Foreseen(due, text)

    def unfit(self) -> Iterator[Foreseen]:
        """Texts that cannot be made, or are too long, for a channel that they go to."""
        told = set()
        for line in self._lines:
            post = self._post(line) if line.message else None
            if isinstance(post, str) and (line.message, line.channel) not in told:
                told.add((line.message, line.channel))
                text = say(
                    "{message} cannot go to {channel}: {reason}",
                    message=line.message, channel=line.channel, reason=post,
                )  # fmt: skip
                yield Foreseen(line.occurrence, text)

    def overfull(self) -> Iterator[Foreseen]:
        """Sessions with more to read than there is time for."""
        sessions: dict[tuple[str, datetime], list[Post]] = defaultdict(list)
        for line in self._lines:
            post = self._post(line) if line.session and line.message else None
            if line.session and isinstance(post, Post):
                sessions[line.channel, line.session].append(post)
        for (name, session), posts in sessions.items():
            channel = self._schedules.channels[name]
            over = _excess(channel, Slot(self._local(session), 0, tuple(posts)))
            if over > timedelta(0):
                text = say_many(
                    "the session of {channel} at {at} is too short for its one bulletin, by {over} (shorten it)",
                    "the session of {channel} at {at} is too short for its {number} bulletins, by {over} (shorten "
                    "them, or give one another day)",
                    len(posts), channel=name, at=self._moment(session), over=_minutes(over),
                )  # fmt: skip
                yield Foreseen(session, text)

    def _post(self, line: Line) -> Post | str | None:
        """What a line says; the reason if it cannot be made. A message is made once for each channel."""
        key, message = line.schedule.split("/")[0], line.message or ""
        place = (key, message, line.channel)
        if place not in self._posts:
            campaign, channel = self._schedules.campaigns[key], self._schedules.channels[line.channel]
            written = self._workspace.written(key, message)
            if written is None:
                return None
            revision = revisions.of_message(written, message, campaign, channel, self._workspace)
            try:
                moment = Moment(_KEY, line.occurrence, line.session)
                self._posts[place] = compose(revision, moment, channel, campaign, self._workspace, self._render, None)
            except ComposeError as error:
                self._posts[place] = str(error)
        return self._posts[place]

    def _runs(self, campaign: Campaign) -> bool:
        opens, closes = self._span(campaign)
        return opens < closes

    def _span(self, campaign: Campaign) -> tuple[datetime, datetime]:
        """The part of the period in which a campaign runs."""
        first, last = campaign.first, campaign.last
        opens = max(self._start, instant_of(first, time(), self._zone)) if first else self._start
        closes = min(self._end, instant_of(last + timedelta(days=1), time(), self._zone)) if last else self._end
        return opens, closes

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self._zone)

    def _moment(self, at: datetime) -> str:
        return f"{self._local(at):%H:%M %d/%m/%Y}"

    def _day(self, at: datetime) -> str:
        return _written(self._local(at).date())


def _dry(lines: Sequence[Line]) -> Iterator[Foreseen]:
    """Schedules that have nothing left to say: their messages have expired, or none is rested or there."""
    skipped: dict[tuple[str, str], list[Line]] = defaultdict(list)
    for line in lines:
        if line.state is State.SKIPPED and line.message is None and not line.feed:
            skipped[line.schedule, line.reason].append(line)
    for (schedule, reason), mine in skipped.items():
        first = min(line.occurrence for line in mine)
        text = say(
            "{schedule} has nothing to send {number} times: {reason} (add messages to its folder)",
            schedule=schedule, number=len({line.occurrence for line in mine}), reason=reason,
        )  # fmt: skip
        yield Foreseen(first, text)


def _says_nothing(schedule: Schedule) -> bool:
    """Whether a schedule says neither what to do on holidays nor a very date."""
    cadence = schedule.cadence
    return cadence.if_holiday is IfHoliday.SEND and not cadence.except_holidays and not cadence.days.dates


def _excess(channel: Channel, slot: Slot) -> timedelta:
    """By how much a session is too short for what it is to read."""
    takes = channel.takes(slot) if isinstance(channel, SessionChannel) else None
    return timedelta(0) if takes is None or not isinstance(channel, SessionChannel) else takes - channel.length


def _minutes(length: timedelta) -> str:
    seconds = round(length.total_seconds())
    return f"{seconds // 60}:{seconds % 60:02}"


def _written(day: date) -> str:
    return f"{day:%d/%m/%Y}"
