"""The benches, as small as they can be: that they measure, never how fast anything is."""

import json
import os
import shutil
from itertools import islice
from pathlib import Path

import pytest

from bench import nginx
from bench.answering import answers, ideal
from bench.lab import Lab, LabError, Scale
from bench.results import Goal, Result, keep, quantile, table
from bench.rooms import burst, growth, lateness, many, memory, planning


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path, repeats=1, scale=Scale.TINY)


@pytest.fixture
def sink() -> None:
    if nginx.program() is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("nginx is not there")


@pytest.mark.real
def test_a_burst_is_measured_against_the_bare_loop(lab: Lab, sink: None) -> None:
    found = {result.name: result for result in burst.run(lab)}
    rate = found["burst"]
    assert rate.size == 20
    assert rate.value > 0
    assert rate.ratio is not None
    assert rate.ratio > 0
    assert found["burst commits"].value > 0
    assert 0 < found["burst lateness p50"].value <= found["burst lateness max"].value


@pytest.mark.real
def test_lateness_is_measured_at_the_sink(lab: Lab, sink: None) -> None:
    middle, most = (result.value for result in lateness.run(lab) if result.name != "lateness idle p99")
    assert 0 <= middle <= most < 60_000


@pytest.mark.real
@pytest.mark.skipif(shutil.which("openssl") is None and os.environ.get("CI") != "true", reason="openssl is not there")
def test_many_hosts_are_measured_against_the_ideal_schedule(lab: Lab) -> None:
    found = {result.name: result for result in many.run(lab)}
    last = found["many last first byte"]
    assert last.size == 4 * 10  # one of the five hosts hangs
    assert last.ratio is not None
    assert last.ratio >= 1  # nobody betters it
    assert 0 < found["many healthy p50"].value < found["many healthy p99"].value <= last.value
    assert found["many cpu"].value > 0


def test_the_answers_of_a_host_are_always_the_same_and_neither_fast_nor_slow() -> None:
    once, again, other = (list(islice(answers(host, 1.0), 500)) for host in ("a", "a", "b"))
    assert once == again != other
    assert (min(once), max(once)) == (0.3, 3.0)
    assert sorted(once)[250] == pytest.approx(0.8, abs=0.1)
    assert next(answers("a", 0.1)) == pytest.approx(once[0] / 10)


def test_in_the_ideal_schedule_each_host_is_asked_as_soon_as_it_has_answered() -> None:
    assert sorted(ideal([[1.0, 2.0, 3.0], [5.0, 1.0]], hands=2)) == [0.0, 0.0, 1.0, 3.0, 5.0]


def test_in_the_ideal_schedule_a_host_waits_for_the_first_free_hand() -> None:
    assert ideal([[4.0], [1.0], [1.0, 1.0], [1.0]], hands=2) == [0.0, 0.0, 1.0, 2.0, 3.0]


def test_planning_is_measured(lab: Lab) -> None:
    found = {result.name: result for result in planning.run(lab)}
    assert found["planning into rows"].size == 20 * 30
    assert all(result.value > 0 for result in found.values())


def test_memory_is_measured_with_and_without_rows(lab: Lab) -> None:
    found = memory.run(lab)
    assert [result.size for result in found if result.name == "memory most"] == [0, 2 * 7 * 14]
    assert all(result.value > 0 for result in found)


@pytest.mark.real
def test_growth_is_measured_of_everything(lab: Lab, sink: None) -> None:
    found = {result.name.removeprefix("growth: "): result for result in growth.run(lab)}
    assert list(found) == ["burst", "planning", "planning again", "idle round", "memory", "check"]
    assert found["idle round"].size == found["memory"].size == 2 * 18 * 14
    assert all(-1 < result.value < 3 for result in found.values())


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_an_exponent_is_the_power_by_which_a_cost_grows(power: float) -> None:
    sizes = [100.0, 300.0, 900.0]
    assert growth.exponent(sizes, [7 * size**power for size in sizes]) == pytest.approx(power)


