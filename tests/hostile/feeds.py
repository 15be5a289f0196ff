"""Feeds: news that is a bomb, reads files, asks other servers, runs on pages, or never ends."""

import gzip
import zlib
from collections.abc import Iterator
from random import Random

from content.feeds import FeedError, read
from content.markdown import literal
from content.markup import shape
from content.post import Format
from tests.hostile.causes import Bench, Case, Family, Harm, Seen, write
from tests.hostile.markup import harmless
from tests.hostile.watch import short

_URL = "https://bo.example.vn/tin.xml"
_TYPE = b"#!"  # a first line that begins so is the answer's Content-Type


def judge(case: Case, bench: Bench) -> Seen:
    """The feed, read by its process, its items shaped for a page."""
    data = write(case, bench.folder / "feed.xml").read_bytes()
    content_type, _, body = data.partition(b"\n") if data.startswith(_TYPE) else (b"#!application/xml", b"", data)
    body = body.replace(b"TRAP", bench.trap.encode()).replace(b"OUTSIDE", str(bench.outside).encode())
    try:
        feed = read(body, content_type.removeprefix(_TYPE).decode("latin-1"), _URL, timeout=2.5)
    except FeedError as error:
        short((str(error),), 200, 200)
        return Seen(True, (str(error),))
    for item in feed.items:
        harmless(shape(literal(item.summary), Format.HTML))
        short((item.title, item.summary, item.link or "", item.image_url or ""), 2_048, 10_000)
        if not item.id or not item.title or len(item.id) > 5_000_000:
            raise Harm(f"has an item without a name: {item!r}")
        for address in (item.link, item.image_url):
            if address and not address.startswith(("http://", "https://")):
                raise Harm(f"leads to {address!r}")
    return Seen(False, tuple(repr(item) for item in feed.items))


FEEDS = Family("feeds", judge)


def rss(item: str = "", head: str = "", title: str = "Tin") -> bytes:
    """A feed of one item."""
    one = f"<item><title>{title}</title><link>https://bo.example.vn/1</link>{item}</item>"
    return f'{head}<rss version="2.0"><channel><title>Bộ</title>{one}</channel></rss>'.encode()


@FEEDS.endured
def names_that_multiply(chance: Random) -> Iterator[Case]:
    """A thousand million laughs: each name stands for ten of the one before."""
    for width, depth in ((10, 9), (2, 40)):
        names = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * width}">' for n in range(1, depth))
        yield rss("<description>&l8;</description>", f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY l0 "ha">{names}]>')
    yield rss(
        "<description>" + "&a;" * 40_000 + "</description>",
        f'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "{"x" * 100_000}">]>',
    )
    yield rss("", '<!DOCTYPE r [<!ENTITY a "&b;"><!ENTITY b "&a;">]>', "&a;")
    yield rss("", "<!DOCTYPE r [<!ENTITY % p \"<!ENTITY a 'x'>\"> %p; %p; %p;]>", "&a;")


@FEEDS.endured
def names_that_are_files(chance: Random) -> Iterator[Case]:
    """An entity reads a file of the machine into the news."""
    for address in (
        "file://OUTSIDE/entity.txt", "OUTSIDE/entity.txt", "file:///proc/self/environ", "file:///etc/passwd",
    ):  # fmt: skip
        yield rss("<description>&f;</description>", f'<!DOCTYPE r [<!ENTITY f SYSTEM "{address}">]>', "&f;")
    yield rss("", '<!DOCTYPE r SYSTEM "file://OUTSIDE/entity.txt">', "&f;")
    yield rss("", '<!DOCTYPE r [<!ENTITY % f SYSTEM "file://OUTSIDE/entity.txt"> %f;]>')
    yield rss('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://OUTSIDE/entity.txt" parse="text"/>')


@FEEDS.endured
def names_that_are_servers(chance: Random) -> Iterator[Case]:
    """An entity asks a server inside the network."""
    yield rss("", '<!DOCTYPE r [<!ENTITY f SYSTEM "TRAP/x">]>', "&f;")
    yield rss("", '<!DOCTYPE r PUBLIC "-//x//EN" "TRAP/x.dtd">')
    yield rss("", '<!DOCTYPE r [<!ENTITY % f SYSTEM "TRAP/x"> %f;]>')
    yield b'<?xml-stylesheet href="TRAP/x.xsl" type="text/xsl"?>' + rss()
    yield b"TRAP/feed.xml"


@FEEDS.endured
def elements_within_elements(chance: Random) -> Iterator[Case]:
    """Each element within another is a call within a call."""
    yield rss("<a>" * 30_000)
    yield rss("<description>" + "&lt;div>" * 20_000 + "</description>")
    yield b"<rss>" * 50_000
    yield b"<feed xmlns='http://www.w3.org/2005/Atom'>" + b"<entry>" * 8_000


