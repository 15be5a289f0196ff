"""`publisher run` as a process of its own: it starts, alarms, answers, wakes and ends as it should."""

import re
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from publisher.delivery import State
from sandbox.client import Sandbox
from tests.offices import HANOI, SECRETS, Office, Running


@pytest.fixture
def office(tmp_path: Path, sandbox: Sandbox) -> Office:
    return Office(tmp_path / "office", sandbox)


@pytest.fixture
def faults(sandbox: Sandbox) -> Iterator[Sandbox]:
    yield sandbox
    sandbox.clear_faults()


def test_a_signal_lets_it_finish_what_is_being_sent(office: Office, faults: Sandbox) -> None:
    faults.fault("wordpress", "accept-then-drip", place=office.web, request=r"POST .*/posts/\d+", seconds=0.002)
    with office.run() as running, ThreadPoolExecutor() as threads:
        sent = threads.submit(office.process, "send", "c/khai-mac.md", "--to", "web", "--as", "Nga")
        running.wait_for(lambda: office.rows(channel="web", state="sending"), "to send")

        assert running.stop() == 0

        assert "Finishing what is being sent" in running.said
        assert "Traceback" not in running.warned
        assert sent.result().code == 0
    (row,) = office.rows(channel="web", name="c/@send")
    assert (row.state, row.attempts) == (State.PUBLISHED, 1)
    assert office.published("wordpress", office.web) == ["Khai mạc"]


def test_a_second_one_on_the_workspace_is_refused(office: Office) -> None:
    with office.run() as running:
        second = office.process("run", "--port", "0")
        assert second.code == 1
        assert second.warned == f"Publisher already runs on this workspace (process {running.process.pid})\n"
        assert office.status()["running"] is True
        assert running.stop(signal.SIGINT) == 0
        assert running.said.endswith("Stopped; nothing was lost.\n")
    assert office.status()["running"] is False


def test_it_does_not_start_on_broken_files_alone(office: Office) -> None:
    office.edit("title: Sóng", "titel: Sóng")
    refused = office.process("run", "--port", "0")
    assert refused.code == 1
    assert "schedules.yaml:5:5: unknown key 'titel' (did you mean 'title'?)" in refused.warned
    assert "Traceback" not in refused.warned


def test_it_starts_on_broken_files_with_the_last_valid_plan(office: Office) -> None:
    office.plan()
    planned = [(row.id, row.state, row.due) for row in office.rows()]
    office.edit("title: Sóng", "titel: Sóng")
    with office.run() as running:
        running.wait_for(lambda: "schedules.yaml:5:5: unknown key 'titel'" in running.warned, "to complain")
        assert "schedules.yaml:5:5: unknown key 'titel' (did you mean 'title'?)" in office.status()["mistakes"]
        assert [(row.id, row.state, row.due) for row in office.rows()] == planned
        assert office.call("send", "c/khai-mac.md", "--to", "web", "--as", "Nga").code == 0
    assert office.published("wordpress", office.web) == ["Khai mạc"]


def test_a_channel_without_its_secret_is_paused_with_an_alert_and_others_go_on(office: Office) -> None:
    with office.run(env={"WEB_PASSWORD": SECRETS["WEB_PASSWORD"], "TG_TOKEN_FILE": "/nowhere"}) as running:
        alert = "Channel tg is paused: the secret TG_TOKEN is not set"
        running.wait_for(lambda: alert in running.warned, "to raise the alarm")
        held = office.call("send", "c/khai-mac.md", "--to", "tg", "--as", "Nga")
        assert held.code == 1
        assert "held  channel tg is paused: the secret TG_TOKEN is not set" in held.said
        assert office.call("send", "c/khai-mac.md", "--to", "web", "--as", "Nga").code == 0
        assert [pause["name"] for pause in office.status()["paused"]] == ["tg"]
    assert [entry["channel"] for entry in office.log("paused")] == ["tg"]
    assert office.published("wordpress", office.web) == ["Khai mạc"]

    with office.run() as running:  # with the secret
        running.wait_for(lambda: office.rows(channel="tg", state="published"), "to publish what it held")
    assert office.published("telegram", f"@{office.tg}") != []


