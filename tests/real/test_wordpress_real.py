"""The kind `wordpress` against a real WordPress: what its stand-in only claims is seen here to be so."""

import dataclasses
import hashlib
from collections.abc import Iterator
from contextlib import ExitStack
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import requests

from channels.base import Absent, InDoubt, Io, Receipt, Refused, Unauthorized
from channels.http import Client
from channels.wordpress import WordPress
from content.post import Post
from content.values import Secret
from tests import kinds
from tests.real.wordpress import WordPressServer

pytestmark = pytest.mark.real

ANY_STATUS = "publish,future,draft,pending,private,trash"
PICTURE = kinds.png((200, 40, 40))


@pytest.fixture(scope="module")
def patient() -> Iterator[Client]:
    """A client that gives a real server on a busy machine its time."""
    with Client(deadline=30.0) as client:
        yield client


class Site:
    """A channel on the real server, and what its own API says that it holds."""

    def __init__(self, server: WordPressServer, http: Client, folder: Path) -> None:
        self.server, self.http, self._folder = server, http, folder
        self.channel = WordPress(
            name="cong-so",
            agency="so-tttt",
            url=server.url,
            username=server.username,
            password=Secret("PASSWORD"),
        )

    def io(self, steps: dict[str, Any] | None = None, **values: Any) -> Io:
        """What one attempt works with; `values` replaces any field."""
        made = kinds.io(
            self.http,
            self._folder,
            steps=steps,
            media=(PICTURE,),
            secrets={"PASSWORD": self.server.password, "WRONG": "wrong"},
        )
        return dataclasses.replace(made, **values)

    def posts(self, post: Post) -> list[Any]:
        """Every post, of any status, that came of this one, whatever slug it got."""
        found = self.server.api("wp/v2/posts", context="edit", status=ANY_STATUS, per_page="100")
        return [value for value in found if post.key in value["slug"]]

    def count(self, what: str) -> int:
        """How many there are of `media` or `tags`."""
        return len(self.server.api(f"wp/v2/{what}", per_page="100"))


@pytest.fixture
def site(wordpress: WordPressServer, patient: Client, tmp_path: Path) -> Site:
    return Site(wordpress, patient, tmp_path)


def illustrated() -> Post:
    """A post with all that a website shows: an image, tags, and letters that WordPress likes to change."""
    return kinds.post(
        text="<p>Học sinh Đắk R'lấp nhận “máy tính” -- 120 chiếc [mới] &amp; còn tốt.</p>\n<h3>Cảm ơn…</h3>",
        image=kinds.image(PICTURE),
        tags=("Sóng và máy tính cho em", "R&D"),
    )


def test_the_site_holds_what_the_post_says(site: Site) -> None:
    post = illustrated()

    receipt = site.channel.publish(post, site.io())

    assert isinstance(receipt, Receipt)
    held = site.server.api(f"wp/v2/posts/{receipt.id}", context="edit")
    assert held["status"] == "publish"
    assert (held["slug"], held["link"]) == (post.slug, receipt.url)
    assert unescape(held["title"]["raw"]) == post.title
    assert unescape(held["content"]["raw"]) == unescape(post.text)
    assert unescape(held["excerpt"]["raw"]) == post.summary
    tags = [unescape(site.server.api(f"wp/v2/tags/{tag}")["name"]) for tag in held["tags"]]
    assert sorted(tags) == sorted(post.tags)
    image = site.server.api(f"wp/v2/media/{held['featured_media']}")
    assert image["alt_text"] == "Lớp học mới"
    content = requests.get(image["source_url"], timeout=30).content
    assert hashlib.sha256(content).digest() == hashlib.sha256(PICTURE).digest()


def test_the_public_reads_it_at_the_receipts_address(site: Site) -> None:
    post = kinds.post(text="<p>Trạm sóng ở thôn [Năm] đã hoạt động.</p>")

    receipt = site.channel.publish(post, site.io())

    assert isinstance(receipt, Receipt)
    page = requests.get(str(receipt.url), timeout=30)
    assert page.status_code == 200
    assert "Trạm sóng ở thôn [Năm] đã hoạt động." in unescape(page.text)


