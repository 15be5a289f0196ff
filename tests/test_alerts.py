"""Who is told what, when, and how often: over a real database, with time as an argument."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pysqlite3 import dbapi2
from sqlalchemy.exc import IntegrityError

from content.yaml12 import Mistake
from publisher.alerts.conditions import Sight
from publisher.delivery import State, Step
from publisher.schedules import Schedules, load
from publisher.store import alerts, deliveries, log, pauses
from publisher.store.log import DAEMON, WORKER, Actor
from publisher.store.pauses import Cause, Scope
from tests.alarms import ROOMY, Alarms, failing
from tests.benches import NOW, Bench, in_state
from tests.plain_kinds import KINDS

TOP = """\
timezone: Asia/Ho_Chi_Minh
agencies: {so: {name: Sở}, huyen: {name: Huyện, parent: so}, xa: {name: Xã}}
channels: {kenh: {kind: box, agency: huyen}, bao: {kind: box, agency: xa}}
mail: {host: m.example, from: p@m.example}
campaigns:
  thu: {title: Thử, schedules: {tin: {content: tin.md, at: 08:00, to: kenh, quiet: ["21:00-05:00"]}}}
  khac: {title: Khác, schedules: {tin: {content: tin.md, at: 08:00, to: bao}}}
"""
ALL = "alerts: {lang: en, to: {email: a@m.example}}\n"
A = "a@m.example"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def plan(text: str) -> Schedules:
    return load(lambda _: (TOP + text).encode(), kinds=KINDS)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Bench(tmp_path) as made:
        yield made


@pytest.fixture
def alarms(bench: Bench) -> Alarms:
    return begun(bench, ALL)


def begun(bench: Bench, settings: str) -> Alarms:
    """Alarms whose receivers are known since before anything happens."""
    made = Alarms(bench.store, plan(settings), NOW)
    assert made.minute() == []
    return made


def moved(bench: Bench, alarms: Alarms, state: State, reason: str = "vì thế", **row: Any) -> int:
    """A delivery that came to be so by a step, as the worker makes it."""
    made = bench.row(**row)
    with bench.store.write() as tx:
        deliveries.move(tx, made, Step(state, reason), alarms.now, WORKER)
    return made.id


def step(bench: Bench, alarms: Alarms, number: int, state: State, who: Actor = WORKER) -> None:
    with bench.store.write() as tx:
        row = deliveries.get(tx, number)
        assert row
        deliveries.move(tx, row, Step(state, "nay đã khác"), alarms.now, who)


def test_a_failure_is_told_once_with_what_to_do(bench: Bench, alarms: Alarms) -> None:
    number = moved(bench, alarms, State.FAILED, "refused: the title is too long")
    alarms.turn()
    ((name, note),) = alarms.post.sent
    assert name == A
    assert note.subject == "[Publisher so] New: 1 cannot be published"
    assert "refused: the title is too long" in note.body
    assert "→ kenh" in note.body
    assert f"publisher release {number} --as NAME --because TEXT" in note.body
    alarms.post.taken()
    alarms.restart()
    assert [alarms.later(length) for length in (MINUTE, HOUR, DAY, 8 * DAY)] == [[], [], [], []]


def test_many_of_one_minute_are_one_message(bench: Bench, alarms: Alarms) -> None:
    for place in range(12):
        moved(bench, alarms, State.MISSED, item=str(place))
    moved(bench, alarms, State.FAILED, item="x")
    assert alarms.minute() == [f"{A}: [Publisher so] New: 1 cannot be published, 12 missed their time"]


def test_a_doubt_is_told_when_it_lasts_and_again_a_day_later_and_its_end_once(bench: Bench, alarms: Alarms) -> None:
    row = in_state(bench, bench.row(), State.IN_DOUBT, doubt_at=alarms.now)
    assert alarms.later(14 * MINUTE) == []
    assert alarms.minute() == [f"{A}: [Publisher so] New: 1 perhaps out, and still being looked up"]
    alarms.restart()
    assert alarms.later(23 * HOUR) == []
    assert alarms.later(HOUR) == [f"{A}: [Publisher so] Still so: 1 perhaps out, and still being looked up"]
    step(bench, alarms, row.id, State.NEEDS_PERSON)
    assert alarms.minute() == [f"{A}: [Publisher so] New: 1 perhaps out: a person has to look"]
    assert alarms.later(9 * MINUTE) == []
    over = f"{A}: [Publisher so] Over: 1 perhaps out, and still being looked up"
    assert [alarms.minute() for _ in range(3)] == [[over], [], []]


def test_what_flickers_is_told_once(bench: Bench, alarms: Alarms) -> None:
    told = []
    for turn in range(60):
        alarms.sight = Sight((), 0 if turn % 3 else ROOMY)
        told += alarms.minute()
    assert told == [f"{A}: [Publisher so] New: 1 the disk is nearly full"]
    alarms.sight = Sight((), ROOMY)
    alarms.minute()
    assert alarms.later(HOUR) == [f"{A}: [Publisher so] Over: 1 the disk is nearly full"]
    alarms.sight = Sight((), 0)
    assert alarms.minute() == [f"{A}: [Publisher so] New: 1 the disk is nearly full"]


def test_who_held_it_decides_whether_somebody_must_be_told(bench: Bench, alarms: Alarms) -> None:
    moved(bench, alarms, State.HELD, "14 h late: a person decides", item="late")
    by_hand = bench.row(item="by hand")
    with bench.store.write() as tx:
        deliveries.move(tx, by_hand, Step(State.HELD, "xem lại"), alarms.now, Actor("Lan", "person", verified=False))
    paused = bench.row(item="paused")
    with bench.store.write() as tx:
        deliveries.move(tx, paused, Step(State.HELD, "channel kenh is paused"), alarms.now, WORKER, ruled=True)
    assert alarms.minute() == [f"{A}: [Publisher so] New: 1 held since they are late: a person decides"]


def test_a_text_is_to_be_approved_before_its_time(bench: Bench, alarms: Alarms) -> None:
    due = alarms.now + DAY + HOUR
    for place in range(2):
        in_state(bench, bench.row(item=str(place), due=due), State.AWAITING)
    assert alarms.minute() == []
    assert alarms.later(HOUR) == [f"{A}: [Publisher so] New: 1 texts to be approved before their time"]


def test_a_late_channel_is_told_unless_it_is_quiet_or_paused(bench: Bench, alarms: Alarms) -> None:
    alarms.now = NOW.replace(hour=13, minute=50)  # 20:50 there; the quiet hours begin at 21:00
    bench.row(due=alarms.now)
    assert alarms.later(5 * HOUR) == []
    assert alarms.later(4 * HOUR) == [f"{A}: [Publisher so] New: 1 channels with deliveries that are due and wait"]
    with bench.store.write() as tx:
        pauses.pause(tx, Scope.CHANNEL, "kenh", "401", alarms.now, cause=Cause.CREDENTIALS)
        pauses.pause(tx, Scope.CAMPAIGN, "khac", "họp", alarms.now, Actor("Lan", "person"))
    assert alarms.minute() == [f"{A}: [Publisher so] New: 1 paused: a channel, or everything"]
    assert alarms.later(HOUR) == [f"{A}: [Publisher so] Over: 1 channels with deliveries that are due and wait"]


def test_mistakes_and_feeds_have_time_to_pass_by_themselves(alarms: Alarms) -> None:
    alarms.sight = Sight((Mistake("schedules.yaml", 1, 2, "sai"),), ROOMY)
    assert [alarms.minute() for _ in range(10)] == [[]] * 10
    assert [subject.split(": ", 2)[2] for subject in alarms.minute()] == [
        "1 mistakes in the files; the last valid plan stays in force"
    ]


def test_clock_and_disk_come_through_the_log(bench: Bench, alarms: Alarms) -> None:
    with bench.store.write() as tx:
        log.append(tx, "clock_jumped", alarms.now, DAEMON, reason="2 h ahead")
        log.append(tx, "disk_low", alarms.now, DAEMON, reason="no space left")
    assert alarms.minute() == [f"{A}: [Publisher so] New: 1 the disk is nearly full, 1 the machine's clock jumped"]
    alarms.restart()
    assert alarms.later(HOUR) == []
    with bench.store.write() as tx:
        log.append(tx, "disk_well", alarms.now, DAEMON)
    alarms.minute()
    assert alarms.later(HOUR) == [f"{A}: [Publisher so] Over: 1 the disk is nearly full"]


def test_each_hears_of_what_concerns_them(bench: Bench) -> None:
    alarms = begun(
        bench,
        """\
