"""Looks each minute at the log and at the rows, and keeps what it sees as alerts. Sends nothing."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from publisher.alerts.conditions import EVENTS, Sight, is_stop, moments, standing, stopped
from publisher.alerts.news import CALM, KEEP
from publisher.schedules import Schedules
from publisher.store import alerts, cursors
from publisher.store.alerts import Alert, Known
from publisher.store.database import Store

_READER = "alerts"
_AT_ONCE = 5000  # entries of the log


@dataclass(frozen=True)
class _Changes:
    """What one look changes."""

    cursor: int | None
    moments: tuple[Alert, ...]
    opened: tuple[Alert, ...]
    ends: tuple[tuple[int, datetime | None], ...]
    facts: tuple[Known, ...]  # with what is said of them now
    stale: bool


class Watch:
    """Keeps the alerts of one workspace."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._turn = threading.Lock()

    def look(self, schedules: Schedules, sight: Sight, now: datetime) -> None:
        """Read what is new in the log and see how things stand; once for each, whatever happens meanwhile."""
        with self._turn:
            with self._store.read() as view:
                changes = _compare(view, schedules, sight, now)
            if changes != _Changes(None, (), (), (), (), stale=False):
                with self._store.write() as tx:
                    _write(tx, changes, now)


def _compare(view: Connection, schedules: Schedules, sight: Sight, now: datetime) -> _Changes:
    entries, read = cursors.entries(view, _READER, EVENTS, _AT_ONCE)
    known = alerts.known(view)
    # The newest of each fingerprint that is open, or so lately over that it is the same one coming back.
    alive = {one.alert.fingerprint: one for one in known if one.ended_at is None or abs(now - one.ended_at) < CALM}
    full = stopped(entries, next((one.alert for one in known if one.ended_at is None and is_stop(one.alert)), None))
    found = {alert.fingerprint: alert for alert in (*standing(view, schedules, sight, now), *([full] if full else []))}
    return _Changes(
        cursor=read if read != cursors.place(view, _READER) else None,
        moments=tuple(moments(entries, schedules)),
        opened=tuple(alert for name, alert in found.items() if name not in alive),
        ends=(*_ended(known, found, now), *((alive[name].id, None) for name in found if _is_back(alive.get(name)))),
        facts=tuple(_restated(alive.values(), found)),
        stale=any(one.ended_at is not None and one.ended_at < now - KEEP for one in known),
    )


def _is_back(one: Known | None) -> bool:
    return one is not None and one.ended_at is not None


def _ended(known: Sequence[Known], found: dict[str, Alert], now: datetime) -> Iterable[tuple[int, datetime]]:
    return [(one.id, now) for one in known if one.ended_at is None and one.alert.fingerprint not in found]


def _restated(alive: Iterable[Known], found: dict[str, Alert]) -> Iterable[Known]:
    for one in alive:
        alert = found.get(one.alert.fingerprint)
        if alert is not None and alert.facts != one.alert.facts:
            yield Known(one.id, alert, one.opened_at)


def _write(tx: Connection, changes: _Changes, now: datetime) -> None:
    if changes.cursor is not None:
        cursors.move(tx, _READER, changes.cursor)
    alerts.add(tx, changes.moments, now, ended=True)
    alerts.add(tx, changes.opened, now)
    for number, at in changes.ends:
        alerts.set_end(tx, number, at)
    for one in changes.facts:
        alerts.set_facts(tx, one.id, one.alert.facts)
    if changes.stale:
        alerts.forget(tx, now - KEEP)
