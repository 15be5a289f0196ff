"""Puts new files into a workspace: read before by the real loader, written whole, the plan itself last.

A crash in between leaves messages that no schedule names, and a plan that is still the old one.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from content.yaml12 import read
from publisher.importing.grid import TableError
from publisher.schedules import Schedules
from publisher.workspace import Files, Folder


@dataclass(frozen=True)
class Overlay:
    """The files of a workspace as they will be."""

    below_it: Files
    new: Mapping[str, bytes]

    def read(self, path: str) -> bytes:
        return self.new[path] if path in self.new else self.below_it.read(path)

    def below(self, folder: str) -> list[str]:
        new = (path for path in self.new if path.startswith(f"{folder}/"))
        return sorted({*self.below_it.below(folder), *new})


def file_of(schedules: Schedules, campaign: str) -> str:
    """The file, below the workspace, in which a campaign stands."""
    for path, data in schedules.sources.items():
        value = read(data, path).value
        if isinstance(value, dict) and campaign in (value.get("campaigns") or {}):
            return path
    raise TableError(f"the campaign {campaign!r} stands in no file of the workspace")


def put(directory: Path, messages: Mapping[str, bytes], plan: str, before: bytes, after: bytes) -> None:
    """Write the messages, then the file of the plan. TableError if somebody has changed that, or made a message."""
    for path, data in messages.items():
        _create(directory / path, data)
    target = (directory / plan).resolve()  # a link stays one
    if Folder(directory).read(plan) != before:
        raise TableError(f"{plan} was changed at this moment (run the command again)")
    temporary = _written(target, after)
    try:
        temporary.chmod(target.stat().st_mode)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync(target.parent)


def _create(target: Path, data: bytes) -> None:
    """Make a file whole, and only if nothing has its name."""
    _make_parents(target.parent)
    temporary = _written(target, data)
    try:
        os.link(temporary, target)
    except FileExistsError:
        if not target.is_file() or target.read_bytes() != data:
            raise TableError(
                f"{target.name} was made by somebody else at this moment (run the command again)"
            ) from None
    finally:
        temporary.unlink()
    _sync(target.parent)


def _written(target: Path, data: bytes) -> Path:
    """A durable file beside the target, with a hidden name."""
    temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.tmp")
    with temporary.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    return temporary


def _make_parents(folder: Path) -> None:
    if not folder.is_dir():
        _make_parents(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync(folder.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
