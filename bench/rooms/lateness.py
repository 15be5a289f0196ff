"""Lateness of an idle daemon: single deliveries, seconds apart; when the first byte left, minus due."""

from pathlib import Path
from typing import Any

from bench import living, offices
from bench.lab import Lab
from bench.nginx import Nginx
from bench.results import Goal, Result, quantile

_CHANNELS = 20
_APART = 0.25  # seconds


def run(lab: Lab) -> list[Result]:
    """The lateness in a burst stands with `burst`."""
    size = lab.size(full=60, quick=20, tiny=3)
    with lab.place() as office, lab.place() as folder, Nginx(folder) as sink:
        dues = [number * _APART for number in range(size)]
        lab.run(offices.prepare_due, directory=str(office), channels=min(_CHANNELS, size), dues=dues)

        def publisher() -> list[float]:
            sink.forget()
            with lab.place(office) as copy:
                lab.run(ours, directory=str(copy), url=sink.url, lead=lab.lead)
                came, due = sink.record(), offices.dues(copy)
                return [(came[key] - due[key]) * 1000 for key in due]

        (found,) = lab.repeat("lateness", publisher, most=3)
    return [
        Result(f"lateness idle {name}", size, tuple(quantile(late, share) for late in found), "ms", goal=goal)
        for name, share, goal in (("p50", 0.5, None), ("p99", 0.99, Goal(50)), ("max", 1.0, None))
    ]


def ours(directory: str, url: str, lead: float) -> dict[str, Any]:
    """The daemon sends what a prepared workspace holds."""
    return living.live(Path(directory), url, lead)
