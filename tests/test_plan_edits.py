"""`publisher plan` after an edit says exactly what changes: held against the deliveries themselves."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from publisher import mending
from publisher.comparison import Comparison, compare
from publisher.decisions import person
from publisher.delivery import OPEN, Delivery, State
from publisher.outlook import outlook
from publisher.planner import HORIZON
from publisher.store.database import Store
from publisher.workspace import Folder, Workspace, read_workspace
from sandbox.client import Sandbox
from tests.lives import CAMPAIGN, Life, living

PLAN = """\
loa: {content: loa/, days: weekdays, at: sessions, to: loa}
bai: {content: bai/, days: mon, at: 08:00, to: [tg, tg2], spread: 10m}
guong: {content: bai/, pick: random, every: 2 days, at: 19:30, to: tg3}
moc:
  - {days: 2022-02-16, at: 07:00, content: a.md, to: [tg, tg2]}
  - {days: 2022-02-20, at: 07:00, content: b.md, to: tg}
"""
CAMPAIGN_KEYS = "from: 2022-02-14\nuntil: 2022-03-31\nfacts: {hotline: '0261'}"


@dataclass
class Desk:
    """The files of a life, to be edited."""

    life: Life
    plan: str = PLAN
    keys: str = CAMPAIGN_KEYS
    top: str = "holidays: VN"
    channels: tuple[str, ...] = ("tg", "tg2", "tg3")
    loa: str = "sessions: [05:15, 17:00], ready: 12h"
    defaults: str = ""
    texts: dict[str, str] = field(default_factory=dict)

    def write(self) -> None:
        self.life.channels(*self.channels, defaults=self.defaults, loa=self.loa)
        self.life.schedules(self.plan, campaign=self.keys, top=self.top)
        for path in ("a.md", "b.md", "loa/1.md", "loa/2.md", "bai/1.md", "bai/2.md", "bai/3.md"):
            self.life.message(path, text=self.texts.get(path, "Gọi {{ hotline }}." if path == "a.md" else "Nội dung."))

    def replace(self, old: str, new: str) -> None:
        assert old in self.plan
        self.plan = self.plan.replace(old, new)


@pytest.fixture
def desk(tmp_path: Path, sandbox: Sandbox) -> Iterator[Desk]:
    with living(tmp_path, sandbox) as life:
        desk = Desk(life)
        desk.write()
        life.start("02-14 10:00")  # Monday; what was due at 08:00 is out
        yield desk


def setting(**values: object) -> Callable[[Desk], None]:
    def edit(desk: Desk) -> None:
        for name, value in values.items():
            setattr(desk, name, value)

    return edit


def replacing(old: str, new: str) -> Callable[[Desk], None]:
    return lambda desk: desk.replace(old, new)


def texts(**values: str) -> Callable[[Desk], None]:
    return lambda desk: desk.texts.update({"a.md": values["a"]} if "a" in values else {"loa/1.md": values["loa"]})


EDITS: dict[str, Callable[[Desk], None]] = {
    "nothing": lambda _: None,
    "another time": replacing("at: 08:00", "at: 09:00"),
    "another day of the week": replacing("days: mon", "days: tue"),
    "two days instead of one": replacing("days: mon", "days: [mon, thu]"),
    "every day": replacing("days: mon, ", ""),
    "a second time of day": replacing("at: 08:00", "at: [08:00, 15:00]"),
    "every other week": replacing("days: mon, at", "days: mon, every: 2 weeks, at"),
    "every third day": replacing("every: 2 days", "every: 3 days"),
    "one channel less": replacing("to: [tg, tg2], spread", "to: [tg], spread"),
    "one channel more": replacing("to: tg3", "to: [tg3, tg2]"),
    "another order of channels": replacing("to: [tg, tg2], spread", "to: [tg2, tg], spread"),
    "a longer spread": replacing("spread: 10m", "spread: 40m"),
    "no spread": replacing(", spread: 10m", ""),
    "a schedule renamed": replacing("guong:", "tam-guong:"),
    "a schedule removed": replacing("bai: {content: bai/, days: mon, at: 08:00, to: [tg, tg2], spread: 10m}\n", ""),
    "a schedule added": setting(plan=PLAN + "moi: {content: b.md, days: fri, at: 10:00, to: tg2}\n"),
    "a row of the table moved": replacing("days: 2022-02-20", "days: 2022-02-22"),
    "a row of the table removed": replacing("  - {days: 2022-02-20, at: 07:00, content: b.md, to: tg}\n", ""),
    "a row of the table added": setting(plan=PLAN + "  - {days: 2022-02-24, at: 07:00, content: b.md, to: tg2}\n"),
    "another message in the table": replacing("content: b.md", "content: a.md"),
    "another pick": replacing("pick: random, ", ""),
    "a rest": replacing("pick: random, ", "pick: random, rest: 5 days, "),
    "days excepted": replacing("days: weekdays", "days: weekdays, except: [2022-02-16..2022-02-18]"),
    "an earlier end": setting(keys=CAMPAIGN_KEYS.replace("until: 2022-03-31", "until: 2022-02-20")),
    "another session": setting(loa="sessions: [05:15, 17:30], ready: 12h"),
    "one session less": setting(loa="sessions: [17:00], ready: 12h"),
    "scripts earlier": setting(loa="sessions: [05:15, 17:00], ready: 1 day"),
    "quiet hours": setting(defaults='quiet: ["19:00-20:00"]'),
    "another text": texts(a="Gọi ngay {{ hotline }}."),
    "another text of a folder": texts(loa="Bản tin mới."),
    "another fact": setting(keys=CAMPAIGN_KEYS.replace("0261", "0262")),
    "an approval asked for": setting(keys=CAMPAIGN_KEYS + "\napproval: once-per-text"),
    "several at once": setting(plan=PLAN.replace("at: 19:30", "at: 20:30").replace("days: mon", "days: wed")),
}


@pytest.mark.parametrize("edit", EDITS)
def test_it_says_what_becomes_of_the_deliveries(desk: Desk, edit: str) -> None:
    life = desk.life
    in_force = life.running.workspace
    before = still_to_come(life, in_force)
    EDITS[edit](desk)
    desk.write()
    edited = read_workspace(Folder(life.directory))
    now = life.clock.now()
    told, _ = compare(life.running.store, in_force, edited, now, now, now + HORIZON)
    assert life.running.reload()
    assert_told(told, before, still_to_come(life, edited), life)
    life.unmoved()
    nothing, _ = compare(life.running.store, life.running.workspace, edited, now, now, now + HORIZON)
    assert not nothing
    assert bool(told) == (edit not in NO_CHANGE)


#: What is planned keeps its message, and an approval that is asked for drops nothing.
NO_CHANGE = ("nothing", "another pick", "a rest", "an approval asked for")


@dataclass(frozen=True)
class Seen:
    """What a row says that an officer would care for."""

    schedule: str
    occurrence: datetime
    channel: str
    message: str | None
    due: datetime
    text: str | None


def still_to_come(life: Life, workspace: Workspace) -> dict[int, Seen]:
    """The deliveries that have not gone out, by number, as their rows are."""
    rows = [row for row in life.rows() if row.state in OPEN and life.clock.now() <= max(row.occurrence, row.due)]
    return {row.id: seen(row, workspace) for row in rows if row.occurrence < life.clock.now() + HORIZON}


def seen(row: Delivery, workspace: Workspace) -> Seen:
    written = workspace.written(row.campaign, row.message) if row.message else None
    facts = workspace.schedules.campaigns[row.campaign].facts if row.message == "a.md" else ""
    text = f"{written.source.decode()} {facts}" if written else None
    return Seen(row.name, row.occurrence, row.channel, row.message, row.due, text)


def assert_told(told: Comparison, before: dict[int, Seen], after: dict[int, Seen], life: Life) -> None:
    """What was told, taken back to single deliveries, is the difference of the rows."""
    names = dict(told.renamed)
    lost = [one for number, one in before.items() if number not in after]
    new = [one for number, one in after.items() if number not in before]
    pairs = [(before[number], after[number]) for number in before if number in after]

    def places(lines: object) -> list[tuple[str, datetime, str]]:
        return sorted((one.schedule, one.occurrence, one.channel) for one in lines)  # type: ignore[attr-defined]

    shifted = [one for one in told.moved if one.before.occurrence != one.after.occurrence]
    assert places([*told.dropped, *(one.before for one in shifted)]) == places(lost)
    assert places([*told.added, *(one.after for one in shifted)]) == places(new)
    same = [one for one in told.moved if one.before.occurrence == one.after.occurrence]
    assert places(one.after for one in same) == places(now for was, now in pairs if was.due != now.due)
    assert places(one.after for one in told.changed) == places(now for was, now in pairs if was.message != now.message)
    retexted = [now for was, now in pairs if was.message == now.message and was.text != now.text]
    assert places(told.retexted) == places(retexted)
    renamed = {(was.schedule, now.schedule) for was, now in pairs if was.schedule != now.schedule}
    assert renamed == set(names.items())


def test_what_was_moved_is_told_as_one_thing(desk: Desk) -> None:
    life = desk.life
    in_force, now = life.running.workspace, life.clock.now()
    desk.replace("days: 2022-02-20", "days: 2022-02-22")
    desk.write()
    told, _ = compare(life.running.store, in_force, read_workspace(Folder(life.directory)), now, now, now + HORIZON)
    ((change),) = told.moved
    assert (life.local(change.before.occurrence), life.local(change.after.occurrence)) == ("02-20 07:00", "02-22 07:00")
    assert (told.added, told.dropped) == ((), ())


def test_looking_changes_nothing(desk: Desk) -> None:
    life = desk.life
    rows, log, now = life.rows(), life.log(), life.clock.now()
    in_force = life.running.workspace
    desk.replace("at: 08:00", "at: 09:00")
    desk.write()
    compare(life.running.store, in_force, read_workspace(Folder(life.directory)), now, now, now + HORIZON)
    assert (life.rows(), life.log()) == (rows, log)
    assert (life.directory / CAMPAIGN / "a.md").exists()


def test_what_was_withdrawn_does_not_come_back_with_another_edit(desk: Desk) -> None:
    life = desk.life
    app = life.running
    with app.store.write() as tx:
        mending.withdraw(tx, app.workspace, app.store.uuid, "c", "a.md", person("Lan"), "sai", life.clock.now())
    life.at(life.now)
    in_force, now = app.workspace, life.clock.now()
    before = still_to_come(life, in_force)
    desk.plan += "  - {days: 2022-02-24, at: 07:00, content: b.md, to: tg2}\n"
    desk.write()
    edited = read_workspace(Folder(life.directory))
    told, _ = compare(app.store, in_force, edited, now, now, now + HORIZON)
    assert app.reload()
    assert_told(told, before, still_to_come(life, edited), life)
    assert [one.message for one in told.added] == ["b.md"]


def test_what_is_over_before_it_is_planned_is_told_as_such(desk: Desk) -> None:
    life = desk.life
    store, now = life.running.store, life.clock.now()
    desk.plan += "moi: {content: b.md, days: 2022-02-14, at: [06:00, 23:00], to: tg2}\n"
    desk.write()
    edited = read_workspace(Folder(life.directory))
    start = life.instant("02-14 00:00")
    lines = [one for one in outlook(edited, store, start, start + HORIZON, now) if one.schedule == "c/moi"]
    assert [(one.state, one.reason) for one in lines] == [
        (State.SKIPPED, "its time was over before it was planned"),
        (State.PLANNED, ""),
    ]
    assert life.running.reload()
    assert [life.local(row.occurrence) for row in life.rows() if row.name == "c/moi"] == ["02-14 23:00"]
    seen = outlook(edited, None, start, start + timedelta(days=1), now)
    assert {one.state for one in seen if one.occurrence < now} == {State.SKIPPED}


def test_what_fell_due_while_nothing_ran_is_planned_yet(desk: Desk) -> None:
    life = desk.life
    life.stop()
    with closing(Store.open(life.directory / "var" / "publisher.db", life.clock.now())) as store:
        much_later = life.clock.now() + 2 * HORIZON
        after = life.clock.now() + HORIZON + timedelta(days=1)
        lines = outlook(read_workspace(Folder(life.directory)), store, after, much_later, much_later)
    assert lines
    assert {one.state for one in lines} == {State.PLANNED}
