"""What may become of a delivery: its states, the transition table, and the next step after each outcome. Pure.

Nothing else moves a state: worker, planner, command line and pages all go through `Step`s that this table
allows, and the store refuses any other.
"""

import base64
import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from channels.base import (
    Absent,
    Accepted,
    CannotTell,
    ChannelError,
    Receipt,
    Refused,
    TryLater,
    Unauthorized,
)
from content.post import Post
from content.words import say
from publisher.cadence import Late, Quiet, Then, quiet_between


class State(StrEnum):
    """Where a delivery is."""

    PLANNED = say("planned")  # waits for its time
    AWAITING = say("awaiting")  # its revision is not approved
    HELD = say("held")  # stopped by a person, a pause or a broken channel
    SENDING = say("sending")  # the intent is durable; one epoch holds it
    ACCEPTED = say("accepted")  # the channel took it and finishes by itself
    IN_DOUBT = say("in_doubt")  # perhaps published; being looked up
    NEEDS_PERSON = say("needs_person")  # the channel cannot be asked
    PUBLISHED = say("published")  # the channel gave a receipt
    FAILED = say("failed")  # refused for good, or cannot be composed
    MISSED = say("missed")  # too late
    SKIPPED = say("skipped")  # excluded by a rule
    CANCELLED = say("cancelled")  # taken out by a person or an edit


class Action(StrEnum):
    """What a delivery does."""

    PUBLISH = "publish"
    UPDATE = "update"  # corrects the text of the delivery `of`
    WITHDRAW = "withdraw"  # takes the delivery `of` from the public


_S = State
TRANSITIONS: dict[State, frozenset[State]] = {
    _S.PLANNED: frozenset(
        {_S.SENDING, _S.AWAITING, _S.HELD, _S.SKIPPED, _S.CANCELLED, _S.MISSED, _S.FAILED, _S.IN_DOUBT}
    ),
    _S.AWAITING: frozenset({_S.PLANNED, _S.HELD, _S.SKIPPED, _S.CANCELLED, _S.MISSED, _S.FAILED, _S.IN_DOUBT}),
    _S.HELD: frozenset({_S.PLANNED, _S.AWAITING, _S.SKIPPED, _S.CANCELLED, _S.MISSED, _S.IN_DOUBT}),
    _S.SENDING: frozenset({_S.PUBLISHED, _S.ACCEPTED, _S.PLANNED, _S.HELD, _S.FAILED, _S.IN_DOUBT}),
    _S.ACCEPTED: frozenset({_S.PUBLISHED, _S.FAILED, _S.IN_DOUBT}),
    _S.IN_DOUBT: frozenset({_S.PUBLISHED, _S.PLANNED, _S.NEEDS_PERSON}),
    _S.NEEDS_PERSON: frozenset({_S.PUBLISHED, _S.PLANNED, _S.CANCELLED}),
    _S.PUBLISHED: frozenset(),
    _S.FAILED: frozenset({_S.PLANNED}),
    _S.MISSED: frozenset({_S.PLANNED}),
    _S.SKIPPED: frozenset({_S.PLANNED}),
    _S.CANCELLED: frozenset({_S.PLANNED}),
}

#: Whose channel is asked again and again: each time is a step, with its entry.
_ASKED_AGAIN = frozenset({_S.ACCEPTED, _S.IN_DOUBT})
#: Not yet past the intent: an edit, a person or the clock may still take them out.
OPEN = frozenset({_S.PLANNED, _S.AWAITING, _S.HELD})
#: Past the intent and not proven absent: what they publish, or may have published, counts as out.
OUT = frozenset({_S.SENDING, _S.ACCEPTED, _S.IN_DOUBT, _S.NEEDS_PERSON, _S.PUBLISHED})
#: Not ended: something, or somebody, has still to act.
UNFINISHED = OPEN | {_S.SENDING, _S.ACCEPTED, _S.IN_DOUBT, _S.NEEDS_PERSON}


#: What makes a delivery one and no other: schedule, occurrence, channel, item.
Identity = tuple[str, datetime, str, str]


