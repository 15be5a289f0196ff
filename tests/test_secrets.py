"""Secrets: where they are read from, what is done without them, and that no server's echo brings them to light."""

import base64
import logging
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest

from channels.base import Unauthorized
from content.values import Secret
from publisher.app import App
from publisher.clock import VirtualClock
from publisher.delivery import State
from publisher.links import Links
from publisher.rehearsal import finish
from publisher.settings import Secrets
from publisher.store import deliveries, log, pauses
from publisher.store.pauses import Scope
from publisher.web.app import create_app
from publisher.web.serve import serve
from publisher.web.workspace_desk import WorkspaceDesk
from publisher.world import RealWorld
from tests.benches import NOW
from tests.raw_server import Peer, RawServer, answer, answering

PASSWORD = "Mat Khau/Rat+Dai=2022"
TOKEN = "987654321:AAF-bi-mat_cua_bot"
ENVIRONMENT = {"SITE_PASSWORD": PASSWORD, "BOT_TOKEN": TOKEN}
_PLAN = """
timezone: Asia/Ho_Chi_Minh
agencies: {{so: {{name: Sở}}}}
channels:
  trang: {{kind: wordpress, agency: so, url: "{url}", username: bt, password: "${{SITE_PASSWORD}}"}}
  kenh: {{kind: telegram, agency: so, chat: "@kenh_so", token: "${{BOT_TOKEN}}", api: "{url}"}}
  hop-thu: {{kind: inbox, agency: so}}
campaigns:
  thu:
    title: Thử
    from: 2022-02-14
    until: 2022-02-14
    schedules: {{tin: {{content: tin.md, at: 08:00, to: [trang, kenh, hop-thu]}}}}
"""


def _workspace(directory: Path, url: str = "http://127.0.0.1:9") -> Path:
    campaign = directory / "content" / "campaigns" / "thu"
    campaign.mkdir(parents=True)
    (directory / "schedules.yaml").write_text(_PLAN.format(url=url), encoding="utf-8")
    (campaign / "tin.md").write_text("---\ntitle: Tin\n---\nSóng và máy tính.\n", encoding="utf-8")
    return directory


def _forms() -> list[str]:
    basic = base64.b64encode(f"bt:{PASSWORD}".encode()).decode()
    return [PASSWORD, TOKEN, basic, PASSWORD.replace("/", "\\/")]


def _echo(status: int, shape: str) -> bytes:
    said = " | ".join(_forms()[:3])
    match shape:
        case "json":
            body = f'{{"code": "x", "message": "You sent {said}", "description": "You sent {said}"}}'
        case "escaped":
            body = f'{{"message": "{PASSWORD.replace("/", chr(92) + "/")}", "description": "{TOKEN}"}}'
        case "nonsense":
            body = f'{{"id": "{said}'
        case _:
            body = f"You sent {said}"
    return answer(status, body.encode(), "Content-Type: application/json", f"X-Echo: {said}")


