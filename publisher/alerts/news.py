"""What a receiver has still to hear of. Pure.

An alert is told once, and again when it has stood for another day; its end is told once, to those who heard of it.
What ends and comes back within minutes is the same alert. Lengths of time count in both directions: a clock that was
set back delays nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from publisher.alerts.conditions import MOMENTS
from publisher.schedules import Receiver, Schedules, Topic
from publisher.store.alerts import Alert, Known, Told

#: So long must an alert be over before its end is told; if it comes back sooner, it was never over.
CALM = timedelta(minutes=10)
#: So long is told what could not be told at its moment.
KEEP = timedelta(days=7)
#: What often passes by itself is told only after so long.
_PATIENCE: Mapping[Topic, timedelta] = {Topic.FEED: timedelta(hours=1), Topic.FILES: timedelta(minutes=10)}
_NONE = timedelta(0)


@dataclass(frozen=True)
class News:
    """What one message tells."""

    fresh: tuple[Known, ...] = ()
    again: tuple[Known, ...] = ()
    over: tuple[Known, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.fresh or self.again or self.over)


def news(
    known: Iterable[Known],
    told: Mapping[int, Told],
    concerns: Callable[[Alert], bool],
    since: datetime,
    now: datetime,
    remind: timedelta,
) -> News:
    """What is to be told now to somebody who is told since then and has accepted `told`."""
    mine = [one for one in known if concerns(one.alert)]
    return News(
        tuple(one for one in mine if one.id not in told and _is_fresh(one, since, now)),
        tuple(one for one in mine if one.id in told and _is_due(one, told[one.id], now, remind)),
        tuple(one for one in mine if one.id in told and _is_over(one, told[one.id], now)),
    )


def is_current(one: Known, now: datetime) -> bool:
    """Whether it is to be shown: it stands, or it happened in the last day."""
    return one.ended_at is None or (one.alert.topic in MOMENTS and now - one.opened_at < timedelta(days=1))


def _is_fresh(one: Known, since: datetime, now: datetime) -> bool:
    if one.alert.topic in MOMENTS:
        return (one.opened_at >= since or since > now) and abs(now - one.opened_at) <= KEEP
    return one.ended_at is None and abs(now - one.opened_at) >= _PATIENCE.get(one.alert.topic, _NONE)


def _is_due(one: Known, told: Told, now: datetime, remind: timedelta) -> bool:
    return one.ended_at is None and abs(now - told.at) >= remind


def _is_over(one: Known, told: Told, now: datetime) -> bool:
    is_moment = one.alert.topic in MOMENTS
    return not is_moment and one.ended_at is not None and not told.is_end_told and abs(now - one.ended_at) >= CALM


def concern(receivers: Iterable[Receiver], schedules: Schedules) -> Callable[[Alert], bool]:
    """What concerns somebody who stands in these entries of `to`."""
    entries = tuple(receivers)
    return lambda alert: any(_concerns(entry, alert, schedules) for entry in entries)


def _concerns(receiver: Receiver, alert: Alert, schedules: Schedules) -> bool:
    if alert.topic not in receiver.about:
        return False
    if receiver.campaigns and alert.campaign not in receiver.campaigns:
        return False
    return not receiver.agencies or not receiver.agencies.isdisjoint(_line_of(alert.agency, schedules))


def _line_of(agency: str | None, schedules: Schedules) -> set[str]:
    """An agency and all above it."""
    found: set[str] = set()
    while agency is not None and agency in schedules.agencies and agency not in found:
        found.add(agency)
        agency = schedules.agencies[agency].parent
    return found
