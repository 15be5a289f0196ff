"""What is allowed in messages, but probably not meant: for `check`. Reads the files only, and changes nothing."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from channels.base import SessionChannel
from channels.registry import kind_of
from content.proofreading.addresses import Link, addresses, links
from content.proofreading.announcer import unread_aloud
from content.proofreading.deadlines import days_ahead
from content.proofreading.personal import identities, personal_data
from content.proofreading.sheet import Sheet
from content.proofreading.spelling import decomposed, doubled, mixed_tones
from content.speech import speech
from content.yaml12 import Mistake
from publisher.layout import places
from publisher.schedules import Campaign, Schedule
from publisher.workspace import Workspace, is_in

#: How far ahead the next occurrence of a schedule is looked for: longer and longer windows.
_WINDOWS = (timedelta(days=2), timedelta(days=40), timedelta(days=400), timedelta(days=1500))


class Proofreader:
    """Reads every message of a workspace as its public will, at an instant."""

    def __init__(self, workspace: Workspace, now: datetime) -> None:
        self._workspace = workspace
        self._now = now
        self._speech = speech(tuple(workspace.lexicon.items()))
        self._next: dict[str, datetime | None] = {}
        self._sheets = {
            key: {path: Sheet(written.message) for path, written in messages.items()}
            for key, messages in workspace.messages.items()
        }

    def warnings(self) -> list[Mistake]:
        """All that is probably not meant, each with its place."""
        found: list[Mistake] = []
        for key, sheets in self._sheets.items():
            campaign = self._workspace.schedules.campaigns[key]
            public = identities("\n".join(_words_of(campaign.facts)))
            heard = self._heard(campaign)
            for path, sheet in sheets.items():
                found += self._of_message(sheet, public)
                found += self._of_time(campaign, path, sheet)
                for passage in sheet.passages:
                    if passage.name in heard.get(path, ()):
                        found += unread_aloud(sheet, passage, campaign.facts, self._speech)
            found += mixed_tones(list(sheets.values()))
        return sorted(set(found))

    def links(self) -> list[Link]:
        """Every web address in the messages."""
        return [
            link
            for sheets in self._sheets.values()
            for sheet in sheets.values()
            for passage in sheet.passages
            for link in links(sheet, passage)
        ]

    def _of_message(self, sheet: Sheet, public: frozenset[str]) -> Iterator[Mistake]:
        yield from decomposed(sheet)
        for passage in sheet.passages:
            yield from doubled(sheet, passage)
            yield from addresses(sheet, passage)
            yield from personal_data(sheet, passage, public)

    def _of_time(self, campaign: Campaign, path: str, sheet: Sheet) -> Iterator[Mistake]:
        """Days that are over when the message can go out for the next time."""
        ahead = [one for passage in sheet.passages if passage.is_prose for one in days_ahead(sheet, passage)]
        if not ahead and sheet.message.expires is None:
            return
        zone = self._workspace.schedules.timezone
        at = self._next_of(campaign, path)
        if at is None:
            return
        day = at.astimezone(zone).date()
        if sheet.message.expired(at, zone):
            yield sheet.mistake(
                sheet.start_of("expires"),
                f"this is over when its turn could come next, on {_written(day)}: the message goes out no more "
                "(move the date on, or delete the message)",
            )
            return
        for one in ahead:
            if one.day < day:
                yield sheet.mistake(
                    one.start,
                    f"{one.written!r} is spoken of as still to come, but is over when this goes out next, on "
                    f"{_written(day)} (correct the date, or write `expires:` above the text)",
                )

    def _next_of(self, campaign: Campaign, path: str) -> datetime | None:
        """The first occurrence from now on for which a message may be chosen."""
        mine = (self._next_at(one) for one in campaign.schedules if one.content and is_in(path, one.content))
        return min((at for at in mine if at is not None), default=None)

    def _next_at(self, schedule: Schedule) -> datetime | None:
        if schedule.id not in self._next:
            self._next[schedule.id] = self._look_for_next(schedule)
        return self._next[schedule.id]

    def _look_for_next(self, schedule: Schedule) -> datetime | None:
        for window in _WINDOWS:
            found = places(schedule, self._workspace.schedules, self._now, self._now + window)
            if found:
                return found[0].heard
        return None

    def _heard(self, campaign: Campaign) -> dict[str, set[str]]:
        """The passages of each message that announcers read."""
        found: dict[str, set[str]] = {}
        channels = self._workspace.schedules.channels
        for schedule in campaign.schedules:
            for name in schedule.to:
                channel = channels[name]
                if isinstance(channel, SessionChannel):
                    for path in self._workspace.listing(schedule):
                        own = self._workspace.messages[campaign.key][path].message.own
                        text = next((f"for.{one}" for one in (name, kind_of(channel)) if one in own), "body")
                        found.setdefault(path, set()).update({"title", "summary", text})
        return found


def _words_of(value: object) -> Iterator[str]:
    """All texts and numbers within a value."""
    if isinstance(value, Mapping):
        for one in value.values():
            yield from _words_of(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _words_of(one)
    else:
        yield str(value)


def _written(day: date) -> str:
    return f"{day:%d/%m/%Y}"
