"""Reads the log alone, from its first entry to its last, and says what state each delivery must be in.

An entry of a move says where the delivery was. If that is not where the entries before it have left it, one is missing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from publisher.delivery import TRANSITIONS, State

_STATES = {state.value: state for state in State}
_ASKED_AGAIN = (State.IN_DOUBT, State.ACCEPTED)


@dataclass
class Told:
    """What the log says of one delivery."""

    state: State
    epoch: int = 0
    receipt: Mapping[str, Any] | None = None
    message: str | None = None
    journey: list[tuple[str, str]] = field(default_factory=list)  # when, and the state from then on


@dataclass
class Replay:
    """All deliveries by number, and what does not fit together."""

    deliveries: dict[int, Told] = field(default_factory=dict)
    gaps: list[str] = field(default_factory=list)


def replay(entries: Iterable[Mapping[str, Any]]) -> Replay:
    """The deliveries as the log tells of them."""
    found = Replay()
    last = 0
    for entry in entries:
        if entry["id"] != last + 1:
            found.gaps.append(f"entry {entry['id']} follows entry {last}")
        last = entry["id"]
        if entry["event"] in _STATES and "delivery" in entry:
            _move(found, entry)
        elif entry["event"] == "replanned" and entry.get("message"):
            found.deliveries[entry["delivery"]].message = entry["message"]
    return found


def _move(found: Replay, entry: Mapping[str, Any]) -> None:
    number, state = entry["delivery"], _STATES[entry["event"]]
    told = found.deliveries.get(number)
    if told is None:
        if "was" in entry:
            found.gaps.append(f"delivery {number} begins as {entry['was']}: nothing says that it was planned")
        found.deliveries[number] = told = Told(state, message=entry.get("message"))
    elif entry.get("was") != told.state.value:
        found.gaps.append(
            f"delivery {number} became {state.value} from {entry.get('was')}, and the log left it {told.state.value}"
        )
    elif state not in TRANSITIONS[told.state] and not (state is told.state and state in _ASKED_AGAIN):
        found.gaps.append(f"delivery {number} became {state.value}, which it cannot from {told.state.value}")
    if entry.get("epoch", told.epoch) < told.epoch:
        found.gaps.append(f"delivery {number} went back from epoch {told.epoch} to {entry['epoch']}")
    told.state, told.epoch = state, entry.get("epoch", told.epoch)
    told.message = entry.get("message", told.message)
    told.receipt = entry.get("receipt", told.receipt)
    told.journey.append((entry["at"], state.value))
