"""Markup: texts that want to be scripts, tags or addresses on the pages, in chats, on paper and when read aloud."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from random import Random
from xml.etree import ElementTree

from content.markup import shape
from content.plain import text_from_html
from content.post import Format
from content.splitting import split, visible_length
from publisher.web.text import clean_html, whole_text
from tests import kinds
from tests.hostile.causes import Bench, Case, Family, Harm, Seen, write

_TAGS = {
    "a", "b", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "li", "ol",
    "p", "pre", "s", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
}  # fmt: skip
_ATTRIBUTES = {"alt", "colspan", "href", "rel", "rowspan", "src", "start", "style", "title"}
_TELEGRAM = {"r", "b", "i", "s", "a", "code", "pre", "blockquote"}


def judge(case: Case, bench: Bench) -> Seen:
    """The text as Markdown in every format, and as the HTML that a page is given."""
    text = write(case, bench.folder / "text.md").read_text(encoding="utf-8", errors="surrogatepass")
    page = shape(text, Format.HTML)
    for html in (page, clean_html(page), clean_html(text)):
        harmless(html)
    text_from_html(clean_html(text))
    whole_text(kinds.post(text=page, title=text[:300], link=text[:100], tags=(text[:100],)))
    chat = shape(text, Format.TELEGRAM)
    for part in (chat, *split(chat, 4096)):
        _harmless_in_a_chat(part)
    if any(visible_length(part) > 4096 for part in split(chat, 4096)):
        raise Harm("makes a message that is too long")
    if re.search(r"\b[a-z]{1,20}://\w", shape(text, Format.SPOKEN), re.IGNORECASE):
        raise Harm("has an address read aloud")
    shape(text, Format.PLAIN).encode()
    return Seen(False)


class _Page(HTMLParser):
    """Every element and attribute of a page."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            raise Harm(f"brings in <{tag}>")
        for name, value in attrs:
            if name not in _ATTRIBUTES:
                raise Harm(f"brings in the attribute {name}")
            if name in ("href", "src") and not re.match("(?:https?|mailto|tel):", value or "", re.IGNORECASE):
                raise Harm(f"leads to {value!r}")
            if name == "style" and not re.fullmatch("text-align: ?(?:left|right|center);?", value or ""):
                raise Harm(f"has the style {value!r}")

    handle_startendtag = handle_starttag

    def handle_comment(self, data: str) -> None:
        raise Harm("brings in a comment")

    def handle_decl(self, decl: str) -> None:
        raise Harm("brings in a declaration")

    handle_pi = unknown_decl = handle_decl


def harmless(html: str) -> None:
    """Harm if a piece of a page holds anything that runs, loads from elsewhere than an image, or restyles."""
    page = _Page()
    page.feed(html)
    page.close()


def _harmless_in_a_chat(text: str) -> None:
    root = ElementTree.fromstring(f"<r>{text}</r>")
    for element in root.iter():
        if element.tag not in _TELEGRAM or set(element.attrib) - {"href"}:
            raise Harm(f"brings in <{element.tag} {element.attrib}>")
        if not element.get("href", "http:").lower().startswith("http"):
            raise Harm(f"leads to {element.get('href')!r}")


MARKUP = Family("markup", judge)


@MARKUP.taken
def scripts(chance: Random) -> Iterator[Case]:
    """A script in a post runs in the browser of whoever reads it."""
    for text in (
        "<script>alert(1)</script>", "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
        "<scr<script>ipt>alert(1)</scr</script>ipt>", "<svg><script>alert(1)</script></svg>",
        "<script\n>alert(1)</script\n>", "<noscript><p title='</noscript><script>x</script>'>",
        "<template><script>x</script></template>", "<xml:script>x</xml:script>", "<script/x>x</script>",
        "<<script>script>x<</script>/script>",
    ):  # fmt: skip
        yield text.encode()


