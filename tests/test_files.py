"""Folders that appear whole or not at all."""

import resource
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import InDoubt, TryLater
from channels.files import write_folder

FILES = {"a.txt": b"a" * 5000, "b.json": b"{}"}


@contextmanager
def largest_file(size: int) -> Iterator[None]:
    """A real write error in the middle of a file, as a full disk gives it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_folder_holds_exactly_its_files_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    assert write_folder(tmp_path, "2022-02-14/0515", FILES)
    assert content(tmp_path / "2022-02-14" / "0515") == FILES
    assert [path.name for path in (tmp_path / "2022-02-14").iterdir()] == ["0515"]


@pytest.mark.parametrize("there", ["folder", "file"])
def test_what_is_there_already_stays_as_it_is(tmp_path: Path, there: str) -> None:
    place = tmp_path / "x"
    if there == "folder":
        write_folder(tmp_path, "x", {"old.txt": b"old"})
    else:
        place.write_bytes(b"old")
    assert not write_folder(tmp_path, "x", FILES)
    assert (content(place) == {"old.txt": b"old"}) if there == "folder" else place.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [place]


def test_a_full_disk_is_tried_later_and_leaves_nothing(tmp_path: Path) -> None:
    with largest_file(1000), pytest.raises(TryLater, match="the folder day/x cannot be written: File too large"):
        write_folder(tmp_path, "day/x", FILES)
    assert list((tmp_path / "day").iterdir()) == []
    assert write_folder(tmp_path, "day/x", FILES)


def test_a_share_that_is_gone_is_tried_later(tmp_path: Path) -> None:
    (tmp_path / "share").write_bytes(b"")
    with pytest.raises(TryLater, match=r"Not a directory|File exists"):
        write_folder(tmp_path / "share", "day/x", FILES)


def test_what_a_crash_left_is_swept(tmp_path: Path) -> None:
    left = tmp_path / ".x.0badc0de"
    left.mkdir()
    (left / "a.txt").write_bytes(b"half")
    assert write_folder(tmp_path, "x", FILES)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]


def test_of_many_writers_at_once_at_most_one_wins_and_its_folder_is_whole(tmp_path: Path) -> None:
    won: list[int] = []
    start = threading.Barrier(8)

    def write(n: int) -> None:
        start.wait()
        try:
            if write_folder(tmp_path, "x", {"a": b"%d" % n, "b": b"%d" % n}):
                won.append(n)
        except (TryLater, InDoubt):
            pass  # another swept it away before it appeared

    threads = [threading.Thread(target=write, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    write(-1) if not won else None
    assert len(won) == 1
    assert content(tmp_path / "x") == {"a": b"%d" % won[0], "b": b"%d" % won[0]}


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/../x", "/x", "a//b", ".x", "a\\b", "a\0", "a\n", "é"])
def test_names_cannot_climb_or_hide(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="is not a name"):
        write_folder(tmp_path / "root", name, FILES)
    with pytest.raises(ValueError, match="is not a name"):
        write_folder(tmp_path / "root", "x", {name: b""})
    assert list(tmp_path.iterdir()) == []


@given(name=st.text(alphabet="ab./\\\0 ~", max_size=12))
def test_whatever_the_name_nothing_is_written_outside(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    outside = tmp_path_factory.mktemp("outside")
    try:
        write_folder(outside / "root", name, {"f": b""})
    except ValueError:
        assert list(outside.iterdir()) == []
    else:
        assert [path.name for path in outside.iterdir()] == ["root"]
        assert (outside / "root" / name / "f").is_file()
