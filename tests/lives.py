"""A life: a workspace in a folder, its App on a virtual clock, and the sandbox as its world.

What the sandbox accepted is noted with the virtual instant at which it stood there first, so that a test can say
what the public saw, and when: `life.seen("tg")`. What the rows say is `life.story()`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from textwrap import dedent, indent
from typing import Any
from zoneinfo import ZoneInfo

from channels.inbox import entries
from content.vietnamese import slug
from publisher import decisions
from publisher.app import App
from publisher.clock import VirtualClock
from publisher.decisions import person
from publisher.delivery import Delivery
from publisher.outlook import Line, outlook
from publisher.rehearsal import finish
from publisher.store import deliveries, log
from publisher.world import SandboxWorld, World
from sandbox.client import Sandbox
from tests.kinds import unique

YEAR = 2022
_PLAN = timedelta(hours=6)
CAMPAIGN = "content/campaigns/c"


@dataclass(frozen=True)
class Streets(SandboxWorld):
    """The sandbox, where each feed is the one of its own name."""

    def feed(self, url: str) -> str:
        """`https://any/NAME.xml` is the sandbox's `NAME.xml`."""
        return f"{self.url}/feed/{url.rsplit('/', 1)[1]}"


@dataclass
class Life:
    """One workspace through stops, starts and edits. Times are local, as `02-14 08:00` of 2022."""

    directory: Path
    sandbox: Sandbox
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Asia/Ho_Chi_Minh"))
    world: World | None = None
    app: App | None = None
    room: int = 1 << 40  # bytes that the disk has left
    journal: list[tuple[datetime, str, str]] = field(default_factory=list)  # instant, channel, what

    def __post_init__(self) -> None:
        self.clock = VirtualClock(self.instant("01-01 00:00"))
        self.mark = unique("x").replace("-", "_")
        self._kinds: dict[str, tuple[str, str]] = {}  # channel: kind and place in the sandbox
        self._noted: dict[str, int] = {}
        self._changes = -1
        (self.directory / CAMPAIGN).mkdir(parents=True)
        self.channels("tg", "tg2", "tg3", loa="sessions: [05:15, 17:00], ready: 12h")

    # The files

    def channels(self, *telegrams: str, defaults: str = "", **loudspeakers: str) -> None:
        """Write channels.yaml: chats, and loudspeakers with their settings.

        Websites are `web` and what follows, inboxes `hop` and what follows.
        """
        lines = ["agencies:", "  so: {name: Sở Thông tin}", "channels:"]
        for name in telegrams:
            if name.startswith("hop"):
                self._kinds[name] = ("inbox", name)
            elif name.startswith("web"):
                self._kinds[name] = ("wordpress", self.site(name))
            else:
                self._kinds[name] = ("telegram", f"@{self.mark}_{name}")
            kind, place = self._kinds[name]
            if kind == "inbox":
                lines.append(f"  {name}: {{kind: inbox, agency: so}}")
            elif kind == "telegram":
                lines.append(f'  {name}: {{kind: telegram, agency: so, chat: "{place}", token: "${{T}}"}}')
            else:
                settings = 'url: "https://so.example.vn", username: u, password: "${P}", rate: 60/second'
                lines.append(f"  {place}: {{kind: wordpress, agency: so, {settings}}}")
        for name, settings in loudspeakers.items():
            self._kinds[name] = ("loudspeaker", f"{self.mark}-{name}")
            lines.append(f"  {name}: {{kind: loudspeaker, agency: so, {settings}}}")
        lines += ["defaults:", indent(dedent(defaults).strip(), "  ")] if defaults else []
        self.file("channels.yaml", "\n".join(lines) + "\n")

    def site(self, name: str) -> str:
        """The name of a website's channel: nobody else has it."""
        return f"{name}-{self.mark.replace('_', '-')}"

    def schedules(self, text: str, *, campaign: str = "", top: str = "") -> None:
        """Write schedules.yaml: the schedules of the one campaign `c`, and its other keys."""
        head = (
            f"timezone: {self.zone}\ninclude: [channels.yaml]\n{dedent(top)}\ncampaigns:\n  c:\n    title: Chiến dịch\n"
        )
        body = indent(dedent(campaign), "    ") + "\n    schedules:\n" + indent(dedent(text), "      ")
        self.file("schedules.yaml", head + body + "\n")

    def message(self, path: str, title: str = "", text: str = "Nội dung.", **front: str) -> None:
        """Write a message of the campaign; its title is its path unless it is given."""
        lines = [f"{name}: {value}" for name, value in {"title": title or path, **front}.items()]
        self.file(f"{CAMPAIGN}/{path}", "\n".join(["---", *lines, "---", text, ""]))

    def file(self, path: str, text: str) -> None:
        """Write any file of the workspace."""
        (self.directory / path).parent.mkdir(parents=True, exist_ok=True)
        (self.directory / path).write_text(text, encoding="utf-8")

    def remove(self, path: str) -> None:
        """Delete a message."""
        (self.directory / CAMPAIGN / path).unlink()

    def began(self, schedules: str, when: str = "02-14 07:00", **more: str) -> None:
        """Write these schedules and start."""
        self.schedules(schedules, **more)
        self.start(when)

    def changed(self, schedules: str, **more: str) -> None:
        """Write other schedules, which come into force."""
        self.schedules(schedules, **more)
        assert self.edit()

    def unmoved(self) -> None:
        """Planning once more changes no row and says nothing."""
        self.running.plan()
        rows, entries = self.rows(), self.log()
        self.running.plan()
        assert (self.rows(), self.log()) == (rows, entries)

    def edit(self) -> bool:
        """What the daemon does within seconds of an edit, and then what is due; whether the edit is in force."""
        taken_up = self.running.reload()
        self.at(self.now)
        return taken_up

    # Time

    @property
    def running(self) -> App:
        """The App, which must have been started."""
        assert self.app is not None
        return self.app

    @property
    def now(self) -> str:
        """The local time."""
        return self.local(self.clock.now())

    def start(self, when: str) -> None:
        """Start, at that time, and do what is due."""
        self.clock.set(self.instant(when))
        self._changes = -1
        self.app = App(self.directory, self.clock, self.world or Streets(self.sandbox.url), lambda _: self.room)
        self.app.start()
        for name, (kind, place) in self._kinds.items():
            if kind == "loudspeaker":
                folder = str((self.app.outbox / name).resolve())
                self.sandbox.call("POST", "/_watch", {"kind": kind, "place": place, "folder": folder})
        self.app.poll_feeds()
        self.at(when)

    def stop(self) -> None:
        """Stop as SIGTERM does."""
        if self.app:
            self.app.close()
        self.app = None

    def at(self, when: str) -> None:
        """Live until then, through all that is due, planning a few times a day."""
        app, until = self.running, self.instant(when)
        has_feeds = any(schedule.feed for schedule in app.workspace.schedules.schedules)
        stride = timedelta(hours=1) if has_feeds else timedelta(hours=12)
        planned = self.clock.now() - _PLAN
        while self.clock.now() < until:
            if self.clock.now() - planned >= _PLAN:
                app.plan()
                planned = self.clock.now()
            app.poll_feeds()
            finish(app)
            self._observe()
            now = self.clock.now()
            self.clock.set(min(filter(None, (app.next_wake(), now + stride, until))))
        finish(app)
        self._observe()

    def down(self, since: str, until: str) -> None:
        """Live until `since`, stop, and start again at `until`."""
        self.at(since)
        self.stop()
        self.start(until)

    # What the public saw, and what the rows say

    def seen(self, channel: str | None = None) -> list[str]:
        """What the sandbox accepted: `02-14 08:00 title`, and for a station the script's folder and its titles."""
        return [f"{self.local(at)} {what}" for at, where, what in self.journal if channel in (None, where)]

    def story(self, schedule: str | None = None, channel: str | None = None) -> list[str]:
        """The rows, in order: `02-14 08:00 tg published`."""
        return [
            f"{self.local(row.occurrence)} {row.channel} {row.state.value}"
            for row in self.rows()
            if schedule in (None, row.name.removeprefix("c/")) and channel in (None, row.channel)
        ]

    def ended(self, *states: str) -> list[str]:
        """The story so far: without what is still planned for later days, or only with these states."""
        wanted = states or ("published", "missed", "held", "failed", "skipped", "cancelled", "in_doubt", "needs_person")
        return [line for line in self.story() if line.rsplit(" ", 1)[1] in wanted]

    def rows(self) -> list[Delivery]:
        """All rows, in order of occurrence, due and place."""
        with self.running.store.read() as view:
            return deliveries.select_where(view)

    def row(self, when: str, channel: str = "tg") -> Delivery:
        """The one row of that occurrence and channel."""
        (found,) = [row for row in self.rows() if (self.local(row.occurrence), row.channel) == (when, channel)]
        return found

    def log(self, row: Delivery | None = None) -> list[Mapping[str, Any]]:
        """The log, or a row's part of it."""
        with self.running.store.read() as view:
            return list(log.entries(view, delivery=row.id if row else None))

    def reasons(self, when: str, channel: str = "tg") -> list[str]:
        """The events of a row and why, as the log tells them: `missed: 2 h late …`."""
        return [f"{entry['event']}: {entry.get('reason', '')}" for entry in self.log(self.row(when, channel))]

    def outlook(self, first: str, end: str) -> list[Line]:
        """What `publisher plan` shows of the days from first to end (exclusive), as the files are now in force."""
        start, stop = self.instant(f"{first} 00:00"), self.instant(f"{end} 00:00")
        return outlook(self.running.workspace, self.running.store, start, stop)

    # People

    def approve(
        self,
        *,
        who: str = "Trưởng phòng",
        document: str | None = None,
        message: str | None = None,
        channel: str | None = None,
    ) -> int:
        """Somebody approves what waits, or one message of it, or what is for one channel; how many texts."""
        app = self.running
        with app.store.read() as view:
            waiting = [
                draft
                for draft in decisions.drafts(view, app.workspace)
                if message in (None, draft.revision.message) and channel in (None, *draft.channels)
            ]
        with app.store.write() as tx:
            decisions.approve(tx, waiting, person(who), self.clock.now(), document=document)
        app.plan()
        self.at(self.now)
        return len(waiting)

    def send(self, message: str, channel: str) -> None:
        """Somebody sends a message now."""
        app = self.running
        where, uuid = app.workspace.schedules.channels[channel], app.store.uuid
        with app.store.write() as tx:
            decisions.send(tx, app.workspace, uuid, "c", message, where, person("Lan"), self.clock.now(), again=True)
        self.at(self.now)

    def hold(self, row: Delivery, why: str = "xem lại") -> None:
        """Somebody holds a delivery."""
        with self.running.store.write() as tx:
            decisions.hold(tx, row, person("Lan"), why, self.clock.now())

    def cancel(self, row: Delivery, why: str = "thôi") -> None:
        """Somebody cancels a delivery."""
        with self.running.store.write() as tx:
            decisions.cancel(tx, row, person("Lan"), why, self.clock.now())

    def release(self, row: Delivery, why: str = "vẫn gửi") -> None:
        """Somebody releases a delivery; the daemon notices, and does what is due."""
        channel = self.running.workspace.schedules.channels[row.channel]
        with self.running.store.write() as tx:
            decisions.release(tx, row, channel, person("Lan"), why, self.clock.now(), self.zone)
        self.running.work()
        self.running.dispatcher.drain()
        self.at(self.now)

    def news(self, name: str, *items: tuple[str, str]) -> None:
        """Set the items of a feed: when each was published, and its title, which is also its id."""
        self.sandbox.call("PUT", f"/feed/{name}.xml", [self.item(when, title) for when, title in items])

    def item(self, when: str, title: str, /, **values: str) -> dict[str, str]:
        """An item as the sandbox takes it."""
        known = {
            "id": title,
            "title": title,
            "link": f"https://bo.example.vn/{slug(title, 'tin')}",
            "summary": f"Về {title}.",
        }
        return {**known, "published": self.instant(when).isoformat(), **values}

    # Reading and writing times

    def instant(self, when: str) -> datetime:
        """The instant of a local time of 2022."""
        return datetime.fromisoformat(f"{YEAR}-{when.replace(' ', 'T')}").replace(tzinfo=self.zone)

    def local(self, at: datetime) -> str:
        """The local time of an instant."""
        return f"{at.astimezone(self.zone):%m-%d %H:%M}"

    def _observe(self) -> None:
        changes = self.running.store.changes()
        if changes == self._changes:
            return
        self._changes = changes
        if any(kind == "loudspeaker" for kind, _ in self._kinds.values()):
            self.sandbox.call("POST", "/_watch", {})
        for channel, (kind, place) in self._kinds.items():
            found = self._public(kind, place)
            for entry in found[self._noted.get(channel, 0) :]:
                self.journal.append((self.clock.now(), channel, _what(kind, entry)))
            self._noted[channel] = len(found)

    def _public(self, kind: str, place: str) -> list[dict[str, Any]]:
        """What stands where the public, or an agency, reads it, in the order in which it came there."""
        if kind == "inbox":
            shown = entries(self.running.outbox / place)
            return [{"title": one.post.title, "text": one.post.text, "id": one.post.key} for one in reversed(shown)]
        return [entry for entry in self.sandbox.record(kind=kind, place=place) if entry["public"]]


def _what(kind: str, entry: Mapping[str, Any]) -> str:
    if kind == "loudspeaker":
        return f"{entry['id']}: {entry['title']}"
    return str(entry.get("title") or entry["text"].split("\n")[0])


@contextmanager
def living(directory: Path, sandbox: Sandbox, **settings: Any) -> Iterator[Life]:
    """A life that ends with the test."""
    life = Life(directory, sandbox, **settings)
    try:
        yield life
    finally:
        life.stop()
