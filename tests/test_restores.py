"""An old backup comes back: nothing goes out again that a channel already has, and nothing is lost or let loose."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from publisher.delivery import State
from publisher.ledger import canonical, leaf_hash
from publisher.store import inboxes
from sandbox.client import Sandbox
from tests.second_lives import SecondLife, daily, living, on_web

RESTORED = "a backup of 2022-{} was restored, and it may have gone out since"


@pytest.fixture
def life(tmp_path: Path, sandbox: Sandbox) -> Iterator[SecondLife]:
    with living(tmp_path / "w", sandbox) as made:
        yield made


def states(life: SecondLife, until: str) -> dict[str, set[str]]:
    """The states of what was due by then, by channel."""
    found: dict[str, set[str]] = {}
    for row in life.rows():
        if life.local(row.due) <= until:
            found.setdefault(row.channel.split("-")[0], set()).add(row.state.value)
    return found


def witness(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What cites an entry of the log."""
    body = canonical({name: value for name, value in entry.items() if name != "id"})
    at = datetime.fromisoformat(entry["at"]).astimezone(UTC).isoformat()
    return {"id": entry["id"], "at": at, "sha256": leaf_hash(body).hex()}


@pytest.mark.parametrize("made", ["02-13 12:00", "02-14 07:00", "02-14 08:00", "02-14 08:30", "02-15 17:00"])
@pytest.mark.parametrize("until", ["02-16 12:00", "02-16 12:20", "02-20 09:00"])
def test_nothing_goes_out_again_on_any_kind(life: SecondLife, made: str, until: str) -> None:
    daily(life, "02-13 12:00")
    life.at(made)
    backup = life.back_up()
    life.at("02-16 12:00")
    out = life.seen()
    life.come_back(backup, until=until)
    assert life.twice() == []
    assert [line for line in life.seen() if line not in out and line < "02-16 12:00"] == []
    after = states(life, "02-16 12:00")
    assert after["web"] == after["hop"] == after["loa"] == {"published"}
    assert after["tg"] <= {"published", "needs_person"}
    life.at("02-21 12:00")
    assert life.twice() == []
    assert [line for line in life.seen("tg") if line.startswith("02-21")] == ["02-21 08:00 a.md"]


def test_the_log_tells_of_it_and_cites_its_last_witness(life: SecondLife) -> None:
    daily(life)
    life.at("02-14 07:30")
    known = life.log()[-1]
    backup = life.back_up()
    life.at("02-15 12:00")
    lost = life.log()[-1]
    done = life.come_back(backup)
    (entry,) = [entry for entry in life.log() if entry["event"] == "restored"]
    assert entry["id"] == known["id"] + 1
    assert entry["who"] == {"name": "Lan", "role": "person", "verified": False}
    assert (entry["reason"], entry["file"], entry["replaced"]) == ("máy hỏng", "backup.db", done.replaced.name)
    assert entry["backup_at"] == "2022-02-14T00:30:00+00:00"
    assert (entry["witness"], entry["lost"]) == (witness(known), witness(lost))
    assert life.row("02-15 08:00").reason == (
        f"perhaps published: {RESTORED.format('02-14 07:30')}; this kind of channel cannot be asked"
    )


def test_what_a_channel_does_not_have_goes_out_if_it_is_still_in_time(life: SecondLife) -> None:
    daily(life)
    life.at("02-14 07:30")
    backup = life.back_up()
    life.come_back(backup, "02-14 08:10")  # the machine had broken down before it was due
    assert life.seen("web") == ["02-14 08:10 a.md"]
    assert life.seen("hop") == ["02-14 08:10 a.md"]
    assert life.reasons("02-14 08:00", life.site("web"))[1:3] == [
        f"in_doubt: perhaps published: {RESTORED.format('02-14 07:30')}",
        "planned: proven absent: looked up and not there",
    ]
    assert life.seen("tg") == []
    assert life.row("02-14 08:00").state is State.NEEDS_PERSON


