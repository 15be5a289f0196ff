"""`publisher run` on a machine whose clock is set and whose disk fills, judged by what the servers accepted."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import libfaketime
import pytest

from publisher.machine import LOW
from sandbox.client import Sandbox
from tests.offices import HANOI, SECRETS, Office

LIBRARY = Path(libfaketime.__file__).parent / "vendor/libfaketime/src/libfaketime.so.1"
HOURS = 3600


@pytest.fixture
def office(tmp_path: Path, sandbox: Sandbox) -> Office:
    return Office(tmp_path / "office", sandbox)


class SetClock:
    """A clock for processes that can be set while they run; what only counts is left alone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.ahead = 0.0
        self.step(0)
        self.env = {
            **SECRETS,
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(path),
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_NO_CACHE": "1",
            "NO_FAKE_STAT": "1",
        }

    def step(self, seconds: float) -> None:
        """Set it forward or back."""
        self.ahead += seconds
        fresh = self._path.with_suffix(".new")
        fresh.write_text(f"{self.ahead:+.3f}\n", encoding="utf-8")
        fresh.replace(self._path)


def sent(office: Office) -> tuple[int, int]:
    """How many posts the website and the chat accepted."""
    web = office.sandbox.record(kind="wordpress", place=office.web, action="publish")
    return len(web), len(office.sandbox.record(kind="telegram", place=f"@{office.tg}"))


def due_soon(office: Office) -> datetime:
    """Let something be due in some minutes."""
    due = (datetime.now(HANOI) + timedelta(minutes=5)).replace(second=0, microsecond=0)
    office.edit("at: 08:00, to: [web, hop]", f"at: '{due:%H:%M}', to: [web, tg, hop]")
    office.edit(f"from: {office.first}", f"from: {due.date()}")
    return due


def jumps(office: Office) -> list[int]:
    return [round(entry["seconds"] / 60) for entry in office.log("clock_jumped")]


def test_a_clock_that_steps_back_and_forward(office: Office, tmp_path: Path) -> None:
    due, clock = due_soon(office), SetClock(tmp_path / "clock")
    order = ("send", "c/khai-mac.md", "--as", "Nga", "--again", "--to")
    with office.run(env=clock.env) as running:
        clock.step((due - datetime.now(HANOI)).total_seconds() - 1)  # some minutes: that is believed
        running.wait_for(lambda: sent(office) == (1, 1), "to publish at its time")
        (first,) = jumps(office)
        assert 2 <= first <= 5

        clock.step(-2 * HOURS)
        running.wait_for(lambda: jumps(office) == [first, -120], "to notice that the clock went back")
        assert office.process(*order, "web", env=clock.env).code == 0  # it goes on
        assert sent(office) == (2, 1)

        clock.step(2 * HOURS)
        running.wait_for(lambda: office.status()["paused"], "to hold all")
        assert jumps(office) == [first, -120, 120]
        held = office.process(*order, "tg", env=clock.env)
        assert "everything is paused: the machine's clock was set forward by 2 h 0 min" in held.said
        assert sent(office) == (2, 1)
        assert office.process("resume", "--all", "--as", "Hà", "--because", "giờ đúng", env=clock.env).code == 0
        running.wait_for(lambda: sent(office) == (2, 2), "to go on")
        assert running.warned.count("clock_jumped") == 3
        assert "Traceback" not in running.warned
    assert len(office.rows(state="published", channel="web")) == 2
    assert len(office.rows(state="published", channel="tg")) == 2


@pytest.fixture
def small_disk(office: Office) -> Iterator[Path]:
    """A disk of its own for var/, with little more room than is needed."""
    folder = office.directory / "var"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={LOW + (24 << 20)}", "tmpfs", str(folder)]
    if os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        if os.environ.get("CI") == "true":
            pytest.fail(done.stderr)
        pytest.skip(f"no small disk can be mounted here: {done.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_disk_that_fills(office: Office, small_disk: Path) -> None:
    filler = small_disk / "filler"
    with office.run() as running:
        filler.write_bytes(bytes(30 << 20))
        ordered = send_in_background(office)
        running.wait_for(lambda: "the disk of var/ has only" in running.warned, "to notice")
        running.wait_for(lambda: office.rows(channel="web", name="c/@send"), "to have the order")
        fill(filler)
        time.sleep(8)  # it looks every five seconds
        assert running.process.poll() is None
        assert sent(office) == (0, 0)
        assert [row.state.value for row in office.rows(channel="web", name="c/@send")] == ["planned"]

        filler.unlink()
        running.wait_for(lambda: sent(office) == (1, 0), "to go on by itself", seconds=30)
        running.wait_for(lambda: office.rows(channel="web", name="c/@send", state="published"), "to know it")
        assert ordered.wait(30) == 0
        assert running.warned.count("the disk of var/ has only") == 1
        assert "Traceback" not in running.warned
    assert [entry["event"] for entry in office.log() if entry["event"].startswith("disk")] == ["disk_low", "disk_well"]
    assert sent(office) == (1, 0)


def send_in_background(office: Office) -> "subprocess.Popen[bytes]":
    """An order of which nobody waits for the end."""
    words = ("send", "--workspace", str(office.directory), "c/khai-mac.md", "--as", "Nga", "--to", "web")
    return subprocess.Popen([sys.executable, "-m", "publisher", *words], env={**os.environ, **SECRETS})


def fill(path: Path) -> None:
    """Leave no byte free."""
    with path.open("ab", buffering=0) as file:
        for size in (1 << 20, 4096):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue
