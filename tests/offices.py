"""An office for the tests: a small workspace in a folder, and Publisher at work on it as a process of its own."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from publisher import decisions
from publisher.app import App
from publisher.cli import main
from publisher.clock import SystemClock, VirtualClock
from publisher.decisions import person
from publisher.delivery import Delivery
from publisher.fence import DEADLINE
from publisher.rehearsal import rehearse
from publisher.store import deliveries, log
from publisher.store.database import Store
from publisher.world import SandboxWorld
from sandbox.client import Sandbox
from tests.kinds import unique

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
CAMPAIGN = "content/campaigns/c"
SECRETS = {"WEB_PASSWORD": "mat-khau", "TG_TOKEN": "123:AAF"}
PATIENCE = 60.0  # seconds for what should happen soon, on a busy machine

SCHEDULES = """\
timezone: Asia/Ho_Chi_Minh
include: [conf/channels.yaml]
campaigns:
  c:
    title: Sóng và máy tính
    from: {first}
    schedules:
      sang: {{content: khai-mac.md, at: 08:00, to: [web, hop]}}
      loa: {{content: loa/, at: sessions, to: loa}}
"""
CHANNELS = """\
agencies:
  so: {{name: Sở Thông tin}}
channels:
  web: {{kind: wordpress, agency: so, url: "{url}/wordpress/{web}", username: u, password: "${{WEB_PASSWORD}}"}}
  tg: {{kind: telegram, agency: so, chat: "@{tg}", token: "${{TG_TOKEN}}", api: "{url}/telegram"}}
  hop: {{kind: inbox, agency: so}}
  loa: {{kind: loudspeaker, agency: so, sessions: [05:15, 17:00], ready: 12h}}
