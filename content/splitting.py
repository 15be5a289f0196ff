"""Splits a text in Telegram's HTML subset into messages that fit, without breaking words or markup.

Length is what Telegram counts: UTF-16 code units of what is seen, after tags and entities are read
(https://core.telegram.org/bots/api#html-style).
"""

import html
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import regex

_NAMES = "tg-spoiler|tg-emoji|blockquote|strong|strike|span|code|pre|del|ins|em|b|i|u|s|a"  # longer names first
_TAG = re.compile(rf"<(/?)({_NAMES})((?:\s[^<>]*)?)>", re.IGNORECASE)
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#\d{1,7}|#x[0-9a-fA-F]{1,6});")

#: White space where a text may be cut: none that forbids it, and none that carries or is carried by a mark.
_GAP = regex.compile(
    r"(?<!\p{Grapheme_Cluster_Break=Prepend})[\s--\u00a0\u2007\u202f]+"
    r"(?![\p{Grapheme_Cluster_Break=Extend}\p{Grapheme_Cluster_Break=SpacingMark}\u200d])",
    regex.VERSION1,
)
_SENTENCE_END = regex.compile(r"[\p{Ll}\d%)\]\"”’»][.!?…]+[\"”’»)\]]*")  # no abbreviation in capitals: TP., UBND.
_GRAPHEME = regex.compile(r"\X")
_STRETCH = 64  # characters: \X looks back over a whole row of flags, which takes quadratic time in a long one
_LIST_NUMBER = regex.compile(r"\(?\d{1,3}[.)]+")

_WORD, _SENTENCE, _LINE, _PARAGRAPH = range(4)


@dataclass(frozen=True)
class _Tag:
    """An element's start, or with an empty `opening` the end of the innermost element."""

    at: int  # its place in the visible text
    opening: str = ""
    closing: str = ""


def split(text: str, limit: int) -> list[str]:
    """The text in parts of at most `limit` UTF-16 code units of visible text each, every part well-formed.

    A part ends at a paragraph, else a line, else a sentence (each only if the part is then at least half full),
    else a word; a longer word is cut between graphemes, a longer grapheme between code points. Markup that is
    open at a cut is closed there and opened again. White space at the cuts and at both ends is dropped, and so
    is a part that would be nothing else. What looks like a tag and is none of Telegram's is text; an element
    inside one of the same name is dropped, as Telegram knows no such nesting.

    Raises ValueError if `limit` is below 2 (one character may take two units) or the text holds half a
    surrogate pair.
    """
    if limit < 2:
        raise ValueError(f"a part of {limit} UTF-16 units cannot hold every character (give at least 2)")
    visible, tags = _read(text)
    marker = _Marker(visible, tags)
    return [marker.write(start, end) for start, end in _slices(visible, limit) if not visible[start:end].isspace()]


def visible_length(text: str) -> int:
    """How long Telegram finds a text in its HTML subset, in UTF-16 code units."""
    return len(_read(text)[0].encode("utf-16-le")) // 2


def _read(text: str) -> tuple[str, list[_Tag]]:
    """The visible text, and the tags in order: balanced, nested, none inside one of its own name."""
    pieces: list[str] = []
    tags: list[_Tag] = []
    open_names: list[str] = []
    depth = Counter[str]()
    length = end = 0
    for found in _TAG.finditer(text):
        pieces.append(_unescape(text[end : found.start()]))
        length += len(pieces[-1])
        end = found.end()
        name = found[2].lower()
        if not found[1]:
            open_names.append(name)
            depth[name] += 1
            if depth[name] == 1:
                tags.append(_Tag(length, found[0], f"</{found[2]}>"))
        elif depth[name]:
            tags += [_Tag(length) for _ in _close(open_names, depth, name)]
    pieces.append(_unescape(text[end:]))
    length += len(pieces[-1])
    tags += [_Tag(length) for count in depth.values() if count]
    return "".join(pieces), tags


