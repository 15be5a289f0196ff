"""Folders that appear whole or not at all, for the kinds that publish by writing files.

The folder is filled beside its place under a hidden name, made durable, and renamed. A reader who ignores hidden
names never sees half of it, and what already has the name stays as it is.
"""

import contextlib
import errno
import os
import re
import secrets
import shutil
from collections.abc import Mapping
from pathlib import Path

from channels.base import InDoubt, TryLater

_THERE = {errno.EEXIST, errno.ENOTEMPTY}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def write_folder(root: Path, name: str, files: Mapping[str, bytes]) -> bool:
    """Make the folder `name` (below `root`, parts divided by `/`) hold exactly `files`, at once and durably.

    False if something has that name already; it is not touched. ValueError for a name that is not plain ASCII
    or would climb; TryLater if it could not be written, with nothing left behind; InDoubt if it was written and
    perhaps not made durable.
    """
    target = root.joinpath(*_checked(name.split("/")))
    _checked(list(files))
    temporary = _beside(target)
    try:
        if os.path.lexists(target):
            return False
        _make_parents(target.parent)
        _sweep(target)
        _fill(temporary, files)
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise TryLater(f"the folder {name} cannot be written: {error.strerror}") from None
    return _appear(temporary, target, name)


def _checked(names: list[str]) -> list[str]:
    for name in names:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is not a name for a file or folder (a-z, A-Z, 0-9, - _ and . inside)")
    return names


def _make_parents(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_parents(folder.parent)
    folder.mkdir(exist_ok=True)
    _sync(folder.parent)


def _sweep(target: Path) -> None:
    """Remove what a crash left beside the target.

    It is renamed first: a writer who is still at it then fails, where otherwise it could show half of its files.
    """
    for left in target.parent.glob(f".{target.name}.*"):
        away = _beside(target)
        with contextlib.suppress(FileNotFoundError):
            left.rename(away)
        shutil.rmtree(away, ignore_errors=True)


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.{secrets.token_hex(4)}")


def _fill(folder: Path, files: Mapping[str, bytes]) -> None:
    folder.mkdir()
    for name, content in files.items():
        with (folder / name).open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    _sync(folder)


def _appear(temporary: Path, target: Path, name: str) -> bool:
    try:
        temporary.rename(target)
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        if error.errno in _THERE:
            return False
        # On a network share a rename may be done although its answer says no.
        raise InDoubt(f"the folder {name} may not have appeared: {error.strerror}") from None
    try:
        _sync(target.parent)
    except OSError as error:
        raise InDoubt(f"the folder {name} is there, but perhaps not for good: {error.strerror}") from None
    return True


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