@pytest.mark.parametrize("shape", ["json", "escaped", "plain", "nonsense"])
@pytest.mark.parametrize("status", [200, 400, 401, 403, 429, 500])
def test_what_a_server_echoes_comes_nowhere(
    tmp_path: Path, status: int, shape: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    clock = VirtualClock(NOW - timedelta(minutes=1))
    with RawServer(answering(_echo(status, shape))) as server, caplog.at_level(logging.DEBUG):
        workspace = _workspace(tmp_path, server.url)
        with App(workspace, clock, RealWorld(ENVIRONMENT)) as app:
            app.start()
            for minutes in (0, 1, 3):
                clock.set(NOW + timedelta(minutes=minutes))
                finish(app)
            assert len(server.requests) >= 2
            links = Links(app.store, workspace / "var" / "keys" / "inbox.key")
            with serve(create_app(WorkspaceDesk(app, links, "")), "127.0.0.1", 0) as pages:
                page = urlopen(pages.url + "/").read().decode()
            with app.store.read() as view:
                rows = {row.channel: row for row in deliveries.select_where(view)}
                entries = str(list(log.entries(view)))
    assert rows["hop-thu"].state is State.PUBLISHED
    assert {rows["trang"].state, rows["kenh"].state}.isdisjoint({State.PUBLISHED})
    files = b"".join(path.read_bytes() for path in (tmp_path / "var").rglob("*") if path.is_file())
    out = capfd.readouterr()
    for form in _forms():
        for shown in (page, entries, caplog.text, out.out, out.err, str(rows)):
            assert form not in shown
        assert form.encode() not in files
    assert "trang" in page


def test_a_value_comes_from_its_name_or_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("\ufeff  tu-tep \n", encoding="utf-8")
    secrets = Secrets(
        {"PLAIN": " tu-bien ", "FROM_FILE": str(file), "BOTH": "tu-bien", "BOTH_FILE": str(file), "EMPTY": "",
         "EMPTY_FILE": str(file), "GONE_FILE": str(tmp_path / "gone"), "FOLDER_FILE": str(tmp_path), "BLANK": " "}
    )  # fmt: skip
    values = {name: secrets.reveal(Secret(name)) for name in ("PLAIN", "FROM", "BOTH", "EMPTY")}
    assert values == {"PLAIN": "tu-bien", "FROM": "tu-tep", "BOTH": "tu-bien", "EMPTY": "tu-tep"}
    for name in ("GONE", "FOLDER", "BLANK", "NEVER"):
        assert not secrets.is_set(Secret(name))
        with pytest.raises(Unauthorized, match=f"the secret {name} is not set"):
            secrets.reveal(Secret(name))
    file.write_text("moi", encoding="utf-8")
    assert secrets.reveal(Secret("FROM")) == "moi"  # read where it is used, and kept nowhere


def test_the_longer_secret_is_masked_first() -> None:
    short, long = Secret("SHORT"), Secret("LONG")
    secrets = Secrets({"SHORT": "abc", "LONG": "abc-phan-con-lai"})
    for order in ((short, long), (long, short)):
        assert secrets.redact("sent abc-phan-con-lai and abc", order) == "sent ${LONG} and ${SHORT}"


def test_an_unset_secret_pauses_its_channel_until_it_is_there(tmp_path: Path) -> None:
    file = tmp_path / "bot"
    clock = VirtualClock(NOW - timedelta(minutes=1))
    bodies = [b'{"ok": true, "result": {"message_id": 1, "date": 0, "chat": {"id": 1, "type": "channel"}}}']

    def serve_all(peer: Peer) -> None:
        while peer.read():
            peer.sock.sendall(answer(200, bodies[0], "Content-Type: application/json"))

    with RawServer(serve_all) as server:
        workspace = _workspace(tmp_path / "w", server.url)
        with App(workspace, clock, RealWorld({"BOT_TOKEN_FILE": str(file), "SITE_PASSWORD": "x"})) as app:
            app.start()
            with app.store.read() as view:
                assert pauses.covering(view).names(Scope.CHANNEL) == {"kenh"}
                events = [entry for entry in log.entries(view) if entry["event"] == "paused"]
            assert [(entry["channel"], entry["reason"]) for entry in events] == [
                ("kenh", pauses_reason := "the secret BOT_TOKEN is not set (set the variable BOT_TOKEN, or "
                 "BOT_TOKEN_FILE to a file)")
            ]  # fmt: skip
            clock.set(NOW)
            finish(app)
            with app.store.read() as view:
                states = {row.channel: (row.state, row.reason) for row in deliveries.select_where(view)
                          if row.occurrence == NOW}  # fmt: skip
            assert states["hop-thu"][0] is State.PUBLISHED
            assert states["kenh"] == (State.HELD, f"channel kenh is paused: {pauses_reason}")
            assert not [request for request in server.requests if b"/bot" in request]

            file.write_text(TOKEN)
            clock.set(NOW + timedelta(minutes=10))
            app.plan()
            finish(app)
            with app.store.read() as view:
                assert not pauses.covering(view).standing
                events = [entry for entry in log.entries(view) if entry["event"] == "resumed"]
                (sent,) = [row for row in deliveries.select_where(view) if row.channel == "kenh" and row.attempts]
            assert [entry["channel"] for entry in events] == ["kenh"]
            assert sent.state is State.PUBLISHED
