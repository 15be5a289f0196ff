"""Vietnamese spelling as order and as plain letters: the sort key of names, folding for search, slugs.

Text may arrive composed (NFC) or decomposed (NFD); both give the same result.
"""

import re
import unicodedata
from functools import lru_cache

from content.characters import normal

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_PLACE = {letter: place for place, letter in enumerate(_ALPHABET)}
_SHAPES = "\u0302\u0306\u031b"  # circumflex, breve, horn: they make another letter
_TONES = "\u0300\u0309\u0303\u0301\u0323"  # huyền, hỏi, ngã, sắc, nặng; ngang has no mark
_MARKS = re.compile("[\u0300-\u036f]")

_SLUG_LENGTH = 100

CollationKey = tuple[tuple[tuple[int, int], ...], tuple[int, ...], tuple[bool, ...], str]


@lru_cache(maxsize=4096)  # a plan sorts the same file names again for every turn
def collation_key(text: str) -> CollationKey:
    """A key that sorts text as a Vietnamese dictionary does (the order of CLDR's `vi`).

    First letters (a ă â b c d đ e ê …; signs before digits before letters), then tones (ngang, huyền, hỏi,
    ngã, sắc, nặng), then small letters before capitals. Digits compare one by one: 10 stands before 2. Two texts
    share a key only if they are the same text.
    """
    places: list[tuple[int, int]] = []
    tones: list[int] = []
    capitals: list[bool] = []
    for base, marks in _clusters(text):
        letter = base.lower()
        shaped = unicodedata.normalize("NFC", letter + "".join(mark for mark in marks if mark in _SHAPES))
        known = shaped if shaped in _PLACE else letter
        places.append(_place(known))
        tones.append(_tone([mark for mark in marks if known != shaped or mark not in _SHAPES]))
        capitals.append(letter != base)
    return tuple(places), tuple(tones), tuple(capitals), normal(text)


def fold(text: str) -> str:
    """Lower-case text without marks, đ written d: what search compares."""
    small = normal(normal(text, "NFKC").casefold(), "NFKC")
    bare = _MARKS.sub("", normal(small, "NFD"))
    return normal(bare.replace("đ", "d"))


def slug(title: str, key: str) -> str:
    """The title in a-z, 0-9 and -, cut at the end of a word, then - and the key: at most 100 characters."""
    room = _SLUG_LENGTH - len(key) - 1
    words = re.sub(r"[^a-z0-9]+", "-", fold(title)).strip("-")
    if len(words) > room:
        whole, cut_at_a_word, _ = words[: room + 1].rpartition("-")
        words = whole if cut_at_a_word else words[:room]
    return f"{words or 'tin'}-{key}"


def _clusters(text: str) -> list[tuple[str, str]]:
    """Each base character of the decomposed text with the combining marks that follow it."""
    clusters: list[tuple[str, str]] = []
    for character in normal(text, "NFD"):
        if unicodedata.combining(character) and clusters:
            base, marks = clusters[-1]
            clusters[-1] = base, marks + character
        else:
            clusters.append((character, ""))
    return clusters


def _place(letter: str) -> tuple[int, int]:
    if letter in _PLACE:
        return 2, _PLACE[letter]
    digit = unicodedata.digit(letter, None)
    if digit is not None:
        return 1, digit
    return (3 if letter.isalpha() else 0), ord(letter[0])


def _tone(marks: list[str]) -> int:
    """0 to 5 for the six tones; marks of other languages after them."""
    weights = [_TONES.index(mark) + 1 if mark in _TONES else ord(mark) for mark in marks]
    return max(weights, default=0)
