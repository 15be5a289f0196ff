"""What can go wrong at Telegram, at the stand-in and at servers that misbehave; and no failure shows the token."""

import json
import logging
import re
import socket
import traceback
from pathlib import Path
from typing import Any

import pytest

from channels.base import ChannelError, InDoubt, Refused, TryLater, Unauthorized, Unavailable
from channels.http import Client
from sandbox.client import Sandbox
from tests import kinds
from tests.chats import TOKEN, channel, failing, io, post, publish, shown, telegram
from tests.raw_server import RawServer, answer, answering


@pytest.mark.parametrize(
    ("fault", "consequence", "words", "accepted"),
    [
        ("refuse", Refused, "can't parse entities", 0),
        ("unauthorised", Unauthorized, r"\$\{TOKEN\}", 0),
        ("forbidden", Unauthorized, "not a member", 0),
        ("too-many", TryLater, "Too Many Requests", 0),
        ("error", InDoubt, "500", 0),
        ("unavailable", InDoubt, "503", 0),
        ("gateway-timeout", InDoubt, "504", 0),
        ("reset", InDoubt, "", 0),
        ("hang", InDoubt, "", 0),
        ("accept-then-504", InDoubt, "504", 1),
        ("accept-then-hang", InDoubt, "", 1),
        ("accept-then-drip", InDoubt, "", 1),
        ("accept-then-garbage", InDoubt, "cannot be read", 1),
        ("accept-then-reset", InDoubt, "", 1),
    ],
)
def test_each_failure_has_its_consequence(
    sandbox: Sandbox, fault: str, consequence: type[ChannelError], words: str, accepted: int
) -> None:
    place = channel(sandbox)
    sandbox.fault("telegram", fault, place=place.chat, seconds=7 if fault == "too-many" else None)
    with Client(deadline=0.3) as http:
        error = failing(place, http)
    assert type(error) is consequence
    assert re.search(words, str(error))
    assert len(shown(sandbox, place)) == accepted
    if isinstance(error, TryLater):
        assert error.after == 7


def body(status: int, description: str, **parameters: Any) -> bytes:
    value = {"ok": False, "error_code": status, "description": description, "parameters": parameters}
    return answer(status, json.dumps(value).encode())


@pytest.mark.parametrize(
    ("reply", "consequence", "words"),
    [
        (body(404, "Not Found"), Unauthorized, "does not know the bot's token"),
        (body(400, "upgraded", migrate_to_chat_id=-1009876543210), Refused, 'chat: "-1009876543210"'),
        (body(409, "Conflict: terminated by other getUpdates request"), TryLater, "another program"),
        (body(413, "Request Entity Too Large"), Refused, "Too Large"),
        (answer(429, b"<html>slow down</html>", "Retry-After: 12"), TryLater, "too many"),
        (answer(408, b""), InDoubt, "408"),
        (answer(200, b'{"ok": true}'), InDoubt, "cannot be read"),
        (answer(200, b'{"ok": true, "result": {}}'), InDoubt, "cannot be read"),
        (answer(200, b'{"ok": true, "result": true}'), InDoubt, "cannot be read"),
        (
            answer(200, b'{"ok": true, "result": {"message_id": 1, "date": 1e30, "chat": {}}}'),
            InDoubt,
            "cannot be read",
        ),
        (answer(200, b"[]"), InDoubt, "cannot be read"),
        (answer(200, b""), InDoubt, "cannot be read"),
        (body(400, f"Bad Request: no https://api.telegram.org/bot{TOKEN}/x"), Refused, "Bad Request: no"),
        (answer(200, f"bot{TOKEN} is garbage".encode()), InDoubt, "cannot be read"),
        (answer(307, b"", f"Location: https://other.example/bot{TOKEN}/sendMessage"), Refused, "other.example"),
    ],
)
def test_each_answer_has_its_consequence(reply: bytes, consequence: type[ChannelError], words: str) -> None:
    with RawServer(answering(reply)) as server, Client(deadline=2.0) as http:
        error = failing(telegram(api=server.url), http)
        assert len(server.requests) == 1
    assert type(error) is consequence
    assert words in str(error)
    if b"Retry-After" in reply:
        assert isinstance(error, TryLater)
        assert error.after == 12


