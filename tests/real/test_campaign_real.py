"""The sample campaign's first two weeks on a real WordPress: what is planned appears there, once, as composed."""

import shutil
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
import requests
from pysqlite3 import dbapi2

from channels.base import Channel
from channels.wordpress import WordPress
from publisher import decisions
from publisher.app import App
from publisher.clock import VirtualClock
from publisher.decisions import person
from publisher.delivery import Delivery, State
from publisher.outlook import outlook
from publisher.rehearsal import rehearse
from publisher.settings import Secrets
from publisher.store import deliveries
from sandbox.client import Sandbox
from tests.kinds import unique
from tests.real.wordpress import WordPressServer

pytestmark = pytest.mark.real

ROOT = Path(__file__).parents[2]
SITES = ("cong-so", "cong-giao-duc")
OPENS = datetime(2022, 2, 14, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
ENDS = OPENS + timedelta(days=14)
ANY_STATUS = "publish,future,draft,pending,private,trash"


@dataclass(frozen=True)
class Mixed:
    """WordPress as the workspace names it; every other channel, and the feed, in the sandbox."""

    sandbox: str
    secrets: Secrets
    news: str = field(default_factory=lambda: unique("bo"))

    @property
    def allowed(self) -> Collection[str]:
        return (urlsplit(self.sandbox).netloc,)

    def channel(self, channel: Channel) -> Channel:
        return channel if isinstance(channel, WordPress) else channel.rehearsed(self.sandbox)

    def feed(self, _url: str) -> str:
        return f"{self.sandbox}/feed/{self.news}.xml"


@dataclass(frozen=True)
class Campaign:
    """The campaign after its two weeks."""

    directory: Path
    world: Mixed
    server: WordPressServer

    def open(self) -> App:
        """The workspace again, at the end of the two weeks."""
        return App(self.directory, VirtualClock(ENDS), self.world)

    def rows(self, app: App) -> list[Delivery]:
        """The deliveries to the two sites."""
        with app.store.read() as view:
            found = deliveries.select_where(view)
        return [row for row in found if row.channel in SITES and row.occurrence < ENDS]

    def posts(self) -> list[dict[str, Any]]:
        """All posts on the real site, of any status."""
        found: list[dict[str, Any]] = []
        for page in range(1, 20):
            try:
                query = {"context": "edit", "status": ANY_STATUS, "per_page": "100", "page": str(page)}
                found += self.server.api("wp/v2/posts", **query)
            except requests.HTTPError:  # there are no more pages
                break
        return found


@pytest.fixture(scope="module")
def campaign(wordpress: WordPressServer, sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Campaign:
    folder = tmp_path_factory.mktemp("campaign")
    directory = folder / "workspace"
    for name in ("content/campaigns", "schedules.yaml", "channels.yaml"):
        source, target = ROOT / name, directory / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    _point_to(wordpress, directory / "channels.yaml")
    (folder / "password").write_text(f"{wordpress.password}\n", encoding="utf-8")
    environment = {
        "CONG_SO_PASSWORD": wordpress.password,
        "CONG_GIAO_DUC_PASSWORD_FILE": str(folder / "password"),
        "TELEGRAM_TOKEN": "123456789:AAF_sandbox",
    }
    campaign = Campaign(directory, Mixed(sandbox.url, Secrets(environment)), wordpress)
    _live(campaign, sandbox)
    return campaign


def _point_to(server: WordPressServer, channels: Path) -> None:
    """What an administrator would write for his own site."""
    text = channels.read_text(encoding="utf-8")
    for site in ("https://stttt.example.gov.vn", "https://sgddt.example.gov.vn"):
        assert site in text
        text = text.replace(site, server.url)
    channels.write_text(text.replace("username: publisher", f"username: {server.username}"), encoding="utf-8")


def _live(campaign: Campaign, sandbox: Sandbox) -> None:
    """Two weeks, in which all that waits is approved by a second person."""
    clock = VirtualClock(OPENS - timedelta(days=2))
    news = {"id": "tin-1", "title": "“Sóng và máy tính cho em” tới vùng sâu", "link": "https://bo.example.gov.vn/1"}
    feed = f"/feed/{campaign.world.news}.xml"
    sandbox.call("PUT", feed, [])
    with App(campaign.directory, clock, campaign.world) as app:
        app.start()

        def act(now: datetime) -> None:
            if now >= OPENS + timedelta(days=1):
                dated = (OPENS + timedelta(days=1)).isoformat()
                sandbox.call("PUT", feed, [{**news, "summary": "Tin của Bộ.", "published": dated}])
            with app.store.read() as view:
                waiting = decisions.drafts(view, app.workspace)
            if waiting:
                with app.store.write() as tx:
                    decisions.approve(tx, waiting, person("Nguyễn Thị Thu Hà"), now, document="07/TB-STTTT")
                app.plan()

        rehearse(app, clock, ENDS, act=act)


def test_all_that_the_plan_says_is_out(campaign: Campaign) -> None:
    with campaign.open() as app:
        app.start()
        lines = [line for line in outlook(app.workspace, app.store, OPENS, ENDS) if line.channel in SITES]
        rows = campaign.rows(app)
    planned = [(line.occurrence, line.channel, line.message, line.state) for line in lines if not line.feed]
    assert planned == [
        (OPENS + timedelta(hours=hour), site, message, State.PUBLISHED)
        for hour, message in ((7, "khai-mac.md"), (8, "bai-viet/01.md"))
        for site in SITES
    ]
    assert sorted(row.channel for row in rows if row.message is None) == sorted(SITES)  # the ministry's news
    assert {row.state for row in rows} == {State.PUBLISHED}
    assert len(rows) == 6


def test_each_post_on_the_site_is_as_it_was_composed(campaign: Campaign) -> None:
    with campaign.open() as app:
        app.start()
        rows = campaign.rows(app)
    for row in rows:
        post, receipt = row.post, row.receipt
        assert post is not None
        assert receipt is not None
        (held,) = [one for one in campaign.posts() if row.key in one["slug"]]
        assert (str(held["id"]), held["link"]) == (receipt.id, receipt.url)
        assert (held["status"], held["slug"]) == ("publish", post.slug)
        assert unescape(held["title"]["raw"]) == post.title
        assert unescape(held["content"]["raw"]) == unescape(post.text)
        assert unescape(held["excerpt"]["raw"]) == post.summary
        tags = [unescape(campaign.server.api(f"wp/v2/tags/{tag}")["name"]) for tag in held["tags"]]
        assert sorted(tags) == sorted(post.tags)
        assert bool(held["featured_media"]) == (post.image is not None)
        if post.image:
            image = campaign.server.api(f"wp/v2/media/{held['featured_media']}")
            assert image["alt_text"] == post.image.alt
            assert requests.get(image["source_url"], timeout=30).content == app.media.read(post.image.sha256)


def test_the_opening_has_the_title_text_picture_and_tags_of_its_file(campaign: Campaign) -> None:
    with campaign.open() as app:
        app.start()
        key = next(row.key for row in campaign.rows(app) if row.message == "khai-mac.md")
    (held,) = [one for one in campaign.posts() if key in one["slug"]]
    assert held["title"]["rendered"].startswith("Đắk Nông triển khai Chương trình")
    assert "Kế hoạch số 56/KH-UBND ngày 26/01/2022" in held["content"]["raw"]
    assert "{{" not in held["content"]["raw"]
    assert campaign.server.api(f"wp/v2/media/{held['featured_media']}")["alt_text"].startswith("Tranh vẽ một chiếc máy")
    assert len(held["tags"]) == 3


def test_running_again_publishes_nothing_new(campaign: Campaign) -> None:
    before = campaign.posts()
    with campaign.open() as app:
        app.start()
        for _ in range(3):
            app.poll_feeds()
            assert app.work() == 0
    assert campaign.posts() == before


@pytest.mark.parametrize("forgets", [False, True], ids=["by its number", "by its slug"])
def test_a_fresh_look_at_doubts_finds_every_post_again(campaign: Campaign, forgets: bool) -> None:
    before = campaign.posts()
    with campaign.open() as app:
        app.start()
        receipts = {row.id: row.receipt for row in campaign.rows(app)}
    with closing(dbapi2.connect(str(campaign.directory / "var" / "publisher.db"))) as database, database:
        chosen = ", ".join(map(str, receipts))
        database.execute(
            f"UPDATE deliveries SET state = 'in_doubt', receipt = NULL, not_before = NULL WHERE id IN ({chosen})"
        )
        if forgets:  # as a database that was restored from a backup
            database.execute(f"DELETE FROM steps WHERE delivery IN ({chosen})")
    clock = VirtualClock(ENDS)
    with App(campaign.directory, clock, campaign.world) as app:
        app.start()
        rehearse(app, clock, ENDS + timedelta(minutes=10))
        found = campaign.rows(app)
    assert {row.id: row.receipt and row.receipt.id for row in found} == {
        number: receipt and receipt.id for number, receipt in receipts.items()
    }
    assert {(row.state, row.reason) for row in found} == {(State.PUBLISHED, "found on the channel")}
    assert campaign.posts() == before
