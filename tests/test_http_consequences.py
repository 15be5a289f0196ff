"""Each way in which an exchange can fail, and what follows from it for the delivery."""

import socket
from collections.abc import Callable, Iterator

import pytest

from channels.base import ChannelError, InDoubt, Refused, TryLater, Unauthorized, Unavailable
from channels.http import Answer, Client, consequence
from tests.raw_server import CERTIFICATE, Peer, RawServer, answer, answering, once

DATE = "Date: Tue, 15 Feb 2022 08:00:00 GMT"


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(deadline=5) as one:
        yield one


def error_of(client: Client, method: str, reply: bytes) -> ChannelError:
    with RawServer(answering(reply)) as server, pytest.raises(ChannelError) as caught:
        client.request(method, server.url)
    return caught.value


@pytest.mark.parametrize(
    ("status", "after_post", "after_get"),
    [
        (400, Refused, Refused),
        (401, Unauthorized, Unauthorized),
        (403, Unauthorized, Unauthorized),
        (404, Refused, Refused),
        (408, InDoubt, Unavailable),
        (409, Refused, Refused),
        (413, Refused, Refused),
        (418, Refused, Refused),
        (422, Refused, Refused),
        (425, TryLater, TryLater),
        (429, TryLater, TryLater),
        (451, Refused, Refused),
        (500, InDoubt, Unavailable),
        (501, InDoubt, Unavailable),
        (502, InDoubt, Unavailable),
        (503, InDoubt, Unavailable),
        (504, InDoubt, Unavailable),
        (599, InDoubt, Unavailable),
        (300, InDoubt, Unavailable),
        (303, InDoubt, Unavailable),
        (304, InDoubt, None),
        (302, Refused, Refused),  # without a Location
    ],
)
def test_a_status_has_a_consequence(
    client: Client, status: int, after_post: type[ChannelError], after_get: type[ChannelError] | None
) -> None:
    with RawServer(answering(answer(status, b"" if status == 304 else b"{}"))) as server:
        for method, expected in [("POST", after_post), ("PUT", after_post), ("GET", after_get)]:
            unchecked = client.request(method, server.url, check=False)
            assert unchecked.status == status
            found = consequence(method, unchecked)
            assert type(found) is (expected or type(None))
            if expected:
                with pytest.raises(expected) as caught:
                    client.request(method, server.url)
                assert type(caught.value) is expected
            else:
                assert client.request(method, server.url).status == status


@pytest.mark.parametrize("status", [200, 201, 202, 204, 206])
def test_a_success_has_none(client: Client, status: int) -> None:
    with RawServer(answering(answer(status, b"" if status == 204 else b"{}"))) as server:
        assert client.request("POST", server.url).status == status


def test_an_interim_answer_alone_is_a_doubt(client: Client) -> None:
    with RawServer(answering(b"HTTP/1.1 103 Early Hints\r\n\r\n", answer())) as server:
        with pytest.raises(InDoubt):
            client.request("POST", server.url)
        with pytest.raises(InDoubt):
            client.request("POST", server.url)
        assert server.connections == 2


@pytest.mark.parametrize(
    ("headers", "after"),
    [
        (("Retry-After: 120",), 120.0),
        (("Retry-After: 0",), 0.0),
        (("Retry-After: Tue, 15 Feb 2022 08:01:30 GMT", DATE), 90.0),
        (("Retry-After: Tue, 15 Feb 2022 07:00:00 GMT", DATE), 0.0),
        (("Retry-After: Tue, 15 Feb 2022 08:01:30 GMT",), None),
        (("Retry-After: Tue, 15 Feb 2022 08:01:30 GMT", "Date: now"), None),
        (("Retry-After: Tue, 15 Feb 2022 08:01:30 -0000", DATE), None),
        (("Retry-After: soon", DATE), None),
        (("Retry-After: -5",), None),
        (("Retry-After: ٣",), None),
        (("Retry-After: 99999999999999999999",), 604800.0),
        ((), None),
    ],
)
@pytest.mark.parametrize(("method", "status"), [("POST", 429), ("GET", 429), ("GET", 503), ("POST", 425)])
def test_a_server_may_say_when(
    client: Client, method: str, status: int, headers: tuple[str, ...], after: float | None
) -> None:
    error = error_of(client, method, answer(status, b"{}", *headers))
    assert isinstance(error, TryLater)
    assert error.after == after


