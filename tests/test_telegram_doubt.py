"""The end of a Telegram doubt: the answer is lost, a person looks, and the commands say what became of it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from publisher.app import App
from publisher.clock import VirtualClock
from publisher.delivery import State
from publisher.rehearsal import rehearse
from publisher.world import SandboxWorld
from sandbox.client import Sandbox
from tests.offices import Office

URL = "https://t.me/songvamaytinh/1"


@pytest.fixture
def doubtful(tmp_path: Path, sandbox: Sandbox) -> Iterator[Office]:
    """An office whose one message is in the chat, and which was not told so in time."""
    office = Office(tmp_path / "office", sandbox)
    office.plan()
    sandbox.fault("telegram", "accept-then-hang", place=f"@{office.tg}")
    office.send("khai-mac.md", "tg", deadline=0.5)
    yield office
    sandbox.clear_faults()


def messages(office: Office) -> int:
    """How many messages are in the chat, by the sandbox's own record."""
    return len(office.published("telegram", f"@{office.tg}"))


def live_on(office: Office) -> None:
    """Some hours of work, from now."""
    clock = VirtualClock(datetime.now(UTC))
    with App(office.directory, clock, SandboxWorld(office.sandbox.url)) as app:
        app.start()
        rehearse(app, clock, clock.now() + timedelta(hours=4))


def test_a_read_timeout_waits_for_a_person_and_sends_nothing_again(doubtful: Office) -> None:
    (row,) = doubtful.rows(channel="tg")
    assert (row.state, row.attempts) == (State.NEEDS_PERSON, 1)
    assert "took longer than the time for it" in row.reason
    live_on(doubtful)
    assert doubtful.rows(channel="tg") == [row]
    assert messages(doubtful) == 1
    (need,) = doubtful.status()["needs"]
    assert (need["id"], need["state"]) == (row.id, "needs_person")


@pytest.mark.parametrize(
    ("answer", "state", "count"),
    [(["--published", URL], State.PUBLISHED, 1), (["--absent"], State.PLANNED, 2)],  # who is wrong is believed
    ids=["published", "absent"],
)
def test_settle_ends_it_and_the_log_says_who_and_why(
    doubtful: Office, answer: list[str], state: State, count: int
) -> None:
    (row,) = doubtful.rows(channel="tg")
    number, why = str(row.id), "đã xem trên kênh"
    done = doubtful.process("settle", number, *answer, "--as", "Hà", "--because", why)
    assert (done.code, done.warned) == (0, "")
    assert done.said.startswith(f"settled: {number}  ")
    (settled,) = doubtful.rows(channel="tg")
    assert (settled.state, settled.reason) == (state, why)
    last = doubtful.call("log", "--delivery", number, "--json").json()[-1]
    assert (last["event"], last["was"], last["reason"]) == (state.value, "needs_person", why)
    assert last["who"] == {"name": "Hà", "role": "person", "verified": False}
    assert messages(doubtful) == 1
    live_on(doubtful)
    assert messages(doubtful) == count
    (ended,) = doubtful.rows(channel="tg")
    assert ended.state is State.PUBLISHED
    assert doubtful.status()["needs"] == []
    again = doubtful.call("settle", number, *answer, "--as", "Hà", "--because", why)
    assert (again.code, again.said) == (1, "")
