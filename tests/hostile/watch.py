"""Looks over the shoulder of this process while it reads a case: files, logs, warnings, time and memory."""

import base64
import gc
import json
import logging
import os
import resource
import sys
import threading
import time
import traceback
import unicodedata
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

from tests.hostile.causes import PASSWORD, PRISONER, TOKEN, Harm

#: Bytes of memory beyond those before that one case may cost.
LARGEST = 400 * 1024 * 1024

_CHANGES = ("os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.link", "os.symlink", "os.truncate", "shutil.rmtree")
_FORMS = {
    form
    for secret in (PASSWORD, TOKEN, PRISONER)
    for form in (
        secret,
        quote(secret),
        quote_plus(secret),
        json.dumps(secret)[1:-1],
        unicodedata.normalize("NFD", secret),
    )
} | {base64.b64encode(f"u:{PASSWORD}".encode()).decode(), PASSWORD.replace(" ", "")}


def leaked(text: str) -> bool:
    """Whether a text shows a secret: as it is, as an address or a header writes it, or broken over lines."""
    together = " ".join(text.split())
    return any(form in text or form in together for form in _FORMS)


@dataclass
class Watch:
    """What a case did."""

    rooms: tuple[Path, ...]  # the only places where it may write
    outside: Path  # where it may not even read
    said: list[str] = field(default_factory=list)  # logs, warnings
    harm: list[str] = field(default_factory=list)
    cpu: float = 0.0
    memory: int = 0

    def opened(self, path: Any, writes: bool) -> None:
        """Judge a file that was opened, or a path that was changed."""
        if not isinstance(path, str | bytes | os.PathLike):
            return  # a descriptor
        real = Path(os.path.realpath(os.fsdecode(path)))
        if real.is_relative_to(self.outside):
            self.harm.append(f"reached {real.name} outside of the workspace")
        elif writes and not any(map(real.is_relative_to, self.rooms)) and str(real) != os.devnull:
            self.harm.append(f"wrote to {real}")


_watched: list[Watch] = []


def begin() -> None:
    """Install the hooks, for good; what happens before the first `watched` is nobody's."""
    gc.collect()
    gc.freeze()  # the modules are not looked through again after every case
    sys.addaudithook(_audit)
    logging.getLogger().addHandler(_Ear())
    logging.getLogger().setLevel(logging.DEBUG)
    logging.getLogger("markdown_it").setLevel(logging.INFO)  # it notes every step, five times slower than it reads
    warnings.simplefilter("error")
    sys.unraisablehook = lambda found: _note(found.exc_value)
    threading.excepthook = lambda found: _note(found.exc_value)


@contextmanager
def watched(rooms: tuple[Path, ...], outside: Path, slowest: float) -> Iterator[Watch]:
    """Watch what is done inside the block, which may take so many seconds of the processor."""
    watch = Watch(tuple(room.resolve() for room in rooms), outside.resolve())
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak of memory begins anew
    before, began = _peak(), _cpu()
    _watched.append(watch)
    try:
        yield watch
        gc.collect()  # what was left open says so now
    finally:
        _watched.remove(watch)
        watch.cpu, watch.memory = _cpu() - began, max(_peak() - before, 0)
    if watch.cpu > slowest:
        watch.harm.append(f"took {watch.cpu:.1f} s of the processor")
    if watch.memory > LARGEST:
        watch.harm.append(f"took {watch.memory / 1e6:.0f} MB of memory")


class _Ear(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        for watch in _watched:
            watch.said.append(self.format(record))


def _audit(event: str, args: tuple[Any, ...]) -> None:
    if not _watched or event not in ("open", *_CHANGES):
        return
    for watch in _watched:
        if event == "open":
            path, _, flags = args
            watch.opened(path, bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC)))
        else:
            targets = args[1:2] if event in ("os.link", "os.symlink") else args[:2]
            for path in targets:
                watch.opened(path, writes=True)


def _note(error: BaseException | None) -> None:
    for watch in _watched:
        watch.harm.append("behind the scenes: " + "".join(traceback.format_exception_only(error)).strip())


def _cpu() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + ended.ru_utime + ended.ru_stime


def _peak() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def short(texts: tuple[str, ...], longest: int, all_together: int) -> None:
    """Harm if an error says more than anybody can read, or says it in signs that no terminal should get."""
    for text in texts:
        strange = next(
            (letter for letter in text if letter != "\n" and unicodedata.category(letter) in ("Cc", "Cs")), ""
        )
        if strange:
            raise Harm(f"shows the sign {strange!r} as it is: {text[:200]!r}")
        if max(map(len, text.split("\n"))) > longest:
            raise Harm(f"says {max(map(len, text.split(chr(10))))} characters in one line: {text[:200]!r}")
    if sum(map(len, texts)) > all_together:
        raise Harm(f"says {sum(map(len, texts))} characters")
