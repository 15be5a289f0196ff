"""Killed at any point and started again: nothing is published twice, and every row ends in words."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from publisher.delivery import Delivery, State
from publisher.store import deliveries, log
from publisher.store.database import Store
from sandbox.client import Sandbox
from tests import kinds
from tests.benches import NOW
from tests.crashing import AFTER, BEFORE, Life

PUBLISH = r"POST .*/posts/\d+$"
LONG = "\n\n".join(f"Đoạn {number}. " + "Sóng và máy tính cho em. " * 150 for number in range(3))
_PLAN = """
timezone: Asia/Ho_Chi_Minh
agencies: {{so: {{name: Sở}}}}
defaults: {{late: {{grace: 12h}}}}
channels:
  {site}: {{kind: wordpress, agency: so, url: https://so.example, username: bt, password: "${{P}}", rate: 50/second}}
  chat: {{kind: telegram, agency: so, chat: "{chat}", token: "${{T}}", rate: 50/second}}
  hop-thu: {{kind: inbox, agency: so}}
  loa: {{kind: loudspeaker, agency: so, sessions: [08:00], ready: 30m}}
campaigns:
  thu:
    title: Thử
    from: 2022-02-14
    until: 2022-02-14
    schedules: {{tin: {{content: tin/, pick: {pick}, at: [{at}], to: [{to}]}}}}
"""


class Desk:
    """A workspace with channels of its own in the sandbox."""

    def __init__(self, directory: Path, sandbox: Sandbox) -> None:
        self.directory = directory
        self.sandbox = sandbox
        self.site = kinds.unique("so")
        self.chat = f"@{kinds.unique('chat').replace('-', '_')}"

    def lay(self, *to: str, at: str = "08:00", texts: tuple[str, ...] = ("Một tin ngắn.",), pick: str = "next") -> None:
        names = [self.site if name == "site" else name for name in to]
        plan = _PLAN.format(site=self.site, chat=self.chat, at=at, to=", ".join(names), pick=pick)
        (self.directory / "schedules.yaml").write_text(plan, encoding="utf-8")
        folder = self.directory / "content" / "campaigns" / "thu" / "tin"
        folder.mkdir(parents=True)
        for number, text in enumerate(texts):
            (folder / f"{number:02}.md").write_text(f"---\ntitle: Tin {number}\n---\n{text}\n", encoding="utf-8")

    def live(self, start: datetime, until: datetime, point: str | None = None) -> Life:
        return Life(self.directory, self.sandbox.url, start, until, point)

    def recover(self, due: datetime = NOW) -> None:
        """Started again three minutes later, and left alone for two hours."""
        with self.live(due + timedelta(minutes=3), due + timedelta(hours=2)) as life:
            assert life.reaches("ended")

    def rows(self) -> list[Delivery]:
        store = Store(self.directory / "var" / "publisher.db")
        with store.read() as view:
            found = deliveries.select_where(view)
        store.close()
        return found

    def events(self, row: Delivery) -> list[str]:
        store = Store(self.directory / "var" / "publisher.db")
        with store.read() as view:
            found = [entry["event"] for entry in log.entries(view, delivery=row.id)]
        store.close()
        return found

    def actions(self) -> Counter[str]:
        return Counter(entry["action"] for entry in self.sandbox.record(kind="wordpress", place=self.site))

    def messages(self) -> list[str]:
        return [entry["text"] for entry in self.sandbox.record(kind="telegram", place=self.chat)]


@pytest.fixture
def desk(tmp_path: Path, sandbox: Sandbox) -> Iterator[Desk]:
    yield Desk(tmp_path, sandbox)
    sandbox.clear_faults()


def _kill_at(desk: Desk, point: str, due: datetime = NOW) -> None:
    with desk.live(due - timedelta(minutes=1), due + timedelta(minutes=1), point) as life:
        assert life.reaches(point)
        assert {row.state for row in desk.rows()} == {State.SENDING}


def _wait(what: Any) -> None:
    deadline = time.monotonic() + 20
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("point", [BEFORE, "drafting", "draft", AFTER])
def test_a_site_is_asked_and_published_once(desk: Desk, point: str) -> None:
    desk.lay("site")
    _kill_at(desk, point)
    assert desk.actions()["publish"] == (1 if point == AFTER else 0)
    desk.recover()

    (row,) = desk.rows()
    assert row.state is State.PUBLISHED
    assert desk.actions() == {"draft": 1, "publish": 1}
    assert row.attempts == (1 if point == AFTER else 2)
    again = [] if point == AFTER else ["planned", "sending"]
    assert desk.events(row) == ["planned", "sending", "in_doubt", *again, "published"]


def test_what_was_being_sent_is_asked_for_at_once(desk: Desk) -> None:
    """Started again while the lease of the one that was killed would still run."""
    desk.lay("site")
    _kill_at(desk, AFTER)
    with desk.live(NOW + timedelta(seconds=5), NOW + timedelta(seconds=60)) as life:
        assert life.reaches("ended")

    (row,) = desk.rows()
    assert row.state is State.PUBLISHED
    assert desk.actions() == {"draft": 1, "publish": 1}


@pytest.mark.parametrize("fault", ["hang", "accept-then-hang"])
def test_a_kill_while_the_server_holds_the_answer(desk: Desk, fault: str) -> None:
    desk.lay("site")
    desk.sandbox.fault("wordpress", fault, place=desk.site, request=PUBLISH)
    with desk.live(NOW - timedelta(minutes=1), NOW + timedelta(minutes=1)):
        _wait(lambda: not desk.sandbox.call("GET", "/_faults"))
        _wait(lambda: desk.actions()["publish"] == (1 if fault == "accept-then-hang" else 0))
    assert [row.state for row in desk.rows()] == [State.SENDING]
    desk.recover()

    (row,) = desk.rows()
    assert row.state is State.PUBLISHED
    assert desk.actions() == {"draft": 1, "publish": 1}


@pytest.mark.parametrize(("point", "out"), [(BEFORE, 0), ("part-1", 1), ("part-2", 2), (AFTER, 3)])
def test_a_chat_is_left_to_a_person(desk: Desk, point: str, out: int) -> None:
    desk.lay("chat", texts=(LONG,))
    _kill_at(desk, point)
    assert len(desk.messages()) == out
    desk.recover()

    (row,) = desk.rows()
    assert row.state is State.NEEDS_PERSON
    assert "cannot be asked" in row.reason
    assert len(desk.messages()) == out


@pytest.mark.parametrize("point", [BEFORE, AFTER])
def test_an_inbox_has_it_once(desk: Desk, point: str) -> None:
    desk.lay("hop-thu")
    _kill_at(desk, point)
    desk.recover()
    (row,) = desk.rows()
    assert row.state is State.PUBLISHED
    assert len(list((desk.directory / "var" / "channels" / "hop-thu").rglob("post.json"))) == 1


@pytest.mark.parametrize("point", [BEFORE, AFTER])
def test_a_station_has_one_script(desk: Desk, point: str) -> None:
    desk.lay("loa", at="sessions", texts=("Bản tin một.", "Bản tin hai."), pick="all")
    due = NOW - timedelta(minutes=30)
    _kill_at(desk, point, due)
    desk.recover(due)
    assert [row.state for row in desk.rows()] == [State.PUBLISHED] * 2
    scripts = list((desk.directory / "var" / "channels" / "loa").rglob("script.txt"))
    assert [script.parent.name for script in scripts] == ["0800"]


def test_kills_at_a_dozen_moments(desk: Desk) -> None:
    """Every five minutes something is due on every channel, and in each five minutes the process is killed."""
    chance = random.Random(20220214)
    kills, step = 12, timedelta(minutes=5)
    at = [f"{7 + minute // 60:02}:{minute % 60:02}" for minute in range(60, 60 + 5 * kills, 5)]
    texts = tuple(f"Bản tin số {number}." for number in range(kills))
    desk.lay("site", "chat", "hop-thu", at=", ".join(at), texts=texts)
    interrupted = 0
    for number in range(kills):
        start, point = NOW + number * step - timedelta(minutes=1), AFTER if number == 0 else None  # one surely hits
        with desk.live(start, start + step, point) as life:
            assert life.reaches(point or "started")
            time.sleep(chance.uniform(0, 0.4))
            life.kill()
        interrupted += any(row.state is State.SENDING for row in desk.rows())
    with desk.live(NOW + kills * step, NOW + timedelta(hours=4)) as life:
        assert life.reaches("ended")

    rows = desk.rows()
    assert len(rows) == 3 * kills
    for row in rows:
        ends = {State.PUBLISHED, State.NEEDS_PERSON} if row.channel == "chat" else {State.PUBLISHED}
        assert row.state in ends, row
        assert row.reason
    assert desk.actions()["publish"] == kills
    messages = desk.messages()
    assert len(messages) == len(set(messages))
    chats = [row for row in rows if row.channel == "chat"]
    published = sum(row.state is State.PUBLISHED for row in chats)
    assert published <= len(messages) <= kills
    assert interrupted  # else the kills prove nothing
