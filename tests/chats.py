"""A Telegram chat in the sandbox, a channel to it and what is posted there, for the tests of the kind."""

import traceback
from pathlib import Path
from typing import Any

import pytest

from channels.base import ChannelError, Http, Receipt
from channels.http import Client
from channels.telegram import Telegram
from content.post import Post
from sandbox.client import Sandbox
from tests import kinds

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
