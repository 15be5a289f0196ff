"""What mail servers do to e-mails about scripts and links: a doubt is shown, and nothing is sent twice."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from channels.mail import Security
from sandbox.client import Sandbox
from tests import towns
from tests.mail_servers import PASSWORD, USER, mail_server
from tests.raw_server import Peer, RawServer
from tests.towns import ANNOUNCERS, EDITOR, Town, until_data


@pytest.fixture
def town(tmp_path: Path, sandbox: Sandbox) -> Town:
    return towns.made(tmp_path / "office", sandbox)


@pytest.mark.parametrize("end", [Peer.reset, Peer.hang])
def test_a_doubt_is_shown_and_nothing_is_sent_again(town: Town, end: Callable[[Peer], None]) -> None:
    town.office.plan()
    with RawServer(until_data(end)) as raw:
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
    with RawServer(until_data(Peer.reset)) as raw:
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
    with RawServer(until_data(repeat)) as raw:
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
