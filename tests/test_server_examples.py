"""The examples for a server: systemd takes the units, their commands work, and a proxy shows the inboxes alone."""

import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests
from starlette.types import ASGIApp, Receive, Scope, Send

from bench import nginx
from docs.reference import parser_of
from publisher.cli import main
from publisher.web.app import create_app
from publisher.web.serve import serve
from tests import desks
from tests.desks import TOKEN, Desk
from tests.documents import ROOT, text

EXAMPLES = ROOT / "docs/examples"
UNITS = sorted([*EXAMPLES.glob("*.service"), *EXAMPLES.glob("*.timer")])
PROGRAM = "/opt/publisher/.venv/bin/publisher"
PLAN = "timezone: UTC\nagencies: {so: {name: Sở}}\nchannels: {hop: {kind: inbox, agency: so}}\ncampaigns: {}\n"


def needed(path: str | None, what: str) -> str:
    """A program that the test needs: without it the test fails where everything is tried, and is left out elsewhere."""
    if path is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(f"{what} is not there")
    return str(path)


def settings(unit: Path, key: str) -> list[str]:
    """The values of a key of a unit, as the service gets them."""
    found = re.findall(rf"^{key}=(.*)$", text(unit), re.MULTILINE)
    return [value.replace("%%", "%").replace("$$", "$") for value in found]


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        (tmp_path / unit.name).write_text(text(unit).replace(PROGRAM, "/bin/true"), encoding="utf-8")
    words = [
        needed(shutil.which("systemd-analyze"), "systemd-analyze"),
        "verify",
        *map(str, sorted(tmp_path.iterdir())),
    ]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_the_service_runs_a_command_that_is_one_and_names_a_file_for_each_secret() -> None:
    unit = EXAMPLES / "publisher.service"
    (command,) = settings(unit, "ExecStart")
    program, verb, *words = shlex.split(command)
    parser = parser_of(verb)
    parser.add_argument("--workspace")
    assert program == PROGRAM
    assert parser.parse_args(words).workspace == "/srv/publisher"
    files = {value.partition(":")[0] for value in settings(unit, "LoadCredential")}
    variables = dict(value.split("=") for value in settings(unit, "Environment"))
    assert {value.removeprefix("%d/") for value in variables.values()} == files
    assert all(name.endswith("_FILE") for name in variables)


def test_the_backup_makes_both_files_and_forgets_old_ones(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace, backups = tmp_path / "w", tmp_path / "backups"
    (workspace / "var/keys").mkdir(parents=True)
    backups.mkdir()
    (workspace / "schedules.yaml").write_text(PLAN, encoding="utf-8")
    (workspace / "var/keys/inbox.key").write_bytes(b"k")
    old = backups / "publisher-2022-01-01.db"
    old.write_bytes(b"")
    os.utime(old, (0, 0))
    with serving(workspace):
        unit = EXAMPLES / "publisher-backup.service"
        for command in (*settings(unit, "ExecStart"), *settings(unit, "ExecStartPost")):
            here = command.replace(PROGRAM, f"{shlex.quote(sys.executable)} -m publisher")
            here = here.replace("/srv/publisher", str(workspace)).replace("/var/backups/publisher", str(backups))
            done = subprocess.run(shlex.split(here), env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=60)
            assert done.returncode == 0
    names = sorted(path.name for path in backups.iterdir())
    assert [re.sub(r"\d{4}-\d\d-\d\d", "DAY", name) for name in names] == ["files-DAY.tar.gz", "publisher-DAY.db"]
    listed = subprocess.run(("tar", "-tzf", backups / names[0]), capture_output=True, text=True).stdout.splitlines()
    assert {"./schedules.yaml", "./var/keys/inbox.key"} <= set(listed)
    assert not [name for name in listed if "publisher.db" in name]
    restored = ["--as", "Nguyễn Lan", "--because", "hỏng đĩa", "--workspace", str(workspace)]
    assert main(["db", "restore", str(backups / names[1]), *restored]) == 0


@contextmanager
def serving(workspace: Path) -> Iterator[None]:
    """Publisher at work on a workspace."""
    words = (sys.executable, "-m", "publisher", "run", "--port", "0", "--workspace", str(workspace))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert "http" in process.stdout.readline()
            yield
        finally:
            process.terminate()


@contextmanager
def proxied(folder: Path, upstream: int) -> Iterator[str]:
    """The example of nginx in front of a port, without TLS; its address."""
    program = needed(nginx.program(), "nginx")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    example = text(EXAMPLES / "nginx.conf")
    server = example[example.index("server {", example.index("return 301")) :]
    server = re.sub(r"^ +ssl_.*\n", "", server, flags=re.MULTILINE).replace(
        "listen 443 ssl", f"listen 127.0.0.1:{port}"
    )
    server = server.replace("127.0.0.1:8470", f"127.0.0.1:{upstream}")
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = folder / "nginx.conf"
    config.write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log;\nevents {{}}\n"
        f"http {{ access_log {folder}/access.log; {temporary}\n{server}}}\n", encoding="utf-8",
    )  # fmt: skip
    with subprocess.Popen((program, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(config))) as process:
        try:
            end = time.monotonic() + 15
            while time.monotonic() < end and process.poll() is None:
                with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                    break
                time.sleep(0.02)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


class Visited:
    """The pages, and which of them were asked for."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.paths: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.paths.append(scope["path"])
        await self._app(scope, receive, send)


def test_nginx_shows_the_inboxes_and_never_the_overview(tmp_path: Path) -> None:
    visited = Visited(create_app(Desk({TOKEN: desks.view()}), overview=True))
    with serve(visited) as pages, proxied(tmp_path, pages.port) as url:
        assert desks.AGENCY in requests.get(f"{url}/i/{TOKEN}/", timeout=15).text
        assert requests.get(f"{url}/static/inbox.js", timeout=15).ok
        for path in ("/", "/overview", "//", "/i", "/i/../", "/static/%2e%2e/"):
            assert requests.get(f"{url}{path}", timeout=15).status_code == 404, path
    assert visited.paths == [f"/i/{TOKEN}/", "/static/inbox.js"], "nothing else comes through"
    assert TOKEN not in text(tmp_path / "access.log"), "links are secrets"


def test_caddy_is_told_the_same() -> None:
    lines = [line.strip() for line in text(EXAMPLES / "Caddyfile").splitlines() if not line.startswith("#")]
    assert sum(line.endswith("{") for line in lines) == lines.count("}")
    assert [line for line in lines if not line.endswith(("{", "}"))] == [
        "@inboxes path /i/* /static/*",
        "reverse_proxy 127.0.0.1:8470",
        "respond 404",
    ]
    assert lines.index("handle @inboxes {") < lines.index("handle {")
