"""The states of a delivery: what may become of it, whatever happens, in whatever order."""

from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from channels.base import Absent, Accepted, CannotTell, InDoubt, Receipt, Refused, TryLater, Unauthorized
from publisher import decisions
from publisher.decisions import Objection
from publisher.delivery import Delivery, Forbidden, State, Step, after, after_look_up, after_settling, retry_after
from publisher.fence import LeaseLost
from publisher.store import deliveries, log, pauses
from publisher.store.log import WORKER
from publisher.store.pauses import Scope
from tests.benches import NOW, RECEIPT, Bench, Scripted, Settling, channel, in_state

# The table of the design, written out by hand: what each state may become.
TABLE = {
    "planned": {"sending", "awaiting", "held", "skipped", "cancelled", "missed", "failed", "in_doubt"},
    "awaiting": {"planned", "held", "skipped", "cancelled", "missed", "failed", "in_doubt"},
    "held": {"planned", "awaiting", "skipped", "cancelled", "missed", "in_doubt"},
    "sending": {"published", "accepted", "planned", "held", "failed", "in_doubt"},
    "accepted": {"published", "failed", "in_doubt"},
    "in_doubt": {"published", "planned", "needs_person"},
    "needs_person": {"published", "planned", "cancelled"},
    "published": set(),
    "failed": {"planned"},
    "missed": {"planned"},
    "skipped": {"planned"},
    "cancelled": {"planned"},
}
STAYING = {"accepted", "in_doubt"}  # asked again, and still so

PUBLISHING: dict[str, tuple[Any, str]] = {
    "receipt": (RECEIPT, "published"),
    "accepted": (Accepted("t", 60), "accepted"),
    "refused": (Refused("no"), "failed"),
    "unauthorized": (Unauthorized("who"), "held"),
    "later": (TryLater("busy", 90), "planned"),
    "doubt": (InDoubt("cut off"), "in_doubt"),
    "bug": (KeyError("mat-khau-thu"), "in_doubt"),
    "no outcome at all": (ValueError(), "in_doubt"),
}
FINDING: dict[str, tuple[Any, str]] = {
    "receipt": (RECEIPT, "published"),
    "absent": (Absent(), "planned"),
    "cannot tell": (CannotTell("trash"), "needs_person"),
    "later": (TryLater("busy"), "in_doubt"),
    "doubt": (InDoubt("cut off"), "in_doubt"),
    "refused": (Refused("no"), "in_doubt"),
    "unauthorized": (Unauthorized("who"), "in_doubt"),
    "bug": (KeyError("x"), "in_doubt"),
}
SETTLING: dict[str, tuple[Any, str]] = {
    "receipt": (RECEIPT, "published"),
    "still": (Accepted("t2", 5), "accepted"),
    "dropped": (Refused("bad picture"), "failed"),
    "later": (TryLater("busy", 40), "accepted"),
    "unauthorized": (Unauthorized("who"), "accepted"),
    "doubt": (InDoubt("cut off"), "accepted"),
    "bug": (KeyError("x"), "accepted"),
}


@pytest.fixture
def bench(tmp_path: Path) -> Any:
    with Bench(tmp_path) as made:
        yield made


def test_every_pair_of_states(bench: Bench) -> None:
    assert set(TABLE) == {state.value for state in State}
    for number, (source, target) in enumerate(product(State, State)):
        row = in_state(bench, bench.row(item=str(number)), source)
        allowed = target.value in TABLE[source.value] or (source is target and source.value in STAYING)
        try:
            with bench.store.write() as tx:
                deliveries.move(tx, row, Step(target, "why"), NOW, WORKER)
        except Forbidden:
            assert not allowed, (source, target)
            assert bench.now(row).state is source
            assert len(bench.entries(row)) == 1
        else:
            assert allowed, (source, target)
            assert bench.now(row).state is target
            assert bench.entries(row)[-1]["event"] == target.value


@pytest.mark.parametrize("name", PUBLISHING)
def test_the_outcome_of_an_attempt(bench: Bench, name: str) -> None:
    outcome, expected = PUBLISHING[name]
    row = bench.publish(bench.row(), channel("kenh", lambda post, io: outcome))
    assert row.state.value == expected
    assert after(row, outcome, NOW, 0.5).state.value == expected
    assert row.lease_until is None
    assert row.reason


@pytest.mark.parametrize("name", FINDING)
def test_the_outcome_of_a_look_up(bench: Bench, name: str) -> None:
    found, expected = FINDING[name]
    row = in_state(bench, bench.row(), State.IN_DOUBT, doubt_at=NOW)
    row = bench.ask(row, channel("kenh", find=lambda post, io: found))
    assert row.state.value == expected
    assert row.lookups == 1


