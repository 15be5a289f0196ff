"""Which message's turn it is: one pure function of the folder's listing, what is planned, and a seed.

A choice is made when a delivery's row is planned and kept on it, so that plan, rehearsal and sending agree.
"""

import bisect
import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from content.vietnamese import collation_key


class Pick(StrEnum):
    """How the messages of a folder take turns."""

    NEXT = "next"
    RANDOM = "random"
    LATEST = "latest"
    ALL = "all"


@dataclass(frozen=True, order=True, slots=True)
class Turn:
    """A message that a schedule has on one channel at one occurrence; cancelled and skipped ones are no turns."""

    occurrence: datetime
    channel: str
    message: str


class Turns:
    """The turns of one schedule, in order of time; grows while a plan is made."""

    def __init__(self, turns: Iterable[Turn] = ()) -> None:
        self._known = set(turns)
        self._turns = sorted(self._known)

    def add(self, turn: Turn) -> None:
        if turn not in self._known:  # most have their rows, and stand here already
            self._known.add(turn)
            bisect.insort(self._turns, turn)

    def before(self, occurrence: datetime, channels: Collection[str]) -> Turn | None:
        """The last turn on any of the channels before the occurrence."""
        index = bisect.bisect_left(self._turns, occurrence, key=lambda turn: turn.occurrence)
        return next((turn for turn in reversed(self._turns[:index]) if turn.channel in channels), None)

    def near(self, occurrence: datetime, channels: Collection[str], rest: timedelta) -> set[str]:
        """The messages with a turn on any of the channels less than `rest` away, before or after."""
        low = bisect.bisect_right(self._turns, occurrence - rest, key=lambda turn: turn.occurrence)
        high = bisect.bisect_left(self._turns, occurrence + rest, key=lambda turn: turn.occurrence)
        return {turn.message for turn in self._turns[low:high] if turn.channel in channels}


def choose(
    pick: Pick,
    listing: Sequence[str],
    turns: Turns,
    occurrence: datetime,
    channels: Collection[str],
    *,
    rest: timedelta | None,
    seed: str,
) -> str | None:
    """The message of an occurrence for all its channels; None if the folder is empty or no message is rested.

    `next` follows the preceding turn in file-name order (Vietnamese collation) and starts with the first;
    `random` depends on the seed and the occurrence alone, so that a file more or less changes few choices.
    """
    if pick not in (Pick.NEXT, Pick.RANDOM):
        raise ValueError(f"{pick} is not a choice of one message ahead of its time")
    tired = turns.near(occurrence, channels, rest) if rest else set()
    return next((name for name in _order(pick, listing, turns, occurrence, channels, seed) if name not in tired), None)


def in_order(names: Iterable[str]) -> list[str]:
    """File names in the order in which their messages take turns."""
    return sorted(names, key=collation_key)


def _order(
    pick: Pick, listing: Sequence[str], turns: Turns, occurrence: datetime, channels: Collection[str], seed: str
) -> list[str]:
    names = in_order(listing)
    if pick is Pick.RANDOM:
        return sorted(names, key=lambda name: _lot(seed, occurrence, name))
    previous = turns.before(occurrence, channels)
    if previous is None:
        return names
    start = bisect.bisect_right(names, collation_key(previous.message), key=collation_key)
    return names[start:] + names[:start]


def _lot(seed: str, occurrence: datetime, name: str) -> bytes:
    return hashlib.sha256(f"{seed}\n{occurrence.isoformat()}\n{name}".encode()).digest()
