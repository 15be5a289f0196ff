"""The client against servers that behave: what goes out, what comes back, and which connections are used again."""

import base64
import gzip
import json
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

import pytest

from channels.base import Http, InDoubt, Response, TryLater, Unavailable
from channels.http import Client, WrongAddress
from tests.raw_server import Peer, RawServer, answer, answering, once


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(deadline=5) as one:
        yield one


def head_of(request: bytes) -> dict[str, str]:
    lines = request.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
    return {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}


def body_of(request: bytes) -> bytes:
    return request.partition(b"\r\n\r\n")[2]


def test_it_is_an_http_of_the_contract(client: Client) -> None:
    http: Http = client
    with RawServer(answering(answer(201, b'{"id": 7}', "X-Kind: test"))) as server:
        response: Response = http.request("POST", f"{server.url}/posts", json={"a": 1})
    assert response.status == 201
    assert response.headers["x-KIND"] == "test"
    assert response.json() == {"id": 7}
    assert response.body == b'{"id": 7}'


def test_json_form_and_bytes_are_encoded(client: Client) -> None:
    with RawServer(answering(answer())) as server:
        client.request("post", f"{server.url}/a?x=1", json={"tên": "Sóng"}, params={"y": "2 3"})
        client.request("POST", f"{server.url}/b", data={"tên": "Sóng và máy"})
        client.request("PUT", f"{server.url}/c", data=b"\0raw", headers={"Content-Type": "image/png"})
        client.request("DELETE", f"{server.url}/d")
    as_json, as_form, as_bytes, bare = server.requests
    assert as_json.startswith(b"POST /a?x=1&y=2+3 HTTP/1.1\r\n")
    assert head_of(as_json)["content-type"] == "application/json"
    assert json.loads(body_of(as_json)) == {"tên": "Sóng"}
    assert head_of(as_form)["content-type"] == "application/x-www-form-urlencoded"
    assert body_of(as_form) == b"t%C3%AAn=S%C3%B3ng+v%C3%A0+m%C3%A1y"
    assert (head_of(as_bytes)["content-type"], body_of(as_bytes)) == ("image/png", b"\0raw")
    assert bare.startswith(b"DELETE /d ")
    assert body_of(bare) == b""


def test_a_file_travels_as_multipart(client: Client) -> None:
    with RawServer(answering(answer())) as server:
        client.request("POST", server.url, data={"chat": "5"}, files={"photo": ("ảnh.png", b"\x89PNG", "image/png")})
    (request,) = server.requests
    assert head_of(request)["content-type"].startswith("multipart/form-data; boundary=")
    assert 'name="photo"; filename="ảnh.png"\r\nContent-Type: image/png\r\n\r\n'.encode() in request
    assert b"\x89PNG\r\n" in request
    assert b'name="chat"\r\n\r\n5\r\n' in request


def test_a_password_may_have_vietnamese_letters(client: Client) -> None:
    with RawServer(answering(answer())) as server:
        client.request("GET", server.url, auth=("biên tập", "mật khẩu"))
    scheme, _, value = head_of(server.requests[0])["authorization"].partition(" ")
    assert (scheme, base64.b64decode(value).decode()) == ("Basic", "biên tập:mật khẩu")


def test_it_says_who_it_is() -> None:
    with RawServer(answering(answer())) as server, Client() as plain, Client(user_agent="Other/2") as other:
        plain.request("GET", server.url)
        other.request("GET", server.url)
        plain.request("GET", server.url, headers={"user-agent": "Own/3"})
    agents = [head_of(request)["user-agent"] for request in server.requests]
    assert agents == ["Publisher/0.1 (+outreach publishing scheduler)", "Other/2", "Own/3"]


