"""The text of a cell, and the message file that says exactly it: what is Markdown or a template stays text."""

import re
import unicodedata

from content.characters import normal
from content.template_language import MARKS
from content.vietnamese import fold
from content.yaml_scalars import resolve

_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff\u00ad\ud800-\udfff\ufffe\uffff]"
)
_BREAKS = re.compile("_x000[dD]_\n?|\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]+")
_INLINE = re.compile(r"[\\`*\[\]<{~]|(?<=\{)[%#]|(?<![^\W_])_|_(?![^\W_])|&(?=#?\w+;)")
_BEGINNING = re.compile(r"(#{1,6}(?=\s|$)|>|[-+](?=\s|$)|(?:-\s*){3,}$|=+$)")
_NUMBERED = re.compile(r"(\d{1,9})([.)])(?=\s|$)")
_PLAIN = re.compile(r"[A-Za-z0-9](?:[\w./-]*[\w/-])?", re.ASCII)
_TITLE_LENGTH = 80  # characters of a title made of a text's first words
_STEM_LENGTH = 60

LONGEST_TITLE = 300
LONGEST_TEXT = 40_000  # characters; with every one of them escaped it still is read as Markdown


def cleaned(value: object) -> str:
    """A cell's text as NFC, without what nobody sees; no space at the ends of its lines, and no empty lines around."""
    text = _BREAKS.sub("\n", normal(str(value)))
    lines = [_SPACES.sub(" ", line).strip() for line in _INVISIBLE.sub("", text).split("\n")]
    return "\n".join(lines).strip()


def title_of(text: str) -> str:
    """A text's first words, for messages without a title."""
    line = text.split("\n", 1)[0]
    if len(line) <= _TITLE_LENGTH:
        return line
    whole, at_a_word, _ = line[:_TITLE_LENGTH].rpartition(" ")
    return f"{whole if at_a_word else line[:_TITLE_LENGTH]}…"


def has_marks(text: str) -> bool:
    """Whether a text holds a mark of templates, which may not stand in a title."""
    return any(mark in text for mark in MARKS)


def message_file(title: str, author: str, text: str) -> bytes:
    """The file of a message; each line of the text is a paragraph."""
    front = [f"title: {quoted(title)}", *([f"author: {quoted(author)}"] if author else [])]
    paragraphs = [_as_markdown(line) for line in text.split("\n") if line]
    return "\n".join(["---", *front, "---", "", "\n\n".join(paragraphs), ""]).encode()


def quoted(text: str) -> str:
    """One line of text as YAML: as it is where nothing in it could mean something else, in quotes where it could."""
    if _PLAIN.fullmatch(text) and isinstance(resolve(text), str):
        return text
    return "'" + text.replace("'", "''") + "'"


def stem_of(title: str) -> str:
    """The name of a message's file, without its number and `.md`: a-z, 0-9 and - only."""
    words = re.sub(r"[^a-z0-9]+", "-", fold(title)).strip("-")
    if len(words) > _STEM_LENGTH:
        whole, at_a_word, _ = words[: _STEM_LENGTH + 1].rpartition("-")
        words = whole if at_a_word else words[:_STEM_LENGTH]
    return words or "tin"


def same_name(one: str, other: str) -> bool:
    """Whether two names of files are the same text, however their marks are composed."""
    return unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)


def _as_markdown(line: str) -> str:
    """A line that Markdown reads as a paragraph of exactly this text, and a template as no template."""
    escaped = _INLINE.sub(r"\\\g<0>", line)
    escaped = _NUMBERED.sub(r"\1\\\2", escaped, count=1) if _NUMBERED.match(escaped) else escaped
    return f"\\{escaped}" if _BEGINNING.match(escaped) else escaped
