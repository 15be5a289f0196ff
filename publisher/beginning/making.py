"""The files of a workspace, as answers make them; that they have no mistakes is seen before any is written."""

import errno
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from content.yaml12 import Mistakes
from publisher.beginning.answers import Answers
from publisher.beginning.writing import written
from publisher.proof import proofs
from publisher.workspace import CAMPAIGNS, read_workspace

SECRETS = "secrets.env"
IGNORED = ".gitignore"
_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class _Drafts:
    """Files that are not written yet, to be read as those of a folder."""

    texts: Mapping[str, str]

    def read(self, path: str) -> bytes:
        if path not in self.texts:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT))
        return self.texts[path].encode()

    def below(self, folder: str) -> list[str]:
        return [path for path in self.texts if path.startswith(f"{folder}/")]


def files(answers: Answers, language: str) -> dict[str, str]:
    """The texts of all files, by their paths."""
    environment = Environment(  # noqa: S701 - it is YAML that is written, by a filter of its own
        loader=FileSystemLoader(_TEMPLATES / language),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["yaml"] = written
    made = {
        path: environment.get_template(template).render(answers=answers)
        for path, template in (
            ("schedules.yaml", "schedules.yaml"),
            ("channels.yaml", "channels.yaml"),
            (IGNORED, "gitignore"),
            *(((SECRETS, SECRETS),) if answers.secrets else ()),
        )
    }
    return made | _messages(answers, language)


def _messages(answers: Answers, language: str) -> dict[str, str]:
    wanted = (("timed", answers.timed), ("sessions", answers.stations))
    folders = [_TEMPLATES / language / part for part, channels in wanted if channels]
    return {
        f"{CAMPAIGNS}/{answers.campaign}/{path.relative_to(folder).as_posix()}": path.read_text(encoding="utf-8")
        for folder in folders
        for path in sorted(folder.rglob("*.md"))
    }


def prove(made: Mapping[str, str], render: Callable[[str, dict[str, Any]], str]) -> None:
    """Mistakes if the files have any, as `check` finds them."""
    workspace = read_workspace(_Drafts(made))
    mistakes = [*workspace.mistakes, *proofs(workspace, render)]
    if mistakes:
        raise Mistakes(mistakes)