@MARKUP.taken
def handlers(chance: Random) -> Iterator[Case]:
    """An element that is allowed carries a script in its attribute."""
    for text in (
        "<img src=x onerror=alert(1)>", "<p onclick=x>", "<a href=https://a.vn onmouseover=x>a</a>", "<body onload=x>",
        "<b/onclick=x>a</b>", "<details ontoggle=x open>", "<img src='https://a.vn/x.png'onerror='x'>",
        "<p\x00onclick=x>", "<p style=x:expression(x)>", "<video><source onerror=x></video>",
        "<input autofocus onfocus=x>", "<marquee onstart=x>", "![a](https://a.vn/x.png \"' onerror='x\")",
        '[a](https://a.vn/"onmouseover="x)', "[a](<https://a.vn/ onclick=x>)",
    ):  # fmt: skip
        yield text.encode()


@MARKUP.taken
def addresses_that_run(chance: Random) -> Iterator[Case]:
    """An address may be a script, in many spellings."""
    for address in (
        "javascript:alert(1)", "JaVaScRiPt:x", "java\tscript:x", "java\nscript:x", "&#106;avascript:x",
        "javascript&colon;x", "&#x6A&#x61vascript:x", "\x01javascript:x", "vbscript:x",
        "data:text/html;base64,PHNjcmlwdD4=", "data:image/svg+xml,<svg onload=x>", "https:evil", "feed:javascript:x",
        "view-source:x", "blob:x",
    ):  # fmt: skip
        raw = f"<{address}> <a href='{address}'>b</a>"
        yield f"[a]({address}) ![a]({address}) {raw} [c][r]\n\n[r]: {address}\n".encode()


@MARKUP.taken
def elements_that_load(chance: Random) -> Iterator[Case]:
    """A page that loads from elsewhere tells who reads it."""
    for text in (
        "<iframe src=//evil.example></iframe>", "<object data=x></object>", "<embed src=x>",
        "<link rel=stylesheet href=//evil.example>", "<base href=//evil.example>",
        "<meta http-equiv=refresh content='0;url=//evil.example'>",
        "<form action=//evil.example><button>x</button></form>", "<style>@import '//evil.example'</style>",
        "<img srcset='//evil.example/x 2x'>", "<audio src=x>", "<portal src=x>", "<frameset><frame src=x>",
        "<math href='javascript:x'>x</math>", "<svg><use href='//evil.example#x'/></svg>",
        "<table background=//evil.example/x>",
    ):  # fmt: skip
        yield text.encode()


@MARKUP.taken
def styles(chance: Random) -> Iterator[Case]:
    """A style lays a foreign text over the page, or hides its own."""
    for text in (
        "<p style='position:fixed;top:0'>x</p>", "<td style='background:url(//evil.example)'>x</td>",
        "<style>*{display:none}</style>",
        "<table><tr><td style='text-align:right;width:9999px;behavior:url(x)'>x</td></tr></table>",
        "<div style='color:expression(x)'>x</div>", "<p class=top id=main>x</p>", "| a |\n|:-:|\n| <td style='x'> |",
    ):  # fmt: skip
        yield text.encode()


@MARKUP.taken
def markup_that_changes_when_it_is_cleaned(chance: Random) -> Iterator[Case]:
    """What is harmless before it is cleaned is a script afterwards: a parser moved it to another place."""
    for text in (
        "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
        "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
        "<form><math><mtext></form><form><mglyph><style></math><img src onerror=x>",
        "<noscript><style></noscript><img src=x onerror=x>",
        "<p><svg><title><style><img src=x onerror=x></style></title></svg>",
        "<math><annotation-xml encoding='text/html'><style><img src=x onerror=x></style></annotation-xml></math>",
        "<a><svg><desc><a><table><a></a></table></svg>", "<select><template><img src=x onerror=x></template></select>",
        "<textarea><img title='</textarea><img src=x onerror=x>'></textarea>",
        "<xmp><p title='</xmp><img src=x onerror=x>'>",
    ):  # fmt: skip
        yield text.encode()


