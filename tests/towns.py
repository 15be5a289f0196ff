"""Offices whose announcers and agencies are told by e-mail."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from channels.smtp import MailClient
from publisher.alerts.conditions import Sight
from publisher.alerts.watch import Watch
from publisher.links import Links
from publisher.notices.sending import Notifier
from publisher.schedules import Topic, load_folder
from publisher.settings import Secrets
from publisher.store import alerts
from publisher.store.database import Store
from sandbox.client import Sandbox
from tests.mail_servers import PASSWORD, Post, trusting
from tests.offices import Office
from tests.raw_server import Peer

ANNOUNCERS = ("phat-thanh@vhtt.example.vn", "loa@vhtt.example.vn")
EDITOR = "thu-ky@bao.example.vn"
URL = "https://noi-dung.example.gov.vn"


@dataclass
class Town:
    """An office whose announcers and agency are told by e-mail, with what tells them."""

    office: Office
    password: str = PASSWORD
    url: str = URL
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def use(self, port: int, security: str = "none", more: str = "") -> None:
        """Let e-mail go through the mail server at that port."""
        path = self.office.directory / "schedules.yaml"
        text = re.sub(r"mail: .*\n", "", path.read_text(encoding="utf-8"))
        line = f"mail: {{host: 127.0.0.1, port: {port}, security: {security}, from: pub@so.example.vn{more}}}\n"
        self.office.write("schedules.yaml", line + text)

    @contextmanager
    def store(self) -> Iterator[Store]:
        made = Store.open(self.office.directory / "var" / "publisher.db", self.now)
        try:
            yield made
        finally:
            made.close()

    def round(self, minutes: int = 1, deadline: float = 2.0) -> None:
        """So much later, in a process of its own: tell what is to be told, and look for alerts."""
        self.now += timedelta(minutes=minutes)
        schedules = load_folder(self.office.directory)
        with self.store() as store:
            links = Links(store, self.office.directory / "var" / "keys" / "inbox.key")
            mail = MailClient(trusting()).bound(lambda: None, deadline)
            folder = self.office.directory / "var" / "channels"

            def link(channel: str) -> str | None:
                path = links.path(channel)
                return f"{self.url}{path}" if self.url and path else None

            secrets = Secrets({"MAIL_PASSWORD": self.password})
            Notifier(store, mail, secrets, folder, link).round(schedules, self.now)
            Watch(store).look(schedules, Sight((), 10**12), self.now)

    def alerts(self) -> list[str]:
        """What the alerts about notices say."""
        with self.store() as store, store.read() as view:
            known = [one.alert for one in alerts.known(view) if one.alert.topic is Topic.NOTICE]
        return [f"{alert.facts['what']}: {alert.facts.get('reason', '')}" for alert in known]

    def events(self) -> list[str]:
        """What the log says of notices."""
        return [entry["event"] for entry in self.office.log() if entry["event"].startswith("notice_")]

    def link(self) -> str:
        """The private link in force, as the command shows it."""
        return self.office.call("inbox", "list", "--url", URL).said.split()[1]


def made(folder: Path, sandbox: Sandbox) -> Town:
    """A town with two announcers and an editor, and no mail server that answers."""
    office = Office(folder, sandbox)
    office.edit("so: {name: Sở Thông tin}", f"so: {{name: Sở Thông tin, contact: {EDITOR}}}", "conf/channels.yaml")
    office.edit("ready: 12h", f"ready: 12h, send_to: [{', '.join(ANNOUNCERS)}]", "conf/channels.yaml")
    town = Town(office)
    town.use(9)
    return town


def subjects(post: Post) -> list[str]:
    return [f"{to[0]}: {found['Subject']}" for to, found in zip(post.recipients, post.messages, strict=True)]


def body(message: EmailMessage) -> str:
    part: Any = message.get_body(("plain",))
    return str(part.get_content())


def until_data(last: Callable[[Peer], None]) -> Callable[[Peer], None]:
    """A server that takes everything, and ends as told once the whole message has come."""

    def serve(peer: Peer) -> None:
        peer.sock.sendall(b"220 hello\r\n")
        got = b""
        while not got.endswith(b"\r\n.\r\n"):
            piece = peer.sock.recv(65536)
            if not piece:
                return
            got += piece
            if got.endswith(b"DATA\r\n"):
                peer.sock.sendall(b"354 go on\r\n")
            elif b"DATA\r\n" not in got:
                peer.sock.sendall(b"250 fine\r\n")
        last(peer)

    return serve
