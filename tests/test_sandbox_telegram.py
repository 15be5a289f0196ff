"""The stand-in of Telegram: it answers as the Bot API does, and people can read its chats."""

from typing import Any

import pytest

from channels.http import Client
from sandbox.client import Sandbox
from tests import kinds
from tests.chats import TOKEN, channel, post, publish


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
