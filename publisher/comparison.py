"""What an edit changes, before it is in force: the real planner works on a copy of the database, which is thrown away.

So it says exactly what will become of the deliveries, renamed schedules, taken places and held rows included.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from publisher import edits, wording
from publisher import revision as revisions
from publisher.delivery import OPEN
from publisher.outlook import Line, outlook
from publisher.planner import Planner
from publisher.store import backups, plans, withdrawals
from publisher.store.database import Store
from publisher.workspace import Workspace

#: How far apart a delivery that an edit drops and one that it adds may lie, to be one that was moved.
_MOVED_AT_MOST = timedelta(days=8)
#: What makes a line one and no other: schedule, occurrence, channel, item.
_Identity = tuple[str, datetime, str, str]


@dataclass(frozen=True)
class Change:
    """A delivery before and after an edit."""

    before: Line
    after: Line


@dataclass(frozen=True)
class Comparison:
    """What an edit changes of the deliveries that are still to come."""

    added: tuple[Line, ...] = ()
    dropped: tuple[Line, ...] = ()
    moved: tuple[Change, ...] = ()
    changed: tuple[Change, ...] = ()  # another message
    retexted: tuple[Line, ...] = ()  # the same message with another text
    renamed: tuple[tuple[str, str], ...] = ()  # schedules: before, after

    def __bool__(self) -> bool:
        return any((self.added, self.dropped, self.moved, self.changed, self.retexted, self.renamed))


def compare(
    store: Store, in_force: Workspace, edited: Workspace, now: datetime, start: datetime, end: datetime
) -> tuple[Comparison, list[Line]]:
    """What changes in [start, end) when `edited` comes into force now; and all lines as they will be."""
    before = outlook(in_force, store, start, end)
    with store.read() as view:
        pairs = edits.renamed(plans.known(view), edited.schedules.schedules)
        edited = edited.without(withdrawals.standing(view))
    with TemporaryDirectory(prefix="publisher-") as folder:
        copy = Path(folder) / "publisher.db"
        backups.duplicate(store.path, copy)
        tried = Store.open(copy, now)
        try:
            Planner(tried).plan(edited, now)
            wording.bring_in_step(tried, edited, now)
            after = outlook(edited, tried, start, end, now if now < end else None)
        finally:
            tried.close()
    names = {old: new.id for old, new in pairs.items()}
    named = ((old.partition("[")[0], new.name) for old, new in pairs.items())  # a row of a table is named by that
    renamed = tuple(dict.fromkeys(pair for pair in named if pair[0] != pair[1]))
    return _compared(_known(before, names, now), _known(after, {}, now), _Texts(in_force, edited), renamed), after


def _known(lines: Iterable[Line], names: Mapping[str, str], now: datetime) -> dict[_Identity, Line]:
    """The lines that are still to go out, by identity; `names` are the new ids of renamed schedules."""
    planned = (line for line in lines if line.state in OPEN and max(line.occurrence, line.due) >= now)
    return {(names.get(one.id, one.id), one.occurrence, one.channel, one.item): one for one in planned}


def _compared(
    before: Mapping[_Identity, Line],
    after: Mapping[_Identity, Line],
    texts: "_Texts",
    renamed: tuple[tuple[str, str], ...],
) -> Comparison:
    common = [(before[one], after[one]) for one in before if one in after]
    added = [after[one] for one in after if one not in before]
    dropped = [before[one] for one in before if one not in after]
    moved = [Change(*pair) for pair in common if pair[0].due != pair[1].due]
    moved += _paired(dropped, added)
    gone = {id(one.before) for one in moved} | {id(one.after) for one in moved}
    same = [pair for pair in common if pair[0].message == pair[1].message]
    return Comparison(
        added=tuple(one for one in added if id(one) not in gone),
        dropped=tuple(one for one in dropped if id(one) not in gone),
        moved=tuple(sorted(moved, key=lambda one: (one.before.occurrence, one.before.channel))),
        changed=tuple(Change(*pair) for pair in common if pair[0].message != pair[1].message),
        retexted=tuple(now for _, now in same if texts.differ(now)),
        renamed=renamed,
    )


def _paired(dropped: Sequence[Line], added: Sequence[Line]) -> list[Change]:
    """What is dropped at one time and added at another, of one schedule, channel and message: it is moved."""
    free = list(added)
    found = []
    for was in dropped:
        alike = [one for one in free if _place_of(one) == _place_of(was)]
        near = min(alike, key=lambda one: abs(one.occurrence - was.occurrence), default=None)
        if near is not None and abs(near.occurrence - was.occurrence) <= _MOVED_AT_MOST:
            free = [one for one in free if one is not near]
            found.append(Change(was, near))
    return found


def _place_of(line: Line) -> tuple[str, str, str | None]:
    return line.schedule, line.channel, line.message


class _Texts:
    """Whether a message says something else than before, to a channel."""

    def __init__(self, before: Workspace, after: Workspace) -> None:
        self._before = before
        self._after = after
        self._found: dict[tuple[str, str, str], bool] = {}

    def differ(self, line: Line) -> bool:
        """Whether the text of a line is another one."""
        if line.message is None:
            return False
        place = (line.schedule.split("/")[0], line.message, line.channel)
        if place not in self._found:
            self._found[place] = _hash(self._before, *place) != _hash(self._after, *place)
        return self._found[place]


def _hash(workspace: Workspace, campaign: str, message: str, channel: str) -> str | None:
    schedules = workspace.schedules
    written, settings = workspace.written(campaign, message), schedules.campaigns.get(campaign)
    where = schedules.channels.get(channel)
    if written is None or settings is None or where is None:
        return None
    return revisions.of_message(written, message, settings, where, workspace).sha256
