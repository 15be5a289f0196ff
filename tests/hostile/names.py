"""Names: files and folders of a workspace that climb, go round, are none, or write on the terminal."""

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from tests.hostile.causes import Bench, Case, Family, Seen, write
from tests.hostile.workspaces import CAMPAIGN, MESSAGE, checked, furnish


def judge(case: Case, bench: Bench) -> Seen:
    """The workspace with these files."""
    furnish(bench.folder)
    write(case, bench.folder)
    return checked(bench.folder)


NAMES = Family("names", judge)


def beside(*names: str | bytes, text: str = MESSAGE) -> Callable[[Path], None]:
    """Messages of these names, below the campaign's folder."""

    def lay_out(folder: Path) -> None:
        for name in names:
            path = os.path.join(os.fsencode(folder / CAMPAIGN), os.fsencode(name))  # noqa: PTH118 - bytes
            os.makedirs(os.path.dirname(path), exist_ok=True)  # noqa: PTH103, PTH120
            with open(path, "w", encoding="utf-8") as file:  # noqa: PTH123
                file.write(text)

    return lay_out


def made(make: Callable[[Path], object]) -> Callable[[Path], object]:
    """What is made in the campaign's folder."""
    return lambda folder: make(folder / CAMPAIGN)


@NAMES.refused
def names_that_are_no_text(chance: Random) -> Iterator[Case]:
    """A name from an old archive cannot be written down, shown or stored."""
    for name in (b"\xff.md", b"S\xf3ng.md", b"\xc0\xaf.md", b"a\xed\xa0\x80.md", b"d\xff/x.md"):
        yield beside(name)


@NAMES.taken
def names_that_look_like_something_else(chance: Random) -> Iterator[Case]:
    """Names that a shell, a pattern, a database or a web page would take for a command."""
    for name in (
        "-rf.md", "$(id).md", "; rm x.md", "`id`.md", "*.md", "[a-z].md", "<script>.md", "'; DROP TABLE log; --.md",
        "a|b.md", "%2e%2e%2f.md", "con.md", "a b.md", "'\".md", "#1.md", "{{ x }}.md", "%s%n.md", "\u202egnp.md",
        "\u00a0.md", "é.md",
    ):  # fmt: skip
        yield beside(name)
    yield beside("Đ.md", "D\u0323.md", "đ.md", "\u1eb7.md", "a\u0323\u0306.md", "a\u0306\u0323.md")


@NAMES.taken
def names_that_are_hidden(chance: Random) -> Iterator[Case]:
    """Half-written files of editors are no messages yet."""
    yield beside(".a.md", "~a.md", "_a.md", ".git/x.md", "a.md~", "a.md.swp", "_x/y.md", text="{{ broken")


@NAMES.taken
def long_names(chance: Random) -> Iterator[Case]:
    """A name as long as the system allows, and a path as long as it allows."""
    yield beside("x" * 252 + ".md")
    yield beside("/".join(["d" * 200] * 12) + "/x.md")
    yield beside("ấ" * 84 + ".md")


@NAMES.taken
def many_files(chance: Random) -> Iterator[Case]:
    """Each is read at every look into the folder."""
    yield beside(*(f"{n}.txt" for n in range(2_000)), text="")
    yield beside(*(f"d{n}/a.txt" for n in range(1_000)), text="")


@NAMES.taken
def links_that_go_round(chance: Random) -> Iterator[Case]:
    """Whoever follows them never arrives."""
    yield made(lambda folder: (folder / "loop.md").symlink_to("loop.md"))
    yield made(lambda folder: (folder / "deeper").symlink_to("."))
    yield made(lambda folder: (folder / "up").symlink_to("../../.."))
    yield made(lambda folder: ((folder / "a.md").symlink_to("b.md"), (folder / "b.md").symlink_to("a.md")))


@NAMES.taken
def folders_that_are_named_like_messages(chance: Random) -> Iterator[Case]:
    """Opening one fails."""
    yield made(lambda folder: (folder / "x.md").mkdir())
    yield beside("x.md/y.md/z.txt")


@NAMES.taken
def what_is_no_file_and_waits(chance: Random) -> Iterator[Case]:
    """Reading a pipe or a socket waits for somebody to write."""
    yield made(lambda folder: os.mkfifo(folder / "x.md"))
    yield made(lambda folder: os.mkfifo(folder / "x.png"))
    yield made(_socket)


def _socket(folder: Path) -> None:
    here = os.open(folder, os.O_RDONLY)
    try:
        with socket.socket(socket.AF_UNIX) as made:  # by a short way: the address of a socket holds 107 bytes
            made.bind(f"/proc/self/fd/{here}/x.md")
    finally:
        os.close(here)


@NAMES.refused
def plans_that_are_no_file(chance: Random) -> Iterator[Case]:
    """Reading a pipe waits, reading a device never ends."""
    yield instead(lambda path: path.symlink_to("/dev/zero"))
    yield instead(lambda path: path.symlink_to("/dev/random"))
    yield instead(lambda path: path.symlink_to("/dev/tty"))
    yield instead(lambda path: path.symlink_to("/proc/self/mem"))
    yield instead(os.mkfifo)
    yield instead(Path.mkdir)


def instead(make: Callable[[Path], object]) -> Callable[[Path], object]:
    """Something else in the place of the plan."""

    def lay_out(folder: Path) -> None:
        (folder / "schedules.yaml").unlink()
        make(folder / "schedules.yaml")

    return lay_out
