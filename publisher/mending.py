"""Mending what went out: a message is corrected, or withdrawn, wherever it was published.

Each publication gets a row of its own that amends it, on the same road as any other delivery. Where a channel can
change what is out, the row changes it; elsewhere it publishes a notice, one a channel. Asking twice changes nothing:
what is mended, or about to be, is left alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from channels.base import Channel, Updates, Withdraws, ready_of, sessions_of
from content import corrections
from content.aloud import aloud
from content.post import Format, Post
from publisher.decisions import Objection, next_session
from publisher.delivery import OPEN, OUT, Action, Delivery, Planned, State, Step
from publisher.layout import local_day
from publisher.overdue import taken_out
from publisher.store import deliveries, log, mendings, withdrawals
from publisher.store.log import Actor
from publisher.wording import current_revision
from publisher.workspace import Workspace

#: What may still bring the mending about, or has.
_UNDER_WAY = OPEN | OUT


@dataclass(frozen=True)
class Mended:
    """What is done about one publication: the row that amends it; none, and why, where nothing is or can be done."""

    publication: Delivery
    row: int | None
    reason: str = ""
    needs_person: bool = False
    is_behind: bool = False  # the row is past its intent with an earlier text: it is to be asked again afterwards


def correct(
    tx: Connection, workspace: Workspace, uuid: str, campaign: str, message: str, who: Actor, reason: str, at: datetime
) -> list[Mended]:
    """Give every publication of a message the text that its file has now, once that is approved."""
    if workspace.written(campaign, message) is None:
        raise Objection(f"there is no message {message!r} in campaign {campaign}")
    order = _Order(tx, workspace, uuid, Action.UPDATE, who, reason, at)
    found = [order.mend(row) for row in order.publications(campaign, message)]
    log.append(tx, "correcting", at, who, campaign=campaign, message=message, reason=reason)
    return found


def withdraw(
    tx: Connection, workspace: Workspace, uuid: str, campaign: str, message: str, who: Actor, reason: str, at: datetime
) -> list[Mended]:
    """Take every publication of a message from the public, and choose the message no more until it is released."""
    publications = mendings.publications(tx, campaign, message)
    if workspace.written(campaign, message) is None and not publications:
        raise Objection(f"there is no message {message!r} in campaign {campaign}, and nothing of it was ever planned")
    for row in mendings.open_of_message(tx, campaign, message):
        if row.action is not Action.WITHDRAW and not row.may_be_out:
            change = taken_out(row)
            deliveries.move(tx, row, change.step, at, who, **change.columns)
    withdrawals.add(tx, campaign, message, at, who.name, reason)
    order = _Order(tx, workspace, uuid, Action.WITHDRAW, who, reason, at)
    found = [order.mend(row) for row in order.publications(campaign, message)]
    log.append(tx, "withdrawing", at, who, campaign=campaign, message=message, reason=reason)
    return found


def let_go(tx: Connection, campaign: str, message: str, who: Actor, reason: str, at: datetime) -> None:
    """Let a withdrawn message be chosen again. What was taken from the public stays away."""
    if not withdrawals.lift(tx, campaign, message, at):
        raise Objection(f"{message} is not withdrawn")
    log.append(tx, "let_go", at, who, campaign=campaign, message=message, reason=reason)


class _Order:
    """One act of a person on all publications of a message."""

    def __init__(
        self, tx: Connection, workspace: Workspace, uuid: str, action: Action, who: Actor, reason: str, at: datetime
    ) -> None:
        self._tx = tx
        self._workspace = workspace
        self._uuid = uuid
        self._action = action
        self._who = who
        self._reason = reason
        self._at = at

    def publications(self, campaign: str, message: str) -> Sequence[Delivery]:
        """What is out of a message, or may be; where only a notice can be given, the last on each channel.

        Of what a person gave up nobody knows whether it is out: it hinders no notice of what certainly is.
        """
        rows = [row for row in mendings.publications(self._tx, campaign, message) if row.is_out]
        likely = sorted(rows, key=lambda row: (row.state is State.PUBLISHED, row.occurrence, row.id))
        last = {row.channel: row.id for row in likely}
        return [row for row in rows if self._is_mended(row, last[row.channel])]

    def _is_mended(self, row: Delivery, last: int) -> bool:
        """Whether a row is seen to by itself, rather than by the notice about the last on its channel."""
        return self._changes(self._channel(row)) or row.id == last or row.state is State.CANCELLED

    def mend(self, row: Delivery) -> Mended:
        """See to one publication."""
        channel = self._channel(row)
        earlier = mendings.of(self._tx, row.id)
        if _is_withdrawn(earlier):
            return Mended(row, None, "it is withdrawn")
        if channel is None:
            return Mended(row, None, f"channel {row.channel} is in the plan no more", needs_person=True)
        if row.state is State.CANCELLED:
            return Mended(row, None, "nobody knows whether it is out: look there", needs_person=True)
        if row.post is None and self._action is Action.WITHDRAW:
            return Mended(row, None, "nobody knows its text: look there", needs_person=True)
        same = [one for one in earlier if one.action is self._action and one.state in _UNDER_WAY]
        if self._action is Action.WITHDRAW and same:
            return Mended(row, same[-1].id)
        if self._action is Action.UPDATE:
            if under_way := next((one for one in same if one.state is not State.PUBLISHED), None):
                return Mended(row, under_way.id, is_behind=self._is_behind(under_way))
            if self._is_up_to_date(row, same):
                return Mended(row, same[-1].id if same else None, "its text is this one already")
        return Mended(row, self._add(row, channel))

    def _channel(self, row: Delivery) -> Channel | None:
        return self._workspace.schedules.channels.get(row.channel)

    def _changes(self, channel: Channel | None) -> bool:
        """Whether what is out there can be changed, rather than only spoken of in a notice."""
        return isinstance(channel, Updates if self._action is Action.UPDATE else Withdraws)

    def _is_behind(self, correction: Delivery) -> bool:
        """Whether it is on its way with a text that is no longer the file's: before its intent it takes the newest."""
        current = current_revision(self._tx, self._workspace, correction)
        return correction.state not in OPEN and current is not None and current.sha256 != correction.revision

    def _is_up_to_date(self, row: Delivery, corrections: Sequence[Delivery]) -> bool:
        current = current_revision(self._tx, self._workspace, row)
        live = (corrections[-1] if corrections else row).revision
        return current is not None and current.sha256 == live

    def _add(self, row: Delivery, channel: Channel) -> int:
        """The row that mends a publication; it waits for as long as nobody knows whether that is out."""
        session = self._session(row, channel)
        planned = Planned(
            schedule=f"{row.campaign}/@{_VERBS[self._action]}", name=f"{row.campaign}/@{_VERBS[self._action]}",
            campaign=row.campaign, occurrence=session or self._at,
            day=local_day(session or self._at, self._workspace.schedules.timezone), channel=row.channel,
            item=f"{row.id} {self._at.isoformat()}", content=row.message or "", message=row.message,
            due=max(self._at, session - ready_of(channel)) if session else self._at, session=session, place=0,
            priority=row.priority, action=self._action, of=row.id, number=mendings.next_number(self._tx, row.id),
        )  # fmt: skip
        number = deliveries.add(self._tx, planned, self._uuid, self._at, self._who, free_of_grace=True)
        made = deliveries.get(self._tx, number)
        assert made is not None
        if self._action is Action.WITHDRAW:
            post = self._withdrawal(row, made, channel)
            deliveries.amend(self._tx, made, revision=row.revision, post=post.as_json(), post_sha256=post.sha256)
        if row.state is not State.PUBLISHED:
            step = Step(State.HELD, f"waits until it is known whether delivery {row.id} is out")
            planned_before = State.PLANNED.value
            deliveries.move(self._tx, made, step, self._at, self._who, held_from=planned_before, ruled=True)
        return number

    def _withdrawal(self, row: Delivery, made: Delivery, channel: Channel) -> Post:
        """What is taken away, or the notice that says so."""
        assert row.post is not None
        if self._changes(channel):
            return row.post
        notice = corrections.withdrawal(row.post, made.key, self._reason, channel.format)
        return aloud(notice, self._workspace.lexicon) if channel.format is Format.SPOKEN else notice

    def _session(self, row: Delivery, channel: Channel) -> datetime | None:
        """In which session a station reads it: the one in which the text itself will be read, or else the next."""
        if not sessions_of(channel):
            return None
        if row.session and row.session > self._at:
            return row.session
        return next_session(channel, self._at, self._workspace.schedules.timezone)


_VERBS = {Action.UPDATE: "correct", Action.WITHDRAW: "withdraw"}


def _is_withdrawn(earlier: Iterable[Delivery]) -> bool:
    return any(one.action is Action.WITHDRAW and one.state is State.PUBLISHED for one in earlier)
