"""What holds for the whole plan: its time zone, its calendar of holidays, its hosts, and the defaults."""

from collections.abc import Container
from datetime import date
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

import holidays as calendars
from pydantic_core import PydanticCustomError

from content.validation import BLANK, meant, nearest
from content.values import parse_host
from publisher.cadence import Late, Quiet
from publisher.schedules.fields import listed
from publisher.schedules.files import Files
from publisher.schedules.findings import Findings, Node
from publisher.schedules.rules import check_quiet
from publisher.schedules.sections import (
    ALLOW_HOSTS,
    CAMPAIGNS,
    DEFAULTS,
    HOLIDAYS,
    TIMEZONE,
    TOP_KEYS,
    DefaultsSection,
    LateSection,
)

_FALLBACK = ZoneInfo("UTC")  # only to go on looking for mistakes


@cache  # listing them takes a moment
def calendar_names() -> tuple[str, ...]:
    """The calendars of holidays: of countries, and of stock exchanges."""
    return (*calendars.list_supported_countries(), *calendars.list_supported_financial())


def read_timezone(files: Files, findings: Findings) -> ZoneInfo:
    """The time zone that all times are local to."""
    node = files.keys.get(TIMEZONE)
    name = _text(node, findings) if node else None
    if node is None or name is None:
        return _FALLBACK
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # a folder of zones; a path; a name that is not known
        near = nearest(name.replace(" ", "_"), sorted(available_timezones()), 0.75)
        text = f"unknown time zone {name!r} (write e.g. Asia/Ho_Chi_Minh)"
        if near:
            text = f"unknown time zone {name!r} (did you mean {near!r}?)"
        findings.mistakes.append(node.mistake(text))
        return _FALLBACK


def read_holidays(files: Files, findings: Findings) -> tuple[str | None, Container[date]]:
    """The calendar's name and its days; None and none without one."""
    node = files.keys.get(HOLIDAYS)
    name = _text(node, findings) if node else None
    if node is None or name is None:
        return None, ()
    if name in calendar_names():
        return name, calendars.country_holidays(name)
    near = nearest(name, calendar_names())
    hint = f"did you mean {near!r}?" if near else "write the two letters of the country, e.g. VN"
    findings.mistakes.append(node.mistake(f"unknown calendar of holidays {name!r} ({hint})"))
    return None, ()


def read_hosts(files: Files, findings: Findings) -> frozenset[str]:
    """The hosts that may be reached although their addresses are private."""
    node = files.keys.get(ALLOW_HOSTS)
    if node is None:
        return frozenset()
    found = set()
    hosts = listed(node.value)
    for index, host in enumerate(hosts if isinstance(hosts, list) else []):
        try:
            found.add(parse_host(host))
        except PydanticCustomError as error:
            steps = (index,) if isinstance(node.value, list) else ()
            findings.mistakes.append(node.mistake(BLANK if host is None else error.message(), *steps))
    return frozenset(found)


def read_defaults(files: Files, findings: Findings) -> tuple[Late, tuple[Quiet, ...]]:
    """What holds for every schedule that does not say otherwise."""
    late = Late()
    quiet: tuple[Quiet, ...] = ()
    for node in files.sections[DEFAULTS]:
        section = findings.section(DefaultsSection, node)
        if section is not None:
            findings.mistakes += check_quiet(section.quiet or (), node)
            late = merge_late(section.late, late)
            quiet = quiet if section.quiet is None else section.quiet
    return late, quiet


def merge_late(section: LateSection | None, default: Late) -> Late:
    """What a section says of lateness; the default for what it does not say."""
    if section is None:
        return default
    grace = default.grace if section.grace is None else section.grace
    return Late(grace, section.then or default.then)


def check_presence(files: Files, findings: Findings) -> None:
    """Without a time zone nothing has a time, and without campaigns there is no plan."""
    given = files.given | meant(files.given, TOP_KEYS)
    for key, example in ((TIMEZONE, "timezone: Asia/Ho_Chi_Minh"), (CAMPAIGNS, "campaigns:")):
        if files.top is not None and findings.complete and key not in given:
            findings.mistakes.append(files.top.mistake(f"key {key!r} is missing (add a line `{example}`)"))


def _text(node: Node, findings: Findings) -> str | None:
    if isinstance(node.value, str) and node.value:
        return node.value
    findings.mistakes.append(node.mistake(BLANK if node.value is None else "text is expected here (put it in quotes)"))
    return None
