"""How verbs are told which deliveries are meant: words that name numbers, campaigns, schedules, messages, channels."""

import argparse

from sqlalchemy import Connection

from publisher.cli.complaint import Complaint
from publisher.delivery import Delivery, State
from publisher.store import deliveries

HELP = (
    "which: numbers (12), a campaign, campaign/schedule, campaign/message.md, or a channel; "
    "several words narrow it down, several numbers add up"
)


def add_filter(parser: argparse.ArgumentParser, required: bool) -> None:
    """Declare the words."""
    parser.add_argument("filter", nargs="+" if required else "*", metavar="FILTER", help=HELP)


def selected(view: Connection, words: list[str], states: frozenset[State]) -> list[Delivery]:
    """The deliveries in these states that all words mean. Complaint if a word means nothing at all."""
    numbers = {int(word.lstrip("#")) for word in words if word.lstrip("#").isdigit()}
    names = [word for word in words if not word.lstrip("#").isdigit()]
    rows = deliveries.unfinished(view, states)
    if numbers:
        found = [row for row in rows if row.id in numbers]
        for number in sorted(numbers - {row.id for row in found}):
            row = deliveries.get(view, number)
            state = f"is {row.state.value}" if row else "does not exist"
            wanted = ", ".join(sorted(state.value for state in states))
            raise Complaint(f"delivery {number} {state} (this verb takes deliveries that are {wanted})")
        rows = found
    for name in names:
        rows = [row for row in rows if name in meanings(row)]
        if not rows:
            raise Complaint(f"nothing here is meant by {name!r} ({HELP})")
    return rows


def meanings(row: Delivery) -> frozenset[str]:
    """The words that mean a delivery."""
    message = {f"{row.campaign}/{row.message}", row.message} if row.message else set()
    return frozenset({row.campaign, row.name, row.schedule, row.channel, *message})
