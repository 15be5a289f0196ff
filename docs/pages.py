"""One Markdown file as a page: its headings, its links with their lines, and its HTML once the links are settled."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from docs.site import address_of

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


@dataclass(frozen=True)
class Heading:
    """A heading, and the anchor by which links lead to it."""

    level: int
    text: str
    anchor: str
    html: str


@dataclass(frozen=True)
class Link:
    """Where a link leads, as it is written, and on which line."""

    target: str
    line: int
    token: Token

    @property
    def is_external(self) -> bool:
        """Whether it leads to another site."""
        return re.match(r"[a-z]+:", self.target) is not None


def anchor_of(heading: str) -> str:
    """The name that a heading gets as a link's target; as GitHub makes it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


class Page:
    """A page of the site. `source` need not be there as a file, if `text` is given."""

    def __init__(self, name: str, language: str, source: Path, text: str | None = None) -> None:
        self.name = name
        self.language = language
        self.source = source
        self.is_made = text is not None
        self._tokens = _MARKDOWN.parse(_without_comments(source.read_text(encoding="utf-8") if text is None else text))
        _label_cells(self._tokens)
        self.headings = list(_headings(self._tokens))
        self.links = list(_links(self._tokens))

    @property
    def address(self) -> str:
        """Its file in the site."""
        return address_of(self.source)

    @property
    def title(self) -> str:
        """Its first heading."""
        return self.headings[0].text

    @property
    def anchors(self) -> set[str]:
        """All that a link may name behind `#`."""
        return {heading.anchor for heading in self.headings}

    def settle(self, leads_to: Callable[[Link], str]) -> None:
        """Let each link lead to where the site has what it means."""
        for link in self.links:
            link.token.attrSet("src" if link.token.type == "image" else "href", leads_to(link))

    def html(self) -> str:
        """What stands on the page."""
        rendered: str = _MARKDOWN.renderer.render(list(_with_captions(self._tokens)), _MARKDOWN.options, {})
        return rendered.replace("<table", '<div class="scroll"><table').replace("</table>", "</table></div>")


def _without_comments(text: str) -> str:
    """Comments taken out, and all lines where they were."""
    return _COMMENT.sub(lambda found: "\n" * found[0].count("\n"), text)


def _headings(tokens: list[Token]) -> Iterator[Heading]:
    seen: dict[str, int] = {}
    for opening, inline in pairwise(tokens):
        if opening.type == "heading_open":
            base = anchor_of(inline.content)
            number = seen[base] = seen.get(base, -1) + 1
            anchor = f"{base}-{number}" if number else base
            opening.attrSet("id", anchor)
            html = _MARKDOWN.renderer.render([inline], _MARKDOWN.options, {})
            yield Heading(int(opening.tag[1:]), re.sub(r"[`*]", "", inline.content), anchor, html)


def _label_cells(tokens: list[Token]) -> None:
    """Tell each cell of a table its column's heading: on a phone there is no room for a row of them."""
    heads: list[str] = []
    column = 0
    for opening, inline in pairwise(tokens):
        if opening.type == "table_open":
            heads = []
        elif opening.type == "tr_open":
            column = 0
        elif opening.type == "th_open":
            heads.append(re.sub(r"[`*]", "", inline.content))
        elif opening.type == "td_open":
            opening.attrSet("data-head", heads[column])
            column += 1


def _links(tokens: list[Token]) -> Iterator[Link]:
    for block in tokens:
        line = block.map[0] + 1 if block.map else 0
        for token in block.children or ():
            if token.type in ("softbreak", "hardbreak"):
                line += 1
            elif token.type in ("link_open", "image"):
                target = token.attrGet("src" if token.type == "image" else "href")
                yield Link(str(target), line, token)


def _with_captions(tokens: list[Token]) -> Iterator[Token]:
    """Above a block of code that is a file, the file's name."""
    for token in tokens:
        if token.type == "fence" and (name := token.info.partition(" ")[2]):
            caption = Token("html_block", "", 0)
            caption.content = f'<p class="file">{escape(name)}</p>\n'
            yield caption
        yield token
