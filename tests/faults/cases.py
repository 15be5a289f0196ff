"""All cases: every point that a life passes, struck by every fault that makes sense there, in every scene.

The points are not listed by hand: a life to which nothing happens says which it passes. So a new request, step or
transaction of a kind is struck from its first day.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from tests.faults.blows import BEGIN, FILES
from tests.faults.course import is_on_the_way
from tests.faults.strikes import Case, Strike

KINDS = ("wordpress", "telegram", "album", "loudspeaker", "inbox")
_MOST = 3  # how often one point is struck, at its first, second … passing
_HALF_AN_HOUR = 1800.0
_NO_ROOM = 900.0  # the next delivery falls due meanwhile

EDITS_MIDWAY = ("edit-text", "edit-time", "edit-out", "edit-undone")
_COMMIT = ("kill", "io-error", "io-error-after", "disk-full", "stop")
_KIND = ("kill", "stall", "stop", "set-back", "set-on", "set-ahead", "no-room", *EDITS_MIDWAY)
_FILE = ("kill", "io-error", "disk-full", "stall", "stop")
_ANSWERS = (
    "too-many", "error", "unavailable", "gateway-timeout", "unauthorised", "forbidden", "refuse",
    "accept-then-504", "accept-then-garbage",
)  # fmt: skip
_ON_THE_WAY = {
    "begun": ("kill", "cut", "hang"),
    "sent": ("kill", "cut", "hang", "late", "delay", "stop", *_ANSWERS, *EDITS_MIDWAY),
    "accepted": ("kill", "cut", "hang", "drip", "stop"),
    "half": ("kill", "cut", "hang"),
    "answered": ("kill",),
}
#: What is struck once more while it recovers, by scene: at the public step, before and after the server took it.
OPENINGS: tuple[tuple[str, Strike], ...] = (
    ("wordpress", Strike("POST posts: accepted", "kill")),
    ("wordpress", Strike("POST posts/N: sent", "kill")),
    ("wordpress", Strike("POST posts/N: accepted", "kill")),
    ("telegram", Strike("sendMessage: accepted", "kill")),
    ("loudspeaker", Strike("publish begins", "kill")),
    ("loudspeaker", Strike("publish ends", "kill")),
    ("inbox", Strike("publish begins", "kill")),
    ("inbox", Strike("publish ends", "kill")),
)
STORMS = (
    "storm-too-many", "storm-error", "storm-unavailable", "storm-gateway-timeout", "storm-accept-then-504",
    "storm-accept-then-garbage", "storm-cut", "storm-hang", "storm-unauthorised",
)  # fmt: skip
#: A chat that does not answer costs a few doubts, and not one for each delivery.
_FEW = 6

Points = Callable[..., list[str]]


def faults_at(point: str) -> tuple[str, ...]:
    """The faults that make sense at a point."""
    if is_on_the_way(point):
        return _ON_THE_WAY[point.rpartition(": ")[2]]
    match point.split()[0]:
        case "before":
            return _COMMIT
        case "after":
            return ("kill", "stop")
        case "append":
            return ("kill", "disk-full")
        case "life":
            return ("kill",)
        case first if first in FILES:
            return _FILE
    return _KIND


def all_cases(points: Points) -> Iterator[Case]:
    """Every case; `points` tells what a life in a scene passes, perhaps after some strikes."""
    for scene in KINDS:
        yield from at_every_point(scene, points(scene))
        yield Case(scene, (Strike("connect", "cut"),)) if scene in ("wordpress", "telegram", "album") else Case(scene)
    for scene, opening in OPENINGS:
        yield from twice(scene, opening, points(scene, opening))
    yield from storms()
    for scene in KINDS:
        yield from restores(scene, points(scene))
    yield from others()


def at_every_point(scene: str, points: Iterable[str]) -> Iterator[Case]:
    """A case for each point of a life, and each fault there."""
    for point, count in Counter(points).items():
        for nth in range(1, min(count, _MOST) + 1):
            for fault in faults_at(point):
                yield Case(scene, (Strike(point, fault, nth, _lasts(fault)),))


def twice(scene: str, opening: Strike, points: Iterable[str]) -> Iterator[Case]:
    """A second strike at each point of the recovery from the first."""
    for point in dict.fromkeys(points):
        faults = ("kill", "cut", "too-many", "error", "accept-then-garbage") if point.endswith(": sent") else ("kill",)
        for fault in faults:
            yield Case(scene, (opening, Strike(point, fault)))


def storms() -> Iterator[Case]:
    """Half an hour of the same trouble, with a delivery each minute."""
    for scene, first in (("many-wordpress", "POST posts: sent"), ("many-telegram", "sendMessage: sent")):
        for fault in STORMS:
            yield Case(scene, (Strike(first, fault, 3, _HALF_AN_HOUR),), doubts=_FEW)
        yield Case(scene, (Strike(BEGIN, "down", 1, _HALF_AN_HOUR),), doubts=0)


def restores(scene: str, points: Iterable[str]) -> Iterator[Case]:
    """A backup before anything went out, which comes back at every point of a life."""
    for point in dict.fromkeys(points):
        if point != BEGIN:
            yield Case(scene, (Strike(BEGIN, "backup"), Strike(point, "restore")))


def others() -> Iterator[Case]:
    """A program that is down beyond all grace; a worker whose lease is over although its clock was set back."""
    for scene in ("hasty", "loudspeaker"):
        yield Case(scene, (Strike(BEGIN, "kill", 1, 7200.0),))
    for point in ("publish begins", "step part-1 kept", "step part-2 kept"):
        yield Case("telegram", (Strike(point, "stall-set-back"),))


def _lasts(fault: str) -> float:
    return _NO_ROOM if fault == "no-room" else 0.0
