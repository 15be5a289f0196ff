"""A program that is killed in the midst of a correction or a withdrawal: nothing is doubled, nothing forgotten."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from publisher.delivery import State
from sandbox.client import Sandbox
from tests.offices import CAMPAIGN, Office

MESSAGE = f"{CAMPAIGN}/khai-mac.md"
EDIT, DELETE = r"POST .*/(editMessageText|posts/\d+)$", r"(POST .*/deleteMessage|DELETE .*)"


@pytest.fixture
def office(tmp_path: Path, sandbox: Sandbox) -> Iterator[Office]:
    office = Office(tmp_path / "office", sandbox)
    office.message("khai-mac.md", "Khai mạc", "Khai mạc ngày 20.")
    for channel in ("web", "tg", "hop"):
        assert office.process("send", MESSAGE, "--to", channel, "--as", "Nga").code == 0
    yield office
    sandbox.clear_faults()


def killed_in(office: Office, verb: str, request: str) -> None:
    """The verb is asked for; the program that carries it out is killed while both servers hang."""
    for kind, place in (("telegram", f"@{office.tg}"), ("wordpress", office.web)):
        office.sandbox.fault(kind, "accept-then-hang", place=place, request=request, seconds=30)
    with office.run() as running:
        running.wait_for(lambda: in_force(office), "the edit to be in force")
        ordered = office.start(verb, MESSAGE, "--as", "Lan", "--because", "sai ngày")
        running.wait_for(lambda: len(sending(office)) == 2, "both to hang")
        running.process.kill()
        running.process.wait()
        ordered.kill()
        ordered.wait()
    office.sandbox.clear_faults()


def in_force(office: Office) -> bool:
    entries = [entry["event"] for entry in office.log()]
    return entries.count("plan_in_force") >= 2


def sending(office: Office) -> list[int]:
    return [row.id for row in office.rows(state="sending") if row.of]


def mended(office: Office) -> bool:
    rows = [row for row in office.rows() if row.of]
    return bool(rows) and {row.state for row in rows} == {State.PUBLISHED}


def actions(office: Office, kind: str, place: str) -> list[str]:
    return [one["action"] for one in office.sandbox.record(kind=kind, place=place) if one["public"]]


def test_a_correction_that_was_cut_is_made_once(office: Office) -> None:
    office.message("khai-mac.md", "Khai mạc", "Khai mạc ngày 22.")
    killed_in(office, "correct", EDIT)
    with office.run() as running:
        running.wait_for(lambda: mended(office), "all to be corrected")
    assert actions(office, "wordpress", office.web) == ["publish", "update"]
    assert actions(office, "telegram", f"@{office.tg}") == ["publish", "update"]
    assert len(list((office.directory / "var" / "channels" / "hop").iterdir())) == 2


def test_a_withdrawal_that_was_cut_is_made_once(office: Office) -> None:
    office.message("khai-mac.md", "Khai mạc", "Khai mạc ngày 22.")
    killed_in(office, "withdraw", DELETE)
    with office.run() as running:
        running.wait_for(lambda: mended(office), "all to be withdrawn")
    assert actions(office, "wordpress", office.web) == ["publish", "delete"]
    assert actions(office, "telegram", f"@{office.tg}") == ["publish", "delete"]
    assert len(list((office.directory / "var" / "channels" / "hop").iterdir())) == 2