def test_what_falls_due_after_the_restore_is_never_in_doubt(life: SecondLife) -> None:
    daily(life)
    life.at("02-14 07:30")
    life.come_back(life.back_up(), "02-14 07:59", "02-14 08:10")
    assert life.seen("tg") == ["02-14 08:10 a.md"]
    assert [event.split(":")[0] for event in life.reasons("02-14 08:00")] == ["planned", "sending", "published"]


def test_what_is_absent_and_too_late_is_missed(life: SecondLife) -> None:
    daily(life)
    life.come_back(life.back_up(), "02-14 12:00")
    assert life.seen("web") == []
    assert life.reasons("02-14 08:00", life.site("web"))[-2:] == [
        "planned: proven absent: looked up and not there",
        "missed: 4 h 00 min late, and at most 30 min are allowed",
    ]


def test_a_backup_older_than_the_horizon(life: SecondLife) -> None:
    web = on_web(life, when="01-20 07:00")
    backup = life.back_up()
    life.at("02-14 12:00")  # eleven days of it had no rows yet at the backup
    life.come_back(backup, "02-14 12:00")
    life.at("02-15 12:00")
    assert life.twice() == []
    assert {line.split()[-1] for line in life.story(channel=web) if line[:5] <= "02-14"} == {"published"}


def test_of_several_late_ones_that_are_absent_only_the_newest_goes_out(life: SecondLife) -> None:
    web = on_web(life, "at: 08:00, late: {grace: 30m, then: send}")
    life.at("02-14 12:00")
    life.come_back(life.back_up(), "02-18 12:00")
    assert life.seen() == ["02-14 08:00 a.md", "02-18 12:00 a.md"]
    assert life.ended("missed") == [f"02-{day} 08:00 {web} missed" for day in (15, 16, 17)]


def test_a_retry_that_succeeded_after_the_backup(life: SecondLife) -> None:
    daily(life)
    for kind, place in (("wordpress", life.site("web")), ("telegram", f"@{life.mark}_tg")):
        life.sandbox.fault(kind, "too-many", place=place, seconds=600)
    life.at("02-14 08:05")
    assert life.seen() == ["02-14 07:00 2022-02-14/1700: a.md", "02-14 08:00 a.md"]
    backup = life.back_up()
    life.at("02-14 12:00")
    assert len(life.seen()) == 4
    life.come_back(backup)
    assert life.twice() == []
    assert states(life, "02-14 08:00")["web"] == {"published"}
    assert life.row("02-14 08:00").state is State.NEEDS_PERSON


@pytest.mark.parametrize("fault", ["accept-then-reset", "reset"])
def test_a_doubt_that_was_open_at_the_backup(life: SecondLife, fault: str) -> None:
    web = on_web(life)
    life.at("02-14 07:59")
    life.sandbox.fault("wordpress", fault, place=web, request=r"POST .*/posts/\d+")
    life.sandbox.fault("wordpress", "unavailable", place=web, request="GET .*", times=1)
    life.clock.set(life.instant("02-14 08:00"))
    life.running.work()
    life.running.dispatcher.drain()
    assert life.row("02-14 08:00", web).state is State.IN_DOUBT
    backup = life.back_up()
    life.at("02-14 12:00")
    life.come_back(backup)
    assert life.twice() == []
    assert life.row("02-14 08:00", web).state is State.PUBLISHED


