"""Warnings: what is allowed, but probably not meant."""

import calendar
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time

from channels.base import Channel, SessionChannel
from content.yaml12 import Mistake
from publisher.cadence import Quiet
from publisher.schedules.findings import Node
from publisher.schedules.model import Schedule
from publisher.schedules.sections import CampaignSection, ScheduleSection

_NAMED = 3  # months that a warning names


def on_facts(facts: Node) -> Iterator[Mistake]:
    """Names that a message can only reach in a roundabout way."""
    for name in facts.value:
        if not name.isidentifier():
            text = f"messages can name this fact only as {{{{ facts[{name!r}] }}}} (letters, digits and _ are easier)"
            yield facts.mistake(text, name, key=True)


def on_days(section: ScheduleSection, node: Node, campaign: CampaignSection) -> Iterator[Mistake]:
    """Days that a month lacks, and dates on which the schedule does not run."""
    first, last = section.first or campaign.first, section.last or campaign.last
    for index, part in enumerate(section.days):
        steps = ("days", index) if isinstance(node.value["days"], list) else ("days",)
        for day in part.dates:
            if (first and day < first) or (last and day > last):
                text = f"nothing goes out on {day}: it lies outside of {first or '…'} to {last or '…'}"
                yield node.mistake(text, *steps)
        for number in part.month_days:
            months = _lacking(number, first, last)
            if months:
                text = f"day {number} is skipped in {months} (write `last` for the last day of every month)"
                yield node.mistake(text, *steps)


def _lacking(number: int, first: date | None, last: date | None) -> str:
    """The months from first to last that lack a day, in words; empty if none does."""
    if number <= 28:
        return ""
    if first is None or last is None:
        return "months that lack it"
    found: list[str] = []
    year, month = first.year, first.month
    while (year, month) <= (last.year, last.month) and len(found) <= _NAMED:
        length = calendar.monthrange(year, month)[1]
        ends_within = (year, month) < (last.year, last.month) or last.day == length
        if number > length and ends_within:
            found.append(f"{year}-{month:02}")
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return ", ".join(found[:_NAMED]) + (", …" if len(found) > _NAMED else "")


def on_sessions(
    schedules: Iterable[Schedule], channels: Mapping[str, Channel], nodes: Mapping[str, Node]
) -> Iterator[Mistake]:
    """Sessions within quiet hours: what is read in them would wait for the end of the quiet."""
    meetings = {
        (name, quiet)
        for schedule in schedules
        if schedule.cadence.at_sessions
        for name in schedule.to
        for quiet in schedule.quiet
    }
    for name, quiet in meetings:
        channel = channels[name]
        for index, at in enumerate(channel.sessions if isinstance(channel, SessionChannel) else ()):
            if _is_quiet(at, quiet):
                hours = f"{quiet.start:%H:%M}-{quiet.end:%H:%M}"
                text = f"the session at {at:%H:%M} lies in the quiet hours {hours}, and nothing is read then (move one)"
                yield nodes[name].mistake(text, "sessions", index)


def _is_quiet(at: time, quiet: Quiet) -> bool:
    if quiet.start < quiet.end:
        return quiet.start <= at < quiet.end
    return at >= quiet.start or at < quiet.end
