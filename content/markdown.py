"""Markdown read once for all formats: CommonMark with tables and strikethrough, raw HTML being plain text.

What arrives may be hostile, so the reading is bounded, and nothing is lost where a bound is met: it stays in
the text as it was typed. Addresses other than http, https, mailto and tel are no links: their text stays.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from content.characters import normal

_DEPTH = 20  # levels of nested lists and quotes
_LONGEST = 128 * 1024  # characters; longer texts are not read as Markdown
_BRACKETS = 5_000  # in one text; the search for the end of a link is slow in nested ones
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")  # word processors leave some of these behind
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
_CELL_END = re.compile(r"(?<!\\)\|")
_LANGUAGE = re.compile(r"[A-Za-z0-9+#._-]*")  # of a piece of code
_EMPHASIS = ("em", "strong", "s")


def normalise(text: str) -> str:
    """NFC, with line feeds as line ends, and U+FFFD for what is no character of a text."""
    return normal(_CONTROLS.sub("\ufffd", _LINE_ENDS.sub("\n", text)))


def read(markdown: str) -> list[Token]:
    """The flat list of block tokens; `children` of inline tokens hold only what may be published.

    In `children`, tags of emphasis are never nested in their own kind, and links have good addresses.
    """
    text = normalise(markdown)
    reader = _LITERAL if len(text) > _LONGEST or text.count("[") > _BRACKETS else _MARKDOWN
    tokens = reader.parse(text)
    for token in tokens:
        if token.children is not None:
            token.children = list(_safe(token.children))
        elif token.type == "fence" and not (token.content and _LANGUAGE.fullmatch(token.info)):
            token.content = f"{token.info}\n{token.content}".strip("\n") + "\n"  # more than the name of a language
    return tokens


def literal(text: str) -> str:
    """Markdown, and a template, that says exactly this text, in one paragraph: for text that is not an author's."""
    return _PUNCTUATION.sub(r"\\\1", " ".join(text.split()))


def html(tokens: Sequence[Token]) -> str:
    """The tokens as HTML; not yet sanitised."""
    return str(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))


def refused_addresses(markdown: str) -> tuple[tuple[int, str], ...]:
    """The addresses of links and images that will not be links, each with the line (from 1) of its paragraph."""
    found: list[tuple[int, str]] = []
    for token in _MARKDOWN.parse(normalise(markdown)[:_LONGEST]):
        line = token.map[0] + 1 if token.map else 1
        for child in token.children or ():
            address = child.attrGet("href" if child.type == "link_open" else "src")
            if address is not None and not is_good_address(str(address)):
                found.append((line, str(address)))
    return tuple(found)


def is_good_address(address: str) -> bool:
    """Whether it is a whole http, https, mailto or tel address."""
    try:
        parts = urlsplit(address)
        if parts.scheme in ("mailto", "tel"):
            return bool(parts.path)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def plain(tokens: Sequence[Token]) -> str:
    """The text of inline tokens without any mark: what the alternative text of an image says."""
    return "".join(
        plain(token.children or ())
        if token.type == "image"
        else "\n"
        if token.type.endswith("break")
        else token.content
        for token in tokens
    )


def _safe(tokens: Sequence[Token]) -> Iterator[Token]:
    """The tokens without refused links and images, and without emphasis inside the same emphasis."""
    open_tags: Counter[str] = Counter()
    address = ""
    for index, token in enumerate(tokens):
        if token.type == "link_open":
            address = str(token.attrGet("href"))
            if is_good_address(address):
                yield token
            if tokens[index + 1].type == "link_close":
                yield Token("text", "", 0, content=address)  # a link without a text shows where it leads
        elif token.type == "link_close":
            if is_good_address(address):
                yield token
        elif token.tag in _EMPHASIS:
            open_tags[token.tag] += token.nesting
            if open_tags[token.tag] == (1 if token.nesting == 1 else 0):
                yield token
        elif token.type == "image" and not _is_web_address(str(token.attrGet("src"))):
            yield Token("text", "", 0, content=plain(token.children or ()))
        else:
            yield token


def _is_web_address(address: str) -> bool:
    return is_good_address(address) and not address.lower().startswith(("mailto:", "tel:"))


def _take_as_text(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Block rule: below the deepest level the rest of the container is one paragraph of text."""
    if state.level < _DEPTH or silent:
        return False
    stop = start + 1
    while stop < end and (state.isEmpty(stop) or state.sCount[stop] >= state.blkIndent):
        stop += 1
    state.line = stop
    state.push("paragraph_open", "p", 1).map = [start, stop]
    inline = state.push("inline", "", 0)
    inline.map, inline.content, inline.children = [start, stop], state.getLines(start, stop, 0, False).strip(), []
    state.push("paragraph_close", "p", -1)
    return True


def _whole_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Block rule: a table, unless a row has more cells than the head: they would be lost, so it stays text."""
    before = len(state.tokens)
    if not table(state, start, end, silent):
        return False
    lines = [_cells(state, line) for line in range(start, min(state.line, end))] if not silent else [0]
    if max(lines) <= lines[0]:
        return True
    del state.tokens[before:]
    state.line = start
    return False


def _cells(state: StateBlock, line: int) -> int:
    text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]].strip()
    return len(_CELL_END.findall(text.removeprefix("|"))) + (not text.endswith("|") or text.endswith("\\|"))


def _keep_as_text(state: StateCore) -> None:
    """Core rule in place of the inline rules: the text of a paragraph is one token."""
    for token in state.tokens:
        if token.type == "inline":
            token.children = [Token("text", "", 0, content=token.content)]


def _is_any_link(url: str) -> bool:  # noqa: ARG001
    """All are read as links, so that refused ones can become their text."""
    return True


def _reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False, "maxNesting": _DEPTH + 10})
    reader.enable(["table", "strikethrough"])
    reader.block.ruler.at("table", _whole_table, {"alt": ["paragraph", "reference"]})
    reader.block.ruler.before("table", "depth", _take_as_text)
    reader.validateLink = _is_any_link  # type: ignore[method-assign]
    return reader


def _literal_reader() -> MarkdownIt:
    reader = _reader()
    reader.block.ruler.enableOnly(["paragraph"])
    reader.core.ruler.at("inline", _keep_as_text)
    return reader


_MARKDOWN = _reader()
_LITERAL = _literal_reader()