alerts:
  lang: en
  to:
    - {email: all@m.example}
    - {email: [thu@m.example, both@m.example], campaigns: thu}
    - {email: xa@m.example, agencies: xa}
    - {email: so@m.example, agencies: so}
    - {email: both@m.example, about: disk}
""",
    )
    moved(bench, alarms, State.FAILED)
    alarms.sight = Sight((), 0)
    told = {line.split(": ", 1)[0]: line.split("New: ")[1] for line in alarms.minute()}
    both = "1 cannot be published, 1 the disk is nearly full"
    assert told == {
        "all@m.example": both,
        "both@m.example": both,
        "thu@m.example": "1 cannot be published",
        "so@m.example": "1 cannot be published",
    }


def test_who_cannot_be_reached_is_tried_later_and_the_others_hear_of_it(bench: Bench) -> None:
    alarms = begun(bench, 'alerts: {lang: en, to: [{email: a@m.example}, {apprise: "${CHAT}"}]}\n')
    alarms.post.errors["${CHAT}"] = failing("the service did not take it")
    moved(bench, alarms, State.FAILED)
    new = "[Publisher so] New: 1 cannot be published"
    assert alarms.minute() == [f"{A}: {new}"]
    told = [line for _ in range(3) for line in alarms.minute()]
    assert told == []
    told = [line for _ in range(3) for line in alarms.minute()]
    assert told == [f"{A}: [Publisher so] New: 1 cannot be reached with alerts"]
    del alarms.post.errors["${CHAT}"]
    assert f"${{CHAT}}: {new}, 1 cannot be reached with alerts" in alarms.later(HOUR)
    alarms.minute()
    assert [line.split("] ")[1] for line in alarms.later(HOUR)] == ["Over: 1 cannot be reached with alerts"] * 2


def test_a_crash_after_acceptance_tells_twice_and_never_not_at_all(bench: Bench, alarms: Alarms) -> None:
    moved(bench, alarms, State.FAILED)
    alarms.post.errors[A], alarms.post.accepts_first = KeyboardInterrupt(), True
    with pytest.raises(KeyboardInterrupt):
        alarms.minute()
    alarms.post.errors.clear()
    alarms.restart()
    assert len(alarms.minute()) == 2
    assert alarms.minute() == []


def test_a_new_receiver_hears_of_what_stands_not_of_what_was(bench: Bench, alarms: Alarms) -> None:
    moved(bench, alarms, State.FAILED)
    alarms.sight = Sight((), 0)
    alarms.minute()
    alarms.schedules = plan("alerts: {lang: en, to: {email: [a@m.example, b@m.example]}}\n")
    assert alarms.minute() == ["b@m.example: [Publisher so] New: 1 the disk is nearly full"]


def test_without_receivers_it_is_computed_and_shown(bench: Bench) -> None:
    alarms = begun(bench, "")
    moved(bench, alarms, State.FAILED)
    assert alarms.minute() == []
    with bench.store.read() as view:
        assert [one.alert.topic for one in alerts.known(view)] == ["failed"]


def test_the_log_says_who_was_told(bench: Bench, alarms: Alarms) -> None:
    moved(bench, alarms, State.FAILED)
    alarms.minute()
    (entry,) = bench.entries(event="alerted")
    assert (entry["to"], entry["count"], entry["alerts"][0].split(":")[0]) == (A, 1, "failed")


def test_the_watcher_hears_while_all_is_well(bench: Bench) -> None:
    alarms = begun(bench, 'alerts: {lang: en, to: {email: a@m.example}, ping: "${PING}"}\n')
    moved(bench, alarms, State.FAILED)
    alarms.minute()
    assert alarms.post.pings == 2
    alarms.is_well = False
    alarms.minute()
    alarms.is_well, alarms.sight = True, Sight((), 0)
    alarms.minute()
    assert alarms.post.pings == 2
    alarms.sight = Sight((), ROOMY)
    alarms.post.errors["${PING}"] = failing()
    for _ in range(20):
        alarms.minute()
    del alarms.post.errors["${PING}"]
    alarms.later(HOUR)
    assert alarms.post.pings == 3


def test_a_digest_comes_once_a_day_at_its_time(bench: Bench) -> None:
    settings = 'alerts: {lang: en, to: [{email: a@m.example}, {email: b@m.example, about: failed}], digest: "08:30"}\n'
    alarms = begun(bench, settings)  # at 08:00
    in_state(bench, bench.row(item="out"), State.PUBLISHED, published_at=alarms.now)
    bench.row(item="next", due=alarms.now + 2 * HOUR)
    alarms.sight = Sight((), 0)
    alarms.minute()
    assert alarms.later(20 * MINUTE) == []
    alarms.post.errors[A] = failing()
    assert alarms.later(10 * MINUTE) == []
    alarms.post.errors.clear()
    alarms.now += 2 * MINUTE
    alarms.turn()
    ((name, note),) = alarms.post.sent
    assert name == A
    assert note.subject == "[Publisher so] The day 14/02/2022: 1 the disk is nearly full"
    assert "Published in the last 24 hours: 1" in note.body
    assert "Due in the next 24 hours: 1\n  10:01 14/02/2022" in note.body
    assert "df -h var" in note.body
    alarms.post.taken()
    alarms.restart()
    assert alarms.later(MINUTE) == []
    assert len([line for line in alarms.later(DAY) if "The day" in line]) == 1


def test_what_an_older_version_logged_is_no_news(tmp_path: Path) -> None:
    with Bench(tmp_path) as bench:
        moved(bench, Alarms(bench.store, plan(ALL), NOW), State.FAILED)
    raw = dbapi2.connect(str(bench.path), isolation_level=None)
    for table in ("tellings", "alerts", "receivers", "cursors", "notices"):
        raw.execute(f"DROP TABLE {table}")
    raw.execute("ALTER TABLE schedules DROP COLUMN origin")
    raw.execute("DROP INDEX deliveries_by_of")
    raw.execute("DROP INDEX deliveries_by_message")
    raw.execute("DROP INDEX deliveries_by_mending")
    for column in ("action", "of", "number"):
        raw.execute(f'ALTER TABLE deliveries DROP COLUMN "{column}"')
    raw.execute("DROP TABLE withdrawals")
    raw.execute("UPDATE alembic_version SET version_num = '0004'")
    raw.close()
    with Bench(tmp_path) as bench:
        alarms = begun(bench, ALL)
        assert alarms.minute() == []
        moved(bench, alarms, State.FAILED, item="new")
        assert len(alarms.minute()) == 1


def test_a_clock_that_is_set_back_delays_no_news(bench: Bench) -> None:
    alarms = Alarms(bench.store, plan(ALL), NOW + 900 * DAY)
    alarms.sight = Sight((), 0)
    assert alarms.minute() == [f"{A}: [Publisher so] New: 1 the disk is nearly full"]
    alarms.now = NOW
    moved(bench, alarms, State.FAILED)
    assert alarms.minute() == [f"{A}: [Publisher so] New: 1 cannot be published; Still so: 1 the disk is nearly full"]
    assert alarms.minute() == []


def test_what_could_not_be_told_before_the_clock_was_set_back(bench: Bench) -> None:
    alarms = Alarms(bench.store, plan(ALL), NOW + 900 * DAY)
    alarms.sight = Sight((), 0)
    alarms.post.errors[A] = failing()
    assert alarms.minute() == []
    alarms.post.errors.clear()
    alarms.now = NOW
    assert alarms.minute() == [f"{A}: [Publisher so] New: 1 the disk is nearly full"]


def test_a_small_step_of_the_clock_is_no_news(bench: Bench, alarms: Alarms) -> None:
    with bench.store.write() as tx:
        log.append(tx, "clock_jumped", alarms.now, DAEMON, seconds=-20)
    assert alarms.minute() == []
    with bench.store.write() as tx:
        log.append(tx, "clock_jumped", alarms.now, DAEMON, seconds=-7200)
    assert alarms.minute() == [f"{A}: [Publisher so] New: 1 the machine's clock jumped"]


def test_a_stop_of_everything_is_told_whoever_did_it(bench: Bench, alarms: Alarms) -> None:
    with bench.store.write() as tx:
        pauses.pause(tx, Scope.ALL, "", "họp báo", alarms.now, Actor("Lan", "person"))
    alarms.now += MINUTE
    alarms.turn()
    ((_, note),) = alarms.post.sent
    assert "publisher resume --all --as NAME" in note.body


def test_what_cannot_be_noted_is_not_sent(bench: Bench, alarms: Alarms) -> None:
    """Else a database that takes nothing would have it told each minute."""
    moved(bench, alarms, State.FAILED)
    alarms.now += MINUTE
    alarms.watch.look(alarms.schedules, alarms.sight, alarms.now)
    raw = dbapi2.connect(str(bench.path), isolation_level=None)
    raw.execute("CREATE TRIGGER full BEFORE INSERT ON receivers BEGIN SELECT RAISE(ABORT, 'full'); END")
    for _ in range(3):
        with pytest.raises(IntegrityError):
            alarms.minute()
    assert alarms.post.sent == []
    raw.execute("DROP TRIGGER full")
    raw.close()
    assert len(alarms.minute()) == 1
