"""No exchange outlasts its deadline, whatever the server drips, holds back or floods; nor its size."""

import gzip
import os
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import pytest

from channels.base import InDoubt, TryLater
from channels.http import MAX_BYTES, Client
from tests.raw_server import CERTIFICATE, Peer, RawServer, answer, answering, once

LIMIT = 0.3  # seconds
HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(deadline=LIMIT, verify=str(CERTIFICATE)) as one:
        yield one


@contextmanager
def in_time(seconds: float = LIMIT) -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < seconds + 0.2


def drip_headers(peer: Peer) -> None:
    peer.read()
    peer.drip(HEAD + b"X-Long: " + b"x" * 10_000)


def drip_body(peer: Peer) -> None:
    peer.read()
    peer.sock.sendall(HEAD + b"Content-Length: 10000\r\n\r\n")
    peer.drip(b"x" * 10_000)


def drip_chunks(peer: Peer) -> None:
    peer.read()
    peer.sock.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
    peer.drip(b"1\r\nx\r\n" * 10_000)


def drip_trailers(peer: Peer) -> None:
    peer.read()
    peer.sock.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n")
    peer.drip(b"X: y\r\n" * 10_000)


def drip_interim_answers(peer: Peer) -> None:
    peer.read()
    peer.drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000, every=0.001)


def never_answer(peer: Peer) -> None:
    peer.read()
    peer.hang()


def never_read(peer: Peer) -> None:
    peer.hang()


SLOW = [drip_headers, drip_body, drip_chunks, drip_trailers, drip_interim_answers, never_answer]


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("serve", SLOW)
def test_a_slow_answer_ends_at_the_deadline(client: Client, serve: Callable[[Peer], None], tls: bool) -> None:
    with RawServer(serve, tls=tls) as server, in_time(), pytest.raises(InDoubt):
        client.request("POST", server.url, data=b"text")


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_a_server_that_does_not_read_ends_at_the_deadline(client: Client, tls: bool) -> None:
    with RawServer(never_read, tls=tls) as server, in_time(), pytest.raises(InDoubt):
        client.request("POST", server.url, data=b"x" * 30_000_000)