@dataclass(frozen=True, slots=True)  # there may be very many at once
class Delivery:
    """One action on one message × one occurrence × one channel: a row, from the moment it is planned."""

    id: int
    key: str  # the post's key
    schedule: str  # Schedule.id; `campaign/@send` for what a person sends
    name: str  # campaign/schedule, as people know it
    campaign: str
    occurrence: datetime  # nominal, UTC
    day: str  # its local day, year-month-day, in the zone in which it was planned
    channel: str
    item: str  # "" for a single choice; the message for `all`; the item's id for feeds
    content: str  # the schedule's file, folder or feed
    message: str | None  # the path below the campaign's folder; None if not chosen, or an item of a feed
    state: State
    reason: str
    due: datetime
    session: datetime | None  # the session that a bulletin is read in
    place: int  # in the order of the file and of `to`
    priority: int  # Priority.rank
    not_before: datetime | None  # a retry or look-up waits for this
    free_of_grace: bool  # released by a person
    held_from: State | None  # where it was when it was held
    ruled: bool  # a rule or an edit put it where it is, and may take it back
    attempts: int
    lookups: int  # since the last attempt
    may_be_out: bool  # part of it is public, may yet become so, or a person gave up a doubt about it
    epoch: int
    lease_until: datetime | None
    supplement: int | None  # 0 for a script, n for its n-th supplement
    revision: str | None
    post: Post | None
    post_sha256: str | None
    plan: int | None  # the plan whose settings it was claimed with
    doubt_at: datetime | None  # after this no byte of the doubtful attempt left
    accepted: Accepted | None
    receipt: Receipt | None
    published_at: datetime | None
    action: Action = Action.PUBLISH
    of: int | None = None  # the delivery that it corrects or withdraws
    number: int | None = None  # counted for each `of`, from 1

    @property
    def identity(self) -> Identity:
        """The unique columns of its row."""
        return self.schedule, self.occurrence, self.channel, self.item

    @property
    def is_out(self) -> bool:
        """Whether the public has it, or may have some of it: then it takes its place in any plan."""
        return self.state in OUT or self.may_be_out

    @property
    def wakes(self) -> datetime:
        """The earliest instant at which something is to be done about it."""
        return max(self.due, self.not_before) if self.not_before else self.due


@dataclass(frozen=True, slots=True)
class Planned:
    """A delivery that the plan implies, before it has a row."""

    schedule: str
    name: str
    campaign: str
    occurrence: datetime
    day: str  # the nominal local day, year-month-day
    channel: str
    item: str
    content: str
    message: str | None
    due: datetime
    session: datetime | None
    place: int
    priority: int
    state: State = State.PLANNED
    reason: str = ""
    action: Action = Action.PUBLISH
    of: int | None = None
    number: int | None = None

    @property
    def identity(self) -> Identity:
        """The unique columns of its row."""
        return self.schedule, self.occurrence, self.channel, self.item


def key_of(workspace: str, planned: Planned, origin: str, turn: int = 0) -> str:
    """The post's key: 16 characters of a-z and 2-7, from the workspace and the unique columns alone.

    `origin` stands for its schedule, whatever that is called since.

    A database restored from a backup makes the same key again, so that the post can be found on its channel; an
    item of a feed, which goes out once, has the same one in every slot that it may get.
    `turn` is above 0 where a renamed schedule's row holds the key of the name that is used again.
    """
    is_item = bool(planned.item) and planned.message is None
    occurrence = "" if is_item else planned.occurrence.isoformat()
    parts = (workspace, origin, occurrence, planned.channel, planned.item)
    named = "\n".join(parts if turn == 0 else (*parts, str(turn)))
    return base64.b32encode(hashlib.sha256(named.encode()).digest())[:16].decode().lower()


@dataclass(frozen=True)
class Step:
    """A move of a delivery, with all that goes onto its row; the store writes it with its log entry."""

    state: State
    reason: str
    not_before: datetime | None = None
    receipt: Receipt | None = None
    accepted: Accepted | None = None


class Forbidden(ValueError):
    """A move that the transition table does not allow."""


def allow(source: State, target: State) -> None:
    """Raise Forbidden unless the table has this move, or it is a step that stays where it was."""
    if target not in TRANSITIONS[source] and not (source is target and source in _ASKED_AGAIN):
        raise Forbidden(f"a delivery that is {source.value} cannot become {target.value}")


def lateness(delivery: Delivery, now: datetime, quiet: tuple[Quiet, ...], zone: ZoneInfo) -> timedelta:
    """How late a send would be now; the wait for the end of quiet hours does not count."""
    return lateness_of(delivery.due, now, quiet, zone)


def lateness_of(due: datetime, now: datetime, quiet: tuple[Quiet, ...], zone: ZoneInfo) -> timedelta:
    """How late `now` is for what was due then; zero ahead of it."""
    return now - due - quiet_between(due, now, quiet, zone) if now > due else timedelta(0)


def overdue(delivery: Delivery, now: datetime, late: Late, quiet: tuple[Quiet, ...], zone: ZoneInfo) -> Step | None:
    """What becomes of an open delivery because of the clock; None while it may still go out.

    `Then.SEND` is not decided here: which of several late ones is the newest, only their schedule's rows tell.
    """
    if delivery.session is not None:
        return Step(State.MISSED, "its session had begun") if now >= delivery.session else None
    if delivery.free_of_grace:
        return None
    by = lateness(delivery, now, quiet, zone)
    if by <= late.grace:
        return None
    text = f"{spell(by)} late, and at most {spell(late.grace)} are allowed"
    if late.then is Then.ASK and delivery.state is not State.AWAITING:
        return Step(State.HELD, f"{text}: a person decides")
    if late.then is Then.SEND and delivery.state is not State.AWAITING:
        return None
    return Step(State.MISSED, f"{text}: not approved in time" if delivery.state is State.AWAITING else text)


