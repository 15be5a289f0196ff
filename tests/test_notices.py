"""E-mails to announcers and agencies over real mail servers: what they hold, and that none is sent twice by itself."""

import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from channels.mail import Security
from channels.smtp import MailClient
from content.yaml12 import Mistakes
from publisher.alerts.conditions import Sight
from publisher.alerts.watch import Watch
from publisher.links import Links
from publisher.notices.sending import Notifier
from publisher.restoration import restore
from publisher.schedules import Topic, load, load_folder
from publisher.settings import Secrets
from publisher.store import alerts
from publisher.store.database import Store
from publisher.store.log import Actor
from sandbox.client import Sandbox
from tests.mail_servers import PASSWORD, USER, Post, mail_server, trusting
from tests.offices import HANOI, Office
from tests.raw_server import Peer, RawServer

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


@pytest.fixture
def town(tmp_path: Path, sandbox: Sandbox) -> Town:
    office = Office(tmp_path / "office", sandbox)
    office.edit("so: {name: Sở Thông tin}", f"so: {{name: Sở Thông tin, contact: {EDITOR}}}", "conf/channels.yaml")
    office.edit("ready: 12h", f"ready: 12h, send_to: [{', '.join(ANNOUNCERS)}]", "conf/channels.yaml")
    made = Town(office)
    made.use(9)
    return made


def subjects(post: Post) -> list[str]:
    return [f"{to[0]}: {found['Subject']}" for to, found in zip(post.recipients, post.messages, strict=True)]


def body(message: EmailMessage) -> str:
    part: Any = message.get_body(("plain",))
    return str(part.get_content())


def test_each_script_goes_to_each_announcer_once(town: Town) -> None:
    town.office.edit("      loa: {", "      them: {content: khai-mac.md, at: sessions, to: loa}\n      loa: {")
    with mail_server() as (server, post):
        town.use(server.port)
        town.office.live(hours=6)  # scripts of 05:15 and of 17:00, each with two bulletins
        for _ in range(3):
            town.round()
    scripts = [(to[0], found) for to, found in zip(post.recipients, post.messages, strict=True) if to[0] != EDITOR]
    day = f"{town.office.first:%d/%m/%Y}"
    assert [(to, re.sub(r",.* ", " ", found["Subject"])) for to, found in scripts] == [
        (address, f"Kịch bản phát thanh {time} {day}") for time in ("05:15", "17:00") for address in ANNOUNCERS
    ]
    folder = town.office.directory / "var" / "channels" / "loa" / f"{town.office.first}" / "0515"
    first = scripts[0][1]
    text = (folder / "script.txt").read_text("utf-8")
    assert text in body(first)
    assert "Khai mạc" in text
    assert "Bản tin một" in text
    files = {part.get_filename(): part.get_payload(decode=True) for part in first.iter_attachments()}
    assert files["script.pdf"] == (folder / "script.pdf").read_bytes()
    assert files["script.txt"].decode().split() == text.split()
    assert first["Auto-Submitted"] == "auto-generated"
    assert len({found["Message-ID"] for found in post.messages}) == len(post.messages)
    assert set(town.events()) == {"notice_sent"}
    assert town.alerts() == []


def test_a_supplement_is_told_as_one(town: Town) -> None:
    with mail_server() as (server, post):
        town.use(server.port)
        town.office.live(hours=1)  # the script of 05:15 is out; that of 17:00 comes at 05:00
        town.office.edit("      loa: {", "      them: {content: khai-mac.md, at: sessions, to: loa}\n      loa: {")
        town.office.live(hours=3)
        town.round()
    assert f"{ANNOUNCERS[0]}: Kịch bản phát thanh 05:15" in " ".join(subjects(post))
    (found,) = [one for one in post.messages if "phần bổ sung 1" in one["Subject"] and one["To"] == ANNOUNCERS[0]]
    assert "Đây là phần bổ sung số 1 cho buổi phát" in body(found)
    assert "Khai mạc" in body(found)


def test_an_agency_hears_of_its_link_and_of_each_post(town: Town) -> None:
    with mail_server() as (server, post):
        town.use(server.port)
        town.office.live(hours=9)
        town.round()
        town.round()
    told = [found for to, found in zip(post.recipients, post.messages, strict=True) if to == [EDITOR]]
    assert [found["Subject"] for found in told] == [
        "Liên kết riêng vào hộp nội dung của Sở Thông tin", "Nội dung mới: Khai mạc",
    ]  # fmt: skip
    link = town.link()
    assert all(link in body(found) for found in told)
    assert "Học sinh có máy tính." in body(told[1])
    assert link.rstrip("/").rpartition("/")[2] not in str(town.office.log())


