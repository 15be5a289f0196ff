"""The judge convicts: each sort of evidence against Publisher makes an objection, and none of it is overlooked."""

import dataclasses
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from publisher.delivery import State
from tests.benches import NOW, Bench, channel, in_state
from tests.faults.judge import Evidence, Verdict, judge
from tests.faults.proxy import Heard
from tests.faults.replay import replay
from tests.faults.scenes import Scene

_SCENE = Scene("one", {"web": "wordpress", "tg": "telegram", "hop": "inbox"}, paragraphs={1: 2})


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Bench(tmp_path, channel("web"), channel("tg"), channel("hop")) as bench:
        yield bench


def evidence(bench: Bench, *names: str, **more: Any) -> Evidence:
    """All that there is when these deliveries were published, as they must be."""
    rows = [bench.publish(bench.row(name, message="01.md")) for name in names]
    records = [record for row in rows for record in accepted(row.channel, row.key)]
    shelves = [(row.channel, row.key) for row in rows if row.channel == "hop"]
    known: dict[str, Any] = {
        "scene": _SCENE, "mark": "m", "rows": rows, "log": bench.entries(),
        "first": frozenset(row.identity for row in rows), "records": records, "shelves": shelves,
        "spoilt": (), "heard": (), "end": NOW + timedelta(hours=1), "healed": NOW,
    }  # fmt: skip
    return Evidence(**{**known, **more})


def accepted(name: str, key: str) -> list[dict[str, Any]]:
    if name == "web":
        return [{"kind": "wordpress", "place": "m-web", "action": "publish", "slug": f"tin-{key}", "text": "<p>Tin"}]
    if name == "tg":
        return [
            {"kind": "telegram", "place": "@m_tg", "action": "publish", "text": f"Tin [01.{part}]"} for part in (1, 2)
        ]
    return []


def verdict(found: Evidence) -> Verdict:
    return judge(Verdict("case", "fault"), found)


def test_what_is_as_it_must_be_is_not_objected_to(bench: Bench) -> None:
    found = verdict(evidence(bench, "web", "tg", "hop"))
    assert found.objections == []
    assert len(found.settled) == 3


@pytest.mark.parametrize("name", ["web", "tg"])
def test_what_a_server_accepted_twice(bench: Bench, name: str) -> None:
    one = evidence(bench, name)
    assert verdict(dataclasses.replace(one, records=[*one.records, one.records[0]])).twice


def test_the_same_text_under_another_key(bench: Bench) -> None:
    one = evidence(bench, "web")
    twice = [
        {**record, "text": "<p>&#91;01.1] Tin", "slug": slug}
        for record in one.records
        for slug in (record["slug"], "a" * 16)
    ]
    assert any("text 01.1 2 times" in text for text in verdict(dataclasses.replace(one, records=twice)).twice)


@pytest.mark.parametrize("name", ["web", "tg", "hop"])
def test_what_is_said_to_be_out_and_is_not(bench: Bench, name: str) -> None:
    one = evidence(bench, name)
    assert verdict(dataclasses.replace(one, records=one.records[1:], shelves=())).lost


@pytest.mark.parametrize("state", [State.PLANNED, State.MISSED, State.FAILED, State.CANCELLED, State.SKIPPED])
def test_what_is_said_not_to_be_out_and_is(bench: Bench, state: State) -> None:
    one = evidence(bench, "web")
    rows = [in_state(bench, row, state) for row in one.rows]
    assert any("its channel has it" in text for text in verdict(dataclasses.replace(one, rows=rows)).lost)


def test_a_row_that_is_gone_and_a_post_that_no_row_knows(bench: Bench) -> None:
    found = verdict(dataclasses.replace(evidence(bench, "web"), rows=[]))
    assert any("has no row any more" in text for text in found.lost)
    assert any("of which no row tells" in text for text in found.lost)


@pytest.mark.parametrize("state", [State.SENDING, State.IN_DOUBT, State.PLANNED, State.AWAITING])
def test_what_neither_ended_nor_stands_visibly(bench: Bench, state: State) -> None:
    one = evidence(bench, "web")
    rows = [in_state(bench, row, state) for row in one.rows]
    assert any("at the end" in text for text in verdict(dataclasses.replace(one, rows=rows)).stuck)


def test_an_end_without_a_reason(bench: Bench) -> None:
    one = evidence(bench, "web")
    rows = [dataclasses.replace(row, reason="") for row in one.rows]
    assert any("without a reason" in text for text in verdict(dataclasses.replace(one, rows=rows)).lost)


