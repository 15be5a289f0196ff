"""Reads the HTML that a bot sends, as Telegram does: what is seen, its length, and what is no HTML of Telegram's.

The mistakes are worded as the Bot API's own (https://core.telegram.org/bots/api#html-style).
"""

import re
from dataclasses import dataclass
from html import escape, unescape

_NAMES = {
    "a", "b", "blockquote", "code", "del", "em", "i", "ins", "pre", "s", "span", "strike", "strong", "tg-emoji",
    "tg-spoiler", "u",
}  # fmt: skip
_TAG = re.compile(r"<(/?)([^\s<>/]*)([^<>]*)>|<")
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")
_ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*("[^"]*"|'[^']*'|[^\s"']+)""")
_LINK = re.compile(r"(?:https?://|tg://|mailto:|tel:)", re.IGNORECASE)


@dataclass(frozen=True)
class Text:
    """A text that was understood."""

    seen: str
    html: str  # for a page: nothing but plain tags, and links with good addresses

    @property
    def length(self) -> int:
        """In UTF-16 code units, as Telegram counts."""
        return len(self.seen.encode("utf-16-le", "surrogatepass")) // 2


def read(text: str, parse_mode: str) -> Text:
    """The text as it is seen. ValueError is the description that the Bot API gives of what is wrong."""
    if not parse_mode:
        return Text(text.strip(), escape(text.strip()))
    if parse_mode.lower() != "html":
        raise ValueError("unsupported parse_mode")
    reader = _Reader(text)
    return Text("".join(reader.seen).strip(), "".join(reader.html).strip())


class _Reader:
    """One pass over a text."""

    def __init__(self, text: str) -> None:
        self.seen: list[str] = []
        self.html: list[str] = []
        self._open: list[tuple[str, str]] = []  # the name, and what closes it on a page
        end = 0
        for found in _TAG.finditer(text):
            self._letters(text[end : found.start()])
            self._tag(found, f"at byte offset {len(text[: found.start()].encode())}")
            end = found.end()
        self._letters(text[end:])
        if self._open:
            raise _mistake(f'Can\'t find end tag corresponding to start tag "{self._open[-1][0]}"')

    def _letters(self, text: str) -> None:
        seen = _ENTITY.sub(lambda found: unescape(found[0]), text)
        self.seen.append(seen)
        self.html.append(escape(seen))

    def _tag(self, found: re.Match[str], place: str) -> None:
        name = (found[2] or "").lower()
        if found[1]:
            self._end(name, place)
            return
        if name not in _NAMES:
            raise _mistake(f'Unsupported start tag "{name}" {place}')
        attributes = {key.lower(): unescape(value.strip("\"'")) for key, value in _ATTRIBUTE.findall(found[3])}
        if name == "span" and attributes.get("class") != "tg-spoiler":
            raise _mistake(f'Tag "span" must have class "tg-spoiler" {place}')
        opening, closing = _on_page(name, attributes)
        self._open.append((name, closing))
        self.html.append(opening)

    def _end(self, name: str, place: str) -> None:
        if not self._open:
            raise _mistake(f"Unexpected end tag {place}")
        expected, closing = self._open.pop()
        if name not in ("", expected):
            raise _mistake(f'Unmatched end tag {place}, expected "</{expected}>", found "</{name}>"')
        self.html.append(closing)


def _on_page(name: str, attributes: dict[str, str]) -> tuple[str, str]:
    if name == "a":
        address = attributes.get("href", "")
        return (f'<a href="{escape(address)}">', "</a>") if _LINK.match(address) else ("", "")
    if name in ("span", "tg-spoiler"):
        return '<span class="spoiler">', "</span>"
    return ("", "") if name == "tg-emoji" else (f"<{name}>", f"</{name}>")


def _mistake(text: str) -> ValueError:
    return ValueError(f"can't parse entities: {text}")
