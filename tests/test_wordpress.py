"""The kind `wordpress` against a stand-in site: what is published, and what is refused in which way."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from channels.base import Channel, Finds, Http, InDoubt, Receipt, Refused, TryLater, Unauthorized
from channels.http import Client
from channels.wordpress_site import Site
from content.post import Post
from sandbox.client import Sandbox
from tests import kinds
from tests.raw_server import RawServer, answer, answering
from tests.wordpress_desk import DRAFT, MEDIA, PICTURE, PUBLISH, TAGS, Desk, full_post, open_desk, wordpress


@pytest.fixture
def desk(sandbox: Sandbox, http: Client, tmp_path: Path) -> Desk:
    return open_desk(sandbox, http, tmp_path)


def test_a_post_is_published_whole(desk: Desk) -> None:
    post = full_post()

    receipt = desk.publish(post)

    (entry,) = desk.record("publish")
    (picture,) = desk.record("media")
    assert post.image is not None
    details = {"slug": post.slug, "media": {post.image.sha256: int(picture["id"])}}
    assert receipt == Receipt(entry["id"], f"{desk.channel.url}/{post.slug}/", details)
    assert entry["title"] == post.title
    assert entry["text"] == post.text
    assert entry["summary"] == post.summary
    assert entry["tags"] == list(post.tags)
    assert entry["image"] == {"name": f"{post.slug}-anh.png", "alt": "Lớp học mới"}
    assert desk.record("media")[0]["sha256"] == kinds.image(PICTURE).sha256


def test_the_public_reads_what_was_written(desk: Desk) -> None:
    post = kinds.post(title="Điểm <5> & “hai”", text="<p>Xem [gallery ids=1] tại đây</p>")

    desk.publish(post)

    page = desk.page(f"/{post.slug}/")
    assert "<h1>Điểm &lt;5&gt; &amp; “hai”</h1>" in page
    assert "&#91;gallery ids=1]" in page  # shown as brackets, and no shortcode to a real site


def test_a_post_is_invisible_until_it_is_published(desk: Desk) -> None:
    desk.meet(InDoubt, "error", PUBLISH, full_post())

    assert desk.record("publish") == []
    assert "Chưa có bài viết nào" in desk.page()


def test_publishing_again_adds_nothing(desk: Desk) -> None:
    post = full_post()
    first = desk.publish(post)
    before = desk.sandbox.record(place=desk.channel.name)

    assert desk.publish(post) == first
    assert desk.sandbox.record(place=desk.channel.name) == before


def test_two_posts_of_one_title_have_two_addresses(desk: Desk) -> None:
    receipts = [desk.publish(kinds.post(title="Một nhan đề"))]
    desk.steps.clear()
    receipts.append(desk.publish(kinds.post(title="Một nhan đề")))

    assert len({receipt.url for receipt in receipts}) == 2
    assert not any("-2/" in str(receipt.url) for receipt in receipts)


def test_what_was_changed_on_the_site_afterwards_stays(desk: Desk) -> None:
    post = kinds.post()
    receipt = desk.publish(post)
    desk.api("POST", f"posts/{receipt.id}", {"title": "Nhan đề do biên tập viên sửa", "slug": "dia-chi-khac"})

    again = desk.publish(post)

    assert again == desk.find(post)
    assert again.url == f"{desk.channel.url}/dia-chi-khac/"
    assert (again.details["slug"], again.details["slug_wanted"]) == ("dia-chi-khac", post.slug)
    assert "Nhan đề do biên tập viên sửa" in desk.page("/dia-chi-khac/")


@pytest.mark.parametrize(("kept", "used"), [("GIÁO DỤC", "Giáo dục"), ("Giáo dục", "giáo dục"), ("R & D", "r & d")])
def test_a_tag_of_another_spelling_is_used(desk: Desk, kept: str, used: str) -> None:
    tag = desk.api("POST", "tags", {"name": kept})["id"]

    receipt = desk.publish(kinds.post(tags=(used,)))

    assert desk.api("GET", f"posts/{receipt.id}")["tags"] == [tag]
    assert len(desk.record("tag")) == 1


def test_a_tag_that_the_search_does_not_show_is_used(desk: Desk) -> None:
    for number in range(101):
        desk.api("POST", "tags", {"name": f"em {number}"})
    tag = desk.api("POST", "tags", {"name": "em"})["id"]

    receipt = desk.publish(kinds.post(tags=("em",)))

    assert desk.api("GET", f"posts/{receipt.id}")["tags"] == [tag]


@pytest.mark.parametrize("post", [kinds.post(), full_post(), kinds.post(tags=("Khác",))])
def test_a_wrong_password_is_unauthorized(desk: Desk, post: Post) -> None:
    channel = desk.channel.model_copy(update={"password": wordpress(password="${WRONG}").password})

    with pytest.raises(Unauthorized):
        channel.publish(post, desk.io)
    with pytest.raises(Unauthorized):
        channel.find(post, desk.io)
    assert desk.record("publish") == []


@pytest.mark.parametrize("fault", ["unauthorised", "forbidden"])
@pytest.mark.parametrize("request_", [MEDIA, TAGS, DRAFT, PUBLISH])
def test_missing_rights_are_unauthorized(desk: Desk, fault: str, request_: str) -> None:
    desk.fault(fault, request_)

    with pytest.raises(Unauthorized) as raised:
        desk.publish(full_post())

    assert kinds.PASSWORD not in str(raised.value)


def test_too_many_requests_wait_as_long_as_the_site_says(desk: Desk) -> None:
    for request in (MEDIA, PUBLISH):
        desk.fault("too-many", request, seconds=7)
        with pytest.raises(TryLater) as raised:
            desk.publish(full_post())
        assert raised.value.after == 7


def test_a_text_that_the_site_refuses_is_refused(desk: Desk) -> None:
    desk.fault("refuse", PUBLISH)

    with pytest.raises(Refused, match="Invalid parameter"):
        desk.publish(kinds.post())


def test_an_image_that_the_site_does_not_take_is_refused(desk: Desk) -> None:
    fake = b"MZ this is no image"
    io = kinds.io(desk.http, desk.folder, media=(fake,))

    with pytest.raises(Refused, match=r"image .*not allowed to upload this file type"):
        desk.channel.publish(kinds.post(image=kinds.image(fake)), io)


def test_a_site_without_the_api_is_told_what_to_switch_on(desk: Desk) -> None:
    channel = desk.channel.model_copy(update={"url": f"{desk.sandbox.url}/khong-co"})

    with pytest.raises(Refused, match="permalinks"):
        channel.publish(kinds.post(), desk.io)


class _Moderated:
    """A site where a plugin turns every publication into something else."""

    def __init__(self, http: Http, status: str) -> None:
        self._http = http
        self._status = status

    def request(self, method: str, url: str, *, json: Any = None, **parts: Any) -> Any:
        if json and json.get("status") == "publish":
            json = {**json, "status": self._status}
        return self._http.request(method, url, json=json, **parts)


@pytest.mark.parametrize(("status", "error"), [("pending", Refused), ("private", Refused), ("future", InDoubt)])
def test_a_site_that_does_not_publish_is_not_believed(desk: Desk, status: str, error: type[Exception]) -> None:
    desk.http = _Moderated(desk.http, status)

    with pytest.raises(error):
        desk.publish(kinds.post())


@pytest.mark.parametrize(
    "url", ["https://a.vn/wp-json", "https://a.vn/wp-admin/", "https://a.vn/?p=1", "a.vn", "ftp://a.vn"]
)
def test_only_the_address_of_a_site_is_taken(url: str) -> None:
    with pytest.raises(ValidationError, match=r"write e\.g\. https://www\.example\.gov\.vn"):
        wordpress(url=url)


def test_settings() -> None:
    channel = wordpress(url="https://www.example.gov.vn/tin/", name="trang chính")

    assert channel.url == "https://www.example.gov.vn/tin"
    assert [str(secret) for secret in channel.secrets] == ["${PASSWORD}"]
    assert channel.rehearsed("http://127.0.0.1:1").url == "http://127.0.0.1:1/wordpress/trang%20ch%C3%ADnh"
    assert isinstance(channel, Finds)
    assert isinstance(channel, Channel)
    with pytest.raises(ValidationError, match="may not stand in a file"):
        wordpress(password="abcd efgh")


@pytest.mark.parametrize("is_lasting", [False, True])
def test_an_image_that_is_not_taken_is_offered_once_more(http: Client, is_lasting: bool) -> None:
    """Two uploads at the beginning of a month may both make its folder, and one of them fails."""
    no = answer(
        500, b'{"code": "rest_upload_unknown_error", "message": "No folder."}', "Content-Type: application/json"
    )
    taken = answer(201, b'{"id": 7}', "Content-Type: application/json")
    with RawServer(answering(no, no if is_lasting else taken)) as server:
        site, image = Site(server.url, ("u", "p"), http), kinds.image(PICTURE)
        if is_lasting:
            with pytest.raises(Refused, match="does not take the image"):
                site.upload(image, PICTURE, "a.png")
        else:
            assert site.upload(image, PICTURE, "a.png") == 7
        assert len(server.requests) == 2


def _entry(id: int, slug: str, status: str) -> str:
    return f'{{"id": {id}, "slug": "{slug}", "status": "{status}", "link": "https://so.example/{slug}/"}}'


@pytest.mark.parametrize(
    ("other", "last", "slug_is"),
    [
        ("draft", 200, "wished"),
        ("publish", 200, "second"),  # somebody's own post: it keeps its address
        ("draft", 500, "second"),  # the post is out all the same
    ],
)
def test_a_published_post_gets_back_the_address_that_a_late_draft_took(
    http: Client, tmp_path: Path, other: str, last: int, slug_is: str
) -> None:
    """Two creations at one moment may leave two drafts with one slug; the one that is published gets another."""
    post = kinds.post()
    second, is_draft = f"{post.slug}-2", other == "draft"
    bodies = [
        (201, _entry(7, post.slug, "draft")),
        (200, _entry(7, second, "publish")),
        (200, f"[{_entry(8, post.slug, other)}]"),
        *([(200, "{}"), (last, _entry(7, post.slug, "publish"))] if is_draft else []),
    ]
    json = "Content-Type: application/json"
    with RawServer(answering(*(answer(status, body.encode(), json) for status, body in bodies))) as server:
        channel, steps = wordpress(url=server.url), dict[str, Any]()
        receipt = channel.publish(post, kinds.io(http, tmp_path, steps=steps))
        asked = [request.split(b" ")[0] for request in server.requests]
    slug = post.slug if slug_is == "wished" else second
    assert (receipt.id, receipt.details["slug"]) == ("7", slug)
    assert asked == [b"POST", b"POST", b"GET", *([b"DELETE", b"POST"] if is_draft else [])]
