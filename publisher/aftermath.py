"""After a restore: what may have gone out since the backup is looked for before anything is sent again.

The database that came back does not know the life that was lost. So every delivery that is not out by its row, and
that fell due before the restore, is in doubt: its post is made to be looked for, approved or not, and without the
hash that a post needs to go out. What proves absent goes on from where it was.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from channels.base import Channel, Finds
from content.post import Post
from publisher.composer import ComposeError, Moment, compose
from publisher.delivery import Delivery, State, Step
from publisher.latest import newest_message
from publisher.picking import Pick
from publisher.store import approvals, deliveries, inboxes, log, notices, restores
from publisher.store.database import Store
from publisher.store.log import Actor
from publisher.store.notices import Fate
from publisher.store.restores import Doubt, Restore
from publisher.versions import zone_of
from publisher.wording import current_revision
from publisher.workspace import Workspace

RESTORE = Actor("restore")
_BY_HAND = "a backup was copied into the place of the database by hand"
_PERHAPS_TOLD = "a backup was restored: it may have been sent since it was made"
_NO_POST = "and it cannot be composed to be looked for"

Render = Callable[[str, dict[str, Any]], str]


def come_back(tx: Connection, at: datetime, who: Actor, because: str, **facts: Any) -> Restore:
    """Make a copy of the database the workspace's own: say so in its log, and put in doubt what it cannot know."""
    witness = log.witness(tx)
    made = restores.pending(tx) or (witness.at if witness else at)
    restore = restores.complete(tx, min(made, at), at)
    log.append(
        tx, restores.EVENT, at, who, reason=because, backup_at=restore.backup_at.isoformat(),
        witness=witness.as_json() if witness else None, **facts,
    )  # fmt: skip
    inboxes.skip_numbers(tx, at)
    for notice in notices.open_ones(tx):
        notices.end(tx, notice, Fate.IN_DOUBT, _PERHAPS_TOLD, at)
    doubt(tx, restore, at)
    return restore


def doubt(tx: Connection, restore: Restore, now: datetime) -> int:
    """Put in doubt what may have gone out before the restore; how many deliveries."""
    made = restore.backup_at.astimezone(zone_of(tx))
    reason = f"perhaps published: a backup of {made:%Y-%m-%d %H:%M} was restored, and it may have gone out since"
    rows = restores.unclear(tx, restore)
    for row in rows:
        restores.put_in_doubt(tx, _doubt(row), restore)
        # A post without its hash never goes out. Of what is partly out, the rest has to be the same text.
        columns: dict[str, Any] = {} if row.may_be_out else {"post_sha256": None}
        step = Step(State.IN_DOUBT, reason, now)
        deliveries.move(tx, row, step, now, RESTORE, doubt_at=restore.restored_at, lookups=0, **columns)
    return len(rows)


def _doubt(row: Delivery) -> Doubt:
    """Where a delivery goes if it proves absent: a person's hold stays one, a pause shows itself again."""
    if row.state is State.HELD and not row.ruled:
        return Doubt(row, State.HELD, row.reason, row.held_from)
    was = row.held_from if row.state is State.HELD else row.state
    return Doubt(row, State.AWAITING if was is State.AWAITING else State.PLANNED, row.reason, None)