def test_a_person_is_needed_where_the_channel_can_be_asked(bench: Bench) -> None:
    web, tg = evidence(bench, "web"), evidence(bench, "tg")
    for one, is_stuck in ((web, True), (tg, False)):
        rows = [dataclasses.replace(row, state=State.NEEDS_PERSON) for row in one.rows]
        found = verdict(dataclasses.replace(one, rows=rows))
        assert found.needs_person == 1
        assert bool(found.stuck) is is_stuck


def test_an_entry_that_is_missing_or_another_state_than_the_logs(bench: Bench) -> None:
    one = evidence(bench, "web")
    for place in range(len(one.log)):
        entries = [entry for number, entry in enumerate(one.log) if number != place]
        renumbered = [{**entry, "id": number} for number, entry in enumerate(entries, 1)]
        assert verdict(dataclasses.replace(one, log=entries)).unfit or place == len(one.log) - 1
        assert verdict(dataclasses.replace(one, log=renumbered)).unfit
    rows = [in_state(bench, row, State.FAILED) for row in one.rows]
    assert any("by the log" in text for text in verdict(dataclasses.replace(one, rows=rows)).unfit)


def test_another_receipt_than_the_logs(bench: Bench) -> None:
    one = evidence(bench, "web")
    rows = [
        dataclasses.replace(row, receipt=dataclasses.replace(row.receipt, id="2")) for row in one.rows if row.receipt
    ]
    assert verdict(dataclasses.replace(one, rows=rows)).unfit


def test_who_asked_for_patience_and_did_not_get_it() -> None:
    def manners(seconds: float, after: float | None) -> list[str]:
        asked = Heard(NOW, 0.0, "m-web", "GET posts", 429, after)
        again = Heard(NOW + timedelta(seconds=seconds), seconds, "m-web", "GET posts", 200, None)
        nothing: dict[str, Any] = {
            "rows": (), "log": (), "first": frozenset(), "records": (), "shelves": (), "spoilt": (),
            "end": NOW, "healed": NOW,
        }  # fmt: skip
        return verdict(Evidence(scene=_SCENE, mark="m", heard=(asked, again), **nothing)).unfit

    assert manners(50, 60)
    assert not manners(60, 60)
    assert not manners(1, None)


def test_a_request_that_leaves_while_nothing_is_being_sent(bench: Bench) -> None:
    one = evidence(bench, "web", begin=NOW)
    for label, seconds, is_bad in (("POST posts", 0.0, False), ("POST posts", 1.0, True), ("GET posts", 1.0, False)):
        heard = (Heard(NOW + timedelta(seconds=seconds), seconds, "m-web", label, 200, None),)
        assert bool(verdict(dataclasses.replace(one, heard=heard)).unfit) is is_bad


def test_what_began_on_a_full_disk(bench: Bench) -> None:
    one = evidence(bench, "web")
    for since, is_bad in ((NOW - timedelta(seconds=1), True), (NOW, False)):
        full = ((since, NOW + timedelta(minutes=1)),)
        assert bool(verdict(dataclasses.replace(one, full=full)).unfit) is is_bad


def test_a_folder_that_was_not_whole(bench: Bench) -> None:
    assert verdict(evidence(bench, "hop", spoilt=("hop: a changed",))).unfit


def test_the_log_alone_gives_the_states() -> None:
    entries = [
        {"id": 1, "at": "1", "event": "planned", "delivery": 7},
        {"id": 2, "at": "2", "event": "paused"},
        {"id": 3, "at": "3", "event": "sending", "delivery": 7, "was": "planned", "epoch": 1},
        {"id": 4, "at": "4", "event": "in_doubt", "delivery": 7, "was": "sending", "epoch": 1},
        {"id": 5, "at": "5", "event": "in_doubt", "delivery": 7, "was": "in_doubt", "epoch": 2},
    ]
    found = replay(entries)
    assert found.gaps == []
    assert found.deliveries[7].state is State.IN_DOUBT
    assert [state for _, state in found.deliveries[7].journey] == ["planned", "sending", "in_doubt", "in_doubt"]
    assert replay([*entries[:2], entries[3]]).gaps
    assert replay([{**entries[4], "epoch": 0}, *entries[1:]]).gaps


def test_what_was_begun_beyond_its_grace(bench: Bench) -> None:
    found = evidence(bench, "web")
    assert verdict(found).objections == []
    due = (NOW - timedelta(hours=13)).isoformat()
    late = [{**entry, "due": due} if "due" in entry else entry for entry in found.log]
    assert "too late" in "".join(verdict(dataclasses.replace(found, log=late)).unfit)
