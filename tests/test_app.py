"""What a caller may choose for an app: how long a server is waited for, and by which client it is reached."""

import socket
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from channels.guard import AddressInfo
from channels.http import Client
from publisher import decisions
from publisher.app import App
from publisher.clock import SystemClock
from publisher.decisions import person
from publisher.delivery import Delivery, State
from publisher.store import deliveries
from publisher.world import RealWorld
from sandbox.client import Sandbox
from tests.offices import SECRETS, Office


@pytest.fixture
def office(tmp_path: Path, sandbox: Sandbox) -> Office:
    return Office(tmp_path / "office", sandbox)


def sent(app: App, channel: str) -> Delivery:
    """What became of a message that was sent now, here and in real time."""
    app.start()
    target, uuid, now = app.workspace.schedules.channels[channel], app.store.uuid, datetime.now(UTC)
    with app.store.write() as tx:
        decisions.send(tx, app.workspace, uuid, "c", "khai-mac.md", target, person("Nga"), now, again=True)
    app.work()
    app.dispatcher.drain()
    with app.store.read() as view:
        (row,) = [row for row in deliveries.select_where(view) if row.schedule == "c/@send"]
    return row


def test_a_caller_may_shorten_the_deadline(office: Office, sandbox: Sandbox) -> None:
    sandbox.fault("wordpress", "hang", place=office.web, seconds=20)
    began = time.monotonic()
    with App(office.directory, SystemClock(), RealWorld(SECRETS), deadline=0.2) as app:
        row = sent(app, "web")
    assert row.state is State.PLANNED
    assert "took longer than the time for it" in row.reason
    assert time.monotonic() - began < 15


def test_a_caller_may_bring_the_client(office: Office, sandbox: Sandbox) -> None:
    port = sandbox.url.rpartition(":")[2]
    office.edit(f"{sandbox.url}/wordpress", f"http://so.example:{port}/wordpress", "conf/channels.yaml")
    asked = []

    def resolve(host: str, port: int) -> list[AddressInfo]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))]

    client = Client(resolve=resolve)
    with App(office.directory, SystemClock(), RealWorld(SECRETS), client=client) as app:
        row = sent(app, "web")
    assert row.state is State.PUBLISHED
    assert office.published("wordpress", office.web) == ["Khai mạc"]
    assert set(asked) == {"so.example"}