class Aftermath:
    """Keeps what may be out from going out, in a workspace that once came back from a backup."""

    def __init__(self, store: Store, render: Render) -> None:
        self._store = store
        self._render = render
        self._restore: Restore | None = None
        self._are_to_be_made = True  # whether there may be posts to make

    def begin(self, now: datetime) -> None:
        """Learn of the last restore. A backup that somebody has copied into its place comes back now."""
        with self._store.read() as view:
            is_copy = restores.pending(view) is not None
        with self._store.write() if is_copy else self._store.read() as tx:
            self._restore = come_back(tx, now, RESTORE, _BY_HAND) if is_copy else restores.last(tx)

    def doubt(self, now: datetime) -> None:
        """Put in doubt what may be out, as often as rows appear: with the plan, its edits, and the feeds' slots."""
        if self._restore is None:
            return
        with self._store.read() as view:
            if not restores.unclear(view, self._restore):
                return
        with self._store.write() as tx:
            doubt(tx, self._restore, now)
        self._are_to_be_made = True

    def end(self, workspace: Workspace, now: datetime) -> bool:
        """Let go on what was looked for and is not out; whether there was any, which the plan has to look at anew.

        It goes on when its channel is asked no more, so that of several that are late the newest is known.
        """
        if self._restore is None:
            return False
        with self._store.read() as view:
            if not restores.answered(view):
                return False
        with self._store.write() as tx:
            unclear = restores.unclear_channels(tx)
            absent = [self._end(tx, one, workspace, unclear, now) for one in restores.answered(tx)]
        return any(absent)

    def _end(self, tx: Connection, one: Doubt, workspace: Workspace, unclear: set[str], now: datetime) -> bool:
        row = one.delivery
        is_absent = row.state in (State.PLANNED, State.AWAITING)
        if is_absent and one.was is not row.state and one.was is not State.PLANNED:
            held_from = row.state.value if one.was is State.HELD else None
            deliveries.move(tx, row, Step(one.was, one.reason), now, RESTORE, held_from=held_from)
        elif is_absent and row.channel in unclear:
            return False
        elif is_absent and row.revision is None and _picks_latest(workspace, row):
            deliveries.amend(tx, row, message=None)  # it was chosen only to be looked for
        restores.end(tx, one)
        return is_absent

    def make_posts(self, workspace: Workspace, now: datetime) -> None:
        """Make the posts that are to be looked for. What cannot be made, only a person can look for."""
        if self._restore is None or not self._are_to_be_made:
            return
        with self._store.read() as view:
            rows = restores.open_doubts(view)
        for row in rows:
            if row.post is None:
                self._make(workspace, self._chosen(workspace, row), now)
        self._are_to_be_made = False

    def _chosen(self, workspace: Workspace, row: Delivery) -> Delivery:
        """With the message that it went out with, if it did: what picks the newest chooses only at its time."""
        message = None if row.message or row.item else _newest(workspace, row)
        if message:
            with self._store.write() as tx, suppress(deliveries.Overtaken):
                deliveries.amend(tx, row, message=message)
        return replace(row, message=row.message or message)

    def _make(self, workspace: Workspace, row: Delivery, now: datetime) -> None:
        channel = workspace.schedules.channels.get(row.channel)
        if channel is None or not isinstance(channel, Finds):
            return  # nobody can look
        post: Post | None = None
        why = ""
        try:
            post = self._post(workspace, row, channel)
        except ComposeError as error:
            why = str(error)
        with self._store.write() as tx, suppress(deliveries.Overtaken):
            if post:
                deliveries.amend(tx, row, post=post.as_json())
            else:
                deliveries.move(tx, row, Step(State.NEEDS_PERSON, f"{row.reason}, {_NO_POST}: {why}"), now, RESTORE)

    def _post(self, workspace: Workspace, row: Delivery, channel: Channel) -> Post:
        """The post as it would be now: a kind knows it by its key, whatever was changed in it since."""
        campaign = workspace.schedules.campaigns.get(row.campaign)
        with self._store.read() as view:
            kept = approvals.get(view, row.revision) if row.revision else None
            revision = kept or current_revision(view, workspace, row)
            amended = deliveries.get(view, row.of) if row.of else None
        if campaign is None or revision is None:
            raise ComposeError("its message is not there any more")
        return compose(revision, Moment.of(row, amended, channel), channel, campaign, workspace, self._render, None)


def _picks_latest(workspace: Workspace, row: Delivery) -> bool:
    return any(one.id == row.schedule and one.pick is Pick.LATEST for one in workspace.schedules.schedules)


def _newest(workspace: Workspace, row: Delivery) -> str | None:
    """What a schedule of the newest message would have chosen at the delivery's time."""
    found = [one for one in workspace.schedules.schedules if one.id == row.schedule]
    return newest_message(workspace, found[0], row.due)[0] if found else None
