"""The quick part of the harness: struck at the points that matter most, Publisher keeps its promise."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.faults.cases import KINDS
from tests.faults.judge import Verdict
from tests.faults.labs import verdicts
from tests.faults.mutants import MUTANTS, Mutant
from tests.faults.quick import quick_cases
from tests.faults.random_lives import catalogue, random_case
from tests.faults.strikes import Case

_CASES = quick_cases()
_ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Verdict]:
    """The verdicts of all quick cases, by their text."""
    return {verdict.case: verdict for verdict in verdicts(_CASES, tmp_path_factory.mktemp("faults"), jobs=2)}


@pytest.mark.parametrize("case", _CASES, ids=str)
def test_the_judge_objects_to_nothing(case: Case, judged: Mapping[str, Verdict]) -> None:
    assert judged[str(case)].objections == []


def test_what_settles_by_itself_does_so_within_five_minutes(judged: Mapping[str, Verdict]) -> None:
    settled = [seconds for verdict in judged.values() for seconds in verdict.settled]
    assert len(settled) > len(_CASES)
    assert max(settled) <= 300


def test_a_storm_and_a_full_disk_may_cost_few_doubts() -> None:
    assert {case.fault: case.doubts for case in _CASES if case.doubts is not None} == {
        "storm-error": 6, "disk-full": 0, "no-room": 0,
    }  # fmt: skip


def test_a_case_is_known_by_its_text() -> None:
    for case in _CASES:
        assert Case.read(str(case)) == case


def test_random_lives_are_the_same_every_time_and_can_be_told_by_their_text() -> None:
    def points(scene: str, *_openings: object) -> list[str]:
        return [f"{scene}: sent", "publish begins", "before commit sending"]

    where = catalogue(points)
    assert where.keys() == {*KINDS, "town"}
    cases = [random_case(where, 7, number) for number in range(300)]
    assert cases == [random_case(where, 7, number) for number in range(300)]
    assert [Case.read(str(case)) for case in cases] == cases
    assert len({strike.fault for case in cases for strike in case.strikes}) > 25


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mistake_that_is_made_on_purpose_can_still_be_made(mutant: Mutant) -> None:
    mutant.check(_ROOT)
