"""What pauses and silent channels hold, what is tried meanwhile, and what goes on afterwards."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from channels.base import Absent, InDoubt, Io, Unauthorized, Unavailable
from content.post import Post
from publisher.delivery import State
from publisher.store import breakers, pauses
from publisher.store.log import DAEMON
from publisher.store.pauses import Cause, Scope
from publisher.worker import Batch
from tests.benches import NOW, RECEIPT, Bench, Pinging, channel, in_state
from tests.kinds import SECRETS


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Bench(tmp_path) as made:
        yield made


class Server:
    """A server that is up or down: what it was asked, when, and what it published."""

    def __init__(self, bench: Bench, name: str = "kenh", *, can_be_asked: bool = True, doubts: bool = False) -> None:
        self.is_up = False
        self.tried: list[tuple[datetime, str]] = []
        self.published: list[str] = []
        self._bench, self._doubts = bench, doubts
        bench.channels[name] = channel(name, self.publish, find=self._find if can_be_asked else None)

    def publish(self, post: Post, io: Io) -> Any:
        self.tried.append((self._bench.clock.now(), "publish"))
        if not self.is_up:
            return InDoubt("answered 502") if self._doubts else Unavailable("refuses the connection")
        self.published.append(post.key)
        return RECEIPT

    def _find(self, post: Post, io: Io) -> Any:
        self.tried.append((self._bench.clock.now(), "find"))
        if not self.is_up:
            return Unavailable("refuses the connection")
        return RECEIPT if post.key in self.published else Absent()

    def ping(self) -> Any:
        """An error, or None."""
        self.tried.append((self._bench.clock.now(), "ping"))
        return None if self.is_up else Unavailable("answered 502")

    def since(self, at: datetime) -> list[tuple[datetime, str]]:
        """What it was asked from an instant on."""
        return [(when, what) for when, what in self.tried if when >= at]


def pass_time(bench: Bench, minutes: float) -> None:
    """As the daemon does: a round whenever there may be something to do, and at least one a minute."""
    end = bench.clock.now() + timedelta(minutes=minutes)
    while bench.clock.now() < end:
        tick = bench.clock.now() + timedelta(minutes=1)
        bench.virtual.set(min(bench.dispatcher.next_wake(bench.clock.now()) or tick, tick, end))
        bench.work()


def opened(bench: Bench, server: Server, **row: Any) -> datetime:
    """Ten deliveries are due, and the channel's breaker has opened; when."""
    for number in range(10):
        bench.row(item=str(number), **row)
    while not is_open(bench):
        pass_time(bench, 0.1)
        assert bench.clock.now() < NOW + timedelta(minutes=15)
    return bench.clock.now()


def is_open(bench: Bench, name: str = "kenh") -> bool:
    with bench.store.read() as view:
        return breakers.get(view, name).probe_at is not None


def states(bench: Bench) -> list[State]:
    return [bench.now(number).state for number in range(1, 11)]


@pytest.mark.parametrize("doubts", [False, True])
def test_a_dead_channel_holds_its_rows_and_no_others(bench: Bench, doubts: bool) -> None:
    server = Server(bench, doubts=doubts)
    bench.channels["khac"] = channel("khac")
    opened(bench, server)
    other = bench.row("khac")
    bench.later(seconds=1)
    held = [bench.now(number) for number in range(1, 11) if bench.now(number).state is State.HELD]
    assert len(held) >= 5
    for row in held:
        assert row.reason == (
            "channel kenh does not answer since 2022-02-14 08:00; it is tried again at least every 2 minutes"
        )
        assert (row.ruled, row.held_from) == (True, State.PLANNED)
    assert bench.now(other).state is State.PUBLISHED
    (entry,) = bench.entries(event="channel_down")
    assert entry["channel"] == "kenh"


@pytest.mark.parametrize("doubts", [False, True])
def test_it_is_tried_sparingly(bench: Bench, doubts: bool) -> None:
    server = Server(bench, doubts=doubts)
    begin = opened(bench, server) + timedelta(seconds=1)
    pass_time(bench, 60)
    tried = [when for when, _ in server.since(begin)]
    assert 28 <= len(tried) <= 45
    apart = [later - earlier for earlier, later in pairwise(tried)]
    assert timedelta(seconds=22) <= min(apart) <= max(apart) <= timedelta(minutes=2)
    if doubts:  # a look-up publishes nothing, so it is what is tried as long as anything is in doubt
        assert {what for _, what in server.since(begin)} == {"find"}


@pytest.mark.parametrize("doubts", [False, True])
@pytest.mark.parametrize("minutes", [1, 7, 45])
def test_all_that_was_held_goes_out_within_five_minutes_of_recovery(bench: Bench, doubts: bool, minutes: int) -> None:
    server = Server(bench, doubts=doubts)
    opened(bench, server)
    pass_time(bench, minutes)
    server.is_up = True
    pass_time(bench, 5)
    assert states(bench) == [State.PUBLISHED] * 10
    assert len(server.published) == len(set(server.published)) == 10
    assert not is_open(bench)
    assert len(bench.entries(event="channel_up")) == 1


