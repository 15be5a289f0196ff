"""What the keys of one schedule demand of one another, and of its campaign and channels."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from cronsim import CronSim, CronSimError

from channels.base import Channel, SessionChannel
from content.validation import keys_of, meant
from content.yaml12 import Mistake
from publisher.cadence import IfHoliday, Quiet
from publisher.schedules.days import HOLIDAYS
from publisher.schedules.fields import SESSIONS
from publisher.schedules.findings import Node
from publisher.schedules.sections import CampaignSection, ScheduleSection

_DAY = 24 * 60  # minutes
_SOME_DAY = datetime(2022, 1, 1)  # noqa: DTZ001 - a cron expression is checked against local time


def check_keys(section: ScheduleSection, node: Node) -> Iterator[Mistake]:
    """Keys that are missing, or that cannot stand beside others. Looks at what is written, right or wrong."""
    given = node.value
    here = {*given, *meant(given, keys_of(ScheduleSection))}  # a misspelt key is a mistake already, and not missing
    if "content" in given and "feed" in given:
        yield node.mistake("'feed' cannot stand beside 'content' (keep one of them)", "feed", key=True)
    if "content" not in here and "feed" not in here:
        yield node.mistake("key 'content' is missing (write a message, e.g. tri-an.md, or a folder, e.g. loa/)")
    if "cron" in given:
        for key in ("days", "every", "at"):
            if key in given:
                text = f"'{key}' cannot stand beside 'cron' (delete one of them; cron holds days and times)"
                yield node.mistake(text, key, key=True)
    elif not here & {"at", "cron"}:
        yield node.mistake("key 'at' is missing (write a time, e.g. `at: 08:00`, or `at: sessions` for loudspeakers)")
    if "to" not in here:
        yield node.mistake("key 'to' is missing (write the channels and groups that it goes to, e.g. [so, bao-chi])")
    for key in ("match", "limit"):
        if key in given and "feed" not in here:
            yield node.mistake(f"'{key}' is for feeds (delete it, or write `feed` instead of 'content')", key, key=True)
    if "feed" in given or (section.content and not section.content.endswith("/")):
        for key in ("pick", "rest"):
            if key in given:
                text = f"'{key}' is for folders whose messages take turns (delete it, or write a folder, e.g. loa/)"
                yield node.mistake(text, key, key=True)


def check_times(section: ScheduleSection, node: Node) -> Iterator[Mistake]:
    """Sessions stand alone; a cron expression has five fields and names a day that exists."""
    if SESSIONS in section.at and len(section.at) > 1:
        index = section.at.index(SESSIONS)
        yield node.mistake("'sessions' stands alone (write `at: sessions`, or times only)", "at", index)
    if section.cron is not None:
        problem = _cron_problem(section.cron)
        if problem:
            yield node.mistake(problem, "cron")


def _cron_problem(cron: str) -> str | None:
    hint = 'write minute, hour, day of month, month and day of week, e.g. "30 6 1 * *"'
    if len(cron.split()) != 5:
        return f"a cron expression has five fields ({hint})"
    try:
        next(CronSim(cron, _SOME_DAY))
    except CronSimError as error:
        return f"{cron!r} is not a cron expression: {str(error)[:1].lower()}{str(error)[1:]} ({hint})"
    except StopIteration:
        return f"{cron!r} names no day that exists ({hint})"
    return None


def check_dates(section: ScheduleSection, node: Node, campaign: CampaignSection) -> Iterator[Mistake]:
    """The schedule's time lies within the campaign's, and `every` has a day to count from."""
    if section.first and section.last and section.last < section.first:
        yield node.mistake(f"'until' lies before 'from' ({section.first}): exchange them, or mend one", "until")
    for key, day in (("from", section.first), ("until", section.last)):
        if day and campaign.first and day < campaign.first:
            yield node.mistake(f"{day} lies before the campaign begins (write {campaign.first} or later)", key)
        if day and campaign.last and day > campaign.last:
            yield node.mistake(f"{day} lies after the campaign ends (write {campaign.last} or earlier)", key)
    if "every" in node.value and not section.first and not campaign.first and "from" not in node.value:
        text = "'every' needs a day to count from (add `from`, e.g. `from: 2022-02-14`, here or to the campaign)"
        yield node.mistake(text, "every", key=True)


def check_holidays(section: ScheduleSection, node: Node, calendar: bool) -> Iterator[Mistake]:
    """Holidays mean nothing without a calendar."""
    if calendar:
        return
    text = "holidays need a calendar (add a line `holidays: VN` at the top of schedules.yaml)"
    if HOLIDAYS in section.excepted:
        yield node.mistake(text, "except", section.excepted.index(HOLIDAYS))
    if section.if_holiday is not IfHoliday.SEND:
        yield node.mistake(text, "if_holiday")


def check_channels(
    section: ScheduleSection, node: Node, channels: Mapping[str, Channel], groups: Mapping[str, tuple[str, ...]]
) -> Iterator[Mistake]:
    """Sessions are for channels that have them, and times for those that have none."""
    if not section.at and not section.cron:
        return
    at_sessions = SESSIONS in section.at
    for index, name in enumerate(section.to):
        wrong = [
            member
            for member in groups.get(name, (name,))
            if member in channels and isinstance(channels[member], SessionChannel) is not at_sessions
        ]
        if wrong:
            steps = ("to", index) if isinstance(node.value["to"], list) else ("to",)
            yield node.mistake(_mismatch(name, wrong, at_sessions), *steps)


def _mismatch(name: str, wrong: list[str], at_sessions: bool) -> str:
    shown = ", ".join(wrong[:3]) + (", …" if len(wrong) > 3 else "")
    who = f"channel {name!r}" if wrong == [name] else f"group {name!r} ({shown})"
    if at_sessions:
        return f"{who} has no sessions (write times, e.g. `at: 08:00`, in a schedule of its own)"
    return f"{who} speaks in its own sessions (write `at: sessions`, in a schedule of its own)"


def check_quiet(quiet: Collection[Quiet], node: Node) -> Iterator[Mistake]:
    """Some hour of the day is not quiet."""
    if not quiet:
        return
    heard = set(range(_DAY))
    for hours in quiet:
        start, end = (at.hour * 60 + at.minute for at in (hours.start, hours.end))
        heard -= set(range(start, end)) if start < end else {*range(start, _DAY), *range(end)}
    if not heard:
        yield node.mistake("these quiet hours leave no time of day (shorten them)", "quiet")


def check_campaign(section: CampaignSection, node: Node) -> Iterator[Mistake]:
    """A campaign ends after it begins."""
    if section.first and section.last and section.last < section.first:
        yield node.mistake(f"'until' lies before 'from' ({section.first}): exchange them, or mend one", "until")
