"""Burst: many deliveries due at once, over channels of one sink that answers at once."""

import threading
import time
from pathlib import Path
from typing import Any

import requests

from bench import living, offices
from bench.lab import Lab
from bench.nginx import Nginx
from bench.results import Goal, Result, quantile
from bench.sink import payload
from content.markup import shape
from content.post import Format

_BASELINE = "bare requests loop"


def run(lab: Lab) -> list[Result]:
    """Deliveries a second against a bare loop of requests that records nothing; and how late they were."""
    size, channels = lab.size(full=10_000, quick=2_000, tiny=20), lab.size(full=100, quick=100, tiny=4)
    with lab.place() as office, lab.place() as folder, Nginx(folder) as sink:
        composing = lab.run(offices.prepare_due, directory=str(office), channels=channels, dues=[0.0] * size)

        def publisher() -> dict[str, Any]:
            sink.forget()
            with lab.place(office) as copy:
                found: dict[str, Any] = lab.run(ours, directory=str(copy), url=sink.url, lead=lab.lead)
                came, due = sink.record(), offices.dues(copy)
                return found | {"late": [came[key] - due[key] for key in due]}

        def loop() -> dict[str, Any]:
            found: dict[str, Any] = lab.run(bare, url=sink.url, size=size, threads=channels)
            return found

        mine, bares = lab.repeat("burst", publisher, loop)
    return [
        *_results(size, mine, bares),
        Result("burst composing ahead", size, (1000 * composing / size,), "ms/delivery"),
    ]


def ours(directory: str, url: str, lead: float) -> dict[str, Any]:
    """The daemon sends what a prepared workspace holds."""
    return living.live(Path(directory), url, lead)


def bare(url: str, size: int, threads: int) -> dict[str, Any]:
    """As many threads post the same, each with a session of its own."""
    text = shape(offices.TEXT, Format.HTML)
    start = threading.Barrier(threads + 1)

    def post(mine: range) -> None:
        with requests.Session() as session:
            start.wait()
            for number in mine:
                key = f"post-{number}"
                answer = session.post(f"{url}/{key}", json=payload(key, offices.TITLE, text), timeout=30)
                answer.raise_for_status()

    workers = [threading.Thread(target=post, args=(range(size)[place::threads],)) for place in range(threads)]
    for worker in workers:
        worker.start()
    start.wait()
    began, cpu = time.monotonic(), time.process_time()
    for worker in workers:
        worker.join()
    return {"seconds": time.monotonic() - began, "cpu": time.process_time() - cpu}


def _results(size: int, mine: list[dict[str, Any]], bares: list[dict[str, Any]]) -> list[Result]:
    def each(found: list[dict[str, Any]], name: str, factor: float) -> tuple[float, ...]:
        return tuple(one[name] * factor for one in found)

    rates, bare_rates = (tuple(size / one["seconds"] for one in found) for found in (mine, bares))
    goal = Goal(0.8, of="ratio", at_least=True)
    return [
        Result("burst", size, rates, "deliveries/s", _BASELINE, bare_rates, goal),
        Result("burst cpu", size, each(mine, "cpu", 1000 / size), "ms/delivery", _BASELINE,
               each(bares, "cpu", 1000 / size)),
        Result("burst commits", size, each(mine, "commits", 1 / size), "a delivery"),
        Result("burst time in commits", size, each(mine, "commit_seconds", 1000 / size), "ms/delivery"),
        *(
            Result(f"burst lateness {name}", size, tuple(quantile(one["late"], share) * 1000 for one in mine), "ms")
            for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))
        ),
    ]  # fmt: skip
