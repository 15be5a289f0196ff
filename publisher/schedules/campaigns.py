"""Campaigns and their schedules, from what is written to frozen values."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time

from channels.base import Channel
from content.words import phrase
from publisher.cadence import Cadence, DateRange, Late, Quiet
from publisher.schedules import advice, rules
from publisher.schedules.bodies import check_names
from publisher.schedules.days import HOLIDAYS, merge
from publisher.schedules.facts import check_facts
from publisher.schedules.fields import SESSIONS, listed
from publisher.schedules.findings import Findings, Node
from publisher.schedules.model import Campaign, Feed, Schedule
from publisher.schedules.sections import CampaignSection, ScheduleSection
from publisher.schedules.settings import merge_late
from publisher.schedules.tables import Clashes, row_ids

_SCHEDULES = "schedules"


@dataclass(frozen=True)
class Around:
    """What schedules refer to."""

    channels: Mapping[str, Channel]  # those without mistakes
    channel_names: Mapping[str, Node]  # all
    groups: Mapping[str, tuple[str, ...]]
    calendar: bool  # whether there is a calendar of holidays
    late: Late
    quiet: tuple[Quiet, ...]
    clashes: Clashes


def read_campaigns(entries: Mapping[str, Node], around: Around, findings: Findings) -> dict[str, Campaign]:
    """The campaigns, with those of their schedules that have no mistakes."""
    check_names(entries, "a campaign", findings)
    found = {}
    for key, node in entries.items():
        section = findings.section(CampaignSection, node, omit=(_SCHEDULES,), spare={"title": key})
        if section is None:
            continue
        findings.mistakes += rules.check_campaign(section, node)
        if isinstance(node.value.get("facts"), dict):
            findings.mistakes += check_facts(node.child("facts"))
            findings.warnings += advice.on_facts(node.child("facts"))
        found[key] = Campaign(
            key=key,
            title=section.title,
            document=section.document,
            first=section.first,
            last=section.last,
            approval=section.approval,
            facts=section.facts,
            schedules=tuple(_Reader(key, section, around, findings).read(node)),
        )
    return found


class _Reader:
    """Reads the schedules of one campaign."""

    def __init__(self, key: str, campaign: CampaignSection, around: Around, findings: Findings) -> None:
        self._key = key
        self._campaign = campaign
        self._around = around
        self._findings = findings

    def read(self, node: Node) -> Iterator[Schedule]:
        """The schedules of the campaign at a node."""
        given = node.value.get(_SCHEDULES)
        if given is None or given == {}:
            self._findings.warnings.append(node.mistake("this campaign has no schedules: nothing goes out", key=True))
            return
        if not isinstance(given, dict):
            text = "names are expected below 'schedules' (write lines `name:`, indented, and the keys below each)"
            self._findings.mistakes.append(node.mistake(text, _SCHEDULES))
            return
        schedules = node.child(_SCHEDULES)
        entries = {name: schedules.child(name) for name in given}
        check_names(entries, "a schedule", self._findings)
        for name, entry in entries.items():
            full = f"{self._key}/{name}"
            if isinstance(entry.value, list):
                yield from self._table(full, entry)
            else:
                schedule = self._schedule(full, full, entry, entry.place(key=True))
                if schedule:
                    yield schedule

    def _table(self, name: str, table: Node) -> Iterator[Schedule]:
        rows = [table.child(index) for index in range(len(table.value))]
        found = []
        for row, key in zip(rows, row_ids([row.value for row in rows]), strict=True):
            schedule = self._schedule(f"{name}[{key}]", name, row, row.place())
            if schedule:
                found.append((row, schedule))
        self._findings.mistakes += self._around.clashes.find(found)
        return (schedule for _, schedule in found)

    def _schedule(self, key: str, name: str, node: Node, place: tuple[str, int, int]) -> Schedule | None:
        before = len(self._findings.mistakes)
        section = self._findings.section(ScheduleSection, node)
        if section is None:
            return None
        self._check(section, node)
        if len(self._findings.mistakes) > before:
            return None
        self._findings.warnings += advice.on_days(section, node, self._campaign)
        source = "feed" if section.feed else "content"
        return Schedule(
            id=key,
            name=name,
            campaign=self._key,
            content=section.content,
            feed=Feed(section.feed, section.match, section.limit) if section.feed else None,
            pick=section.pick,
            cadence=self._cadence(section),
            to=self._flatten(section.to),
            spread=section.spread,
            rest=section.rest,
            late=merge_late(section.late, self._around.late),
            quiet=self._around.quiet if section.quiet is None else section.quiet,
            place=place,
            content_place=node.place(source),
        )

    def _check(self, section: ScheduleSection, node: Node) -> None:
        around = self._around
        names = listed(node.value.get("to", []))
        for index, name in enumerate(names if isinstance(names, list) else []):
            if isinstance(name, str) and name and name not in around.channel_names and name not in around.groups:
                steps = ("to", index) if isinstance(node.value["to"], list) else ("to",)
                known = (*around.groups, *around.channel_names)
                self._findings.unknown(node, phrase("channel or group"), known, *steps)
        self._findings.mistakes += (
            *rules.check_keys(section, node),
            *rules.check_times(section, node),
            *rules.check_quiet(section.quiet or (), node),
            *rules.check_dates(section, node, self._campaign),
            *rules.check_holidays(section, node, around.calendar or not self._findings.complete),
            *rules.check_channels(section, node, around.channels, around.groups),
        )

    def _cadence(self, section: ScheduleSection) -> Cadence:
        first = section.first or self._campaign.first
        return Cadence(
            days=merge(section.days),
            every=section.every,
            anchor=first,
            first=first,
            last=section.last or self._campaign.last,
            excepted=tuple(part for part in section.excepted if isinstance(part, DateRange)),
            except_holidays=HOLIDAYS in section.excepted,
            if_holiday=section.if_holiday,
            times=tuple(sorted({at for at in section.at if isinstance(at, time)})),
            at_sessions=SESSIONS in section.at,
            cron=section.cron,
        )

    def _flatten(self, names: tuple[str, ...]) -> tuple[str, ...]:
        groups = self._around.groups
        return tuple(dict.fromkeys(channel for name in names for channel in groups.get(name, (name,))))
