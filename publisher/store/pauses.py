"""What is paused: everything, a campaign or a channel; with the reason, and the log's entry of each act."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, exists, select
from sqlalchemy.dialects.sqlite import insert as upsert

from publisher.store import log, tables
from publisher.store.log import DAEMON, Actor

_p = tables.pauses
_ALL = select(_p).order_by(_p.c.name, _p.c.since)


class Scope(StrEnum):
    """How much a pause stops."""

    ALL = "all"  # its name is ""
    CAMPAIGN = "campaign"
    CHANNEL = "channel"


class Cause(StrEnum):
    """Why something is paused, which says what still works meanwhile, and what ends it."""

    DECISION = "decision"  # by a person: doubts are still looked up; a person resumes
    CLOCK = "clock"  # set far ahead: the same, and meanwhile nothing is decided by it
    CREDENTIALS = "credentials"  # refused: nobody can be asked either; a person resumes
    SECRET = "secret"  # noqa: S105 - not set: the same, until it is


@dataclass(frozen=True)
class Pause:
    """One standing pause."""

    scope: Scope
    name: str
    cause: Cause
    reason: str
    since: datetime
    who: str

    @property
    def what(self) -> str:
        """What it stops: `everything`, `campaign c`, `channel x`."""
        return "everything" if self.scope is Scope.ALL else f"{self.scope.value} {self.name}"

    def __str__(self) -> str:
        return f"{self.what} is paused: {self.reason}"


@dataclass(frozen=True)
class Pauses:
    """All that stand, the widest first."""

    standing: tuple[Pause, ...] = ()

    def reason_for(self, channel: str, campaign: str) -> str | None:
        """Why nothing of this campaign goes out on this channel; None where no pause covers it."""
        covered = {(Scope.ALL, ""), (Scope.CAMPAIGN, campaign), (Scope.CHANNEL, channel)}
        return next((str(pause) for pause in self.standing if (pause.scope, pause.name) in covered), None)

    def names(self, scope: Scope, causes: Iterable[Cause] = Cause) -> set[str]:
        """What is paused in a scope, for one of these causes."""
        wanted = set(causes)
        return {pause.name for pause in self.standing if pause.scope is scope and pause.cause in wanted}

    @property
    def is_all(self) -> bool:
        """Whether everything is paused."""
        return bool(self.names(Scope.ALL))

    @property
    def mute(self) -> set[str]:
        """The channels that cannot even be asked: they would not accept us."""
        return self.names(Scope.CHANNEL, (Cause.CREDENTIALS, Cause.SECRET))


def pause(
    tx: Connection,
    scope: Scope,
    name: str,
    reason: str,
    at: datetime,
    who: Actor = DAEMON,
    *,
    cause: Cause = Cause.DECISION,
) -> bool:
    """Pause something, `name` being "" for all; False, and nothing written, if it was, for this cause.

    What falls due from now on is held, whenever it was or will be planned.
    """
    values = {"scope": scope.value, "name": name, "cause": cause.value}
    query = upsert(_p).values(**values, reason=reason, since=at, who=who.name).on_conflict_do_nothing()
    if tx.execute(query).rowcount != 1:
        return False
    log.append(tx, "paused", at, who, reason=reason, cause=cause.value, **_named(scope, name))
    return True


def lift(
    tx: Connection, scope: Scope, name: str, reason: str, at: datetime, who: Actor, *, cause: Cause | None = None
) -> bool:
    """Lift a pause, whatever its cause, or for one cause; False, and nothing written, if there was none."""
    same = (_p.c.scope == scope.value) & (_p.c.name == name)
    if cause is not None:
        same &= _p.c.cause == cause.value
    if tx.execute(delete(_p).where(same)).rowcount == 0:
        return False
    log.append(tx, "resumed", at, who, reason=reason, **_named(scope, name))
    return True


def is_clock_in_doubt(view: Connection) -> bool:
    """Whether everything is paused because of the clock."""
    return bool(view.scalar(select(exists().where(_p.c.scope == Scope.ALL.value, _p.c.cause == Cause.CLOCK.value))))


def covering(view: Connection) -> Pauses:
    """The pauses that stand."""
    rows = view.execute(_ALL)
    found = [Pause(Scope(row.scope), row.name, Cause(row.cause), row.reason, row.since, row.who) for row in rows]
    return Pauses(tuple(sorted(found, key=lambda pause: list(Scope).index(pause.scope))))


def _named(scope: Scope, name: str) -> dict[str, Any]:
    """The facts of an entry: the scope and, under its own name, what is meant."""
    return {"scope": scope.value} | ({scope.value: name} if scope is not Scope.ALL else {})