def test_what_takes_long_is_repeated_less_unless_somebody_asks(tmp_path: Path) -> None:
    def repeats(lab: Lab) -> int:
        return len(lab.repeat("turns", lambda: None, most=2)[0])

    assert repeats(Lab(tmp_path, repeats=3)) == 2
    assert repeats(Lab(tmp_path, repeats=3, exactly=True)) == 3
    assert repeats(Lab(tmp_path, repeats=1)) == 1


def test_a_measurement_that_fails_says_why(lab: Lab, tmp_path: Path) -> None:
    with pytest.raises(LabError, match=r"schedules\.yaml"):
        lab.run(planning.outlined, directory=str(tmp_path))


def test_a_measurement_takes_more_arguments_than_a_command_line(lab: Lab) -> None:
    sizes, costs = [float(number) for number in range(1, 30_000)], [3.0 * number for number in range(1, 30_000)]
    assert lab.run(growth.exponent, sizes=sizes, costs=costs) == pytest.approx(1.0)


def test_sides_take_turns_and_the_first_changes(tmp_path: Path) -> None:
    calls: list[str] = []
    lab = Lab(tmp_path, repeats=3)
    found = lab.repeat("turns", lambda: calls.append("a"), lambda: calls.append("b"))
    assert "".join(calls) == "abbaab"
    assert [len(side) for side in found] == [3, 3]


def test_a_figure_stands_beside_its_baseline_and_its_goal() -> None:
    result = Result("burst", 10_000, (80.0, 70.0, 95.0), "deliveries/s", "loop", (100.0,), Goal(0.8, "ratio", True))
    assert result.as_json() == {
        "name": "burst",
        "size": 10_000,
        "value": 80.0,
        "unit": "deliveries/s",
        "baseline": "loop",
        "baseline_value": 100.0,
        "ratio": 0.8,
    }
    line = table([result]).splitlines()[-1]
    assert line == (
        "| burst | 10,000 | 80 (70 – 95) deliveries/s | loop: 100 deliveries/s | 0.80 | ≥ 0.8 of the baseline – met |"
    )


@pytest.mark.parametrize(
    ("goal", "value", "ratio", "met"),
    [
        (Goal(50), 50.0, None, True),
        (Goal(50), 51.0, None, False),
        (Goal(0.8, "ratio", at_least=True), 9.0, 0.79, False),
        (Goal(0.8, "ratio", at_least=True), 0.1, 0.8, True),
        (Goal(0.8, "ratio", at_least=True), 9.0, None, False),
    ],
)
def test_a_goal_is_met_or_missed(goal: Goal, value: float, ratio: float | None, met: bool) -> None:
    assert goal.is_met(value, ratio) is met


def test_a_share_of_the_values_does_not_exceed_a_quantile() -> None:
    values = [float(number) for number in range(100, 0, -1)]
    assert [quantile(values, share) for share in (0.0, 0.5, 0.99, 1.0)] == [1.0, 50.0, 99.0, 100.0]
    assert quantile([7.0], 0.5) == 7.0


def test_the_figures_of_benches_that_did_not_run_are_kept(tmp_path: Path) -> None:
    old = [
        Result("burst", 1, (1.0,), "s"),
        Result("start check", 1, (1.0,), "s"),
        Result("start --help", 1, (1.0,), "s"),
    ]
    keep(old, tmp_path, "Then.")
    keep([Result("start check", 1, (2.0,), "s")], tmp_path, "Now.")
    rows = json.loads((tmp_path / "latest.json").read_text(encoding="utf-8"))
    assert [(row["name"], row["value"]) for row in rows] == [("burst", 1.0), ("start check", 2.0)]
    lines = (tmp_path / "latest.md").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "Now."
    assert [line for line in lines if line.startswith(("| burst", "| start"))] == [
        "| burst | 1 | 1 s |  |  |  |",
        "| start check | 1 | 2 s |  |  |  |",
    ]
