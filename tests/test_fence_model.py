"""Whatever happens in whatever order: the place has each delivery once, the rows say what is so, and none is lost.

The real worker, dispatcher, planner, guard and store, on a clock set by hand; the place is a model with a record of
its own, and the machine keeps beside it what people ordered.
"""

import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from publisher import decisions
from publisher.clock import VirtualClock
from publisher.decisions import ENDED, person
from publisher.delivery import OPEN, UNFINISHED, Delivery, State
from publisher.fence import LEASE
from publisher.store import deliveries, log, pauses
from publisher.store.database import Store
from publisher.store.pauses import Scope
from publisher.workspace import CAMPAIGNS, Workspace, read_workspace
from tests.benches import NOW
from tests.mortals import Doom, Office, Process
from tests.places import KINDS, RIDDLES, TROUBLES, WELL, Place, Wire
from tests.test_delivery import STAYING, TABLE

#: Of each kind. A life that fails is shown as it was: to shorten one takes longer than to read it.
LIVES, STEPS = 8, 10
DAY = "2022-02-14"
FOLDERS, EACH = "abcdefg", ("1.md", "2.md")
TIMES = ("08:30", "10:00", "10:00", "12:00", "14:00", "17:00")
BEGIN = NOW - timedelta(hours=1)  # 07:00 there
END = NOW + timedelta(hours=17)  # 01:00 of the next day
WHO = person("Lan")

Entries = tuple[tuple[str, str], ...]  # folder and time
FIRST: Entries = tuple(zip(FOLDERS, TIMES, strict=False))
_PLANNED = (State.PLANNED, State.AWAITING)
#: What a person may decide about a delivery in a state; the most urgent first.
ACTS = {State.NEEDS_PERSON: ("absent", "there", "cancel"), State.HELD: ("release", "cancel")}
ACTS |= dict.fromkeys(sorted(ENDED), ("release",)) | dict.fromkeys(_PLANNED, ("hold", "cancel"))


class _Files:
    """The files of a plan, in memory."""

    def __init__(self, kind: str, entries: Entries) -> None:
        lines = [f"{folder}: {{content: {folder}/, pick: all, at: '{at}', to: kenh}}" for folder, at in entries]
        plan = [
            "timezone: Asia/Ho_Chi_Minh",
            "agencies: {so: {name: So}}",
            f"channels: {{kenh: {{kind: {kind}, agency: so}}}}",
            "defaults: {late: {grace: 6h}}",
            f"campaigns: {{c: {{title: C, from: {DAY}, until: {DAY}, schedules: {{{', '.join(lines)}}}}}}}",
        ]
        paths = [f"{CAMPAIGNS}/c/{folder}/{name}" for folder in FOLDERS for name in EACH]
        self._texts = dict.fromkeys(paths, b"---\ntitle: A title\n---\nText.\n")
        self._texts["schedules.yaml"] = "\n".join(plan).encode()

    def read(self, path: str) -> bytes:
        if path not in self._texts:
            raise FileNotFoundError(path)
        return self._texts[path]

    def below(self, folder: str) -> list[str]:
        return [path for path in self._texts if path.startswith(folder)]


@cache
def workspace(kind: str, entries: Entries) -> Workspace:
    """The plan of these entries, on a channel of this kind."""
    return read_workspace(_Files(kind, entries), kinds=KINDS)


def _instant(time: str) -> datetime:
    return datetime.fromisoformat(f"{DAY} {time}+07:00")


@dataclass(frozen=True)
class Fate:
    """What comes with the next delivery."""

    troubles: list[str]
    riddles: list[str]
    write: int | None  # the worker's write at which the process dies
    is_durable: bool
    minutes: int  # that pass after it fell due
    resumes: bool  # a person ends every pause before

    @classmethod
    def of(cls, number: int) -> "Fate":
        """Each as likely as any other: by itself hypothesis takes the first of a list much more often."""
        chance = Random(number)
        return cls(
            # What goes well lets the next request of the same delivery meet the trouble.
            chance.sample([*TROUBLES, *[WELL] * 7], 6),
            chance.choices([WELL, *RIDDLES], k=2),
            chance.choice([None, None, None, 0, 1, 2, 3]),
            chance.choice([False, True]),
            chance.choice([0, 1, 20, 50]),
            chance.choice([True, True, False]),
        )


FATES = st.integers(0, 10**6).map(Fate.of)


