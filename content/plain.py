"""Plain text from the HTML of a post, for those who paste it where no markup is understood."""

import re
from html.parser import HTMLParser

_BLOCKS = {"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "pre", "hr"}
_LINES = {"br", "li", "tr"}


def text_from_html(html: str) -> str:
    """Paragraphs divided by blank lines, list items as lines with `- `, links as `text (address)`."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = "".join(reader.pieces).split("\n")
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.strip() for line in lines)).strip()


class _Reader(HTMLParser):
    """Collects the visible text, with line breaks where a reader of the page sees them."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self._links: list[tuple[str, int]] = []  # address, and where its text begins
        self._verbatim = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.pieces.append("\n\n")
        elif tag in _LINES:
            self.pieces.append("\n- " if tag == "li" else "\n")
        elif tag in ("td", "th"):
            self.pieces.append(" ")
        elif tag == "a":
            self._links.append((dict(attrs).get("href") or "", len(self.pieces)))
        self._verbatim += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.pieces.append("\n\n")
        elif tag == "a" and self._links:
            address, start = self._links.pop()
            text = "".join(self.pieces[start:])
            if address and address.removeprefix("mailto:").removeprefix("tel:") != text.strip():
                self.pieces.append(f" ({address})")
        self._verbatim -= tag == "pre"

    def handle_data(self, data: str) -> None:
        self.pieces.append(data if self._verbatim > 0 else re.sub(r"\s+", " ", data))
