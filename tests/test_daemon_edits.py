"""Edits while `publisher run` is at work: in force within five seconds, or said to be mistakes."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from publisher.delivery import Delivery
from sandbox.client import Sandbox
from tests.offices import CAMPAIGN, HANOI, Office, Running

SOON = 5.0  # seconds from the save until an edit is in force


@pytest.fixture
def office(tmp_path: Path, sandbox: Sandbox) -> Office:
    return Office(tmp_path / "office", sandbox)


@pytest.fixture
def running(office: Office) -> Iterator[Running]:
    with office.run() as running:
        yield running


def test_an_edit_of_each_file_is_in_force_within_seconds(office: Office, running: Running) -> None:
    def in_force(check: Callable[[], Any], what: str) -> None:
        running.wait_for(check, what, SOON)

    office.edit("at: 08:00", "at: 09:30")
    in_force(lambda: _times(office.rows(channel="web", state="planned")) == {"09:30"}, "to plan the new time")

    office.edit("[05:15, 17:00]", "[05:45, 17:00]", "conf/channels.yaml")
    in_force(lambda: _times(office.rows(channel="loa", state="planned")) == {"05:45", "17:00"}, "to move a session")

    (before,) = {row.revision for row in office.rows(channel="web", state="planned")}
    office.message("khai-mac.md", "Khai mạc", "Một câu khác.")
    in_force(lambda: before not in {row.revision for row in office.rows(channel="web", state="planned")}, "to reread")

    office.edit("  hop: {", "  hop2: {kind: inbox, agency: so}\n  hop: {", "conf/channels.yaml")
    in_force(lambda: len(office.log("link_made")) == 2, "to make a link for a new inbox")
    in_force(lambda: running.said.count("plan_in_force") == 4, "to say so")
    assert "Traceback" not in running.warned


def test_a_broken_edit_changes_nothing_and_is_said_everywhere(office: Office, running: Running) -> None:
    before = office.rows()
    mistake = "schedules.yaml:8:14: unknown key 'contents' (did you mean 'content'?)"
    office.edit("content: khai-mac.md, at: 08:00", "contents: khai-mac.md, at: 09:00")

    running.wait_for(lambda: mistake in running.warned, "to complain", SOON)
    assert mistake in office.status()["mistakes"]
    assert mistake in office.log("mistakes")[-1]["mistakes"]
    assert office.rows() == before

    office.edit("contents:", "content:")  # and the time stays moved
    running.wait_for(lambda: _times(office.rows(channel="web", state="planned")) == {"09:00"}, "to go on", SOON)
    assert office.status()["mistakes"] == []
    assert [entry["event"] for entry in office.log()][-1] != "mistakes"
    assert len(office.log("mended")) == 1


def test_a_broken_message_keeps_its_text_until_it_is_mended(office: Office, running: Running) -> None:
    (before,) = {row.revision for row in office.rows(channel="web")}
    office.message("khai-mac.md", "Khai mạc", "Gọi {{ hotlin }}.")
    mistake = f"{CAMPAIGN}/khai-mac.md:5:8: 'hotlin' is not defined"
    running.wait_for(lambda: mistake in running.warned, "to complain", SOON)
    assert {row.revision for row in office.rows(channel="web")} == {before}
    assert {row.state.value for row in office.rows(channel="web")} == {"planned"}

    office.message("khai-mac.md", "Khai mạc", "Gọi 0261 3543 543.")
    running.wait_for(lambda: before not in {row.revision for row in office.rows(channel="web")}, "to reread", SOON)


def test_a_half_saved_file_cancels_nothing(office: Office, running: Running) -> None:
    whole = (office.directory / "schedules.yaml").read_text(encoding="utf-8")
    half = whole[: whole.index("      loa:")]  # valid as it stands: without the second schedule
    office.write("schedules.yaml", half)
    time.sleep(1)  # an editor, or a copy over a slow line, takes its time
    office.write("schedules.yaml", whole.replace("at: 08:00", "at: 09:30"))

    running.wait_for(lambda: _times(office.rows(channel="web", state="planned")) == {"09:30"}, "to take it", SOON)
    assert {entry["channel"] for entry in office.log("cancelled")} == {"web", "hop"}  # whose time was moved
    assert {row.state.value for row in office.rows(channel="loa")} == {"planned"}
    assert len(office.log("plan_in_force")) == 2


def _times(rows: list[Delivery]) -> set[str]:
    """The local times of day of their occurrences."""
    return {f"{row.occurrence.astimezone(HANOI):%H:%M}" for row in rows}
