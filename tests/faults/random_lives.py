"""Random lives: seeded sequences of strikes of any class at any point, in a town with every kind of channel."""

import random
from collections.abc import Callable, Mapping, Sequence

from tests.faults.blows import BEGIN
from tests.faults.cases import EDITS_MIDWAY, KINDS, OPENINGS, STORMS, faults_at
from tests.faults.strikes import Case, Strike

_MOST = 5  # strikes of one case
_TOWN = "town"
_DEAD = (0.0, 0.0, 60.0, 600.0)  # seconds between a death and the next life
_LASTS = (30.0, 120.0, 600.0)


def catalogue(points: Callable[..., list[str]]) -> Mapping[str, Sequence[str]]:
    """By scene the points that its lives pass, and their recoveries; always the same."""
    found = {scene: set(points(scene)) for scene in KINDS}
    for scene, opening in OPENINGS:
        found[scene] |= set(points(scene, opening))
    found[_TOWN] = set().union(*found.values())
    return {scene: sorted(names - {BEGIN}) for scene, names in found.items()}


def random_case(points: Mapping[str, Sequence[str]], seed: int, number: int) -> Case:
    """The case of this number in a run with this seed."""
    chance = random.Random(f"{seed} {number}")
    scene = chance.choice((_TOWN,) * 6 + KINDS)
    strikes = [_strike(points[scene], chance) for _ in range(chance.randint(1, _MOST))]
    if any(strike.fault == "restore" for strike in strikes):
        strikes.insert(0, Strike(BEGIN, "backup"))
    return Case(scene, tuple(strikes), seed * 1_000_000 + number, sure=False)


def _strike(points: Sequence[str], chance: random.Random) -> Strike:
    nth = chance.choice((1, 1, 1, 2, 3, 5))
    kind = chance.random()
    if kind < 0.15:
        return Strike("any moment", "kill-any", chance.randint(1, 10**6), chance.choice(_DEAD))
    if kind < 0.2:
        return Strike(BEGIN, "down", 1, chance.choice(_LASTS))
    point = chance.choice(points)
    if kind < 0.3 and point.endswith(": sent"):
        return Strike(point, chance.choice(STORMS), nth, chance.choice(_LASTS))
    if kind < 0.35:
        return Strike(point, "restore", nth, chance.choice(_DEAD))
    fault = chance.choice(faults_at(point))
    if fault in EDITS_MIDWAY and chance.random() < 0.5:
        fault = "kill"
    return Strike(point, fault, nth, _seconds(fault, chance))


def _seconds(fault: str, chance: random.Random) -> float:
    if fault == "kill":
        return chance.choice(_DEAD)
    return chance.choice(_LASTS) if fault == "no-room" else 0.0
