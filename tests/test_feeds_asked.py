"""How a feed is asked: only for what is new, and only where it may be; and what is old on first sight."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from publisher.world import SandboxWorld
from sandbox.client import Sandbox
from tests.lives import Life, living

ALLOWED = "allow_hosts: [127.0.0.1]"


class Outside(SandboxWorld):
    """A world that allows no host by itself, and where feeds are where they say they are."""

    allowed = ()

    def feed(self, url: str) -> str:
        return url


class Site(ThreadingHTTPServer):
    """A site with one feed: its items' titles, without dates; and how it was asked for them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.titles: list[str] = []
        self.asked: list[tuple[str | None, int]] = []  # If-None-Match, and the answer

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/tin.xml"


class _Handler(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        tag = f'"{len(self.server.titles)}"'
        known = self.headers.get("If-None-Match")
        status = 304 if known == tag else 200
        self.server.asked.append((known, status))
        items = "".join(f"<item><guid>{title}</guid><title>{title}</title></item>" for title in self.server.titles)
        body = f'<rss version="2.0"><channel><title>t</title>{items}</channel></rss>'.encode()
        self.send_response(status)
        self.send_header("ETag", tag)
        self.send_header("Content-Type", "application/rss+xml; charset=utf-8")
        self.send_header("Content-Length", str(len(body) if status == 200 else 0))
        self.end_headers()
        if status == 200:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield listening
        listening.shutdown()
        thread.join()


@pytest.fixture
def life(tmp_path: Path, sandbox: Sandbox) -> Iterator[Life]:
    with living(tmp_path, sandbox, world=Outside(sandbox.url)) as life:
        yield life


def began(life: Life, site: Site, top: str = ALLOWED) -> None:
    life.schedules(f"s: {{feed: '{site.url}', at: [08:00, 12:00], to: tg}}", top=top)
    life.start("02-14 07:00")


def test_a_feed_is_asked_every_quarter_of_an_hour_for_what_is_new(life: Life, site: Site) -> None:
    began(life, site)
    for minute in (5, 10, 14, 15, 29, 30):
        life.at(f"02-14 07:{minute:02}")
        life.running.poll_feeds()
    assert site.asked == [(None, 200), ('"0"', 304), ('"0"', 304)]


def test_a_restart_asks_for_what_is_new_only(life: Life, site: Site) -> None:
    began(life, site)
    life.down("02-14 07:10", "02-14 09:00")
    assert site.asked == [(None, 200), ('"0"', 304)]


def test_undated_items_are_old_on_first_sight_and_new_afterwards(life: Life, site: Site) -> None:
    site.titles = ["Cũ 1", "Cũ 2"]
    began(life, site)
    life.at("02-14 07:30")
    site.titles = ["Mới 1", "Cũ 1", "Cũ 2"]
    life.at("02-15 20:00")
    assert life.seen() == ["02-14 08:00 Mới 1"]


def test_a_private_address_is_refused_unless_the_workspace_allows_its_host(life: Life, site: Site) -> None:
    began(life, site, top="")
    life.at("02-14 09:00")
    assert site.asked == []
    (entry,) = [entry for entry in life.log() if entry["event"] == "feed_failed"]
    assert "inside network" in entry["reason"]
    life.schedules(f"s: {{feed: '{site.url}', at: [08:00, 12:00], to: tg}}", top=ALLOWED)
    assert life.edit()
    life.at("02-14 10:00")
    site.titles = ["Tin 1"]
    life.at("02-14 20:00")
    assert life.seen() == ["02-14 12:00 Tin 1"]
