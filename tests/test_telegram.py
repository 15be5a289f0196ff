"""The kind `telegram`, over the real client, against the stand-in and against servers that misbehave."""

import hashlib
import json
import logging
import re
import socket
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from channels.base import ChannelError, Http, InDoubt, Receipt, Refused, TryLater, Unauthorized, Unavailable
from channels.http import Client
from channels.telegram import Telegram
from content.post import Format, Media, Post
from content.values import Rate
from sandbox.client import Sandbox
from tests import kinds
from tests.raw_server import RawServer, answer, answering

TOKEN = "5000000001:AAF-bi_mat_cua_bot_0123456789abcdef"
SECRETS = {"TOKEN": TOKEN, "WRONG": "wrong", "BROKEN": "hai dòng\n1"}
LONG = "\n\n".join(f"<i>Đoạn {number}.</i> {'Sóng và máy tính cho em. ' * 39}".strip() for number in range(1, 11))


def channel(sandbox: Sandbox, **settings: Any) -> Telegram:
    """A channel with a chat of its own in the sandbox."""
    return telegram(**settings).rehearsed(sandbox.url)


def telegram(**settings: Any) -> Telegram:
    chat = "@" + kinds.unique("chat").replace("-", "_")
    return Telegram(**{"name": "tg", "agency": "so", "chat": chat, "token": "${TOKEN}", **settings})


def post(**values: Any) -> Post:
    return kinds.post(**{"text": "Học sinh của thôn <b>học trực tuyến</b> tại nhà.", **values})


def io(http: Http, **parts: Any) -> Any:
    return kinds.io(http, Path("/nowhere"), secrets=SECRETS, **parts)


def shown(sandbox: Sandbox, place: Telegram) -> list[dict[str, Any]]:
    return sandbox.record(kind="telegram", place=place.chat)


def publish(place: Telegram, http: Client, given: Post, **parts: Any) -> Receipt:
    receipt = place.publish(given, io(http, **parts))
    assert isinstance(receipt, Receipt)
    return receipt


def failing(place: Telegram, http: Client, **parts: Any) -> ChannelError:
    """The error of a publication, which shows the token nowhere."""
    with pytest.raises(ChannelError) as caught:
        place.publish(post(), io(http, **parts))
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert TOKEN not in told
    assert TOKEN.partition(":")[2] not in told
    return caught.value


# What goes out


def test_a_post_is_one_message_with_a_bold_title_and_the_link(sandbox: Sandbox, http: Client) -> None:
    place = channel(sandbox)
    receipt = publish(place, http, post(title="Sóng & máy", text="Chữ <b>đậm</b>", link="https://a.vn/?x=1&y=2"))
    [entry] = shown(sandbox, place)
    assert entry["text"] == "Sóng & máy\n\nChữ đậm\n\nhttps://a.vn/?x=1&y=2"
    assert entry["html"].startswith("<b>Sóng &amp; máy</b>\n\nChữ <b>đậm</b>")
    assert receipt == Receipt("1", f"{sandbox.url}/telegram/{place.chat[1:]}/1", {"messages": [1]})
    assert (place.format, place.effective_rate) == (Format.TELEGRAM, Rate(20, 60))


@pytest.mark.parametrize("text", ['Xem <a href="https://a.vn/?x=1&amp;y=2">bài</a>', "Xem https://a.vn/?x=1&amp;y=2"])
def test_a_link_that_the_text_has_is_not_added(sandbox: Sandbox, http: Client, text: str) -> None:
    place = channel(sandbox)
    publish(place, http, post(title="T", text=text, link="https://a.vn/?x=1&y=2"))
    assert "y=2" not in shown(sandbox, place)[0]["text"].removesuffix("Xem https://a.vn/?x=1&y=2")


def test_a_link_is_added_although_a_longer_one_begins_with_it(sandbox: Sandbox, http: Client) -> None:
    place = channel(sandbox)
    publish(place, http, post(title="T", text="https://a.vn/bai", link="https://a.vn/"))
    assert shown(sandbox, place)[0]["text"] == "T\n\nhttps://a.vn/bai\n\nhttps://a.vn/"


def test_the_address_of_a_message_is_on_t_me_and_a_number_has_none() -> None:
    body = {"ok": True, "result": {"message_id": 77, "date": 1, "chat": {"id": -100, "type": "channel"}}}
    with RawServer(answering(answer(200, json.dumps(body).encode()))) as server, Client() as http:
        named = telegram(chat="@songvamaytinh", api=server.url)
        assert publish(named, http, post()).url == "https://t.me/songvamaytinh/77"
        assert publish(telegram(chat=-1001234567890, api=server.url), http, post()).url is None


@pytest.mark.parametrize(("settings", "disabled"), [({}, "true"), ({"preview": True}, "false")])
def test_links_have_a_preview_only_on_request(settings: dict[str, Any], disabled: str) -> None:
    with RawServer(answering(answer(500))) as server, Client() as http:
        failing(telegram(api=server.url, **settings), http)
        assert f"is_disabled%22%3A+{disabled}".encode() in server.requests[0]


