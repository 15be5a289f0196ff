"""Composing: a delivery's post is rendered and hashed, ahead of its time.

What cannot be composed is FAILED with the reason, until an edit mends it.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from channels.base import Channel, Updates
from content import corrections
from content.aloud import aloud
from content.markdown import literal
from content.markup import shape
from content.post import Format, Limits, Media, Post, Priority
from content.templates import Renderer, TemplateError
from content.vietnamese import slug
from publisher.delivery import Action, Delivery, State, Step
from publisher.schedules import Approval as Policy
from publisher.schedules import Campaign
from publisher.store import approvals, deliveries, queues
from publisher.store.approvals import Approval, Revision
from publisher.store.database import Store
from publisher.wording import COMPOSER, NOT_APPROVED, approval_of
from publisher.workspace import Workspace

#: How long before its due a post is rendered.
AHEAD = timedelta(hours=1)
_SLOW = 1.0  # seconds for one text
_ROUND = 0.25  # seconds for the posts of one round that are not due yet
_CHUNK = 200  # rows at once


class ComposeError(Exception):
    """A post cannot be made; the text says why and what to change."""


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
    """Renders posts for the rows of the workspace in force."""

    def __init__(self, store: Store, renderer: Renderer) -> None:
        self._store = store
        self._renderer = renderer

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
            return Step(State.AWAITING, NOT_APPROVED)
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
    if channel.format is Format.SPOKEN:
        post = aloud(post, workspace.lexicon if is_plain else context.get("lexicon", {}))
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
