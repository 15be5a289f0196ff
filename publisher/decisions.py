"""What people decide: approve, hold, release, cancel, settle, send; pause and resume. Every act is in the log.

Command line and pages act through here, and through the transition table alone.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from channels.base import Channel, Receipt, ready_of, sessions_of
from content.characters import normal
from content.post import Priority
from publisher.cadence import instant_of
from publisher.delivery import OPEN, Action, Delivery, Planned, State, Step
from publisher.layout import local_day
from publisher.schedules import Approval as Policy
from publisher.store import approvals, breakers, deliveries, feeds, likeness, log, pauses, withdrawals
from publisher.store.approvals import Revision
from publisher.store.log import Actor
from publisher.store.pauses import Pause, Scope
from publisher.wording import current_revision
from publisher.workspace import Workspace

_UNDECIDED = (State.PLANNED, State.AWAITING)
ENDED = frozenset({State.FAILED, State.MISSED, State.SKIPPED, State.CANCELLED})


class Objection(Exception):
    """Something cannot be decided so; the text says why and what to do."""


def person(name: str) -> Actor:
    """Somebody who typed a name in a shell: nobody has checked it."""
    if not name.strip():
        raise Objection("a name is needed: who decides this? (--as NAME)")
    return Actor(normal(name.strip()), role="person", verified=False)


@dataclass(frozen=True)
class Draft:
    """A text that waits for approval, with the deliveries that it would free."""

    revision: Revision
    deliveries: tuple[Delivery, ...]  # none for an item of a feed: it goes out at its next slots
    channels: tuple[str, ...]
    each: bool  # every delivery is approved by itself


def drafts(view: Connection, workspace: Workspace) -> list[Draft]:
    """The texts that wait for approval: of deliveries and of feeds' items."""
    campaigns = workspace.schedules.campaigns
    each = [name for name, one in campaigns.items() if one.approval is Policy.EVERY_POST]
    together: dict[tuple[str, str, str], list[Delivery]] = {}
    for row in likeness.one_of_each(view, _UNDECIDED, each):
        if row.message is not None and row.campaign in campaigns and row.action is not Action.WITHDRAW:
            together.setdefault((row.campaign, row.message, row.channel), []).append(row)
    waiting: dict[str, list[Delivery]] = {}
    revisions: dict[str, Revision] = {}
    for (name, message, channel), rows in together.items():
        policy = campaigns[name].approval
        current = current_revision(view, workspace, rows[0]) if policy is not Policy.NONE else None
        if current is None:
            continue
        if policy is Policy.ONCE_PER_TEXT and approvals.of_text(view, current.sha256) is None:
            lacking = likeness.of_text(view, name, message, channel, _UNDECIDED)
        else:
            lacking = _lacking(view, rows, policy, current)
        if lacking:
            revisions[current.sha256] = current
            waiting.setdefault(current.sha256, []).extend(lacking)
    found = [
        Draft(revisions[digest], tuple(rows), _channels(rows), _policy(workspace, rows[0]) is Policy.EVERY_POST)
        for digest, rows in waiting.items()
    ]
    return [*sorted(found, key=_first), *_item_drafts(view, workspace)]


def _first(draft: Draft) -> tuple[datetime, datetime, int, int]:
    """Which of two texts is needed first."""
    return min((row.occurrence, row.due, row.place, row.id) for row in draft.deliveries)


def approve(
    tx: Connection, chosen: Iterable[Draft], approver: Actor, at: datetime, *, document: str | None
) -> list[Draft]:
    """Approve texts; those that went through. The approver is never the author."""
    chosen = list(chosen)
    for draft in chosen:
        author = draft.revision.author
        if author and _folded(author) == _folded(approver.name):
            raise Objection(f"{draft.revision.message} was written by {author}: somebody else has to approve it")
    for draft in chosen:
        numbers: Sequence[int | None] = [row.id for row in draft.deliveries] if draft.each else [None]
        for number in numbers:
            approvals.approve(
                tx, draft.revision.sha256, approver.name, at,
                verified=approver.verified, document=document, delivery=number,
            )  # fmt: skip
        log.append(
            tx, "approved", at, approver, campaign=draft.revision.campaign, message=draft.revision.message,
            revision=draft.revision.sha256, document=document, channels=list(draft.channels),
            deliveries=[row.id for row in draft.deliveries] if draft.each else None,
        )  # fmt: skip
    return chosen


