"""The pages: private links, their feed and images, and what never leaves."""

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from email.message import Message
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import feedparser
import pytest
import requests
from starlette.types import ASGIApp, Receive, Scope, Send

from content.post import Priority
from publisher.web.app import create_app
from publisher.web.desk import InboxView
from publisher.web.serve import Pages, serve
from publisher.web.text import language_of
from sandbox.client import Sandbox
from tests import desks, kinds
from tests.desks import TOKEN, Desk, get
from tests.test_inbox import io

ATOM = {"a": "http://www.w3.org/2005/Atom"}
PICTURE = kinds.png()
HOSTILE = (
    '<p onclick="x()">Chữ <b>đậm</b></p><script>x()</script><img src="https://xau.example/a.png">'
    '<a href="javascript:x()">bẫy</a><style>p{display:none}</style><iframe src="//xau.example"></iframe>'
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """A desk with one link, to an inbox of three posts."""
    entries = desks.filled(
        tmp_path,
        io(tmp_path, media=(PICTURE,)),
        {"title": "Bài cũ", "text": HOSTILE, "link": "https://nguon.example.vn/bai?a=1&b=2"},
        {
            "title": "Bài <có> ảnh & thẻ",
            "image": kinds.image(PICTURE, name='ả"nh;\n1.png'),
            "tags": ("Sóng", "<b>"),
        },
        {"title": "Tin khẩn \x0b\ufffe", "priority": Priority.URGENT, "author": "Phòng Thông tin"},
    )
    return Desk({TOKEN: desks.view(*entries)})


class Stage:
    """One server for all tests: each puts its own pages on it."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@pytest.fixture(scope="module")
def stage() -> Iterator[tuple[Stage, Pages]]:
    """The server, without pages yet."""
    empty = Stage()
    with serve(empty) as running:
        yield empty, running


@pytest.fixture
def pages(desk: Desk, stage: tuple[Stage, Pages]) -> Pages:
    """The pages, served."""
    stage[0].app = create_app(desk)
    return stage[1]


def test_the_inbox_shows_its_posts_newest_first(pages: Pages, desk: Desk) -> None:
    page = get(pages, f"/i/{TOKEN}/")
    assert page.status_code == 200
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    keys = [entry.post.key for entry in desk.views[TOKEN].entries]
    assert re.findall(r'<article id="(\w+)"', page.text) == keys
    assert desks.AGENCY in page.text
    assert "08:00, thứ Hai 14/02/2022" in page.text
    assert "Bài &lt;có&gt; ảnh &amp; thẻ" in page.text
    assert "Khẩn cấp" in page.text


def test_a_hostile_text_is_harmless_on_the_page_and_in_the_feed(pages: Pages) -> None:
    for path in (f"/i/{TOKEN}/", f"/i/{TOKEN}/feed.atom"):
        text = get(pages, path).text.replace("&lt;", "<").replace("&gt;", ">")
        assert "đậm" in text
        for trap in ("x()", "onclick", "<iframe", "<style", "javascript:", "xau.example"):
            assert trap not in text


def test_an_empty_inbox_says_so(desk: Desk, pages: Pages) -> None:
    desk.views["moi"] = desks.view()
    assert "Hiện chưa có nội dung nào" in get(pages, "/i/moi/").text
    feed = feedparser.parse(get(pages, "/i/moi/feed.atom").content)
    assert (feed.bozo, feed.entries, feed.feed.updated) == (False, [], "2022-02-14T01:00:00Z")


def test_an_unknown_and_a_revoked_link_answer_alike_wherever_they_lead(desk: Desk, pages: Pages) -> None:
    sha256 = desk.views[TOKEN].entries[1].post.image.sha256  # type: ignore[union-attr]
    paths = ("", "feed.atom", f"media/{sha256}")
    unknown = [get(pages, f"/i/khong-co/{path}") for path in paths]
    assert [get(pages, f"/i/{TOKEN}/{path}").status_code for path in paths] == [200] * 3
    del desk.views[TOKEN]
    revoked = [get(pages, f"/i/{TOKEN}/{path}") for path in paths]
    for answer in (*unknown, *revoked):
        assert answer.status_code == 404
        assert answer.text == unknown[0].text
        assert "Liên kết không còn hiệu lực" in answer.text
        assert desks.CONTACT in answer.text


def test_a_link_without_its_last_slash_still_leads_there(pages: Pages) -> None:
    answer = get(pages, f"/i/{TOKEN}", allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (307, f"{TOKEN}/")
    assert get(pages, f"/i/{TOKEN}").url == f"{pages.url}/i/{TOKEN}/"
    assert get(pages, "/i/https:%3Fxau.example", allow_redirects=False).headers["Location"].startswith("https%3A")


def test_the_feed_is_valid_atom_with_the_whole_text(desk: Desk, pages: Pages) -> None:
    answer = get(pages, f"/i/{TOKEN}/feed.atom")
    assert answer.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    parsed = feedparser.parse(answer.content)
    assert (parsed.bozo, parsed.version) == (False, "atom10")
    feed = ElementTree.fromstring(answer.content)
    base = f"{desk.address}/i/{TOKEN}/"
    for element in (feed, *feed.findall("a:entry", ATOM)):  # RFC 4287: each has exactly one of these
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"a:{name}", ATOM)) == 1
        assert element.findtext("a:id", "", ATOM).startswith("urn:uuid:")
    assert all(entry.find("a:author/a:name", ATOM) is not None for entry in feed.findall("a:entry", ATOM))
    links = [link.get("href", "") for link in feed.iter(f"{{{ATOM['a']}}}link")]
    assert all(urlsplit(link).scheme == "https" and urlsplit(link).netloc for link in links)
    assert f"{base}feed.atom" in links
    newest, middle, oldest = parsed.entries
    assert newest.title == "Tin khẩn"
    assert middle.content[0].type == "text/html"
    assert "học sinh của thôn học trực tuyến" in middle.content[0].value
    assert [tag.term for tag in middle.tags] == ["Sóng", "<b>"]
    [enclosure] = middle.enclosures
    assert enclosure.href == f"{base}media/{desk.views[TOKEN].entries[1].post.image.sha256}"  # type: ignore[union-attr]
    assert (enclosure.type, enclosure.length) == ("image/png", str(len(PICTURE)))
    assert oldest.updated == "2022-02-14T01:00:00Z"


def test_ids_stay_when_link_and_address_change(desk: Desk, pages: Pages) -> None:
    def ids(path: str) -> list[str]:
        feed = ElementTree.fromstring(get(pages, path).content)
        return [element.text or "" for element in feed.iter(f"{{{ATOM['a']}}}id")]

    before = ids(f"/i/{TOKEN}/feed.atom")
    assert len(set(before)) == 4
    desk.views = {"lien-ket-moi": desk.views[TOKEN]}
    desk.address = "https://moi.example.gov.vn"
    assert ids("/i/lien-ket-moi/feed.atom") == before


def test_an_unchanged_feed_is_not_sent_again(desk: Desk, pages: Pages) -> None:
    path = f"/i/{TOKEN}/feed.atom"
    first = get(pages, path)
    again = get(pages, path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    desk.views[TOKEN] = replace(desk.views[TOKEN], entries=desk.views[TOKEN].entries[1:])
    assert get(pages, path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_an_image_is_downloaded_under_its_own_name(desk: Desk, pages: Pages) -> None:
    sha256 = desk.views[TOKEN].entries[1].post.image.sha256  # type: ignore[union-attr]
    answer = get(pages, f"/i/{TOKEN}/media/{sha256}")
    assert answer.content == PICTURE
    assert answer.headers["Content-Type"] == "image/png"
    message = Message()
    message["Content-Disposition"] = answer.headers["Content-Disposition"]
    assert message.get_content_disposition() == "attachment"
    assert message.get_filename() == 'ả"nh;\n1.png'
    assert get(pages, f"/i/{TOKEN}/media/{'0' * 64}").status_code == 404


def test_an_image_of_a_strange_type_is_never_shown_by_the_browser(desk: Desk, pages: Pages) -> None:
    view = desk.views[TOKEN]
    entry = view.entries[1]
    assert entry.post.image
    evil = replace(entry, post=replace(entry.post, image=replace(entry.post.image, mime="text/html")))
    desk.views[TOKEN] = desks.view(evil)
    answer = get(pages, f"/i/{TOKEN}/media/{entry.post.image.sha256}")
    assert answer.headers["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize("path", ["/", f"/i/{TOKEN}/", f"/i/{TOKEN}/feed.atom", "/static/style.css", "/x", "/i/x/"])
def test_every_answer_is_guarded(pages: Pages, path: str) -> None:
    headers = get(pages, path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"].startswith("private, no-")
    assert "noindex" in headers["X-Robots-Tag"]
    assert "Server" not in headers


def test_pages_hold_nothing_inline_that_the_policy_would_stop(desk: Desk, pages: Pages) -> None:
    desk.shown = desks.BUSY
    for path in ("/", f"/i/{TOKEN}/", "/i/x/", "/x"):
        page = get(pages, path).text
        assert not re.search(r"<style|style=|\son\w+=|<script(?! src=)", page)


def test_a_bug_is_answered_without_details_and_guarded_too(desk: Desk, pages: Pages) -> None:
    class Broken(Desk):
        def inbox(self, token: str) -> InboxView | None:
            raise RuntimeError(f"secret {token}")

    logger = logging.getLogger("uvicorn.error")
    logger.disabled = True  # it reports the bug, as it should
    try:
        with serve(create_app(Broken())) as broken:
            answer = get(broken, f"/i/{TOKEN}/")
    finally:
        logger.disabled = False
    assert answer.status_code == 500
    assert "tạm thời gặp lỗi" in answer.text
    assert "secret" not in answer.text
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_a_proxy_passes_inboxes_on(pages: Pages) -> None:
    headers = {"Host": "tuyen-truyen.example.gov.vn", "X-Forwarded-For": "203.0.113.9"}
    assert get(pages, f"/i/{TOKEN}/", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/openapi.json", "/static/", "/static/../app.py", "/i/", "/i"])
def test_there_is_nothing_else(pages: Pages, path: str) -> None:
    assert get(pages, path).status_code == 404


def test_nothing_can_be_sent(pages: Pages) -> None:
    for path in ("/", f"/i/{TOKEN}/"):
        assert requests.post(pages.url + path, data={"a": "b"}, timeout=10).status_code == 405
        assert requests.head(pages.url + path, timeout=10).status_code == 200


def test_no_log_holds_the_token(
    pages: Pages, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("", "uvicorn", "uvicorn.error", "uvicorn.access"):
        caplog.set_level(logging.DEBUG, name)
    for path in ("", "feed.atom", "media/x", "khong-co"):
        get(pages, f"/i/{TOKEN}/{path}")
    ours = [record for record in caplog.records if not record.name.startswith("urllib3")]  # the test's client
    assert TOKEN not in "".join(record.getMessage() for record in ours)
    assert TOKEN not in "".join(capfd.readouterr())


def test_a_taken_port_is_an_error_and_a_stopped_server_frees_it(desk: Desk) -> None:
    first = serve(create_app(desk))
    with pytest.raises(OSError, match="Address already in use"):
        serve(create_app(desk), port=first.port)
    first.stop()
    with serve(create_app(desk), port=first.port) as second:
        assert get(second, "/").status_code == 200


def test_a_feed_reader_takes_each_post_once(sandbox: Sandbox, desk: Desk, pages: Pages) -> None:
    place = kinds.unique("bao")
    order = {"kind": "inbox", "place": place, "url": f"{pages.url}/i/{TOKEN}/feed.atom"}
    for _ in range(3):
        sandbox.call("POST", "/_watch", order)
    taken = sandbox.record(kind="inbox", place=place)
    assert [(entry["action"], entry["title"].strip()) for entry in taken] == [
        ("publish", "Bài cũ"),
        ("publish", "Bài <có> ảnh & thẻ"),
        ("publish", "Tin khẩn"),
    ]
    del desk.views[TOKEN]
    [watched] = [each for each in sandbox.call("POST", "/_watch", {}) if each["place"] == place]
    assert watched["error"] == "the feed answered 404"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "vi"),
        ("en", "en"),
        ("en-US,en;q=0.9", "en"),
        ("vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        ("en;q=0.5, vi;q=0.7", "vi"),
        ("fr, de;q=0.5", "vi"),
        ("en;q=x, *", "vi"),
    ],
)
def test_the_pages_speak_the_readers_language(accepted: str, language: str) -> None:
    assert language_of(accepted) == language


def test_an_agency_that_reads_english_gets_an_english_page(desk: Desk, pages: Pages) -> None:
    shown = get(pages, f"/i/{TOKEN}/", headers={"Accept-Language": "en-GB"})
    assert '<html lang="en">' in shown.text
    assert "To be published" in shown.text
    assert "Đăng lúc" not in shown.text
    assert "Accept-Language" in shown.headers["Vary"]


def test_what_was_corrected_or_withdrawn_says_so(tmp_path: Path, desk: Desk, pages: Pages) -> None:
    old = {"title": "Lịch trao máy", "key": "a" * 16}
    new = {"title": "Thu hồi: Lịch trao máy", "amends": "a" * 16}
    desk.views[TOKEN] = desks.view(*desks.filled(tmp_path / "khac", io(tmp_path / "khac"), old, new))
    page = get(pages, f"/i/{TOKEN}/").text
    assert page.count("Không còn hiệu lực, xem: Thu hồi: Lịch trao máy") == 1
