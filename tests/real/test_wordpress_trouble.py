"""Two hundred deliveries to a real WordPress that is killed, hangs and finishes late; Publisher is killed as well.

In the end each post is there once, under its own address, and nobody had to look.
"""

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import requests

from channels.base import Receipt
from channels.http import Client
from channels.wordpress import WordPress
from content.values import Secret
from publisher.app import App
from publisher.clock import VirtualClock
from publisher.delivery import UNFINISHED, Delivery, State
from publisher.store import attempts, deliveries, log, tables
from publisher.store.database import Store
from publisher.world import RealWorld
from tests import kinds
from tests.real.hurried import BEGIN
from tests.real.processes import Restartable, stopped
from tests.real.wordpress import WordPressServer

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
MESSAGES, SITES = 100, ("cong-so", "cong-giao-duc")
SPEED, DEADLINE = 10.0, 2.0  # a minute in six seconds; real seconds that an exchange may take
PATIENCE = 150.0  # real seconds for what should happen soon
ANY_STATUS = "publish,future,draft,pending,private,trash"
PLAN = """
timezone: Asia/Ho_Chi_Minh
agencies: {so: {name: Sở}}
defaults: {late: {grace: 12h}}
channels:
CHANNELS
campaigns:
  c:
    title: Chiến dịch
    from: 2022-02-14
    until: 2022-02-14
    schedules: {tin: {content: tin/, pick: all, at: 08:00, to: [SITES]}}
"""


@dataclass
class Office:
    """A workspace whose two channels are the one real site, and Publisher at work on it."""

    server: WordPressServer
    store: Store
    publisher: Restartable

    def rows(self, *states: State) -> list[Delivery]:
        """The deliveries, or those in these states."""
        with self.store.read() as view:
            found = deliveries.select_where(view)
        return [row for row in found if not states or row.state in states]

    def moves(self) -> Counter[tuple[str | None, str]]:
        """How often deliveries went from one state to another."""
        with self.store.read() as view:
            return Counter((entry.get("was"), entry["event"]) for entry in log.entries(view) if "delivery" in entry)

    def wait_for(self, happened: Callable[[], Any], what: str) -> None:
        """Until it happens; an error with what the rows say, if it does not in time."""
        deadline = time.monotonic() + PATIENCE
        while not happened():
            states = Counter((row.state.value, row.reason) for row in self.rows())
            assert time.monotonic() < deadline, f"waited in vain until {what}: {states}"
            time.sleep(0.05)

    def wait_for_published(self, count: int) -> None:
        """Until so many are out, by their rows."""
        self.wait_for(lambda: len(self.rows(State.PUBLISHED)) >= count, f"{count} are published")

    def wait_for_one_more(self, was: str, *events: str) -> None:
        """Until one more delivery than now has gone from a state to one of these."""
        before = self._count(was, events)
        self.wait_for(lambda: self._count(was, events) > before, f"one more goes from {was} to {events}")

    @contextmanager
    def hung(self, process: "subprocess.Popen[bytes]") -> Iterator[None]:
        """The site's web server or its database is stopped, and at least one post that was going out is in doubt."""
        while True:
            before = self._count("sending", ["in_doubt"])
            self.wait_for(self._is_publishing, "a draft is being published")
            with stopped(process):
                self.wait_for_one_more("sending", "in_doubt", "planned")
                if self._count("sending", ["in_doubt"]) > before:
                    yield
                    return  # else it was published already, and the next one's draft was hit, which is no doubt

    def _count(self, was: str, events: Collection[str]) -> int:
        moves = self.moves()
        return sum(moves[was, event] for event in events)

    def _is_publishing(self) -> bool:
        """Whether something is being sent whose draft is made: what remains is the one request that matters."""
        with self.store.read() as view:
            sending = deliveries.select_where(view, tables.deliveries.c.state == State.SENDING.value)
            return any("draft" in attempts.steps_of(view, row.id) for row in sending)

    def posts(self) -> list[dict[str, Any]]:
        """All posts of the deliveries on the real site, of any status."""
        found: list[dict[str, Any]] = []
        for page in range(1, 9):
            try:
                # By number: those of one second have no order by date, and a page could repeat what another left out.
                query = {"context": "edit", "status": ANY_STATUS, "orderby": "id", "per_page": "100", "page": str(page)}
                found += self.server.api("wp/v2/posts", **query)
            except requests.HTTPError:  # there are no more pages
                break
        return [post for post in found if post["slug"].startswith("ban-tin")]


