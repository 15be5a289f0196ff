"""What becomes of a doubt, of an acceptance and of every error: who is asked, when, and what is paused."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from channels.base import (
    Absent,
    Accepted,
    CannotTell,
    ChannelError,
    InDoubt,
    Io,
    Receipt,
    Refused,
    TryLater,
    Unauthorized,
)
from content.post import Post
from publisher import decisions
from publisher.delivery import State
from publisher.fence import LEASE
from publisher.store import pauses
from publisher.store.pauses import Scope
from tests import kinds
from tests.benches import NOW, RECEIPT, Bench, Scripted, Settling, SlowlyFindable, Uncertain, channel
from tests.raw_server import RawServer, answer, answering


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Bench(tmp_path) as made:
        yield made


def _posting(url: str) -> Any:
    def act(post: Post, io: Io) -> Receipt:
        io.http.request("POST", url)
        return RECEIPT

    return act


def _take_away(bench: Bench) -> None:
    """The lease runs out, and the sweep notices."""
    bench.virtual.set(bench.clock.now() + LEASE)
    bench.sweep()


def _vanishing(bench: Bench, sent: list[str], was_accepted: bool) -> Scripted:
    """A channel whose first attempt is lost, after or before the server took the post into `sent`."""
    tries: list[str] = []

    def act(post: Post, io: Io) -> Receipt:
        tries.append(post.key)
        if was_accepted or len(tries) > 1:
            sent.append(post.key)
        if len(tries) == 1:
            _take_away(bench)
            io.step("lost", True)
        return RECEIPT

    return channel("kenh", act, find=lambda post, io: RECEIPT if post.key in sent else Absent())


def test_a_lost_worker_leaves_a_doubt_that_the_channel_ends(bench: Bench) -> None:
    """Published, or not, before the worker vanished: looked up, and sent at most once."""
    for was_accepted in (True, False):
        sent: list[str] = []
        bench.channels["kenh"] = _vanishing(bench, sent, was_accepted)
        row = bench.row(item=str(was_accepted))
        bench.work()
        bench.later(seconds=1)
        found = bench.now(row)
        assert (found.state, found.attempts, sent) == (State.PUBLISHED, 1 if was_accepted else 2, [row.key])
        states = [entry["event"] for entry in bench.entries(row)]
        assert states == [
            "planned",
            "sending",
            "in_doubt",
            *([] if was_accepted else ["planned", "sending"]),
            "published",
        ]


def test_absent_is_believed_only_after_the_settling_time(bench: Bench) -> None:
    looks: list[Any] = []
    slow = channel("kenh", lambda post, io: KeyError(), kind=SlowlyFindable)
    slow._find = lambda post, io: looks.append(io.now) or Absent()  # type: ignore[attr-defined, func-returns-value]
    bench.channels["kenh"] = slow
    row = bench.row()
    bench.work()
    bench.later(minutes=1)
    assert bench.now(row).not_before == NOW + timedelta(hours=1)
    bench.later(minutes=58)
    assert (bench.now(row).state, len(looks)) == (State.IN_DOUBT, 1)
    slow._act = lambda post, io: RECEIPT
    bench.later(minutes=1)
    assert (bench.now(row).state, bench.now(row).attempts) == (State.PUBLISHED, 2)


@pytest.mark.parametrize("comes", [True, False])
def test_what_may_come_yet_keeps_its_place_and_is_asked_for_before_it_is_missed(bench: Bench, comes: bool) -> None:
    """Its retry is kept from it until it is too late: whatever came of the first attempt meanwhile is found."""
    looks: list[Any] = []

    def find(post: Post, io: Io) -> Receipt | Absent:
        looks.append(io.now)
        return RECEIPT if comes and len(looks) > 1 else Absent(may_come=True)

    def act(post: Post, io: Io) -> Any:
        with bench.store.write() as tx:
            pauses.pause(tx, Scope.CHANNEL, "kenh", "a storm", bench.clock.now(), decisions.person("Lan"))
        return InDoubt("no answer")

    bench.channels["kenh"] = channel("kenh", act, find=find)
    row = bench.row()
    bench.work()
    bench.later(minutes=1)
    assert (bench.now(row).state, len(looks)) == (State.HELD, 1)
    bench.later(hours=20)
    assert (bench.now(row).state, bench.now(row).is_out, len(looks)) == (State.HELD, True, 1)
    with bench.store.write() as tx:
        pauses.lift(tx, Scope.CHANNEL, "kenh", "it is over", bench.clock.now(), decisions.person("Lan"))
    bench.work()
    bench.later(hours=1)
    found = bench.now(row)
    assert (found.state, found.attempts, len(looks)) == (State.PUBLISHED if comes else State.MISSED, 1, 2)
    assert found.is_out
    assert found.reason


def test_what_may_come_yet_is_asked_for_although_its_retry_was_put_off_beyond_its_grace(bench: Bench) -> None:
    """That the server asked for patience does not count as having looked."""
    tries: list[Any] = []
    looks: list[Any] = []

    def act(post: Post, io: Io) -> Any:
        tries.append(io.now)
        return InDoubt("no answer") if len(tries) == 1 else TryLater("too many requests", 86400)

    def find(post: Post, io: Io) -> Receipt | Absent:
        looks.append(io.now)
        return RECEIPT if len(looks) > 1 else Absent(may_come=True)

    bench.channels["kenh"] = channel("kenh", act, find=find)
    row = bench.row()
    bench.work()
    bench.later(minutes=1)
    assert (bench.now(row).state, len(tries), len(looks)) == (State.PLANNED, 2, 1)
    bench.later(hours=13)
    bench.later(minutes=1)
    assert (bench.now(row).state, len(tries), len(looks)) == (State.PUBLISHED, 2, 2)


@pytest.mark.parametrize("case", ["no find", "never proof", "cannot tell"])
@pytest.mark.parametrize("published", [True, False])
def test_a_person_ends_the_doubt_that_no_channel_can(bench: Bench, case: str, published: bool) -> None:
    doubt = {"act": lambda post, io: ValueError()}
    kinds_ = {
        "no find": lambda: channel("kenh", **doubt),
        "never proof": lambda: channel("kenh", **doubt, kind=Uncertain),
        "cannot tell": lambda: channel("kenh", **doubt, find=lambda post, io: CannotTell("it is in the bin")),
    }
    asked = kinds_[case]()
    if case == "never proof":
        asked._find = lambda post, io: Absent()  # type: ignore[attr-defined]
    bench.channels["kenh"] = asked
    row = bench.row()
    bench.work()
    bench.later(seconds=10)
    for _ in range(3):  # nothing happens by itself
        bench.later(hours=1)
        assert bench.now(row).state is State.NEEDS_PERSON
    assert bench.now(row).attempts == 1
    asked._act = lambda post, io: RECEIPT
    with bench.store.write() as tx:
        decisions.settle(
            tx, bench.now(row), decisions.person("Lan"), "looked", bench.clock.now(), published=published, url=None
        )
    bench.work()
    assert (bench.now(row).state, bench.now(row).attempts) == (State.PUBLISHED, 1 if published else 2)


def test_an_accepted_post_is_settled_in_its_time(bench: Bench) -> None:
    asked: list[str] = []

    def settle(accepted: Accepted, io: Io) -> Receipt | Accepted:
        asked.append(accepted.token)
        return Accepted("second", 120) if len(asked) == 1 else RECEIPT

    kind = channel("kenh", lambda post, io: Accepted("", 60), kind=Settling)
    kind._settle = settle  # type: ignore[attr-defined]
    bench.channels["kenh"] = kind
    row = bench.row()
    bench.work()
    bench.later(seconds=59)
    assert (bench.now(row).state, asked) == (State.ACCEPTED, [])
    bench.later(seconds=1)
    bench.later(seconds=119)
    assert (bench.now(row).state, asked) == (State.ACCEPTED, [""])
    bench.later(seconds=1)
    assert (bench.now(row).state, asked) == (State.PUBLISHED, ["", "second"])
    assert bench.now(row).attempts == 1


def test_an_accepted_post_of_a_kind_that_lost_its_power_is_looked_up(bench: Bench) -> None:
    kind = channel("kenh", lambda post, io: Accepted("t", 1), kind=Settling)
    bench.channels["kenh"] = kind
    row = bench.row()
    bench.work()
    bench.channels["kenh"] = channel("kenh", find=lambda post, io: RECEIPT)
    bench.later(seconds=2)
    assert [entry["event"] for entry in bench.entries(row)][-3:] == ["accepted", "in_doubt", "published"]


def test_the_settling_time_of_a_doubt_after_accepting_begins_with_it(bench: Bench) -> None:
    kind = channel("kenh", lambda post, io: Accepted("t", 1), kind=Settling)
    bench.channels["kenh"] = kind
    row = bench.row()
    bench.work()
    bench.channels["kenh"] = slow = channel("kenh", kind=SlowlyFindable)
    slow._find = lambda post, io: Absent()  # type: ignore[attr-defined]
    bench.later(minutes=1)
    assert bench.now(row).not_before == NOW + timedelta(minutes=61)
    bench.later(minutes=60)
    assert (bench.now(row).state, bench.now(row).attempts) == (State.PUBLISHED, 2)


def test_a_server_s_retry_after_is_kept(bench: Bench) -> None:
    with RawServer(answering(answer(429, b"{}", "Retry-After: 600"), answer())) as server:
        bench.channels["kenh"] = channel("kenh", _posting(server.url))
        row = bench.row()
        bench.work()
        waits = bench.now(row).not_before
        assert waits
        assert timedelta(seconds=600) <= waits - NOW <= timedelta(seconds=660)
        bench.later(seconds=599)
        assert len(server.requests) == 1
        bench.later(seconds=61)
        assert (bench.now(row).state, len(server.requests)) == (State.PUBLISHED, 2)


def test_refused_credentials_pause_one_channel_until_somebody_resumes_it(bench: Bench) -> None:
    valid = False
    locked = channel("khoa", lambda post, io: RECEIPT if valid else Unauthorized("unknown user"))
    bench.channels |= {"khoa": locked, "mo": channel("mo")}
    first, second = bench.row("khoa"), bench.row("khoa", item="2")
    others = [bench.row("mo", item=str(number)) for number in range(3)]
    bench.work()
    bench.later(minutes=30)
    assert [bench.now(row).state for row in (first, second)] == [State.HELD, State.HELD]
    assert [bench.now(row).attempts for row in (first, second)] == [1, 0]
    assert all(bench.now(row).state is State.PUBLISHED for row in others)
    assert [entry["channel"] for entry in bench.entries(event="paused")] == ["khoa"]
    valid = True
    with bench.store.write() as tx:
        assert pauses.lift(tx, Scope.CHANNEL, "khoa", "a new password", bench.clock.now(), decisions.person("Lan"))
    bench.work()
    assert [bench.now(row).state for row in (first, second)] == [State.PUBLISHED, State.PUBLISHED]


def test_a_look_up_with_refused_credentials_pauses_the_channel_too(bench: Bench) -> None:
    bench.channels["kenh"] = channel("kenh", lambda post, io: KeyError(), find=lambda post, io: Unauthorized("no"))
    row = bench.row()
    bench.work()
    bench.later(seconds=10)
    assert bench.now(row).state is State.IN_DOUBT
    assert len(bench.entries(event="paused")) == 1


def test_a_bug_in_a_kind_is_a_doubt_and_its_words_stay_inside(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    def act(post: Post, io: Io) -> Receipt:
        raise KeyError(kinds.PASSWORD)

    with caplog.at_level(logging.DEBUG):
        row = bench.publish(bench.row(), channel("kenh", act))
    assert row.state is State.IN_DOUBT
    assert "KeyError" in row.reason
    assert "test_a_bug_in_a_kind" in caplog.text
    for shown in (row.reason, caplog.text, str(bench.entries())):
        assert kinds.PASSWORD not in shown


@pytest.mark.parametrize("error", [Refused, Unauthorized, TryLater, InDoubt])
def test_a_secret_in_an_error_is_masked(bench: Bench, error: type[ChannelError]) -> None:
    told = error(f"we sent {kinds.PASSWORD} there")
    bench.channels["kenh"] = channel("kenh", lambda post, io: told, find=lambda post, io: told)
    row = bench.row()
    bench.work()
    bench.later(seconds=30)
    assert "we sent ${PASSWORD} there" in bench.now(row).reason
    with bench.store.read() as view:
        assert kinds.PASSWORD not in str([*bench.entries(), bench.now(row), pauses.covering(view)])


def test_an_expected_error_is_no_bug(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.publish(bench.row(), channel("kenh", lambda post, io: TryLater("busy")))
    assert not caplog.records
