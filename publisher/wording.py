"""Wording: which revision a delivery goes out with, and under whose approval.

A text that waits for approval leaves the last approved one in force.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from publisher import revision as revisions
from publisher.delivery import OPEN, Action, Delivery, State, Step
from publisher.schedules import Approval as Policy
from publisher.schedules import Campaign
from publisher.store import approvals, deliveries, feeds, likeness, queues
from publisher.store.approvals import Approval, Revision
from publisher.store.database import Store
from publisher.store.log import Actor
from publisher.workspace import Workspace

COMPOSER = Actor("composer")
NOT_APPROVED = "its text is not approved"
_CHUNK = 200  # rows at once


@dataclass(frozen=True)
class Choice:
    """The revision that a delivery goes out with, and its approval."""

    revision: Revision
    approval: Approval | None
    is_free: bool  # it may go out
    waits: bool  # it, or a newer text, is not approved yet


def bring_in_step(store: Store, workspace: Workspace, now: datetime) -> None:
    """Bring revision and approval of all deliveries that have not gone out in step with the workspace.

    Many rows are alike: one of each kind is looked at, and all of them only where that one has to change.
    """
    each = [name for name, one in workspace.schedules.campaigns.items() if one.approval is Policy.EVERY_POST]
    with store.read() as view:
        wording = _Wording(view, workspace, now)
        one_of_each = list(likeness.one_of_each(view, (*OPEN, State.FAILED), each))
        changing = [row for row in one_of_each if wording.asks_for(row)]
        known = {row.revision for row in one_of_each}
        new = [one for one in wording.revisions if one.sha256 not in known]
        unknown = [one for one in new if not approvals.is_kept(view, one.sha256)]
    if unknown:
        with store.write() as tx:
            for revision in unknown:
                approvals.keep(tx, revision, now)
    together: list[Delivery] = []
    for row in changing:
        with store.read() as view:
            together += [row] if row.campaign in each else likeness.alike(view, row)
        if len(together) >= _CHUNK:
            _bring_all_in_step(store, workspace, together, now)
            together = []
    _bring_all_in_step(store, workspace, together, now)


def bring_new_in_step(store: Store, workspace: Workspace, now: datetime) -> None:
    """The same for those that got their message, or their item, at their due."""
    with store.read() as view:
        rows = queues.unsettled(view, now)
    _bring_all_in_step(store, workspace, rows, now)


def _bring_all_in_step(store: Store, workspace: Workspace, rows: Sequence[Delivery], now: datetime) -> None:
    for start in range(0, len(rows), _CHUNK):
        with store.write() as tx:
            wording = _Wording(tx, workspace, now)
            for row in rows[start : start + _CHUNK]:
                with suppress(deliveries.Overtaken):  # the next pass sees what it is now
                    wording.bring_in_step(row)


class _Wording:
    """Brings many rows in step over one view; a revision is made once for each message and channel."""

    def __init__(self, view: Connection, workspace: Workspace, now: datetime) -> None:
        self._view = view
        self._workspace = workspace
        self._now = now
        self._made: dict[tuple[str, str, str], Revision | None] = {}
        self._chosen: dict[tuple[str, Action, str], Choice] = {}
        self._kept: set[str] = set()

    @property
    def revisions(self) -> list[Revision]:
        """Those that were made."""
        return [made for made in self._made.values() if made is not None]

    def bring_in_step(self, row: Delivery) -> None:
        """Bring one row in step. Overtaken if it is no longer as it was read."""
        step, columns = self._due(row)
        current = self._current(row)
        if current is not None and current.sha256 not in self._kept:
            approvals.keep(self._view, current, self._now)
            self._kept.add(current.sha256)
        if step is not None:
            revision = columns.get("revision", row.revision)
            deliveries.move(self._view, replace(row, revision=revision), step, self._now, COMPOSER, **columns)
        elif columns:
            deliveries.amend(self._view, row, **columns)

    def asks_for(self, row: Delivery) -> bool:
        """Whether there is something to change."""
        step, columns = self._due(row)
        return step is not None or bool(columns)

    def _due(self, row: Delivery) -> tuple[Step | None, dict[str, Any]]:
        """The step and the columns that bring a row in step; neither where it is."""
        campaign = self._workspace.schedules.campaigns.get(row.campaign)
        current = self._current(row)
        if row.action is Action.WITHDRAW:
            return None, {}  # what it says is no text of the message's
        if campaign is None or current is None or (row.may_be_out and row.post_sha256):
            return None, {}  # of what is partly out, the rest has to be the same text
        chosen = self._choice(row, campaign, current)
        if row.state is State.FAILED:
            return _mended(row, chosen)
        columns: dict[str, Any] = {}
        if chosen.revision.sha256 != row.revision:
            columns = {"revision": chosen.revision.sha256, "post": None, "post_sha256": None}
        if row.state is State.PLANNED and not chosen.is_free:
            return Step(State.AWAITING, NOT_APPROVED), columns
        if row.state is State.AWAITING and chosen.is_free:
            approval = chosen.approval
            why = f"approved by {approval.approver}" if approval else "no approval is asked for"
            return Step(State.PLANNED, why), columns | {"post": None, "post_sha256": None}
        if row.state is State.HELD and row.held_from is not None:  # where it goes when it is let go
            back = State.PLANNED if chosen.is_free else State.AWAITING
            columns |= {} if back is row.held_from else {"held_from": back.value}
        return None, columns

    def _choice(self, row: Delivery, campaign: Campaign, current: Revision) -> Choice:
        if campaign.approval is Policy.EVERY_POST:
            return choose_revision(self._view, row, campaign, current)
        place = (row.channel, row.action, current.sha256)  # a correction takes no earlier text
        if place not in self._chosen:
            self._chosen[place] = choose_revision(self._view, row, campaign, current)
        return self._chosen[place]

    def _current(self, row: Delivery) -> Revision | None:
        if row.message is None and not row.item:
            return None
        place = (row.campaign, row.message or f"{row.schedule}\n{row.item}", row.channel)
        if place not in self._made:
            self._made[place] = current_revision(self._view, self._workspace, row)
        return self._made[place]


def _mended(row: Delivery, chosen: Choice) -> tuple[Step | None, dict[str, Any]]:
    """What failed to compose is tried again when there is another text that may go out."""
    if row.post_sha256 is None and chosen.is_free and row.revision != chosen.revision.sha256:
        return Step(State.PLANNED, "an edit changed its text"), {"revision": chosen.revision.sha256}
    return None, {}


def current_revision(view: Connection, workspace: Workspace, row: Delivery) -> Revision | None:
    """The revision that the files make of a delivery's message now; None if they have no such message."""
    schedules = workspace.schedules
    campaign, channel = schedules.campaigns.get(row.campaign), schedules.channels.get(row.channel)
    if campaign is None or channel is None:
        return None
    if row.message is None:
        known = feeds.item(view, row.schedule, row.channel, row.item)
        return revisions.of_item(known.content, row.item, campaign) if known else None
    written = workspace.written(row.campaign, row.message)
    return revisions.of_message(written, row.message, campaign, channel, workspace) if written else None


