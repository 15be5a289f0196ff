"""Texts for Telegram are split so that nothing is lost, nothing is torn and everything fits."""

import time
from html import escape
from html.parser import HTMLParser

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from content.markup import shape
from content.post import Format
from content.splitting import split, visible_length
from sandbox.telegram_text import read

FAMILY = "👨‍👩‍👧‍👦"  # 11 UTF-16 units
FLAG = "🇻🇳"
NFD = "e\u0302\u0301"  # ế in three code points
TAGS = {
    name: f"<{name}>"
    for name in ("b", "strong", "i", "em", "u", "s", "code", "pre", "blockquote", "tg-spoiler")
} | {"a": '<a href="https://a.vn/?x=1&amp;y=2">', "span": '<span class="tg-spoiler">'}  # fmt: skip


class Reader(HTMLParser):
    """What is seen, letter by letter with the marks that it carries; fails on markup that is not well-formed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[tuple[str, str]] = []
        self.letters: list[tuple[str, frozenset[tuple[str, str]]]] = []
        self.feed(html)
        self.close()
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append((tag, str(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        self.letters += [(letter, frozenset(self.open)) for letter in data]

    @property
    def text(self) -> str:
        return "".join(letter for letter, _ in self.letters)


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def marked(html: str) -> list[tuple[str, frozenset[tuple[str, str]]]]:
    return [pair for pair in Reader(html).letters if not pair[0].isspace()]


def graphemes(text: str) -> list[str]:
    return [found.strip() for found in regex.findall(r"\X", text) if not found.isspace()]


WORDS = st.sampled_from(["Sóng", "và", "máy.", "tính", "a<b", "&amp;", '"em"', "TP.", "1.", FAMILY, FLAG * 3, "x" * 30])
LETTERS = st.sampled_from(
    [*"ab .\n&<", NFD, FAMILY, FLAG, FLAG[0], "😀", "\u00a0", "\u200d", "\u0301", "\u0600", "\r\n"]
)
GAPS = st.sampled_from([" ", " ", "  ", "\n", "\n\n", " \n \n "])


def marked_up(texts: st.SearchStrategy[str], names: tuple[str, ...] = tuple(TAGS)) -> st.SearchStrategy[str]:
    """Well-formed HTML: the texts with elements around them, none inside another of its name."""
    pieces = texts.map(lambda text: escape(text, quote=False))
    if len(names) < 9:  # three levels are enough
        return pieces
    inner = st.sampled_from(names).flatmap(
        lambda name: marked_up(texts, tuple(other for other in names if other != name)).map(
            lambda inside: f"{TAGS[name]}{inside}</{name}>"
        )
    )
    return st.lists(pieces | inner, max_size=5).map("".join)


ANY = marked_up(st.lists(LETTERS | WORDS, max_size=12).map("".join))
PROSE = marked_up(st.lists(st.tuples(WORDS, GAPS).map("".join), max_size=12).map("".join))


@given(ANY, st.integers(2, 60))
def test_every_part_fits_is_well_formed_and_holds_something(html: str, limit: int) -> None:
    for part in split(html, limit):
        text = Reader(part).text
        assert 0 < units(text) <= limit
        assert not text.isspace()
        assert visible_length(part) == units(text)


@given(ANY, st.integers(2, 60))
def test_nothing_is_lost_but_white_space_and_every_letter_keeps_its_marks(html: str, limit: int) -> None:
    assert [pair for part in split(html, limit) for pair in marked(part)] == marked(html)


@given(ANY, st.integers(12, 60))
def test_no_grapheme_is_torn(html: str, limit: int) -> None:
    text = Reader(html).text
    parts = [Reader(part).text for part in split(html, limit)]
    if all(units(grapheme) <= limit for grapheme in graphemes(text)):
        assert [grapheme for part in parts for grapheme in graphemes(part)] == graphemes(text)


@given(PROSE, st.integers(2, 120))
def test_no_word_is_torn_that_fits(html: str, limit: int) -> None:
    text = Reader(html).text
    parts = [Reader(part).text for part in split(html, limit)]
    if all(units(word) <= limit for word in text.split()):
        assert [word for part in parts for word in part.split()] == text.split()


@given(st.text(max_size=300), st.integers(2, 100))
def test_telegram_takes_every_part_of_what_markdown_became(markdown: str, limit: int) -> None:
    for part in split(shape(markdown, Format.TELEGRAM), limit):
        assert 0 < read(part, "HTML").length <= limit


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("Một hai ba.\n\nBốn.\nNăm sáu.", 20, ["Một hai ba.", "Bốn.\nNăm sáu."]),
        ("Một hai ba.\nBốn năm. Sáu bảy.", 22, ["Một hai ba.", "Bốn năm. Sáu bảy."]),
        ("Một hai ba. Bốn năm sáu bảy.", 22, ["Một hai ba.", "Bốn năm sáu bảy."]),
        ("Một hai ba bốn năm", 12, ["Một hai ba", "bốn năm"]),
        ("a.\n\nMột hai ba bốn năm sáu", 16, ["a.\n\nMột hai ba", "bốn năm sáu"]),  # not a part of one letter
        ("Gặp ở Ủy ban TP. Gia Nghĩa", 22, ["Gặp ở Ủy ban TP. Gia", "Nghĩa"]),  # TP. ends no sentence
        ("Việc cần làm ngay:\n\n1. Đăng ký máy", 25, ["Việc cần làm ngay:", "1. Đăng ký máy"]),
        ("Khoảng mười 1. một hai ba", 18, ["Khoảng mười 1. một", "hai ba"]),
        ("“Xong rồi!” Bà con cùng vui mừng", 20, ["“Xong rồi!”", "Bà con cùng vui mừng"]),
        ("10\u00a0km đường", 8, ["10\u00a0km", "đường"]),
        ("dài 10\u00a0km", 8, ["dài", "10\u00a0km"]),  # no cut at a space that forbids it
        ("x" * 25, 10, ["x" * 10, "x" * 10, "x" * 5]),
        ("a " + "x" * 12, 10, ["a", "x" * 10, "x" * 2]),
        ("x" * 10 + " y", 10, ["x" * 10, "y"]),
        ("b\n" + "x" * 10, 10, ["b", "x" * 10]),  # rather a short part than a torn word
        ("  \n hai đầu \n ", 50, ["hai đầu"]),
        (" \n ", 50, []),
        ("", 50, []),
    ],
)
def test_cuts_are_where_a_reader_would_make_them(text: str, limit: int, parts: list[str]) -> None:
    assert split(text, limit) == parts


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        (FAMILY * 3, 25, [FAMILY * 2, FAMILY]),
        (FLAG * 3, 9, [FLAG * 2, FLAG]),
        (NFD * 3, 4, [NFD] * 3),
        ("😀" * 3, 3, ["😀"] * 3),  # never half of a surrogate pair
        ("a" + "\u0301" * 5, 4, ["a\u0301\u0301\u0301", "\u0301\u0301"]),  # longer than a part: by code points
        ("ab \u0301c", 3, ["ab", " \u0301c"]),  # this space carries a mark
    ],
)
def test_graphemes_stay_whole_while_they_fit(text: str, limit: int, parts: list[str]) -> None:
    assert split(text, limit) == parts


@pytest.mark.parametrize(
    ("html", "limit", "parts"),
    [
        ("<b>một <i>hai</i> ba</b>", 7, ["<b>một <i>hai</i></b>", "<b>ba</b>"]),
        ("<b>một <i>hai ba</i></b>", 7, ["<b>một <i>hai</i></b>", "<b><i>ba</i></b>"]),
        (
            '<a href="https://a.vn/?x=1&amp;y=2">một hai</a>',
            3,
            [f'<a href="https://a.vn/?x=1&amp;y=2">{word}</a>' for word in ("một", "hai")],
        ),
        ('<span class="tg-spoiler">a b</span>', 1 + 1, [f'<span class="tg-spoiler">{x}</span>' for x in "ab"]),
        ("<b>một </b><i>hai</i>", 3, ["<b>một</b>", "<i>hai</i>"]),
        ("&lt;&lt;&amp;&amp;&quot;&#233;", 2, ["&lt;&lt;", "&amp;&amp;", '"é']),
        ("a <c> & b", 50, ["a &lt;c&gt; &amp; b"]),  # no tag of Telegram's
        ("<b>a<b>b</b>c</b>d", 50, ["<b>abc</b>d"]),
        ("<b>a<i>b</b>c</i></u>", 50, ["<b>a<i>b</i></b>c"]),
        ("<b>a<i>b", 50, ["<b>a<i>b</i></b>"]),
        ("<B>a</B>", 50, ["<B>a</B>"]),
    ],
)
def test_markup_is_closed_at_a_cut_and_opened_again(html: str, limit: int, parts: list[str]) -> None:
    assert split(html, limit) == parts


def test_a_part_must_have_room_for_any_character() -> None:
    with pytest.raises(ValueError, match="at least 2"):
        split("a", 1)


@pytest.mark.parametrize(
    "piece",
    [
        *("Chữ <b>và</b> câu. ", "x", " ", "a\n", "<b>x", "<b>x</b>", "</b>", "<", "<a ", "&", "a.", FLAG, "😀"),
        *("a\u0301", "\u0301", " \u0301", "\u0600 ", "👨\u200d", "\u00a0", "x" * 5000 + " " * 5000),
    ],
)
def test_hostile_texts_take_linear_time(piece: str) -> None:
    started = time.process_time()
    split(piece * (300_000 // len(piece)), 4096)
    assert time.process_time() - started < 2.5  # seconds; quadratic time would be minutes
