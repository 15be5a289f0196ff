"""`publisher rehearse`: every post exactly as it would be, and nothing real is touched."""

import hashlib
import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from publisher import decisions
from publisher.app import App
from publisher.clock import VirtualClock
from publisher.decisions import person
from publisher.delivery import State
from publisher.exercise import Period, begins, copy_workspace
from publisher.rehearsal import rehearse
from publisher.store import deliveries
from publisher.workspace import Folder, read_workspace
from publisher.world import RealWorld
from sandbox.client import Sandbox
from tests.kinds import png
from tests.offices import CAMPAIGN, SECRETS, Office, call

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
FIRST, END = datetime(2022, 2, 14, tzinfo=HANOI), datetime(2022, 2, 28, tzinfo=HANOI)
PLAN = """\
timezone: Asia/Ho_Chi_Minh
include: [conf/channels.yaml]
campaigns:
  c:
    title: Sóng và máy tính
    document: 56/KH-UBND
    from: 2022-02-14
    approval: once-per-text
    facts: {hotline: "0261 3543 543"}
    schedules:
      bai: {content: bai/, days: [mon, wed], at: 08:00, to: [web, hop], spread: 10m}
      tg: {content: bai/, pick: random, every: 2 days, at: 19:30, to: tg, rest: 3 days}
      loa: {content: bai/, days: weekdays, at: sessions, to: loa}
"""


@pytest.fixture
def office(tmp_path: Path, sandbox: Sandbox) -> Office:
    office = Office(tmp_path / "office", sandbox)
    office.write("schedules.yaml", PLAN)
    for number in (1, 2, 3):
        office.message(
            f"bai/{number}.md", f"Bài số {number}",
            "Gọi **{{ hotline }}**, {{ occurrence | date }}, {{ agency.name }}.", image="{file: anh.png, alt: Lớp học}",
        )  # fmt: skip
    (office.directory / CAMPAIGN / "anh.png").write_bytes(png())
    return office


def rehearsed(office: Office, out: Path, *words: str, first: str = "2022-02-14", end: str = "2022-02-28") -> Path:
    done = office.call("rehearse", "--from", first, "--to", end, "--out", str(out), *words)
    assert done.code == 0, done.warned
    return out


def posts(out: Path) -> dict[tuple[str, str, str], Any]:
    """The posts of an exercise by schedule, channel and occurrence."""
    lines = (out / "posts.jsonl").read_text(encoding="utf-8").splitlines()
    return {(one["schedule"], one["channel"], one["occurrence"]): one["post"] for one in map(json.loads, lines)}


def real_run(office: Office) -> dict[tuple[str, str, str], Any]:
    """The same two weeks with the servers that the workspace names."""
    period = Period(FIRST, END)
    clock = VirtualClock(begins(read_workspace(Folder(office.directory)), period))
    with App(office.directory, clock, RealWorld(SECRETS)) as app:
        app.start()

        def act(now: datetime) -> None:
            with app.store.read() as view:
                waiting = decisions.drafts(view, app.workspace)
            if waiting:
                with app.store.write() as tx:
                    decisions.approve(tx, waiting, person("Trưởng phòng"), now, document="07/TB")
                app.plan()

        rehearse(app, clock, END, act=act)
        with app.store.read() as view:
            rows = deliveries.select_where(view)
    assert {row.state for row in rows if period.has(row.occurrence)} == {State.PUBLISHED}
    found = [row for row in rows if period.has(row.occurrence) and row.post]
    return {(row.name, row.channel, row.occurrence.isoformat()): row.post.as_json() for row in found if row.post}


def test_its_posts_are_those_of_a_real_run_to_the_byte(office: Office, tmp_path: Path) -> None:
    real = real_run(office)
    out = rehearsed(office, tmp_path / "out", "--approver", "Trưởng phòng", "--document", "07/TB")
    found = posts(out)
    assert len(found) == len(real) > 30
    assert {str(one): json.dumps(post) for one, post in found.items()} == {
        str(one): json.dumps(post) for one, post in real.items()
    }
    scripts = {path.relative_to(out / "scripts"): path.read_bytes() for path in (out / "scripts").rglob("script.txt")}
    kept = office.directory / "var" / "channels"
    assert scripts
    for path, text in scripts.items():
        if FIRST.date().isoformat() <= path.parts[1] < END.date().isoformat():
            assert (kept / path).read_bytes() == text