def choose_revision(view: Connection, row: Delivery, campaign: Campaign, current: Revision) -> Choice:
    """The revision in force for a delivery, as the campaign's approval asks for.

    A correction is of the very text that is in the file: no earlier one can take its place.
    """
    if campaign.approval is Policy.NONE:
        return Choice(current, None, is_free=True, waits=False)
    if row.action is Action.UPDATE:
        own = approval_of(view, row, campaign, current.sha256)
        return Choice(current, own, is_free=own is not None, waits=own is None)
    if campaign.approval is Policy.EVERY_POST and row.message is not None:
        approval = approvals.of_delivery(view, row.id)
    else:
        approval = approvals.of_text(view, current.sha256) or approvals.newest_of_message(
            view, row.campaign, current.message, row.channel
        )
    if approval is None:
        return Choice(current, None, is_free=False, waits=True)
    approved = current if approval.revision == current.sha256 else approvals.get(view, approval.revision)
    if approved is None or approved.message != current.message:  # it has got another message since
        return Choice(current, None, is_free=False, waits=True)
    return Choice(approved, approval, is_free=True, waits=approved.sha256 != current.sha256)


def approval_of(view: Connection, row: Delivery, campaign: Campaign, revision: str) -> Approval | None:
    """The approval under which a delivery's revision goes out."""
    if campaign.approval is Policy.NONE:
        return None
    if campaign.approval is Policy.EVERY_POST and row.message is not None:
        approval = approvals.of_delivery(view, row.id)
        return approval if approval and approval.revision == revision else None
    return approvals.of_text(view, revision)