def test_a_renewed_link_is_sent_and_the_old_one_no_more(town: Town) -> None:
    with mail_server() as (server, post):
        town.use(server.port)
        town.office.plan()
        old = town.link()
        done = town.office.call("inbox", "renew", "hop", "--as", "Nga")
        assert done.code == 0, done.warned
        town.round()
        town.round()
    (found,) = post.messages
    assert old not in body(found)
    assert town.link() in body(found)


def test_a_link_waits_for_an_address_and_that_is_told(town: Town) -> None:
    with mail_server() as (server, post):
        town.use(server.port)
        town.office.plan()
        town.url = ""
        for minutes in (1, 1, 2, 4):
            town.round(minutes)
        assert post.messages == []
        (alert,) = town.alerts()
        assert "start `publisher run` with --url" in alert
        town.url = URL
        town.round(60)
    assert town.link() in body(post.messages[0])


def _until_data(last: Callable[[Peer], None]) -> Callable[[Peer], None]:
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


@pytest.mark.parametrize("end", [Peer.reset, Peer.hang])
def test_a_doubt_is_shown_and_nothing_is_sent_again(town: Town, end: Callable[[Peer], None]) -> None:
    town.office.plan()
    with RawServer(_until_data(end)) as raw:
        town.use(raw.port)
        town.round(deadline=0.5)
    with mail_server() as (server, post):
        town.use(server.port)
        for minutes in (1, 60, 24 * 60):
            town.round(minutes)
        assert post.messages == []
        assert town.events() == ["notice_in_doubt"]
        (alert,) = town.alerts()
        assert EDITOR in alert
        assert "may have taken the message all the same" in alert
        town.office.call("inbox", "renew", "hop", "--as", "Nga")
        town.round()
    assert [found["To"] for found in post.messages] == [EDITOR]


def test_trouble_of_the_server_costs_one_doubt_a_round_and_no_refusal(town: Town) -> None:
    town.office.live(hours=1)  # a link, and a script for two announcers
    with RawServer(_until_data(Peer.reset)) as raw:
        town.use(raw.port)
        town.round()
    assert town.events() == ["notice_in_doubt"]
    with mail_server() as (server, post):
        town.use(server.port, "starttls")  # which it does not offer
        town.round()
        town.use(server.port)
        town.round(60)
    assert [found["To"] for found in post.messages] == list(ANNOUNCERS)
    assert town.events() == ["notice_in_doubt", "notice_sent", "notice_sent"]


def test_a_server_that_repeats_the_link_is_not_quoted(town: Town) -> None:
    def repeat(peer: Peer) -> None:
        peer.sock.sendall(f"554 spam: {town.link()}\r\n".encode())

    town.office.plan()
    with RawServer(_until_data(repeat)) as raw:
        town.use(raw.port)
        town.round()
    (alert,) = town.alerts()
    assert "554 spam" in alert
    assert town.link().rstrip("/").rpartition("/")[2] not in alert + str(town.office.log())


def test_a_script_that_is_gone_or_cannot_be_read_keeps_nobody_else_waiting(town: Town) -> None:
    with mail_server() as (server, post):
        town.use(server.port)
        town.office.live(hours=6)
        day = town.office.directory / "var" / "channels" / "loa" / f"{town.office.first}"
        shutil.rmtree(day / "0515")
        (day / "1700" / "script.pdf").rename(day / "kept.pdf")
        (day / "1700" / "script.pdf").mkdir()
        town.round()
        assert [found["To"] for found in post.messages] == [EDITOR]
        (day / "1700" / "script.pdf").rmdir()
        (day / "kept.pdf").rename(day / "1700" / "script.pdf")
        town.round(10)
    assert [found["To"] for found in post.messages] == [EDITOR, *ANNOUNCERS]
    assert all("is not whole in the station's folder any more" in alert for alert in town.alerts())
    assert town.events() == ["notice_sent", "notice_refused", "notice_refused", "notice_sent", "notice_sent"]


def test_what_is_certainly_not_taken_is_tried_again(town: Town) -> None:
    town.office.plan()
    with mail_server() as (server, post):
        town.use(server.port)
        post.replies[EDITOR] = "450 4.2.1 greylisted"
        for minutes in (1, 1, 2):
            town.round(minutes)
        (alert,) = town.alerts()
        assert "greylisted" in alert
        post.replies.clear()
        town.round(1)
        assert post.messages == [], "the waits grow"
        town.round(10)
        town.round(10)
    assert [found["To"] for found in post.messages] == [EDITOR]
    assert town.events() == ["notice_late", "notice_sent"]


