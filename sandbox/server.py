"""The frame: one HTTP server for all stand-ins, which also makes ordered faults happen on the wire."""

import contextlib
import os
import socket
import struct
import sys
import threading
from collections.abc import Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from sandbox.control import Control
from sandbox.exchange import Answer, Request, StandIn
from sandbox.faults import STATUS, Fault, Faults
from sandbox.record import Record

_GARBAGE = Answer(200, b'{"id": \xff\xfe', {"Content-Type": "application/json"})
_DRIP_GAP = 0.2  # seconds between two bytes
_WAIT = 1.0  # seconds that a 429 asks for, unless told


class Server(ThreadingHTTPServer):
    """Serves the stand-ins below http://127.0.0.1:PORT/KIND/ until closed."""

    daemon_threads = True  # a hung client must not keep the process
    request_queue_size = 256

    def __init__(self, port: int, record: Record, kinds: Sequence[type[StandIn]]) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.record = record
        self.faults = Faults()
        self.closing = threading.Event()
        self.control = Control(record, self.faults, tuple(kind.kind for kind in kinds))
        self._stand_ins = {kind.kind: (kind(record), threading.Lock()) for kind in kinds}

    @property
    def url(self) -> str:
        """The address of the whole sandbox, without a slash at its end."""
        return f"http://127.0.0.1:{self.server_port}"

    def close(self) -> None:
        """Let every hung request go and stop serving. The record stays open for answers that are being made."""
        self.closing.set()
        self.shutdown()
        self.server_close()

    def stand_in(self, kind: str) -> StandIn | None:
        """The stand-in below a prefix."""
        found = self._stand_ins.get(kind)
        return found[0] if found else None

    def accept(self, stand_in: StandIn, request: Request) -> Answer:
        """Give the request to its stand-in, one at a time."""
        with self._stand_ins[stand_in.kind][1]:
            return stand_in.answer(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Report a bug of a stand-in; a client that went away is none."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def log_message(self, format: str, *args: Any) -> None:
        """Silence: addresses may hold tokens, and the record says what matters."""

    def _serve(self) -> None:
        kind, request = self._read()
        stand_in = self.server.stand_in(kind)
        if stand_in is None:
            self._send(self.server.control.answer(kind, request))
            return
        fault = self.server.faults.take(kind, stand_in.place(request), f"{self.command} {self.path}")
        if fault is None:
            self._send(self.server.accept(stand_in, request))
        elif fault.accepts:
            self._accept_badly(fault, stand_in, request)
        else:
            self._refuse(fault, stand_in)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 - the names that http.server calls

    def _read(self) -> tuple[str, Request]:
        split = urlsplit(self.path)
        kind, *parts = [unquote(part) for part in split.path.lstrip("/").split("/")]
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        query = dict(parse_qsl(split.query, keep_blank_values=True))
        base = f"{self.server.url}/{kind}"
        return kind, Request(self.command, self.path, tuple(parts), query, self.headers, body, base)

    def _refuse(self, fault: Fault, stand_in: StandIn) -> None:
        if fault.fault in STATUS:
            seconds = _WAIT if fault.seconds is None else fault.seconds
            self._send(stand_in.failure(fault.fault, STATUS[fault.fault], seconds))
        elif fault.fault == "reset":
            self._reset()
        else:
            self._hang(fault.seconds)

    def _accept_badly(self, fault: Fault, stand_in: StandIn, request: Request) -> None:
        if fault.fault == "hang-then-accept" and self.server.closing.wait(fault.seconds or 0):
            self.close_connection = True  # the sandbox ends before the moment of accepting
            return
        answer = self.server.accept(stand_in, request)
        match fault.fault:
            case "accept-then-504":
                self._send(stand_in.failure(fault.fault, 504, 0))
            case "accept-then-hang":
                self._hang(fault.seconds)
            case "accept-then-drip":
                self._drip(answer, _DRIP_GAP if fault.seconds is None else fault.seconds)
            case "accept-then-garbage":
                self._send(_GARBAGE)
            case "accept-then-reset":
                self._reset()
            case _:
                self.close_connection = True

    def _send(self, answer: Answer) -> None:
        self.wfile.write(self._bytes(answer))

    def _bytes(self, answer: Answer) -> bytes:
        headers = {"Server": "sandbox", "Date": self.date_time_string(), **answer.headers}
        if answer.status not in (204, 304):
            headers["Content-Length"] = str(len(answer.body))
        lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        return head if self.command == "HEAD" else head + answer.body

    def _hang(self, seconds: float | None) -> None:
        self.server.closing.wait(seconds)
        self.close_connection = True

    def _drip(self, answer: Answer, gap: float) -> None:
        self.close_connection = True
        with contextlib.suppress(ConnectionError):
            for byte in self._bytes(answer):
                self.wfile.write(bytes([byte]))
                if self.server.closing.wait(gap):
                    return

    def _reset(self) -> None:
        """Close so that the client gets RST: nothing lingers, and no FIN goes before it."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())
