"""What a rule of the spoken form is: a pattern that may stand at a place of the text, and how it is read there."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from functools import cached_property

_NEAR = 28  # characters before and behind that may tell what something means


class Why(Enum):
    """Why something cannot be read for certain."""

    ABBREVIATION = auto()  # no lexicon knows it
    ADDRESS = auto()  # nobody can write it down while listening
    HASH_TAG = auto()  # its words are written together
    SIGN = auto()  # it has no name
    MEANING = auto()  # it may mean something else, too


@dataclass(frozen=True)
class Doubt:
    """A part of a text that cannot be read for certain. The places count in the whole text."""

    start: int
    end: int
    why: Why
    read: str = ""  # how it is read, where it may mean something else


@dataclass(frozen=True)
class Reading:
    """How something is read, and what of it is doubtful."""

    text: str
    doubts: tuple[Doubt, ...] = ()


class Place:
    """Something that a pattern has found, and what stands around it."""

    def __init__(self, found: re.Match[str]) -> None:
        self.found = found
        self._text = found.string

    @cached_property
    def before(self) -> str:
        """What stands before it on its line, in small letters, spaces at its end left out."""
        start = self.found.start()
        return self._text[max(0, start - _NEAR) : start].rpartition("\n")[2].rstrip(" \u00a0").lower()

    @cached_property
    def after(self) -> str:
        """What stands behind it on its line, in small letters, spaces at its beginning left out."""
        end = self.found.end()
        return self._text[end : end + _NEAR].partition("\n")[0].lstrip(" \u00a0").lower()

    def follows(self, words: re.Pattern[str]) -> bool:
        """Whether one of those words stands right before it; the pattern ends with `$`."""
        return words.search(self.before) is not None

    def precedes(self, words: re.Pattern[str]) -> bool:
        """Whether one of those words stands right behind it."""
        return words.match(self.after) is not None

    def doubtful(self, text: str, why: Why = Why.MEANING) -> Reading:
        """That reading, with a doubt about the whole."""
        return Reading(text, (Doubt(*self.found.span(), why, text if why is Why.MEANING else ""),))


#: None where it means something else after all.
Read = Callable[[Place], Reading | str | None]
Rule = tuple[re.Pattern[str], Read]


def ending(*words: str) -> re.Pattern[str]:
    """Finds any of those words, which may be patterns, at the end of what stands before."""
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})$")


def beginning(*words: str) -> re.Pattern[str]:
    """Finds any of those words at the beginning of what stands behind."""
    return re.compile(rf"(?:{'|'.join(words)})(?!\w)")
