"""The sandbox as its users meet it: a process that serves, records what it accepts, and fails on request."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from email.message import Message
from http.client import HTTPConnection, RemoteDisconnected
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from sandbox.client import Sandbox
from tests import kinds

POST = {"title": "Sóng về thôn", "content": "<p>Đã có sóng.</p>", "status": "publish"}
AUTH = {"Authorization": "Basic YmllbjptYXQta2hhdQ==", "Content-Type": "application/json"}


class Said(NamedTuple):
    """A complete answer."""

    status: int
    headers: Message
    body: bytes


class Place:
    """One WordPress site of the sandbox, spoken to without any client of ours."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.name = kinds.unique("trang")
        self.connection = HTTPConnection("127.0.0.1", int(sandbox.url.rsplit(":", 1)[1]), timeout=10)

    def post(self, **values: Any) -> Said:
        path = f"/wordpress/{self.name}/wp-json/wp/v2/posts"
        self.connection.request("POST", path, json.dumps({**POST, **values}), AUTH)
        return self.said()

    def said(self) -> Said:
        with self.connection.getresponse() as response:
            return Said(response.status, response.headers, response.read())

    def hurry(self) -> None:
        """From now on wait for no answer long."""
        self.close()
        self.connection.timeout = 0.4

    def close(self) -> None:
        self.connection.close()

    def fault(self, fault: str, **order: Any) -> None:
        self.sandbox.fault("wordpress", fault, place=self.name, **order)

    def record(self) -> list[dict[str, Any]]:
        return self.sandbox.record(kind="wordpress", place=self.name)


@pytest.fixture
def place(sandbox: Sandbox) -> Iterator[Place]:
    with closing(Place(sandbox)) as made:
        yield made


def test_what_is_accepted_is_on_file_before_the_answer(place: Place) -> None:
    answer = json.loads(place.post().body)

    lines = (place.sandbox.directory / "record.jsonl").read_text().splitlines()
    assert place.record() == [json.loads(line) for line in lines if json.loads(line)["place"] == place.name]
    (entry,) = place.record()
    assert (entry["kind"], entry["action"], entry["id"]) == ("wordpress", "publish", str(answer["id"]))
    assert (entry["title"], entry["text"], entry["public"]) == ("Sóng về thôn", "<p>Đã có sóng.</p>", True)


def test_the_record_outlives_its_process(tmp_path: Path) -> None:
    for _ in range(2):
        with Sandbox(tmp_path) as sandbox, closing(Place(sandbox)) as place:
            place.post()
            record = sandbox.record()
            assert sandbox.record(place=place.name) == record[-1:]

    assert [entry["n"] for entry in record] == [1, 2]


def test_one_connection_serves_many_requests(place: Place) -> None:
    place.post()
    socket_before = place.connection.sock

    place.post()

    assert socket_before is not None
    assert place.connection.sock is socket_before


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("refuse", 400),
        ("unauthorised", 401),
        ("forbidden", 403),
        ("too-many", 429),
        ("error", 500),
        ("unavailable", 503),
        ("gateway-timeout", 504),
    ],
)
def test_a_refusing_fault_accepts_nothing(place: Place, fault: str, status: int) -> None:
    place.fault(fault, seconds=9)

    answer = place.post()

    assert answer.status == status
    assert answer.headers["Retry-After"] == ("9" if status == 429 else None)
    assert place.record() == []


@pytest.mark.parametrize(("fault", "accepted"), [("reset", 0), ("accept-then-reset", 1)])
def test_a_reset(place: Place, fault: str, accepted: int) -> None:
    place.fault(fault)

    with pytest.raises(ConnectionResetError) as raised:
        place.post()
    assert raised.type is ConnectionResetError  # a mere end of the connection is a kind of it
    assert len(place.record()) == accepted


@pytest.mark.parametrize(("fault", "accepted"), [("hang", 0), ("accept-then-hang", 1)])
def test_a_hang(place: Place, fault: str, accepted: int) -> None:
    place.fault(fault)
    place.hurry()

    with pytest.raises(TimeoutError):
        place.post()
    assert len(place.record()) == accepted


def test_a_hang_may_end(place: Place) -> None:
    place.fault("hang", seconds=0.05)

    with pytest.raises(RemoteDisconnected):
        place.post()
    assert place.record() == []


