"""A Markdown text as a flat list of blocks of styled runs, for the formats that have no nested boxes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from markdown_it.token import Token

from content.markdown import plain

Kind = Literal["paragraph", "heading", "row", "code", "rule"]


@dataclass(frozen=True)
class Run:
    """A piece of text in one style. A line feed in it is a line break that the author asked for."""

    text: str
    bold: bool = False
    italic: bool = False
    struck: bool = False
    code: bool = False
    address: str | None = None  # of the link, or the image, that it belongs to


@dataclass(frozen=True)
class Block:
    """One paragraph, heading, table row, piece of code or rule."""

    kind: Kind
    cells: tuple[tuple[Run, ...], ...]  # one, but for rows
    depth: int = 0  # of the list that it stands in: 0 for none
    markers: tuple[int | None, ...] = ()  # of the list items that begin here: their number, None for a bullet
    quote: int = 0  # which outermost quote it stands in, from 1; 0 for none
    group: int = 0  # which outermost list or table it stands in, from 1; 0 for none
    tight: bool = False  # in its group it follows without a blank line


class _Place:
    """Where in the lists, quotes and tables the reading of the tokens has come to."""

    def __init__(self) -> None:
        self.numbers: list[int | None] = []  # of the next item of each open list
        self.markers: tuple[int | None, ...] = ()  # of items whose first block is still to come
        self.quotes = self.quote = 0
        self.tables = self.group = 0
        self.row: list[tuple[Run, ...]] | None = None
        self.heading = self.hidden = False

    def enter(self, token: Token) -> None:
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                self._group()
                self.numbers.append(int(token.attrs.get("start", 1)) if token.tag == "ol" else None)
            case "list_item_open":
                number = self.numbers[-1]
                self.markers += (number,)
                self.numbers[-1] = None if number is None else number + 1
            case "blockquote_open":
                self.quote += self.quotes == 0
                self.quotes += 1
            case "table_open":
                self._group()
                self.tables += 1
            case "tr_open":
                self.row = []
            case "heading_open":
                self.heading = True
            case "paragraph_open":
                self.hidden = token.hidden

    def _group(self) -> None:
        if not self.numbers and not self.tables:
            self.group += 1

    def leave(self, token: Token) -> Iterator[Block]:
        match token.type:
            case "bullet_list_close" | "ordered_list_close":
                self.numbers.pop()
            case "list_item_close" if self.markers:
                yield self.block("paragraph", ())  # an empty item is an item
            case "blockquote_close":
                self.quotes -= 1
            case "table_close":
                self.tables -= 1
            case "tr_close":
                yield self.block("row", *(self.row or ()))
                self.row = None
            case "heading_close":
                self.heading = False

    def block(self, kind: Kind, *cells: tuple[Run, ...]) -> Block:
        markers, self.markers = self.markers, ()
        return Block(
            kind,
            cells,
            depth=len(self.numbers),
            markers=markers,
            quote=self.quote if self.quotes else 0,
            group=self.group if self.numbers or self.tables else 0,
            tight=bool(self.tables) or self.hidden,
        )


def blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    """The blocks of the tokens that `content.markdown.read` gives, in the order in which they are read."""
    place = _Place()
    for token in tokens:
        if token.nesting == 1:
            place.enter(token)
        elif token.nesting == -1:
            yield from place.leave(token)
        elif token.type == "inline":
            runs = tuple(_runs(token.children or ()))
            if place.row is not None:
                place.row.append(runs)
            else:
                yield place.block("heading" if place.heading else "paragraph", runs)
        elif token.type == "hr":
            yield place.block("rule", ())
        else:
            yield place.block("code", (Run(token.content.rstrip("\n"), code=True),))


def _runs(tokens: Sequence[Token]) -> Iterator[Run]:
    style = Run("")
    for token in tokens:
        begins = token.nesting == 1
        match token.type:
            case "strong_open" | "strong_close":
                style = replace(style, bold=begins)
            case "em_open" | "em_close":
                style = replace(style, italic=begins)
            case "s_open" | "s_close":
                style = replace(style, struck=begins)
            case "link_open" | "link_close":
                style = replace(style, address=str(token.attrGet("href")) if begins else None)
            case "hardbreak":
                yield replace(style, text="\n")
            case "softbreak":
                yield replace(style, text=" ")
            case "code_inline":
                yield replace(style, text=token.content, code=True)
            case "image":
                yield _image(token, style)
            case _:
                yield replace(style, text=token.content)


def _image(token: Token, style: Run) -> Run:
    """The alternative text as a link; without one an image is an ornament, unless it carries a link."""
    address = style.address or str(token.attrGet("src"))
    return replace(style, text=plain(token.children or ()) or style.address or "", address=address)
