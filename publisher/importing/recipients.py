"""The names in a cell of a plan as channels: channels and groups by their keys, agencies by key or name."""

import re
from collections.abc import Iterator

from channels.base import SessionChannel
from content.validation import nearest
from content.vietnamese import fold
from publisher.importing.grid import CellError
from publisher.schedules import Schedules

_LISTED = 12  # names that a mistake lists
_BULLET = re.compile(r"\s*[-–+•*]\s+")


class Recipients:
    """Understands the names of one workspace."""

    def __init__(self, schedules: Schedules) -> None:
        self._schedules = schedules
        self._direct = {*schedules.channels, *schedules.groups}
        self._agencies: dict[str, list[str]] = {}
        for agency in schedules.agencies.values():
            for name in {_plain(agency.key), _plain(agency.name)}:
                self._agencies.setdefault(name, []).append(agency.key)
        names = (*self._direct, *self._agencies)
        self._commas = max((name.count(",") for name in names), default=0)

    def read(self, text: str, at_sessions: bool | None) -> tuple[str, ...]:
        """The channels and groups that a cell names, in its order, each once. CellError with all that is wrong.

        `at_sessions` tells whether stations are meant that speak in sessions; None if nobody knows.
        """
        found: dict[str, None] = {}
        problems = []
        for name in self._names(text):
            try:
                found.update(dict.fromkeys(self._resolved(name, at_sessions)))
            except CellError as error:
                problems.append(str(error))
        if problems:
            raise CellError("; ".join(problems))
        if not found:
            raise CellError(f"no place stands here (write e.g. {self._known()})")
        return tuple(found)

    def channels(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """The channels that these names mean, groups flattened, each once."""
        groups = self._schedules.groups
        return tuple(dict.fromkeys(channel for name in names for channel in groups.get(name, (name,))))

    def _names(self, text: str) -> Iterator[str]:
        """The names in a cell. A comma divides names, unless it belongs to the longest name that is known."""
        for line in re.split(r"[;\n]", text):
            parts = _BULLET.sub("", line, count=1).split(",")
            while parts:
                sizes = range(min(len(parts), self._commas + 1), 0, -1)
                size = next((size for size in sizes if self._knows(",".join(parts[:size]))), 1)
                name = ",".join(parts[:size]).strip()
                if name:
                    yield name
                parts = parts[size:]

    def _knows(self, name: str) -> bool:
        return _plain(name) in self._direct or _plain(name) in self._agencies

    def _resolved(self, name: str, at_sessions: bool | None) -> tuple[str, ...]:
        plain = _plain(name)
        if plain in self._direct:
            return self._direct_name(plain, at_sessions)
        keys = self._agencies.get(plain, [])
        if len(keys) > 1:
            raise CellError(f"{name!r} is the name of several agencies (write one of: {', '.join(keys)})")
        if not keys:
            raise CellError(self._unknown(name))
        return self._of_agency(name, keys[0], at_sessions)

    def _direct_name(self, name: str, at_sessions: bool | None) -> tuple[str, ...]:
        wrong = [channel for channel in self.channels((name,)) if not self._suits(channel, at_sessions)]
        if wrong and at_sessions is not None:
            who = repr(name) if wrong == [name] else f"{name!r} ({', '.join(wrong[:3])})"
            raise CellError(f"{who} {_mismatch(at_sessions)}")
        return (name,)

    def _of_agency(self, name: str, key: str, at_sessions: bool | None) -> tuple[str, ...]:
        own = [channel.name for channel in self._schedules.channels.values() if channel.agency == key]
        suiting = tuple(channel for channel in own if self._suits(channel, at_sessions))
        if suiting:
            return suiting
        if own and at_sessions is not None:
            raise CellError(f"{name!r} has only {', '.join(own)}: it {_mismatch(at_sessions)}")
        raise CellError(f"{name!r} has no channel (the administrator adds one to the workspace)")

    def _suits(self, channel: str, at_sessions: bool | None) -> bool:
        speaks = isinstance(self._schedules.channels[channel], SessionChannel)
        return at_sessions is None or speaks is at_sessions

    def _unknown(self, name: str) -> str:
        plain = _plain(name)
        containing = [agency.name for agency in self._schedules.agencies.values() if plain in _plain(agency.name)]
        if len(plain) >= 3 and containing:
            return f"{name!r} is not known (did you mean {' or '.join(map(repr, containing[:3]))}?)"
        names = [*self._schedules.groups, *self._schedules.channels]
        names += [agency.name for agency in self._schedules.agencies.values()]
        near = nearest(name, names, 0.75)
        hint = f"did you mean {near!r}?" if near else f"there are: {self._known()}"
        return f"{name!r} is no channel, group or agency ({hint})"

    def _known(self) -> str:
        names = [*self._schedules.groups, *self._schedules.channels]
        return ", ".join(names[:_LISTED]) + (", …" if len(names) > _LISTED else "")


def _mismatch(at_sessions: bool) -> str:
    if at_sessions:
        return "has no sessions (write a time of day, in a row of its own)"
    return "speaks in its own sessions (write 'buổi phát' in place of a time, in a row of its own)"


def _plain(name: str) -> str:
    return " ".join(fold(name).split())
