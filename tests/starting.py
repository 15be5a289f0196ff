"""Does what docs/start.md says, word by word: its commands, its answers, its secrets."""

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import libfaketime

from tests.documents import ROOT, blocks
from tests.offices import HANOI
from tests.terminals import Terminal, terminal

PAGES = (ROOT / "docs/start.md", ROOT / "docs/start.vi.md")
LIBRARY = Path(libfaketime.__file__).parent / "vendor/libfaketime/src/libfaketime.so.1"
#: When an officer reads the page, and when he has come to `publisher run`: the time in its answers is 08:10.
OPENED, RUNS = datetime(2022, 2, 14, 8, 5, tzinfo=HANOI), datetime(2022, 2, 14, 8, 9, 50, tzinfo=HANOI)


@dataclass(frozen=True)
class Reader:
    """Who does it: with a website, a user, a chat and secrets of his own instead of those that the page makes up."""

    desk: Path  # where the terminals are open
    own: Mapping[str, str]  # instead of what stands in the page
    telegram: str  # the address of the Bot API

    def follow(self, page: Path) -> str:
        """Do all that the page says; what the first terminal showed, from `publisher run` to its end."""
        lines = [line for info, block in blocks(page) if info == "sh" for line in block.splitlines()]
        *before, run, approve = lines
        environment = self._environment(page)
        self._set_clock(OPENED)
        with terminal(self.desk, environment) as first, terminal(self.desk, environment) as second:
            first.type(before[0])
            self._answer(first, page)
            self._point_to_stand_in()
            for line in before[1:]:
                first.run(line)
            self._set_clock(RUNS)
            first.type(run)
            first.wait_for("overview: ")
            second.run(approve)
            shown = first.wait_for("published ") + first.wait_for("published ")
            first.interrupt()
            return shown + first.wait_for("nothing was lost.")

    def _answer(self, opened: Terminal, page: Path) -> None:
        for question, answer in dialogue(page):
            opened.wait_for(question)
            opened.type(self.own.get(answer, answer))
        opened.wait_for("ready> ")

    def _point_to_stand_in(self) -> None:
        """There is no second Telegram to be had: the sandbox's is named by `api`, as another server would be."""
        path = self.desk / "so-tttt/channels.yaml"
        text = path.read_text(encoding="utf-8")
        path.write_text(
            text.replace("    kind: telegram\n", f"    kind: telegram\n    api: {self.telegram}\n"), "utf-8"
        )

    def _environment(self, page: Path) -> dict[str, str]:
        """With the programs that the page names."""
        programs = self.desk / ".bin"
        programs.mkdir()
        _program(programs / "publisher", self._publisher())
        _program(programs / "nano", self._typist(page))
        return {
            **os.environ,
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
            "LC_ALL": "C.UTF-8",
            "PUBLISHER_LANG": "en",
        }

    def _publisher(self) -> str:
        """Publisher from the checkout, by the clock as it is set when it starts."""
        # Read once: threads that read a file of libfaketime at one moment may get the real time.
        faked = f'FAKETIME="$(cat "{self._clock}")" FAKETIME_CACHE_DURATION=1000000 FAKETIME_DONT_FAKE_MONOTONIC=1'
        return (
            f"export LD_PRELOAD={LIBRARY} NO_FAKE_STAT=1 {faked}\n"
            'if [ "$1" = run ]; then set -- "$@" --port 0; fi\n'  # that of the pages may be taken on this machine
            f'exec "{sys.executable}" -m publisher "$@"\n'
        )

    def _typist(self, page: Path) -> str:
        """Instead of the editor: puts between the quotes what the page shows there."""
        written = next(block for info, block in blocks(page) if info == "text secrets.env")
        lines = []
        for name, made_up in re.findall(r"^export (\w+)='(.+)'$", written, re.MULTILINE):
            lines.append(f"sed -i \"s|^export {name}=''$|export {name}='{self.own[made_up]}'|\" \"$1\"\n")
        return "".join(lines)

    @property
    def _clock(self) -> Path:
        return self.desk / ".clock"

    def _set_clock(self, at: datetime) -> None:
        ahead = at - datetime.now(HANOI)
        self._clock.write_text(f"{ahead / timedelta(seconds=1):+.3f}\n", encoding="utf-8")


def dialogue(page: Path) -> list[tuple[str, str]]:
    """The questions of the page, and what it answers."""
    block = next(block for info, block in blocks(page) if info == "text answers")
    found = [re.fullmatch(r"(.*\]:)(.*)", line) for line in block.splitlines()]
    return [(one[1], one[2].strip()) for one in found if one]


def _program(path: Path, script: str) -> None:
    path.write_text(f"#!/bin/sh\n{script}", encoding="utf-8")
    path.chmod(0o755)
