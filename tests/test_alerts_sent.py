"""Alerts over real servers: by e-mail and through a service, from a running Publisher and from the command line."""

import argparse
import importlib
import re
import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import pytest

from channels.base import ChannelError
from channels.http import Client
from channels.mail import Security
from content.values import Secret
from publisher.alerts.messenger import Messenger
from publisher.alerts.news import News
from publisher.alerts.words import Note, Writer, line
from publisher.cli import VERBS
from publisher.schedules import Mail, Receiver, Topic
from publisher.settings import Secrets
from publisher.store.alerts import Alert, Known
from sandbox.client import Sandbox
from tests.mail_servers import PASSWORD, USER, mail_server, trusting
from tests.offices import Office
from tests.raw_server import RawServer, answer, answering
from tests.test_services import KEY, receiver

NOW = datetime(2022, 2, 14, 1, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Ho_Chi_Minh")
CANARY = "chim-hoang-yen-7301"
SECRETS = (Secret("CANARY"), Secret("MAIL_PASSWORD"))
FACTS = {
    "delivery": "12", "what": "khai-mac.md", "channel": "web", "at": NOW.isoformat(), "reason": "vì thế",
    "due": NOW.isoformat(), "count": "3", "campaign": "c", "free": "12 MB",
}  # fmt: skip


def somebody(email: str | None = None, service: Secret | None = None) -> Receiver:
    return Receiver(email, service, frozenset(Topic), frozenset(), frozenset())


@pytest.fixture
def office(tmp_path: Path, sandbox: Sandbox) -> Office:
    return Office(tmp_path / "office", sandbox)


def test_an_email_says_it_whole_and_no_secret(http: Client) -> None:
    environment = {"CANARY": CANARY, "MAIL_PASSWORD": PASSWORD}
    note = Note(f"Lỗi {CANARY}", f"kênh nói: {CANARY}, {PASSWORD}\n.\nhết\n")
    with mail_server(Security.STARTTLS, auth=True) as (server, post):
        mail = Mail(server.host, server.port, server.security, USER, SECRETS[1], "publisher@so.example.gov.vn")
        messenger = Messenger(Secrets(environment), http, trusting())
        messenger.send(somebody("a@so.example.gov.vn"), mail, note, NOW, SECRETS)
    (found,) = post.messages
    assert found["Subject"] == "Lỗi ${CANARY}"
    assert found.get_content() == "kênh nói: ${CANARY}, ${MAIL_PASSWORD}\n.\nhết\n"
    assert found["Auto-Submitted"] == "auto-generated"
    assert post.recipients == [["a@so.example.gov.vn"]]


def test_a_service_gets_as_much_as_a_chat_takes(http: Client) -> None:
    with receiver() as server:
        messenger = Messenger(Secrets({"CHAT": server.address}), http)
        messenger.send(somebody(service=Secret("CHAT")), None, Note("t", "một dòng\n" * 500), NOW, SECRETS)
    (got,) = server.got
    assert 1500 < len(got["message"]) <= 1800
    assert got["message"].endswith("một dòng\n… publisher alerts")


def test_what_fails_tells_no_secret(http: Client) -> None:
    with receiver() as server, RawServer(answering(answer(404, CANARY.encode()))) as raw:
        server.status = 500
        environment = {"CHAT": server.address, "PING": f"{raw.url}/{CANARY}", "SHORT": f"{raw.url}/mo?cua=1"}
        messenger = Messenger(Secrets(environment), http)
        for act in (
            lambda: messenger.send(somebody(service=Secret("CHAT")), None, Note("t", "b"), NOW, ()),
            lambda: messenger.send(somebody(service=Secret("NOT_SET")), None, Note("t", "b"), NOW, ()),
            lambda: messenger.ping(Secret("PING")),
            lambda: messenger.ping(Secret("SHORT")),
        ):
            with pytest.raises(ChannelError) as raised:
                act()
            said = f"{raised.value!r} {raised.value.__context__!r} {raised.value.__cause__!r}"
            assert CANARY not in said
            assert KEY not in said
            assert "/mo" not in said


def test_the_watcher_gets_a_sign_of_life(http: Client) -> None:
    with RawServer(answering(answer(200, b"OK"))) as raw:
        Messenger(Secrets({"PING": f"{raw.url}/x"}), http).ping(Secret("PING"))
    assert len(raw.requests) == 1


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("topic", [topic for topic in Topic if topic is not Topic.DIGEST])
def test_every_topic_has_words_and_a_command_that_exists(topic: Topic, lang: str) -> None:
    known = Known(1, Alert(topic, "f", "c", "so", FACTS), NOW)
    note = Writer(lang, ZONE).note("so", News(fresh=(known,)))
    assert "vì thế" in note.body
    (command,) = re.findall(r"(?:Lệnh|Command): (.+)", note.body)
    words = shlex.split(command)
    if words[0] == "publisher":
        parser = argparse.ArgumentParser()
        importlib.import_module(f"publisher.cli.{VERBS[words[1]][0]}").configure(parser)
        parser.parse_args(words[2:])
    else:
        assert words[0] in ("df", "timedatectl")


def test_words_from_outside_stay_in_their_line() -> None:
    facts = {"what": "a\r\nBcc: x@y.example\n\x1b[31m\u202e", "channel": "web"}
    known = Known(1, Alert(Topic.FAILED, "f", "c", "so", facts), NOW)
    note = Writer("vi", ZONE).note("a\nb", News(fresh=(known,)))
    assert "\n" not in note.subject
    assert "a Bcc: x@y.example [31m" in note.body
    assert "\x1b" not in note.body
    assert "\u202e" not in note.body
    assert len(line("x" * 9999)) == 300


@pytest.fixture
def told(office: Office) -> Iterator[tuple[Office, dict[str, str], list[dict[str, str]]]]:
    """An office whose alerts go to a service, without the secrets of its channels."""
    office.edit("campaigns:", 'alerts:\n  to: {apprise: "${CHAT}"}\n  disk_free: 9000TB\ncampaigns:')
    with receiver() as server:
        yield office, {"CHAT": server.address}, server.got


def test_a_running_publisher_tells_it(told: tuple[Office, dict[str, str], list[dict[str, str]]]) -> None:
    office, environment, got = told
    with office.run(env=environment) as running:
        running.wait_for(lambda: got, "to tell")
        assert "kênh (hoặc toàn bộ) đang tạm dừng" in got[0]["title"]
        assert "publisher resume --channel tg" in got[0]["message"]
        running.wait_for(lambda: office.log("alerted"), "to note it")
        page = urlopen(f"{running.url}/").read().decode()
        assert "1 đĩa sắp đầy" in page
        assert "df -h var" in page
        assert KEY not in running.said + running.warned + page
    assert len(got) == 1
    assert [alert["topic"] for alert in office.status()["alerts"]] == ["channel", "channel", "disk"]
    found = office.call("alerts", "--json").json()
    assert found["receivers"] == [{"name": "${CHAT}", "failures": 0, "reason": "", "next_try": None}]
    shown = office.call("alerts").said
    assert "Paused: a channel, or everything (2)" in shown
    assert shown.endswith("Told: ${CHAT}\n")
    assert KEY not in str(office.log())


def test_the_command_tries_every_way(told: tuple[Office, dict[str, str], list[dict[str, str]]]) -> None:
    office, environment, got = told
    office.plan()
    done = office.process("alerts", "--test", env=environment)
    assert (done.code, done.said) == (0, "${CHAT}: accepted\n")
    assert [message["message"].strip() for message in got] == ["Cảnh báo của Publisher tới được đây."]
    done = office.call("alerts", "--test")
    assert (done.code, "the secret CHAT is not set" in done.warned) == (1, True)


def test_without_receivers_there_is_nobody_to_try(office: Office) -> None:
    office.plan()
    done = office.call("alerts", "--test")
    assert (done.code, "nobody is told" in done.warned) == (1, True)
    assert (
        office.call("alerts").said == "Nothing is wrong.\n\nNobody is told: there is no `alerts` in schedules.yaml.\n"
    )
