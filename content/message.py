"""A message as its author writes it: one file of front matter and Markdown.

It is read whole, or refused with every mistake in it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, tzinfo
from typing import Any

from content.characters import HIDING, hiding, normal
from content.front_matter import FrontMatter, Image, Moment
from content.post import Priority
from content.validation import validate
from content.yaml12 import Document, Mistake, Mistakes
from content.yaml12 import read as read_yaml

LARGEST = 1024 * 1024  # bytes
_BEGIN = "(begin the file with the lines `---`, `title: …` and `---`, and write the text below them)"


@dataclass(frozen=True)
class Text:
    """A template, and the line of the message's file on which it begins."""

    text: str
    line: int


@dataclass(frozen=True)
class Message:
    """What a message's file says. All text is NFC with line feeds; `source` is the file as it is."""

    file: str
    title: str
    body: str
    body_line: int
    source: bytes = field(repr=False)
    summary: str | None = None
    author: str | None = None
    date: Moment | None = None
    link: str | None = None
    image: Image | None = None
    tags: tuple[str, ...] = ()
    lang: str = "vi"
    expires: Moment | None = None
    priority: Priority = Priority.NORMAL
    own: Mapping[str, Text] = field(default_factory=dict)  # by kind or channel: `for`

    @property
    def sha256(self) -> str:
        """Of the file's bytes, as lower-case hex."""
        return hashlib.sha256(self.source).hexdigest()

    @property
    def texts(self) -> tuple[Text, ...]:
        """The body and every text of `for`: all that must be a good template."""
        return (Text(self.body, self.body_line), *self.own.values())

    def template_for(self, kind: str, channel: str) -> Text:
        """The channel's own text, else its kind's, else the body."""
        return self.own.get(channel) or self.own.get(kind) or Text(self.body, self.body_line)

    def text_for(self, kind: str, channel: str) -> str:
        """The text of `template_for`."""
        return self.template_for(kind, channel).text

    def dated(self, zone: tzinfo) -> datetime | None:
        """Its `date` as an instant: the beginning of the day where it has no time."""
        return None if self.date is None else _instant(self.date, zone, time.min)

    def expired(self, now: datetime, zone: tzinfo) -> bool:
        """Whether `expires` is over; a day without a time is over when it ends."""
        return self.expires is not None and now > _instant(self.expires, zone, time.max)


def parse(data: bytes, file: str) -> Message:
    """The message in a file's bytes; `file` names it in mistakes. Raises Mistakes with all of them."""
    text = decoded(data, file)
    matter, body, body_line = divided(text, file)
    document = read_yaml(matter.encode(), file, first_line=2)
    mistakes: list[Mistake] = []
    valid = None
    try:
        valid = validate(FrontMatter, document)
    except Mistakes as found:
        mistakes.extend(found.mistakes)
    if not body and not (isinstance(document.value, dict) and "for" in document.value):
        mistakes.append(Mistake(file, body_line, 1, "the text is missing (write it below the front matter)"))
    if sign := HIDING.search(body):
        line, start = body.count("\n", 0, sign.start()), body.rfind("\n", 0, sign.start())
        mistakes.append(Mistake(file, body_line + line, sign.start() - start, hiding(sign[0])))
    if valid is None or mistakes:
        raise Mistakes(mistakes)
    fields: dict[str, Any] = {name: getattr(valid, name) for name in FrontMatter.model_fields if name != "texts"}
    lines = text.split("\n")
    own = {name: Text(own, _first_line(document, name, lines)) for name, own in valid.texts.items()}
    return Message(file=file, body=body, body_line=body_line, source=data, own=own, **fields)


def decoded(data: bytes, file: str) -> str:
    """A file's text in NFC, with line feeds as line ends: all lines and columns are counted in it. Raises Mistakes."""
    if len(data) > LARGEST:
        raise Mistakes([Mistake(file, 1, 1, "this message is larger than 1 MiB (shorten or divide it)")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        good = data[: error.start].decode("utf-8-sig")
        line, column = good.count("\n") + 1, len(good) - good.rfind("\n")
        raise Mistakes([Mistake(file, line, column, "this is not UTF-8 (save the file with that encoding)")]) from None
    return normal(text.replace("\r\n", "\n").replace("\r", "\n"))


def divided(text: str, file: str) -> tuple[str, str, int]:
    """The front matter, the body without blank lines around it, and the line on which the body begins."""
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        raise Mistakes([Mistake(file, 1, 1, f"the front matter is missing {_BEGIN}")])
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        raise Mistakes([Mistake(file, 1, 1, "the front matter has no end (write a line `---` below it)")])
    start = next((number for number, line in enumerate(lines[end + 1 :], end + 1) if line.strip()), end + 1)
    return "\n".join([*lines[1:end], ""]), "\n".join(lines[start:]).rstrip(), start + 1


def _first_line(document: Document, name: str, lines: list[str]) -> int:
    """The line on which a text of `for` begins: below the mark of a block, else where its value stands."""
    line, column = document.mark(("for", name))
    return line + 1 if lines[line - 1][column - 1 : column] in ("|", ">") else line


def _instant(moment: Moment, zone: tzinfo, clock: time) -> datetime:
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, clock)
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