def test_it_answers_pages_and_the_overview_on_a_loopback_address_alone(office: Office) -> None:
    address = _own_address()
    with office.run("--host", "0.0.0.0", "--contact", "Phòng Thông tin") as running:
        assert running.url.startswith("http://127.0.0.1:")
        port = running.url.rpartition(":")[2]
        link = office.call("inbox", "list").said.split()[1]
        for url, status in (
            (f"{running.url}/", 200),
            (f"{running.url}{link}", 200),
            (f"{running.url}{link[:-3]}xx/", 404),
            (f"http://{address}:{port}{link}", 200),
            (f"http://{address}:{port}/", 404 if address != "127.0.0.1" else 200),
        ):
            assert requests.get(url, timeout=10).status_code == status, url
        proxied = requests.get(f"{running.url}/", headers={"X-Forwarded-For": "203.0.113.9"}, timeout=10)
        assert proxied.status_code == 404
        assert "Phòng Thông tin" in requests.get(f"{running.url}/i/unknown/", timeout=10).text


def test_a_taken_port_is_said_in_a_sentence(office: Office) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = office.process("run", "--port", str(port))
    assert done.code == 1
    assert done.warned == (
        f"the pages cannot answer on 127.0.0.1:{port}: Address already in use (choose another --port)\n"
    )


def test_it_wakes_at_the_very_next_due_time(office: Office) -> None:
    with office.run() as running:
        now = datetime.now(UTC).astimezone(HANOI)
        session = (now + timedelta(minutes=2)).replace(second=0, microsecond=0)
        ready = int((session - now).total_seconds()) - 6  # so that its script is due in six seconds
        office.edit("[05:15, 17:00], ready: 12h", f"['{session:%H:%M}'], ready: {ready}s", "conf/channels.yaml")
        office.edit(f"from: {office.first}", f"from: {now.date()}")
        sent = {"channel": "loa", "session": str(session.astimezone(UTC)), "state": "published"}
        (row,) = running.wait_for(lambda: office.rows(**sent), "to write the script")
    assert row.due == session - timedelta(seconds=ready)
    began = next(entry["at"] for entry in office.log("sending") if entry["delivery"] == row.id)
    assert timedelta(0) <= datetime.fromisoformat(began) - row.due < timedelta(seconds=1)
    script = office.directory / "var" / "channels" / "loa" / f"{session:%Y-%m-%d}" / f"{session:%H%M}" / "script.txt"
    assert "Bản tin" in script.read_text(encoding="utf-8")


def test_it_notices_what_other_commands_decide(office: Office) -> None:
    office.edit("    title:", "    approval: once-per-text\n    title:")
    with office.run() as running:
        waiting = office.call("send", "c/khai-mac.md", "--to", "web", "--as", "Nga")
        assert waiting.code == 0
        assert "Its text is not approved: see `publisher approve`." in waiting.said
        number = re.search(r"#(\d+)", waiting.said)
        assert number

        assert office.call("hold", number[1], "--as", "Nga", "--because", "đợi").code == 0
        assert office.call("approve", "c/khai-mac.md", "--as", "Hà", "--document", "07/TB").code == 0
        assert office.call("release", number[1], "--as", "Hà", "--because", "được").code == 0
        decided = datetime.now(UTC)
        (row,) = running.wait_for(lambda: office.rows(channel="web", state="published"), "to publish")
        assert row.published_at - decided < timedelta(seconds=3)
        _assert_in_step(running, office)
    assert office.published("wordpress", office.web) == ["Khai mạc"]


def _assert_in_step(running: Running, office: Office) -> None:
    """What it said on its terminal is what stands in the log."""
    running.wait_for(lambda: "published" in running.said, "to say so")
    assert office.log("published")[-1]["receipt"]["url"] in running.said


def _own_address() -> str:
    """The address of this machine in its network; a loopback one if it has none. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
