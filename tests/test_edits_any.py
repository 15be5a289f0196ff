"""Any sequence of edits, stops and starts: never more than the plan in force implies, and nothing is lost in it."""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from publisher import layout
from publisher.delivery import State
from sandbox.client import Sandbox
from tests.lives import Life, living

HOUR = timedelta(hours=1)
CHANNELS = ("tg", "tg2")
CONTENTS = ("a.md", "f/")

Line = dict[str, object]
LINES: st.SearchStrategy[Line] = st.fixed_dictionaries(
    {
        "content": st.sampled_from(CONTENTS),
        "at": st.lists(
            st.sampled_from(["07:00", "10:00", "13:00", "16:00", "19:00"]), min_size=1, max_size=2, unique=True
        ),
        "to": st.sampled_from([["tg"], ["tg2"], ["tg", "tg2"]]),
    },
    optional={"days": st.sampled_from(["mon", "tue", "weekdays"]), "spread": st.just("40m")},
)


@dataclass(frozen=True)
class Edit:
    """Some hours later, other lines (None: the line is not there), perhaps under new names; perhaps over a stop."""

    hours: int
    lines: tuple[Line | None, Line | None]
    renames: bool
    stops: bool


EDITS = st.lists(
    st.builds(
        Edit,
        st.integers(1, 11),
        st.tuples(LINES, st.one_of(st.none(), LINES)),
        st.booleans(),
        st.booleans(),
    ),
    min_size=1,
    max_size=5,
)


@dataclass
class Names:
    """A line has the same name as long as it is there and nobody renames it; no name comes twice."""

    count: int = 0
    held: list[str | None] = field(default_factory=lambda: [None, None])

    def of(self, edit: Edit) -> list[str]:
        for index, line in enumerate(edit.lines):
            if line is None:
                self.held[index] = None
            elif self.held[index] is None or edit.renames:
                self.count += 1
                self.held[index] = f"s{self.count}"
        return [name for name in self.held if name]


def write(life: Life, edit: Edit, names: Names) -> None:
    lines = [line for line in edit.lines if line]
    text = "\n".join(f"{name}: {json.dumps(line)}" for name, line in zip(names.of(edit), lines, strict=True))
    life.schedules(text)


def implied(life: Life) -> Counter[tuple[str, str, str]]:
    """How often the plan in force has each content on each channel and day."""
    schedules = life.running.workspace.schedules
    first, last = life.instant("02-13 00:00"), life.instant("02-21 00:00")
    return Counter(
        (str(schedule.content), place.channel.name, life.local(place.occurrence)[:5])
        for schedule in schedules.schedules
        for place in layout.places(schedule, schedules, first, last)
    )


def content_of(title: str) -> str:
    return "f/" if title.startswith("f/") else title


def seen(life: Life) -> list[tuple[str, str, str]]:
    return [(content_of(what), where, life.local(at)[:5]) for at, where, what in life.journal]


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(EDITS)
def test_never_more_than_the_plan_in_force_implies(
    tmp_path_factory: pytest.TempPathFactory, sandbox: Sandbox, edits: list[Edit]
) -> None:
    names = Names()
    with living(tmp_path_factory.mktemp("life"), sandbox) as life:
        for name in ("a.md", "f/1.md", "f/2.md", "f/3.md"):
            life.message(name)
        life.channels(*CHANNELS)
        write(life, edits[0], names)
        life.start("02-14 06:00")
        checked = 0
        for edit in [*edits[1:], edits[-1]]:
            checked = within(life, checked)
            when = life.local(life.clock.now() + edit.hours * HOUR)
            if edit.stops:
                life.stop()
            else:
                life.at(when)
                checked = within(life, checked)
            write(life, edit, names)
            if edit.stops:
                life.start(when)
            else:
                assert life.edit()
            checked = within(life, checked)
            life.unmoved()
        tomorrow = life.local(life.clock.now() + 24 * HOUR)[:5]
        life.at(f"{tomorrow} 00:00")
        checked = within(life, checked)
        life.at(f"{tomorrow} 23:59")
        within(life, checked)
        day = {key: count for key, count in implied(life).items() if key[2] == tomorrow}
        assert {key: count for key, count in Counter(seen(life)).items() if key[2] == tomorrow} == day
        assert all(row.reason for row in life.rows() if row.state not in (State.PLANNED, State.AWAITING))


def within(life: Life, checked: int) -> int:
    """Each publication since then had its place in the plan that was in force."""
    most, found = implied(life), seen(life)
    for index in range(checked, len(found)):
        assert found[: index + 1].count(found[index]) <= most[found[index]], (found[index], life.seen())
    return len(found)
