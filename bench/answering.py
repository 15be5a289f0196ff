"""When hosts answer: the same times in each run, and the schedule that nobody could better."""

import heapq
import math
import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

#: Seconds until an answer: log-normal, as people's websites are, and kept between the two.
_MEDIAN, _SIGMA = 0.8, 0.6
_LEAST, _MOST = 0.3, 3.0


def answers(host: str, scale: float) -> Iterator[float]:
    """The seconds that each answer of a host takes, in turn and without end."""
    chance = random.Random(host)
    while True:
        yield scale * min(max(chance.lognormvariate(math.log(_MEDIAN), _SIGMA), _LEAST), _MOST)


def ideal(hosts: Iterable[Sequence[float]], hands: int) -> list[float]:
    """When each request would leave at best, in seconds from the instant at which all are due.

    A host is asked for one thing at a time, by one of so many hands, and who asks takes no time for itself.
    """
    free = [0.0] * hands
    starts = []
    for seconds in hosts:
        *begins, end = accumulate(seconds, initial=heapq.heappop(free))
        starts += begins
        heapq.heappush(free, end)
    return starts
