"""E-mails to announcers and agencies over real mail servers: what they hold, and that none is sent twice by itself."""

import re
from datetime import datetime, time, timedelta
from pathlib import Path

import pytest

from content.yaml12 import Mistakes
from publisher.restoration import restore
from publisher.schedules import load
from publisher.store.log import Actor
from sandbox.client import Sandbox
from tests import towns
from tests.mail_servers import mail_server
from tests.offices import HANOI
from tests.raw_server import Peer, RawServer
from tests.towns import ANNOUNCERS, EDITOR, URL, Town, body, subjects, until_data


@pytest.fixture
def town(tmp_path: Path, sandbox: Sandbox) -> Town:
    return towns.made(tmp_path / "office", sandbox)


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
    with RawServer(until_data(Peer.hang)) as raw:
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
