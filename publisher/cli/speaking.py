"""In which language the commands speak: `--lang`, the environment's PUBLISHER_LANG, or its locale; else English."""

import sys
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from content.words import LANGUAGES, Words, words

_LANGUAGE: ContextVar[str] = ContextVar("language", default="en")
_LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set counts, as POSIX says


def choose(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """Speak the language that a command line and an environment ask for; which it is."""
    language = _asked(arguments) or environment.get("PUBLISHER_LANG") or _of_locale(environment)
    _LANGUAGE.set(language if language in LANGUAGES else "en")
    return _LANGUAGE.get()


def spoken() -> Words:
    """The words of the language that is spoken."""
    return words(_LANGUAGE.get())


def tell(sentence: str, **values: Any) -> None:
    """Print a sentence to standard output. Texts among its values are said in the same language."""
    print(said(sentence, **values))


def warn(sentence: str, **values: Any) -> None:
    """Print a sentence to standard error."""
    print(said(sentence, **values), file=sys.stderr)


def said(sentence: str, **values: Any) -> str:
    """A sentence in the language that is spoken."""
    now = spoken()
    return now.say(sentence, **{name: now.of(value) if type(value) is str else value for name, value in values.items()})


def said_many(one: str, many: str, number: int, **values: Any) -> str:
    """The sentence for a number of things."""
    return said(one if number == 1 else many, number=number, **values)


def _asked(arguments: Sequence[str]) -> str | None:
    for word, following in zip(arguments, [*arguments[1:], ""], strict=False):
        if word == "--lang":
            return following
        if word.startswith("--lang="):
            return word.removeprefix("--lang=")
    return None


def _of_locale(environment: Mapping[str, str]) -> str:
    found = next((environment[name] for name in _LOCALES if environment.get(name)), "")
    return found[:2].lower()
