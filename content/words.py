"""What Publisher says, in the reader's language.

Texts are made in English by `say`, wherever they arise, and so they are kept in the database and the log: one text
for all readers, which a search finds. Only where somebody reads one is it put into the reader's language: `Words.of`
recognises the sentence that it was made from, whatever stands in its holes, and says the same in that language.
A text that is nobody's sentence, such as a title or a server's own words, stays as it is.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

from babel.dates import format_date, format_datetime
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

#: The languages that readers may choose; English is the one that texts are made in.
LANGUAGES = ("vi", "en")
_CATALOGUES = Path(__file__).parent / "locale"
#: Where a mistake stands, before what it says: file, line and column; or the cell of a table.
_PLACE = re.compile(r"(\s*\S.*?:\d+:\d+: )(.+)")
_CELL = re.compile(r'(\s*\S.*?, (?:sheet ".*?", cell [A-Z]{1,3}\d+|line \d+, column \d+)): (.+)')
#: Holes that hold what somebody typed, or is to type: it is the same in every language.
TYPED = frozenset({"name", "key"})
_DEEPEST = 4  # sentences within the holes of sentences
#: Letters outside of its holes that a sentence must have to be recognised: a title may well hold an “and”.
_LEAST, _LEAST_WITHIN = 8, 4


def say(sentence: str, **values: Any) -> str:
    """A sentence with its holes filled, in English; `{name}` is a hole. Its Vietnamese stands in the catalogue."""
    return sentence.format(**values)


def phrase(sentence: str) -> str:
    """A sentence whose holes are filled elsewhere."""
    return sentence


def say_many(one: str, many: str, number: int, **values: Any) -> str:
    """The sentence for one thing, or for another number of them; `{number}` is a hole of both."""
    return (one if number == 1 else many).format(number=number, **values)


@dataclass(frozen=True)
class _Forms:
    """How dates are written, in the letters of Unicode's LDML."""

    day: str
    moment: str
    short: str


_FORMS = {
    "vi": _Forms("EEEE, dd/MM/yyyy", "HH:mm dd/MM/yyyy", "HH:mm, EEEE dd/MM/yyyy"),
    "en": _Forms("EEEE d MMMM yyyy", "d MMM yyyy, HH:mm", "HH:mm, EEEE d MMMM yyyy"),
}


@dataclass(frozen=True)
class _Sentence:
    """A sentence in English, how it is recognised, and the same in the reader's language."""

    pattern: re.Pattern[str]
    longest: str  # of its pieces between the holes: what does not hold it is another sentence
    weight: tuple[int, int]  # letters outside of its holes, and all that stands there
    meaning: str
    is_of_lines: bool  # it has several lines: others say nothing of a text that has


