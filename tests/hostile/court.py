"""The court: has every case read by a process of its own, ends what hangs, and keeps the verdicts."""

import json
import os
import queue
import selectors
import subprocess
import sys
import threading
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.hostile.causes import PRISONER, SECRETS, Cause
from tests.raw_server import RawServer, once

#: Seconds of the processor that a case may take, and seconds on the clock after which it hangs: more, since the
#: machine may be busy.
SLOWEST, PATIENCE = 5.0, 30.0
_STARTS = 60.0  # seconds that a new process may take until its first word
_PROCESSES = 2


@dataclass(frozen=True)
class Verdict:
    """What came of one case."""

    refused: bool | None
    harm: str  # empty if it did none
    cpu: float  # seconds
    memory: int  # bytes


class Court:
    """Reads causes in several processes at once."""

    def __init__(self, folder: Path, slowest: float = SLOWEST, patience: float = PATIENCE) -> None:
        self._folder = folder
        self._slowest = slowest
        self._patience = patience
        self._outside = folder / "outside"
        self._outside.mkdir()
        for name, text in prisoners().items():
            (self._outside / name).write_text(text, encoding="utf-8")

    def verdicts(self, causes: Iterable[Cause]) -> Mapping[str, list[Verdict]]:
        """The verdicts on all cases of these causes, by cause."""
        waiting: queue.SimpleQueue[Cause | None] = queue.SimpleQueue()
        for cause in (*causes, *[None] * _PROCESSES):
            waiting.put(cause)
        found: dict[str, list[Verdict]] = {}
        threads = [threading.Thread(target=self._work, args=(waiting, found)) for _ in range(_PROCESSES)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        now = {path.name: path.read_text(encoding="utf-8") for path in self._outside.iterdir()}
        assert now == prisoners(), f"what lies outside of the workspace was changed: {now}"
        return found

    def _work(self, waiting: "queue.SimpleQueue[Cause | None]", found: dict[str, list[Verdict]]) -> None:
        own = self._folder / f"{threading.get_ident()}"
        (own / "shared").mkdir(parents=True)
        with RawServer(once(b"HTTP/1.1 200 OK\r\n\r\n")) as trap, closing(_Reader(own / "log")) as reader:
            while cause := waiting.get():
                before = trap.connections
                found[str(cause)] = verdicts = self._read(reader, cause, own, trap.url)
                if trap.connections > before:
                    verdicts.append(Verdict(None, "a server that nobody may ask was asked", 0, 0))

    def _read(self, reader: "_Reader", cause: Cause, own: Path, trap: str) -> list[Verdict]:
        verdicts: list[Verdict] = []
        while True:
            reader.ask(
                family=cause.family, cause=cause.name, first=len(verdicts), room=str(own / "room"),
                shared=str(own / "shared"), outside=str(self._outside), trap=trap, slowest=self._slowest,
            )  # fmt: skip
            begun = False
            while (said := reader.hear(self._patience)) and "done" not in said:
                begun = "harm" not in said
                if not begun:
                    said.pop("number")
                    verdicts.append(Verdict(**said))
            if said:
                return verdicts
            verdicts.append(Verdict(None, reader.close(), self._patience, 0))
            if not begun:  # it is the cause that cannot be made, not a case that cannot be read
                return verdicts


class _Reader:
    """One run of `tests.hostile.child`, replaced when it has ended."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._hung = False

    def ask(self, **request: Any) -> None:
        self._process = self._process or self._started()
        assert self._process.stdin
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()

    def hear(self, patience: float) -> dict[str, Any] | None:
        """The next thing that it says; None if it says nothing in time, or has ended."""
        assert self._process
        assert self._process.stdout
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            self._hung = not selector.select(max(patience, 0 if self._warm else _STARTS))
        line = b"" if self._hung else self._process.stdout.readline()
        self._warm = True
        said: dict[str, Any] | None = json.loads(line) if line else None
        return said

    def close(self) -> str:
        """End it, whatever it does; why it had to end."""
        if self._process is None:
            return ""
        self._process.kill()
        code = self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
        self._process = None
        last = self._log.read_text(encoding="utf-8", errors="replace")[-500:]
        return "hangs" if self._hung else f"ends the process that reads it ({code}): {last}"

    def _started(self) -> "subprocess.Popen[bytes]":
        self._warm = False
        environment = {**os.environ, **SECRETS, "PYTHONUTF8": "1", "PYTHONHASHSEED": "0"}
        with self._log.open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "tests.hostile.child"],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=environment,
                cwd=Path(__file__).parents[2], bufsize=0,
            )  # fmt: skip


def prisoners() -> dict[str, str]:
    """The files outside of the workspace, each good enough to be taken for one of its own."""
    return {
        "plan.yaml": f"groups:\n  {PRISONER}: []\n",
        "message.md": f"---\ntitle: {PRISONER}\n---\n{PRISONER}\n",
        "entity.txt": PRISONER,
        "picture.gif": f"GIF89a{PRISONER}",
    }
