"""The kind `telegram`, over the real client, against the stand-in."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pydantic import ValidationError

from channels.base import InDoubt, Receipt, Refused, TryLater
from channels.http import Client
from channels.telegram import Telegram
from content.post import Format, Media
from content.values import Rate
from sandbox.client import Sandbox
from tests import kinds
from tests.chats import LONG, channel, failing, io, post, publish, shown, telegram
from tests.raw_server import RawServer, answer, answering


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
