"""Files with one slip each: a key misspelt, gone or in the wrong place, a value of the wrong type or form.

Each says where `check` promises to point: at the key or value that is wrong, or, where a key is missing, at the mapping
that lacks it. What breaks only references, files or keys that stand in two files is left out where it can be: what
others refer to is not removed or renamed, and `include` is left alone.
"""

import copy
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.yaml_writer import Path

#: A key's place if True, else its value's.
Target = tuple[Path, bool]
#: For each role of a mapping its keys, and for each key values that are tried for it.
Values = Mapping[str, Mapping[str, tuple[Any, ...]]]


@dataclass(frozen=True)
class Mutation:
    """A file with one slip, or with another good value."""

    what: str
    path: Path  # of the key or value that is another now
    value: Any  # of the whole file
    targets: tuple[Target, ...]  # where a mistake may stand; all that came new counts


#: The roles of mappings whose keys are names that people give.
_NAMING = ("campaigns", "schedules", "agencies", "channels", "groups")

#: What a kind of value may be mistaken for.
_OTHERS: tuple[Any, ...] = (
    None, True, False, 0, 7, -1, 2.5, 10**20, "", " ", "x", "no such thing", "08:00", "2022-03-01", "10m", [], {}, [[]],
    [None], [{}], {"a": 1}, {"a": {"b": []}}, ["x", "x"], [True, 0],
)  # fmt: skip

#: The keys that mistakes name when one of them comes to stand beside the others, changes, or goes.
_COMPANIONS = {
    "feed": ("feed", "match", "limit", "pick", "rest"),
    "content": ("feed", "match", "limit", "pick", "rest"),
    "cron": ("days", "every", "at"),
    "at": ("to",),
    "email": ("apprise",),
    "apprise": ("apprise",),
    "username": ("password",),
    "password": ("username", "security"),
    "from": ("host",),
    "host": ("port", "security", "username", "password"),
}


class Mutator:
    """Makes every slip of one file, in an order that depends on nothing but the file and the seed."""

    def __init__(
        self,
        value: Any,
        seed: int,
        role_of: Callable[[Path, Any], str | None],
        values: Values,
        *,
        places: Mapping[str, Path],
        spared: Callable[[Path], bool],
    ) -> None:
        """places: mappings of the file where a key may stray to. spared: what others refer to."""
        self._value = value
        self._draw = random.Random(seed)
        self._values = values
        self._places = places
        self._spared = spared
        self._mappings = {
            path: role for path, part in _parts(value) if isinstance(part, Mapping) and (role := role_of(path, value))
        }

    def all(self) -> Iterator[Mutation]:
        """All of them."""
        for path in self._mappings:
            for key in _at(self._value, path):
                if not self._spared((*path, key)):
                    yield from self._misspelt(path, key)
                    yield from self._removed_and_moved(path, key)
        yield from self._of_values()
        for path, _ in _parts(self._value):
            if path and not self._spared(path):
                yield from self._of_type(path)

    def _misspelt(self, path: Path, key: str) -> Iterator[Mutation]:
        draw, index = self._draw, self._draw.randrange(len(key))
        slips = {key[:index] + key[index + 1 :], key[: index + 1] + key[index:], f"{key}s", f"{key} ", key.title()}
        for wrong in draw.sample(sorted(slips - {key, ""}), 2):
            changed = copy.deepcopy(self._value)
            part = _at(changed, path)
            pairs = [(wrong if name == key else name, inner) for name, inner in part.items()]
            part.clear()
            part.update(pairs)
            targets = (((*path, wrong), True), (path, False), *_companions(path, key, changed))
            yield Mutation(f"{key!r} misspelt {wrong!r}", (*path, key), changed, targets)

    def _removed_and_moved(self, path: Path, key: str) -> Iterator[Mutation]:
        gone = copy.deepcopy(self._value)
        part = _at(gone, path).pop(key)
        lacking = ((path, False), *_companions(path, key, gone))
        yield Mutation(f"{key!r} removed", (*path, key), gone, lacking)
        for role, place in self._draw.sample([*self._places.items()], min(4, len(self._places))):
            moved = copy.deepcopy(gone)
            target = _at(moved, place)
            if place != path and target is not None and key not in target:
                target[key] = part
                targets = (*_new((*place, key), part), *lacking, *_companions(place, key, moved))
                yield Mutation(f"{key!r} moved to {role}", (*path, key), moved, targets)

    def _of_values(self) -> Iterator[Mutation]:
        """Every value that is tried for a key, each in one of the mappings that have the key."""
        turn = 0
        for role, keys in self._values.items():
            paths = [path for path, one in self._mappings.items() if one == role]
            for key, tried in keys.items():
                having = [path for path in paths if key in _at(self._value, path)] or paths
                for new in tried if having else ():
                    turn += 1
                    yield from self._with((*having[turn % len(having)], key), new)
                for path in (*(path for path in paths if path not in having), *self._strangers(role, key)):
                    yield from self._with((*path, key), tried[0])

    def _strangers(self, role: str, key: str) -> Iterator[Path]:
        """A mapping of each other role in which the key is strange."""
        firsts = {other: path for path, other in reversed(self._mappings.items())}
        yield from (
            path for other, path in firsts.items() if not {role, other} & {*_NAMING} and key not in self._values[other]
        )

    def _with(self, path: Path, new: Any) -> Iterator[Mutation]:
        if not self._spared(path):
            changed = copy.deepcopy(self._value)
            _at(changed, path[:-1])[path[-1]] = new
            targets = (*_new(path, new), *_companions(path[:-1], path[-1], changed))
            yield Mutation(f"{path} is {new!r}", path, changed, targets)

    def _of_type(self, path: Path) -> Iterator[Mutation]:
        """Another kind of value in the place of one."""
        old = _at(self._value, path)
        for new in (*self._draw.sample(_OTHERS, 4), [old], {"x": old}):
            yield from self._with(path, new)


def _parts(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    yield path, value
    steps = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for step, part in steps:
        yield from _parts(part, (*path, step))


def _new(path: Path, value: Any) -> Iterator[Target]:
    """All places of what came new."""
    for below, _ in _parts(value):
        yield (*path, *below), True
        yield (*path, *below), False


def _companions(path: Path, key: str | int, value: Any) -> Iterator[Target]:
    """Where else a mistake may stand because of this key: rules between keys name another of them."""
    part = _at(value, path)
    if not isinstance(part, Mapping):
        return
    for other in part if key == "kind" else _COMPANIONS.get(str(key), ()):
        if other in part:
            yield from _new((*path, other), part[other])
    if key == "from":  # of a campaign: each `every` counts from it
        for below, _ in _parts(part):
            if below[-1:] == ("every",):
                yield (*path, *below), True


def _at(value: Any, path: Path) -> Any:
    for step in path:
        if isinstance(value, Mapping) and step not in value:
            return None
        value = value[step]
    return value