def test_accepting_late(place: Place) -> None:
    place.fault("hang-then-accept", seconds=0.1)

    with pytest.raises(RemoteDisconnected):
        place.post()
    assert len(place.record()) == 1


def test_accepting_and_saying_otherwise(place: Place) -> None:
    place.fault("accept-then-504")
    place.fault("accept-then-garbage")

    first, second = place.post(), place.post()

    assert (first.status, second.status) == (504, 200)
    with pytest.raises(ValueError, match="utf-8"):
        json.loads(second.body)
    assert len(place.record()) == 2


def test_a_drip_is_the_answer_a_byte_at_a_time(place: Place) -> None:
    place.fault("accept-then-drip", seconds=0.0001)
    place.fault("accept-then-drip", seconds=30)

    whole = place.post()
    assert json.loads(whole.body)["title"]["raw"] == POST["title"]
    place.hurry()
    with pytest.raises(TimeoutError):
        place.post()
    assert len(place.record()) == 2


def test_faults_are_used_up_by_the_requests_they_name(place: Place) -> None:
    place.fault("error", request="DELETE")
    place.fault("error", request=r"^POST /wordpress/.*/posts$", times=2)

    assert [place.post().status for _ in range(3)] == [500, 500, 201]


def test_a_fault_without_times_stands_until_cleared(tmp_path: Path) -> None:
    with Sandbox(tmp_path) as sandbox, closing(Place(sandbox)) as place:
        sandbox.fault("wordpress", "unavailable", times=None)
        assert [place.post().status for _ in range(3)] == [503] * 3
        assert len(sandbox.call("GET", "/_faults")) == 1

        sandbox.clear_faults()

        assert place.post().status == 201


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"kind": "wordpress", "fault": "explode"}, "unknown fault 'explode'"),
        ({"kind": "pigeon", "fault": "hang"}, "unknown kind 'pigeon'"),
        ({"kind": "wordpress", "fault": "hang", "request": "("}, "not a regular expression"),
        ({"kind": "wordpress"}, "kind, fault"),
        ({"kind": "wordpress", "fault": "hang", "when": 1}, "kind, fault"),
    ],
)
def test_an_order_that_makes_no_sense_is_explained(sandbox: Sandbox, order: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("(", r"\(")):
        sandbox.call("POST", "/_faults", order)


def test_it_ends_at_once_though_requests_hang(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path)
    place = Place(sandbox)
    place.fault("hang")
    place.fault("hang-then-accept", seconds=60)
    place.hurry()
    for _ in range(2):
        with pytest.raises(TimeoutError):
            place.post()
        place.close()

    assert sandbox.stop() == 0
    assert (tmp_path / "record.jsonl").read_text() == ""
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", place.connection.port)):
        pass


@pytest.mark.parametrize("end", ["input", "signal", "interrupt"])
def test_it_ends_with_its_parent_or_when_told(tmp_path: Path, end: str) -> None:
    sandbox = Sandbox(tmp_path)
    assert sandbox.process.stdin is not None
    if end == "input":
        sandbox.process.stdin.close()
    else:
        sandbox.process.send_signal(signal.SIGTERM if end == "signal" else signal.SIGINT)

    assert sandbox.process.wait(timeout=10) == 0
    sandbox.stop()


def test_it_stays_without_an_input(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox", "--directory", str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        with closing(HTTPConnection(url.removeprefix("http://"), timeout=5)) as connection:
            connection.request("GET", "/_record")
            assert connection.getresponse().read() == b"[]"
        process.terminate()


def test_a_sandbox_that_cannot_start_says_so(
    sandbox: Sandbox, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    taken = int(sandbox.url.rsplit(":", 1)[1])

    with pytest.raises(RuntimeError, match="before it was ready"):
        Sandbox(tmp_path, port=taken)
    assert os.strerror(98) in capfd.readouterr().err


def test_the_front_page_lists_what_the_public_sees(place: Place) -> None:
    for title in ("Bài đã đăng <&>", "Bài mới hơn"):
        place.post(title=title)
    place.post(title="Bài nháp", status="draft")
    place.connection.request("GET", "/")

    page = place.said().body.decode()

    assert 0 < page.index("Bài mới hơn") < page.index("Bài đã đăng &lt;&amp;&gt;")
    assert f"wordpress · {place.name}" in page
    assert "Bài nháp" not in page


def test_an_unknown_address_is_not_found(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="404"):
        sandbox.call("GET", "/khong-co")
