"""No error, traceback, log or repr shows a key: neither one that we sent nor one that a server repeats."""

import logging
import socket
import traceback
from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import ChannelError
from channels.http import Client, consequence
from channels.redaction import excerpt, place, redact, secrets_of
from tests.raw_server import Peer, RawServer, answer, answering, once

TOKEN = "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"
BEARER = "y6ZQ-Vn3k"
PASSWORD = "abcd efgh ijkl mnop"
QUERY = "hush"
FIELD = "sotto"
SECRETS = (TOKEN, BEARER, PASSWORD, QUERY, FIELD)


def echo(status: int) -> Callable[[Peer], None]:
    """Answer with all that was asked, as the message of an error and in a header."""

    def serve(peer: Peer) -> None:
        asked = peer.read().replace(b'"', b"'").replace(b"\r\n", b" ").decode()
        message = f"{asked} {TOKEN} {BEARER} {PASSWORD} {QUERY} {FIELD}"
        peer.sock.sendall(answer(status, b'{"message": "%b"}' % message.encode(), f"X-Echo: {asked}"))

    return serve


def never(peer: Peer) -> None:
    peer.read()
    peer.hang()


TROUBLES: dict[str, Callable[[Peer], None]] = {
    **{str(status): echo(status) for status in (400, 401, 403, 404, 408, 429, 500, 503)},
    "not JSON": answering(answer(200, b'{"token": "' + TOKEN.encode())),
    "half": once(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
    "not HTTP": once(f"{TOKEN} {BEARER}\r\n\r\n".encode()),
    "odd header": once(f"HTTP/1.1 502 Bad\r\nContent-Length: 0\r\nodd {TOKEN}\r\nX: y\r\n\r\n".encode()),
    "late": never,
    "other origin": once(answer(302, b"", f"Location: http://a.test/bot{TOKEN}/x?q={QUERY}")),
    "same origin": once(answer(302, b"", f"Location: /bot{TOKEN}/x?q={QUERY}")),
    "no address": once(answer(302, b"", f"Location: x-{QUERY}://{TOKEN}")),
}


def shown_by(error: BaseException) -> str:
    """All that a careless handler could print of an error, its hidden context too."""
    parts = ["".join(traceback.format_exception(error)), repr(error), str(error), repr(error.args)]
    for other in (error.__cause__, error.__context__):
        parts += [shown_by(other)] if other else []
    return "\n".join(parts)


def ask(client: Client, url: str) -> None:
    client.request(
        "POST",
        f"{url}/bot{TOKEN}/sendMessage",
        headers={"Authorization": f"Bearer {BEARER}"},
        params={"access_token": QUERY},
        json={"apikey": FIELD, "title": "Sóng"},
    ).json()


def assert_silent(text: str) -> None:
    for secret in SECRETS:
        assert secret not in text, secret


@pytest.mark.parametrize("serve", TROUBLES.values(), ids=TROUBLES.keys())
def test_no_trouble_shows_a_key(serve: Callable[[Peer], None], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with RawServer(serve) as server, Client(deadline=0.2) as client:
        with pytest.raises(ChannelError) as caught:
            ask(client, server.url)
        assert_silent(shown_by(caught.value))
        assert f"POST {server.url}/…/sendMessage: " in str(caught.value)
        with pytest.raises(ChannelError) as caught:
            client.request("POST", server.url, auth=("user", PASSWORD), data={"token": FIELD}).json()
        assert PASSWORD not in shown_by(caught.value)
    assert_silent(caplog.text)


def test_a_kind_that_judges_the_status_itself_shows_no_key() -> None:
    with RawServer(echo(400)) as server, Client() as client:
        response = client.request("POST", f"{server.url}/bot{TOKEN}/x", headers={"Key": BEARER}, check=False)
    error = consequence("POST", response)
    assert f"POST {server.url}/…/x: answered 400 (POST /…/x HTTP" in str(error)
    assert TOKEN not in str(error)
    assert BEARER not in str(error)


def test_no_trouble_before_the_request_shows_a_key(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    def unknown(host: str, port: int) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        raise socket.gaierror(-2, f"unknown {TOKEN}")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    urls = (f"http://127.0.0.1:{port}", "http://unknown.test", "ftp://a.test", "http://[a", f"http://u:{QUERY}@a")
    with Client(resolve=unknown) as client:
        for url in urls:
            with pytest.raises(ChannelError) as caught:
                ask(client, url)
            assert_silent(shown_by(caught.value))
            with pytest.raises(ChannelError) as caught:
                client.fetch(f"{url}/bot{TOKEN}/x?q={QUERY}")
            assert_silent(shown_by(caught.value))
        for bad in (f"{BEARER}\r\nX: y", f"{BEARER} ằ"):
            with RawServer(answering(answer())) as server, pytest.raises(ChannelError) as caught:
                client.request("GET", server.url, headers={"X-Key": bad})
            assert_silent(shown_by(caught.value))
    assert_silent(caplog.text)


def test_a_success_shows_no_key_in_logs_or_repr(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with RawServer(answering(answer(200, b'{"ok": true}'))) as server, Client() as client:
        got = client.request("GET", f"{server.url}/bot{TOKEN}/getMe", params={"key": QUERY})
        assert repr(got) == f"<GET {server.url}/…/getMe: 200, 12 bytes>"
    assert_silent(caplog.text)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.vn/wp-json/wp/v2/posts/1234567?status=draft", "https://a.vn/wp-json/wp/v2/posts/1234567"),
        ("https://a.vn/ghost/api/admin/posts/#x", "https://a.vn/ghost/api/admin/posts/"),
        ("https://a.vn/xrpc/com.atproto.repo.createRecord", "https://a.vn/xrpc/com.atproto.repo.createRecord"),
        ("https://a.vn/api/index.php/v1/content/articles", "https://a.vn/api/index.php/v1/content/articles"),
        ("https://a.vn:8443/v2.0/article/create", "https://a.vn:8443/v2.0/article/create"),
        (f"https://api.telegram.org/bot{TOKEN}/sendMessage", "https://api.telegram.org/…/sendMessage"),
        (f"https://api.telegram.org/file/bot{TOKEN}", "https://api.telegram.org/file/…"),
        ("https://a.vn/hook/T0123456789abcdefXYZ/x", "https://a.vn/hook/…/x"),
        ("https://a.vn/hook/abcdefghijKLMNOPQRST", "https://a.vn/hook/…"),
        ("https://a.vn/hook/6b1f8e5c-21f4-4b7e-9d51-000000000000", "https://a.vn/hook/…"),
        ("https://a.vn/hook/%74oken", "https://a.vn/hook/…"),
        ("https://user:word@a.vn/x", "https://a.vn/x"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
        ("http://[::1", "an address that cannot be read"),
        ("http://a.vn:port/", "an address that cannot be read"),
    ],
)
def test_an_address_is_shown_without_keys(url: str, shown: str) -> None:
    assert place(url) == shown


@given(st.text(alphabet="abcXYZ019-_", min_size=30, max_size=45), st.integers(10**7, 10**10))
def test_a_bots_token_is_never_shown(secret: str, number: int) -> None:
    url = f"https://api.telegram.org/bot{number}:{secret}/sendPhoto?x={secret}"
    known = secrets_of(url, {})
    assert secret not in place(url)
    assert secret not in excerpt(f"no such bot: bot{number}:{secret}".encode(), known)


@given(st.text(min_size=4), st.text(), st.text())
def test_a_known_secret_is_masked_wherever_it_stands(secret: str, before: str, after: str) -> None:
    masked = redact(before + secret + after, {secret})
    assert secret not in masked or "…" in secret


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Invalid key 9f86d081884c7d659a2feaa0c55ad015", "Invalid key …"),
        ("Bad JWT eyJhbGciOiJIUzI1NiJ9.eyJpYXQiOjE2NDQ.abc-_1", "Bad JWT …"),
        ("Code rest_upload_sideload_error in 15 places", "Code rest_upload_sideload_error in 15 places"),
        ("Tiêu đề dài quá 300 ký tự", "Tiêu đề dài quá 300 ký tự"),
    ],
)
def test_what_looks_like_a_key_is_masked_in_a_servers_words(said: str, shown: str) -> None:
    assert excerpt(said.encode(), ()) == shown


def test_secrets_are_found_where_they_travel() -> None:
    found = secrets_of(
        "https://a.vn/bot1:xyz/send?access_token=in%20query",
        {"Authorization": "Bearer in-header", "access_token": "own-header", "Content-Type": "text/plain"},
        {"hashsecret": "in-form", "title": "public title"},
    )
    expected = {"Bearer in-header", "in-header", "own-header", "in query", "in-form", "bot1:xyz"}
    assert found == expected


def test_every_way_of_asking_leaves_a_short_text() -> None:
    for method, status in product(("GET", "POST"), (400, 401, 429, 500)):
        reply = answer(status, b'{"message": "' + b"word " * 5000 + b'"}')
        with RawServer(once(reply)) as server, Client() as client, pytest.raises(ChannelError) as caught:
            client.request(method, server.url)
        assert len(str(caught.value)) < 400