@pytest.mark.parametrize("name", SETTLING)
def test_the_outcome_of_settling(bench: Bench, name: str) -> None:
    outcome, expected = SETTLING[name]
    kind = channel("kenh", find=lambda post, io: Absent(), kind=Settling)
    assert isinstance(kind, Settling)
    kind._settle = lambda accepted, io: outcome
    row = bench.ask(in_state(bench, bench.row(), State.ACCEPTED, accepted="t"), kind)
    assert row.state.value == expected
    if expected == "accepted":
        assert row.accepted
        assert row.accepted.token == ("t2" if name == "still" else "t")
        assert row.not_before
        assert row.not_before > NOW


def test_absent_is_proof_only_when_its_time_has_come() -> None:
    def look(**passed: float) -> Step:
        settled = NOW + timedelta(hours=1)
        return after_look_up(Absent(), NOW + timedelta(**passed), settled_at=settled, lookups=1, chance=0)

    assert look(minutes=59) == Step(State.IN_DOUBT, "not found yet; it may still appear", NOW + timedelta(hours=1))
    assert look(minutes=60).state is State.PLANNED
    never = after_look_up(Absent(), NOW + timedelta(days=9), settled_at=None, lookups=1, chance=0)
    assert never.state is State.NEEDS_PERSON


def test_waits_grow_with_jitter_within_bounds() -> None:
    for attempts in range(1, 40):
        low, high = retry_after(attempts, None, 0.0), retry_after(attempts, None, 0.999)
        most = min(15 * 2**attempts, 120)
        assert timedelta(seconds=most / 2) <= low < high < timedelta(seconds=most)
        assert retry_after(attempts + 1, None, 0.0) >= low
    assert retry_after(1, 600, 0.0) == timedelta(seconds=600)
    assert timedelta(seconds=600) < retry_after(1, 600, 0.9) < timedelta(seconds=660)
    assert retry_after(1, 0, 0.0) == timedelta(seconds=15)


@pytest.mark.parametrize("seconds", [float("inf"), float("nan"), 1e300, -5.0])
def test_nonsense_from_a_channel_ends_in_a_wait(bench: Bench, seconds: float) -> None:
    later = bench.publish(bench.row(item="1"), channel("kenh", lambda post, io: TryLater("busy", seconds)))
    taken = bench.publish(bench.row(item="2"), channel("kenh", lambda post, io: Accepted("t", seconds)))
    assert (later.state, taken.state) == (State.PLANNED, State.ACCEPTED)
    for row in (later, taken):
        assert row.not_before
        assert NOW <= row.not_before <= NOW + timedelta(days=8)
    assert after_settling(Accepted("t", seconds), NOW, asked=1, chance=0).not_before


def test_state_and_entry_stand_or_fall_together(bench: Bench) -> None:
    row = bench.row()
    before = bench.entries()

    def cut_off(step: Step) -> None:
        with bench.store.write() as tx:
            deliveries.move(tx, row, step, NOW, WORKER)
            raise InterruptedError

    for step in (Step(State.HELD, "a"), Step(State.CANCELLED, "b")):
        with pytest.raises(InterruptedError):
            cut_off(step)
    with bench.store.write() as tx:
        tx.execute(text("CREATE TRIGGER full BEFORE INSERT ON log BEGIN SELECT RAISE(ABORT, 'disk full'); END"))
    with pytest.raises(IntegrityError, match="disk full"), bench.store.write() as tx:
        deliveries.move(tx, row, Step(State.HELD, "a"), NOW, WORKER)
    assert bench.now(row) == row
    assert bench.entries() == before


@pytest.mark.parametrize("odd", ["\ud800", float("nan"), 2**70, {"\udfff": [float("inf")]}])
def test_what_a_server_says_never_keeps_an_entry_from_being_written(bench: Bench, odd: Any) -> None:
    receipt = Receipt("1", "https://so.example/\ud800", {"odd": odd})
    row = bench.publish(bench.row(), channel("kenh", lambda post, io: receipt))
    assert row.state is State.PUBLISHED
    assert row.receipt
    assert row.receipt.url == "https://so.example/?"
    assert bench.entries(row)[-1]["receipt"]["id"] == "1"
    refused = bench.publish(bench.row(item="2"), channel("kenh", lambda post, io: Refused(f"no: {odd}")))
    assert refused.state is State.FAILED
    with bench.store.write() as tx:
        log.append(tx, "something", NOW, WORKER, odd=odd)
    assert len(bench.entries(event="something")) == 1