def test_a_long_text_goes_out_in_messages_that_are_steps(sandbox: Sandbox, http: Client) -> None:
    place = channel(sandbox)
    steps: dict[str, Any] = {}
    receipt = publish(place, http, post(title="Dài", text=LONG), steps=steps)
    entries = shown(sandbox, place)
    assert [entry["text"].splitlines()[0][:8] for entry in entries] == ["Dài", "Đoạn 5. ", "Đoạn 9. "]
    assert steps == {"part-1": 1, "part-2": 2, "part-3": 3}
    assert receipt.details == {"messages": [1, 2, 3]}


def test_a_post_without_any_text_is_refused(http: Client) -> None:
    with pytest.raises(Refused, match="no text"):
        publish(telegram(), http, post(title="", text=" "))


# Photos


def captions(sandbox: Sandbox, http: Client, **values: Any) -> list[str]:
    """The texts of what a post with an image becomes; the first has the photo, and it alone."""
    place, photo = channel(sandbox), kinds.png()
    publish(place, http, post(image=kinds.image(photo), **values), media=(photo,))
    first, *others = shown(sandbox, place)
    assert first["photo"] == {"mime": "image/png", "sha256": hashlib.sha256(photo).hexdigest()}
    assert not any("photo" in entry for entry in others)
    return [entry["text"] for entry in (first, *others)]


def test_a_photo_carries_the_whole_text_if_it_fits(sandbox: Sandbox, http: Client) -> None:
    assert captions(sandbox, http, title="T", text="<b>" + "é" * 1021 + "</b>") == ["T\n\n" + "é" * 1021]


def test_a_photo_carries_title_and_summary_of_a_longer_text(sandbox: Sandbox, http: Client) -> None:
    text = "😀" * 511  # 1022 UTF-16 units
    assert captions(sandbox, http, title="T", text=text, summary="A < B") == ["T\n\nA < B", text]


def test_a_photo_carries_the_title_alone_if_the_summary_is_too_long(sandbox: Sandbox, http: Client) -> None:
    assert captions(sandbox, http, title="T", text="x" * 1022, summary="y" * 1022) == ["T", "x" * 1022]


def test_a_photo_carries_nothing_if_the_title_is_too_long(sandbox: Sandbox, http: Client) -> None:
    title = "t" * 1025
    assert captions(sandbox, http, title=title, text="x") == ["", f"{title}\n\nx"]


def test_a_photo_over_10_megabytes_is_refused_before_anything_is_sent(sandbox: Sandbox, http: Client) -> None:
    place = channel(sandbox)
    large = Media("0" * 64, "ảnh lớn.jpg", "image/jpeg", "", 10_000_001)
    with pytest.raises(Refused, match=r"ảnh lớn\.jpg is larger than 10 MB"):
        publish(place, http, post(image=large, text=LONG))
    assert shown(sandbox, place) == []


# What goes wrong


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


# Several messages, one of which goes wrong


def test_a_resumed_attempt_goes_on_where_it_was(sandbox: Sandbox, http: Client) -> None:
    place, long = channel(sandbox), post(title="Dài", text=LONG)
    steps: dict[str, Any] = {}
    calls = iter([None, "too-many", None])

    def before() -> None:
        if fault := next(calls):
            sandbox.fault("telegram", fault, place=place.chat, seconds=3)

    with pytest.raises(TryLater, match=r"message 2 of 3; already out: 1") as caught:
        place.publish(long, io(http.bound(before, 1.0), steps=steps))
    assert caught.value.after == 3
    assert steps == {"part-1": 1}
    assert publish(place, http, long, steps=steps).details == {"messages": [1, 2, 3]}
    assert len(shown(sandbox, place)) == 3


def test_a_doubt_is_about_one_message_only(sandbox: Sandbox, http: Client) -> None:
    place, steps = channel(sandbox), dict[str, Any]()
    calls = iter(["", "accept-then-reset"])

    def before() -> None:
        if fault := next(calls):
            sandbox.fault("telegram", fault, place=place.chat)

    with pytest.raises(InDoubt, match=r"message 2 of 3; already out: 1"):
        place.publish(post(text=LONG), io(http.bound(before, 1.0), steps=steps))
    assert steps == {"part-1": 1}
    assert len(shown(sandbox, place)) == 2


def test_many_threads_post_at_once(sandbox: Sandbox, http: Client) -> None:
    places = [channel(sandbox) for _ in range(16)]
    with ThreadPoolExecutor(8) as threads:
        receipts = list(threads.map(lambda place: publish(place, http, post()), places))
    assert [receipt.id for receipt in receipts] == ["1"] * 16


# Settings