def test_nothing_real_is_touched(office: Office, tmp_path: Path) -> None:
    before = _files(office.directory)
    rehearsed(office, tmp_path / "out")
    assert _files(office.directory) == before
    assert office.published("wordpress", office.web) == []
    assert office.published("telegram", f"@{office.tg}") == []


def test_it_says_everywhere_but_in_the_posts_that_it_is_an_exercise(office: Office, tmp_path: Path) -> None:
    out = rehearsed(office, tmp_path / "out", "--lang", "vi")
    pages = [out / "index.html", *(out / "days").glob("*.html")]
    assert len(pages) > 10
    for page in pages:
        assert page.read_text(encoding="utf-8").count("DIỄN TẬP: chưa có gì được đăng thật") == 1
    lines = (out / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(lines[0]) == {"exercise": True, "published": False}
    assert json.loads(lines[1])["event"] == "exercise"
    assert (out / "EXERCISE.txt").is_file()
    for text in (out / "posts.jsonl", *(out / "scripts").rglob("script.txt")):
        assert "diễn tập" not in text.read_text(encoding="utf-8").lower()


def test_servers_that_fail_are_survived_and_nothing_goes_out_twice(office: Office, tmp_path: Path) -> None:
    out = rehearsed(office, tmp_path / "out", "--faults", "7")
    record = [json.loads(line) for line in (out / "sandbox" / "record.jsonl").read_text().splitlines()]
    public = [(one["kind"], one["place"], one["id"]) for one in record if one["public"] and one["action"] == "publish"]
    assert len(public) == len(set(public))
    found = posts(out)
    by_key = [post["key"] for post in found.values() if post]
    assert len(by_key) == len(set(by_key))
    again = rehearsed(office, tmp_path / "again", "--faults", "7")
    assert posts(again).keys() == found.keys()


def test_what_nobody_approves_is_shown_as_not_going_out(office: Office, tmp_path: Path) -> None:
    out = rehearsed(office, tmp_path / "out", "--unapproved", end="2022-02-16")
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "not approved in time" in page
    assert (out / "scripts").exists() is False


def test_the_life_so_far_goes_on(office: Office, tmp_path: Path) -> None:
    office.edit("from: 2022-02-14", f"from: {office.first}")
    office.edit("approval: once-per-text", "approval: none")
    office.live(30)
    first = office.first + timedelta(days=3)
    out = rehearsed(office, tmp_path / "out", first=f"{first}", end=f"{first + timedelta(days=7)}")
    names = {one: post["title"] for one, post in posts(out).items() if one[0] == "c/loa"}
    assert names  # and they take their turns after those that were read
    read = [row for row in office.rows(channel="loa") if row.state is State.PUBLISHED]
    following = min(occurrence for _, _, occurrence in names)
    assert read
    assert following > max(row.occurrence.isoformat() for row in read)


def test_a_folder_of_ones_own_is_left_alone(office: Office, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine")
    done = office.call("rehearse", "--out", str(tmp_path / "mine"))
    assert (done.code, "no exercise made it" in done.warned) == (1, True)


def test_an_exercise_neither_copies_nor_removes_itself(office: Office, tmp_path: Path) -> None:
    before = _files(office.directory)
    for folder in ("content/campaigns", "content/campaigns/c/x", "content/campaigns/x", "var/x", ".", ".."):
        done = office.call("rehearse", "--out", str(office.directory / folder))
        assert (done.code, "name another folder" in done.warned) == (1, True), folder
    assert _files(office.directory) == before


def test_a_copy_has_all_files_that_the_plan_includes(office: Office, tmp_path: Path) -> None:
    copy_workspace(office.directory, tmp_path / "copy")
    assert call("check", "--workspace", str(tmp_path / "copy")).code == 0


def _files(folder: Path) -> dict[str, str]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
