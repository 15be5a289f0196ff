"""A published text on a real WordPress is corrected and then withdrawn, with a channel down and one that cannot."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from channels.base import Channel
from channels.inbox import entries
from channels.wordpress import WordPress
from publisher import mending
from publisher.decisions import person
from publisher.delivery import State
from publisher.settings import Secrets
from publisher.story import story
from sandbox.client import Sandbox
from tests.kinds import png
from tests.lives import CAMPAIGN, Life
from tests.real.wordpress import WordPressServer

pytestmark = pytest.mark.real
LAN = person("Lan")


@dataclass(frozen=True)
class OneReal:
    """The website is real; all else is the sandbox."""

    sandbox: str
    secrets: Secrets
    allowed: Collection[str]

    def channel(self, channel: Channel) -> Channel:
        return channel if isinstance(channel, WordPress) else channel.rehearsed(self.sandbox)

    def feed(self, url: str) -> str:
        return url


@pytest.fixture
def life(tmp_path: Path, sandbox: Sandbox, wordpress: WordPressServer) -> Iterator[Life]:
    secrets = Secrets({"P": wordpress.password, "T": "123:AAF"})
    life = Life(tmp_path, sandbox, world=OneReal(sandbox.url, secrets, (urlsplit(sandbox.url).netloc,)))
    life.channels("tg", "tg2", "web", "hop")
    file = life.directory / "channels.yaml"
    text = file.read_text(encoding="utf-8").replace("https://so.example.vn", wordpress.url)
    file.write_text(text.replace("username: u,", f"username: {wordpress.username},"), encoding="utf-8")
    (life.directory / CAMPAIGN / "anh.png").write_bytes(png())
    yield life
    life.stop()


def written(life: Life, text: str) -> None:
    life.message("a.md", title="Lịch trao máy", text=text, image="{file: anh.png, alt: Lớp học}", tags="[Sóng]")


def test_corrected_and_withdrawn_everywhere_and_told(life: Life, wordpress: WordPressServer, sandbox: Sandbox) -> None:
    site, down = life.site("web"), f"@{life.mark}_tg2"
    written(life, "Trao máy ngày 20.")
    life.began(f"s: {{content: a.md, days: 2022-02-14, at: 08:00, to: [{site}, tg, tg2, hop]}}")
    life.at("02-14 09:00")
    first = life.row("02-14 08:00", site).receipt
    assert first is not None
    pictures = len(wordpress.api("wp/v2/media"))

    written(life, "Trao máy ngày 22.")
    life.edit()
    sandbox.fault("telegram", "unavailable", place=down, times=None)
    app = life.running
    with app.store.write() as tx:
        mending.correct(tx, app.workspace, app.store.uuid, "c", "a.md", LAN, "sai ngày", life.clock.now())
    life.at("02-14 10:00")
    page = wordpress.api(f"wp/v2/posts/{first.id}")
    assert "Trao máy ngày 22." in page["content"]["rendered"]
    assert page["link"] == first.url  # its address is what people know
    assert "Trao máy ngày 22." in requests.get(str(first.url), timeout=30).text
    assert len(wordpress.api("wp/v2/media")) == pictures  # the same image is not uploaded again
    amending = {row.channel: row for row in life.rows() if row.of}
    assert amending["tg2"].state in (State.PLANNED, State.HELD)
    assert {amending[name].state for name in (site, "tg", "hop")} == {State.PUBLISHED}

    sandbox.clear_faults()
    life.at("02-14 11:00")
    with app.store.write() as tx:
        mending.withdraw(tx, app.workspace, app.store.uuid, "c", "a.md", LAN, "hủy buổi trao", life.clock.now())
    life.at("02-14 12:00")
    assert requests.get(str(first.url), timeout=30).status_code == 404
    assert wordpress.api(f"wp/v2/posts/{first.id}", context="edit")["status"] == "trash"
    for chat in (f"@{life.mark}_tg", down):
        actions = [entry["action"] for entry in sandbox.record(kind="telegram", place=chat)]
        assert actions == ["publish", "update", "delete"]
    assert [one.post.title for one in reversed(entries(app.outbox / "hop"))] == [
        "Lịch trao máy",
        "Đính chính: Lịch trao máy",
        "Thu hồi: Lịch trao máy",
    ]
    assert {row.state for row in life.rows()} == {State.PUBLISHED}  # nothing is forgotten

    with app.store.read() as view:
        told = story(view, app.workspace, "c", "a.md")
    assert told.is_withdrawn
    states = {place.delivery.channel: place.state for place in told.places}
    assert states == {site: "withdrawn", "tg": "withdrawn", "tg2": "withdrawn", "hop": "withdrawn by a notice"}
    (place,) = [one for one in told.places if one.delivery.channel == site]
    assert [one.post.text for one in place.texts] == ["<p>Trao máy ngày 20.</p>", "<p>Trao máy ngày 22.</p>"]
    assert place.texts[0].until == place.texts[1].since
    assert [(act.who, act.reason) for act in told.acts] == [("Lan", "sai ngày"), ("Lan", "hủy buổi trao")]
