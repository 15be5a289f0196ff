"""A life that is backed up, goes on, and comes back from its backup: what a restore takes away was lived all the same.

Every text says which occurrence it is of, so that the servers' own records can say what they accepted twice.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from shutil import copy2

from channels.inbox import entries
from publisher.decisions import person
from publisher.restoration import Restored, restore
from publisher.store import backups
from sandbox.client import Sandbox
from tests.lives import Life

DAILY = "s: {{content: a.md, at: 08:00, to: [tg, {web}, hop]}}\nl: {{content: a.md, at: sessions, to: loa}}"
MARK = "Lượt {{ occurrence | date }} {{ occurrence | time }}."
_MARKED = re.compile(r"Lượt \d\d/\d\d/\d{4} \d\d:\d\d")
_KEY = re.compile(r"[a-z2-7]{16}")


class SecondLife(Life):
    """A life with backups."""

    def message(self, path: str, title: str = "", text: str = MARK, **front: str) -> None:
        """Write a message that says which occurrence it is of."""
        super().message(path, title, text, **front)

    @property
    def database(self) -> Path:
        return self.directory / "var" / "publisher.db"

    def back_up(self, name: str = "backup.db") -> Path:
        """A backup of this moment."""
        backups.back_up(self.database, self.directory / name, self.clock.now(), _silent)
        return self.directory / name

    def come_back(self, backup: Path, when: str = "", until: str = "") -> Restored:
        """Stop now, restore then (else now), start again at last (else then), and let a minute pass."""
        self.stop()
        now = self.instant(when) if when else self.clock.now()
        done = restore(self.directory, backup, person("Lan"), "máy hỏng", now, adopt=False, progress=_silent)
        self.start(until or self.local(now))
        self.let_a_minute_pass()
        return done

    def let_a_minute_pass(self) -> None:
        """So that all look-ups have their turn at their channel's rate."""
        self.at(self.local(self.clock.now() + timedelta(minutes=1)))

    def come_back_by_hand(self, backup: Path) -> None:
        """Somebody stops it, copies the file into the place of the database, and starts it again."""
        self.stop()
        copy2(backup, self.database)
        self.start(self.now)
        self.let_a_minute_pass()

    def twice(self) -> list[object]:
        """What a server, a station or an inbox accepted more than once of one delivery."""
        seen: Counter[object] = Counter()
        for channel, (kind, place) in self._kinds.items():
            folder = self.directory / "var" / "channels" / place.removeprefix(f"{self.mark}-")
            if kind == "wordpress":
                made = self.sandbox.record(kind=kind, place=place, action="publish")
                seen.update((channel, _KEY.findall(entry["slug"])[-1]) for entry in made)
            elif kind == "telegram":
                texts = [entry["text"] for entry in self.sandbox.record(kind=kind, place=place)]
                seen.update((channel, text.split("\n")[0], tuple(_MARKED.findall(text))) for text in texts)
            elif kind == "loudspeaker":
                programmes = [json.loads(path.read_bytes()) for path in folder.rglob("programme.json")]
                seen.update((channel, post["key"]) for programme in programmes for post in programme["posts"])
            else:
                seen.update((channel, one.post.title, one.post.text) for one in entries(folder))
        return [one for one, count in seen.items() if count > 1]


@contextmanager
def living(directory: Path, sandbox: Sandbox) -> Iterator[SecondLife]:
    """A life with one message and a channel of each kind, that has not begun."""
    made = SecondLife(directory, sandbox)
    made.message("a.md")
    made.channels("tg", "web", "hop", loa="sessions: [05:15, 17:00], ready: 12h")
    yield made
    made.stop()
    sandbox.clear_faults()


def daily(life: SecondLife, when: str = "02-14 07:00", **more: str) -> None:
    """Begin with one schedule a day on every kind."""
    life.began(DAILY.format(web=life.site("web")), when, **more)


def on_web(life: SecondLife, line: str = "at: 08:00", when: str = "02-14 07:00", **more: str) -> str:
    """One schedule on a website alone; the name of its channel."""
    life.channels("web", **{"loa": "sessions: [17:00]"} if "sessions" in line else {})
    life.began(f"s: {{content: a.md, to: {life.site('web')}, {line}}}", when, **more)
    return life.site("web")


def _silent(_done: int, _total: int) -> None:
    """No bar in a test."""