class Words:
    """The words of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        exact, patterns = _sentences(language)
        self._exact: Mapping[str, str] = exact
        self._patterns = patterns
        self._found = lru_cache(maxsize=4096)(self._recognised)

    def of(self, text: str) -> str:
        """A text that was made in English, in this language; a text of several lines line by line."""
        if self.language == "en" or not text:
            return text
        placed, cell = _PLACE.match(text), _CELL.fullmatch(text)
        if cell:
            return f"{self._said(cell[1], _DEEPEST) or cell[1]}: {self.of(cell[2])}"
        if placed is None:  # where something stands is no word of what is said of it
            whole = self._said(text, _DEEPEST)
            if whole is not None:
                return whole
        if "\n" in text:
            return "\n".join(self.of(line) for line in text.split("\n"))
        return f"{placed[1]}{self.of(placed[2])}" if placed else text

    def say(self, sentence: str, **values: Any) -> str:
        """A sentence with its holes filled, in this language."""
        return self.sentence(sentence).format(**values)

    def sentence(self, english: str) -> str:
        """A sentence in this language, its holes not yet filled."""
        return self._exact.get(english, english)

    def say_many(self, one: str, many: str, number: int, **values: Any) -> str:
        """The sentence for a number of things, in this language."""
        return self.say(one if number == 1 else many, number=number, **values)

    def day(self, day: date) -> str:
        """`Thứ Hai, 14/02/2022`; `Monday 14 February 2022`."""
        text = format_date(day, _FORMS[self.language].day, locale=self.language)
        return text[:1].upper() + text[1:]

    def moment(self, at: datetime) -> str:
        """A local time: `08:00 14/02/2022`; `14 Feb 2022, 08:00`."""
        return format_datetime(at, _FORMS[self.language].moment, locale=self.language)

    def short(self, at: datetime) -> str:
        """A local time with its weekday: `08:00, thứ Hai 14/02/2022`; `08:00, Monday 14 February 2022`."""
        text = format_datetime(at, _FORMS[self.language].short, locale=self.language)
        return text.replace("Thứ", "thứ")

    def _said(self, text: str, depth: int) -> str | None:
        known = self._exact.get(text)
        return known if known is not None else self._found(text, depth)

    def _recognised(self, text: str, depth: int) -> str | None:
        """What a text with filled holes says; the sentence of which the most stands in it is the one that is meant."""
        least = _LEAST if depth == _DEEPEST else _LEAST_WITHIN
        for sentence in self._patterns:
            if sentence.weight[0] < least:
                return None
            if "\n" in text and not sentence.is_of_lines:
                continue
            if sentence.longest in text and (found := sentence.pattern.fullmatch(text)):
                values = found.groupdict()
                if depth:
                    inner = {name: value for name, value in values.items() if name not in TYPED}
                    values |= {name: self._said(value, depth - 1) or value for name, value in inner.items()}
                return _filled(sentence.meaning, values)
        return None


@cache
def words(language: str) -> Words:
    """The words of a language; of English for one that is not known."""
    return Words(language if language in LANGUAGES else "en")


def catalogue(language: str) -> Catalog:
    """The sentences of a language as they are written, for translators and tests."""
    with (_CATALOGUES / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def _sentences(language: str) -> tuple[dict[str, str], list[_Sentence]]:
    """The sentences without holes, and those with; the ones of which most is given first."""
    exact: dict[str, str] = {}
    patterns: list[_Sentence] = []
    for english, meaning in _pairs(language):
        exact[english] = meaning
        if any(name is not None for _, name, _, _ in Formatter().parse(english)):
            patterns.append(_sentence(english, meaning))
        elif "{" in english or "}" in english:  # written twice, it is a brace
            exact[english.format()] = meaning.format()
    return exact, sorted(patterns, key=lambda one: one.weight, reverse=True)


def _pairs(language: str) -> Iterator[tuple[str, str]]:
    if language == "en":
        return
    for message in catalogue(language):
        forms = [message.id] if isinstance(message.id, str) else list(message.id)
        said = message.string if isinstance(message.string, str) else next(iter(message.string or ()), "")
        if said and not message.fuzzy:
            yield from ((form, said) for form in forms if form)


def _sentence(english: str, meaning: str) -> _Sentence:
    pieces, pattern = [], ""
    for piece, name, _, _ in Formatter().parse(english):
        pieces.append(piece)
        pattern += re.escape(piece)
        if name is not None:
            # Of two holes with nothing but a space between them the second begins with a quote, if there is one.
            begins = r"(?=['\"“]|[^'\"“]*$)" if piece == " " and pieces[1:] else ""
            what = r"[\d.,]+" if name == "number" and not pattern else ".*?"  # `3 campaigns`, not `agency, campaigns`
            pattern += f"(?P={name})" if f"(?P<{name}>" in pattern else f"{begins}(?P<{name}>{what})"
    weight = sum(map(_letters, pieces)), sum(map(len, pieces))
    return _Sentence(re.compile(pattern, re.DOTALL), max(pieces, key=len), weight, meaning, "\n" in english)


def _letters(piece: str) -> int:
    return sum(letter.isalnum() for letter in piece)


def _filled(meaning: str, values: Mapping[str, str]) -> str:
    """The holes filled with what stood in them: how a value is shaped was settled when the text was made."""
    filled: Iterable[str] = (
        piece + (values.get(name, "") if name is not None else "") for piece, name, _, _ in Formatter().parse(meaning)
    )
    return "".join(filled)
