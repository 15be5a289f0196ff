"""The breaker by itself: what opens it, when it is tried, what closes it."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import (
    Absent,
    Accepted,
    CannotTell,
    InDoubt,
    Receipt,
    Refused,
    TryLater,
    Unauthorized,
    Unavailable,
)
from publisher.breaker import FAILURES, PROBE_FIRST, PROBE_MOST, Breaker, Circuit
from publisher.settings import SecretMissing
from tests.benches import NOW

FAILING: list[Any] = [Unavailable("refuses the connection"), InDoubt("answered 502"), KeyError("a bug")]
LIVING: list[Any] = [
    Receipt("1"), Accepted("t"), Refused("no"), Unauthorized("who"), TryLater("busy"), TryLater("busy", 60),
]  # fmt: skip
ANSWERING: list[Any] = [Absent(), CannotTell("in the bin")]
SILENT: list[Any] = [None, SecretMissing("not set")]
EVERYTHING = [*FAILING, *LIVING, *ANSWERING, *SILENT]

outcomes = st.lists(st.tuples(st.sampled_from(EVERYTHING), st.floats(0, 400), st.floats(0, 0.99)), max_size=60)


def fed(*sequence: Any, start: Breaker | None = None) -> Breaker:
    """A breaker after these outcomes, all at one instant."""
    breaker = start or Breaker()
    for outcome in sequence:
        breaker = breaker.after(outcome, "why", NOW, 0.0)
    return breaker


@pytest.mark.parametrize("failing", FAILING, ids=repr)
def test_five_failures_in_a_row_open_it(failing: Any) -> None:
    assert FAILURES == 5
    assert fed(*[failing] * 4).circuit(NOW) is Circuit.CLOSED
    opened = fed(*[failing] * 5)
    assert opened.circuit(NOW) is Circuit.OPEN
    assert (opened.since, opened.reason) == (NOW, "why")


@pytest.mark.parametrize("living", LIVING, ids=repr)
def test_a_server_that_lives_begins_anew(living: Any) -> None:
    assert fed(*[FAILING[0]] * 4, living) == Breaker()
    assert fed(*[FAILING[0]] * 7, living) == Breaker()


@given(st.lists(st.sampled_from([*LIVING, *ANSWERING, *SILENT])))
def test_refusals_patience_and_credentials_never_open_it(sequence: list[Any]) -> None:
    assert fed(*sequence) == Breaker()


def test_what_was_not_asked_says_nothing() -> None:
    four, opened = fed(*[FAILING[0]] * 4), fed(*[FAILING[0]] * 5)
    assert (fed(*SILENT, start=four), fed(*SILENT, start=opened)) == (four, opened)


def test_a_look_up_that_is_answered_closes_it_on_trial() -> None:
    """Some servers answer questions and take no post: the next failure opens it again, and for longer."""
    opened = fed(*[FAILING[0]] * 5)
    closed = fed(Absent(), start=opened)
    assert closed.circuit(NOW) is Circuit.CLOSED
    again = fed(FAILING[1], start=closed)
    assert opened.probe_at
    assert again.probe_at
    assert again.probe_at - NOW == 2 * (opened.probe_at - NOW)
    assert fed(LIVING[0], start=closed) == Breaker()
    assert fed(FAILING[1], Absent(), FAILING[1], Absent()).failures == 2  # no answer of a look-up forgets a failure


@given(outcomes)
def test_never_more_than_one_probe_in_an_interval(sequence: list[tuple[Any, float, float]]) -> None:
    """Spoken to only when it lets: the failed tries of an open breaker lie apart, and never further than needed."""
    breaker, now, probes = Breaker(), NOW, []
    for outcome, seconds, chance in sequence:
        now += timedelta(seconds=seconds)
        circuit = breaker.circuit(now)
        if circuit is Circuit.OPEN:
            continue
        after = breaker.after(outcome, "why", now, chance)
        if circuit is Circuit.HALF_OPEN and after.circuit(now) is Circuit.OPEN:
            probes.append(now)
        if after.circuit(now) is Circuit.CLOSED:
            probes = []
        else:
            assert after.circuit(now) is Circuit.OPEN or outcome in SILENT
            assert after.probe_at
            assert after.probe_at - now <= PROBE_MOST
        breaker = after
        assert all(later - earlier >= 0.75 * PROBE_FIRST for earlier, later in pairwise(probes))


def test_intervals_double_to_two_minutes_and_are_spread() -> None:
    for chance, share in ((0.0, 0.75), (0.96, 0.99)):
        breaker, now, intervals = fed(*[FAILING[0]] * 4), NOW, []
        for _ in range(5):
            breaker = breaker.after(FAILING[0], "why", now, chance)
            assert breaker.probe_at
            intervals.append((breaker.probe_at - now) / share)
            now = breaker.probe_at
            assert breaker.circuit(now) is Circuit.HALF_OPEN
            assert breaker.circuit(now - timedelta(microseconds=1)) is Circuit.OPEN
        assert [round(one.total_seconds()) for one in intervals] == [30, 60, 120, 120, 120]
        assert breaker.since == NOW


def test_a_late_failure_while_it_rests_does_not_lengthen_the_rest() -> None:
    opened = fed(*[FAILING[0]] * 5)
    assert fed(FAILING[0], start=opened).probe_at == opened.probe_at
