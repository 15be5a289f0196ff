"""A sandbox to hold in the hand: starts the process, orders faults, reads the record, ends the process."""

import json
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen


class Sandbox:
    """A running sandbox; use it as a context manager, or call `stop`."""

    def __init__(self, directory: Path, port: int = 0) -> None:
        command = [sys.executable, "-m", "sandbox", "--directory", str(directory), "--port", str(port)]
        self.directory = directory
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the sandbox ended with code {self._end()} before it was ready (is the port taken?)")
        self.url: str = json.loads(line)["url"]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def record(self, **wanted: str) -> list[dict[str, Any]]:
        """What was accepted, in order; `wanted` filters, e.g. `kind="wordpress", place="portal"`."""
        return list(self.call("GET", "/_record?" + urlencode(wanted)))

    def fault(
        self,
        kind: str,
        fault: str,
        *,
        place: str | None = None,
        request: str = "",
        times: int | None = 1,
        seconds: float | None = None,
    ) -> None:
        """Let the next `times` requests (None: all, until cleared) go wrong; see `sandbox.faults`."""
        order = {
            "kind": kind,
            "fault": fault,
            "place": place,
            "request": request,
            "times": times,
            "seconds": seconds,
        }
        self.call("POST", "/_faults", order)

    def clear_faults(self) -> None:
        """Let every request go well again."""
        self.call("DELETE", "/_faults")

    def call(self, method: str, path: str, value: Any = None) -> Any:
        """One JSON exchange with the sandbox; None for an empty answer. ValueError with its words on a mistake."""
        body = None if value is None else json.dumps(value).encode()
        request = Request(self.url + path, body, {"Content-Type": "application/json"}, method=method)
        try:
            with urlopen(request, timeout=10) as answer:
                text = answer.read()
        except HTTPError as error:
            with error:
                raise ValueError(f"{method} {path}: {error.code} {error.read().decode(errors='replace')}") from None
        return json.loads(text) if text else None

    def fetch(self, url: str) -> bytes:
        """One of the sandbox's pages or pictures."""
        with urlopen(url, timeout=10) as answer:
            return bytes(answer.read())

    def stop(self) -> int:
        """End the process, wait for it, and return its exit code."""
        self.process.terminate()
        return self._end()

    def _end(self) -> int:
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        return self.process.wait(timeout=10)
