"""Feeds of other sites: their items as plain text, and hostile ones that end in time."""

import html
import threading
import time
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from content.feeds import LARGEST, Feed, FeedError, Item, matches, parse, read, same

URL = "https://bo.example.gov.vn/tin/rss.xml"
ENTRY = "<item><title>Tin {}</title><link>https://x.vn/{}</link></item>"
ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><id>urn:1</id>
<title type="html">A &amp;amp; B</title><link href="bai/1.html"/><updated>2022-02-14T08:00:00+07:00</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Một</p><p>hai</p></div></content></entry></feed>"""


def rss(items: str, before: str = "") -> bytes:
    text = f'<?xml version="1.0" encoding="utf-8"?>{before}<rss version="2.0"><channel><title>t</title>{items}'
    return f"{text}</channel></rss>".encode()


def described(text: str) -> bytes:
    return rss(
        f"<item><title>a</title><link>https://x.vn/1</link><description>{html.escape(text)}</description></item>"
    )


def only(body: bytes, content_type: str | None = "application/rss+xml") -> Item:
    (item,) = parse(body, content_type, URL)
    return item


def item(id: str = "1", title: str = "a", summary: str = "b", link: str | None = "https://x.vn/1") -> Item:
    return Item(id, title, summary, link, None, None)


def test_an_item_is_plain_text() -> None:
    found = only(
        rss(
            "<item><guid>g1</guid><title>Sóng &amp;amp; máy tính</title><link>/tin/1?a=1&amp;b=2</link>"
            "<description>&lt;p&gt;Một&lt;/p&gt;&lt;p&gt;hai &lt;b&gt;ba&lt;/b&gt;&lt;/p&gt;"
            "&lt;img alt='y' src='/anh.png'&gt;</description>"
            "<pubDate>Mon, 14 Feb 2022 08:00:00 +0700</pubDate></item>"
        )
    )
    assert found == Item(
        id="g1",
        title="Sóng & máy tính",
        summary="Một hai ba",
        link="https://bo.example.gov.vn/tin/1?a=1&b=2",
        published=datetime(2022, 2, 14, 1, tzinfo=UTC),
        image_url="https://bo.example.gov.vn/anh.png",
    )


def test_an_atom_entry_is_read_alike() -> None:
    found = only(ATOM.encode(), "application/atom+xml")
    assert (found.id, found.title, found.summary) == ("urn:1", "A & B", "Một hai")
    assert found.link == "https://bo.example.gov.vn/tin/bai/1.html"
    assert found.published == datetime(2022, 2, 14, 1, tzinfo=UTC)


def test_an_image_is_found() -> None:
    space = 'xmlns:m="http://search.yahoo.com/mrss/"'
    images = [
        '<enclosure url="https://x.vn/a.jpg" type="image/jpeg" length="1"/>',
        f'<m:thumbnail {space} url="https://x.vn/a.jpg"/>',
        f'<m:content {space} url="https://x.vn/a.jpg" medium="image"/>',
        '<enclosure url="https://x.vn/a.mp3" type="audio/mpeg"/><enclosure url="https://x.vn/a.jpg" type="image/png"/>',
    ]
    found = parse(rss("".join(f"<item><title>a</title>{image}</item>" for image in images)), None, URL)
    assert [item.image_url for item in found] == ["https://x.vn/a.jpg"] * len(images)


def test_other_addresses_are_no_links() -> None:
    bad = ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "ftp://x.vn/a"]
    form = "<item><title>a</title><link>{0}</link><enclosure url='{0}' type='image/a'/></item>"
    found = parse(rss("".join(form.format(address) for address in bad)), None, URL)
    assert [(item.link, item.image_url) for item in found] == [(None, None)] * len(bad)


def test_an_item_without_title_and_link_is_dropped_and_counted() -> None:
    feed = read(rss("<item><description>x</description></item>" + ENTRY.format(1, 1)), None, URL)
    assert [found.title for found in feed.items] == ["Tin 1"]
    assert feed.dropped == 1


def test_items_that_lack_something_are_taken() -> None:
    untitled = only(rss("<item><link>https://x.vn/1</link><description>Lời dẫn</description></item>"))
    assert (untitled.id, untitled.title) == ("https://x.vn/1", "Lời dẫn")
    unlinked = only(rss("<item><title>a</title></item>"))
    assert (unlinked.link, unlinked.published, unlinked.summary) == (None, None, "")
    assert unlinked.id == only(rss("<item><title>a</title></item>")).id
    assert unlinked.id != only(rss("<item><title>b</title></item>")).id


def test_long_text_is_cut_between_words() -> None:
    found = only(described("khuyến học " * 1000))
    assert 1900 < len(found.summary) <= 2000
    assert found.summary.endswith(("khuyến…", "học…"))
    assert len(only(described("x" * 5000)).summary) == 2000


@pytest.mark.parametrize(
    ("encoding", "content_type"),
    [
        ("utf-8", "application/rss+xml; charset=utf-8"),
        ("utf-8", "application/xml; charset=us-ascii"),
        ("utf-8", None),
        ("utf-16", "application/xml"),
        ("windows-1258", "text/xml; charset=windows-1258"),
    ],
)
def test_the_encoding_is_found(encoding: str, content_type: str | None) -> None:
    title = "Đà N\u0103\u0303ng"  # that code page has ẵ in two characters only
    text = rss(f"<item><title>{title}</title></item>").decode().replace('"utf-8"', f'"{encoding}"')
    assert only(text.encode(encoding), content_type).title == "Đà Nẵng"


def test_all_text_is_composed() -> None:
    decomposed = unicodedata.normalize("NFD", "Đà Nẵng")
    found = only(rss(f"<item><title>{decomposed}</title><description>{decomposed}</description></item>"))
    assert found.title == found.summary == "Đà Nẵng"


def test_a_feed_cut_short_still_gives_what_came() -> None:
    whole = rss("".join(ENTRY.format(number, number) for number in range(10)))
    assert len(parse(whole[:-150], None, URL)) >= 7


@pytest.mark.parametrize("body", [b"", b"<!doctype html><html><body>Tin</body></html>", b"{}", b"\0" * 1000, b"Tin"])
def test_what_is_no_feed_is_an_error(body: bytes) -> None:
    with pytest.raises(FeedError, match="no RSS or Atom feed"):
        parse(body, "text/html", URL)


def test_an_empty_feed_has_no_items() -> None:
    assert parse(rss(""), None, URL) == []


def test_a_feed_that_is_too_large_is_not_read() -> None:
    with pytest.raises(FeedError, match="larger than 5 MiB"):
        parse(b" " * (LARGEST + 1), None, URL)


def test_more_than_a_thousand_items_are_counted_only() -> None:
    feed = read(rss("<item><title>a</title></item>" * 1010), None, URL)
    assert (len(feed.items), feed.dropped) == (1000, 10)


def entities() -> str:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    return f'<!DOCTYPE rss [<!ENTITY e0 "aaaaaaaaaa">{levels}]>'


HOSTILE = {
    "entities in entities": rss("<item><title>a</title><description>&e11;</description></item>", entities()),
    "one large entity": rss(
        f"<item><title>a</title><description>{'&e;' * 20000}</description></item>",
        f'<!DOCTYPE rss [<!ENTITY e "{"a" * 20000}">]>',
    ),
    "deep elements": rss("<item><title>a</title>" + "<b>" * 50000),
    "deep markup": described("<div>" * 200000),
    "comments": described("<!--" * 200000),
    "attributes": rss("<item " + " ".join(f"a{number}='b'" for number in range(60000)) + "/>"),
    "sections": rss("<![CDATA[" * 100000),
    "nulls": rss("<item><title>a\0b</title></item>") + b"\0" * 500000,
    "signs": rss("&<" * 300000),
    "a tag": described("<a " + "b='" * 300000),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_feed_is_read_or_refused_in_time(body: bytes) -> None:
    before = time.monotonic()
    try:
        feed = read(body, "application/rss+xml", URL, timeout=2.0)
    except FeedError:
        feed = Feed((), 0)
    assert time.monotonic() - before < 10
    assert all(len(found.summary) <= 2000 for found in feed.items)


def test_a_feed_that_takes_too_long_is_an_error() -> None:
    with pytest.raises(FeedError, match="takes longer than"):
        read(rss(""), None, URL, timeout=0.01)


def test_scripts_do_not_survive() -> None:
    found = only(
        described("a<script>alert(1)</script><style>b{}</style><p onclick='x()'>c</p><iframe src='x'>d</iframe>")
    )
    assert "alert" not in found.summary
    assert "<" not in found.summary
    assert "b{}" not in found.summary


class Counter(BaseHTTPRequestHandler):
    """A server that counts who asks it."""

    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        self.send_error(404)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Counter) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


def test_reading_fetches_nothing(server: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("bí mật")
    external = (
        f'<!DOCTYPE rss SYSTEM "{server}/d" [<!ENTITY x SYSTEM "{server}/x"><!ENTITY f SYSTEM "{secret.as_uri()}">]>'
    )
    for body in (
        rss("<item><title>a</title><description>[&x;][&f;]</description></item>", external),
        f"{server}/feed".encode(),
        str(secret).encode(),
    ):
        try:
            found = parse(body, None, server)
        except FeedError:
            found = []
        assert "bí mật" not in str(found)
    assert Counter.asked == 0


def test_the_same_news_has_one_id_or_link_or_text() -> None:
    assert same(item(), item(title="x", link="https://x.vn/2"))
    assert same(item(), item(id="2", title="x"))
    assert same(item(), item(id="2", link=None))
    assert not same(item(), item(id="2", link="https://x.vn/2", summary="x"))
    assert not same(item(link=None), item(id="2", link=None, title="x"))
    assert not same(item(summary=""), item(id="2", link=None, summary=""))


def test_words_are_found_in_title_and_summary() -> None:
    found = item(title="Chương trình SÓNG VÀ MÁY TÍNH", summary="cho em")
    assert matches(found, ("khác", "Sóng và máy tính"))
    assert matches(found, ("sóng",))
    assert matches(found, ("Cho Em",))
    assert not matches(found, ("song",))
    assert not matches(found, ())
