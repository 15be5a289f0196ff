"""`publisher demo` as a process of its own: what it names is there, and the sandbox's own record agrees."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from publisher.app import App
from publisher.clock import VirtualClock
from publisher.delivery import State
from publisher.demo import live_workspace
from publisher.exercise import ExerciseError, copy_workspace, fresh_folder
from publisher.rehearsal import rehearse
from publisher.store import deliveries
from publisher.workspace import Folder, read_workspace
from publisher.world import SandboxWorld
from sandbox.client import Sandbox
from tests import kinds
from tests.offices import Done, call

ROOT = Path(__file__).parents[1]
SMALL = """\
timezone: Asia/Ho_Chi_Minh
include: [channels.yaml]
campaigns:
  c:
    title: Sóng và máy tính
    from: 2022-02-14
    schedules:
      bai: {content: bai-viet/, days: mon, at: 08:00, to: [web, web2]}
"""
CHANNELS = """\
agencies:
  so: {name: Sở Thông tin}
channels:
  web: {kind: wordpress, agency: so, url: https://so.example.vn, username: u, password: "${P}"}
  web2: {kind: wordpress, agency: so, url: https://so2.example.vn, username: u, password: "${P}"}
  hop: {kind: inbox, agency: so}
"""


@dataclass(frozen=True)
class Played:
    """A demo that has ended after its summary."""

    folder: Path
    done: Done

    @property
    def named(self) -> list[list[str]]:
        """The lines of published.txt: time, channel, title, place."""
        lines = (self.folder / "published.txt").read_text(encoding="utf-8").splitlines()
        return [line.split("  ") for line in lines]

    @property
    def record(self) -> list[dict[str, Any]]:
        """What the sandbox wrote down by itself, of what the public sees."""
        lines = (self.folder / "sandbox" / "record.jsonl").read_text(encoding="utf-8").splitlines()
        return [entry for entry in map(json.loads, lines) if entry["public"]]

    def log(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = call("log", "--workspace", str(self.folder / "workspace"), "--json").json()
        return found


@contextmanager
def demo(folder: Path, *words: str, workspace: Path = ROOT) -> Iterator["subprocess.Popen[str]"]:
    """A demo in a session of its own; none of its processes may be left at the end."""
    command = [sys.executable, "-m", "publisher", "demo", "--workspace", str(workspace), "--directory", str(folder)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "COLUMNS": "80"}
    process = subprocess.Popen(
        [*command, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("once") / "demo"
    began = time.monotonic()
    with demo(folder, "--once") as process:
        said, warned = process.communicate(timeout=120)
    assert time.monotonic() - began < 60
    return Played(folder, Done(process.returncode, said, warned))


def test_it_ends_well_and_names_what_it_made(played: Played) -> None:
    assert (played.done.code, played.done.warned) == (0, "")
    for kind in ("wordpress", "telegram", "loudspeaker", "inbox"):
        assert f" {kind} " in played.done.said
    for _, channel, title, place in played.named:
        if place.startswith("http"):
            assert f"{channel}  {title}  {place}" in played.done.said
    assert "Nguyễn Thị Thu Hà (Phó Trưởng phòng) approves" in played.done.said
    # None of them ended in another state.
    assert re.search(r"All deliveries of these 14 days: \d+ published, and \d+ script", played.done.said)


def test_the_record_agrees_item_for_item(played: Played) -> None:
    record = {(entry["place"], str(entry["id"])): entry for entry in played.record}
    assert len(record) == len(played.record)
    receipts = {
        (entry["channel"], entry["receipt"]["id"]): entry["receipt"]
        for entry in played.log() if entry["event"] == "published"
    }  # fmt: skip
    urls = {entry["url"] for entry in played.record if entry["kind"] in ("wordpress", "telegram")}
    assert urls == {receipt["url"] for receipt in receipts.values() if receipt["url"]}
    scripts = {(entry["place"], entry["id"]) for entry in played.record if entry["kind"] == "loudspeaker"}
    assert scripts == {name for name in receipts if name[0].startswith("loa-")}
    assert Counter(entry["place"] for entry in played.record if entry["kind"] == "inbox") == Counter(
        channel for channel, receipt in receipts if receipts[channel, receipt]["url"] is None and channel[:4] != "loa-"
    )


def test_what_is_named_is_what_the_log_says_was_published(played: Played) -> None:
    published = [entry for entry in played.log() if entry["event"] == "published"]
    assert Counter(channel for _, channel, _, _ in played.named) == Counter(entry["channel"] for entry in published)
    urls = Counter(place for *_, place in played.named if place.startswith("http"))
    assert urls == Counter(entry["receipt"]["url"] for entry in published if entry["receipt"].get("url"))
    assert set(urls.values()) == {1}


def test_what_is_named_is_there(played: Played) -> None:
    pages = list((played.folder / "posts").rglob("*.html"))
    assert len(pages) == sum(place.startswith("http") for *_, place in played.named)
    assert all("<html" in page.read_text(encoding="utf-8") for page in pages)
    folders = {Path(place) for *_, place in played.named if not place.startswith("http")}
    assert folders
    for folder in folders:
        files = {path.name for path in folder.iterdir()}
        assert {"script.txt", "script.pdf"} <= files or "post.json" in files


def test_the_demo_covers_the_first_two_weeks_from_their_first_morning(played: Played) -> None:
    days = {datetime.fromisoformat(at).date() for at, *_ in played.named}
    assert min(days).isoformat() == "2022-02-14"
    assert len(days) >= 13


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A workspace whose two weeks pass in a moment."""
    folder = tmp_path / "small"
    messages = folder / "content" / "campaigns" / "c" / "bai-viet"
    messages.mkdir(parents=True)
    for number in (1, 2):
        text = f"---\ntitle: Bài {number}\n---\n\nHọc sinh có máy tính.\n"
        (messages / f"0{number}.md").write_text(text, encoding="utf-8")
    (folder / "schedules.yaml").write_text(SMALL, encoding="utf-8")
    (folder / "channels.yaml").write_text(CHANNELS, encoding="utf-8")
    return folder


def test_it_goes_on_until_it_is_stopped_and_leaves_nothing_behind(small: Path, tmp_path: Path) -> None:
    with demo(tmp_path / "demo", workspace=small) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "What the sandbox's public sees: " in line:
                break
        second = call("demo", "--workspace", str(small), "--directory", str(tmp_path / "demo"))
        assert (second.code, "another exercise is at work in" in second.warned) == (1, True)

        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, warned = process.communicate(timeout=30)
        assert time.monotonic() - began < 5
        assert (process.returncode, warned) == (0, "")
        assert _left_of(process.pid) == []


def test_what_it_goes_on_with_is_due_every_minute_on_each_kind(small: Path, tmp_path: Path, sandbox: Sandbox) -> None:
    source = read_workspace(Folder(small))
    copy_workspace(small, tmp_path / "live")
    clock = VirtualClock(datetime(2022, 3, 1, 1, 0, 30, tzinfo=UTC))
    live_workspace(source, tmp_path / "live", clock.now().date())
    with App(tmp_path / "live", clock, SandboxWorld(sandbox.url)) as app:
        app.start()
        rehearse(app, clock, clock.now() + timedelta(minutes=3))
        with app.store.read() as view:
            rows = deliveries.unfinished(view, (State.PUBLISHED,))
    minutes = ("01:01:00", "01:02:00", "01:03:00")
    assert [(f"{row.due:%H:%M:%S}", row.channel) for row in rows] == [
        (minute, channel) for minute in minutes for channel in ("web", "hop")
    ]
    assert rows[0].message == rows[1].message != rows[2].message == rows[3].message != rows[4].message


@pytest.mark.parametrize("file", ["schedules.yaml", "channels.yaml"])
def test_it_goes_on_with_email_wherever_the_mail_server_stands(
    small: Path, tmp_path: Path, sandbox: Sandbox, file: str
) -> None:
    reader = f"{kinds.unique('ban')}@bao.example.vn"
    channels = CHANNELS + f"  thu: {{kind: email, agency: so, to: {reader}}}\n"
    (small / "channels.yaml").write_text(channels, encoding="utf-8")
    (small / "schedules.yaml").write_text(SMALL.replace("to: [", "to: [thu, "), encoding="utf-8")
    text = (small / file).read_text(encoding="utf-8")
    (small / file).write_text("mail: {host: smtp.so.vn, from: pub@so.vn}\n" + text, encoding="utf-8")
    copy_workspace(small, tmp_path / "live")
    clock = VirtualClock(datetime(2022, 3, 1, 1, 0, 30, tzinfo=UTC))
    live_workspace(read_workspace(Folder(small)), tmp_path / "live", clock.now().date())
    with App(tmp_path / "live", clock, SandboxWorld(sandbox.url)) as app:
        app.start()
        rehearse(app, clock, clock.now() + timedelta(minutes=2))
    assert len(sandbox.record(kind="email", place=reader)) == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_can_be_interrupted_while_it_plays(tmp_path: Path, number: signal.Signals) -> None:
    with demo(tmp_path / "demo", "--once") as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "approves" in line:
                break
        os.killpg(process.pid, number) if number is signal.SIGINT else process.send_signal(number)
        _, warned = process.communicate(timeout=30)
        assert process.returncode == 130
        assert "Traceback" not in warned
        assert _left_of(process.pid) == []


def test_it_replaces_only_what_a_demo_made(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    fresh_folder(tmp_path / "empty", tmp_path / "w")
    (tmp_path / "empty" / "old").touch()
    fresh_folder(tmp_path / "empty", tmp_path / "w")
    assert not (tmp_path / "empty" / "old").exists()

    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "thesis.txt").write_text("mine")
    with pytest.raises(ExerciseError, match="no exercise made it: name another folder"):
        fresh_folder(tmp_path / "own", tmp_path / "w")
    done = call("demo", "--workspace", str(ROOT), "--directory", str(tmp_path / "own"))
    assert (done.code, done.warned) == (
        1, f"{tmp_path / 'own'} is there and no exercise made it: name another folder\n",
    )  # fmt: skip
    assert (tmp_path / "own" / "thesis.txt").read_text() == "mine"


def test_it_needs_a_workspace(tmp_path: Path) -> None:
    done = call("demo", "--workspace", str(tmp_path), "--directory", str(tmp_path / "demo"))
    assert done.code == 1
    assert done.warned.startswith(f"there is no schedules.yaml in {tmp_path}")
    assert not (tmp_path / "demo").exists()


def _left_of(session: int) -> list[str]:
    """The processes of a session that still run."""
    listed = subprocess.run(["ps", "-o", "pid=,args=", "-s", str(session)], capture_output=True, text=True, check=False)
    return [line for line in listed.stdout.splitlines() if "<defunct>" not in line]
