"""A message's file laid out for proofreading: the passages that the public gets, each with its place in the file."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from content.message import Message, decoded, divided
from content.yaml12 import Document, Mistake, Path
from content.yaml12 import read as read_yaml

#: Stands for each character of a template's tags: it is no letter, no space, and no sign that is looked for.
MASK = "\x00"
_TAG = re.compile(r"\{([{%#])")
_TAG_ENDS = {"{": "}}", "%": "%}", "#": "#}"}
_LONG_NUMBER = re.compile(r"(?<!//)(?<!\d)(?<!\d\.)\d(?:[ .\u00a0-]{0,2}\d){5,}")
_MAILBOX = re.compile(r"[\w.+-]+@(?=[\w-]+\.)")
_NO_LINE_END = re.compile(r"[^\n]")
_SHOWN = 60  # characters


@dataclass(frozen=True)
class Passage:
    """A part of the file as it is written there, tags of templates masked."""

    name: str  # title, summary, alt, tags, link, body; for.NAME for a text of `for`
    start: int  # where it begins in the sheet's text
    text: str

    @property
    def is_prose(self) -> bool:
        """Whether it is read as sentences: all but addresses."""
        return self.name != "link"


class Sheet:
    """The whole text of a message's file, in NFC with line feeds, and its passages."""

    def __init__(self, message: Message) -> None:
        self.message = message
        self.text = decoded(message.source, message.file)
        self.masked = _masked(self.text)
        matter, _, self._body_line = divided(self.text, message.file)
        self._document = read_yaml(matter.encode(), message.file, first_line=2)
        self._matter_end = len("---\n") + len(matter)

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """In the order of the file."""
        found = [*self._of_front_matter()]
        if self.message.body:
            start = self._offset(self._body_line, 1)
            found.append(Passage("body", start, self.masked[start:].rstrip()))
        return tuple(sorted(found, key=lambda passage: passage.start))

    def mistake(self, offset: int, text: str) -> Mistake:
        """A finding at a place of the text."""
        return Mistake(self.message.file, *self.place(offset), text)

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column, both from 1, of a place of the text."""
        line = bisect_right(self._lines, offset)
        return line, offset - self._lines[line - 1] + 1

    def start_of(self, key: str) -> int:
        """Where the value of a key of the front matter begins."""
        return self._offset(*self._document.mark((key,)))

    @cached_property
    def _lines(self) -> list[int]:
        return [0, *(found.end() for found in re.finditer("\n", self.text))]

    def _offset(self, line: int, column: int) -> int:
        return self._lines[line - 1] + column - 1 if line <= len(self._lines) else len(self.text)

    def _of_front_matter(self) -> Iterator[Passage]:
        """The values that are published. Each ends where the next key begins."""
        keys = sorted(self._offset(*self._document.mark(path, key=True)) for path in _paths(self._document))
        for path in _paths(self._document):
            name = ".".join(path) if path[0] == "for" and len(path) == 2 else _PUBLISHED.get(path)
            if name is not None:
                start = self._offset(*self._document.mark(path))
                after = bisect_right(keys, start)
                end = keys[after] if after < len(keys) else self._matter_end
                yield Passage(name, start, self.masked[start:end].rstrip())


_PUBLISHED: dict[Path, str] = {
    ("title",): "title",
    ("summary",): "summary",
    ("link",): "link",
    ("tags",): "tags",
    ("image", "alt"): "alt",
}


def shown(text: str) -> str:
    """What of a text may be repeated in a finding: no mailbox, and of long numbers their last three digits."""
    hidden = _LONG_NUMBER.sub(lambda found: f"…{_digits(found[0])[-3:]}", text[: 5 * _SHOWN])
    hidden = _MAILBOX.sub("…@", hidden)
    return hidden if len(hidden) <= _SHOWN else f"{hidden[:_SHOWN]}…"


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def _paths(document: Document) -> list[tuple[str, ...]]:
    """The keys of the front matter, and those within them."""
    value = document.value
    inner = ((key, name) for key in ("image", "for") if isinstance(value.get(key), dict) for name in value[key])
    return [*((key,) for key in value), *inner]


def _masked(text: str) -> str:
    pieces: list[str] = []
    done = 0
    while (found := _TAG.search(text, done)) and (end := text.find(_TAG_ENDS[found[1]], found.end())) >= 0:
        pieces += [text[done : found.start()], _NO_LINE_END.sub(MASK, text[found.start() : end + 2])]
        done = end + 2
    return "".join([*pieces, text[done:]])