def hold(tx: Connection, row: Delivery, who: Actor, reason: str, at: datetime) -> None:
    """Stop a delivery until it is released."""
    if row.state not in OPEN - {State.HELD}:
        raise Objection(f"delivery {row.id} is {row.state.value}: only what is planned or awaiting can be held")
    deliveries.move(tx, row, Step(State.HELD, reason), at, who, held_from=row.state.value)


def cancel(tx: Connection, row: Delivery, who: Actor, reason: str, at: datetime) -> None:
    """Take a delivery out for good; `release` brings it back."""
    if row.state not in OPEN | {State.NEEDS_PERSON}:
        raise Objection(f"delivery {row.id} is {row.state.value}: it cannot be cancelled")
    gives_up = row.state is State.NEEDS_PERSON  # whether it is out stays unknown: it keeps its place in the plan
    deliveries.move(tx, row, Step(State.CANCELLED, reason), at, who, may_be_out=row.may_be_out or gives_up)


def release(
    tx: Connection, row: Delivery, channel: Channel, who: Actor, reason: str, at: datetime, zone: ZoneInfo
) -> None:
    """Let a held or ended delivery go on: at its time, or now if that has passed, whatever its grace.

    A bulletin whose session has begun joins the station's next.
    """
    if row.state is not State.HELD and row.state not in ENDED:
        raise Objection(f"delivery {row.id} is {row.state.value}: only what is held or has ended can be released")
    if row.state is State.SKIPPED and row.message is None and not row.item:
        raise Objection(f"delivery {row.id} has no message ({row.reason}): choose one with `publisher send`")
    if row.action is not Action.WITHDRAW and row.message is not None:
        _refuse_withdrawn(tx, row.campaign, row.message)
    state = row.held_from if row.state is State.HELD and row.held_from else State.PLANNED
    session = row.session
    if session is not None and session <= at:
        session = next_session(channel, at, zone)
    due = max(row.due if session == row.session else at, at)
    # Its text and its approval may be others by now; not if a part of it is out already.
    anew: dict[str, Any] = {} if row.may_be_out else {"revision": None, "post": None, "post_sha256": None}
    deliveries.move(
        tx, row, Step(state, reason), at, who, due=due, session=session,
        free_of_grace=True, held_from=None, **anew,
    )  # fmt: skip


def settle(
    tx: Connection, row: Delivery, who: Actor, reason: str, at: datetime, *, published: bool, url: str | None
) -> None:
    """End a doubt that only a person can end."""
    if row.state is not State.NEEDS_PERSON:
        raise Objection(f"delivery {row.id} is {row.state.value}: only one that needs a person can be settled")
    if published:
        receipt = Receipt(id=f"settled by {who.name}", url=url)
        deliveries.move(tx, row, Step(State.PUBLISHED, reason, receipt=receipt), at, who)
    else:
        deliveries.move(tx, row, Step(State.PLANNED, reason), at, who, due=max(row.due, at), free_of_grace=True)


def send(
    tx: Connection, workspace: Workspace, uuid: str, campaign: str, message: str, channel: Channel, who: Actor,
    at: datetime, *, again: bool,
) -> int:  # fmt: skip
    """A delivery of a message on a channel, now, or in the station's next session; its number."""
    written = workspace.written(campaign, message)
    if written is None:
        raise Objection(f"there is no message {message!r} in campaign {campaign}")
    _refuse_withdrawn(tx, campaign, message)
    before = deliveries.of_message(tx, campaign, message, channel.name)
    if not again and any(row.is_out or (row.state in OPEN and row.name.endswith("/@send")) for row in before):
        raise Objection(f"{message} is out, or on its way, on {channel.name} (send it once more with --again)")
    urgent = written.message.priority is Priority.URGENT
    zone = workspace.schedules.timezone
    session = next_session(channel, at, zone) if sessions_of(channel) and not urgent else None
    planned = Planned(
        schedule=f"{campaign}/@send", name=f"{campaign}/@send", campaign=campaign, occurrence=session or at,
        day=local_day(session or at, zone),
        channel=channel.name, item=f"{message} {at.isoformat()}", content=message, message=message,
        due=max(at, session - ready_of(channel)) if session else at, session=session, place=0,
        priority=written.message.priority.rank,
    )  # fmt: skip
    return deliveries.add(tx, planned, uuid, at, who, free_of_grace=True)


