"""Names for the places that a process passes: transactions, entries of the log, files, and what a kind does.

Nothing is patched: SQLAlchemy tells of its transactions, Python's audit hooks of files, and a kind is wrapped where
the world hands it out.

    before commit WHAT, after commit WHAT      WHAT: the log's events in it, or its steps, or `claim`, `composed`, …
    append EVENT                               right before an entry is written, within its transaction
    open NAME, mkdir NAME, rename NAME …       a file or folder below var/channels
    publish begins, publish ends, find …       a kind's methods
"""

import dataclasses
import re
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine
from sqlalchemy.pool import Pool

from channels.base import Channel, Finds, Io, Pings, SessionChannel, Slot
from content.post import Post

#: Told the name of a point, and for a commit how to carry it out now.
Reached = Callable[[str, Callable[[], None] | None], None]

_INTO_LOG = re.compile(r"INSERT INTO log \((.*?)\)")
_INTO_STEPS = re.compile(r"INSERT INTO steps \((.*?)\)")
_SETS = re.compile(r"UPDATE (\w+) SET (.*?) WHERE", re.DOTALL)
_RANDOM = re.compile(r"\.[0-9a-f]{8}(?=/|$)")
_KEY = re.compile(r"\b[a-z2-7]{16}\b")
_HASH = re.compile(r"[0-9a-f]{64}")


def watch_transactions(reached: Reached) -> None:
    """Tell of all transactions that write, from now on in this process."""

    @event.listens_for(Engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.info["noted"] = []

    @event.listens_for(Engine, "before_cursor_execute")
    def _executes(connection: Connection, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        for what, is_entry in _told(statement, values):
            if what not in connection.info.setdefault("noted", []):
                connection.info["noted"].append(what)
            if is_entry:
                reached(f"append {what}", None)

    @event.listens_for(Engine, "commit")
    def _commits(connection: Connection) -> None:
        noted = connection.info.pop("noted", [])
        if not noted:
            return
        name = "+".join(noted)
        raw: Any = connection.connection.dbapi_connection
        reached(f"before commit {name}", raw.commit)
        connection.info["committed"] = name

    @event.listens_for(Engine, "rollback")
    def _rolled_back(connection: Connection) -> None:
        connection.info.pop("committed", None)

    @event.listens_for(Pool, "checkin")
    def _given_back(_raw: Any, record: Any) -> None:
        name = record.info.pop("committed", None)
        if name:
            reached(f"after commit {name}", None)


def _told(statement: str, values: Any) -> list[tuple[str, bool]]:
    """What a statement does, in words, and whether that is an entry of the log."""
    rows = values if isinstance(values, list) else [values]
    if found := _INTO_LOG.match(statement):
        place = found[1].split(", ").index("event")
        return [(row[place], True) for row in rows]
    if found := _INTO_STEPS.match(statement):
        place = found[1].split(", ").index("name")
        return [(f"step {row[place]}", False) for row in rows]
    if found := _SETS.match(statement):
        return [(what, False) for what in _changed(found[1], found[2])]
    return []


def _changed(table: str, setting: str) -> list[str]:
    columns = set(re.findall(r"(\w+)=", setting))
    if table != "deliveries" or "state" in columns:
        return []  # a move tells of itself by its entry
    if columns == {"epoch", "lease_until"}:
        return ["claim"]
    if columns == {"lease_until"}:
        return ["lease"]
    return ["composed"] if "post" in columns else []


def watch_files(room: str, reached: Reached) -> None:
    """Tell of files and folders below a folder that are opened, made and renamed, from now on in this process."""

    def hook(name: str, args: tuple[Any, ...]) -> None:
        if name not in ("open", "os.mkdir", "os.rename", "os.listdir"):
            return
        path = args[1] if name == "os.rename" else args[0]
        text = str(path)
        if text.startswith(room):
            reached(f"{name.removeprefix('os.')} {_plain(text[len(room) :])}", None)

    sys.addaudithook(hook)


def _plain(path: str) -> str:
    """A path without what differs from one life to another."""
    return _HASH.sub("HASH", _KEY.sub("KEY", _RANDOM.sub("~", path)))


def watched_kind(channel: Channel, reached: Reached) -> Channel:
    """The same channel, which tells of what it does."""
    copy = channel.model_copy()
    object.__setattr__(copy, "__class__", _told_of(type(copy), reached))
    return copy


@cache
def _told_of(kind: Any, told: Reached) -> type[Channel]:
    def reached(name: str) -> None:
        told(name, None)

    def passing(publish: Callable[[Any, Io], Any], what: Any, io: Io) -> Any:
        def step(name: str, value: Any) -> None:
            io.step(name, value)
            reached(f"step {name} kept")

        reached("publish begins")
        receipt = publish(what, dataclasses.replace(io, step=step))
        reached("publish ends")
        return receipt

    powers: dict[str, Any] = {"__doc__": kind.__doc__, "__module__": kind.__module__}
    if issubclass(kind, SessionChannel):

        def publish_slot(self: Any, slot: Slot, io: Io) -> Any:
            return passing(lambda what, inner: kind.publish_slot(self, what, inner), slot, io)

        powers["publish_slot"] = publish_slot
    else:

        def publish(self: Any, post: Post, io: Io) -> Any:
            return passing(lambda what, inner: kind.publish(self, what, inner), post, io)

        powers["publish"] = publish
    if issubclass(kind, Finds):

        def find(self: Any, post: Post, io: Io) -> Any:
            reached("find begins")
            found = kind.find(self, post, io)
            reached("find ends")
            return found

        powers["find"] = find
    if issubclass(kind, Pings):

        def ping(self: Any, io: Io) -> None:
            reached("ping begins")
            kind.ping(self, io)

        powers["ping"] = ping
    return type(kind.__name__, (kind,), powers)