class Life(RuleBasedStateMachine):
    """A plan of one day on one channel, and everything that can happen to it."""

    def __init__(self, kind: str, folder: Path, empty: Path) -> None:
        super().__init__()
        folder.mkdir()
        shutil.copy(empty, folder / "publisher.db")
        self.kind = kind
        self.entries = FIRST
        self.clock = VirtualClock(BEGIN)
        self.place = Place(self.clock.elapsed, lambda: self.process.doom.die(), self.stand_still)
        store = Store(folder / "publisher.db")
        self.office = Office(store, workspace(kind, FIRST), self.clock, Wire(self.place), folder)
        self.process = Process(self.office, Doom())
        self.process.plan()
        self.is_stalled = False
        self.ordered: Counter[str] = Counter()  # by key: how often a person had it sent once more
        self.absolved: Counter[str] = Counter()  # by key: how often it stood there when a person said that it did not
        self.released: Counter[tuple[str | None, str]] = Counter()  # by entry: how often a person brought a row back
        self.known: dict[int, Delivery] = {}
        self.states: dict[int, str] = {}  # as the log tells them
        self.read = 0

    def teardown(self) -> None:
        """All troubles end, and all is settled without a person, where the channel can be asked."""
        try:
            self.place.troubles.clear()
            self.place.riddles.clear()
            self.process.doom.writes = None
            self.resume()
            self.live(END)
            self.live(self.clock.now() + timedelta(hours=3))
            self.check()
            for row in self.rows():
                for_person = row.state is State.HELD and not row.ruled
                for_person |= row.state is State.NEEDS_PERSON and self.kind == "chat"
                assert row.state not in UNFINISHED or for_person, row
        finally:
            self.process.close()
            self.office.store.close()

    def rows(self, *states: State) -> list[Delivery]:
        with self.office.store.read() as view:
            found = deliveries.select_where(view)
        return [row for row in found if not states or row.state in states]

    def live(self, until: datetime) -> None:
        while not self.process.live(until):
            self.restart()

    def restart(self) -> None:
        self.process.close()
        self.process = Process(self.office, Doom())
        self.process.start()

    def stand_still(self) -> None:
        """The process stands still beyond its lease; meanwhile another is at work."""
        if self.is_stalled:
            return
        self.is_stalled = True
        self.clock.set(self.clock.now() + LEASE)
        other = Process(self.office, Doom())
        stopped, self.process = self.process, other
        try:
            self.live(self.clock.now() + timedelta(minutes=15))
        finally:
            self.process.close()
            self.process, self.is_stalled = stopped, False

    # What happens

    def _send(self, fate: Fate) -> None:
        """The next delivery falls due, and meets its fate."""
        if fate.resumes:
            self.resume()
        self.place.troubles.extend(fate.troubles)
        self.place.riddles.extend(fate.riddles)
        self.process.doom.writes, self.process.doom.is_durable = fate.write, fate.is_durable
        now = self.clock.now()
        due = min((row.due for row in self.rows(State.PLANNED) if row.due > now), default=now)
        self.live(due + timedelta(minutes=fate.minutes))

    first = initialize(fate=FATES)(_send)
    then = rule(fate=FATES)(_send)
    and_then = rule(fate=FATES)(_send)  # twice as likely as anything else

    @rule(down=st.sampled_from([None, None, 0, 40]), minutes=st.sampled_from([-300, -90, -30, -2, 30, 90]))
    def set_clock(self, down: int | None, minutes: int) -> None:
        """Somebody sets it while it runs, and it notices; or back while it does not run for so many minutes."""
        if down is None:
            self.clock.step(timedelta(minutes=minutes))
            self.live(self.clock.now())
        else:
            self.clock.set(self.clock.now() + timedelta(minutes=down))
            self.clock.step(timedelta(minutes=min(minutes, 0)))
            self.restart()

    @rule(index=st.integers(0, len(FOLDERS) - 1), choice=st.integers(0, len(TIMES)))
    def edit(self, index: int, choice: int) -> None:
        """An entry comes, moves or goes: those first that are out, and to what is still to come."""
        out = {row.content[0] for row in self.rows() if row.is_out}
        folder = sorted(FOLDERS, key=lambda name: name not in out)[index]
        at = [*sorted(TIMES, key=lambda time: _instant(time) <= self.clock.now()), None][choice]
        others = [one for one in self.entries if one[0] != folder]
        self.entries = tuple(sorted([*others, (folder, at)] if at else others))
        self.office.workspace = workspace(self.kind, self.entries)
        self.process.plan()
        rows = {(row.message, row.occurrence): row for row in self.rows()}
        for name, time in self.entries:
            if _instant(time) > self.clock.now():
                there = [rows[f"{name}/{message}", _instant(time)] for message in EACH]
                assert all(row.state is not State.CANCELLED or not row.ruled for row in there)

    @rule(index=st.integers(0, 4), choice=st.integers(0, 2))
    def decide(self, index: int, choice: int) -> None:
        """A person decides about a delivery: about one that waits for that, if there is any."""
        rows = sorted((row for row in self.rows() if row.state in ACTS), key=lambda row: list(ACTS).index(row.state))
        if not rows:
            return
        row, now = rows[index % len(rows)], self.clock.now()
        act = ACTS[row.state][choice % len(ACTS[row.state])]
        with self.office.store.write() as tx:
            match act:
                case "hold":
                    decisions.hold(tx, row, WHO, "wait", now)
                case "cancel":
                    decisions.cancel(tx, row, WHO, "no", now)
                case "release":
                    schedules = self.office.workspace.schedules
                    channel = schedules.channels[row.channel]
                    decisions.release(tx, row, channel, WHO, "go", now, schedules.timezone)
                case _:
                    decisions.settle(tx, row, WHO, "looked", now, published=act == "there", url=None)
        self.take_note(act, row)

    def take_note(self, act: str, row: Delivery) -> None:
        """What a person's decision allows. Who has a post sent whose doubt was given up is believed, too."""
        if act == "absent" or (act == "release" and row.state is State.CANCELLED and row.may_be_out):
            self.ordered[row.key] += 1
            self.absolved[row.key] = self.place.times(row.key)
        if act == "release" and row.state is not State.HELD:
            self.released[row.message, row.day] += 1

    @rule(scope=st.sampled_from([Scope.ALL, Scope.CHANNEL]))
    def pause(self, scope: Scope) -> None:
        name = "kenh" if scope is Scope.CHANNEL else ""
        with self.office.store.write() as tx:
            pauses.pause(tx, scope, name, "a storm", self.clock.now(), WHO)

    def resume(self) -> None:
        with self.office.store.write() as tx:
            for one in pauses.covering(tx).standing:
                pauses.lift(tx, one.scope, one.name, "it is over", self.clock.now(), WHO)

    # What is always so

    @invariant()
    def check(self) -> None:
        rows = self.rows()
        self._check_log(rows)
        for row in rows:
            before = self.known.get(row.id)
            assert before is None or (row.key, row.identity) == (before.key, before.identity)
        assert self.known.keys() <= {row.id for row in rows}
        self.known = {row.id: row for row in rows}
        self._check_place(rows)

    def _check_log(self, rows: list[Delivery]) -> None:
        """The log replays to the states that the rows have, by moves of the table alone, each with its reason."""
        with self.office.store.read() as view:
            for entry in log.entries(view, after=self.read):
                self.read = entry["id"]
                number, event = entry.get("delivery"), entry["event"]
                if event not in TABLE:
                    continue
                was = self.states.get(number)
                assert entry.get("was") == was
                if was is not None:
                    assert event in TABLE[was] or (event == was and event in STAYING)
                    assert entry["reason"]
                self.states[number] = event
        assert self.states == {row.id: row.state.value for row in rows}

    def _check_place(self, rows: list[Delivery]) -> None:
        entries: Counter[tuple[str | None, str]] = Counter()
        allowed = Counter(self.released)
        for row in rows:
            times = self.place.times(row.key)
            entries[row.message, row.day] += times
            allowed[row.message, row.day] += self.ordered[row.key]
            assert times <= 1 + self.ordered[row.key], f"it is out {times} times: {row}"
            assert row.state is State.PLANNED or row.reason
            assert row.state is not State.SENDING
            if row.state is State.PUBLISHED and row.receipt and not row.receipt.id.startswith("settled"):
                assert times, f"it is not there: {row}"
            elif row.state in OPEN | ENDED and not row.may_be_out:
                assert times <= self.absolved[row.key], f"it is there: {row}"
        assert all(entries[entry] <= 1 + allowed[entry] for entry in entries), (entries, allowed)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which nothing has happened."""
    path = tmp_path_factory.mktemp("empty") / "publisher.db"
    Store.open(path, BEGIN).close()
    return path


@pytest.mark.parametrize("kind", KINDS)
def test_no_course_of_events_breaks_the_fence(tmp_path: Path, empty: Path, kind: str) -> None:
    numbers: Iterator[int] = count()

    @seed(kind)  # the same lives each time, and others for each kind
    def begin() -> Life:
        return Life(kind, tmp_path / str(next(numbers)), empty)

    bounds = settings(
        max_examples=LIVES, stateful_step_count=STEPS, deadline=None, database=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(begin, settings=bounds)  # type: ignore[arg-type]
