"""Templates rendered under guard: in a process of their own, stopped by time and by memory."""

import json
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from content.confinement import command, surroundings
from content.render_process import LARGEST_OUTPUT, packed
from content.template_language import MARKS, TemplateError
from content.template_names import names_read, undefined_names

__all__ = ["Renderer", "TemplateError", "names_read", "undefined_names"]

_START = 60.0  # seconds that a new process may take until it is ready
_LONGEST_ANSWER = 8 * LARGEST_OUTPUT  # JSON writes some characters with six letters


class Renderer:
    """Renders templates, from any thread, one after another, in one process that is replaced when it ends.

    timeout: seconds for one template. memory: bytes that one may use.
    """

    def __init__(self, timeout: float = 2.0, memory: int = 256 * 1024 * 1024) -> None:
        self._timeout = timeout
        self._memory = memory
        self._lock = threading.Lock()
        self._process: _Process | None = None

    def render(self, source: str, context: Mapping[str, Any]) -> str:
        """The template's text: at most 1 MiB. Raises TemplateError.

        The context holds text, numbers, dates and times, and mappings and lists of them.
        """
        if not any(mark in source for mark in MARKS):
            return source
        seconds = self._timeout + 1
        request = json.dumps({"source": source, "context": dict(context), "seconds": seconds}, default=packed)
        with self._lock:
            answer = self._ask(request.encode() + b"\n")
        if "error" in answer:
            raise TemplateError(answer["error"], answer["line"])
        return str(answer["text"])

    def close(self) -> None:
        """End the process. A later `render` starts another one."""
        with self._lock:
            self._discard()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()

    def _ask(self, request: bytes) -> dict[str, Any]:
        try:
            for _ in range(2):  # a process that somebody else ended is replaced, and asked once more
                self._process = self._process or _Process(self._memory)
                answer = self._process.ask(request, self._timeout)
                if answer is not None:
                    return answer
                self._discard()
        except BaseException:  # an answer may still come, and would be taken for that to the next request
            self._discard()
            raise
        raise TemplateError("this ends the process that renders it (does it need too much memory?)", 1)

    def _discard(self) -> None:
        if self._process:
            self._process.end()
        self._process = None


class _Process:
    """One run of `content.render_process`."""

    def __init__(self, memory: int) -> None:
        self._popen = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command("content.render_process", str(memory)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            **surroundings(),
        )
        try:
            ready = self._exchange(b"", _START)
        except BaseException:
            self.end()
            raise
        if ready is None:
            self.end()
            raise RuntimeError("the process that renders templates does not start (is the installation whole?)")

    def ask(self, request: bytes, timeout: float) -> dict[str, Any] | None:
        """The answer; None if the process has ended. Raises TemplateError after `timeout` seconds."""
        return self._exchange(request, timeout)

    def end(self) -> None:
        """Kill it and close the pipes."""
        self._popen.kill()
        self._popen.wait()
        for pipe in (self._popen.stdin, self._popen.stdout):
            with suppress(OSError):
                if pipe:
                    pipe.close()

    def _exchange(self, request: bytes, timeout: float) -> dict[str, Any] | None:
        late = threading.Event()

        def stop() -> None:
            late.set()
            self._popen.kill()

        timer = threading.Timer(timeout, stop)
        timer.start()
        try:
            line = self._write_and_read(request)
        finally:
            timer.cancel()
        if line.endswith(b"\n"):
            answer: dict[str, Any] = json.loads(line)
            return answer
        if late.is_set():
            raise TemplateError(f"this took longer than {timeout:g} seconds (a loop without end?)", 1)
        return None

    def _write_and_read(self, request: bytes) -> bytes:
        if self._popen.stdin is None or self._popen.stdout is None:
            raise RuntimeError("the process has no pipes")
        try:
            self._popen.stdin.write(request)
            self._popen.stdin.flush()
            return bytes(self._popen.stdout.readline(_LONGEST_ANSWER))
        except OSError:
            return b""