"""


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    said: str  # standard output
    warned: str  # standard error

    def json(self) -> Any:
        """What it printed, as it went well."""
        assert self.code == 0, self.warned
        return json.loads(self.said)


def call(*words: str) -> Done:
    """Run a command to its end, here."""
    said, warned = StringIO(), StringIO()
    with redirect_stdout(said), redirect_stderr(warned):
        try:
            code = main(words)
        except SystemExit as ended:  # from the parser
            code = int(ended.code or 0)
    return Done(code, said.getvalue(), warned.getvalue())


@dataclass
class Office:
    """A workspace whose servers are the sandbox's; `web` and `tg` are its places there. Nothing is due for days."""

    directory: Path
    sandbox: Sandbox
    web: str = field(default_factory=lambda: unique("web"))
    tg: str = field(default_factory=lambda: unique("tg").replace("-", "_"))

    def __post_init__(self) -> None:
        self.first = (datetime.now(HANOI) + timedelta(days=3)).date()
        self.furnish()

    def furnish(self) -> None:
        """Write all files as they are at first."""
        self.channels = CHANNELS.format(url=self.sandbox.url, web=self.web, tg=self.tg)
        self.write("schedules.yaml", SCHEDULES.format(first=self.first))
        self.write("conf/channels.yaml", self.channels)
        self.message("khai-mac.md", "Khai mạc")
        self.message("loa/01.md", "Bản tin một")
        self.message("loa/02.md", "Bản tin hai")

    def write(self, path: str, text: str) -> None:
        """Write a file of the workspace."""
        target = self.directory / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")

    def message(self, path: str, title: str, text: str = "Học sinh có máy tính.", **front: str) -> None:
        """Write a message."""
        lines = "".join(f"{name}: {value}\n" for name, value in {"title": title, **front}.items())
        self.write(f"{CAMPAIGN}/{path}", f"---\n{lines}---\n\n{text}\n")

    def edit(self, old: str, new: str, path: str = "schedules.yaml") -> None:
        """Replace a piece of a file."""
        text = (self.directory / path).read_text(encoding="utf-8")
        assert old in text
        self.write(path, text.replace(old, new))

    def plan(self) -> None:
        """Put the files in force and give the next days their rows, as a first start does."""
        with App(self.directory, SystemClock(), SandboxWorld(self.sandbox.url)) as app:
            app.start()

    def live(self, hours: int) -> None:
        """Let the first day of the campaign pass up to an hour of it."""
        begin = datetime.combine(self.first, datetime.min.time(), HANOI)
        clock = VirtualClock(begin)
        with App(self.directory, clock, SandboxWorld(self.sandbox.url)) as app:
            app.start()
            rehearse(app, clock, begin + timedelta(hours=hours))

    def send(self, message: str, *channels: str, deadline: float = DEADLINE) -> None:
        """Send a message, and let the next seconds pass; `deadline`: real seconds for each exchange."""
        clock = VirtualClock(datetime.now(UTC))
        with App(self.directory, clock, SandboxWorld(self.sandbox.url), deadline=deadline) as app:
            app.start()
            for channel in channels:
                with app.store.write() as tx:
                    target, uuid = app.workspace.schedules.channels[channel], app.store.uuid
                    decisions.send(
                        tx, app.workspace, uuid, "c", message, target, person("Nga"), clock.now(), again=True
                    )
                clock.set(clock.now() + timedelta(seconds=1))
            rehearse(app, clock, clock.now() + timedelta(minutes=1))

    def call(self, *words: str) -> "Done":
        """Run a command to its end, here."""
        return call(words[0], "--workspace", str(self.directory), *words[1:])

    def process(self, *words: str, env: Mapping[str, str] = SECRETS) -> "Done":
        """Run a command to its end, as a process of its own."""
        command = [sys.executable, "-m", "publisher", words[0], "--workspace", str(self.directory), *words[1:]]
        done = subprocess.run(command, env=_environment(env), capture_output=True, text=True, timeout=60)
        return Done(done.returncode, done.stdout, done.stderr)

    def start(self, *words: str) -> "subprocess.Popen[bytes]":
        """Begin a command as a process of its own, and do not wait for it."""
        command = [sys.executable, "-m", "publisher", words[0], "--workspace", str(self.directory), *words[1:]]
        quiet = subprocess.DEVNULL
        return subprocess.Popen(command, env=_environment(SECRETS), stdout=quiet, stderr=quiet)

    @contextmanager
    def run(self, *words: str, env: Mapping[str, str] = SECRETS) -> Iterator["Running"]:
        """`publisher run`, ready; stopped at the end, if it still runs, and then it must have ended well."""
        running = Running(self, words, env)
        try:
            running.wait_for(lambda: "overview:" in running.said, "to be ready")
            yield running
            if running.process.poll() is None:
                assert running.stop() == 0
        finally:
            if running.process.poll() is None:
                running.process.kill()
            running.process.wait()

    def status(self) -> dict[str, Any]:
        """What `status --json` says."""
        found: dict[str, Any] = self.call("status", "--json").json()
        return found

    def rows(self, **wanted: str) -> list[Delivery]:
        """The deliveries; `wanted` keeps those with these values, e.g. `channel="web"`."""
        with self.looking() as store, store.read() as view:
            found = deliveries.select_where(view)
        return [row for row in found if all(str(getattr(row, name)) == value for name, value in wanted.items())]

    def log(self, event: str = "") -> list[Mapping[str, Any]]:
        """The entries of the log, or those of one event."""
        with self.looking() as store, store.read() as view:
            return [entry for entry in log.entries(view) if event in ("", entry["event"])]

    @contextmanager
    def looking(self) -> Iterator[Store]:
        """The database beside whoever works on it."""
        store = Store.peek(self.directory / "var" / "publisher.db")
        assert store is not None
        try:
            yield store
        finally:
            store.close()

    def published(self, kind: str, place: str) -> list[str]:
        """The titles, or texts, that the public of a place saw, by the sandbox's own record."""
        entries = self.sandbox.record(kind=kind, place=place)
        return [entry.get("title") or entry["text"] for entry in entries if entry["public"]]


class Running:
    """A `publisher run`."""

    def __init__(self, office: Office, words: tuple[str, ...], env: Mapping[str, str]) -> None:
        self._out, self._err = (office.directory.parent / f"{unique('run')}.{name}" for name in ("out", "err"))
        command = [sys.executable, "-m", "publisher", "run", "--workspace", str(office.directory), "--port", "0"]
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen([*command, *words], stdout=out, stderr=err, env=_environment(env))

    @property
    def said(self) -> str:
        """Its standard output so far."""
        return self._out.read_text(encoding="utf-8")

    @property
    def warned(self) -> str:
        """Its standard error so far."""
        return self._err.read_text(encoding="utf-8")

    @property
    def url(self) -> str:
        """The address of its overview, without the last slash."""
        found = re.search(r"overview: (http\S+)/", self.said)
        assert found
        return found[1]

    def wait_for(self, check: Callable[[], Any], what: str, seconds: float = PATIENCE) -> Any:
        """The first true answer of `check`; an error that shows what the process said, if there is none in time."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found = check()
            if found:
                return found
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError(f"waited in vain for it {what}\n{self.said}\n{self.warned}")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    return {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", **more}