def test_publishing_again_with_the_same_steps_adds_nothing(site: Site) -> None:
    post, steps = illustrated(), dict[str, Any]()
    first = site.channel.publish(post, site.io(steps))
    before = (site.count("media"), site.count("tags"))

    second = site.channel.publish(post, site.io(steps))

    assert second == first
    assert [value["slug"] for value in site.posts(post)] == [post.slug]
    assert (site.count("media"), site.count("tags")) == before


def test_a_tag_that_is_there_is_used_again(site: Site) -> None:
    tag = f"Tri ân & {kinds.unique('nhãn')}"
    receipts = [site.channel.publish(kinds.post(tags=(tag,)), site.io()) for _ in range(2)]

    used = [
        site.server.api(f"wp/v2/posts/{receipt.id}")["tags"] for receipt in receipts if isinstance(receipt, Receipt)
    ]

    assert len(used) == 2
    assert used[0] == used[1]
    assert len(used[0]) == 1


def test_find_sees_what_is_out_with_and_without_its_steps(site: Site) -> None:
    post, steps = kinds.post(), dict[str, Any]()
    receipt = site.channel.publish(post, site.io(steps))

    assert site.channel.find(post, site.io(steps)) == receipt
    assert site.channel.find(post, site.io()) == receipt
    assert site.channel.find(kinds.post(), site.io()) == Absent()


def test_a_wrong_password_is_unauthorized(site: Site) -> None:
    stranger = site.channel.model_copy(update={"password": Secret("WRONG")})
    post = kinds.post()

    with pytest.raises(Unauthorized):
        stranger.publish(post, site.io())
    with pytest.raises(Unauthorized):
        stranger.find(post, site.io())
    assert site.posts(post) == []


def test_a_user_who_may_not_publish_is_unauthorized(site: Site) -> None:
    name = site.server.contributor
    contributor = site.channel.model_copy(update={"username": name})
    post = kinds.post()

    with pytest.raises(Unauthorized):
        contributor.publish(post, site.io(secret=lambda _: site.server.passwords[name]))
    assert [value for value in site.posts(post) if value["status"] == "publish"] == []


def test_posts_with_one_title_keep_their_own_slugs(site: Site) -> None:
    posts = [kinds.post(title="Bản tin tuần") for _ in range(2)]

    receipts = [site.channel.publish(post, site.io()) for post in posts]

    slugs = [receipt.details["slug"] for receipt in receipts if isinstance(receipt, Receipt)]
    assert slugs == [post.slug for post in posts]
    assert slugs[0] != slugs[1]


def test_a_draft_of_an_attempt_that_died_is_taken_up(site: Site) -> None:
    post, steps = kinds.post(), dict[str, Any]()
    attempt = site.io(steps)

    def die_before_the_draft_is_known(name: str, value: Any) -> None:
        if name == "draft":
            raise KeyboardInterrupt
        attempt.step(name, value)

    with pytest.raises(KeyboardInterrupt):
        site.channel.publish(post, dataclasses.replace(attempt, step=die_before_the_draft_is_known))
    (left,) = site.posts(post)
    assert left["status"] == "draft"

    receipt = site.channel.publish(post, site.io(steps))

    assert isinstance(receipt, Receipt)
    assert receipt.id == str(left["id"])
    assert [(value["id"], value["status"]) for value in site.posts(post)] == [(left["id"], "publish")]


def test_a_forbidden_file_type_is_refused(site: Site) -> None:
    drawing = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
    post = kinds.post(image=kinds.image(drawing, name="hinh.svg", mime="image/svg+xml"))

    with pytest.raises(Refused, match="image"):
        site.channel.publish(post, site.io(media=lambda _: drawing))
    assert site.posts(post) == []


def test_a_server_that_hangs_while_publishing_publishes_once(site: Site) -> None:
    post, steps = kinds.post(), dict[str, Any]()
    with ExitStack() as hang:

        def hang_at_the_last_request() -> None:
            if "draft" in steps:
                hang.enter_context(site.server.hung_database())

        hurried = site.http.bound(hang_at_the_last_request, 1.0)
        with pytest.raises(InDoubt):
            site.channel.publish(post, site.io(steps, http=hurried))

    receipt = site.channel.publish(post, site.io(steps))

    assert isinstance(receipt, Receipt)
    assert [(value["id"], value["slug"]) for value in site.posts(post)] == [(int(receipt.id), post.slug)]
    assert site.channel.find(post, site.io(steps)) == receipt
