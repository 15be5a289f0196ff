"""The questions by which a workspace begins; each has a default, and says what is wrong with an answer."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticCustomError

from channels.base import Channel
from content.json_schema import schema_of
from content.validation import describe_unknown, examine, keys_of
from content.values import Secret, parse_clock_time
from content.words import Words, phrase, say
from content.yaml12 import read
from publisher.beginning.answers import Answers, Place, Value
from publisher.beginning.writing import one_line, written
from publisher.importing.texts import stem_of
from publisher.schedules.fields import NAME_RULE, is_name
from publisher.schedules.sections import AgencySection, CampaignSection

#: A small set for a beginning: a website, a chat, a station, and an agency that publishes by itself.
AT_FIRST = ("wordpress", "telegram", "loudspeaker", "inbox")
_LONGEST = 300  # characters of a name
_AGREES = {"yes": True, "y": True, "có": True, "co": True, "c": True, "no": False, "n": False, "không": False,
           "khong": False, "k": False}  # fmt: skip


class Wrong(Exception):
    """An answer that cannot be; the text says why."""


@dataclass(frozen=True)
class Question:
    """What is asked; `read` makes the value of an answer, or raises Wrong."""

    name: str
    text: str  # in the language of who is asked
    default: str
    read: Callable[[str], Any]
    choices: Sequence[tuple[str, str]] = ()  # what may be answered, and what it is


Ask = Callable[[Question], Any]


def interview(ask: Ask, words: Words, kinds: Mapping[str, type[Channel]], today: date) -> Answers:
    """Ask all that has to be known; `ask` gives the value of an answer."""
    name = ask(Question("agency", words.say("The office that publishes"), words.say("Province's press office"), _name))
    key = ask(Question("key", words.say("A short name for it, for files"), stem_of(name), _key))
    title = ask(Question("campaign", words.say("The campaign"), words.say("A computer for every pupil"), _name))
    first = ask(Question("from", words.say("Its first day"), today.isoformat(), _first))
    at = ask(Question("at", words.say("At what time its articles go out"), "08:00", _time))
    whether = words.say("Does a second person approve each text? (yes, no)")
    approves = ask(Question("approval", whether, words.say("yes"), _agreement))
    which = words.say("Its kinds of channels, with commas between them")
    offers = [(kind, words.of(model.offer)) for kind, model in kinds.items()]
    names = ask(Question("channels", which, ", ".join(AT_FIRST), lambda text: _kinds(text, kinds), offers))
    agencies = {key: name}
    places = tuple(_Offer(kind, kinds[kind], words).place(ask, agencies) for kind in names)
    return Answers(agencies, stem_of(title), title, first, at, approves, places)


class _Offer:
    """A kind, and what it asks for."""

    def __init__(self, kind: str, model: type[Channel], words: Words) -> None:
        self._kind, self._model, self._words = kind, model, words
        schema = schema_of(model, blank=False)
        required = [key for key in keys_of(model) if key in schema["required"]]
        own = [*(key for key in required if key not in keys_of(Channel)), *model.asked]
        half = 1 if words.language == "vi" else 0
        self._hints = {key: schema["properties"][key]["description"].split(" — ")[half] for key in own}
        self._sample: dict[str, Value] = {"agency": "a", **{key: self._example(key) for key in own}}

    def place(self, ask: Ask, agencies: dict[str, str]) -> Place:
        """Ask for its agency, where that is another one, and for each setting; the agency is entered if it is new."""
        agency = self._agency(ask, agencies) if self._model.for_others else next(iter(agencies))
        settings = {key: self._setting(key, ask) for key in self._hints}
        return Place(self._kind, self._model, agency, settings, self._hints)

    def _agency(self, ask: Ask, agencies: dict[str, str]) -> str:
        text = self._asked(self._words.say("The agency that publishes from it"))
        name = ask(Question(f"{self._kind}.agency", text, self._words.say("The province's newspaper"), _name))
        known = next((key for key, other in agencies.items() if other == name), None)
        key = known or _free(stem_of(name), agencies)
        agencies[key] = name
        return key

    def _setting(self, key: str, ask: Ask) -> Value:
        example = self._sample[key]
        if isinstance(example, Secret):
            return example
        shown = ", ".join(example) if isinstance(example, list) else str(example)
        text = self._asked(self._hints[key])
        value: Value = ask(Question(f"{self._kind}.{key}", text, shown, lambda answer: self._read(key, answer)))
        return value

    def _asked(self, text: str) -> str:
        return f"{self._kind}: {text}"

    def _example(self, key: str) -> Value:
        """The first example of a hint; of a secret the variable that is named for it."""
        found: str = re.findall(r"`([^`]+)`", self._hints[key])[0]
        if found.startswith("${"):
            return Secret(f"{self._kind}_{key}".upper().replace("-", "_"))
        return found[1:-1].split(", ") if found.startswith("[") else found.strip('"')

    def _read(self, key: str, answer: str) -> Value:
        text = one_line(answer)
        parts = [part.strip() for part in text.split(",") if part.strip()]
        choices: list[Value] = [parts] if isinstance(self._sample[key], list) else [text]
        if "," in text and choices == [text]:
            choices.append(parts)
        problem = ""
        for value in choices:
            problem = _problem(self._model, key, {**self._sample, key: value}, {"name": "a"})
            if not problem:
                return value
        raise Wrong(problem)


def _problem(model: type[BaseModel], key: str, values: Mapping[str, Value], extra: Mapping[str, Any]) -> str:
    """What is wrong with a value where it will stand; empty if nothing is."""
    source = "".join(f"{name}: {written(value)}\n" for name, value in values.items())
    found = examine(model, read(source.encode(), "-"), extra=extra)
    return found.mistakes[0].text if key in found.keys else ""


def _name(answer: str) -> str:
    text = one_line(answer)
    if not text:
        raise Wrong(say("a name is expected here"))
    if len(text) > _LONGEST:
        raise Wrong(say("this name is too long (write at most {most} characters)", most=_LONGEST))
    if problem := _problem(AgencySection, "name", {"name": text}, {}):
        raise Wrong(problem)
    return text


def _key(answer: str) -> str:
    text = answer.strip()
    if not is_name(text):
        raise Wrong(say("{text} cannot be a short name ({rule})", text=repr(text), rule=NAME_RULE))
    return text


def _first(answer: str) -> date:
    text = one_line(answer)
    if problem := _problem(CampaignSection, "from", {"title": "a", "from": text}, {}):
        raise Wrong(problem)
    return date.fromisoformat(text)


def _time(answer: str) -> str:
    try:
        return f"{parse_clock_time(answer):%H:%M}"
    except PydanticCustomError as error:
        raise Wrong(error.message()) from None


def _agreement(answer: str) -> bool:
    try:
        return _AGREES[one_line(answer).lower()]
    except KeyError:
        raise Wrong(say("write yes or no")) from None


def _kinds(answer: str, kinds: Mapping[str, type[Channel]]) -> list[str]:
    names = list(dict.fromkeys(answer.replace(",", " ").lower().split()))
    if not names:
        raise Wrong(say("at least one kind is needed (there are: {kinds})", kinds=", ".join(kinds)))
    for name in names:
        if name not in kinds:
            raise Wrong(describe_unknown(name, kinds, phrase("kind")))
    return names


def _free(key: str, taken: Mapping[str, str]) -> str:
    number, free = 2, key
    while free in taken:
        number, free = number + 1, f"{key}-{number}"
    return free
