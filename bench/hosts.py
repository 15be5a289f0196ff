"""Many hosts with TLS on this machine, in a process of their own: some answer in their time, others never."""

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench.lab import LabError
from channels.guard import AddressInfo

DOMAIN = "hosts.example"
_CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")


class Authority:
    """A certificate authority that only benches trust, and the one certificate that it gives: for all hosts."""

    def __init__(self, folder: Path) -> None:
        self.path, self.host, self.key = (folder / name for name in ("ca.pem", "host.pem", "host.key"))
        own = ["-keyout", str(folder / "ca.key"), "-out", str(self.path), "-subj", "/CN=Bench"]
        _openssl("req", "-x509", *_CURVE, *own, "-addext", "keyUsage=critical,keyCertSign")
        by = ["-CA", str(self.path), "-CAkey", str(folder / "ca.key")]
        given = ["-keyout", str(self.key), "-out", str(self.host), "-subj", f"/CN={DOMAIN}"]
        names = ["-addext", f"subjectAltName=DNS:*.{DOMAIN}", "-addext", "basicConstraints=critical,CA:FALSE"]
        _openssl("req", "-x509", *_CURVE, *by, *given, *names)


class Hosts:
    """Any host below DOMAIN, while it is open. `record` ends them.

    `scale`: what their answers' times are multiplied by.
    """

    def __init__(self, authority: Authority, hung: Sequence[str], scale: float) -> None:
        self._options = {
            "certificate": str(authority.host),
            "key": str(authority.key),
            "hung": list(hung),
            "scale": scale,
        }
        self.url = ""  # with `{channel}` in the place of a host's name

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "bench.host_process", json.dumps(self._options)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        port = self._process.stdout.readline().strip()
        if not port:
            raise LabError("the hosts do not start")
        self.url = f"https://{{channel}}.{DOMAIN}:{port}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()

    def record(self) -> Mapping[str, Sequence[float]]:
        """When the first byte of each request came, in seconds since 1970, by the last part of its path."""
        said, _ = self._process.communicate()  # they end when nobody can tell them anything any more
        found: Any = json.loads(said)
        return dict(found)


def resolve(host: str, port: int) -> list[AddressInfo]:
    """This machine, for all hosts below DOMAIN."""
    if not host.endswith(f".{DOMAIN}"):
        raise socket.gaierror(f"{host} is no host of the bench")
    return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))]


def _openssl(*words: str) -> None:
    program = shutil.which("openssl")
    if program is None:
        raise LabError("openssl is not there: install it (Debian: apt-get install openssl)")
    done = subprocess.run([program, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"openssl {words[0]} ended with {done.returncode}: {done.stderr[-1000:]}")