@pytest.fixture
def office(own_wordpress: WordPressServer, tmp_path: Path) -> Iterator[Office]:
    """Two hundred deliveries that are due in a minute of Publisher's clock, once it is started."""
    directory, server = tmp_path / "office", own_wordpress
    folder = directory / "content" / "campaigns" / "c" / "tin"
    folder.mkdir(parents=True)
    for number in range(MESSAGES):
        text = f"---\ntitle: Bản tin {number // 2}\n---\nThôn {number} đã có sóng.\n"
        (folder / f"{number:03}.md").write_text(text, encoding="utf-8")
    settings = f'agency: so, url: "{server.url}", username: {server.username}, password: "${{PASSWORD}}"'
    channels = "\n".join(f"  {site}: {{kind: wordpress, {settings}, rate: 60/second}}" for site in SITES)
    plan = PLAN.replace("CHANNELS", channels).replace("SITES", ", ".join(SITES))
    (directory / "schedules.yaml").write_text(plan, encoding="utf-8")
    environment = {**os.environ, "PASSWORD": server.password, "PYTHONPATH": str(ROOT)}
    with App(directory, VirtualClock(BEGIN), RealWorld(environment)) as app:
        app.start()  # the rows are there before the clock runs, however long a process takes to start
    words = (str(directory), str(time.time()), str(SPEED), str(DEADLINE))
    publisher = Restartable(
        [sys.executable, "-m", "tests.real.hurried", *words],
        tmp_path / "publisher.log",
        environment,
        ready=lambda: True,
    )
    with closing(Store(directory / "var" / "publisher.db")) as store, closing(publisher):
        yield Office(server, store, publisher)


def test_whatever_befalls_the_site_each_post_is_there_once(office: Office, tmp_path: Path) -> None:
    site, publisher = office.server, office.publisher
    publisher.start()

    office.wait_for_published(15)
    site.web.kill()
    office.wait_for_one_more("sending", "planned")  # certainly not accepted
    site.web.start()

    office.wait_for_published(50)
    with office.hung(site.database):
        office.wait_for(lambda: office.rows(State.SENDING), "something is being sent")
        publisher.kill()
        publisher.start()
        office.wait_for_one_more("in_doubt", "in_doubt")  # it cannot be looked up yet

    office.wait_for_published(100)
    with office.hung(site.web.process):
        pass

    office.wait_for_published(140)
    with office.hung(site.database):
        site.web.kill()  # what the database was asked for, it may still finish
    site.web.start()

    office.wait_for_published(MESSAGES * len(SITES))
    office.wait_for(lambda: not office.rows(*UNFINISHED), "all has ended")
    check(office)
    look_again(office, tmp_path)


def check(office: Office) -> None:
    """What the site holds, by its own API, is what the rows say: each post once."""
    rows, public = office.rows(), [post for post in office.posts() if post["status"] == "publish"]
    assert {row.state for row in rows} == {State.PUBLISHED}
    assert len(rows) == len(public) == MESSAGES * len(SITES)
    assert {str(post["id"]) for post in public} == {row.receipt.id for row in rows if row.receipt}
    assert {post["slug"] for post in public} == {row.post.slug for row in rows if row.post}
    assert not [post["slug"] for post in public if post["slug"].endswith("-2")]
    moves = office.moves()
    assert not [move for move in moves if State.NEEDS_PERSON.value in move]
    assert moves["sending", "in_doubt"] >= 3  # it was in trouble indeed
    assert moves["sending", "planned"] >= 1


def look_again(office: Office, folder: Path) -> None:
    """Without what was remembered, and under another title, posts are found among all of them, by their keys."""
    server, rows = office.server, office.rows()
    channel = WordPress(
        name="cong-so", agency="so", url=server.url, username=server.username, password=Secret("PASSWORD")
    )
    with Client() as http:
        io = kinds.io(http, folder, secrets={"PASSWORD": server.password})
        for row in rows[:: len(rows) // 8]:
            assert row.post
            found = channel.find(replace(row.post, slug=f"nhan-de-khac-{row.key}"), io)
            assert isinstance(found, Receipt)
            assert row.receipt
            assert found.id == row.receipt.id
