"""Gathers every mistake and warning of one reading, and places them in their files."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar

from pydantic import BaseModel

from content.validation import BLANK, describe_unknown, examine, keys_of, model_below
from content.yaml12 import Document, Mistake
from publisher.schedules.model import Place

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Node:
    """A value and where it stands."""

    document: Document
    path: tuple[str | int, ...]
    value: Any

    def child(self, step: str | int) -> "Node":
        """A part of a mapping or list."""
        return Node(self.document, (*self.path, step), self.value[step])

    def mistake(self, text: str, *steps: str | int, key: bool = False) -> Mistake:
        """A mistake at this value, at a part of it, or at the key of either."""
        return self.document.mistake((*self.path, *steps), text, key)

    def place(self, *steps: str | int, key: bool = False) -> Place:
        """Where this value, a part of it, or the key of either stands."""
        return (self.document.file, *self.document.mark((*self.path, *steps), key))


class Findings:
    """Every mistake and warning so far.

    `complete` is False once a file could not be read: then nobody can tell whether a name is unknown.
    """

    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []
        self.warnings: list[Mistake] = []
        self.complete = True
        self._unknown: dict[tuple[str, str], str] = {}

    def unknown(self, node: Node, what: str, known: Collection[str], *steps: str | int) -> None:
        """Notes that the name at a place is not among the known ones."""
        if not self.complete:
            return
        name = node.value
        for step in steps:
            name = name[step]
        if (what, name) not in self._unknown:  # looking for the nearest of thousands of names takes its time
            self._unknown[what, name] = describe_unknown(name, known, what)
        self.mistakes.append(node.mistake(self._unknown[what, name], *steps))

    def section(
        self,
        model: type[M],
        node: Node,
        extra: Mapping[str, Any] = MappingProxyType({}),
        omit: Collection[str] = (),
        spare: Mapping[str, Any] = MappingProxyType({}),
    ) -> M | None:
        """The model of a mapping, its mistakes noted.

        With mistakes, what the rest of it says, so that more can be found: keys with mistakes are left out, and
        `spare` has values for the keys that may not be. None if there is no rest.
        """
        examined = examine(model, node.document, node.path, extra, omit)
        self.mistakes += examined.mistakes
        if not isinstance(node.value, dict):
            return None
        self.mistakes += [node.mistake(BLANK, *steps) for steps in _blanks(model, node.value, omit)]
        if examined.model is not None:
            return examined.model
        stand_ins = {key: value for key, value in spare.items() if key in examined.keys or key not in node.value}
        return examine(model, node.document, node.path, {**extra, **stand_ins}, {*omit, *examined.keys}).model


def _blanks(model: type[BaseModel], value: Mapping[str, Any], omit: Collection[str]) -> Iterator[tuple[str, ...]]:
    """The known keys without a value, in the mapping and in those within it."""
    known = {*keys_of(model)} - {*omit}
    for key, part in value.items():
        if part is None and key in known:
            yield (key,)
        elif isinstance(part, dict) and key in known and (inner := model_below(model, key)):
            yield from ((key, *steps) for steps in _blanks(inner, part, ()))
