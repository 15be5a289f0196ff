"""Reads YAML 1.2 (core schema) into plain values, and knows where each of them stands in its file.

Every value comes from one pass over the parser's events, so that the limits on size, depth and aliases hold
while values are built. Dates and times of day stay text, as the core schema has them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from content.characters import hiding
from content.yaml_scalars import Scalar, resolve
from content.yaml_syntax import decode, explain

SIZE_LIMIT = 2 * 1024 * 1024  # bytes of one file
DEPTH_LIMIT = 50  # values within values
NODE_LIMIT = 300_000  # values in one file, what aliases repeat included
MISTAKE_LIMIT = 100  # of one file; more would hide the first

_TAGS: dict[str, type | tuple[type, ...]] = {
    "!": (str, list, dict),
    "tag:yaml.org,2002:str": str,
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": (int, float),
    "tag:yaml.org,2002:bool": bool,
    "tag:yaml.org,2002:null": type(None),
    "tag:yaml.org,2002:seq": list,
    "tag:yaml.org,2002:map": dict,
}

#: Where a value stands: its line and column, and what stands within it: for a mapping, each key's place and
#: its value's node; for a list, its nodes; for a number, a truth value or nothing, the text as it was written.
_Node = tuple[int, int, Any]
Path = Sequence[str | int]


@dataclass(frozen=True, order=True)
class Mistake:
    """What is wrong, where, and what to write instead. Lines and columns are counted from 1."""

    file: str
    line: int
    column: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.text}"


class Mistakes(Exception):
    """Every mistake that was found, in the order of files and lines."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        self.mistakes = tuple(sorted(set(mistakes)))
        super().__init__("\n".join(str(mistake) for mistake in self.mistakes))


@dataclass(frozen=True)
class Document:
    """A file's value, made of dict, list, str, int, float, bool and None, with the place of each part."""

    file: str
    value: Any
    root: _Node

    def mark(self, path: Path, key: bool = False) -> tuple[int, int]:
        """Line and column of the value at `path`, or of its key; of its nearest parent where it is not there."""
        node = self.root
        for index, step in enumerate(path):
            within = node[2]
            if isinstance(within, dict) and step in within:
                line, column, node = within[step]
                if key and index == len(path) - 1:
                    return line, column
            elif isinstance(within, list) and isinstance(step, int) and 0 <= step < len(within):
                node = within[step]
            else:
                break
        return node[0], node[1]

    def written(self, path: Path) -> str | None:
        """How the number, truth value or nothing at `path` is written in the file; None for all else."""
        node = self.root
        for step in path:
            within = node[2]
            if isinstance(within, dict) and step in within:
                node = within[step][2]
            elif isinstance(within, list) and isinstance(step, int) and 0 <= step < len(within):
                node = within[step]
            else:
                return None
        return node[2] if isinstance(node[2], str) else None

    def mistake(self, path: Path, text: str, key: bool = False) -> Mistake:
        """A mistake that stands at `path`."""
        return Mistake(self.file, *self.mark(path, key), text)


def read(data: bytes, file: str, first_line: int = 1) -> Document:
    """The one YAML document in `data`. Raises Mistakes with all that can be found.

    `file` is named in mistakes; `first_line` is the line of the file in which `data` begins.
    """
    if len(data) > SIZE_LIMIT:
        raise Mistakes([Mistake(file, first_line, 1, "this file is larger than 2 MiB (divide it into several)")])
    text, complaints = decode(data)
    builder = _Builder(file, first_line - 1)
    if not complaints:
        try:
            return Document(file, *builder.document(iter(yaml.parse(text, Loader=yaml.CBaseLoader))))
        except yaml.YAMLError as error:
            complaints = [explain(error, text)]
        except _Stop:
            pass
    raise Mistakes([*builder.mistakes, *(builder.place(*complaint) for complaint in complaints)])


class _Stop(Exception):
    """Reading on would be pointless or dangerous; the mistake is noted."""