def _close(open_names: list[str], depth: Counter[str], name: str) -> Iterator[str]:
    """Leave the innermost element of a name and all within it; gives the names that are then no longer open."""
    innermost = ""
    while innermost != name:
        innermost = open_names.pop()
        depth[innermost] -= 1
        if not depth[innermost]:
            yield innermost


def _unescape(text: str) -> str:
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text)


def _slices(text: str, limit: int) -> Iterator[tuple[int, int]]:
    """Where each part starts and ends in the visible text."""
    text = text.rstrip()
    start = _after_gap(text, 0)
    while start < len(text):
        full = _reach(text, start, limit)
        end = full if full == len(text) else _cut(text, start, full)
        yield start, end
        start = _after_gap(text, end)


def _reach(text: str, start: int, limit: int) -> int:
    """The farthest end of a part that is within the limit."""
    units = text[start : start + limit].encode("utf-16-le")[: 2 * limit]
    return start + len(units.decode("utf-16-le", "ignore"))  # ignores half a pair at the end


def _cut(text: str, start: int, full: int) -> int:
    """The best place to cut at or before `full`."""
    best: dict[int, int] = {}
    half = (start + full) // 2
    word = start
    for gap in _GAP.finditer(text, start, full + 2):  # 2: a paragraph may end just at `full`
        if gap.start() > full:
            break
        if gap.start() > start:
            best[_level(text, word, gap) if gap.start() >= half else _WORD] = gap.start()
        word = gap.end()
    return best[max(best)] if best else _cut_word(text, start, full)


def _level(text: str, word: int, gap: regex.Match[str]) -> int:
    """How good a place to cut a gap is; `word` is where the word before it starts."""
    lines = gap[0].count("\n")
    if lines:
        return _PARAGRAPH if lines > 1 else _LINE
    tail = max(word, gap.start() - 16)  # enough for every sentence's end; a word may be a megabyte
    ends = any(found.end() == gap.start() for found in _SENTENCE_END.finditer(text, tail, gap.start()))
    return _SENTENCE if ends and not _LIST_NUMBER.fullmatch(text, tail, gap.start()) else _WORD


def _cut_word(text: str, start: int, full: int) -> int:
    """The last end of a grapheme at or before `full`; `full` itself inside one that is longer than a part."""
    end, width = start, _STRETCH
    while True:
        # The last grapheme of a stretch may go on behind it, so that only the ends before it are certain.
        ends = [end + found.end() for found in _GRAPHEME.finditer(text[end : end + width])][:-1]
        certain = [place for place in ends if place <= full]
        if certain:
            end, width = certain[-1], _STRETCH
        elif end + width > full:
            return end if end > start else full
        else:
            width *= 2


def _after_gap(text: str, at: int) -> int:
    gap = _GAP.match(text, at)
    return gap.end() if gap else at


class _Marker:
    """Writes slices of the visible text as HTML again, from left to right."""

    def __init__(self, text: str, tags: list[_Tag]) -> None:
        self._text = text
        self._tags = tags
        self._next = 0
        self._open: list[_Tag] = []

    def write(self, start: int, end: int) -> str:
        """The slice, with what is open at its start opened again and what is open at its end closed."""
        while self._next < len(self._tags) and self._tags[self._next].at <= start:
            self._pass()
        pieces = [tag.opening for tag in self._open]
        at = start
        while self._next < len(self._tags) and self._tags[self._next].at < end:
            tag = self._tags[self._next]
            pieces += [html.escape(self._text[at : tag.at], quote=False), self._pass()]
            at = tag.at
        pieces.append(html.escape(self._text[at:end], quote=False))
        return "".join(pieces + [tag.closing for tag in reversed(self._open)])

    def _pass(self) -> str:
        """Step over the next tag; gives what it writes."""
        tag = self._tags[self._next]
        self._next += 1
        if tag.opening:
            self._open.append(tag)
            return tag.opening
        return self._open.pop().closing
