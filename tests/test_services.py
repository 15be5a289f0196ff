"""Services of Apprise over a real socket: what arrives, and what no error tells."""

import json
import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from channels.base import Refused, TryLater
from channels.services import notify

KEY = "khoa-cua-dich-vu-91"


class Receiver(ThreadingHTTPServer):
    """Takes what is sent to it, with a status of the test's choosing."""

    status = 200
    seconds = 0.0

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[dict[str, Any]] = []

    @property
    def address(self) -> str:
        return f"json://u:{KEY}@127.0.0.1:{self.server_port}/hook"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(self.server.seconds)
        if self.server.status < 400:
            self.server.got.append(json.loads(body))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def receiver() -> Iterator[Receiver]:
    """A running receiver."""
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_what_is_told_arrives_as_it_was_written() -> None:
    with receiver() as server:
        notify(server.address, "Một lượt không đăng được", "a <b> & *c*\n#12 khai-mac.md")
    (got,) = server.got
    assert (got["title"], got["message"]) == ("Một lượt không đăng được", "a <b> & *c*\n#12 khai-mac.md")


def test_a_refusal_is_said_without_the_address(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="apprise")
    with receiver() as server:
        server.status = 403
        with pytest.raises(TryLater, match="did not take it") as raised:
            notify(server.address, "t", "b")
    assert KEY not in f"{raised.value!r} {caplog.text}"
    assert [record for record in caplog.records if record.name.startswith("apprise")] == []


def test_nobody_there_and_no_such_service() -> None:
    with receiver() as server:
        address = server.address
    with pytest.raises(TryLater):
        notify(address, "t", "b")
    for wrong in ("", "nothing", "khong-co://x", KEY):
        with pytest.raises(Refused) as raised:
            notify(wrong, "t", "b")
        assert wrong == "" or wrong not in str(raised.value)


def test_a_service_that_hangs_keeps_to_the_deadline() -> None:
    with receiver() as server:
        server.seconds = 0.8
        began = time.monotonic()
        with pytest.raises(TryLater, match="longer than the time"):
            notify(server.address, "t", "b", deadline=0.2)
        assert time.monotonic() - began < 0.7
