"""How the words of messages are written: in composed letters, with tone marks in one place, and none twice."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import eq

from content.proofreading.sheet import Passage, Sheet
from content.yaml12 import Mistake

_TONES = "\u0300\u0309\u0303\u0301\u0323"
_PAIRS = ("oa", "oe", "uy")


def _toned_forms(letter: str) -> str:
    """A letter, small and capital, with each tone and without."""
    both = letter + letter.upper()
    return unicodedata.normalize("NFC", both + "".join(one + tone for one in both for tone in _TONES))


#: What ends like a syllable in oa, oe or uy: before a last consonant or a third vowel the tone mark has one place
#: only (hoàn, ngoài, khuyến).
_RHYME = re.compile(
    rf"(?:[{_toned_forms('o')}][{_toned_forms('a')}{_toned_forms('e')}]|[{_toned_forms('u')}][{_toned_forms('y')}])"
    r"(?![^\W_])"
)
#: What may stand before it; not q, to which the u belongs (quý).
_ONSET = re.compile(r"(?<![^\W_])[bcdđghklmnprstvx]{0,3}$", re.IGNORECASE)
#: Words that never follow themselves; others do, as in `từ từ` or `là là`.
_ONCE = "bị|bởi|các|cho|cũng|của|đang|để|đã|được|hoặc|những|này|nhưng|rằng|sẽ|tại|trên|trong|tới|và|với|về|vẫn|việc"
_DOUBLED = re.compile(rf"(?<![^\W_])({_ONCE})([ \t\u00a0]+|[ \t]*\n[ \t]*)\1(?![^\W_])", re.IGNORECASE)


@dataclass(frozen=True)
class _Toned:
    """A syllable with its tone mark on the first or the second of two vowels."""

    sheet: Sheet
    start: int
    text: str
    pair: str
    is_first: bool

    @property
    def other(self) -> str:
        """The same syllable with the mark on the other vowel."""
        bare, tone = _without_tone(self.text)
        place = len(bare) if self.is_first else len(bare) - 1
        return unicodedata.normalize("NFC", bare[:place] + tone + bare[place:])


def decomposed(sheet: Sheet) -> Iterator[Mistake]:
    """The first letter that is written in parts, as files from a Mac have them."""
    raw = sheet.message.source.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    if unicodedata.is_normalized("NFC", raw):
        return
    pairs = enumerate(zip(raw, sheet.text, strict=False))
    first = next((index for index, (one, other) in pairs if one != other), 0)
    yield sheet.mistake(
        first,
        "from here on letters are written in parts, as some Macs do; they are put together for publication, but "
        "searching the file may not find them (save it in the Unicode form NFC)",
    )


def doubled(sheet: Sheet, passage: Passage) -> Iterator[Mistake]:
    """Small words that stand twice in a row."""
    words = passage.text.lower().split()
    if not any(map(eq, words, words[1:])):  # much faster than to look for each
        return
    for found in _DOUBLED.finditer(passage.text):
        yield sheet.mistake(
            passage.start + found.start(), f"the word {found[1]!r} stands here twice in a row (delete one of them)"
        )


def mixed_tones(sheets: Sequence[Sheet]) -> Iterator[Mistake]:
    """Of all messages of one campaign: tone marks that stand on another vowel than most of their like do."""
    every = [toned for sheet in sheets for passage in sheet.passages for toned in _toned(sheet, passage)]
    for pair in _PAIRS:
        yield from _mixed([toned for toned in every if toned.pair == pair])


def _mixed(alike: Sequence[_Toned]) -> Iterator[Mistake]:
    """At the first such syllable of each message."""
    counts = Counter(toned.is_first for toned in alike)
    if len(counts) < 2:
        return
    usual = counts[True] >= counts[False]
    model = next(toned for toned in alike if toned.is_first is usual)
    odd = {toned.sheet.message.file: toned for toned in reversed(alike) if toned.is_first is not usual}
    line, column = model.sheet.place(model.start)
    for toned in reversed(odd.values()):
        yield toned.sheet.mistake(
            toned.start,
            f"{toned.text!r} has its tone mark on another letter than {model.text!r} in {model.sheet.message.file}:"
            f"{line}:{column}, and that is how {counts[usual]} of {len(alike)} such words of this campaign are written "
            f"(write {toned.other!r}, and all of them in one way)",
        )


def _toned(sheet: Sheet, passage: Passage) -> Iterator[_Toned]:
    if not passage.is_prose:
        return
    for found in _RHYME.finditer(passage.text):
        tones = [place for place in (0, 1) if _without_tone(found[0][place])[1]]
        onset = _ONSET.search(passage.text[max(0, found.start() - 4) : found.start()])
        if len(tones) == 1 and onset:
            start = found.start() - len(onset[0])
            if not _is_in_a_name(passage.text, start):
                text = passage.text[start : found.end()]
                pair = _without_tone(found[0])[0].lower()
                yield _Toned(sheet, passage.start + start, text, pair, is_first=tones == [0])


def _is_in_a_name(text: str, start: int) -> bool:
    """Whether it is a later part of a name of several words: people and places write theirs as they do."""
    if not text[start].isupper():
        return False
    before = re.search(r"([^\W\d_]+)[ \u00a0]+$", text[max(0, start - 20) : start])
    return before is not None and before[1][0].isupper()


def _without_tone(text: str) -> tuple[str, str]:
    parts = unicodedata.normalize("NFD", text)
    tone = "".join(mark for mark in parts if mark in _TONES)
    return unicodedata.normalize("NFC", "".join(mark for mark in parts if mark not in _TONES)), tone