def after(
    delivery: Delivery, outcome: Receipt | Accepted | Exception, now: datetime, chance: float, *, repeats: bool = False
) -> Step:
    """The step that an attempt's outcome asks for. `chance` in [0, 1) spreads the retries.

    `repeats`: done twice it is as if done once, so a doubt is ended by doing it again.
    """
    match outcome:
        case Receipt():
            return Step(State.PUBLISHED, _DONE[delivery.action], receipt=outcome)
        case Accepted():
            wait = now + _wait(outcome.after)
            return Step(State.ACCEPTED, "the channel took it and works on it", wait, accepted=outcome)
        case Refused():
            return Step(State.FAILED, f"refused: {outcome}")
        case Unauthorized():
            return Step(State.HELD, f"the channel does not accept its credentials: {outcome}")
        case TryLater():
            wait = now + retry_after(delivery.attempts, outcome.after, chance)
            return Step(State.PLANNED, f"not accepted, tried again later: {outcome}", wait)
        case ChannelError() if repeats:
            wait = now + retry_after(delivery.attempts, None, chance)
            return Step(State.PLANNED, f"perhaps done, and done again, which changes nothing: {outcome}", wait)
        case ChannelError():
            return Step(State.IN_DOUBT, f"perhaps published: {outcome}", now + LOOK_UP_FIRST)
        case _ if repeats:
            kind = type(outcome).__name__
            return Step(State.FAILED, f"perhaps done, look there: an error in the channel's code ({kind})")
        case _:
            kind = type(outcome).__name__
            return Step(
                State.IN_DOUBT, f"perhaps published: an error in the channel's code ({kind})", now + LOOK_UP_FIRST
            )


def after_look_up(
    found: Receipt | Absent | CannotTell | Exception,
    now: datetime,
    *,
    settled_at: datetime | None,
    lookups: int,
    chance: float,
) -> Step:
    """The step after looking for a doubtful post.

    `settled_at` is when "not there" becomes proof (None: never). A look-up that fails is done again: the row
    stays in doubt, whatever that costs in time.
    """
    match found:
        case Receipt():
            return Step(State.PUBLISHED, "found on the channel", receipt=found)
        case Absent() if settled_at is None:
            return Step(
                State.NEEDS_PERSON, "not found, but this kind of channel gives no proof that it will not appear"
            )
        case Absent() if settled_at is not None and now >= settled_at:
            proven = "proven absent: looked up and not there"
            return Step(State.PLANNED, "not public yet: its draft is taken up" if found.may_come else proven, now)
        case Absent():
            return Step(State.IN_DOUBT, "not found yet; it may still appear", settled_at)
        case CannotTell():
            return Step(State.NEEDS_PERSON, f"cannot be looked up: {found.reason}")
        case _:
            after_s = found.after if isinstance(found, TryLater) else None
            reason = (
                str(found)
                if isinstance(found, ChannelError)
                else f"an error in the channel's code ({type(found).__name__})"
            )
            wait = now + retry_after(lookups, after_s, chance)
            return Step(State.IN_DOUBT, f"perhaps published; the look-up failed: {reason}", wait)


def after_settling(outcome: Receipt | Accepted | Exception, now: datetime, *, asked: int, chance: float) -> Step:
    """The step after asking what became of an accepted post."""
    match outcome:
        case Receipt():
            return Step(State.PUBLISHED, "published", receipt=outcome)
        case Accepted():
            wait = max(_wait(outcome.after), retry_after(asked, None, chance))
            return Step(State.ACCEPTED, "the channel still works on it", now + wait, accepted=outcome)
        case Refused():
            return Step(State.FAILED, f"the channel dropped it: {outcome}")
        case _:
            reason = str(outcome) if isinstance(outcome, ChannelError) else type(outcome).__name__
            wait = retry_after(asked, getattr(outcome, "after", None), chance)
            return Step(State.ACCEPTED, f"the channel could not be asked: {reason}", now + wait)


_DONE = {Action.PUBLISH: "published", Action.UPDATE: "corrected", Action.WITHDRAW: "withdrawn"}
LOOK_UP_FIRST = timedelta(seconds=5)
#: Two minutes at most: what a channel that is up again is to be given waits no longer.
RETRY_FIRST, RETRY_MOST = timedelta(seconds=15), timedelta(seconds=120)
_LONGEST = timedelta(days=7)  # what a channel asks for beyond it is a mistake


def retry_after(attempts: int, asked: float | None, chance: float) -> timedelta:
    """How long to wait after so many attempts: doubling, with jitter, never less than the server asked for."""
    backoff: timedelta = min(RETRY_FIRST * 2 ** min(attempts, 10), RETRY_MOST)
    least = timedelta(0) if asked is None else _wait(asked) * (1 + chance / 10)
    return max(backoff * (0.5 + chance / 2), least)


def _wait(seconds: float) -> timedelta:
    """So many seconds, whatever a channel says: between nothing and a week."""
    if math.isnan(seconds):
        return _LONGEST
    return timedelta(seconds=min(max(seconds, 0.0), _LONGEST.total_seconds()))


def spell(length: timedelta) -> str:
    """A length of time for people: `2 h 05 min`, `3 days 4 h`."""
    minutes = round(length.total_seconds() / 60)
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} day{'s' if days > 1 else ''} {hours} h"
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"