def test_a_refused_connection_sent_nothing(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(TryLater, match="nothing was sent"):
        client.request("POST", f"http://127.0.0.1:{port}/")


def test_a_name_that_is_not_known_sent_nothing() -> None:
    def resolve(host: str, port: int) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with Client(resolve=resolve) as client, pytest.raises(TryLater, match="check the address"):
        client.request("POST", "http://no-such-name.test/")
    with Client(resolve=lambda host, port: []) as client, pytest.raises(TryLater, match="check the address"):
        client.request("POST", "http://no-such-name.test/")


def test_a_second_address_is_tried_when_the_first_refuses() -> None:
    with RawServer(answering(answer())) as server:

        def resolve(host: str, port: int) -> list[tuple[int, int, int, str, tuple[str, int]]]:
            return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", (ip, port)) for ip in ("127.0.0.9", "127.0.0.1")]

        with Client(resolve=resolve) as client:
            assert client.request("POST", f"http://two-homes.test:{server.port}/").status == 200


@pytest.mark.parametrize("client_trusts", [True, False])
def test_tls_that_fails_before_the_request_sent_nothing(client_trusts: bool) -> None:
    verify = str(CERTIFICATE) if client_trusts else True
    with RawServer(answering(answer()), tls=True) as server, Client(verify=verify) as client:
        if client_trusts:
            assert client.request("POST", server.url).status == 200
        else:
            with pytest.raises(TryLater, match="certificate"):
                client.request("POST", server.url)
            assert server.requests == []


def test_a_certificate_of_another_name_sent_nothing() -> None:
    def resolve(host: str, port: int) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))]

    with RawServer(answering(answer()), tls=True) as server:
        with Client(verify=str(CERTIFICATE), resolve=resolve) as client:
            assert client.request("POST", f"https://localhost:{server.port}/").status == 200
            with pytest.raises(TryLater, match="certificate"):
                client.request("POST", f"https://other.test:{server.port}/")
        with Client(verify=False, resolve=resolve) as careless:
            assert careless.request("POST", f"https://other.test:{server.port}/").status == 200
    assert len(server.requests) == 2


def test_missing_certificates_are_told_at_once() -> None:
    with pytest.raises(FileNotFoundError, match="trusted certificates"):
        Client(verify="/no/such/bundle.pem")


def test_plain_http_where_tls_was_expected_sent_nothing() -> None:
    def serve(peer: Peer) -> None:
        peer.sock.recv(1000)
        peer.sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with RawServer(serve) as server, Client() as client, pytest.raises(TryLater, match="TLS"):
        client.request("POST", server.url.replace("http:", "https:"))


def reset_before_answer(peer: Peer) -> None:
    peer.read()
    peer.reset()


def reset_in_headers(peer: Peer) -> None:
    peer.read()
    peer.sock.sendall(b"HTTP/1.1 200 OK\r\nX-Half")
    peer.reset()


