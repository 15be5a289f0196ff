"""Folders that others can write to: an inbox, and a station's programmes, with entries that Publisher never made."""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from xml.etree import ElementTree

import requests

from channels.base import Absent, CannotTell, ChannelError, Receipt, Slot
from channels.inbox import Inbox, entries
from channels.loudspeaker import Loudspeaker
from publisher.web.app import create_app
from publisher.web.serve import Pages, serve
from tests import desks, kinds
from tests.desks import TOKEN, Desk
from tests.hostile.causes import Bench, Case, Family, Harm, Seen, write
from tests.hostile.markup import harmless
from tests.test_inbox import io

_GOOD = kinds.post(key="a" * 16, title="Bài tốt")
_LATER = kinds.post(key="b" * 16, title="Bài mới", text="Xin chào.")


@cache
def _served() -> tuple[Desk, Pages]:
    desk = Desk({})
    return desk, serve(create_app(desk))


def judge(case: Case, bench: Bench) -> Seen:
    """An inbox and a station with a good entry and this one: both are shown, looked up and written to."""
    folder = bench.folder / "folder"
    inbox, station = Inbox(name="hop", agency="so"), Loudspeaker(name="loa", agency="so", sessions=["05:15"])
    inbox.publish(_GOOD, io(folder))
    write(case, folder if callable(case) else folder / "hostile" / "post.json")
    shown = [*_pages(folder)]
    for act in (
        lambda: inbox.publish(_LATER, io(folder)), lambda: inbox.find(_GOOD, io(folder)),
        lambda: station.find(_LATER, io(folder)),
        lambda: station.publish_slot(Slot(kinds.NOW, 0, (_LATER,)), io(folder)),
    ):  # fmt: skip
        shown.append(_outcome(act))
    return Seen("Bài xấu" not in shown[0], tuple(shown))


def _pages(folder: Path) -> Iterator[str]:
    """The inbox as a page and as a feed."""
    desk, pages = _served()
    desk.views = {TOKEN: replace(desks.view(*entries(folder)))}
    for path in ("", "feed.atom"):
        answer = requests.get(f"{pages.url}/i/{TOKEN}/{path}", timeout=20)
        text = answer.content.decode("utf-8")
        if answer.status_code != 200 or "Bài tốt" not in text:
            raise Harm(f"breaks the page for all others ({answer.status_code})")
        if path:
            _check_feed(ElementTree.fromstring(answer.content))
        yield text


def _check_feed(feed: ElementTree.Element) -> None:
    for element in feed.iter():
        if element.tag.endswith("content"):
            harmless(element.text or "")
        if not element.get("href", "https:").startswith(("https:", "http:")):
            raise Harm(f"leads to {element.get('href')!r}")


def _outcome(act: Callable[[], Any]) -> str:
    try:
        outcome = act()
    except ChannelError as error:
        return str(error)
    assert isinstance(outcome, Receipt | Absent | CannotTell)
    return repr(outcome)


INBOXES = Family("inboxes", judge)


def entry(**values: Any) -> bytes:
    """An entry of the inbox with other values in its post."""
    post = {**kinds.post(key="c" * 16, title="Bài xấu", text="x").as_json(), **values}
    return json.dumps({"published": kinds.NOW.isoformat(), "sha256": "0", "post": post}).encode()


def programme(data: bytes | Callable[[Path], None]) -> Callable[[Path], None]:
    """A script of the station of that morning, with this manifest."""

    def lay_out(folder: Path) -> None:
        script = folder / "2022-02-14" / "0515"
        script.mkdir(parents=True)
        if callable(data):
            data(script / "programme.json")
        else:
            (script / "programme.json").write_bytes(data)

    return lay_out


@INBOXES.taken
def texts_that_run(chance: Random) -> Iterator[Case]:
    """A text in the folder was cleaned when it was made, or so one hopes."""
    for text in (
        "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<a href='javascript:x'>x</a>", "<svg onload=x>",
        "</article></main><h1>x", "<style>*{}</style>", "]]></content>",
        "<math><mtext><table><mglyph><style><img title='--&gt;&lt;img src=1 onerror=x&gt;'>",
    ):  # fmt: skip
        yield entry(
            text=text,
            title=f"Bài xấu {text}",
            summary=text,
            agency=text,
            author=text,
            campaign=text,
            document=text,
            tags=[text],
            lang=f'"{text}',
        )


@INBOXES.refused
def entries_that_are_none(chance: Random) -> Iterator[Case]:
    """One damaged entry must not hide all others."""
    yield from (b"", b"{", b"[]", b"null", b"7", b'{"post": 7}', b"\xff\xfe", chance.randbytes(1_000))
    yield b'{"post": {}, "published": "x", "sha256": 1}'


@INBOXES.endured
def programmes_that_are_none(chance: Random) -> Iterator[Case]:
    """A script that nobody can read must not be taken for an empty one."""
    for data in (
        b"", b"{", b"[]", b"7", b"null", b'{"posts": 7}', b'{"posts": [7]}', b'{"posts": [{"key": [], "sha256": 1}]}',
        b'{"posts": "x"}', b'{"posts": []}', b"\xff",
    ):  # fmt: skip
        yield programme(data)


@INBOXES.taken
def names_beside_the_entries(chance: Random) -> Iterator[Case]:
    """What else lies in the folder is no entry."""
    bad = entry()

    def lay_out(folder: Path) -> None:
        (folder / "bad").mkdir()
        (folder / "bad" / "post.json").write_bytes(bad)
        for name in ("..a", ".hidden", "x\ny", "2022-02-14.txt", "2022-99-99", "-rf", "0515", "a" * 255):
            (folder / name).mkdir()
        os.makedirs(os.fsencode(folder) + b"/\xff")  # noqa: PTH103
        (folder / "2022-02-13").mkdir()
        (folder / "2022-02-13" / "0515-bo-sung-").write_text("x")

    yield lay_out
