"""Requests to the pages: paths that climb, links that are guessed, headers that lie, clients that never finish."""

import socket
from collections.abc import Iterator
from functools import cache
from random import Random

from channels.inbox import Entry
from publisher.web.app import create_app
from publisher.web.serve import Pages, serve
from tests import desks, kinds
from tests.desks import BUSY, TOKEN, Desk
from tests.hostile.causes import Bench, Case, Family, Harm, Seen, write

_HEADERS = (
    b"content-security-policy: default-src 'none'",
    b"x-content-type-options: nosniff",
    b"referrer-policy: no-referrer",
)


@cache
def _pages() -> Pages:
    entry = Entry(kinds.post(title="Bài mật"), kinds.NOW, None)
    return serve(create_app(Desk({TOKEN: desks.view(entry)}, shown=BUSY)))


def judge(case: Case, bench: Bench) -> Seen:
    """One request as it stands in the file; and a good one afterwards."""
    data = write(case, bench.folder / "request.http").read_bytes()
    pages = _pages()
    data = data.replace(b"HOST", f"127.0.0.1:{pages.port}".encode())
    with socket.create_connection((pages.host, pages.port), timeout=2) as sock:
        answered = _answered(sock, data)
    status = int(answered.split(b" ", 2)[1]) if answered.startswith(b"HTTP/1.1 ") else 0
    if status >= 500:
        raise Harm(f"breaks the page: {answered[:200]!r}")
    body = answered.partition(b"\r\n\r\n")[2].decode("utf-8", "replace")
    if b"\nx-injected" in answered.partition(b"\r\n\r\n")[0].lower():
        raise Harm("writes a header that the client asked for")
    if "Bài mật" in body or "cong-so" in body:
        raise Harm("opens what it must not")
    if status and b"Invalid HTTP request" not in answered and not all(name in answered.lower() for name in _HEADERS):
        raise Harm(f"goes without the headers that guard it: {answered[:500]!r}")
    _still_answers(pages)
    return Seen(status >= 400 or not status, (answered.decode("utf-8", "replace"),))


def _answered(sock: socket.socket, data: bytes, patience: float = 0.3) -> bytes:
    """What comes back, until the server closes or says nothing for so many seconds."""
    try:
        sock.sendall(data)
        sock.settimeout(patience)
        pieces = []
        while piece := sock.recv(65536):
            pieces.append(piece)
    except (TimeoutError, ConnectionError):
        pass
    return b"".join(pieces)


def _still_answers(pages: Pages) -> None:
    with socket.create_connection((pages.host, pages.port), timeout=2) as sock:
        request = f"GET /i/{TOKEN}/ HTTP/1.1\r\nHost: 127.0.0.1:{pages.port}\r\nConnection: close\r\n\r\n"
        if "Bài mật".encode() not in _answered(sock, request.encode(), patience=10):
            raise Harm("keeps the pages from answering others")


PAGES = Family("pages", judge)


def get(path: str, *headers: str, method: str = "GET", host: str = "HOST") -> bytes:
    """A request."""
    lines = [f"{method} {path} HTTP/1.1", *([f"Host: {host}"] if host else []), "Connection: close", *headers]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape") + b"\r\n\r\n"


@PAGES.refused
def paths_that_climb(chance: Random) -> Iterator[Case]:
    """The pages' files lie beside the program's."""
    for path in (
        "/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/%2e%2e/app.py", "/static//etc/passwd",
        "/static/..\\..\\app.py", "/static/style.css%00.txt", "/static/....//app.py", "//etc/passwd",
        "/../../etc/passwd", "/static/%c0%ae%c0%ae/app.py", f"/i/{TOKEN}/media/..%2f..%2f..%2fetc%2fpasswd",
        f"/i/{TOKEN}/media/", f"/i/{TOKEN}/../../", "/static", "/static/", "/static/%ff", "/templates/base.html",
        "/.git/config", "/openapi.json", "/docs",
    ):  # fmt: skip
        yield get(path)


@PAGES.refused
def links_that_are_guessed(chance: Random) -> Iterator[Case]:
    """A link is a secret; almost the link must not open it, nor say how near it is."""
    for token in (
        TOKEN.lower(), TOKEN[:-1], TOKEN + "x", f"{TOKEN}%00", "%00", "*", "%25", "x" * 30_000, "%ff%fe", "..",
        "' or 1=1 --", "%2e", "Ấ", "null", "%0a" + TOKEN,
    ):  # fmt: skip
        yield get(f"/i/{token}/".replace(" ", "%20"))
        yield get(f"/i/{token}/feed.atom".replace(" ", "%20"))


@PAGES.refused
def hosts_that_lie(chance: Random) -> Iterator[Case]:
    """A page elsewhere points its own name at this machine, and reads the overview."""
    for host in (
        "evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "127.0.0.1@evil.example",
        "evil.example:127.0.0.1", "127.1", "0", "[::1].evil", "LOCALHOST\x00", "127.0.0.1 evil",
    ):  # fmt: skip
        yield get("/", host=host)
    yield get("/", host="")
    yield get("/", "Host: evil.example")
    yield get("/", "X-Forwarded-For: 127.0.0.1")
    yield get("/", "X-Forwarded-Host: localhost", host="evil.example")
    yield get("/", "Forwarded: for=127.0.0.1")
    yield get("http://127.0.0.1/", host="evil.example")


@PAGES.refused
def methods_that_change(chance: Random) -> Iterator[Case]:
    """The pages are for reading."""
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "X" * 500):
        yield get(f"/i/{TOKEN}/", method=method)
        yield get("/", "Content-Length: 2", method=method) + b"{}"


@PAGES.refused
def requests_that_are_none(chance: Random) -> Iterator[Case]:
    """Anything may come in at an open port."""
    yield from (
        b"\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", chance.randbytes(20_000), b"x" * 200_000,
        b"GET / HTTP/1.1\r\nX: " + b"y" * 200_000, b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 20_000,
        b"GET /\0 HTTP/1.1\r\nHost: HOST\r\n\r\n", b"GET / HTTP/1.1\r\nHost: HOST\r\nContent-Length: -5\r\n\r\n",
        b"GET / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\nHost: HOST\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: HOST\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/1.1\r\nHost : HOST\r\n\r\n", b"GET / HTTP/1.1\r\n Host: HOST\r\n\r\n",
    )  # fmt: skip


@PAGES.endured
def headers_that_are_large_or_odd(chance: Random) -> Iterator[Case]:
    """A header is compared, kept or sent back."""
    path = f"/i/{TOKEN}/../nichts/"
    for header in (
        "If-None-Match: " + "x" * 30_000, "Cookie: " + "a=b; " * 5_000, "Range: bytes=0-,0-,0-" + ",0-" * 5_000,
        "Accept-Language: " + "vi," * 9_000, "Accept-Encoding: gzip;q=1e999",
        "Upgrade: websocket\r\nConnection: upgrade", "Expect: 100-continue", "X: \udcff\udcfe",
        "If-Modified-Since: 99999999",
    ):  # fmt: skip
        yield get(path, header)
        yield get("/static/style.css", header)


@PAGES.endured
def paths_that_write_headers(chance: Random) -> Iterator[Case]:
    """A link that lost its last slash is sent on; what stands in it goes into a header."""
    for token in (
        "a%0d%0aX-Injected:%20b", "a%0aX-Injected:b", "a%00b", "%E2%80%A8X-Injected", "//evil.example",
        "%2f%2fevil.example", "https:%2f%2fevil.example", "\\evil.example", "%5cevil.example",
    ):  # fmt: skip
        yield get(f"/i/{token}")
