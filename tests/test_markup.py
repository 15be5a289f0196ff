"""Markdown in the four formats: what it looks like, and that nothing hostile gets through or is slow."""

import html
import re
import time
import unicodedata
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from content.markdown import literal, refused_addresses
from content.markup import shape
from content.post import Format

MARKDOWN = st.text() | st.lists(
    st.sampled_from(
        ["*", "**", "~~", "`", "[", "](", ")", "![", "<", ">", "- ", "1. ", "# ", "\n", "\n\n", "    ", "|",
         "đ", "a b", "https://x.vn/ấ", "javascript:alert(1)", "<script>", "\\", "---\n", "> ", "```\n", "&#106;",
         "&", "\0", "|-|\n"]
    )
).map("".join)  # fmt: skip
ALL = pytest.mark.parametrize("format", list(Format))


def plain(text: str) -> str:
    return shape(text, Format.PLAIN)


def telegram(text: str) -> str:
    return shape(text, Format.TELEGRAM)


def spoken(text: str) -> str:
    return shape(text, Format.SPOKEN)


def web(text: str) -> str:
    return shape(text, Format.HTML)


class Elements(HTMLParser):
    """The elements of a page and what their attributes say."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]


def test_html_has_the_elements_of_the_markdown() -> None:
    page = web("# A\n\n- **b** ~~c~~\n\n| d | e |\n|---|--:|\n| f | g |\n\n[h](https://x.vn)")
    assert "<h1>A</h1>" in page
    assert "<li><strong>b</strong> <s>c</s></li>" in page
    assert '<td style="text-align:right">g</td>' in page
    assert '<a href="https://x.vn" rel="noopener">h</a>' in page


def test_raw_html_is_shown_as_text() -> None:
    assert web("<b onclick=x>đậm</b>") == "<p>&lt;b onclick=x&gt;đậm&lt;/b&gt;</p>"
    assert telegram("<b>đậm</b>") == "&lt;b&gt;đậm&lt;/b&gt;"


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", "&#106;avascript:alert(1)",
        "javascript&colon;alert(1)", "\x01javascript:alert(1)", "vbscript:x", "data:text/html,<script>x</script>",
        "data:image/svg+xml;base64,PHN2Zz4=", "file:///etc/passwd", "//evil.example", "/local", "bai.md",
        "https:evil", "http://", "x:y", "%6aavascript:alert(1)",
    ],
)  # fmt: skip
@pytest.mark.parametrize("form", ["[chữ]({})", "[chữ](<{}>)", "![chữ]({})", "[chữ][a]\n\n[a]: {}", "[chữ](<{}> 't')"])
def test_bad_addresses_are_no_links(address: str, form: str) -> None:
    source = form.format(address)
    assert Elements(web(source)).addresses == []
    assert "href" not in telegram(source)
    assert "chữ" in web(source)


@settings(deadline=None)
@given(MARKDOWN)
@example("[a](javascript:alert(1)) <javascript:alert(1)> ![x](javascript:1)")
@example("<a:b\x00>[](javascript:x)")
def test_html_holds_only_what_is_allowed(source: str) -> None:
    found = Elements(web(source))
    allowed = "a blockquote br code em h1 h2 h3 h4 h5 h6 hr img li ol p pre s strong table tbody td th thead tr ul"
    assert found.tags <= set(allowed.split())
    assert found.attributes <= {"href", "src", "alt", "title", "rel", "start", "style"}
    assert all(re.match("https?:|mailto:|tel:", address, re.IGNORECASE) for address in found.addresses)


@settings(deadline=None)
@given(MARKDOWN)
@example("> - a\n>   > b\n\n***a**b*c* [**x**](https://x.vn)")
@example("*" * 999 + "a" + "*" * 999)
def test_telegram_is_well_formed_and_small(source: str) -> None:
    root = ElementTree.fromstring(f"<r>{telegram(source)}</r>")
    assert {element.tag for element in root.iter()} <= {"r", "b", "i", "s", "a", "code", "pre", "blockquote"}
    for quote in root.iter("blockquote"):
        assert not [inner for inner in quote.iter("blockquote") if inner is not quote]
    for code in (*root.iter("code"), *root.iter("pre")):
        assert len(code) == 0


@ALL
@settings(deadline=None)
@given(source=MARKDOWN)
def test_shaping_takes_any_text_and_is_the_same_every_time(format: Format, source: str) -> None:
    made = shape(source, format)
    assert made == shape(source, format)
    assert unicodedata.is_normalized("NFC", made)
    assert made == shape(unicodedata.normalize("NFD", source), format)


@ALL
@pytest.mark.parametrize("source", ["\ud800", "a\x0bb", "\ufeff\x00", "", "\r\n\r", "­", "\u2028"])
def test_odd_characters_are_taken(format: Format, source: str) -> None:
    shape(source, format).encode()


@settings(deadline=None)
@given(
    st.lists(st.text("abcđêộ", min_size=1), min_size=1),
    st.sampled_from(["> ", "- ", "1. ", "# ", "**", "["]),
)
def test_no_word_is_lost(words: list[str], mark: str) -> None:
    source = "\n\n".join(mark * (3 * number) + word for number, word in enumerate(words))
    for format in Format:
        made = html.unescape(re.sub("<[^>]*>", "", shape(source, format)))
        assert all(unicodedata.normalize("NFC", word) in made for word in words)


@ALL
@pytest.mark.parametrize("mark", [">", "- ", "1. ", "> - ", "*", "**a ", "[", "![", "~~", "`", "_*"])
def test_deep_nesting_ends_and_keeps_the_text(format: Format, mark: str) -> None:
    assert "trong cùng" in shape(mark * 300 + "trong cùng", format)
    assert "sau" in shape(mark * 300 + "trong cùng\n\nsau", format)


@pytest.mark.parametrize(
    "piece",
    ["[", "*", ">", "`", "<", "![", "[](", "~~", "- ", "|a", "**a ", "a*b", "*_", "- a\n", "a.", "a://", "]("],
)
def test_a_hostile_megabyte_is_shaped_in_time(piece: str) -> None:
    source = piece * (1024 * 1024 // len(piece))
    before = time.process_time()
    for format in Format:
        shape(source, format)
    assert time.process_time() - before < 10


@pytest.mark.parametrize("piece", ["[", "*", ">", "&", "**a ", "|a", "- a\n", "a.b-", "[a](", "a://"])
def test_what_is_still_read_as_markdown_is_read_in_time(piece: str) -> None:
    source = piece * (20_000 // len(piece))
    before = time.process_time()
    for format in Format:
        shape(source, format)
    assert time.process_time() - before < 5


def test_telegram_writes_what_it_cannot_mark() -> None:
    source = (
        "# Tiêu *đề*\n\nmột\nhai\\\nba\n\n- a\n  1. b\n  2. c\n- d\n\n| x | y |\n|-|-|\n| 1 | < |\n\n"
        "---\n\n> lời\n>\n> > kết"
    )
    assert telegram(source) == (
        "<b>Tiêu <i>đề</i></b>\n\nmột hai\nba\n\n• a\n  1. b\n  2. c\n• d\n\nx — y\n1 — &lt;\n\n———\n\n"
        "<blockquote>lời\n\nkết</blockquote>"
    )


def test_telegram_keeps_code_images_and_addresses() -> None:
    assert telegram("```py\na < b\n  c\n```") == "<pre>a &lt; b\n  c</pre>"
    assert telegram("![lễ](https://x.vn/a.png) ![](https://x.vn/b.png)") == '<a href="https://x.vn/a.png">lễ</a>'
    assert telegram("![lễ](anh/a.png)") == "lễ"
    assert telegram("[thư](mailto:a@x.vn) [gọi](tel:0261)") == "thư (a@x.vn) gọi (0261)"
    assert telegram('[a](https://x.vn/?a=1&b="2")') == '<a href="https://x.vn/?a=1&amp;b=%222%22">a</a>'


def test_plain_text_has_no_marks_and_writes_links_out() -> None:
    assert plain("**Xem** [trang](https://x.vn/a), ~~cũ~~ `mã`") == "Xem trang (https://x.vn/a), cũ mã"
    assert plain("<https://x.vn/ấ> [https://x.vn](https://x.vn/)") == "https://x.vn/ấ https://x.vn"
    assert plain("<a@x.vn> [0261 3543 543](tel:02613543543)") == "a@x.vn 0261 3543 543"
    assert plain("[](https://x.vn)") == "https://x.vn"
    assert plain("[![](https://x.vn/a.png)](https://x.vn/b)") == "https://x.vn/b"


def test_plain_lists_and_tables_are_lines() -> None:
    assert plain("- a\n- b\n  - c\n\n3. d\n4. e\n\n- \n- - f") == "- a\n- b\n  - c\n\n3. d\n4. e\n\n-\n- - f"
    assert plain("- a\n\n  b\n\n- c") == "- a\n\n  b\n\n- c"
    assert plain("0. a\n1. b") == "0. a\n1. b"
    assert plain("| a | b |\n|-|-|\n| c | |") == "a — b\nc —"


@ALL
def test_what_markdown_would_drop_is_kept(format: Format) -> None:
    assert "ba" in shape("| x | y |\n|-|-|\n| một | hai | ba |", format)
    assert "một \\| hai" not in shape("| x |\n|-|\n| một \\| hai |", format)
    assert "ghi chú" in shape("``` ghi chú\nmã\n```", format)
    assert "py" not in shape("```py\nmã\n```", format)
    assert "ghi" in shape("```ghi", format)


def test_spoken_text_is_sentences() -> None:
    source = "# Thông báo\n\nGồm **ba** việc:\n\n- máy tính;\n- sóng,\n- *học bổng*\n\nHết!\n\n---\n\n1. Một\n2. Hai?"
    assert spoken(source) == (
        "Thông báo.\n\nGồm ba việc:\n\nmáy tính.\n\nsóng.\n\nhọc bổng.\n\nHết!\n\n1. Một.\n\n2. Hai?"
    )
    assert spoken("| Nơi | Số |\n|-|-|\n| Đắk Mil | 12 |") == "Nơi, Số.\n\nĐắk Mil, 12."
    assert spoken('Ông nói: "Cảm ơn."') == 'Ông nói: "Cảm ơn."'
    assert spoken("một\\\nhai") == "một.\nhai."


def test_no_address_is_spoken() -> None:
    assert spoken("Xem [cổng thông tin](https://x.vn/a?b=1).") == "Xem cổng thông tin."
    assert spoken("Xem https://u:p@www.x.vn:8/a/b.html. Hoặc <https://y.vn/c>!") == "Xem www.x.vn:8. Hoặc y.vn!"
    assert spoken("(xem www.x.vn/a), rồi") == "(xem x.vn), rồi."


@settings(deadline=None)
@given(MARKDOWN)
def test_spoken_text_holds_no_scheme(source: str) -> None:
    assert not re.search(r"\b[a-z]{1,20}://\w", spoken(source), re.IGNORECASE)


@settings(deadline=None)
@given(st.text())
@example("1. {{ a }} #*_[x](https://x.vn) <b> &amp; \\")
def test_literal_text_is_shown_as_it_is(text: str) -> None:
    clean = re.sub("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", "\ufffd", " ".join(text.split()))
    assert plain(literal(text)) == unicodedata.normalize("NFC", clean)
    assert "{{" not in literal(text)


def test_refused_addresses_are_reported_with_their_line() -> None:
    source = "a\n\n[x](bai.md) [y](https://x.vn)\n\n![z](javascript:1)"
    assert refused_addresses(source) == ((3, "bai.md"), (5, "javascript:1"))
