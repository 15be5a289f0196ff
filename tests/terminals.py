"""A terminal in which somebody types commands, and reads what is said before typing the next."""

import os
import pty
import select
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

PROMPT = "ready> "
PATIENCE = 60.0  # seconds until what is waited for appears, on a busy machine


class Terminal:
    """A shell behind a pseudo-terminal."""

    def __init__(self, number: int) -> None:
        self._number = number
        self.shown = ""  # all so far
        self._read = 0  # up to where somebody has read it

    def type(self, line: str) -> None:
        """Type a line and press Enter."""
        os.write(self._number, f"{line}\n".encode())

    def wait_for(self, text: str) -> str:
        """Read on until this text appears; what was read. AssertionError with all that was shown if it does not."""
        deadline = time.monotonic() + PATIENCE
        while (at := self.shown.find(text, self._read)) < 0:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self._number], [], [], left)[0]:
                raise AssertionError(f"waited in vain for {text!r}; shown was:\n{self.shown}")
            self.shown += os.read(self._number, 65536).decode(errors="replace").replace("\r\n", "\n")
        start, self._read = self._read, at + len(text)
        return self.shown[start : self._read]

    def run(self, line: str) -> str:
        """A command to its end; what it said."""
        self.type(line)
        return self.wait_for(PROMPT)

    def interrupt(self) -> None:
        """Press Ctrl-C."""
        os.write(self._number, b"\x03")


@contextmanager
def terminal(folder: Path, environment: Mapping[str, str]) -> Iterator[Terminal]:
    """A terminal that is open in a folder; whatever runs in it has ended when this returns."""
    ours, theirs = pty.openpty()
    shell = subprocess.Popen(
        ["bash", "--noprofile", "--norc", "--noediting", "-i"],
        cwd=folder, env={**environment, "PS1": PROMPT, "TERM": "dumb"}, stdin=theirs, stdout=theirs, stderr=theirs,
        start_new_session=True, preexec_fn=_take_terminal,
    )  # fmt: skip
    os.close(theirs)
    opened = Terminal(ours)
    try:
        opened.wait_for(PROMPT)
        yield opened
    finally:
        os.close(ours)  # the window is closed: the shell, and what runs in it, are told
        with suppress(subprocess.TimeoutExpired):
            shell.wait(PATIENCE)
        shell.kill()
        shell.wait()


def _take_terminal() -> None:
    """Make it the terminal of the shell's session, so that Ctrl-C reaches what runs in it."""
    os.close(os.open(os.ttyname(0), os.O_RDWR))
