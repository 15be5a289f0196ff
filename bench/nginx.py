"""A sink that answers at once: nginx, as a process of its own without rights, and its record of what came when."""

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.lab import LabError

_CONFIG = """\
daemon off;
master_process off;
pid {folder}/pid;
error_log {folder}/error.log;
worker_rlimit_nofile 8192;
events {{ worker_connections 8192; }}
http {{
    log_format record '$msec $request_time $uri';
    access_log {folder}/record.log record;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 10000000;
    default_type application/json;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{ return 200 '{{"id":1}}'; }}
    }}
}}
"""
_START = 5.0  # seconds


class Nginx:
    """Runs while it is open. `record` is read afterwards."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.url = ""

    def __enter__(self) -> Self:
        port = _free_port()
        config = self._folder / "nginx.conf"
        config.write_text(_CONFIG.format(folder=self._folder, port=port), encoding="utf-8")
        command = [_program(), "-p", str(self._folder), "-e", str(self._folder / "error.log"), "-c", str(config)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{port}"
        self._wait(port)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(_START)

    def record(self) -> dict[str, float]:
        """When the first byte of each request came, in seconds since 1970, by the last part of its path.

        Of several requests with one path the first counts. nginx tells the time in milliseconds.
        """
        came: dict[str, float] = {}
        for line in (self._folder / "record.log").read_text(encoding="utf-8").splitlines():
            ended, took, path = line.split()
            came.setdefault(path.rsplit("/", 1)[-1], float(ended) - float(took))
        return came

    def forget(self) -> None:
        """Begin a new record."""
        os.truncate(self._folder / "record.log", 0)

    def _wait(self, port: int) -> None:
        end = time.monotonic() + _START
        while time.monotonic() < end and self._process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return
            time.sleep(0.02)
        log = self._folder / "error.log"
        raise LabError(
            f"nginx does not start: {log.read_text(encoding='utf-8') if log.exists() else 'no reason given'}"
        )


def program() -> str | None:
    """The path of nginx, if it is there."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


def _program() -> str:
    found = program()
    if found is None:
        raise LabError("nginx is not there: install it (Debian: apt-get install nginx-light)")
    return found


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])
