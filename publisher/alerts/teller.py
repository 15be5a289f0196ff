"""Tells each receiver what is new, and notes it as told once it was accepted.

A crash between the two tells it twice; nothing is told as if it had been. Who cannot be reached is tried again
later and later, up to an hour, and the others hear of it.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from channels.base import ChannelError
from content.values import Secret
from publisher.alerts.digest import compile_digest, digest_day
from publisher.alerts.news import News, concern, news
from publisher.alerts.words import Note, Writer, line
from publisher.schedules import Mail, Receiver, Schedules, Topic
from publisher.store import alerts, log
from publisher.store.alerts import Known, Reached
from publisher.store.database import Store
from publisher.store.log import DAEMON

_FIRST, _MOST = timedelta(minutes=1), timedelta(hours=1)
_NAMED = 100  # alerts of one entry of the log
_NO_NEWS = News()
#: With these the outside watcher gets no sign of life: nothing goes out, or nobody hears that it does not.
_ILL = frozenset({Topic.DISK, Topic.RECEIVER})


class Carrier(Protocol):
    """Sends, or raises ChannelError."""

    def send(
        self, receiver: Receiver, mail: Mail | None, note: Note, now: datetime, hidden: Sequence[Secret]
    ) -> None: ...
    def ping(self, address: Secret) -> None: ...


@dataclass(frozen=True)
class Around:
    """What a round of telling is about."""

    workspace: str  # its name
    schedules: Schedules
    now: datetime

    @property
    def writer(self) -> Writer:
        return Writer(self.schedules.alerts.lang, self.schedules.timezone)

    @property
    def hidden(self) -> tuple[Secret, ...]:
        """Every secret of the plan."""
        mine = [secret for channel in self.schedules.channels.values() for secret in channel.secrets]
        mail = self.schedules.mail
        return (*mine, *self.schedules.alerts.secrets, *([mail.password] if mail and mail.password else []))


class Teller:
    """Tells the receivers of one workspace. Safe for threads: one round at a time, another one does nothing."""

    def __init__(self, store: Store, carrier: Carrier) -> None:
        self._store = store
        self._carrier = carrier
        self._turn = threading.Lock()

    def tell(self, around: Around, *, is_well: bool) -> None:
        """Tell everybody what is to be told now; if all is well, ping the outside watcher."""
        if not self._turn.acquire(blocking=False):
            return
        try:
            by_name = receivers_by_name(around.schedules.alerts.to)
            reached = self._reached(by_name, around)
            for name, entries in by_name.items():
                if _may_try(reached[name], around.now):
                    self._tell_one(entries, reached[name], around)
            ping = around.schedules.alerts.ping
            if ping and is_well and _may_try(reached[str(ping)], around.now) and not self._is_ill(str(ping)):
                self._attempt(reached[str(ping)], lambda: self._carrier.ping(ping), around)
        finally:
            self._turn.release()

    def _reached(self, by_name: Mapping[str, Sequence[Receiver]], around: Around) -> dict[str, Reached]:
        """How each can be reached; who is new is told what happens from now on, who is gone is forgotten."""
        ping = around.schedules.alerts.ping
        names = [*by_name, *([str(ping)] if ping else [])]
        with self._store.read() as view:
            found = alerts.reached(view)
        new = {name: Reached(name, around.now) for name in names if name not in found}
        gone = found.keys() - set(names)
        if new or gone:
            with self._store.write() as tx:
                for receiver in new.values():
                    alerts.remember(tx, receiver)
                alerts.forget_receivers(tx, gone)
        return found | new

    def _tell_one(self, entries: Sequence[Receiver], reached: Reached, around: Around) -> None:
        schedules, now = around.schedules, around.now
        concerns = concern(entries, schedules)
        with self._store.read() as view:
            known = alerts.known(view)
            told = news(known, alerts.told(view, reached.name), concerns, reached.since, now, schedules.alerts.remind)
            day = digest_day(schedules, entries, reached, now)
            digest = _digest_of(view, around, entries, known) if day else None
        if told:
            note = around.writer.note(around.workspace, told)
            if not self._attempt(reached, lambda: self._send(entries[0], note, around), around, told):
                return
        if digest and day:
            reached = replace(reached, failures=0, not_before=None, reason="") if told else reached
            self._attempt(reached, lambda: self._send(entries[0], digest, around), around, day=day)

    def _is_ill(self, ping: str) -> bool:
        with self._store.read() as view:
            known = alerts.known(view)
        return any(
            one.ended_at is None and one.alert.topic in _ILL and one.alert.facts.get("what") != ping for one in known
        )

    def _send(self, receiver: Receiver, note: Note, around: Around) -> None:
        self._carrier.send(receiver, around.schedules.mail, note, around.now, around.hidden)

    def _attempt(
        self, reached: Reached, act: Callable[[], None], around: Around, told: News = _NO_NEWS, day: str | None = None
    ) -> bool:
        """Do it, and note what became of it; whether it was accepted."""
        if told or day:  # a database that takes no note of it must not have it told each minute
            with self._store.write() as tx:
                alerts.remember(tx, replace(reached, not_before=around.now + _FIRST))
        try:
            act()
        except ChannelError as error:
            wait = min(_FIRST * 2 ** min(reached.failures, 10), _MOST)
            reason = line(str(error))
            failed = replace(reached, failures=reached.failures + 1, not_before=around.now + wait, reason=reason)
            with self._store.write() as tx:
                alerts.remember(tx, failed)
            return False
        done = replace(reached, failures=0, not_before=None, reason="", digest_day=day or reached.digest_day)
        if told or done != reached:
            with self._store.write() as tx:
                _note(tx, done, told, around.now, is_digest=day is not None)
        return True


def _note(tx: Connection, reached: Reached, told: News, now: datetime, *, is_digest: bool) -> None:
    alerts.remember(tx, reached)
    alerts.note_told(tx, reached.name, [one.id for one in (*told.fresh, *told.again)], now, is_end=False)
    alerts.note_told(tx, reached.name, [one.id for one in told.over], now, is_end=True)
    names = [one.alert.fingerprint for one in (*told.fresh, *told.again, *told.over)]
    if names or is_digest:
        count, digest = len(names), is_digest or None
        log.append(tx, "alerted", now, DAEMON, to=reached.name, alerts=names[:_NAMED], count=count, digest=digest)


def _digest_of(view: Connection, around: Around, entries: Sequence[Receiver], known: Sequence[Known]) -> Note:
    lists = [replace(entry, about=frozenset(Topic)) for entry in entries if Topic.DIGEST in entry.about]
    concerns = concern(lists, around.schedules)
    return compile_digest(view, around.writer, around.workspace, around.schedules, concerns, known, around.now)


def receivers_by_name(receivers: Iterable[Receiver]) -> dict[str, list[Receiver]]:
    """Who stands in several entries is told of what any of them says, once."""
    found: dict[str, list[Receiver]] = defaultdict(list)
    for receiver in receivers:
        found[receiver.name].append(receiver)
    return dict(found)


def _may_try(reached: Reached, now: datetime) -> bool:
    waits = reached.not_before
    return waits is None or not now < waits <= now + _MOST  # a clock set back makes nobody wait longer