class _Builder:
    """Builds values and nodes side by side from the events of the parser."""

    def __init__(self, file: str, shift: int) -> None:
        self.mistakes: list[Mistake] = []
        self._file = file
        self._shift = shift  # lines of the file above the document
        self._anchors: dict[str, tuple[Any, _Node, int, int]] = {}  # value, node, count of nodes, height
        self._open: set[str] = set()  # anchors whose value is not complete
        self._nodes = 0
        self._deepest = 0

    def place(self, line: int, column: int, text: str) -> Mistake:
        """A mistake at a line and column of the document."""
        return Mistake(self._file, line + self._shift, column, text)

    def document(self, events: Iterator[Any]) -> tuple[Any, _Node]:
        """The value of the only document, and its node."""
        self._events = events
        next(events)  # the start of the stream
        value, node = None, (1 + self._shift, 1, None)
        if isinstance(next(events), yaml.DocumentStartEvent):
            value, node = self._node(next(events), 0)
            next(events)  # the end of the document
            another = next(events)
            if isinstance(another, yaml.DocumentStartEvent):
                self._note(another, "a second document begins here (delete the line ---, a file holds one)")
        if self.mistakes:
            raise _Stop
        return value, node

    def _note(self, event: Any, text: str) -> None:
        mark = event.start_mark
        self.mistakes.append(self.place(mark.line + 1, mark.column + 1, text))
        if len(self.mistakes) == MISTAKE_LIMIT:
            self.mistakes.append(self.place(mark.line + 1, mark.column + 1, "and more (mend what stands above first)"))
            raise _Stop

    def _stop(self, event: Any, text: str) -> _Stop:
        self._note(event, text)
        return _Stop()

    def _node(self, event: Any, depth: int) -> tuple[Any, _Node]:
        """The value that begins with an event, and its node."""
        self._nodes += 1
        if self._nodes > NODE_LIMIT:
            raise self._stop(event, f"this file holds more than {NODE_LIMIT} values (divide it into several)")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, depth)
        if isinstance(event, yaml.ScalarEvent) and event.anchor is None:
            return self._scalar(event)
        if event.anchor is None:
            return self._collection(event, depth)
        return self._anchored(event, depth)

    def _anchored(self, event: Any, depth: int) -> tuple[Any, _Node]:
        before, deepest, self._deepest = self._nodes, self._deepest, depth
        self._open.add(event.anchor)
        value, node = self._scalar(event) if isinstance(event, yaml.ScalarEvent) else self._collection(event, depth)
        self._open.discard(event.anchor)
        self._anchors[event.anchor] = (value, node, self._nodes - before + 1, self._deepest - depth)
        self._deepest = max(deepest, self._deepest)
        return value, node

    def _alias(self, event: Any, depth: int) -> tuple[Any, _Node]:
        # Its name is not repeated: it may be a password that begins with a star.
        if event.anchor in self._open:
            raise self._stop(event, "this alias (*) stands inside the very value that it repeats (write it out)")
        if event.anchor not in self._anchors:
            self._note(
                event, "this alias (*) repeats nothing that stands above (put text that begins with * in quotes)"
            )
            return None, self._at(event, None)
        value, node, count, height = self._anchors[event.anchor]
        self._nodes += count - 1
        if self._nodes > NODE_LIMIT:
            raise self._stop(event, f"aliases (*) repeat more than {NODE_LIMIT} values (write out what is needed)")
        self._reach(event, depth + height)
        return value, self._at(event, node[2])

    def _reach(self, event: Any, depth: int) -> None:
        self._deepest = max(self._deepest, depth)
        if depth > DEPTH_LIMIT:
            raise self._stop(event, f"more than {DEPTH_LIMIT} values stand within one another (write it flatter)")

    def _at(self, event: Any, within: Any) -> _Node:
        mark = event.start_mark
        return mark.line + 1 + self._shift, mark.column + 1, within

    def _collection(self, event: Any, depth: int) -> tuple[Any, _Node]:
        self._reach(event, depth + 1)
        value, within = (self._mapping if isinstance(event, yaml.MappingStartEvent) else self._list)(depth + 1)
        if event.tag is not None:
            self._check_tag(event, value)
        return value, self._at(event, within)

    def _list(self, depth: int) -> tuple[Any, Any]:
        values, nodes = [], []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            value, node = self._node(event, depth)
            values.append(value)
            nodes.append(node)
        return values, nodes

    def _mapping(self, depth: int) -> tuple[Any, Any]:
        values: dict[str, Any] = {}
        nodes: dict[str, tuple[int, int, _Node]] = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key, place = self._node(event, depth)
            usable = self._check_key(event, key, nodes)
            value, node = self._node(next(self._events), depth)
            if usable:
                values[key] = value
                nodes[key] = (place[0], place[1], node)
        return values, nodes

    def _check_key(self, event: Any, key: Any, earlier: dict[str, tuple[int, int, _Node]]) -> bool:
        if not isinstance(key, str):
            self._note(event, "a key must be text (put it in quotes)")
            return False
        if key == "<<" and isinstance(event, yaml.ScalarEvent) and event.implicit[0]:
            self._note(event, "YAML 1.2 has no merge key << (write the keys out where they belong)")
            return False
        if key in earlier:
            self._note(event, f"duplicate key {key!r} (it stands in line {earlier[key][0]} already: keep one of them)")
            return False
        return True

    def _scalar(self, event: Any) -> tuple[Any, _Node]:
        text: str = event.value
        value: Any = text
        if trouble := hiding(text):
            self._note(event, trouble)
        if event.implicit[0]:
            value = self._plain(event, text)
        elif event.tag is not None:
            value = text if event.tag in ("!", "tag:yaml.org,2002:str") else self._plain(event, text)
            self._check_tag(event, value)
        return value, self._at(event, None if isinstance(value, str) else text)

    def _plain(self, event: Any, text: str) -> Scalar:
        try:
            return resolve(text)
        except ValueError as error:
            self._note(event, str(error))
            return text

    def _check_tag(self, event: Any, value: Any) -> None:
        # The tag is not repeated: it may be a password that begins with an exclamation mark.
        kinds = _TAGS.get(event.tag)
        if kinds is None:
            self._note(event, "tags (!) are not known here (put text that begins with ! in quotes)")
        elif not isinstance(value, kinds):
            self._note(event, "this value is not what its tag (!!) says (delete the tag)")