def test_a_draft_that_was_left_before_the_restore_is_taken_up(life: SecondLife) -> None:
    """The delivery had no row yet at the backup: its text has still to be made, though its draft is there."""
    web = on_web(life, "at: 08:00, late: {grace: 12h}", when="01-20 07:00")
    backup = life.back_up()
    life.at("02-14 07:59")
    life.sandbox.fault("wordpress", "unavailable", place=web, request=r"POST .*/posts/\d+")
    life.clock.set(life.instant("02-14 08:00"))
    life.running.work()
    life.running.dispatcher.drain()
    assert life.row("02-14 08:00", web).state is State.IN_DOUBT
    life.come_back(backup, "02-14 08:10")
    row = life.row("02-14 08:00", web)
    assert (row.state, row.is_out) == (State.PUBLISHED, True)
    assert life.twice() == []
    slugs = [entry["slug"] for entry in life.sandbox.record(kind="wordpress", place=web, action="publish")]
    assert slugs[-1].endswith(row.key)


# More than one, and other ways


def test_a_backup_that_somebody_copied_into_its_place_counts_as_restored(life: SecondLife) -> None:
    daily(life)
    backup = life.back_up()
    life.at("02-15 12:00")
    out = life.seen()
    life.come_back_by_hand(backup)
    assert life.twice() == []
    assert life.seen() == out
    (entry,) = [entry for entry in life.log() if entry["event"] == "restored"]
    assert (entry["who"]["name"], entry["backup_at"]) == ("restore", "2022-02-14T00:00:00+00:00")
    life.stop()
    life.start("02-15 12:05")
    assert len([entry for entry in life.log() if entry["event"] == "restored"]) == 1


def test_restored_again_and_again(life: SecondLife) -> None:
    daily(life)
    first = life.back_up("first.db")
    life.at("02-15 12:00")
    second = life.come_back(first)
    again = life.back_up("second.db")
    life.at("02-16 12:00")
    life.come_back(again)
    life.at("02-17 12:00")
    life.come_back(first)
    assert second.replaced
    life.at("02-18 12:00")
    life.come_back(second.replaced)  # the first life, where it ended
    life.at("02-19 12:00")
    assert life.twice() == []
    assert states(life, "02-18 12:00")["web"] == {"published"}
    assert [line[:11] for line in life.seen("web")] == [f"02-{day} 08:00" for day in range(14, 20)]


def test_a_stop_right_after_the_restore_changes_nothing(life: SecondLife) -> None:
    daily(life)
    backup = life.back_up()
    life.at("02-15 12:00")
    out = life.seen()
    life.sandbox.fault("wordpress", "unavailable", place=life.site("web"), times=6)
    for _ in range(3):
        life.come_back(backup)
        life.stop()
        life.start(life.now)
    life.at("02-15 20:00")
    assert [line for line in life.seen() if line not in out] == ["02-15 17:15 2022-02-16/0515: a.md"]
    assert life.twice() == []


def test_the_numbers_of_links_are_never_given_to_another_inbox(life: SecondLife) -> None:
    life.channels("hop")
    life.began("s: {content: a.md, at: 08:00, to: hop}")
    backup = life.back_up()
    with life.running.store.write() as tx:
        inboxes.revoke(tx, "hop", life.clock.now())
        renewed = inboxes.issue(tx, "hop", life.clock.now())
    life.come_back(backup)
    life.channels("hop", "hop2")
    life.changed("s: {content: a.md, at: 08:00, to: [hop, hop2]}")
    with life.running.store.read() as view:
        assert renewed not in inboxes.in_force(view)
        assert set(inboxes.in_force(view).values()) == {"hop", "hop2"}


def test_what_a_crash_left_beside_a_database_that_was_taken_away_does_not_come_back(life: SecondLife) -> None:
    daily(life)
    backup = life.back_up()
    life.at("02-15 12:00")
    log_of_writes = life.database.with_name("publisher.db-wal")
    left = log_of_writes.read_bytes()  # as a crash leaves it: a stop takes it into the database
    life.stop()
    life.database.unlink()
    log_of_writes.write_bytes(left)
    life.come_back(backup, "02-15 12:00")
    assert [entry["event"] for entry in life.log() if entry["event"] == "restored"] == ["restored"]
    life.at("02-16 12:00")
    assert life.twice() == []