def test_after_a_week_it_is_given_up(town: Town) -> None:
    town.office.plan()
    for minutes in (1, 24 * 60, 8 * 24 * 60, 60):
        town.round(minutes)
    assert town.events() == ["notice_refused"]
    assert "not accepted for 7 days" in town.alerts()[0]


def test_a_refusal_concerns_one_address_alone(town: Town) -> None:
    with mail_server() as (server, post):
        town.use(server.port)
        post.replies[ANNOUNCERS[0]] = "550 5.1.1 no such user"
        town.office.live(hours=1)
        town.round()
        town.round(60)
    assert {found["To"] for found in post.messages} == {ANNOUNCERS[1], EDITOR}
    (alert,) = town.alerts()
    assert "no such user" in alert


def test_a_wrong_password_is_never_said_and_asked_once_a_round(town: Town) -> None:
    with mail_server(Security.STARTTLS, auth=True) as (server, post):
        town.use(server.port, "starttls", f', username: {USER}, password: "${{MAIL_PASSWORD}}"')
        town.password = "khong-dung-roi"
        town.office.live(hours=1)
        town.round()
        assert len(post.signed_in) == 1
        town.password = PASSWORD
        town.round(60)
    assert len(post.messages) == 3
    assert "khong-dung-roi" not in str(town.office.log())


@pytest.mark.parametrize("case", ["published later", "published", "waiting"])
def test_a_restored_backup_tells_nobody_again(town: Town, tmp_path: Path, case: str) -> None:
    backup = tmp_path / "backup.db"
    begin = datetime.combine(town.office.first, time(), HANOI)
    with mail_server() as (server, post):
        town.use(server.port)
        town.office.live(hours=1 if case == "published later" else 6)
        if case == "waiting":
            post.replies["DATA"] = "450 4.3.2 later"
            town.round()
        assert town.office.call("db", "backup", str(backup)).code == 0
        post.replies.clear()
        town.office.live(hours=6)
        town.round(60)
        assert len(post.messages) == 5
        at, who = begin + timedelta(hours=7), Actor("Nga", "person")
        restore(town.office.directory, backup, who, "đĩa hỏng", at, adopt=False, progress=lambda *_: None)
        town.office.live(hours=7)
        town.round()
        town.round(60)
    assert len(post.messages) == 5
    assert town.events() == ["notice_in_doubt"] * 5
    assert all("backup was restored" in alert for alert in town.alerts())


def test_a_running_publisher_tells_and_survives_a_crash(town: Town) -> None:
    with RawServer(_until_data(Peer.hang)) as raw:
        town.use(raw.port)
        with town.office.run("--url", URL) as running:
            running.wait_for(lambda: _is_sending(town), "to begin")
            running.process.kill()
            running.process.wait()
    with mail_server() as (server, post):
        town.use(server.port)
        with town.office.run("--url", URL) as running:
            running.wait_for(lambda: town.events(), "to doubt it")
            town.office.call("inbox", "renew", "hop", "--as", "Nga")
        with town.office.run("--url", URL) as running:
            running.wait_for(lambda: "notice_sent" in town.events(), "to send the new one")
            token = town.link().rstrip("/").rpartition("/")[2]
            assert token not in running.said + running.warned
    assert [found["To"] for found in post.messages] == [EDITOR]
    assert town.link() in body(post.messages[0])
    assert town.events() == ["notice_in_doubt", "notice_sent"]


def _is_sending(town: Town) -> bool:
    with town.office.looking() as store, store.read() as view:
        return view.exec_driver_sql("SELECT count(*) FROM notices WHERE fate = 'sending'").scalar() == 1


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("agencies: {so: {name: So, contact: a@so.vn}}\nchannels: {}\n", "contact"),
        (
            "agencies: {so: {name: So}}\nchannels: {loa: {kind: loudspeaker, agency: so, sessions: 05:15, send_to: "
            "[a@so.vn]}}\n",
            "send_to",
        ),
    ],
)
def test_who_is_told_by_email_needs_a_mail_server(line: str, key: str) -> None:
    top = "timezone: Asia/Ho_Chi_Minh\ncampaigns: {}\n"
    text = line.replace("sessions: 05:15", 'sessions: ["05:15"]')
    with pytest.raises(Mistakes, match=f"'{key}' needs a mail server") as raised:
        load(lambda _: (top + text).encode())
    assert len(raised.value.mistakes) == 1
    mail = "mail: {host: smtp.so.vn, from: pub@so.vn}\n"
    found = load(lambda _: (top + mail + text).encode())
    told = found.agencies["so"].contact or found.channels["loa"].send_to  # type: ignore[attr-defined]
    assert told == ("a@so.vn",)
