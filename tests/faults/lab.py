"""A lab: a sandbox, a proxy before it, and the scenes laid out once; it runs cases one after another."""

import shutil
from collections.abc import Sequence
from datetime import timedelta
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from publisher.store import deliveries, log
from publisher.store.database import Store
from sandbox.client import Sandbox
from tests.faults.blows import SET
from tests.faults.board import Board
from tests.faults.course import Course
from tests.faults.judge import Evidence, Verdict, judge
from tests.faults.life import Life, Order
from tests.faults.proxy import Proxy
from tests.faults.scenes import DUE, SCENES, START, Scene
from tests.faults.shelves import Shelves
from tests.faults.strikes import Case, Strike

_AHEAD = timedelta(minutes=1)
_MOMENT = timedelta(seconds=1)
_numbers = count(1)


class Lab:
    """Use it as a context. One case at a time."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self._sandbox = Sandbox(directory / "sandbox")
        self._proxy = Proxy(self._sandbox)
        self._first: dict[str, frozenset[tuple[Any, ...]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._proxy.close()
        self._sandbox.stop()

    def run_case(self, case: Case) -> Verdict:
        """Let it happen, and judge it."""
        return self._run(case, traces=False)[0]

    def points(self, scene: str, *openings: Strike) -> list[str]:
        """The points that the first life passes to which nothing happens; or all after these strikes."""
        traces = self._run(Case(scene, openings), traces=True)[1].traces
        return [point for trace in (traces[1:] if openings else traces[:1]) for point in trace]

    def _run(self, case: Case, traces: bool) -> tuple[Verdict, Course]:
        scene = SCENES[case.scene]
        first = self._laid_out(scene)
        mark = f"f{next(_numbers)}"
        directory = self._directory / mark
        shutil.copytree(self._directory / scene.name, directory)
        Board.make(directory / "board", DUE - _AHEAD).close()
        shelves = Shelves(directory, scene)
        course = Course(case, scene, directory, mark, self._sandbox, self._proxy.url, shelves.look, traces)
        self._proxy.fate = course
        try:
            course.run()
            end = course.board.now()
            course.finish()
            shelves.look()
            verdict = Verdict(str(case), case.fault, course.struck, len(case.strikes))
            _note_ends(verdict, case, course)
            rows, entries = _read(directory)
            records = [*self._records(scene, mark), *shelves.records]
            faults = {strike.fault for strike in case.strikes}
            evidence = Evidence(
                scene, mark, rows, entries, first, records, shelves.keys, shelves.spoilt, course.heard_all,
                end, course.healed, DUE - _AHEAD, not SET.keys().isdisjoint(faults),
                not {*SET, "restore"}.isdisjoint(faults), course.full, course.resumed,
                shelves.texts,
            )  # fmt: skip
            judge(verdict, evidence)
            if case.doubts is not None and not course.resumed and verdict.needs_person > case.doubts:
                verdict.unfit.append(f"{verdict.needs_person} deliveries need a person, and {case.doubts} may")
            return verdict, course
        finally:
            self._proxy.fate = None
            shelves.close()
            shutil.rmtree(directory)

    def _records(self, scene: Scene, mark: str) -> list[dict[str, Any]]:
        found = self._sandbox.record()
        return [entry for entry in found if entry["place"].lstrip("@").startswith((f"{mark}-", f"{mark}_"))]

    def _laid_out(self, scene: Scene) -> frozenset[tuple[Any, ...]]:
        """The scene in its folder, with all its rows planned; their identities."""
        if scene.name not in self._first:
            directory = self._directory / scene.name
            directory.mkdir()
            scene.write(directory)
            Board.make(directory / "board", START).close()
            order = Order(directory, directory / "board", self._proxy.url, "none", scene.name, START + _MOMENT)
            with Life(order) as life:
                end = life.wait()
            rows, _ = _read(directory)
            if end.how != "ended" or len(rows) != scene.expected:
                raise AssertionError(f"{scene.name}: {len(rows)} rows of {scene.expected}; {end.how} {end.error}")
            self._first[scene.name] = frozenset(row.identity for row in rows)
        return self._first[scene.name]


def _note_ends(verdict: Verdict, case: Case, course: Course) -> None:
    for end in course.ends:
        if end.how in ("failed", "hung", "occupied"):
            verdict.unfit.append(f"a life {end.how}: {end.error}")
    if course.ends[-1].how != "ended":
        verdict.unfit.append(f"the last life {course.ends[-1].how}")
    missed = case.strikes[course.struck :]
    if case.sure and missed:
        verdict.unfit.append(f"its points were not passed: {'; '.join(map(str, missed))}")


def _read(directory: Path) -> tuple[Sequence[Any], Sequence[Any]]:
    store = Store(directory / "var" / "publisher.db")
    try:
        with store.read() as view:
            return deliveries.select_where(view), list(log.entries(view))
    finally:
        store.close()
