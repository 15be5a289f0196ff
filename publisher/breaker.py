"""The breaker of a channel: whether it answers, and when it is tried again if it does not. Pure.

    closed      it answers, or has not failed often enough in a row: it is spoken to as usual
    open        it does not answer: nothing is sent to it, nor is it asked, until its next probe
    half-open   the time of the probe has come: one delivery or look-up, and its outcome decides

Only what says that nobody answers, or that the server broke, is a failure. A server that refuses, that wants
other credentials, or that asks for patience lives.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from channels.base import Absent, Accepted, CannotTell, InDoubt, Receipt, Refused, TryLater, Unauthorized, Unavailable
from publisher.settings import SecretMissing

#: Failures in a row that open it: a lost answer, or a server's restart, does not last so long.
FAILURES = 5
#: The interval between two probes: doubled by each that fails, so that a server that is up again waits two
#: minutes at most, and one that stays down is asked thirty times an hour.
PROBE_FIRST, PROBE_MOST = timedelta(seconds=30), timedelta(seconds=120)

#: What an attempt or a look-up came to: the kind's value, its error, or None if the channel was not asked.
Outcome = object


class Verdict(StrEnum):
    """What an outcome says about the channel."""

    WORKS = "works"
    ANSWERS = "answers"  # a look-up that found nothing: it can be asked; whether it takes a post is open
    FAILS = "fails"
    NOTHING = "nothing"  # it was not asked


def verdict(outcome: Outcome) -> Verdict:
    """What the outcome of an attempt or a look-up says about its channel."""
    match outcome:
        case None | SecretMissing():
            return Verdict.NOTHING
        case Absent() | CannotTell():
            return Verdict.ANSWERS
        case Unavailable() | InDoubt():
            return Verdict.FAILS
        case Receipt() | Accepted() | Refused() | Unauthorized() | TryLater():
            return Verdict.WORKS
    return Verdict.FAILS  # a bug in a kind: a doubt as well


class Circuit(StrEnum):
    """The state of a breaker."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True)
class Breaker:
    """What is known of a channel that has failed since it worked last."""

    failures: int = 0  # in a row
    since: datetime | None = None  # the first of them
    probe_at: datetime | None = None  # while it is not closed: when it is tried next
    tries: int = 0  # how often it has opened, or a probe has failed, since it worked last
    reason: str = ""  # of the last failure

    def circuit(self, now: datetime) -> Circuit:
        """Its state at an instant."""
        if self.probe_at is None:
            return Circuit.CLOSED
        return Circuit.OPEN if now < self.probe_at else Circuit.HALF_OPEN

    def after(self, outcome: Outcome, reason: str, now: datetime, chance: float) -> "Breaker":
        """The breaker after an outcome. `chance` in [0, 1) spreads the probes of many channels."""
        match verdict(outcome):
            case Verdict.WORKS:
                return Breaker()
            case Verdict.ANSWERS:
                # Closed, and the next failure opens it again: some servers answer questions and take nothing.
                return replace(self, failures=min(self.failures, FAILURES - 1), probe_at=None)
            case Verdict.FAILS:
                return self._failed(reason, now, chance)
            case Verdict.NOTHING:
                return self

    def _failed(self, reason: str, now: datetime, chance: float) -> "Breaker":
        failed = replace(self, failures=self.failures + 1, since=self.since or now, reason=reason)
        if failed.failures < FAILURES or self.circuit(now) is Circuit.OPEN:
            return failed
        return replace(failed, tries=self.tries + 1, probe_at=now + interval(self.tries, chance))


def interval(tries: int, chance: float) -> timedelta:
    """How long it rests before the next probe, after so many that failed: doubling, with jitter."""
    full: timedelta = min(PROBE_FIRST * 2 ** min(tries, 10), PROBE_MOST)
    return full * (0.75 + chance / 4)
