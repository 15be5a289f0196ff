"""Many cases at once: so many labs, each with a sandbox of its own."""

import queue
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from tests.faults.judge import Verdict
from tests.faults.lab import Lab
from tests.faults.strikes import Case


def verdicts(cases: Sequence[Case], folder: Path, jobs: int) -> Generator[Verdict]:
    """The verdicts of all cases, as they come. The labs are mostly waiting for their lives: threads do."""
    waiting: queue.SimpleQueue[Case] = queue.SimpleQueue()
    for case in cases:
        waiting.put(case)
    done: queue.SimpleQueue[Verdict | None] = queue.SimpleQueue()

    def work(number: int) -> None:
        try:
            with Lab(folder / f"lab-{number}") as lab:
                while True:
                    done.put(lab.run_case(waiting.get_nowait()))
        except queue.Empty:
            pass
        finally:
            done.put(None)

    with ThreadPoolExecutor(jobs) as pool:
        workers = [pool.submit(work, number) for number in range(jobs)]
        try:
            left = jobs
            while left:
                verdict = done.get()
                if verdict is None:
                    left -= 1
                else:
                    yield verdict
        finally:  # who gives up waits for the cases at hand, and for no others
            with suppress(queue.Empty):
                while True:
                    waiting.get_nowait()
        for worker in workers:
            worker.result()