@MARKUP.taken
def comments_and_sections(chance: Random) -> Iterator[Case]:
    """What one reader takes for a comment, another takes for a tag."""
    for text in (
        "<!--><img src=x onerror=x>-->", "<!-- --!><img src=x onerror=x>", "<![CDATA[<img src=x onerror=x>]]>",
        "<?php x ?>", "<!DOCTYPE x [<!ENTITY a 'b'>]>&a;", "<!ELEMENT x>", "--><script>x</script>",
        "<!--[if IE]><script>x</script><![endif]-->",
    ):  # fmt: skip
        yield text.encode()


@MARKUP.taken
def tags_that_are_left_open(chance: Random) -> Iterator[Case]:
    """What is open at the end of a post swallows the page below it."""
    for text in (
        "<b>" * 5_000, "<table><tr><td>", "</div></main></body></html>x", "<a href='https://a.vn", "<p title='",
        "<blockquote>" * 500 + "x", "</textarea></script></style>", "<pre><code>", "**" * 2_000 + "a",
        "<a href=https://a.vn>" * 500,
    ):  # fmt: skip
        yield text.encode()


@MARKUP.taken
def tags_that_a_chat_knows(chance: Random) -> Iterator[Case]:
    """Telegram reads tags in a text, and refuses a message with one that is not closed."""
    for text in (
        "<b>", "</b></a></code>", "<a href='tg://user?id=1'>x</a>", "<tg-spoiler>x", "<tg-emoji emoji-id=1>x",
        "<code><b>x</code></b>", "<pre><code class=x>", "<blockquote expandable>" * 3, "&lt;b&gt;&amp;lt;",
        "<b" * 3_000, "[x](tg://resolve?domain=evil)", "<a href=\"https://a.vn/?a=1&b=<>'\">x</a>",
    ):  # fmt: skip
        yield text.encode()


@MARKUP.taken
def signs_that_are_no_text(chance: Random) -> Iterator[Case]:
    """Signs that a page, a feed or a terminal must not hold."""
    for text in (
        "\0a\x01b\x1b[2J\x7f\x9b", "\ufffe\uffff\U0001ffff", "\u2028\u2029\x85\x0b\x0c", "\r\r\n\r", "a\u0300" * 200,
        "\U000e0001\U000e0041", "\ue000\uf8ff", "&#0;&#xD800;&#x1F;&#1114112;",
    ):  # fmt: skip
        yield text.encode("utf-8", "surrogatepass")


@MARKUP.taken
def marks_within_marks(chance: Random) -> Iterator[Case]:
    """A parser that goes back at every mark takes the square of the time, or its power."""
    for piece in (
        "[", "*", ">", "`", "<", "![", "[](", "~~", "- ", "**a ", "a*b", "*_", "](", "[a](", "|a", "<!--", "\\",
    ):  # fmt: skip
        yield (piece * (15_000 // len(piece))).encode()


@MARKUP.taken
def references_without_end(chance: Random) -> Iterator[Case]:
    """Each reference is looked up in all definitions."""
    yield ("".join(f"[a{n}]: https://a.vn/{n}\n" for n in range(2_000)) + "[a1][a1]" * 2_000).encode()
    yield ("[" + "a" * 60_000 + "]: x\n\n[" + "a" * 60_000 + "]").encode()


@MARKUP.taken
def ampersands_without_end(chance: Random) -> Iterator[Case]:
    """Each could begin the name of a sign; a sanitiser takes the square of their number."""
    for piece in ("&", "&#", "a& "):
        yield (piece * (250_000 // len(piece))).encode()


@MARKUP.taken
def addresses_without_end(chance: Random) -> Iterator[Case]:
    """The search for the end of an address begins anew at every place where one could begin."""
    for piece in ("a://", "www.", "www.#", "a://?", "http://a@", "a.b-", "://", "a@b.", "http://" + "a" * 500 + " "):
        yield (piece * (60_000 // len(piece))).encode()
    yield b"www.#" * 25_000


@MARKUP.taken
def marks_piled_on_a_letter(chance: Random) -> Iterator[Case]:
    """To put the marks on a letter into their order takes the square of their number."""
    yield ("a" + "\u0301" * 30_000 + "\u0323" * 30_000).encode()
    yield ("*" + "\u0316\u0301" * 20_000 + "*").encode()
