"""A server for tests that behaves exactly as badly as told: it hands each connection to a function."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

CERTIFICATE = Path(__file__).parent / "data" / "localhost.pem"


class RawServer:
    """Listens on 127.0.0.1 while it is entered; `connections` counts what it accepted, `requests` what it read."""

    def __init__(self, serve: Callable[["Peer"], None], *, tls: bool = False) -> None:
        self._serve = serve
        self._tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH) if tls else None
        if self._tls:
            self._tls.load_cert_chain(CERTIFICATE)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = int(self._listener.getsockname()[1])
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = []
        self.stop = threading.Event()
        self.connections = 0
        self.requests: list[bytes] = []

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._accepting = threading.Thread(target=self._accept)
        self._accepting.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()
        for sock in self._open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(sock)
            self._threads.append(threading.Thread(target=self._handle, args=(sock,)))
            self._threads[-1].start()

    def _handle(self, sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError):
            if self._tls:
                with self._tls.wrap_socket(sock, server_side=True) as secured:
                    self._serve(Peer(secured, self))
            else:
                self._serve(Peer(sock, self))


class Peer:
    """One accepted connection."""

    def __init__(self, sock: socket.socket, server: RawServer) -> None:
        self.sock = sock
        self.server = server

    def read(self) -> bytes:
        """The next whole request, also kept in `server.requests`; b'' at the end of the stream."""
        got = b""
        while b"\r\n\r\n" not in got:
            piece = self.sock.recv(65536)
            if not piece:
                return b""
            got += piece
        head, _, body = got.partition(b"\r\n\r\n")
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        while len(body) < length:
            piece = self.sock.recv(65536)
            if not piece:
                return b""
            body += piece
        self.server.requests.append(head + b"\r\n\r\n" + body)
        return self.server.requests[-1]

    def drip(self, data: bytes, every: float = 0.02) -> None:
        """Send data byte by byte, until it is out or the server stops."""
        for number in range(len(data)):
            self.sock.sendall(data[number : number + 1])
            if self.server.stop.wait(every):
                return

    def hang(self) -> None:
        """Say nothing more until the server stops."""
        self.server.stop.wait()

    def reset(self) -> None:
        """Break the connection off with a RST instead of a FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.sock.close()


def answer(status: int = 200, body: bytes = b"{}", *headers: str) -> bytes:
    """A well-formed answer."""
    lines = [f"HTTP/1.1 {status} Some Reason", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def answering(*answers: bytes) -> Callable[[Peer], None]:
    """Serve the answers in turn, the last for ever, on each connection anew."""

    def serve(peer: Peer) -> None:
        turn = 0
        while peer.read():
            peer.sock.sendall(answers[min(turn, len(answers) - 1)])
            turn += 1

    return serve


def once(reply: bytes) -> Callable[[Peer], None]:
    """Read one request, send these bytes, close."""

    def serve(peer: Peer) -> None:
        peer.read()
        peer.sock.sendall(reply)

    return serve
