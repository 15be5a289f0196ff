"""In which language the commands speak: `--lang`, the environment's PUBLISHER_LANG, or its locale; else English."""

import argparse
import sys
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any, NoReturn, TextIO

from content.words import LANGUAGES, TYPED, Words, phrase, words

_LANGUAGE: ContextVar[str] = ContextVar("language", default="en")
_LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set counts, as POSIX says


class Parser(argparse.ArgumentParser):
    """Explains itself, and what is wrong with a command, in the language that is spoken."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._positionals.title = said("arguments")
        self._optionals.title = said("options")

    def format_help(self) -> str:
        """The help, with all that was written in English said in the language."""
        words = spoken()
        for group in self._action_groups:
            group.title = words.of(group.title) if group.title else group.title
        for action in self._actions:
            action.help = words.of(action.help) if action.help else action.help
            for choice in getattr(action, "_choices_actions", ()):
                choice.help = words.of(choice.help or "")
        self.description = words.of(self.description or "")
        self.epilog = words.of(self.epilog or "")
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command, and end."""
        super().error(spoken().of(message))


#: What argparse itself says.
ARGPARSE = (
    phrase("show this help message and exit"),
    phrase("the following arguments are required: {arguments}"),
    phrase("unrecognized arguments: {arguments}"),
    phrase("argument {argument}: {problem}"),
    phrase("expected one argument"),
    phrase("expected at least one argument"),
    phrase("invalid choice: {value} (choose from {choices})"),
    phrase("not allowed with argument {argument}"),
    phrase("one of the arguments {arguments} is required"),
    phrase("invalid int value: {value}"),
    phrase("ambiguous option: {option} could match {matches}"),
)


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


def show(text: object = "", *, file: TextIO | None = None, flush: bool = False) -> None:
    """Print a text that was made in English, in the language that is spoken."""
    print(spoken().of(str(text)), file=file or sys.stdout, flush=flush)


def said(sentence: str, **values: Any) -> str:
    """A sentence in the language that is spoken."""
    now = spoken()
    texts = {name: now.of(value) for name, value in values.items() if type(value) is str and name not in TYPED}
    return now.say(sentence, **(values | texts))


def state_of(state: str, reason: str) -> str:
    """A state, and why, in the language that is spoken."""
    shown = spoken().of(state)
    return shown if reason in ("", state) else f"{shown}: {spoken().of(reason)}"


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