class Life(RuleBasedStateMachine):
    """One delivery, and everything that can happen to it."""

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self.bench = bench
        bench.virtual.set(NOW)
        Life.count += 1
        self.row: Delivery = bench.row(item=str(Life.count), due=NOW + timedelta(hours=1))
        self.channel = channel("kenh", find=lambda post, io: self.found, kind=Settling)
        assert isinstance(self.channel, Settling)
        self.channel._act = lambda post, io: self.outcome
        self.channel._settle = lambda accepted, io: self.settled
        self.lonely = Scripted(name="kenh", agency="so")
        self.lonely._act = lambda post, io: self.outcome
        self.outcome: Any = RECEIPT
        self.found: Any = RECEIPT
        self.settled: Any = RECEIPT
        self.final: Delivery | None = None

    count = 0

    @property
    def now(self) -> Any:
        return self.bench.clock.now()

    @rule(name=st.sampled_from([*PUBLISHING, "killed"]))
    def send(self, name: str) -> None:
        """As the dispatcher does: what is due is published."""
        row = self.bench.now(self.row)
        if row.state is not State.PLANNED or row.wakes > self.now:
            return
        self.outcome = LeaseLost() if name == "killed" else PUBLISHING[name][0]
        self.bench.publish(row, self.channel)

    @rule()
    def claim_and_die(self) -> None:
        row = self.bench.now(self.row)
        if row.state in (State.IN_DOUBT, State.ACCEPTED) and row.lease_until is None:
            self.bench.claim(row)

    @rule(found=st.sampled_from(list(FINDING)), settled=st.sampled_from(list(SETTLING)), mute=st.booleans())
    def ask(self, found: str, settled: str, mute: bool) -> None:
        row = self.bench.now(self.row)
        if row.state not in (State.IN_DOUBT, State.ACCEPTED) or (row.lease_until and row.lease_until > self.now):
            return
        self.found, self.settled = FINDING[found][0], SETTLING[settled][0]
        self.bench.ask(row, self.lonely if mute else self.channel)

    @rule(minutes=st.sampled_from([0, 1, 3, 20, 90, 800]))
    def later(self, minutes: int) -> None:
        self.bench.virtual.set(self.now + timedelta(minutes=minutes))
        self.bench.sweep()

    @rule(paused=st.booleans())
    def pause(self, paused: bool) -> None:
        with self.bench.store.write() as tx:
            what = (Scope.CHANNEL, "kenh", "a person", self.now, WORKER)
            pauses.pause(tx, *what) if paused else pauses.lift(tx, *what)

    @rule(what=st.sampled_from(["hold", "cancel", "release", "out", "absent"]))
    def decide(self, what: str) -> None:
        who, row = decisions.person("Lan"), self.bench.now(self.row)
        try:
            with self.bench.store.write() as tx:
                match what:
                    case "hold":
                        decisions.hold(tx, row, who, "wait", self.now)
                    case "cancel":
                        decisions.cancel(tx, row, who, "no", self.now)
                    case "release":
                        zone = self.bench.schedules.timezone
                        decisions.release(tx, row, self.channel, who, "go", self.now, zone)
                    case _:
                        published = what == "out"
                        decisions.settle(tx, row, who, "seen", self.now, published=published, url=None)
        except Objection:
            assert self.bench.now(self.row) == row

    @rule(wanted=st.sampled_from(list(State)))
    def force(self, wanted: State) -> None:
        """Nobody may go round the table."""
        row = self.bench.now(self.row)
        stays = row.state is wanted and wanted.value in STAYING
        if wanted.value not in TABLE[row.state.value] and not stays:
            with pytest.raises(Forbidden), self.bench.store.write() as tx:
                deliveries.move(tx, row, Step(wanted, "force"), self.now, WORKER)

    @invariant()
    def state_is_the_replay_of_the_log(self) -> None:
        entries = self.bench.entries(self.row)
        state = entries[0]["event"]
        for entry in entries[1:]:
            if "was" in entry:
                assert entry["was"] == state
                assert entry["event"] in TABLE[state] or (entry["event"] == state and state in STAYING)
                assert entry["reason"]
                state = entry["event"]
        row = self.bench.now(self.row)
        assert row.state.value == state
        assert (row.receipt is not None) == (row.state is State.PUBLISHED)
        if row.state is State.SENDING:
            assert row.lease_until
        if self.final:
            assert row == self.final
        self.final = row if row.state is State.PUBLISHED else None


def test_no_sequence_of_events_leaves_the_table(bench: Bench) -> None:
    life = settings(
        max_examples=60, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    run_state_machine_as_test(lambda: Life(bench), settings=life)  # type: ignore[arg-type]
