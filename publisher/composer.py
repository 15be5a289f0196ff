"""Composing: a delivery's revision is settled, and its post rendered and hashed, ahead of its time.

A text that waits for approval leaves the last approved one in force. What cannot be composed is FAILED with the
reason, until an edit mends it.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from channels.base import Channel, Updates
from content import corrections
from content.markdown import literal
from content.markup import shape
from content.post import Limits, Media, Post, Priority
from content.templates import Renderer, TemplateError
from content.vietnamese import slug
from publisher import revision as revisions
from publisher.delivery import OPEN, Action, Delivery, State, Step
from publisher.schedules import Approval as Policy
from publisher.schedules import Campaign
from publisher.store import approvals, deliveries, feeds, queues
from publisher.store.approvals import Approval, Revision
from publisher.store.database import Store
from publisher.store.log import Actor
from publisher.workspace import Workspace

COMPOSER = Actor("composer")
#: How long before its due a post is rendered.
AHEAD = timedelta(hours=1)
_SLOW = 1.0  # seconds for one text
_ROUND = 0.25  # seconds for the posts of one round that are not due yet
_CHUNK = 200  # rows at once
_NOT_APPROVED = "its text is not approved"


class ComposeError(Exception):
    """A post cannot be made; the text says why and what to change."""


@dataclass(frozen=True)
class Choice:
    """The revision that a delivery goes out with, and its approval."""

    revision: Revision
    approval: Approval | None
    is_free: bool  # it may go out
    waits: bool  # it, or a newer text, is not approved yet


@dataclass(frozen=True)
class Moment:
    """What a delivery adds to its revision: its key, and when it happens; and what it corrects by a notice."""

    key: str
    occurrence: datetime
    session: datetime | None = None
    corrects: Post | None = None

    @classmethod
    def of(cls, row: Delivery, amended: Delivery | None, channel: Channel) -> "Moment":
        """What a row adds. `amended`: the delivery that it corrects, where the channel can change what is out."""
        if amended is None:
            return cls(row.key, row.occurrence, row.session)
        if isinstance(channel, Updates):
            return cls(amended.key, amended.occurrence, amended.session)
        return cls(row.key, row.occurrence, row.session, amended.post)


class Composer:
    """Settles revisions and renders posts for the rows of the workspace in force."""

    def __init__(self, store: Store, renderer: Renderer) -> None:
        self._store = store
        self._renderer = renderer

    def settle(self, workspace: Workspace, now: datetime) -> None:
        """Bring revision and approval of all deliveries that have not gone out in step with the workspace.

        Many rows are alike: one of each kind is looked at, and all of them only where that one has to change.
        """
        each = [name for name, one in workspace.schedules.campaigns.items() if one.approval is Policy.EVERY_POST]
        with self._store.read() as view:
            settler = _Settler(view, workspace, now)
            one_of_each = deliveries.one_of_each(view, (*OPEN, State.FAILED), each)
            changing = [row for row in one_of_each if settler.asks_for(row)]
            unknown = [one for one in settler.revisions if not approvals.is_kept(view, one.sha256)]
        if unknown:
            with self._store.write() as tx:
                for revision in unknown:
                    approvals.keep(tx, revision, now)
        for row in changing:
            with self._store.read() as view:
                alike = [row] if row.campaign in each else deliveries.alike(view, row)
            self._settle_all(workspace, alike, now)

    def settle_new(self, workspace: Workspace, now: datetime) -> None:
        """The same for those that got their message, or their item, at their due."""
        with self._store.read() as view:
            rows = queues.unsettled(view, now)
        self._settle_all(workspace, rows, now)

    def _settle_all(self, workspace: Workspace, rows: Sequence[Delivery], now: datetime) -> None:
        for start in range(0, len(rows), _CHUNK):
            with self._store.write() as tx:
                settler = _Settler(tx, workspace, now)
                for row in rows[start : start + _CHUNK]:
                    with suppress(deliveries.Overtaken):  # the next pass sees what it is now
                        settler.settle(row)

    def compose(self, workspace: Workspace, now: datetime) -> bool:
        """Render the posts that are due soon and have none yet; whether some are left that can wait a moment."""
        began = time.monotonic()
        slow: dict[str, str] = {}
        left: set[int] = set()
        while True:
            with self._store.read() as view:
                found = queues.to_compose(view, now + AHEAD, len(left) + _CHUNK)
            rows = [row for row in found if row.id not in left]
            left |= self._compose_all(workspace, rows, now, slow)
            if len(rows) < _CHUNK:
                return False
            if rows[-1].due > now and time.monotonic() - began > _ROUND:
                return True

    def _compose_all(
        self, workspace: Workspace, rows: Sequence[Delivery], now: datetime, slow: dict[str, str]
    ) -> set[int]:
        """Compose rows; the numbers of those that stay as they are."""
        made = [(row, found) for row in rows if (found := self._compose(workspace, row, slow)) is not None]
        if made:
            self._put(made, now)
        return {row.id for row in rows} - {row.id for row, _ in made}

    def _put(self, made: Sequence[tuple[Delivery, Post | Step]], now: datetime) -> None:
        with self._store.write() as tx:
            for row, found in made:
                with suppress(deliveries.Overtaken):  # somebody moved it meanwhile: the next pass sees what it is now
                    if isinstance(found, Post):
                        deliveries.amend(tx, row, post=found.as_json(), post_sha256=found.sha256)
                    else:
                        deliveries.move(tx, row, found, now, COMPOSER, post=None, post_sha256=None)

    def _compose(self, workspace: Workspace, row: Delivery, slow: dict[str, str]) -> Post | Step | None:
        """The post of a row, or what becomes of it without one.

        `slow`: what ran away in this pass, by revision, lest one text hold up all channels.
        """
        channel = workspace.schedules.channels.get(row.channel)
        campaign = workspace.schedules.campaigns.get(row.campaign)
        if channel is None or campaign is None or row.revision is None:
            return None  # the next planning pass cancels it
        with self._store.read() as view:
            revision = approvals.get(view, row.revision)
            approval = approval_of(view, row, campaign, row.revision)
            amended = deliveries.get(view, row.of) if row.of else None
            whole = deliveries.get(view, row.id) if row.action is Action.WITHDRAW else None
        if whole is not None:
            return whole.post  # made when the withdrawal was asked for
        if revision is None:
            return None
        if campaign.approval is not Policy.NONE and approval is None:  # whoever let it go on
            return Step(State.AWAITING, _NOT_APPROVED)
        began = time.monotonic()
        try:
            if row.revision in slow:
                raise ComposeError(slow[row.revision])
            made = Moment.of(row, amended, channel)
            return compose(revision, made, channel, campaign, workspace, self._renderer.render, approval)
        except ComposeError as error:
            if time.monotonic() - began > _SLOW:
                slow[row.revision] = str(error)
            return Step(State.FAILED, f"cannot be composed: {error}")


class _Settler:
    """Settles many rows over one view; a revision is made once for each message and channel."""

    def __init__(self, view: Connection, workspace: Workspace, now: datetime) -> None:
        self._view = view
        self._workspace = workspace
        self._now = now
        self._made: dict[tuple[str, str, str], Revision | None] = {}
        self._chosen: dict[str, Choice] = {}
        self._kept: set[str] = set()

    @property
    def revisions(self) -> list[Revision]:
        """Those that were made."""
        return [made for made in self._made.values() if made is not None]

    def settle(self, row: Delivery) -> None:
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
            return Step(State.AWAITING, _NOT_APPROVED), columns
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
        place = f"{row.channel}\n{current.sha256}"
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
    return revisions.of_message(written, row.message, campaign, channel, schedules) if written else None


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


def compose(
    revision: Revision,
    moment: Moment,
    channel: Channel,
    campaign: Campaign,
    workspace: Workspace,
    render: Callable[[str, dict[str, Any]], str],
    approval: Approval | None,
) -> Post:
    """The post of a delivery. Raises ComposeError."""
    context = revision.context
    occurrence = moment.occurrence.astimezone(workspace.schedules.timezone)
    reads = {**context["reads"], "occurrence": occurrence}
    is_plain = context["markup"] == "plain"  # of a feed: its signs are no Markdown, and no template
    text = literal(context["text"]) if is_plain else _render(render, context["text"], reads)
    text = shape(text, channel.format)
    if not text.strip():
        raise ComposeError("its text is empty")
    post = Post(
        key=moment.key,
        title=context["title"],
        text=text,
        summary=context["summary"],
        slug=slug(context["title"], moment.key),
        occurrence=moment.session.astimezone(occurrence.tzinfo) if moment.session else occurrence,
        campaign=campaign.title,
        agency=workspace.schedules.agencies[channel.agency].name,
        document=campaign.document,
        approver=approval.approver if approval else None,
        approval_document=approval.document if approval else None,
        author=context["author"],
        link=context["link"],
        image=Media(**context["image"]) if context["image"] else None,
        tags=tuple(context["tags"]),
        lang=context["lang"],
        priority=Priority(context["priority"]),
    )
    if moment.corrects:
        post = corrections.correction(post, moment.corrects, channel.format)
    _check_limits(post, channel.limits)
    return post


def _render(render: Callable[[str, dict[str, Any]], str], source: str, reads: dict[str, Any]) -> str:
    try:
        return render(source, reads)
    except TemplateError as error:
        raise ComposeError(f"line {error.line} of its text: {error.text}") from None


def _check_limits(post: Post, limits: Limits) -> None:
    for part in ("title", "summary", "text"):
        most = getattr(limits, part)
        length = _length(getattr(post, part), limits)
        if most is not None and length > most:
            raise ComposeError(f"its {part} has {length} characters, and this channel takes {most}: shorten it")


def _length(text: str, limits: Limits) -> int:
    return len(text.encode("utf-16-le")) // 2 if limits.count == "utf16" else len(text)