def test_a_server_that_cannot_be_reached_is_tried_later(http: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert type(failing(telegram(api=f"http://127.0.0.1:{port}"), http)) is Unavailable


def test_a_ping_says_whether_it_answers_and_sends_nothing(sandbox: Sandbox, http: Client) -> None:
    place = channel(sandbox)
    place.ping(io(http))
    assert shown(sandbox, place) == []
    with pytest.raises(Unauthorized, match="does not know"):
        channel(sandbox, token="${WRONG}").ping(io(http))


@pytest.mark.parametrize(
    ("reply", "consequence"),
    [
        (answer(502, b"<html>Bad Gateway</html>"), Unavailable),
        (b"", Unavailable),
        (answer(429, b"", "Retry-After: 5"), TryLater),
        (body(400, f"Bad Request: {TOKEN}"), Refused),
        (answer(200, b"<html>Sign in to this network</html>"), Unavailable),
        (answer(200, b'{"ok": "true"}'), Unavailable),
        (answer(200, b"[]"), Unavailable),
    ],
)
def test_a_ping_that_fails_leaves_no_doubt_and_no_token(reply: bytes, consequence: type[ChannelError]) -> None:
    with RawServer(answering(reply)) as server, Client(deadline=2.0) as http:
        with pytest.raises(ChannelError) as raised:
            telegram(api=server.url).ping(io(http))
        assert len(server.requests) == 1
    assert type(raised.value) is consequence
    assert TOKEN not in "".join(traceback.format_exception(raised.value)) + repr(raised.value)


def test_a_chat_that_is_not_there_is_refused(sandbox: Sandbox, http: Client) -> None:
    error = failing(channel(sandbox, chat="@missing"), http)
    assert type(error) is Refused
    assert "@missing" in str(error)
    assert "chat not found" in str(error)


@pytest.mark.parametrize(
    ("token", "words"), [("${WRONG}", "does not know"), ("${BROKEN}", "no bot's token"), ("${UNSET}", "not set")]
)
def test_a_token_that_is_none_pauses_the_channel(sandbox: Sandbox, http: Client, token: str, words: str) -> None:
    error = failing(channel(sandbox, token=token), http)
    assert type(error) is Unauthorized
    assert words in str(error)
    assert token in str(error)
    assert "hai dòng" not in str(error)


def test_even_a_token_that_looks_like_none_is_not_shown() -> None:
    plain = "matkhau"
    with RawServer(lambda peer: peer.reset()) as server, Client() as http, pytest.raises(ChannelError) as caught:
        telegram(api=server.url).publish(post(), kinds.io(http, Path("/"), secrets={"TOKEN": plain}))
    assert "sendMessage" in str(caught.value)  # it names the address, which holds the token
    assert plain not in "".join(traceback.format_exception(caught.value)).replace(f'"{plain}"', "")


def test_nothing_logs_the_token(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    place = channel(sandbox)
    garbage = answer(200, f"bot{TOKEN} is garbage".encode())
    with caplog.at_level(logging.DEBUG), Client(deadline=0.3) as http, RawServer(answering(garbage)) as server:
        publish(place, http, post())
        failing(telegram(api=server.url), http)
        sandbox.fault("telegram", "hang", place=place.chat)
        failing(place, http)
    assert TOKEN not in caplog.text


def test_a_lost_fence_comes_out_as_it_is_and_nothing_is_sent(sandbox: Sandbox, http: Client) -> None:
    class Lost(Exception):
        pass

    def before() -> None:
        raise Lost

    place = channel(sandbox)
    with pytest.raises(Lost):
        place.publish(post(), io(http.bound(before, 1.0)))
    assert shown(sandbox, place) == []