def test_one_delivery_alone_is_tried_where_nothing_is_in_doubt(bench: Bench) -> None:
    server = Server(bench, can_be_asked=False)
    begin = opened(bench, server)
    with bench.store.read() as view:
        probe = breakers.get(view, "kenh").probe_at
    assert probe
    bench.virtual.set(probe)
    bench.work()
    assert [what for _, what in server.since(begin + timedelta(seconds=1))] == ["publish"]
    assert states(bench).count(State.HELD) == 10  # the one that was tried waits with the others


def test_one_that_does_not_answer_a_ping_is_sent_nothing_of_which_nobody_could_tell(bench: Bench) -> None:
    server = Server(bench, can_be_asked=False, doubts=True)
    place = channel("kenh", server.publish, kind=Pinging)
    place._ping = server.ping
    bench.channels["kenh"] = place
    begin = opened(bench, server) + timedelta(seconds=1)
    pass_time(bench, 30)
    assert {what for _, what in server.since(begin)} == {"ping"}
    assert 14 <= len(server.since(begin)) <= 24
    assert states(bench) == [State.NEEDS_PERSON] * 5 + [State.HELD] * 5  # what opened it, and what waited
    server.is_up = True
    pass_time(bench, 3)
    assert states(bench) == [State.NEEDS_PERSON] * 5 + [State.PUBLISHED] * 5


def test_one_that_refuses_us_when_it_is_pinged_is_paused(bench: Bench) -> None:
    server = Server(bench, can_be_asked=False)
    place = channel("kenh", server.publish, kind=Pinging)
    place._ping = lambda: Unauthorized(f"who is {SECRETS['PASSWORD']}?")
    bench.channels["kenh"] = place
    begin = opened(bench, server) + timedelta(seconds=1)
    pass_time(bench, 3)
    assert server.since(begin) == []
    assert set(states(bench)) == {State.HELD}
    with bench.store.read() as view:
        (pause,) = pauses.covering(view).standing
    assert (pause.name, pause.cause) == ("kenh", Cause.CREDENTIALS)
    assert SECRETS["PASSWORD"] not in str([pause.reason, *bench.entries()])


def test_a_bug_in_the_question_keeps_nothing_back(bench: Bench) -> None:
    server = Server(bench, can_be_asked=False)
    place = channel("kenh", server.publish, kind=Pinging)
    place._ping = lambda: KeyError("a bug")
    bench.channels["kenh"] = place
    opened(bench, server)
    server.is_up = True
    pass_time(bench, 3)
    assert states(bench) == [State.PUBLISHED] * 10


def test_what_a_stop_puts_off_says_nothing_of_its_channel(bench: Bench) -> None:
    opened(bench, Server(bench))
    with bench.store.read() as view:
        before = breakers.get(view, "kenh")
    row, place = bench.row(item="more"), channel("kenh", lambda post, io: io.http.request("GET", "http://127.0.0.1/"))
    bench.worker.stop()
    bench.worker.publish(Batch([row], place, 1), lambda: 60.0)
    assert (bench.now(row).state, bench.now(row).attempts) == (State.PLANNED, 1)
    with bench.store.read() as view:
        assert breakers.get(view, "kenh") == before


def test_it_survives_a_restart(tmp_path: Path) -> None:
    with Bench(tmp_path) as first:
        begin = opened(first, Server(first))
    with Bench(tmp_path) as second:
        second.virtual.set(begin + timedelta(seconds=5))
        server = Server(second)
        second.work()
        assert server.tried == []
        assert second.dispatcher.next_wake(second.clock.now())
        pass_time(second, 2)
        assert server.tried


def test_a_person_may_have_it_tried_at_once(bench: Bench) -> None:
    server = Server(bench)
    opened(bench, server)
    server.is_up = True
    bench.later(seconds=1)
    assert server.published == []
    with bench.store.write() as tx:
        assert breakers.try_now(tx, "kenh", bench.clock.now())
        assert not breakers.try_now(tx, "khac", bench.clock.now())
    bench.work()
    assert states(bench) == [State.PUBLISHED] * 10


def test_what_came_too_late_meanwhile_is_missed_when_it_would_go_on(bench: Bench) -> None:
    server = Server(bench)
    opened(bench, server)
    pass_time(bench, 5)
    bench.virtual.set(NOW + timedelta(hours=12, minutes=1))  # its grace is twelve hours
    fresh = bench.row(item="fresh")
    server.is_up = True
    pass_time(bench, 3)
    assert bench.now(fresh).state is State.PUBLISHED
    assert set(states(bench)) == {State.MISSED}


def test_late_ones_end_even_if_nothing_else_is_there_to_try(bench: Bench) -> None:
    opened(bench, Server(bench))
    bench.virtual.set(NOW + timedelta(hours=13))
    bench.work()
    assert set(states(bench)) == {State.MISSED}


