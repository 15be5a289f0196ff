"""`check`, `plan`, `status` and `log`: what they show, to people and to programs, and that they write nothing."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from sandbox.client import Sandbox
from tests.offices import Office

READING = (("check",), ("plan",), ("status",), ("log",))


@pytest.fixture
def office(tmp_path: Path, sandbox: Sandbox) -> Office:
    return Office(tmp_path / "office", sandbox)


@pytest.fixture
def days(office: Office) -> tuple[str, str]:
    """The first day of the campaign and the next, as `plan` takes them; the rows are there."""
    office.plan()
    return str(office.first), str(office.first + timedelta(days=1))


def test_reading_writes_nothing(office: Office, days: tuple[str, str]) -> None:
    def files() -> dict[str, bytes]:
        found = office.directory.rglob("*")
        return {str(path): path.read_bytes() if path.is_file() else b"" for path in found}

    before = files()
    for words in READING:
        for more in ((), ("--json",)):
            assert office.call(*words, *more).code == 0
    assert files() == before


def test_check_counts_what_is_well_and_warns_of_secrets(office: Office) -> None:
    done = office.call("check")
    assert done.code == 0
    assert done.said.splitlines() == [
        "conf/channels.yaml:4:3: warning: the secret WEB_PASSWORD is not set "
        "(set the variable WEB_PASSWORD, or WEB_PASSWORD_FILE to a file)",
        "conf/channels.yaml:5:3: warning: the secret TG_TOKEN is not set "
        "(set the variable TG_TOKEN, or TG_TOKEN_FILE to a file)",
        "No mistakes: 1 campaign, 2 schedules, 4 channels, 3 messages.",
    ]


def test_check_finds_mistakes_in_the_plan_the_messages_and_what_they_make(office: Office) -> None:
    office.message("loa/02.md", "Bản tin hai", "Gọi {{ hotlin }}.")
    office.message("khai-mac.md", "Khai mạc", "{{ facts.none }}")
    done = office.call("check", "--json")
    assert done.code == 1
    mistakes = [one for one in json.loads(done.said) if one["kind"] == "mistake"]
    assert [set(one) for one in mistakes] == [{"kind", "file", "line", "column", "text"}] * 2
    assert [one["file"].rpartition("/")[2] for one in mistakes] == ["khai-mac.md", "02.md"]
    assert (mistakes[1]["line"], mistakes[1]["column"]) == (5, 8)
    assert office.call("check").warned == "2 mistakes found.\n"


def test_plan_for_programs(office: Office, days: tuple[str, str]) -> None:
    found = office.call("plan", "--from", days[0], "--to", days[1], "--json").json()
    assert found[2] == {
        "schedule": "c/sang",
        "occurrence": f"{days[0]}T08:00:00+07:00",
        "due": f"{days[0]}T08:00:00+07:00",
        "channel": "hop",
        "message": "khai-mac.md",
        "state": "planned",
    }
    assert [(one["channel"], one["message"]) for one in found] == [
        ("loa", "loa/01.md"), ("web", "khai-mac.md"), ("hop", "khai-mac.md"), ("loa", "loa/02.md"),
    ]  # fmt: skip


def test_plan_for_people(office: Office, days: tuple[str, str]) -> None:
    before = office.first - timedelta(days=1)
    done = office.call("plan", "--from", days[0], "--to", days[1])
    assert done.said.splitlines() == [
        "Sóng và máy tính (c)",
        "",
        f"{office.first:%A} {office.first.day} {office.first:%B %Y}",
        f"  05:15  loa   loa  loa/01.md    planned, due {before:%d/%m} 17:15",
        "  08:00  sang  web  khai-mac.md  planned",
        "  08:00  sang  hop  khai-mac.md  planned",
        "  17:00  loa   loa  loa/02.md    planned, due 05:00",
        "",
        "4 deliveries, in the time of Asia/Ho_Chi_Minh.",
        "",
        "The schedules in words:",
        "  c/sang  every day at 08:00",
        "  c/loa   every day in every session of the station",
    ]
    assert office.call("plan", "--from", "2022-02-14", "--to", "2022-02-15").said == "Nothing goes out in these days.\n"


def test_plan_names_the_campaign_where_there_are_several(office: Office, days: tuple[str, str]) -> None:
    office.edit("campaigns:\n", "campaigns:\n  d: {title: Khác, schedules: {}}\n")
    lines = office.call("plan", "--from", days[0], "--to", days[1]).said.splitlines()
    assert "  08:00  c/sang  web  khai-mac.md  planned" in lines


def test_plan_shows_messages_with_mistakes_apart(office: Office, days: tuple[str, str]) -> None:
    office.message("loa/02.md", "Bản tin hai", "Gọi {{ hotlin }}.")
    done = office.call("plan", "--from", days[0], "--to", days[1])
    assert done.code == 1
    assert "02.md:5:8: 'hotlin' is not defined" in done.warned
    assert "khai-mac.md  planned" in done.said


def test_plan_says_what_goes_out_again_after_an_edit_has_moved_it(office: Office) -> None:
    office.edit("at: 08:00", f"days: {office.first}, at: 08:00")
    office.live(hours=9)
    number = office.rows(channel="web", state="published")[0].id
    later = office.first + timedelta(days=2)
    office.edit(f"days: {office.first}, at: 08:00", f"days: {later}, at: 08:00")

    lines = office.call("plan", "--from", str(office.first), "--to", str(later + timedelta(days=1))).said.splitlines()
    note = f"goes out again: #{number} was out at 08:00 on {office.first:%d/%m/%Y}, before an edit moved it"
    assert f"  08:00  sang  web  khai-mac.md  planned, {note}" in lines
    assert sum("goes out again" in line for line in lines) == 2  # the inbox, too

    office.edit(f"days: {later}, at: 08:00", f"days: {office.first}, at: 09:00")  # the same day: it takes that place
    lines = office.call("plan", "--from", str(office.first), "--to", str(later)).said.splitlines()
    assert not any("goes out again" in line for line in lines)
    assert any(re.search(r"09:00 .*skipped: delivery \d+ of .* takes its place", line) for line in lines)


def test_status_for_programs(office: Office, days: tuple[str, str]) -> None:
    found = office.status()
    assert set(found) == {"running", "mistakes", "counts", "paused", "silent", "needs", "drafts", "next", "alerts"}
    assert found["running"] is False
    assert found["counts"] == {"planned": len(office.rows())}
    assert (found["paused"], found["silent"]) == ([], [])
    assert len(found["next"]) == 10
    assert set(found["next"][0]) == {
        "id", "schedule", "occurrence", "due", "channel", "message", "state", "reason",
    }  # fmt: skip
    assert found["next"][1]["due"] == f"{days[0]}T05:00:00+07:00"


def test_status_for_people(office: Office, days: tuple[str, str]) -> None:
    number = office.rows(channel="web")[0].id
    assert office.call("hold", str(number), "--as", "Hà", "--because", "đợi số liệu").code == 0
    office.edit("title: Sóng", "titel: Sóng")
    lines = office.call("status").said.splitlines()
    assert lines[0] == "Publisher is NOT running: nothing goes out until it does."
    assert "  schedules.yaml:5:5: unknown key 'titel' (did you mean 'title'?)" in lines
    assert f"Deliveries: 1 held, {len(office.rows()) - 1} planned" in lines
    assert f"  #{number}  {days[0]} 08:00  c/sang  web  khai-mac.md  held: đợi số liệu" in lines


def test_status_names_the_texts_that_wait(office: Office) -> None:
    office.edit("    title:", "    approval: once-per-text\n    title:")
    office.plan()
    assert office.status()["drafts"] == ["c/loa/01.md", "c/khai-mac.md", "c/loa/02.md"]


def test_the_log_in_the_zone_of_the_workspace(office: Office, days: tuple[str, str]) -> None:
    number = office.rows(channel="web")[0].id
    office.call("hold", str(number), "--as", "Hà", "--because", "đợi số liệu")
    entry = office.log("held")[0]
    done = office.call("log", "--delivery", str(number))
    first, last = done.said.splitlines()
    assert " planned " in first
    assert re.fullmatch(
        rf"\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d  held           #{number:<5}  c/sang web khai-mac.md  đợi số liệu"
        r"  \[Hà \(unverified\)\]",
        last,
    )
    assert entry["at"].endswith("+00:00")
    hour = int(last[11:13])
    assert (hour - int(entry["at"][11:13])) % 24 == 7
    assert entry["who"] == {"name": "Hà", "role": "person", "verified": False}


def test_the_log_for_programs_and_in_part(office: Office, days: tuple[str, str]) -> None:
    whole = office.call("log", "--json").json()
    assert [entry["id"] for entry in whole] == list(range(1, len(whole) + 1))
    assert office.call("log", "--last", "3", "--json").json() == whole[-3:]
    number = office.rows()[0].id
    mine = [entry for entry in whole if entry.get("delivery") == number]
    assert office.call("log", "--delivery", str(number), "--json").json() == mine
    assert office.call("log", "--delivery", str(number), "--last", "1", "--json").json() == mine[-1:]
    missing = office.call("log", "--delivery", "99999")
    assert (missing.code, missing.warned) == (1, "there is no delivery 99999\n")