@FEEDS.endured
def attributes_without_end(chance: Random) -> Iterator[Case]:
    """Each attribute is compared with all before it."""
    yield rss("<a " + " ".join(f"a{n}='x'" for n in range(20_000)) + "/>")
    yield rss("<a " + " ".join(f"xmlns:a{n}='x:{n}'" for n in range(4_000)) + "/>")
    yield rss(f"<a b='{'x' * 4_000_000}'/>")


@FEEDS.endured
def many_items(chance: Random) -> Iterator[Case]:
    """A site's whole archive, and a made-up one."""
    one = "<item><title>Tin {0}</title><link>https://bo.example.vn/{0}</link></item>"
    yield rss("</item>" + "".join(one.format(n) for n in range(8_000)) + "<item>")
    yield rss("</item>" + "<item/>" * 60_000 + "<item>")


@FEEDS.taken
def titles_that_run(chance: Random) -> Iterator[Case]:
    """A title or summary of a foreign site brings a script to the page."""
    for text in (
        "<script>x</script>a", "&lt;script>x&lt;/script>a", "&amp;lt;script&amp;gt;x",
        "<![CDATA[<img src=x onerror=x>]]>", "<b onclick='x'>a</b>", "a&#0;&#27;[2J&#x1b;]0;x&#7;", "\u202ea\u2066",
    ):  # fmt: skip
        yield rss(f"<description>{text}</description>", title=text)


@FEEDS.taken
def links_that_run(chance: Random) -> Iterator[Case]:
    """The link of an item becomes that of a post."""
    for link in (
        "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "http://", "//evil.example/x", "ftp://a.vn/x",
        " java\nscript:x", "http://[::1", "https://a.vn/ x", "http://a.vn/\u202e",
    ):  # fmt: skip
        yield rss(f"</item><item><title>a</title><link>{link}</link><enclosure url='{link}' type='image/png'/>")


@FEEDS.taken
def templates_in_the_news(chance: Random) -> Iterator[Case]:
    """What a foreign site writes is no template, and no Markdown, of ours."""
    for text in (
        "{{ channel.token }}", "{% for i in range(99999) %}", "[a](javascript:x) **b** # c", "${CANARY_PASSWORD}",
        "{{ ''.__class__ }}",
    ):  # fmt: skip
        yield rss(f"<description>{text}</description>", title=text)


@FEEDS.endured
def charsets_that_are_none(chance: Random) -> Iterator[Case]:
    """The answer names a charset, and another one, and a codec that unpacks."""
    for charset in (
        "rot13", "hex", "zlib", "base64", "utf-7", "idna", "punycode", "unicode_escape", "undefined", "utf-16",
        "x" * 500,
    ):  # fmt: skip
        yield f"#!text/xml; charset={charset}\n".encode() + rss(title="Tin &#7885; Đắk")
    yield rss(head='<?xml version="1.0" encoding="utf-32"?>')
    yield "\ufeff".encode("utf-16") + rss()


@FEEDS.endured
def bodies_that_are_packed(chance: Random) -> Iterator[Case]:
    """A body may be packed once more than its server said."""
    yield gzip.compress(rss(), mtime=0)
    yield gzip.compress(bytes(64 * 1024 * 1024), mtime=0)[:1_000_000]
    yield zlib.compress(b"<rss>" * 1_000_000)
    yield b"PK\x03\x04" + chance.randbytes(10_000)


@FEEDS.refused
def bodies_that_are_no_feed(chance: Random) -> Iterator[Case]:
    """Anything may be behind an address."""
    yield b""
    yield chance.randbytes(100_000)
    yield b"<html><body>404</body></html>"
    yield b"\0" * 1_000_000
    yield b'{"version": "https://jsonfeed.org/version/1.1", "items": "x"}'
    yield b"<" * 500_000
    yield b"&" * 300_000
    yield b"x" * (5 * 1024 * 1024 + 1)


@FEEDS.endured
def feeds_that_break_off(chance: Random) -> Iterator[Case]:
    """A feed ends in the middle of a sign, a tag or a name."""
    whole = rss("<description>Đắk &amp; Nông</description>", '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "b">]>')
    for _ in range(6):
        yield whole[: chance.randrange(20, len(whole))]


@FEEDS.taken
def dates_beyond_the_calendar(chance: Random) -> Iterator[Case]:
    """A date that no calendar has."""
    for date in (
        "Mon, 01 Jan 99999 00:00:00 GMT", "0000-00-00", "9999-12-31T23:59:59+99:99",
        "Thu, 01 Dec 99999999999999 16:00:00 GMT", "-1", "9" * 5_000, "2022-02-30T25:61:61Z",
    ):  # fmt: skip
        yield rss(f"<pubDate>{date}</pubDate>")


@FEEDS.taken
def marks_piled_on_a_letter(chance: Random) -> Iterator[Case]:
    """To put the marks on a letter into their order takes the square of their number."""
    yield rss("<description>a" + "\u0301" * 30_000 + "\u0323" * 30_000 + "</description>")
    yield rss(title="a" + "\u0301" * 30_000 + "\u0323" * 30_000)
    yield rss("<guid>a" + "\u0301" * 300_000 + "\u0323" * 300_000 + "</guid>")
