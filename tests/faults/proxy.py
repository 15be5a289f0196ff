"""A TCP proxy between the program and the sandbox: it cuts, delays, drips, kills, and answers in the server's place.

It reads whole requests, and each passes five points, at which it may be struck:

    POST posts: begun       half of it is here, and the server knows nothing
    POST posts: sent        all of it is here, and the server knows nothing
    POST posts: accepted    the server has answered, and the program knows nothing
    POST posts: half        half of the answer has gone
    POST posts: answered    all of it has gone
"""

import contextlib
import json
import re
import socket
import struct
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from urllib.parse import parse_qs, unquote, urlsplit

from sandbox.client import Sandbox

STAGES = ("begun", "sent", "accepted", "half", "answered")
_ID = re.compile(r"/\d+(?=$|\?)")


@dataclass(frozen=True)
class Heard:
    """A request that came, when, and what was answered."""

    at: datetime  # when it came
    elapsed: float  # the same by a clock that is never set
    place: str
    label: str
    status: int  # 0: no answer was given
    after: float | None  # what it said of how long to wait


class Severed(Exception):
    """The connection is to be dropped now, with RST."""


class Fate(Protocol):
    """What decides at each point."""

    @property
    def moment(self) -> tuple[datetime, float]: ...
    def passes(self, point: str, request: "Exchange") -> None: ...
    def connected(self) -> None: ...
    def heard(self, heard: Heard) -> None: ...


@dataclass
class Exchange:
    """One request on its way."""

    head: bytes
    body: bytes
    client: socket.socket
    upstream: tuple[str, int]
    answer: bytes = b""
    gap: float = 0.0  # seconds between two bytes of the answer

    @property
    def line(self) -> tuple[str, str]:
        """Method and path."""
        method, path, _ = self.head.split(b"\r\n", 1)[0].decode("latin-1").split(" ", 2)
        return method, path

    @property
    def label(self) -> str:
        """What it is, without what differs from one case to another: `POST posts/N`, `sendMessage`."""
        method, path = self.line
        parts = urlsplit(path)
        if "/telegram/" in parts.path:
            return parts.path.rpartition("/")[2]
        rest = parts.path.partition("/wp/v2/")[2] or parts.path
        asked = parse_qs(parts.query)
        suffix = "?slug" if "slug" in asked else "?after" if "after" in asked else ""
        return f"{method} {_ID.sub('/N', '/' + rest)[1:]}{suffix}"

    @property
    def kind(self) -> str:
        """The stand-in that it is for."""
        return self.line[1].split("/")[1]

    @property
    def place(self) -> str:
        """The place in the sandbox that it is for."""
        path = urlsplit(self.line[1])
        if self.kind == "wordpress":
            return unquote(path.path.split("/")[2])
        asked = parse_qs(path.query).get("chat_id")
        if asked:
            return asked[0]
        found = re.search(rb'chat_id"?(?:\r\n\r\n|=|: ?")(%40|@)(\w+)', self.body)
        return f"@{found[2].decode()}" if found else ""

    def forward(self) -> None:
        """Give it to the server, and keep its answer."""
        with socket.create_connection(self.upstream, timeout=20) as server:
            server.sendall(self.head + self.body)
            head, rest = _head(server)
            method, _ = self.line
            self.answer = head + (b"" if method == "HEAD" else _rest(server, head, rest))

    def gone(self, seconds: float) -> bool:
        """Wait until the program has hung up; False if it has not in time."""
        self.client.settimeout(seconds)
        try:
            return self.client.recv(1, socket.MSG_PEEK) == b""
        except TimeoutError:
            return False
        except OSError:
            return True
        finally:
            with contextlib.suppress(OSError):
                self.client.settimeout(None)


class Proxy:
    """Serves until closed; `fate` is who decides for now."""

    def __init__(self, sandbox: Sandbox) -> None:
        parts = urlsplit(sandbox.url)
        assert parts.hostname
        assert parts.port
        self._upstream = (parts.hostname, parts.port)
        self._server = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self.fate: Fate | None = None
        threading.Thread(target=self._accept, name="proxy", daemon=True).start()

    def close(self) -> None:
        """Serve nobody any more."""
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client, self.fate), daemon=True).start()

    def _serve(self, client: socket.socket, fate: Fate | None) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if fate is None:
                raise Severed
            fate.connected()
            while self._exchange(client, fate):
                pass
            client.close()
        except Severed:
            reset(client)
        except (OSError, ValueError):  # the program is gone, or was never there
            client.close()

    def _exchange(self, client: socket.socket, fate: Fate) -> bool:
        """One request and its answer; False when there is no other."""
        try:
            head, body = _head(client)
        except _End:
            return False
        length = _length(head)
        exchange = Exchange(head, body, client, self._upstream)
        moment = fate.moment
        try:
            while len(exchange.body) < length // 2:
                exchange.body += _some(client)
            fate.passes(f"{exchange.label}: begun", exchange)
            while len(exchange.body) < length:
                exchange.body += _some(client)
            fate.passes(f"{exchange.label}: sent", exchange)
            if not exchange.answer:
                exchange.forward()
            fate.passes(f"{exchange.label}: accepted", exchange)
            half = len(exchange.answer) // 2
            _give(exchange, exchange.answer[:half])
            fate.passes(f"{exchange.label}: half", exchange)
            _give(exchange, exchange.answer[half:])
        except BaseException:
            fate.heard(Heard(*moment, exchange.place, exchange.label, 0, None))
            raise
        fate.heard(_heard(exchange, moment))
        fate.passes(f"{exchange.label}: answered", exchange)
        return True


class _End(ConnectionError):
    """No other request comes."""


def reset(client: socket.socket) -> None:
    """Close so that the other side gets RST."""
    with contextlib.suppress(OSError):
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def _give(exchange: Exchange, data: bytes) -> None:
    if not exchange.gap:
        exchange.client.sendall(data)
        return
    for byte in data:
        exchange.client.sendall(bytes([byte]))
        if exchange.gone(exchange.gap):
            raise Severed


def _head(sock: socket.socket) -> tuple[bytes, bytes]:
    """Start line and headers, with the empty line; and what came after them."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = sock.recv(65536)
        if not piece:
            raise _End
        data += piece
    head, _, rest = data.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n", rest


def _length(head: bytes) -> int:
    found = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
    return int(found[1]) if found else 0


def _rest(sock: socket.socket, head: bytes, rest: bytes) -> bytes:
    length = _length(head)
    while len(rest) < length:
        rest += _some(sock)
    return rest


def _some(sock: socket.socket) -> bytes:
    piece = sock.recv(65536)
    if not piece:
        raise ConnectionError("closed in the midst")
    return piece


def _heard(exchange: Exchange, moment: tuple[datetime, float]) -> Heard:
    status = int(exchange.answer.split(b" ", 2)[1])
    found = re.search(rb"\r\nretry-after: *(\d+)", exchange.answer, re.IGNORECASE)
    after = float(found[1]) if found else None
    if status == 429 and after is None:
        told = json.loads(exchange.answer.partition(b"\r\n\r\n")[2])
        after = float(told["parameters"]["retry_after"])
    return Heard(*moment, exchange.place, exchange.label, status, after)
