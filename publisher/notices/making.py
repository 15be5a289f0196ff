"""Makes the notices that the log asks for: each entry is read once, whatever happens meanwhile."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from channels.base import Channel
from channels.inbox import Inbox
from channels.loudspeaker import Loudspeaker
from publisher.delivery import State
from publisher.schedules import Schedules
from publisher.store import cursors, inboxes, notices, restores
from publisher.store.database import Store
from publisher.store.notices import About, Fate, Notice

READER = "notices"
_LINK = "link_made"
_EVENTS = frozenset({State.PUBLISHED.value, _LINK})
_AT_ONCE = 5000  # entries of the log
_RESTORED = "a backup was restored: it may have been told before"


def make(store: Store, schedules: Schedules, now: datetime) -> None:
    """Keep the notices of all that is new in the log, and that it was read, in one transaction."""
    with store.read() as view:
        entries, read = cursors.entries(view, READER, _EVENTS, _AT_ONCE)
        if read == cursors.place(view, READER):
            return
        found = list(_found(view, entries, schedules))
    with store.write() as tx:
        notices.add(tx, found, now)
        cursors.move(tx, READER, read)


def _found(view: Connection, entries: Iterable[Mapping[str, Any]], schedules: Schedules) -> Iterator[Notice]:
    restored = restores.entry(view)
    for entry in entries:
        channel = schedules.channels.get(entry.get("channel") or "")
        is_found = entry.get("was") == State.IN_DOUBT and restores.has_doubted(view, entry["delivery"])
        is_unclear = entry["id"] < restored or is_found
        fate, reason = (Fate.IN_DOUBT, _RESTORED) if is_unclear else (Fate.WAITING, "")
        for about, name, address in _told(view, entry, channel, schedules):
            yield Notice(about, entry["channel"], name, address, entry.get("delivery"), fate, reason)


def _told(
    view: Connection, entry: Mapping[str, Any], channel: Channel | None, schedules: Schedules
) -> Iterator[tuple[About, str, str]]:
    """What an entry is to be told of, and to which addresses."""
    receipt, is_link = entry.get("receipt"), entry["event"] == _LINK
    if isinstance(channel, Inbox) and is_link:
        link = inboxes.current(view, channel.name)  # None: it was revoked since
        contact = schedules.agencies[channel.agency].contact if link is not None else ()
        yield from ((About.LINK, str(link), address) for address in contact)
    elif receipt is None or entry["who"]["role"] != "publisher":
        return  # what a person found out, that person knows
    elif isinstance(channel, Loudspeaker):
        yield from ((About.SCRIPT, receipt["id"], address) for address in channel.send_to)
    elif isinstance(channel, Inbox):
        contact = schedules.agencies[channel.agency].contact
        yield from ((About.POST, receipt["id"], address) for address in contact)