@pytest.mark.parametrize("chat", ["songvamaytinh", "@", "@có dấu", "https://t.me/x", "", "0", True, None, "@a/../b"])
def test_a_chat_is_a_name_or_a_number(chat: object) -> None:
    with pytest.raises(ValidationError, match="is not a chat"):
        telegram(chat=chat)


def test_a_doubt_never_settles_by_itself() -> None:
    assert Telegram.settling is None
    assert not hasattr(Telegram, "find")


# The stand-in


def call(sandbox: Sandbox, method: str, token: str = TOKEN, **fields: Any) -> dict[str, Any]:
    """One call with a JSON body, straight to the stand-in."""
    with Client() as http:
        answer = http.request("POST", f"{sandbox.url}/telegram/bot{token}/{method}", json=fields, check=False)
    value = answer.json()
    assert value["ok"] == (answer.status == 200)
    assert value["ok"] or value["error_code"] == answer.status
    return dict(value)


@pytest.mark.parametrize(
    ("fields", "description"),
    [
        ({"text": "a" * 4097}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        ({"text": "<b> </b>"}, "message text is empty"),
        ({"text": "<h1>a</h1>"}, 'can\'t parse entities: Unsupported start tag "h1" at byte offset 0'),
        ({"text": "é < b"}, 'can\'t parse entities: Unsupported start tag "" at byte offset 3'),
        ({"text": "<b>a"}, "can't parse entities: Can't find end tag corresponding to start tag \"b\""),
        (
            {"text": "<b>a</i>"},
            'can\'t parse entities: Unmatched end tag at byte offset 4, expected "</b>", found "</i>"',
        ),
        ({"text": "a</i>"}, "can't parse entities: Unexpected end tag at byte offset 1"),
        ({"text": "a", "parse_mode": "Markdown"}, "unsupported parse_mode"),
        ({"text": "a", "chat_id": "@missing"}, "chat not found"),
        ({"text": "a", "chat_id": ""}, "chat_id is empty"),
    ],
)
def test_the_stand_in_refuses_as_telegram_does(sandbox: Sandbox, fields: dict[str, Any], description: str) -> None:
    values = {"chat_id": "@refusals", "parse_mode": "HTML", **fields}
    assert call(sandbox, "sendMessage", **values)["description"] == f"Bad Request: {description}"
    assert sandbox.record(kind="telegram", place="@refusals") == []


def test_the_stand_in_counts_what_is_seen(sandbox: Sandbox) -> None:
    text = "<b>" + "&lt;" * 4096 + "</b>"
    assert call(sandbox, "sendMessage", chat_id="@counted", text=text, parse_mode="HTML")["ok"]


def test_the_stand_in_edits_deletes_and_tells_of_itself(sandbox: Sandbox) -> None:
    chat: dict[str, Any] = {"chat_id": "@doi_thay"}
    id = call(sandbox, "sendMessage", text="cũ", **chat)["result"]["message_id"]
    assert call(sandbox, "editMessageText", text="mới", message_id=id, **chat)["result"]["text"] == "mới"
    assert "not modified" in call(sandbox, "editMessageText", text="mới", message_id=id, **chat)["description"]
    assert call(sandbox, "deleteMessage", message_id=id, **chat)["result"] is True
    assert "not found" in call(sandbox, "deleteMessage", message_id=id, **chat)["description"]
    entries = sandbox.record(kind="telegram", place="@doi_thay")
    assert [(entry["action"], entry["text"]) for entry in entries] == [
        ("publish", "cũ"), ("update", "mới"), ("delete", "mới"),
    ]  # fmt: skip
    assert call(sandbox, "getMe")["result"]["is_bot"] is True
    assert call(sandbox, "getChat", **chat)["result"]["username"] == "doi_thay"
    assert call(sandbox, "getMe", token="wrong")["error_code"] == 401
    assert call(sandbox, "noSuchMethod")["error_code"] == 404


def test_people_see_the_chat(sandbox: Sandbox, http: Client) -> None:
    place, photo = channel(sandbox), kinds.png()
    text = '<b>Đậm</b> <a href="javascript:alert(1)">x</a> &lt;script&gt; <tg-spoiler>kín</tg-spoiler>'
    receipt = publish(place, http, post(title="Có ảnh", text=text, image=kinds.image(photo)), media=(photo,))
    publish(place, http, post(title="Tin sau", text="chữ"))
    page = f"{sandbox.url}/telegram/{place.chat[1:]}"
    both = http.request("GET", f"{page}/").body.decode()
    one = http.request("GET", str(receipt.url)).body.decode()
    assert "Tin sau" in both
    assert "Tin sau" not in one
    assert '<b>Có ảnh</b>\n\n<b>Đậm</b> x &lt;script&gt; <span class="spoiler">kín</span>' in one
    assert f'src="{page}/1/photo"' in one
    assert http.request("GET", f"{page}/1/photo").body == photo
    assert http.request("GET", f"{page}/9", check=False).status == 404
    assert "Chưa có tin nhắn nào" in http.request("GET", f"{sandbox.url}/telegram/vang/").body.decode()
