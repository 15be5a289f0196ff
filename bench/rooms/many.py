"""Many channels at once, each on a host of its own with TLS that answers in its own time, and some of them hung."""

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from bench import living, offices
from bench.answering import answers, ideal
from bench.hosts import Authority, Hosts
from bench.lab import Lab, LabError, Scale
from bench.results import Goal, Result, quantile
from publisher.dispatcher import MOST_THREADS

_EACH = 10  # deliveries of a channel
_HUNG = 50  # of so many hosts one never answers
_DEADLINES = {Scale.FULL: 30.0, Scale.QUICK: 10.0, Scale.TINY: 2.0}  # seconds; 30 is the daemon's own
_NEAR = Goal(1.1, of="ratio")


def run(lab: Lab) -> list[Result]:
    """When the last request leaves, against the ideal schedule; and what hung hosts cost the others.

    Without the hung hosts nothing of their channels is due. Only the others are measured, in both.
    """
    size = lab.size(full=3_321, quick=300, tiny=5)
    scale = 0.1 if lab.scale is Scale.TINY else 1.0  # of the answers' times
    names = [offices.channel(number) for number in range(size)]
    hung = names[:: min(_HUNG, size)]
    healthy = sorted(set(names) - set(hung))
    starts = ideal([list(islice(answers(name, scale), _EACH)) for name in healthy], MOST_THREADS)
    with lab.place() as office, lab.place() as keys:
        authority = Authority(keys)
        lab.run(offices.prepare_due, directory=str(office), channels=size, dues=[0.0] * (_EACH * size))

        def side(stuck: Sequence[str]) -> dict[str, Any]:
            with lab.place(office) as copy, Hosts(authority, stuck, scale) as hosts:
                if not stuck:
                    offices.put_off(copy, hung)
                ca, deadline = str(authority.path), _DEADLINES[lab.scale]
                found: dict[str, Any] = lab.run(
                    ours, directory=str(copy), url=hosts.url, lead=lab.lead, ca=ca, deadline=deadline, hung=hung
                )
                return found | {"late": _late(hosts, offices.dues(copy, without=hung))}

        withs, withouts = lab.repeat("many", lambda: side(hung), lambda: side(()), most=_repeats(lab))
    return _results(_EACH * len(healthy), starts, withs, withouts)


def ours(directory: str, url: str, lead: float, ca: str, deadline: float, hung: Sequence[str]) -> dict[str, Any]:
    """The daemon sends what a prepared workspace holds."""
    return living.live(Path(directory), url, lead, ca=ca, deadline=deadline, hung=hung)


def _repeats(lab: Lab) -> int | None:
    """It takes minutes at its full size."""
    return 1 if lab.scale is Scale.FULL else None


def _late(hosts: Hosts, dues: dict[str, float]) -> list[float]:
    """How late the first byte of each delivery came, in seconds."""
    came = hosts.record()
    wrong = [key for key in dues if len(came.get(key, ())) != 1]
    if wrong:
        raise LabError(f"{len(wrong)} deliveries to hosts that answer did not come exactly once")
    return [came[key][0] - due for key, due in dues.items()]


def _results(
    size: int, starts: Sequence[float], withs: Sequence[dict[str, Any]], withouts: Sequence[dict[str, Any]]
) -> list[Result]:
    def late(found: Sequence[dict[str, Any]], share: float) -> tuple[float, ...]:
        return tuple(quantile(one["late"], share) for one in found)

    best, without = "ideal schedule", "without hung hosts"
    p99, bare_p99 = late(withs, 0.99), late(withouts, 0.99)
    return [
        Result("many last first byte", size, late(withs, 1.0), "s", best, (max(starts),), _NEAR),
        Result("many last first byte, none hung", size, late(withouts, 1.0), "s", best, (max(starts),), _NEAR),
        Result("many healthy p99", size, p99, "s", without, bare_p99, _NEAR),
        Result("many healthy p50", size, late(withs, 0.5), "s", best, (quantile(starts, 0.5),)),
        Result("many cpu", size, tuple(1000 * one["cpu"] / size for one in withs), "ms/delivery", without,
               tuple(1000 * one["cpu"] / size for one in withouts)),
    ]  # fmt: skip
