"""How verbs are told which deliveries are meant: words that name numbers, campaigns, schedules, messages, channels."""

import argparse
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection

from publisher.cli.complaint import Complaint
from publisher.delivery import Delivery, State
from publisher.store import deliveries

HELP = (
    "which: numbers (12), a campaign, campaign/schedule, campaign/message.md, or a channel; "
    "several words narrow it down, several numbers add up"
)


@dataclass(frozen=True)
class Words:
    """The words of a filter: deliveries by number, and names that all have to be meant."""

    numbers: frozenset[int]
    names: tuple[str, ...]

    @classmethod
    def of(cls, words: Collection[str]) -> "Words":
        """`12` and `#12` are numbers."""
        bare = {word: word.removeprefix("#") for word in words}
        numbers = frozenset(int(number) for number in bare.values() if number.isdecimal())
        return cls(numbers, tuple(word for word in words if not bare[word].isdecimal()))

    def mean(self, row: Delivery) -> bool:
        """Whether they mean a delivery."""
        return (not self.numbers or row.id in self.numbers) and meanings(row).issuperset(self.names)


def add_filter(parser: argparse.ArgumentParser, required: bool) -> None:
    """Declare the words."""
    parser.add_argument("filter", nargs="+" if required else "*", metavar="FILTER", help=HELP)


def selected(view: Connection, words: Collection[str], states: frozenset[State]) -> list[Delivery]:
    """The deliveries in these states that all words mean. Complaint if a word means nothing at all."""
    meant = Words.of(words)
    rows = deliveries.unfinished(view, states)
    for number in sorted(meant.numbers - {row.id for row in rows}):
        raise Complaint(_unfit(deliveries.get(view, number), number, states))
    found = [row for row in rows if meant.mean(row)]
    if not found:
        raise Complaint(f"nothing that is {_spelled(states)} is meant by {' '.join(words)!r} (see `publisher status`)")
    return found


def meanings(row: Delivery) -> frozenset[str]:
    """The words that mean a delivery."""
    message = {f"{row.campaign}/{row.message}", row.message} if row.message else set()
    return frozenset({row.campaign, row.name, row.schedule, row.channel, *message})


def _unfit(row: Delivery | None, number: int, states: frozenset[State]) -> str:
    if row is None:
        return f"there is no delivery {number} (see `publisher status` and `publisher log`)"
    return f"delivery {number} is {row.state.value}; this verb takes what is {_spelled(states)}"


def _spelled(states: frozenset[State]) -> str:
    return " or ".join(state.value for state in State if state in states)
