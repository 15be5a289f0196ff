"""The story of a message: every place where it is or was, with each text that stood there, since when, and by whom.

Read from the rows and the log; writes nothing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from channels.registry import kind_of
from content.post import Format, Post
from content.words import say
from publisher.delivery import Action, Delivery, State
from publisher.store import approvals, log, mendings, withdrawals
from publisher.workspace import Workspace


@dataclass(frozen=True)
class Stood:
    """A text as it stood at a place: since when, and until when."""

    post: Post
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class Event:
    """Something that happened to the message there, and who did it."""

    at: datetime
    what: str
    who: str
    reason: str


@dataclass(frozen=True)
class Place:
    """One publication: where, what became of it, and what it says there."""

    delivery: Delivery
    agency: str
    kind: str
    format: Format
    state: str
    url: str | None
    texts: tuple[Stood, ...]
    events: tuple[Event, ...]


@dataclass(frozen=True)
class Approved:
    """A text that somebody let go out."""

    revision: str
    title: str
    author: str | None
    approver: str
    document: str | None
    at: datetime


@dataclass(frozen=True)
class Story:
    """All about one message."""

    campaign: str  # title
    document: str | None
    message: str
    title: str
    is_withdrawn: bool
    approvals: tuple[Approved, ...]
    places: tuple[Place, ...]
    acts: tuple[Event, ...]  # what people did about the whole message


def story(view: Connection, workspace: Workspace, campaign: str, message: str) -> Story:
    """All that is known of a message."""
    rows = mendings.publications(view, campaign, message)
    places = tuple(_place(view, workspace, row) for row in rows)
    written = workspace.written(campaign, message)
    settings = workspace.schedules.campaigns.get(campaign)
    titles = [stood.post.title for place in places for stood in place.texts]
    return Story(
        campaign=settings.title if settings else campaign,
        document=settings.document if settings else None,
        message=message,
        title=written.message.title if written else titles[-1] if titles else message,
        is_withdrawn=(campaign, message) in withdrawals.standing(view),
        approvals=tuple(_approvals(view, campaign, message)),
        places=places,
        acts=tuple(_acts(view, campaign, message)),
    )


def _place(view: Connection, workspace: Workspace, row: Delivery) -> Place:
    amending = mendings.of(view, row.id)
    channel = workspace.schedules.channels.get(row.channel)
    receipt = mendings.receipt_of(view, row.id) or row.receipt
    return Place(
        delivery=row,
        agency=workspace.schedules.agencies[channel.agency].name if channel else "",
        kind=kind_of(channel) if channel else "",
        format=channel.format if channel else Format.PLAIN,
        state=_state(row, amending),
        url=receipt.url if receipt else None,
        texts=tuple(_texts(row, amending)),
        events=tuple(sorted(_events(view, [row, *amending]), key=lambda event: event.at)),
    )


def _state(row: Delivery, amending: Sequence[Delivery]) -> str:
    done = [one for one in amending if one.state is State.PUBLISHED]
    withdrawal = next((one for one in done if one.action is Action.WITHDRAW), None)
    last = withdrawal or (done[-1] if done else None)
    if last is None:
        return row.state.value
    if last.post and last.post.amends:
        return say("withdrawn by a notice") if withdrawal else say("corrected by a notice")
    return say("withdrawn") if withdrawal else say("corrected")


def _texts(row: Delivery, amending: Sequence[Delivery]) -> Iterator[Stood]:
    """Every text that stood there, in order: a notice stands beside what it tells of, and does not end it."""
    done = [one for one in (row, *amending) if one.state is State.PUBLISHED and one.published_at and one.post]
    for number, one in enumerate(done):
        is_removal = one.action is Action.WITHDRAW and not (one.post and one.post.amends)
        if is_removal or one.post is None or one.published_at is None:
            continue
        ends = (later.published_at for later in done[number + 1 :] if later.post and not later.post.amends)
        yield Stood(one.post, one.published_at, next(ends, None))


def _events(view: Connection, rows: Sequence[Delivery]) -> Iterator[Event]:
    for row in rows:
        for entry in log.entries(view, delivery=row.id):
            if entry["event"] in _TOLD:
                yield _event(entry, row)


#: What of a delivery's life its story tells; the log has all of it.
_TOLD = {state.value for state in State} - {State.PLANNED.value, State.SENDING.value} | {"late_answer"}


def _event(entry: Mapping[str, Any], row: Delivery) -> Event:
    what = entry["event"]
    if what == State.PUBLISHED.value:
        what = {Action.UPDATE: say("corrected"), Action.WITHDRAW: say("withdrawn")}.get(row.action, what)
    reason = entry.get("reason", "")
    return Event(_at(entry), what, entry["who"]["name"], "" if reason == what else reason)


def _acts(view: Connection, campaign: str, message: str) -> Iterator[Event]:
    for entry in log.about(view, ("correcting", "withdrawing", "let_go"), campaign, message):
        yield Event(_at(entry), _ACTS[entry["event"]], entry["who"]["name"], entry.get("reason", ""))


_ACTS = {
    "correcting": say("asked for a correction"),
    "withdrawing": say("asked for a withdrawal"),
    "let_go": say("let it be sent again"),
}


def _approvals(view: Connection, campaign: str, message: str) -> Iterator[Approved]:
    for approval in approvals.of_message(view, campaign, message):
        revision = approvals.get(view, approval.revision)
        if revision:
            yield Approved(
                approval.revision[:12], str(revision.context["title"]), revision.author,
                approval.approver, approval.document, approval.at,
            )  # fmt: skip


def _at(entry: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(entry["at"])
