"""Writes the files of a new workspace. Nothing that is there is ever overwritten."""

import os
from collections.abc import Mapping
from pathlib import Path

from publisher.beginning.making import IGNORED, SECRETS

_FOR_THE_OWNER = 0o600


def taken(folder: Path, made: Mapping[str, str]) -> list[str]:
    """The files that are there already. A repository's list of what it ignores may be."""
    return [path for path in made if path != IGNORED and os.path.lexists(folder / path)]


def put(folder: Path, made: Mapping[str, str]) -> None:
    """Write the files, and the folder for keys; FileExistsError if another program was faster."""
    for path, text in made.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if path != IGNORED or not target.exists():
            _write(target, text, _FOR_THE_OWNER if path == SECRETS else 0o666)
    for name in ("var", "var/keys"):  # keys are made at their first use, with rights for the owner alone
        (folder / name).mkdir(mode=0o700, exist_ok=True)


def _write(target: Path, text: str, rights: int) -> None:
    number = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, rights)  # the machine's umask narrows them
    with os.fdopen(number, "w", encoding="utf-8") as file:
        file.write(text)
