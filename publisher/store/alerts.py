"""Alerts that stand, who was told of them, and what there is to look at."""

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.delivery import State
from publisher.schedules.model import Topic
from publisher.store import tables

_a, _t, _r = tables.alerts, tables.tellings, tables.receivers
_d, _l, _f = tables.deliveries, tables.log, tables.feeds
_CHUNK = 500  # parameters of one question


@dataclass(frozen=True)
class Alert:
    """Something that people should know. Its fingerprint is the same as long as the same is wrong."""

    topic: Topic
    fingerprint: str
    campaign: str | None = None
    agency: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)  # what is said of it: see `alerts.words`


@dataclass(frozen=True)
class Known:
    """An alert that was raised."""

    id: int
    alert: Alert
    opened_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Told:
    """That a receiver has accepted an alert."""

    at: datetime
    is_end_told: bool = False


@dataclass(frozen=True)
class Reached:
    """How a receiver can be reached."""

    name: str
    since: datetime
    failures: int = 0  # in a row
    not_before: datetime | None = None
    reason: str = ""
    digest_day: str | None = None


@dataclass(frozen=True)
class Line:
    """What is to be known of a delivery that may be worth an alert."""

    id: int
    state: State
    reason: str
    schedule: str
    name: str
    campaign: str
    channel: str
    what: str  # its title, message or item
    occurrence: datetime
    due: datetime
    revision: str | None
    doubt_at: datetime | None


def known(view: Connection) -> list[Known]:
    """All that are kept, the oldest first."""
    return [
        Known(
            row.id,
            Alert(Topic(row.topic), row.fingerprint, row.campaign, row.agency, row.facts),
            row.opened_at,
            row.ended_at,
        )
        for row in view.execute(select(_a).order_by(_a.c.id))
    ]


def add(tx: Connection, alerts: Iterable[Alert], at: datetime, *, ended: bool = False) -> None:
    """Raise alerts. `ended`: what they tell of is a moment, and over."""
    values = [
        {
            "fingerprint": alert.fingerprint, "topic": alert.topic.value, "campaign": alert.campaign,
            "agency": alert.agency, "facts": dict(alert.facts), "opened_at": at, "ended_at": at if ended else None,
        }
        for alert in alerts
    ]  # fmt: skip
    if values:
        tx.execute(insert(_a), values)


def set_end(tx: Connection, number: int, at: datetime | None) -> None:
    """Say when an alert ended; None if it has not."""
    tx.execute(update(_a).where(_a.c.id == number).values(ended_at=at))


def set_facts(tx: Connection, number: int, facts: Mapping[str, str]) -> None:
    """Replace what is said of an alert."""
    tx.execute(update(_a).where(_a.c.id == number).values(facts=dict(facts)))


def forget(tx: Connection, before: datetime) -> None:
    """Delete what ended before an instant."""
    tx.execute(delete(_a).where(_a.c.ended_at < before))


def told(view: Connection, receiver: str) -> dict[int, Told]:
    """Which alerts a receiver has accepted."""
    query = select(_t).where(_t.c.receiver == receiver)
    return {row.alert: Told(row.at, row.is_end_told) for row in view.execute(query)}


def note_told(tx: Connection, receiver: str, numbers: Collection[int], at: datetime, *, is_end: bool) -> None:
    """Note that a receiver has accepted alerts, or the ends of alerts."""
    for number in numbers:
        values = {"alert": number, "receiver": receiver, "at": at, "is_end_told": is_end}
        query = upsert(_t).values(values)
        tx.execute(query.on_conflict_do_update(index_elements=["alert", "receiver"], set_=values))


def reached(view: Connection) -> dict[str, Reached]:
    """How each receiver can be reached, by name."""
    return {row.name: Reached(**row._asdict()) for row in view.execute(select(_r).order_by(_r.c.name))}


def remember(tx: Connection, receiver: Reached) -> None:
    """Keep how a receiver can be reached."""
    values = vars(receiver)
    tx.execute(upsert(_r).values(values).on_conflict_do_update(index_elements=["name"], set_=values))


def forget_receivers(tx: Connection, names: Collection[str]) -> None:
    """Those of these names are told no longer."""
    tx.execute(delete(_r).where(_r.c.name.in_(list(names))))


def lines(view: Connection, approval_until: datetime, late_before: datetime) -> list[Line]:
    """The deliveries that may be worth an alert: in doubt, for a person, unapproved until then, late since then."""
    return _lines(
        view,
        or_(
            _d.c.state.in_([State.NEEDS_PERSON.value, State.IN_DOUBT.value]),
            and_(_d.c.state == State.HELD.value, _d.c.ruled.is_(False)),
            and_(_d.c.state == State.AWAITING.value, _d.c.due <= approval_until),
            and_(_d.c.state == State.PLANNED.value, _d.c.due <= late_before, _d.c.post_sha256.is_not(None)),
        ),
    )


def coming(view: Connection, now: datetime, until: datetime) -> list[Line]:
    """What is due from now until then, planned or waiting for approval."""
    states = _d.c.state.in_([State.PLANNED.value, State.AWAITING.value])
    return _lines(view, and_(states, _d.c.due >= now, _d.c.due < until))


def published(view: Connection, since: datetime) -> list[Line]:
    """What went out since then."""
    return _lines(view, and_(_d.c.state == State.PUBLISHED.value, _d.c.published_at >= since))


def _lines(view: Connection, condition: Any) -> list[Line]:
    what = func.coalesce(_d.c.post["title"].as_string(), _d.c.message, _d.c.item)
    query = select(
        _d.c.id, _d.c.state, _d.c.reason, _d.c.schedule, _d.c.name, _d.c.campaign, _d.c.channel, what.label("what"),
        _d.c.occurrence, _d.c.due, _d.c.revision, _d.c.doubt_at,
    )  # fmt: skip
    rows = view.execute(query.where(condition).order_by(_d.c.due, _d.c.id))
    return [replace(Line(**row._asdict()), state=State(row.state)) for row in rows]


def held_by_itself(view: Connection, numbers: Collection[int]) -> set[int]:
    """Those of these held deliveries that Publisher stopped last, and no person."""
    wanted = sorted(numbers)
    last: dict[int, str] = {}
    for begin in range(0, len(wanted), _CHUNK):
        chunk = _l.c.delivery.in_(wanted[begin : begin + _CHUNK])
        query = select(_l.c.delivery, _l.c.body).where(chunk, _l.c.event == State.HELD.value).order_by(_l.c.id)
        for number, body in view.execute(query):
            last[number] = json.loads(body)["who"]["role"]
    return {number for number, role in last.items() if role == "publisher"}


def failing_feeds(view: Connection) -> dict[str, str]:
    """The feeds whose last poll failed, with the reason."""
    return {row.url: row.error for row in view.execute(select(_f.c.url, _f.c.error).where(_f.c.error.is_not(None)))}