def test_a_bulletin_that_is_held_is_missed_when_its_session_begins(bench: Bench) -> None:
    session = NOW + timedelta(hours=1)
    ruled, decided = bench.row(item="1", session=session), bench.row(item="2", session=session)
    in_state(bench, decided, State.HELD, held_from="planned")
    with bench.store.write() as tx:
        pauses.pause(tx, Scope.ALL, "", "a storm", NOW)
    bench.sweep()
    assert bench.now(ruled).state is State.HELD
    bench.virtual.set(session)
    bench.sweep()
    assert (bench.now(ruled).state, bench.now(ruled).reason) == (State.MISSED, "its session had begun")
    assert bench.now(decided).state is State.HELD  # what a person holds, a person releases: into the next session


SCOPES = [
    (Scope.ALL, "", "everything"),
    (Scope.CAMPAIGN, "thu", "campaign thu"),
    (Scope.CHANNEL, "kenh", "channel kenh"),
]


@pytest.mark.parametrize(("scope", "name", "what"), SCOPES)
def test_a_pause_holds_what_falls_due_and_what_is_planned_later(
    bench: Bench, scope: Scope, name: str, what: str
) -> None:
    bench.channels |= {"kenh": channel("kenh"), "khac": channel("khac")}
    with bench.store.write() as tx:
        assert pauses.pause(tx, scope, name, "a storm", NOW)
        assert not pauses.pause(tx, scope, name, "another", NOW)
    due, other = bench.row(), bench.row("khac", campaign="tet", name="tet/tin", schedule="tet/tin")
    bench.later(minutes=1)
    later = bench.row(item="later", due=NOW + timedelta(minutes=2))
    bench.later(minutes=1)
    for row in (due, later):
        assert (bench.now(row).state, bench.now(row).reason) == (State.HELD, f"{what} is paused: a storm")
    assert bench.now(other).state is (State.HELD if scope is Scope.ALL else State.PUBLISHED)
    (entry,) = bench.entries(event="paused")
    assert (entry["scope"], entry.get(scope.value, ""), entry["reason"]) == (scope.value, name, "a storm")
    with bench.store.write() as tx:
        assert pauses.lift(tx, scope, name, "over", bench.clock.now(), DAEMON)
        assert not pauses.lift(tx, scope, name, "over", bench.clock.now(), DAEMON)
    bench.work()
    assert {bench.now(row).state for row in (due, later, other)} == {State.PUBLISHED}
    assert len(bench.entries(event="resumed")) == 1
    assert bench.entries(due)[-3]["reason"] == f"goes on; it was held: {what} is paused: a storm"


@pytest.mark.parametrize("cause", Cause)
def test_doubts_are_looked_up_during_a_pause_unless_nobody_would_answer(bench: Bench, cause: Cause) -> None:
    bench.channels["kenh"] = channel("kenh", find=lambda post, io: RECEIPT)
    row = in_state(bench, bench.row(), State.IN_DOUBT, doubt_at=NOW)
    with bench.store.write() as tx:
        pauses.pause(tx, Scope.CHANNEL, "kenh", "because", NOW, cause=cause)
    bench.work()
    answers = cause in (Cause.DECISION, Cause.CLOCK)
    assert bench.now(row).state is (State.PUBLISHED if answers else State.IN_DOUBT)


def test_a_secret_that_is_set_again_ends_no_pause_of_a_person(bench: Bench) -> None:
    with bench.store.write() as tx:
        assert pauses.pause(tx, Scope.CHANNEL, "kenh", "not set", NOW, cause=Cause.SECRET)
        assert pauses.pause(tx, Scope.CHANNEL, "kenh", "repairs", NOW)
        assert pauses.lift(tx, Scope.CHANNEL, "kenh", "it is set", NOW, DAEMON, cause=Cause.SECRET)
        assert pauses.covering(tx).reason_for("kenh", "thu") == "channel kenh is paused: repairs"


def test_a_wait_that_the_server_asked_for_is_kept_and_one_of_ours_is_not(bench: Bench) -> None:
    bench.channels["kenh"] = channel("kenh")
    waits = {minutes: NOW + timedelta(minutes=minutes) for minutes in (1, 10)}
    rows = {minutes: in_state(bench, bench.row(item=str(minutes), place=minutes), State.PLANNED, not_before=at)
            for minutes, at in waits.items()}  # fmt: skip
    with bench.store.write() as tx:
        pauses.pause(tx, Scope.ALL, "", "a storm", NOW)
    bench.sweep()
    with bench.store.write() as tx:
        pauses.lift(tx, Scope.ALL, "", "over", NOW, DAEMON)
    bench.work()
    assert [bench.now(rows[minutes]).state for minutes in (1, 10)] == [State.PUBLISHED, State.PLANNED]
    assert bench.now(rows[10]).not_before == waits[10]
