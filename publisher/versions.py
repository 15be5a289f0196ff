"""Valid versions of the workspace, kept in the database: the last is in force, even when the files are broken."""

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from content.media import MediaFolder
from content.yaml12 import Mistakes
from publisher.store import log, plans
from publisher.store.database import Store
from publisher.store.log import DAEMON
from publisher.workspace import Files, Workspace, read_workspace


class Versions:
    """Keeps versions, and reads them again."""

    def __init__(self, store: Store, media: MediaFolder) -> None:
        self._store = store
        self._media = media
        self._read: dict[int, Workspace] = {}

    def last(self) -> tuple[int, Workspace] | None:
        """The version in force and its number. Mistakes if this version of Publisher reads it otherwise."""
        with self._store.read() as view:
            plan = plans.in_force(view)
        return (plan.id, self._workspace(plan)) if plan else None

    def get(self, number: int) -> Workspace | None:
        """The version of that number; None if it is not known, or cannot be read any more."""
        with self._store.read() as view:
            plan = plans.get(view, number)
        try:
            return self._workspace(plan) if plan else None
        except Mistakes:
            return None

    def put_in_force(self, workspace: Workspace, files: Files, at: datetime) -> int:
        """Keep a version with all its texts and images, and make it the one in force; its number."""
        for written in workspace.all_written():
            if written.image and written.image_path and not self._media.has(written.image.sha256):
                self._media.keep(files.read(written.image_path))
        with self._store.write() as tx:
            for text in workspace.texts():
                plans.keep_text(tx, text)
            zone = str(workspace.schedules.timezone)
            number = plans.put_in_force(tx, workspace.sha256, workspace.files, zone, at)
            log.append(tx, "plan_in_force", at, DAEMON, plan=number, sha256=workspace.sha256)
        self._read[number] = workspace
        return number

    def _workspace(self, plan: plans.Plan) -> Workspace:
        if plan.id not in self._read:
            self._read[plan.id] = read_workspace(_KeptFiles(self._store, self._media, plan.files), kept=True)
        return self._read[plan.id]


class _KeptFiles:
    """The files of a version."""

    def __init__(self, store: Store, media: MediaFolder, hashes: Mapping[str, str]) -> None:
        self._store = store
        self._media = media
        self._hashes = hashes

    def read(self, path: str) -> bytes:
        digest = self._hashes.get(path)
        if digest is None:
            raise FileNotFoundError(path)
        with self._store.read() as view:
            text = plans.text_of(view, digest)
        return self._media.read(digest) if text is None else text

    def below(self, folder: str) -> list[str]:
        return sorted(path for path in self._hashes if path.startswith(f"{folder}/"))


def zone_of(view: Connection) -> ZoneInfo:
    """The time zone of the version in force; UTC before there is one."""
    plan = plans.in_force(view)
    return ZoneInfo(plan.timezone) if plan else ZoneInfo("UTC")
