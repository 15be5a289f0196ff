"""Redirects: never repeat a publication, never carry a key to another server, never go round for ever."""

from collections.abc import Iterator

import pytest

from channels.base import InDoubt, Refused
from channels.http import Client
from tests.raw_server import Peer, RawServer, answer, answering

KEY = {"Authorization": "Bearer of-bad-news"}


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(deadline=5, allow=("127.0.0.1",)) as one:
        yield one


def moved(location: str, status: int = 302) -> bytes:
    return answer(status, b"", f"Location: {location}")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_get_follows_within_its_origin_with_its_credentials(client: Client, status: int, method: str) -> None:
    with RawServer(answering(moved("../b?x=1#part", status), answer())) as server:
        assert client.request(method, f"{server.url}/a/a", headers=KEY).status == 200
    assert server.requests[1].startswith(f"{method} /b?x=1 HTTP/1.1\r\n".encode())
    assert b"Authorization: Bearer of-bad-news\r\n" in server.requests[1]


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_post_follows_nowhere(client: Client, status: int, check: bool) -> None:
    with RawServer(answering(moved("/b", status), answer())) as server:
        with pytest.raises(Refused, match="into the channel's settings"):
            client.request("POST", f"{server.url}/a", check=check)
        assert len(server.requests) == 1


def test_a_post_that_is_told_to_see_another_page_was_carried_out_perhaps(client: Client) -> None:
    with RawServer(answering(moved("/b", 303), answer())) as server:
        with pytest.raises(InDoubt):
            client.request("POST", f"{server.url}/a")
        assert len(server.requests) == 1


def test_a_get_does_not_carry_its_key_to_another_origin(client: Client) -> None:
    with RawServer(answering(answer())) as other:
        location = f"{other.url}/token-page?key=hidden"
        with RawServer(answering(moved(location))) as server, pytest.raises(Refused) as caught:
            client.request("GET", server.url, headers=KEY)
        assert other.connections == 0
    assert f"sends us on to {other.url}, where" in str(caught.value)
    assert "token-page" not in str(caught.value)


@pytest.mark.parametrize(
    "location", ["https://127.0.0.1:{port}/", "http://localhost:{port}/", "http://127.0.0.1/", "//a.test/x"]
)
def test_an_origin_is_scheme_and_host_and_port(client: Client, location: str) -> None:
    def serve(peer: Peer) -> None:
        peer.read()
        peer.sock.sendall(moved(location.format(port=peer.server.port)))

    with RawServer(serve) as server, pytest.raises(Refused, match="channel's settings"):
        client.request("GET", server.url, headers=KEY)


@pytest.mark.parametrize(
    "location", ["ftp://a.test/", "file:///etc/passwd", "http://u:p@a.test/", "http://[::1/", "http://a:b/"]
)
def test_what_is_no_web_address_is_refused(client: Client, location: str) -> None:
    with RawServer(answering(moved(location))) as server:
        with pytest.raises(Refused, match="no web address"):
            client.request("GET", server.url)
        with pytest.raises(Refused, match="no web address"):
            client.fetch(server.url)


def test_five_are_followed_and_no_more(client: Client) -> None:
    def serve(peer: Peer) -> None:
        while request := peer.read():
            number = int(request.split()[1].strip(b"/"))
            peer.sock.sendall(moved(f"/{number - 1}") if number else answer())

    with RawServer(serve) as server:
        assert client.request("GET", f"{server.url}/5").status == 200
        assert client.fetch(f"{server.url}/5").status == 200
        assert len(server.requests) == 12
        with pytest.raises(Refused, match="more than 5 times"):
            client.request("GET", f"{server.url}/6")
        with pytest.raises(Refused, match="more than 5 times"):
            client.fetch(f"{server.url}/6")


def test_a_fetch_follows_to_other_origins_without_credentials(client: Client) -> None:
    with (
        RawServer(answering(answer(200, b"feed"))) as other,
        RawServer(answering(moved(f"{other.url}/feed.xml"))) as server,
    ):
        got = client.fetch(server.url, headers={**KEY, "Cookie": "a=b", "X-Key": "of-bad-news", "If-None-Match": '"7"'})
    assert got.body == b"feed"
    for request in server.requests + other.requests:
        assert b"bad-news" not in request
        assert b"a=b" not in request
        assert b'If-None-Match: "7"\r\n' in request


def test_a_path_in_plain_utf_8_is_understood(client: Client) -> None:
    with RawServer(answering(moved("/sóng-và-máy"), answer())) as server:
        client.request("GET", server.url)
    assert server.requests[1].startswith(b"GET /s%C3%B3ng-v%C3%A0-m%C3%A1y ")