def reset_in_body(peer: Peer) -> None:
    peer.read()
    peer.sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}")
    peer.reset()


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
BROKEN: dict[str, Callable[[Peer], None]] = {
    "reset before an answer": reset_before_answer,
    "reset in the headers": reset_in_headers,
    "reset in the body": reset_in_body,
    "closed before an answer": once(b""),
    "closed in the status line": once(b"HTTP/1.1 20"),
    "closed in the headers": once(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"),
    "closed in the body": once(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}"),
    "closed in a chunk": once(CHUNKED + b"64\r\n{}"),
    "closed between chunks": once(CHUNKED + b"2\r\n{}\r\n"),
    "no chunk": once(CHUNKED + b"zz\r\n{}\r\n"),
    "negative chunk": once(CHUNKED + b"-5\r\n{}\r\n"),
    "two lengths": once(b"HTTP/1.1 200 OK\r\nContent-Length: 2, 3\r\n\r\n{}"),
    "not HTTP": once(b"220 mail.example.vn ESMTP\r\n"),
    "no status": once(b"HTTP/1.1 two OK\r\n\r\n"),
    "not gzip": once(answer(200, b"plain", "Content-Encoding: gzip")),
    "too many codings": once(answer(200, b"plain", "Content-Encoding: " + ", ".join(["gzip"] * 9))),
}


@pytest.mark.parametrize("serve", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_answer_is_a_doubt_unless_it_is_to_a_get(client: Client, serve: Callable[[Peer], None]) -> None:
    with RawServer(serve) as server:
        for check in (True, False):
            with pytest.raises(InDoubt, match="may have been carried out"):
                client.request("POST", server.url, data=b"text", check=check)
            with pytest.raises(TryLater):
                client.request("GET", server.url, check=check)


def test_a_success_before_all_was_sent_is_a_doubt(client: Client) -> None:
    def serve(peer: Peer) -> None:
        peer.sock.recv(1000)
        peer.sock.sendall(answer(200, b"{}"))
        peer.reset()

    with RawServer(serve) as server, pytest.raises(InDoubt):
        client.request("POST", server.url, data=b"x" * 30_000_000)


def test_a_reused_connection_that_dies_is_a_doubt(client: Client) -> None:
    def serve(peer: Peer) -> None:
        peer.read()
        peer.sock.sendall(answer())
        peer.read()

    with RawServer(serve) as server:
        client.request("POST", server.url)
        with pytest.raises(InDoubt):
            client.request("POST", server.url)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"code": "rest_cannot_create", "message": "Xin l\xe1\xbb\x97i"}', "Xin lỗi"),
        (b'{"errors": [{"type": "x", "message": "Slug is taken"}]}', "Slug is taken"),
        (b'{"error": {"code": 190, "message": "Expired"}}', "Expired"),
        (b'{"ok": false, "description": "chat not found"}', "chat not found"),
        (b'{"error": "Record not found"}', "Record not found"),
        (b"plain\r\n  words\x00\x1b[31m", "plain words [31m"),
        (b'{"message": "a\\u202eb\\u0000c"}', "a b c"),
        (b'{"message": "' + b"long " * 99 + b'"}', ("long " * 40)[:199] + "…"),
    ],
)
def test_a_server_is_quoted(client: Client, body: bytes, said: str) -> None:
    error = error_of(client, "POST", answer(400, body))
    assert f"answered 400 ({said}); check" in str(error)


@pytest.mark.parametrize("body", [b"", b"<html><p>Sorry", b'{"half": ', b"[]", b"{}", b"7", b'{"message": 7}'])
def test_a_server_that_says_nothing_is_not_quoted(client: Client, body: bytes) -> None:
    assert "answered 400; check" in str(error_of(client, "POST", answer(400, body)))


@pytest.mark.parametrize(("status", "expected"), [(404, Refused), (401, Unauthorized), (502, InDoubt), (200, InDoubt)])
def test_an_unreadable_body_means_what_its_status_means(
    client: Client, status: int, expected: type[ChannelError]
) -> None:
    with RawServer(answering(answer(status, b"<html>"))) as server:
        response = client.request("POST", server.url, check=False)
        with pytest.raises(expected):
            response.json()


def test_an_answer_shows_itself_without_its_body() -> None:
    shown = repr(Answer(200, {"X-Token": "secret"}, b"secret", "POST", "https://a.test/…/x", frozenset({"secret"})))
    assert shown == "<POST https://a.test/…/x: 200, 6 bytes>"


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        ("ftp://a.test/x", {}),
        ("file:///etc/passwd", {}),
        ("a.test/x", {}),
        ("http://", {}),
        ("http://[::1/x", {}),
        ("http://a.test:99999/", {}),
        ("http://user:word@a.test/", {}),
        ("", {}),
        ("http://127.0.0.1:9/", {"X-Key": "a\r\nX-Other: b"}),
        ("http://127.0.0.1:9/", {"X-Key\n": "a"}),
    ],
)
def test_a_request_that_cannot_be_made_is_refused(client: Client, url: str, headers: dict[str, str]) -> None:
    with pytest.raises(Refused):
        client.request("POST", url, headers=headers)
    with pytest.raises(Refused):
        client.fetch(url, headers=headers)


def test_a_header_beyond_latin_1_is_refused_and_nothing_sent(client: Client) -> None:
    with RawServer(answering(answer())) as server:
        with pytest.raises(Refused) as caught:
            client.request("POST", server.url, headers={"X-Key": "khóa-của-tôi-ằ"})
        assert "khóa" not in str(caught.value)
        assert server.requests == []
