"""Servers of channels: a website or a chat that answers in good form, and lies in what it says."""

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from random import Random
from typing import Any

from channels.base import ChannelError, Receipt
from channels.http import Client
from channels.telegram import Telegram
from channels.wordpress import WordPress
from content.values import Secret
from publisher import ledger
from publisher.cli.telling import line
from tests import kinds
from tests.hostile.answers import everything, serving
from tests.hostile.causes import PASSWORD, SECRETS, TOKEN, Bench, Case, Family, Harm, Seen, write
from tests.hostile.watch import short
from tests.raw_server import RawServer, answer

_PICTURE = kinds.png()


def judge(case: Case, bench: Bench) -> Seen:
    """A website and a chat at this server, which knows their keys: posts are published, and looked up after a doubt."""
    data = write(case, bench.folder / "answer.http").read_bytes()
    shown: list[str] = []
    receipts = 0
    with (
        Client(deadline=2) as client,
        RawServer(serving(at_key(data, PASSWORD))) as site,
        RawServer(serving(at_key(data, TOKEN))) as server,
    ):
        web = WordPress(name="web", agency="so", url=site.url, username="u", password=Secret("CANARY_PASSWORD"))
        chat = Telegram(name="tg", agency="so", chat="@kenh_so", token=Secret("CANARY_TOKEN"), api=server.url)
        tagged, pictured = kinds.post(tags=("Sóng",)), kinds.post(image=kinds.image(_PICTURE))
        for post, begun in ((tagged, {}), (pictured, {}), (pictured, {"drafting": True, "draft": 7})):
            io = kinds.io(client, bench.folder, steps=begun, media=(_PICTURE,), secrets=SECRETS)
            for act in (web.publish, web.find, chat.publish):
                receipts += _tried(act, post, io, shown)
    return Seen(receipts == 0, tuple(shown))


def at_key(data: bytes, key: str) -> bytes:
    """An answer of a server that puts in the key that it was sent where the file says KEY."""
    head, _, body = data.partition(b"\r\n\r\n")
    body = body.replace(b"KEY", json.dumps(key)[1:-1].encode())
    head = re.sub(rb"Content-Length: \d+", b"Content-Length: %d" % len(body), head)
    return head + b"\r\n\r\n" + body


def _tried(act: Any, post: Any, io: Any, shown: list[str]) -> bool:
    """Whether there was a receipt; what would be kept and shown of it, or of the error."""
    try:
        outcome = act(post, io)
    except ChannelError as error:
        short((str(error),), 1_000, 1_000)
        shown.append(everything(error))
        return False
    kept = {"at": kinds.NOW.isoformat(), "event": "published", "who": {"name": "worker"}, "steps": dict(io.steps)}
    if isinstance(outcome, Receipt):
        kept["receipt"] = asdict(outcome)
        _check(outcome)
    entry = ledger.canonical(ledger.plain(kept)).decode()
    told = line(json.loads(entry), kinds.NOW.tzinfo)  # type: ignore[arg-type]
    short((told,), 1_000, 1_000)
    shown += [entry, told, repr(outcome)]
    return isinstance(outcome, Receipt)


def _check(receipt: Receipt) -> None:
    if receipt.url is not None and not receipt.url.startswith(("http://", "https://")):
        raise Harm(f"leads to {receipt.url[:200]!r}")
    if len(json.dumps(asdict(receipt))) > 5_000:
        raise Harm(f"has a receipt of {len(json.dumps(asdict(receipt)))} characters")


SERVERS = Family("servers", judge)


def said(value: Any, status: int = 200) -> bytes:
    """An answer in JSON."""
    return answer(status, json.dumps(value).encode(), "Content-Type: application/json")


def post(**values: Any) -> bytes:
    """What either kind takes for a good answer, with other values."""
    good: dict[str, Any] = {
        "id": 7, "slug": "tin", "status": "publish", "link": "https://so.example.vn/tin", "name": "Sóng",
        "ok": True, "result": {"message_id": 7, "date": 0, "chat": {"id": 1, "type": "channel"}},
    }  # fmt: skip
    return said({**good, **values})


@SERVERS.refused
def answers_of_another_kind(chance: Random) -> Iterator[Case]:
    """A list where a mapping is expected, a text where a number is: the program falls over the difference."""
    for value in (
        None, [], {}, "x", 7, True, [[]], [None], {"id": {}}, {"ok": True}, {"ok": True, "result": []},
        {"ok": 1, "result": {"message_id": {}}}, [{"id": 1}] * 3, {"code": {}, "data": []},
    ):  # fmt: skip
        yield said(value)


@SERVERS.endured
def numbers_of_another_kind(chance: Random) -> Iterator[Case]:
    """An id that is no id is asked for later, and counted with."""
    for number in ("7", 7.5, -7, 0, True, None, [7], {"a": 7}, "../7", "7/../../x", 1e300):
        yield post(id=number, result={"message_id": number, "date": number, "chat": {"id": number, "type": "channel"}})


@SERVERS.endured
def words_of_another_kind(chance: Random) -> Iterator[Case]:
    """A status that nobody knows, a type that is none, an error that is a list."""
    for word in ("", "future", "trash", "pending", "PUBLISH", "publish ", None, 7, ["publish"], {"a": 1}, "inherit"):
        yield post(
            status=word, slug=word, link=word, result={"message_id": 7, "date": 0, "chat": {"id": 1, "type": word}}
        )


@SERVERS.refused
def errors_of_another_kind(chance: Random) -> Iterator[Case]:
    """The code, the data and the words of an error are whatever the server wants them to be."""
    for value in (
        {"code": "term_exists"}, {"code": "term_exists", "data": {"term_id": "x"}},
        {"code": ["a"], "message": {"a": 1}}, {"code": "rest_post_invalid_id"},
        {"data": {"details": {"status": {"code": "rest_forbidden_status"}}}}, {"parameters": []},
        {"parameters": {"retry_after": "x"}}, {"parameters": {"retry_after": 10**300}},
        {"parameters": {"retry_after": -5}}, {"parameters": {"retry_after": True}},
        {"description": None, "error_code": "x"},
    ):  # fmt: skip
        for status in (400, 429, 500):
            yield said(value, status)


@SERVERS.refused
def errors_that_repeat_the_key(chance: Random) -> Iterator[Case]:
    """A website or a chat says in its error what key it got."""
    for text in ("KEY", "u:KEY", "https://u:KEY@so.example.vn/botKEY/send", "xKEYx" * 200, "KE" * 500 + "KEY"):
        for status in (400, 401, 403, 404, 413, 500):
            yield said(
                {"code": "rest_upload_x", "message": text, "description": text, "data": {"params": {"password": text}}},
                status,
            )


@SERVERS.endured
def lists_without_end(chance: Random) -> Iterator[Case]:
    """A look-up finds a thousand posts, and each draft among them is removed."""
    one = {"id": 7, "slug": "tin", "status": "trash", "link": "https://so.example.vn/", "name": "x"}
    yield said([one] * 20_000)
    yield said([{**one, "name": "x" * 100_000}] * 20)
    yield said([one, [], None])


@SERVERS.endured
def marks_piled_on_a_letter(chance: Random) -> Iterator[Case]:
    """To put the marks on a letter into their order takes the square of their number."""
    yield said(
        [{"id": 7, "slug": "tin", "status": "trash", "link": "", "name": "a" + "\u0301" * 60_000 + "\u0323" * 60_000}]
    )
