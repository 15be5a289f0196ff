"""What of a Markdown text a format cannot say: links, tables and pictures, each with its line."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from markdown_it.token import Token

from content import markdown
from content.post import Format
from content.words import say


@dataclass(frozen=True)
class Loss:
    """Something that is not as its author wrote it; the sentence says what becomes of it."""

    line: int  # of the text, from 1
    sentence: str


def losses(text: str, format: Format) -> Iterator[Loss]:
    """What becomes of those parts of a text that the format has no form for, in order."""
    for token in markdown.read(text):
        line = token.map[0] + 1 if token.map else 1
        if token.type == "table_open" and format is not Format.HTML:
            yield Loss(line, _table(format))
        for place, child in enumerate(token.children or ()):
            sentence = _inline(child, (token.children or ())[place + 1 :], format)
            if sentence:
                yield Loss(line, sentence)


def _table(format: Format) -> str:
    if format is Format.SPOKEN:
        return say("the table is read row by row")
    return say("the table becomes lines of text")


def _inline(token: Token, behind: Sequence[Token], format: Format) -> str:
    address = str(token.attrGet("href") or token.attrGet("src") or "")
    match token.type, format:
        case "image", Format.TELEGRAM | Format.PLAIN:
            return say("the picture {address} becomes a link with its description", address=address)
        case "image", Format.SPOKEN:
            return say("the picture {address} is not seen; its description is read", address=address)
        case "link_open", Format.SPOKEN:
            return _spoken(address, "".join(_until_closed(behind)))
    return ""


def _until_closed(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "link_close":
            return
        yield token.content


def _spoken(address: str, shown: str) -> str:
    host = urlsplit(address).hostname or ""
    if host and re.search(re.escape(host), shown, re.IGNORECASE):
        return say("of the address {address} only {host} is read", address=address, host=host)
    return say("the address {address} is not read, only its words: {words}", address=address, words=shown)