def test_environment_and_cookies_are_left_alone(
    client: Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password netrc-password\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with RawServer(answering(answer(200, b"{}", "Set-Cookie: session=1; Path=/"))) as server:
        client.request("GET", server.url)
        client.request("GET", server.url)
    for request in server.requests:
        assert {"authorization", "cookie"}.isdisjoint(head_of(request))


@pytest.mark.parametrize(
    ("coding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)], ids=["gzip", "deflate"]
)
def test_a_packed_body_is_unpacked(client: Client, coding: str, pack: Callable[[bytes], bytes]) -> None:
    packed = pack(b"s\xc3\xb3ng" * 99)
    with RawServer(answering(answer(200, packed, f"Content-Encoding: {coding}"))) as server:
        assert client.request("GET", server.url).body == b"s\xc3\xb3ng" * 99
    assert head_of(server.requests[0])["accept-encoding"] == "gzip, deflate"


def test_a_chunked_body_is_joined(client: Client) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[1\r\n2\r\n,2\r\n1\r\n]\r\n0\r\n\r\n"
    with RawServer(answering(chunked)) as server:
        assert [client.request("GET", server.url).json() for _ in range(2)] == [[1, 2], [1, 2]]
    assert server.connections == 1


def test_a_connection_serves_many_requests_and_threads(client: Client) -> None:
    def from_another_thread() -> None:
        client.request("POST", server.url, data=b"2")

    with RawServer(answering(answer())) as server:
        client.request("POST", server.url, data=b"1")
        thread = threading.Thread(target=from_another_thread)
        thread.start()
        thread.join()
        client.bound(lambda: None, 5).request("POST", server.url, data=b"3")
        client.request("HEAD", server.url)
    assert [body_of(request) for request in server.requests] == [b"1", b"2", b"3", b""]
    assert server.connections == 1


@pytest.mark.parametrize(
    ("header", "seconds", "connections"),
    [
        ("X: y", 14.0, 1),
        ("X: y", 15.0, 2),
        ("Keep-Alive: timeout=5, max=100", 3.9, 1),
        ("Keep-Alive: timeout=5, max=100", 4.0, 2),
        ("Keep-Alive: timeout=60", 15.0, 2),
        ("Connection: close", 0.0, 2),
    ],
)
def test_an_idle_connection_gets_stale(header: str, seconds: float, connections: int) -> None:
    now = [100.0]
    with RawServer(answering(answer(200, b"{}", header))) as server, Client(clock=lambda: now[0]) as client:
        client.request("POST", server.url)
        now[0] += seconds
        client.request("POST", server.url)
        assert server.connections == connections


def test_what_gets_stale_is_closed_when_others_come_back() -> None:
    now, ended = [100.0], threading.Event()

    def serve(peer: Peer) -> None:
        answering(answer())(peer)
        ended.set()

    client = Client(clock=lambda: now[0])
    with RawServer(serve) as idle, RawServer(answering(answer())) as busy, client:
        client.request("GET", idle.url)
        now[0] += 20
        client.request("GET", busy.url)
        assert ended.wait(2)


def test_a_connection_that_its_server_closed_is_not_used_again(client: Client) -> None:
    closed = threading.Event()

    def serve(peer: Peer) -> None:
        peer.read()
        peer.sock.sendall(answer())
        peer.sock.close()
        closed.set()

    with RawServer(serve) as server:
        for _ in range(3):
            assert client.request("POST", server.url).status == 200
            assert closed.wait(2)
            closed.clear()
        assert server.connections == 3


def test_a_server_that_says_too_much_gets_a_new_connection(client: Client) -> None:
    extra = answer(200, b"{}") + answer(200, b'{"forged": true}') * 1000
    with RawServer(answering(extra)) as server:
        assert client.request("GET", server.url).json() == {}
        assert client.request("GET", server.url).json() == {}
        assert server.connections == 2


def test_fifty_threads_at_once_get_their_own_answers(client: Client) -> None:
    def echo(peer: Peer) -> None:
        while request := peer.read():
            peer.sock.sendall(answer(200, body_of(request)))

    def ask(number: int) -> bool:
        return all(
            client.request("POST", server.url, json=[number, turn]).json() == [number, turn] for turn in range(4)
        )

    with RawServer(echo) as server, ThreadPoolExecutor(50) as threads:
        assert all(threads.map(ask, range(50)))
    assert len(server.requests) == 200
    assert server.connections <= 50


def test_close_ends_idle_connections() -> None:
    ended = threading.Event()

    def serve(peer: Peer) -> None:
        answering(answer())(peer)
        ended.set()

    client = Client()
    with RawServer(serve) as server:
        client.request("GET", server.url)
        assert not ended.is_set()
        client.close()
        assert ended.wait(2)


def test_what_stands_before_a_delivery_stands_before_each_exchange(client: Client) -> None:
    calls: list[int] = []
    with RawServer(answering(answer(302, b"", "Location: /there"), answer())) as server:
        bound = client.bound(lambda: calls.append(len(server.requests)), 5)
        bound.request("GET", server.url)
        bound.request("POST", server.url)
    assert calls == [0, 1, 2]


def test_a_lost_fence_stops_the_request_unchanged(client: Client) -> None:
    class FenceLost(Exception):
        pass

    lost = FenceLost("epoch 2")

    def before() -> None:
        raise lost

    with RawServer(answering(answer())) as server:
        with pytest.raises(FenceLost) as caught:
            client.bound(before, 5).request("POST", server.url)
        assert caught.value is lost
        assert server.connections == 0


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"a": ', b"\xff\xfe\xfa", b"NaN", b'{"a": Infinity}', b"[" * 100_000]
)
def test_json_that_is_none_is_a_doubt_after_a_post(client: Client, body: bytes) -> None:
    with RawServer(answering(answer(200, body))) as server:
        with pytest.raises(InDoubt):
            client.request("POST", server.url).json()
        with pytest.raises(TryLater):
            client.request("GET", server.url).json()


def test_an_early_refusal_is_heard_though_not_all_was_sent(client: Client) -> None:
    def serve(peer: Peer) -> None:
        peer.sock.recv(1000)
        peer.sock.sendall(answer(413, b'{"message": "too big"}'))
        peer.reset()

    with RawServer(serve) as server:
        response = client.request("POST", server.url, data=b"x" * 30_000_000, check=False)
    assert (response.status, response.body) == (413, b'{"message": "too big"}')


def test_an_answer_until_the_end_of_the_stream_is_whole(client: Client) -> None:
    with RawServer(once(b"HTTP/1.0 200 OK\r\n\r\n[1, 2]")) as server:
        assert client.request("POST", server.url).json() == [1, 2]


def test_the_head_of_an_address_can_be_fetched() -> None:
    with RawServer(answering(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n")) as server:
        with Client(allow=["127.0.0.1"], deadline=2) as client:
            found = client.fetch(f"{server.url}/a", method="HEAD")
        assert (found.status, found.body) == (200, b"")
        assert server.requests[0].startswith(b"HEAD /a ")


@pytest.mark.parametrize(("number", "is_wrong"), [(socket.EAI_NONAME, True), (socket.EAI_AGAIN, False)])
def test_an_unknown_name_is_told_from_one_that_cannot_be_looked_up(number: int, is_wrong: bool) -> None:
    def unknown(host: str, port: int) -> NoReturn:
        raise socket.gaierror(number, "unknown")

    with Client(resolve=unknown) as client, pytest.raises(Unavailable) as raised:
        client.fetch("http://khong-co.vn/")
    assert isinstance(raised.value, WrongAddress) is is_wrong
