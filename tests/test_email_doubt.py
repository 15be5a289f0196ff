"""An e-mail behind the fence: a doubt waits for a person, a refusal fails, a server that is down is left alone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from publisher.app import App
from publisher.clock import VirtualClock
from publisher.delivery import State
from publisher.rehearsal import rehearse
from publisher.world import SandboxWorld
from sandbox.client import Sandbox
from tests.kinds import unique
from tests.offices import Office


@pytest.fixture
def reader() -> str:
    return f"{unique('ban')}@bao.example.vn"


@pytest.fixture
def office(tmp_path: Path, sandbox: Sandbox, reader: str) -> Office:
    """An office with a channel `thu`, over the workspace's mail server."""
    made = Office(tmp_path / "office", sandbox)
    made.edit("channels:\n", f"channels:\n  thu: {{kind: email, agency: so, to: {reader}}}\n", "conf/channels.yaml")
    made.edit("include:", "mail: {host: smtp.example.vn, from: pub@so.example.vn}\ninclude:")
    made.plan()
    return made


def live_on(office: Office, after: int = 0) -> None:
    """Some hours of work, from now or so many hours later."""
    clock = VirtualClock(datetime.now(UTC) + timedelta(hours=after))
    with App(office.directory, clock, SandboxWorld(office.sandbox.url)) as app:
        app.start()
        rehearse(app, clock, clock.now() + timedelta(hours=4))


def test_a_message_goes_out_once(office: Office, reader: str) -> None:
    office.send("khai-mac.md", "thu")
    live_on(office)
    (row,) = office.rows(channel="thu")
    assert row.state is State.PUBLISHED
    (entry,) = office.sandbox.record(kind="email", place=reader)
    assert row.receipt is not None
    assert (entry["id"], entry["title"]) == (row.receipt.id, "Khai mạc") == (f"{row.key}@so.example.vn", "Khai mạc")
    assert "Sở Thông tin" in entry["headers"]["From"]


@pytest.mark.parametrize("fault", ["accept-then-hang", "accept-then-reset", "accept-then-504", "reset", "hang"])
def test_a_lost_answer_waits_for_a_person_and_sends_nothing_again(office: Office, reader: str, fault: str) -> None:
    office.sandbox.fault("email", fault, place=reader)
    office.send("khai-mac.md", "thu", deadline=0.5)
    office.sandbox.clear_faults()
    (row,) = office.rows(channel="thu")
    assert (row.state, row.attempts) == (State.NEEDS_PERSON, 1)
    assert "may have taken the message all the same" in row.reason
    live_on(office)
    assert office.rows(channel="thu") == [row]
    assert len(office.sandbox.record(kind="email", place=reader)) == fault.startswith("accept")
    done = office.call("settle", str(row.id), "--absent", "--as", "Hà", "--because", "hộp thư không có")
    assert done.code == 0, done.warned
    live_on(office)
    entries = office.sandbox.record(kind="email", place=reader)
    assert [entry["id"] for entry in entries] == [f"{row.key}@so.example.vn"] * (1 + fault.startswith("accept"))


def test_what_was_certainly_not_taken_goes_out_later(office: Office, reader: str) -> None:
    office.sandbox.fault("email", "too-many", place=reader, times=2)
    office.send("khai-mac.md", "thu")
    live_on(office)
    (row,) = office.rows(channel="thu")
    assert (row.state, row.attempts) == (State.PUBLISHED, 3)
    assert len(office.sandbox.record(kind="email", place=reader)) == 1


def test_a_refusal_fails_and_wrong_credentials_hold(office: Office, reader: str) -> None:
    office.sandbox.fault("email", "refuse", place=reader)
    office.send("khai-mac.md", "thu")
    (row,) = office.rows(channel="thu")
    assert (row.state, "Message rejected" in row.reason) == (State.FAILED, True)
    office.sandbox.fault("email", "unauthorised", place=reader)
    office.send("loa/01.md", "thu")
    assert {row.state for row in office.rows(channel="thu")} == {State.FAILED, State.HELD}
    assert office.sandbox.record(kind="email", place=reader) == []


def test_a_server_that_is_down_costs_no_doubt(office: Office, tmp_path: Path, reader: str) -> None:
    with Sandbox(tmp_path / "gone") as gone:
        running, office.sandbox = office.sandbox, gone
    office.send("khai-mac.md", "thu")
    live_on(office)
    (row,) = office.rows(channel="thu")
    assert (row.state, row.receipt) == (State.HELD, None)
    assert "does not answer" in row.reason
    office.sandbox = running
    live_on(office, after=4)
    (row,) = office.rows(channel="thu")
    assert row.state is State.PUBLISHED
    assert len(running.record(kind="email", place=reader)) == 1


def test_a_notice_mends_the_letter_that_is_certainly_out(office: Office, reader: str) -> None:
    office.send("khai-mac.md", "thu")
    office.sandbox.fault("email", "reset", place=reader, times=1)
    office.send("khai-mac.md", "thu", deadline=0.5)
    (doubtful,) = (row for row in office.rows(channel="thu") if row.state is State.NEEDS_PERSON)
    office.call("cancel", str(doubtful.id), "--as", "Lan", "--because", "không rõ")
    done = office.call("withdraw", "c/khai-mac.md", "--as", "Lan", "--because", "sai")
    assert "nobody knows whether it is out: look there" in done.said
    assert done.code == 1
    live_on(office)
    titles = [one["title"] for one in office.sandbox.record(kind="email", place=reader)]
    assert titles == ["Khai mạc", "Thu hồi: Khai mạc"]


def test_a_letter_that_proves_not_sent_after_its_withdrawal_is_not_sent(office: Office, reader: str) -> None:
    office.send("khai-mac.md", "thu")
    office.sandbox.fault("email", "reset", place=reader, times=1)
    office.send("khai-mac.md", "thu", deadline=0.5)
    (doubtful,) = (row for row in office.rows(channel="thu") if row.state is State.NEEDS_PERSON)
    office.call("withdraw", "c/khai-mac.md", "--as", "Lan", "--because", "sai")
    office.call("settle", str(doubtful.id), "--absent", "--as", "Lan", "--because", "không có")
    live_on(office)
    titles = [one["title"] for one in office.sandbox.record(kind="email", place=reader)]
    assert titles == ["Khai mạc", "Thu hồi: Khai mạc"]