def _refuse_withdrawn(view: Connection, campaign: str, message: str) -> None:
    if (campaign, message) in withdrawals.standing(view):
        again = f"publisher release {campaign}/{message}"
        raise Objection(f"{message} is withdrawn (let it be sent again with `{again}`)")


def pause(tx: Connection, workspace: Workspace, scope: Scope, name: str, who: Actor, reason: str, at: datetime) -> None:
    """Hold all that falls due from now on, within the scope, until somebody resumes it."""
    known = {
        Scope.ALL: ("",),
        Scope.CAMPAIGN: tuple(workspace.schedules.campaigns),
        Scope.CHANNEL: tuple(workspace.schedules.channels),
    }[scope]
    if name not in known:
        raise Objection(f"there is no {scope.value} {name!r} (there are: {', '.join(known)})")
    if not pauses.pause(tx, scope, name, reason, at, who):
        standing = next(pause for pause in pauses.covering(tx).standing if (pause.scope, pause.name) == (scope, name))
        raise Objection(f"{standing} (it was paused by {standing.who})")


def resume(tx: Connection, scope: Scope, name: str, who: Actor, reason: str, at: datetime) -> tuple[Pause, ...]:
    """End a pause; a channel that does not answer is also tried at once. The pauses that stand still."""
    lifted = pauses.lift(tx, scope, name, reason, at, who)
    tried = scope is Scope.CHANNEL and breakers.try_now(tx, name, at)
    standing = pauses.covering(tx).standing
    if tried and not lifted:
        log.append(tx, "tried", at, who, channel=name, reason=reason)
    if not lifted and not tried:
        names = ", ".join(pause.what for pause in standing) or "nothing"
        what = "everything" if scope is Scope.ALL else f"{scope.value} {name!r}"
        raise Objection(f"{what} is not paused (paused is: {names})")
    return standing


def next_session(channel: Channel, after: datetime, zone: ZoneInfo) -> datetime:
    """The first session of a station after an instant."""
    day = after.astimezone(zone).date()
    days = (day, day + timedelta(days=1), day + timedelta(days=2))
    instants = (instant_of(one, at, zone) for one in days for at in sessions_of(channel))
    return min(at for at in instants if at > after)


def _lacking(view: Connection, rows: list[Delivery], policy: Policy, current: Revision) -> list[Delivery]:
    """The deliveries of one text, on one channel, that have to be approved each, and are not."""
    if policy is Policy.ONCE_PER_TEXT:
        return []
    approved = {row.id: approvals.of_delivery(view, row.id) for row in rows}
    return [row for row in rows if (one := approved[row.id]) is None or one.revision != current.sha256]


def _item_drafts(view: Connection, workspace: Workspace) -> list[Draft]:
    found = []
    for schedule in workspace.schedules.schedules:
        campaign = workspace.schedules.campaigns[schedule.campaign]
        if schedule.feed is None or campaign.approval is Policy.NONE:
            continue
        channels: dict[str, list[str]] = {}
        for channel in schedule.to:
            for known in feeds.waiting(view, schedule.id, channel):
                channels.setdefault(known.item, []).append(channel)
        for item, names in channels.items():
            revision = approvals.of_item(view, campaign.key, item)
            if revision and approvals.of_text(view, revision.sha256) is None:
                found.append(Draft(revision, (), tuple(names), each=False))
    return found


def _policy(workspace: Workspace, row: Delivery) -> Policy:
    return workspace.schedules.campaigns[row.campaign].approval


def _channels(rows: Iterable[Delivery]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(row.channel for row in rows))


def _folded(name: str) -> str:
    """A name as it is compared: one dash, comma or capital more makes nobody another person."""
    return " ".join(re.findall(r"\w+", normal(name).casefold()))
