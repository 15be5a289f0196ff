"""What is worth an alert: of the log's entries, and of how things stand. Reads; changes nothing."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from content.yaml12 import Mistake
from publisher.delivery import State, lateness_of
from publisher.schedules import Schedules, Topic
from publisher.store import alerts, breakers, pauses
from publisher.store.alerts import Alert, Line
from publisher.store.pauses import Cause, Pauses, Scope

#: What happens at a moment: told once, and never over. Everything else stands until it is over.
MOMENTS = frozenset({Topic.FAILED, Topic.MISSED, Topic.CLOCK, Topic.NOTICE})
#: So often in a row may a receiver fail before the others hear of it.
FAILURES = 3

_MOMENTARY: Mapping[str, Topic] = {
    "failed": Topic.FAILED,
    "missed": Topic.MISSED,
    "clock_jumped": Topic.CLOCK,
    "notice_refused": Topic.NOTICE,
    "notice_in_doubt": Topic.NOTICE,
    "notice_late": Topic.NOTICE,
}
_FULL, _FREE = "disk_low", "disk_well"
#: The events of the log that are read.
EVENTS = frozenset({*_MOMENTARY, _FULL, _FREE})
_STOPPED = "disk:stopped"
_LEAP = 60  # seconds: a clock that is set by less is no news


@dataclass(frozen=True)
class Sight:
    """What is seen from outside the database."""

    mistakes: tuple[Mistake, ...]  # in the files
    free: int  # bytes on the disk of the database


def moments(entries: Iterable[Mapping[str, Any]], schedules: Schedules) -> Iterator[Alert]:
    """The alerts that entries of the log are."""
    for entry in entries:
        topic = _MOMENTARY.get(entry["event"])
        if topic is None or abs(entry.get("seconds", _LEAP)) < _LEAP:
            continue
        name = entry.get("schedule")
        facts = {
            "delivery": entry.get("delivery"), "what": entry.get("message") or entry.get("item"),
            "channel": entry.get("channel"), "at": entry.get("occurrence"), "reason": entry.get("reason"),
        }  # fmt: skip
        campaign = name.split("/")[0] if name else None
        yield _alert(topic, str(entry["id"]), schedules, facts, campaign)


def stopped(entries: Iterable[Mapping[str, Any]], before: Alert | None) -> Alert | None:
    """Whether the disk stops all sending, after these entries and what was known before."""
    for entry in entries:
        if entry["event"] == _FULL:
            before = Alert(Topic.DISK, _STOPPED, facts={"reason": entry.get("reason") or ""})
        elif entry["event"] == _FREE:
            before = None
    return before


def is_stop(alert: Alert) -> bool:
    """Whether it is that the disk stops all sending."""
    return alert.fingerprint == _STOPPED


def standing(view: Connection, schedules: Schedules, sight: Sight, now: datetime) -> Iterator[Alert]:
    """How things stand: what is wrong now."""
    settings = schedules.alerts
    rows = alerts.lines(view, now + settings.approval_before, now - settings.oldest_due)
    by_state: dict[State, list[Line]] = defaultdict(list)
    for row in rows:
        by_state[row.state].append(row)
    yield from (_of(Topic.NEEDS_PERSON, row, schedules) for row in by_state[State.NEEDS_PERSON])
    for row in by_state[State.IN_DOUBT]:
        if now - (row.doubt_at or row.due) >= settings.in_doubt:
            yield _of(Topic.IN_DOUBT, row, schedules)
    by_itself = alerts.held_by_itself(view, [row.id for row in by_state[State.HELD]])
    yield from (_of(Topic.HELD, row, schedules) for row in by_state[State.HELD] if row.id in by_itself)
    yield from _unapproved(by_state[State.AWAITING], schedules)
    paused = pauses.covering(view)
    yield from _late(view, by_state[State.PLANNED], paused, schedules, now)
    for pause in paused.standing:
        if pause.cause is not Cause.DECISION or pause.scope is Scope.ALL:  # who paused a part of it knows
            facts = {"channel": pause.name, "reason": pause.reason}
            yield _alert(Topic.CHANNEL, pause.name, schedules, facts)
    yield from _feeds(view, schedules)
    yield from _machine(view, schedules, sight)


def _of(topic: Topic, row: Line, schedules: Schedules) -> Alert:
    facts = {
        "delivery": row.id, "what": row.what, "channel": row.channel, "at": row.occurrence.isoformat(),
        "reason": row.reason,
    }  # fmt: skip
    return _alert(topic, str(row.id), schedules, facts, row.campaign)


def _alert(
    topic: Topic,
    key: str,
    schedules: Schedules,
    facts: Mapping[str, Any],
    campaign: str | None = None,
) -> Alert:
    """With the agency of the channel that the facts name."""
    found = schedules.channels.get(facts.get("channel") or "")
    said = {name: str(value) for name, value in facts.items() if value not in (None, "")}
    return Alert(topic, f"{topic}:{key}", campaign, found.agency if found else None, said)


def _unapproved(rows: Sequence[Line], schedules: Schedules) -> Iterator[Alert]:
    """One alert a text, by its first time."""
    texts: dict[str, list[Line]] = defaultdict(list)
    for row in rows:
        texts[row.revision or str(row.id)].append(row)
    for key, same in texts.items():
        made = _of(Topic.APPROVAL, same[0], schedules)
        facts = {**made.facts, "due": same[0].due.isoformat(), "count": str(len(same)), "campaign": same[0].campaign}
        yield replace(made, fingerprint=f"{Topic.APPROVAL}:{key}", facts=facts)


def _late(
    view: Connection, rows: Iterable[Line], paused: Pauses, schedules: Schedules, now: datetime
) -> Iterator[Alert]:
    """One alert a channel; the wait for the end of quiet hours is no lateness, and a pause has its own alert."""
    plan = {schedule.id: schedule for schedule in schedules.schedules}
    channels: dict[str, list[Line]] = defaultdict(list)
    for row in rows:
        quiet = plan[row.schedule].quiet if row.schedule in plan else ()
        by = lateness_of(row.due, now, quiet, schedules.timezone)
        if by >= schedules.alerts.oldest_due and not paused.reason_for(row.channel, row.campaign):
            channels[row.channel].append(row)
    silent = {name: breaker.reason for name, breaker in breakers.known(view).items() if breaker.probe_at}
    for channel, same in channels.items():
        reason = silent.get(channel) or same[0].reason
        facts = {"channel": channel, "count": len(same), "due": same[0].due.isoformat(), "reason": reason}
        yield _alert(Topic.LATE, channel, schedules, facts)


def _feeds(view: Connection, schedules: Schedules) -> Iterator[Alert]:
    wanted = {schedule.feed.url: schedule for schedule in schedules.schedules if schedule.feed}
    for url, reason in alerts.failing_feeds(view).items():
        if url in wanted:
            facts = {"what": url, "reason": reason}
            yield _alert(Topic.FEED, url, schedules, facts, wanted[url].campaign)


def _machine(view: Connection, schedules: Schedules, sight: Sight) -> Iterator[Alert]:
    if sight.mistakes:
        facts = {"count": str(len(sight.mistakes)), "reason": str(sight.mistakes[0])}
        yield Alert(Topic.FILES, Topic.FILES, facts=facts)
    if sight.free < schedules.alerts.disk_free:
        yield Alert(Topic.DISK, Topic.DISK, facts={"free": f"{sight.free / 10**6:.0f} MB"})
    for receiver in alerts.reached(view).values():
        if receiver.failures >= FAILURES:
            facts = {"what": receiver.name, "reason": receiver.reason}
            yield Alert(Topic.RECEIVER, f"{Topic.RECEIVER}:{receiver.name}", facts=facts)