def test_a_dripped_handshake_ends_at_the_deadline_and_nothing_was_sent(client: Client) -> None:
    def serve(peer: Peer) -> None:
        peer.sock.recv(65536)
        peer.drip(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc" + bytes(10_000))

    with RawServer(serve) as server, in_time(), pytest.raises(TryLater):
        client.request("POST", server.url.replace("http:", "https:"), data=b"text")


def test_a_dripped_tls_record_ends_at_the_deadline(client: Client) -> None:
    with RawServer(answering(answer(200, b"x" * 16_000)), tls=True) as inner:

        def forward(source: socket.socket, target: socket.socket) -> None:
            with suppress(OSError):
                while data := source.recv(65536):
                    target.sendall(data)
            with suppress(OSError):
                target.shutdown(socket.SHUT_RDWR)

        def serve(peer: Peer) -> None:
            with socket.create_connection(("127.0.0.1", inner.port)) as upstream:
                there = threading.Thread(target=forward, args=(peer.sock, upstream))
                there.start()
                while data := upstream.recv(65536):
                    if inner.requests:
                        peer.drip(data)
                    else:
                        peer.sock.sendall(data)
                there.join()

        with RawServer(serve) as server, in_time(), pytest.raises(InDoubt):
            client.request("POST", server.url.replace("http:", "https:"), data=b"text")


def test_a_connection_that_is_never_accepted_ends_at_the_deadline(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        fillers = [socket.socket() for _ in range(8)]  # the backlog is full after the first of these
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", port))
        with in_time(), pytest.raises(TryLater, match="longer than"):
            client.request("POST", f"http://127.0.0.1:{port}/", data=b"text")
        for filler in fillers:
            filler.close()


def test_each_address_gets_its_share_of_the_time() -> None:
    with socket.create_server(("127.0.0.2", 0), backlog=0) as silent, RawServer(answering(answer())) as server:
        fillers = [socket.socket() for _ in range(8)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(silent.getsockname())

        def resolve(host: str, port: int) -> list[tuple[int, int, int, str, tuple[str, int]]]:
            return [
                (socket.AF_INET, socket.SOCK_STREAM, 0, "", address)
                for address in (silent.getsockname(), ("127.0.0.1", server.port))
            ]

        with Client(resolve=resolve, deadline=1) as client, in_time(0.6):
            assert client.request("POST", "http://two-homes.test/", data=b"text").status == 200
        for filler in fillers:
            filler.close()


def test_a_name_that_is_looked_up_too_long_ends_at_the_deadline() -> None:
    ended = threading.Event()

    def resolve(host: str, port: int) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        ended.wait(5)
        return []

    with Client(resolve=resolve, deadline=LIMIT) as client, in_time(), pytest.raises(TryLater):
        client.request("POST", "http://slow-name.test/", data=b"text")
    ended.set()


def test_a_slow_answer_to_a_get_leaves_no_doubt(client: Client) -> None:
    with RawServer(drip_body) as server, in_time(), pytest.raises(TryLater):
        client.request("GET", server.url)


def test_a_reused_connection_gets_a_deadline_of_its_own(client: Client) -> None:
    def serve(peer: Peer) -> None:
        peer.read()
        peer.sock.sendall(answer())
        drip_body(peer)

    with RawServer(serve) as server:
        assert client.request("GET", server.url, deadline=5).status == 200
        with in_time(), pytest.raises(InDoubt):
            client.request("POST", server.url)
        assert server.connections == 1


def test_a_bound_client_has_its_own_deadline_and_a_request_its_own(client: Client) -> None:
    with RawServer(never_answer) as server:
        with in_time(0.1), pytest.raises(InDoubt):
            client.bound(lambda: None, 0.1).request("POST", server.url)
        with in_time(0.2), pytest.raises(InDoubt):
            client.bound(lambda: None, 5).request("POST", server.url, deadline=0.2)


def test_a_wait_before_the_exchange_is_not_part_of_it(client: Client) -> None:
    with RawServer(answering(answer())) as server:
        bound = client.bound(lambda: time.sleep(0.15), 0.1)
        assert bound.request("POST", server.url).status == 200


def test_redirects_share_one_deadline(client: Client) -> None:
    def serve(peer: Peer) -> None:
        while peer.read():
            if peer.server.stop.wait(0.15):
                return
            peer.sock.sendall(answer(302, b"", "Location: /again"))

    with RawServer(serve) as server, in_time(), pytest.raises(TryLater, match="longer than"):
        client.request("GET", server.url)


def flood(*pieces: bytes) -> Callable[[Peer], None]:
    """Send the first pieces once and the last for ever."""

    def serve(peer: Peer) -> None:
        peer.read()
        for piece in pieces[:-1]:
            peer.sock.sendall(piece)
        while not peer.server.stop.is_set():
            peer.sock.sendall(pieces[-1])

    return serve


FLOODS = {
    "one header": flood(HEAD + b"X: ", b"x" * 65536),
    "many headers": flood(HEAD, b"X: y\r\n" * 1000),
    "many cookies": flood(HEAD, b"Set-Cookie: y\r\n" * 50 + b" folded\r\n" * 1000),
    "status line": flood(b"HTTP/1.1 200 ", b"x" * 65536),
    "interim answers": flood(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    "body until the end": flood(HEAD + b"\r\n", b"x" * 65536),
    "chunks": flood(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b"x" * 65536 + b"\r\n"),
    "tiny chunks": flood(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 10_000),
    "size of a chunk": flood(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0" * 65536),
    "trailers": flood(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n" * 10_000),
}


@pytest.mark.parametrize("serve", FLOODS.values(), ids=FLOODS.keys())
def test_a_flood_is_stopped_by_its_size(serve: Callable[[Peer], None]) -> None:
    with (
        RawServer(serve) as server,
        Client(max_bytes=1_000_000, deadline=20) as client,
        pytest.raises(InDoubt) as caught,
        peak_below(10_000_000),
    ):
        client.request("POST", server.url)
    assert "longer than" not in str(caught.value)


@contextmanager
def peak_below(size: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < size


def deflate_bomb(wbits: int, size: int) -> bytes:
    packer = zlib.compressobj(9, wbits=wbits)
    zeros = bytes(1024 * 1024)
    return b"".join(packer.compress(zeros) for _ in range(size // len(zeros))) + packer.flush()


BOMBS = {
    "gzip": deflate_bomb(31, 64 * 1024 * 1024),
    "deflate": deflate_bomb(15, 64 * 1024 * 1024),
    "gzip, gzip": gzip.compress(deflate_bomb(31, 64 * 1024 * 1024)),
}


@pytest.mark.parametrize("coding", BOMBS)
def test_a_bomb_is_stopped_while_it_inflates(client: Client, coding: str) -> None:
    serve = answering(answer(200, BOMBS[coding], f"Content-Encoding: {coding}"))
    with RawServer(serve) as server, peak_below(3 * MAX_BYTES), pytest.raises(InDoubt, match="larger"):
        client.request("POST", server.url, deadline=10)


def test_the_cap_is_exact() -> None:
    def ask(size: int, cap: int) -> int:
        body = os.urandom(size)
        with (
            RawServer(answering(answer(200, body))) as plain,
            RawServer(answering(answer(200, gzip.compress(body), "Content-Encoding: gzip"))) as packed,
            RawServer(once(HEAD + b"\r\n" + body)) as endless,
            Client(allow=("127.0.0.1",)) as client,
        ):
            for server in (plain, packed, endless):
                assert client.fetch(server.url, max_bytes=cap).body == body
        return size

    assert ask(99_000, 100_000) == 99_000
    assert ask(99_000, 99_100) == 99_000
    with pytest.raises(TryLater, match="larger"):
        ask(100_001, 100_000)


def test_a_declared_size_is_refused_before_it_comes(client: Client) -> None:
    with RawServer(once(HEAD + b"Content-Length: 9000000\r\n\r\n")) as server:
        with pytest.raises(InDoubt, match="larger"):
            client.request("POST", server.url)
        assert client.request("HEAD", server.url).headers["content-length"] == "9000000"
